"""Where something written is no play: all places at once, and never another verdict than that of the reader."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.plays.catalogue import plays
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.malformed import malformations
from lintuan.plays.engine.reading import read_definition
from lintuan.plays.engine.scenarios import Scenario
from lintuan.plays.engine.values import Part
from lintuan.plays.errors import PlayMalformed

WRITTEN = {code: msgspec.json.decode(msgspec.json.encode(play)) for code, play in plays().items()}
ODD = st.sampled_from(
    [None, True, False, 0, 1, -1, 10_001, 3.0, 2.5, "", "some-code", "No Code", "20:00", "25:00", [], [1], ["none"], {},
     {"zh": "字", "en": "words"}, {"zh": ""}, {"kind": "cash"}, {"kind": "cash", "fen": 5}, {"kind": "gold"}, "x" * 41]
)  # fmt: skip


@given(st.data())
def test_it_finds_something_exactly_where_the_reader_refuses(data: st.DataObject) -> None:
    written = copy.deepcopy(WRITTEN[data.draw(st.sampled_from(sorted(WRITTEN)))])
    for _ in range(data.draw(st.integers(1, 3))):
        places = places_of(written)
        holder, key = places[data.draw(st.integers(0, len(places) - 1))]
        if data.draw(st.booleans()):
            holder[key] = copy.deepcopy(data.draw(ODD))
        elif isinstance(holder, dict):
            holder.pop(key, None)
            holder[data.draw(st.sampled_from(["new", key]))] = copy.deepcopy(data.draw(ODD))

    assert bool(malformations(written)) == (refusal(written) is not None), refusal(written)


def test_it_names_the_place_that_the_reader_names() -> None:
    written = copy.deepcopy(WRITTEN["card-set"])
    written["counts"][1]["most_per_day"] = 0
    del written["terms"]["en"]
    written["progress"] = {"kind": "leap"}
    written["surprise"] = 1

    found = {one.place: (one.reason.zh, one.reason.en) for one in malformations(written)}

    assert found["counts[1].most_per_day"] == ("最少 1", "at least 1")
    assert found["terms.en"] == ("必填", "is needed")
    assert found["surprise"] == ("没有这个字段", "there is no such field")
    assert found["progress.kind"][1].startswith("must be one of: ")
    assert len(found) == 4


@pytest.mark.parametrize(
    ("written", "place", "reason"),
    [
        ("text", "$", 'must be an object, not "text"'),
        ([], "$", 'must be an object, not "[]"'),
        ({**WRITTEN["card-set"], "what": "song"}, "what", 'must be "play"'),
        ({**WRITTEN["card-set"], "share": []}, "share", "at least 1"),
        ({**WRITTEN["card-set"], "limits": {"budget_fen": 0}}, "limits.budget_fen", "at least 1 fen"),
        (
            {**WRITTEN["card-set"], "limits": {"price_floor_bps": 10_001}},
            "limits.price_floor_bps",
            "10,000 basis points at most",
        ),
        ({**WRITTEN["card-set"], "code": "Set"}, "code", "small letters, digits and hyphens, as in any-four"),
    ],
)
def test_it_says_what_would_be_right(written: Any, place: str, reason: str) -> None:
    assert [(one.place, one.reason.en) for one in malformations(written)] == [(place, reason)]


def test_a_type_that_it_does_not_know_is_no_silent_pass() -> None:
    class Odd(Part, frozen=True):
        share: float

    with pytest.raises(TypeError, match="no play is written with"):
        malformations({"share": 0.5}, Odd)


def test_scenarios_are_looked_at_alike() -> None:
    written = {"tells": "it", "total": 0, "happens": [{"do": "paid", "on": "2026-02-30"}]}

    assert [one.place for one in malformations(written, Scenario)] == ["happens[0].on"]


def refusal(written: Any) -> str | None:
    try:
        msgspec.convert(written, Definition)
    except msgspec.ValidationError as wrong:
        return str(wrong)
    return None


def places_of(written: Any) -> list[tuple[Any, Any]]:
    keys = written if isinstance(written, dict) else range(len(written)) if isinstance(written, list) else ()
    return [(written, key) for key in list(keys)] + [place for key in list(keys) for place in places_of(written[key])]


@pytest.mark.parametrize("minutes", [3.0, 3.5])
def test_a_number_with_a_point_is_no_whole_number(minutes: float) -> None:
    written = msgspec.to_builtins(plays()["auto-match"])
    written["trigger"]["minutes"] = minutes

    assert [found.place for found in malformations(written)] == ["trigger.minutes"]
    with pytest.raises(PlayMalformed):
        read_definition(written)
