"""What all parts of a page share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, dataclass_transform

from msgspec import Meta, Struct, StructMeta, field

#: What a client shows of a part it does not know.
Words = Annotated[
    str, Meta(min_length=1, description="the whole meaning in plain words; shown where the rest is unknown")
]
Fen = Annotated[int, Meta(description="whole fen")]
Path = Annotated[str, Meta(description="an address on this server, beginning with /", pattern="^/")]
Moment = Annotated[datetime, Meta(tz=True)]
With = Annotated[dict[str, str], Meta(description="the parameters of a page")]


class _KeywordsOnly(StructMeta):
    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> _KeywordsOnly:
        return super().__new__(cls, name, bases, namespace, **{"kw_only": True, **options})


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Value(Struct, metaclass=_KeywordsOnly, omit_defaults=True):
    """A part without a kind of its own; what equals its default is not sent."""
