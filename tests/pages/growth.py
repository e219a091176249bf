"""What a schema may not do to the clients that were made by an earlier one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

#: Words about a schema change nothing.
WORDS = {"description", "examples", "title"}


def taken_away(before: Schema, after: Schema) -> list[str]:
    """Everything of a published schema that a later one lacks, demands, or means more narrowly."""
    return [
        complaint
        for name, part in before["$defs"].items()
        for complaint in (_part(name, part, after["$defs"][name]) if name in after["$defs"] else [f"{name} is gone"])
    ]


def _part(name: str, before: Schema, after: Schema) -> Iterator[str]:
    known, now = before.get("properties", {}), after.get("properties", {})
    needed, needed_now = set(before.get("required", [])), set(after.get("required", []))
    yield from (f"{name}.{field} is gone" for field in known.keys() - now.keys())
    yield from (f"{name}.{field} is required now" for field in needed_now - needed)
    yield from (f"{name}.{field} may be left out now" for field in (needed & now.keys()) - needed_now)
    for field in known.keys() & now.keys():
        yield from _value(f"{name}.{field}", known[field], now[field])
    if not known:
        yield from _value(name, before, after)


def _value(place: str, before: Schema, after: Schema) -> Iterator[str]:
    for word in before.keys() - WORDS - {"enum", "anyOf", "items", "discriminator", "properties", "required"}:
        if after.get(word) != before[word]:
            yield f"{place}: {word} was {before[word]}, is {after.get(word)}"
    for word in after.keys() - before.keys() - WORDS - {"default"}:
        yield f"{place}: {word} is demanded now"
    yield from (f"{place}: {one} is no choice any more" for one in set(_words(before)) - set(_words(after)))
    yield from (f"{place}: {one} is no kind any more" for one in _kinds(before) - _kinds(after))
    if "items" in before and "items" in after:
        yield from _value(f"{place}[]", before["items"], after["items"])


def _words(schema: Schema) -> list[Any]:
    return list(schema.get("enum", []))


def _kinds(schema: Schema) -> set[str]:
    return {str(sorted(one.items())) for one in schema.get("anyOf", [])}
