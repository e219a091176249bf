"""The JSON Schema of definitions, made of the structs themselves."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from .definition import SCHEMA, Definition

CURRENT = Path(__file__).parent.parent / "schema" / f"play-{SCHEMA}.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """The schema as its file holds it."""
    made = msgspec.json.schema(Definition)
    document = {"$schema": DIALECT, "title": "Play", "$ref": made["$ref"], "$defs": dict(sorted(made["$defs"].items()))}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
