"""The published schema of pages is current, valid, and only ever grows."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lintuan.pages.tree.schema import CURRENT, HOME, schema_text

from .growth import taken_away

SCHEMA: dict[str, Any] = json.loads(schema_text())
PUBLISHED = sorted((HOME / "published").glob("page-1.*.json"))


def test_the_file_is_what_the_structs_say() -> None:
    assert CURRENT.read_text() == schema_text(), "run: python -m lintuan.pages.tree"


def test_it_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", PUBLISHED, ids=lambda file: file.stem)
def test_nothing_that_was_published_is_taken_away(file: Any) -> None:
    assert taken_away(json.loads(file.read_text()), SCHEMA) == []


def test_there_is_a_published_form() -> None:
    assert [file.stem for file in PUBLISHED][:1] == ["page-1.0"]


def _drop_kind(schema: dict[str, Any]) -> None:
    del schema["$defs"]["Banner"]


def _drop_field(schema: dict[str, Any]) -> None:
    del schema["$defs"]["Banner"]["properties"]["picture"]


def _require_field(schema: dict[str, Any]) -> None:
    schema["$defs"]["Banner"]["required"].append("picture")


def _let_field_go(schema: dict[str, Any]) -> None:
    schema["$defs"]["Banner"]["required"].remove("title")


def _retype_field(schema: dict[str, Any]) -> None:
    schema["$defs"]["Banner"]["properties"]["title"] = {"type": "integer"}


def _narrow_field(schema: dict[str, Any]) -> None:
    schema["$defs"]["Banner"]["properties"]["title"]["maxLength"] = 20


def _narrow_list(schema: dict[str, Any]) -> None:
    schema["$defs"]["Banner"]["properties"]["lines"]["items"] = {"type": "integer"}


def _drop_choice(schema: dict[str, Any]) -> None:
    schema["$defs"]["Notice"]["properties"]["tone"]["enum"].remove("warn")


def _drop_from_union(schema: dict[str, Any]) -> None:
    schema["$defs"]["Node"]["anyOf"].pop(0)


@pytest.mark.parametrize(
    "change",
    [
        _drop_kind, _drop_field, _require_field, _let_field_go, _retype_field, _narrow_field, _narrow_list,
        _drop_choice, _drop_from_union,
    ],
)  # fmt: skip
def test_what_breaks_a_frozen_client_is_caught(change: Callable[[dict[str, Any]], None]) -> None:
    after = copy.deepcopy(SCHEMA)
    change(after)

    assert taken_away(SCHEMA, after)


def _add_kind(schema: dict[str, Any]) -> None:
    schema["$defs"]["Wheel"] = {"properties": {"kind": {"enum": ["wheel"]}}, "required": ["kind"]}
    schema["$defs"]["Node"]["anyOf"].append({"$ref": "#/$defs/Wheel"})


def _add_field(schema: dict[str, Any]) -> None:
    schema["$defs"]["Banner"]["properties"]["colour"] = {"type": "string", "default": ""}


def _add_choice(schema: dict[str, Any]) -> None:
    schema["$defs"]["Notice"]["properties"]["tone"]["enum"].append("calm")


def _say_it_better(schema: dict[str, Any]) -> None:
    schema["$defs"]["Banner"]["description"] = "Large words."


@pytest.mark.parametrize("change", [_add_kind, _add_field, _add_choice, _say_it_better])
def test_growing_is_let_be(change: Callable[[dict[str, Any]], None]) -> None:
    after = copy.deepcopy(SCHEMA)
    change(after)

    assert taken_away(SCHEMA, after) == []
