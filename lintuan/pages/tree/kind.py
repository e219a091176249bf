"""What every kind of node has."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from .actions import Action
from .base import Value, Words


class Kind(Value, tag_field="kind"):
    text: Words
    key: Annotated[str, Meta(description="the same thing keeps its key from one answer to the next")] = ""
    tap: Action | None = None
