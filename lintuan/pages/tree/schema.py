"""The JSON Schema of pages, made of the structs themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec

from .actions import Action
from .nodes import Node
from .page import Page

HOME = Path(__file__).parent.parent / "schema"
CURRENT = HOME / "page-1.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_UNIONS = {"Action": Action, "Node": Node}


def schema_text() -> str:
    """The schema as its file holds it."""
    made = msgspec.json.schema(Page)
    members = {name: _refs(get_args(union)) for name, union in _UNIONS.items()}
    parts = {name: _named(part, members) for name, part in made["$defs"].items()}
    for name, union in _UNIONS.items():
        parts[name] = {"title": name, **msgspec.json.schema(union)}
        del parts[name]["$defs"]
    document = {"$schema": DIALECT, "title": "Page", "$ref": made["$ref"], "$defs": dict(sorted(parts.items()))}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _refs(structs: tuple[type, ...]) -> frozenset[str]:
    return frozenset(f"#/$defs/{struct.__name__}" for struct in structs)


def _named(part: Any, members: dict[str, frozenset[str]]) -> Any:
    """The part with each spelt-out union replaced by its name."""
    if isinstance(part, list):
        return [_named(one, members) for one in part]
    if not isinstance(part, dict):
        return part
    refs = {one.get("$ref") for one in part.get("anyOf", [])}
    for name, known in members.items():
        if refs == known:
            rest = {key: value for key, value in part.items() if key not in ("anyOf", "discriminator")}
            return {**rest, "$ref": f"#/$defs/{name}"}
    return {key: _named(value, members) for key, value in part.items()}
