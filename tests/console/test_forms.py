"""Forms made of types: nothing of a definition is missing in them, and nothing is lost on the way."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest
from django.http import QueryDict
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from lintuan.console import forms
from lintuan.console.forms import Control, Issue, flat, form_of, read_form, show_issues
from lintuan.console.play_words import has_words
from lintuan.plays.catalogue import plays
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.malformed import inside, kinds_of, malformations, shape_of
from lintuan.plays.engine.progress import Reach
from lintuan.plays.engine.scenarios import Scenario
from lintuan.plays.engine.values import Count, Part
from tests.make.console import filled_in
from tests.plays.test_malformed import ODD, WRITTEN, places_of

DEFINITION = shape_of(Definition)


def posted(fields: Mapping[str, list[str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, values in fields.items():
        query.setlist(name, values)
    return query


@pytest.mark.parametrize("code", sorted(plays()))
def test_a_play_is_the_same_after_it_went_through_the_form(code: str) -> None:
    parts = form_of(DEFINITION, msgspec.to_builtins(plays()[code]))

    sent = read_form(DEFINITION, posted(filled_in(parts)))

    assert malformations(sent) == []
    assert msgspec.convert(sent, Definition) == plays()[code]


def structs(shape: inspect.Type, seen: set[type] | None = None) -> Iterator[inspect.StructType]:
    """A struct and all within it, each once."""
    seen = set() if seen is None else seen
    inner, _ = inside(shape)
    match inner:
        case inspect.StructType(cls=cls) if cls not in seen:
            seen.add(cls)
            yield inner
            for one in inner.fields:
                yield from structs(one.type, seen)
        case inspect.UnionType():
            for kind in kinds_of(inner):
                yield from structs(kind, seen)
        case inspect.VarTupleType(item_type=item):
            yield from structs(item, seen)


@pytest.mark.parametrize("of", [Definition, Scenario])
def test_every_field_has_words_and_so_has_every_value(of: type) -> None:
    missing = []
    for struct in structs(shape_of(of)):
        owner = struct.cls.__name__
        if struct.tag_field == "kind" and not has_words("", "kind", struct.tag):
            missing.append(f"{owner}: {struct.tag}")
        for one in struct.fields:
            if f"{owner}.{one.name}" in forms.NOT_ASKED:
                continue
            inner, _ = inside(one.type)
            item = inside(inner.item_type)[0] if isinstance(inner, inspect.VarTupleType) else inner
            values = item.values if isinstance(item, inspect.LiteralType) else ()
            missing += [f"{owner}.{one.name}"] * (not has_words(owner, one.name))
            missing += [
                f"{owner}.{one.name}:{value}"
                for value in values
                if isinstance(value, str) and not has_words(owner, one.name, value)
            ]

    assert missing == []


def test_every_field_of_a_play_is_asked_for() -> None:
    names = {f"{struct.cls.__name__}.{one.name}" for struct in structs(DEFINITION) for one in struct.fields}

    assert not names & forms.NOT_ASKED
    assert names >= forms.HIDDEN == {"Definition.schema", "Definition.version", "Definition.number"}


def test_a_new_field_is_in_the_form_by_itself() -> None:
    class Wider(Reach, frozen=True, tag_field="kind", tag="reach"):
        grace_fen: Count | None = None

    with override("en"):
        shown = form_of(shape_of(Wider), {"levels": [2], "grace_fen": 150}, "progress")
    parts = {part.name: part for part in flat(shown)}

    assert parts["progress.grace_fen"] == Control("progress.grace_fen", "grace_fen", "number", "1.5", "yuan")
    assert read_form(shape_of(Wider), posted(filled_in(parts.values())), "progress")["grace_fen"] == 150


def test_a_type_without_a_form_is_no_silent_gap() -> None:
    class Odd(Part, frozen=True):
        share: float = 0.5

    with pytest.raises(TypeError, match="no form for share"):
        form_of(shape_of(Odd), {})


@pytest.mark.parametrize(
    ("name", "typed", "read"),
    [
        ("limits.budget_fen", "12.5", 1250),
        ("limits.budget_fen", "12", 1200),
        ("limits.budget_fen", " 0.01 ", 1),
        ("limits.budget_fen", "0.001", "0.001"),
        ("limits.budget_fen", "many", "many"),
        ("limits.budget_fen", "１２", "１２"),
        ("limits.budget_fen", "-3", -300),
        ("limits.price_floor_bps", "80%", 8000),
        ("limits.price_floor_bps", "0.05", 5),
        ("limits.stock", "7", 7),
        ("limits.stock", "7.0", 7),
        ("limits.stock", "7.5", "7.5"),
        ("limits.stock", "9" * 13, "9" * 13),
    ],
)
def test_figures_are_read_as_people_type_them(name: str, typed: str, read: object) -> None:
    assert read_form(DEFINITION, posted({name: [typed]}))["limits"][name.partition(".")[2]] == read


def test_lists_and_rows_are_read_in_their_order() -> None:
    sent = posted(
        {
            "progress.kind": ["draw"],
            "progress.prizes[7].odds_ppm": ["0.5"],
            "progress.prizes[2].odds_ppm": ["25"],
            "share": ["paper", "code"],
            "rewards[0].kind": ["gold"],
        }
    )

    read = read_form(DEFINITION, sent)

    assert [prize["odds_ppm"] for prize in read["progress"]["prizes"]] == [250_000, 5_000]
    assert (read["share"], read["rewards"]) == (["paper", "code"], [{"kind": "gold"}])
    levels = posted({"progress.kind": ["reach"], "progress.levels": ["3，5 8、13"]})
    assert read_form(DEFINITION, levels)["progress"]["levels"] == [3, 5, 8, 13]


@pytest.mark.parametrize(
    ("place", "beside"),
    [
        ("limits.budget_fen", "limits.budget_fen"),
        ("share[1]", "share"),
        ("counts[1].new", "counts[1]"),
        ("counts[9].fact", "counts"),
        ("terms.zh", "terms.zh"),
        ("progress.kind", "progress.kind"),
        ("nowhere", None),
    ],
)
def test_an_issue_stands_beside_its_field_or_the_nearest_around_it(place: str, beside: str | None) -> None:
    parts = form_of(DEFINITION, WRITTEN["card-set"])

    left = show_issues(parts, [Issue(place, "why")])

    assert [part.name for part in flat(parts) if part.issues] == ([beside] if beside else [])
    assert len(left) == (beside is None)


def through(written: Any) -> Any:
    """What comes back of a form that shows what was written."""
    return read_form(DEFINITION, posted(filled_in(form_of(DEFINITION, written))))


@given(st.data())
def test_whatever_was_written_can_be_shown_and_sent(data: st.DataObject) -> None:
    written: Any = copy.deepcopy(WRITTEN[data.draw(st.sampled_from(sorted(WRITTEN)))])
    for _ in range(3):
        places = places_of(written)
        holder, key = places[data.draw(st.integers(0, len(places) - 1))]
        holder[key] = copy.deepcopy(data.draw(ODD))

    parts = form_of(DEFINITION, written)
    again = through(through(written))

    left = show_issues(parts, [Issue(one.place, one.reason.en) for one in malformations(written)])
    assert {issue.place for issue in left} <= {"what"}
    assert through(again) == again
