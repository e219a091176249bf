"""The OpenAPI document: valid, with examples, and honest about refusals and about who may call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ninja.responses import NinjaJSONEncoder
from openapi_spec_validator import validate

from lintuan.api import urls  # noqa: F401  the routers are added there
from lintuan.api.http import api
from tests.make.http import Api

METHODS = {"get", "post", "put", "delete", "patch"}

#: Whoever knows the address may ask these; everything else needs an access token.
PUBLIC = {
    "POST /sign-in/codes",
    "POST /sign-in",
    "POST /sign-in/refresh",
    "POST /sign-out",
    "GET /places",
    "GET /provinces",
    "GET /provinces/{province_id}",
    "GET /points",
    "GET /points/{point_id}",
    "GET /points/{point_id}/shelf",
    "GET /pages/schema",
    "GET /photos/{name}",
}
#: Public too, and left out of the document: it is the payment service's, which proves itself by its signature.
CALLBACKS = {"payments/{provider}/notify"}

#: As it is served: only writing it out makes the statuses text.
DOCUMENT: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/"), cls=NinjaJSONEncoder))
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if method in METHODS
}


def test_it_is_a_valid_openapi_document() -> None:
    validate(DOCUMENT)


def test_it_is_served_to_everybody() -> None:
    status, served = Api().get("/openapi.json")

    assert status == 200
    assert {path.removeprefix("/api/v1") for path in served["paths"]} == set(DOCUMENT["paths"])


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_says_what_it_does_and_where_it_belongs(name: str) -> None:
    operation = OPERATIONS[name]

    assert operation["summary"][0].isupper()
    assert len(operation["tags"]) == 1


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_may_be_refused_with_a_problem_document(name: str) -> None:
    answer = _resolved(OPERATIONS[name]["responses"]["default"])
    schema = _resolved(answer["content"]["application/problem+json"]["schema"])

    assert {"type", "title", "status", "code", "facts"} <= set(schema["required"])


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_body_has_examples(name: str) -> None:
    lacking = [place for body in _bodies(OPERATIONS[name]) for place in _without_example(body, "body")]

    assert lacking == []


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_takes_a_key_exactly_where_a_signed_in_caller_changes_something(name: str) -> None:
    keys = [one for one in OPERATIONS[name].get("parameters", []) if one["name"] == "Idempotency-Key"]

    changes = not name.startswith("GET ") and name not in PUBLIC
    assert [(key["in"], key["required"]) for key in keys] == ([("header", name == "POST /orders")] if changes else [])


def test_only_the_listed_operations_are_public() -> None:
    assert {name for name, operation in OPERATIONS.items() if not operation.get("security")} == PUBLIC


def test_only_the_listed_callbacks_are_left_out_of_the_document() -> None:
    assert {pattern for _, router in api._routers for pattern in _hidden(router)} == CALLBACKS


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(names) == len(set(names))


def _bodies(operation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is sent and what is answered when all is well."""
    answers = [answer for status, answer in operation["responses"].items() if status != "default"]
    for part in (operation.get("requestBody", {}), *answers):
        for content in part.get("content", {}).values():
            yield content["schema"]


def _without_example(schema: dict[str, Any], at: str) -> Iterator[str]:
    """Places of a schema that leave the reader guessing what a value looks like."""
    schema = _resolved(schema)
    if schema.keys() & {"examples", "example", "default", "enum", "const"} or schema.get("type") in ("boolean", "null"):
        return
    if "properties" in schema:
        for name, part in schema["properties"].items():
            yield from _without_example(part, f"{at}.{name}")
    elif schema.get("format") not in ("date", "date-time", "binary"):
        inner = [schema["items"]] if "items" in schema else schema.get("anyOf") or schema.get("allOf") or []
        if not inner:
            yield at
        for part in inner:
            yield from _without_example(part, at)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    found: Any = schema
    if "$ref" in schema:
        found = DOCUMENT
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
    return dict(found)


def _hidden(router: Any) -> Iterator[str]:
    for pattern, view in router.path_operations.items():
        if not all(operation.include_in_schema for operation in view.operations):
            yield pattern.lstrip("/")
