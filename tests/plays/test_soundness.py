"""Plays that cannot be: refused with the place and the reason, in both languages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lintuan.plays.engine.definition import Counting, Definition, Funder, Limits, Trigger
from lintuan.plays.engine.progress import Collect, Draw, Fall, Prize, Progress, Rank, Reach, Streak
from lintuan.plays.engine.reading import read_definition, read_toml
from lintuan.plays.engine.rewards import Cash, Chance, Coupon, Goods, Points, Pot, Reward
from lintuan.plays.engine.schema import CURRENT, schema_text
from lintuan.plays.engine.soundness import circles, faults
from lintuan.plays.errors import PlayMalformed, PlayUnsound
from tests.make import plays as make

REACH = Reach(levels=(1,))
PAID = {"funding": (Funder(payer="platform", share_bps=10_000),), "limits": Limits(budget_fen=10_000)}


def odds(*ppm: int | None, when: Any = "at_once", winners: int | None = None) -> Draw:
    return Draw(prizes=tuple(Prize(name=make.text(), odds_ppm=each, winners=winners) for each in ppm), when=when)


@pytest.mark.parametrize(
    ("place", "progress", "rewards", "others"),
    [
        ("progress.levels", Reach(levels=(3, 2)), (), {}),
        ("progress.places", Rank(places=(3, 3)), (), {}),
        ("progress.price_bps", Fall(by="count", levels=(1, 2), price_bps=(9000,)), (), {}),
        ("progress.price_bps", Fall(by="count", levels=(1, 2), price_bps=(8000, 9000)), (), {}),
        ("progress.levels", Collect(of=("leek",), levels=(2,)), (), {}),
        ("progress.rest_days", Streak(levels=(2,), rest_days=2), (), {}),
        ("progress.prizes", odds(600_000, 500_000), (), {}),
        ("progress.prizes[0]", odds(None), (), {}),
        ("progress.prizes[0]", odds(5, when="at_end"), (), {}),
        ("rewards[0].level", REACH, (Points(points=1, level=1),), {}),
        ("rewards[0]", REACH, (Pot(most_fen=5),), PAID),
        ("rewards[0].fen", REACH, (Pot(fen=9, most_fen=5),), PAID),
        ("rewards[0].share_bps", REACH, (Pot(share_bps=9, most_fen=5),), PAID),
        ("rewards[0]", REACH, (Chance(play="some-play"),), {}),
        ("rewards[0].to", REACH, (Points(points=1, to="opener"),), {}),
        ("limits.budget_fen", REACH, (Cash(fen=20_000),), PAID),
        ("limits.budget_fen", REACH, (Cash(fen=1),), {"funding": PAID["funding"]}),
        ("limits.day_budget_fen", REACH, (), {"limits": Limits(budget_fen=5, day_budget_fen=6)}),
        ("limits.per_member_day", REACH, (), {"limits": Limits(per_member=1, per_member_day=2)}),
        ("limits.stock", REACH, (Goods(sku="egg", worth_fen=5),), PAID),
        ("counts[0].most_per_day", REACH, (), {"counts": (Counting(fact="paid", most=1, most_per_day=2),)}),
        ("funding", REACH, (Coupon(off_fen=5),), {"limits": Limits(budget_fen=9)}),
        ("funding", REACH, (), {"funding": (Funder(payer="leader", share_bps=9_999),)}),
        ("funding", REACH, (), {"funding": (Funder(payer="leader", share_bps=5_000),) * 2}),
        ("trigger.at", REACH, (), {"trigger": Trigger(kind="clock")}),
        ("trigger.over_fen", REACH, (), {"trigger": Trigger(kind="threshold")}),
        ("trigger.when", REACH, (), {"trigger": Trigger(kind="supply")}),
        ("participants.reach", REACH, (), {"trigger": Trigger(kind="buyer")}),
        ("unfilled", Reach(levels=(1,), of="unit"), (), {"unfilled": "refund"}),
    ],
)
def test_what_cannot_be_is_told_with_its_place(
    place: str, progress: Progress, rewards: tuple[Reward, ...], others: dict[str, Any]
) -> None:
    found = faults(make.definition(progress, rewards, **others))

    assert [fault.place for fault in found] == [place]
    assert found[0].reason.zh != found[0].reason.en


def test_what_is_sound_has_no_fault() -> None:
    assert faults(make.definition(REACH, (Cash(fen=10_000),), **PAID)) == []


def feeding(code: str, *fed: str) -> Definition:
    return make.definition(REACH, tuple(Chance(play=play) for play in fed), code=code)


@pytest.mark.parametrize(
    ("feeds", "told"),
    [
        ({"a": "b", "b": "a"}, ["a → b → a"]),
        ({"a": "b", "b": "c", "c": "a", "d": "a"}, ["a → b → c → a"]),
        ({"a": "b", "b": "c"}, []),
        ({"a": "gone"}, []),
        ({"a": "b", "b": "a", "c": "d", "d": "c"}, ["a → b → a", "c → d → c"]),
    ],
)
def test_plays_that_feed_each_other_for_ever_are_told_once(feeds: dict[str, str], told: list[str]) -> None:
    found = circles({code: feeding(code, fed) for code, fed in feeds.items()})

    assert [fault.reason.en.partition(": ")[2] for fault in found] == told


def written(**others: Any) -> dict[str, Any]:
    made: dict[str, Any] = msgspec.to_builtins(make.definition(REACH, (Points(points=1),)))
    return {**made, **others}


@pytest.mark.parametrize(
    ("place", "others"),
    [
        ("$.progress.kind", {"progress": {"kind": "telepathy"}}),
        ("$.progress.levels", {"progress": {"kind": "reach", "levels": []}}),
        ("$.counts[0].fact", {"counts": [{"fact": "shared"}]}),
        ("$.rewards[0].points", {"rewards": [{"kind": "points", "points": 0}]}),
        ("$.code", {"code": "Not A Code"}),
        ("$", {"unheard_of": 1}),
        ("$.schema", {"schema": 2}),
        ("$.share", {"share": []}),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(place: str, others: dict[str, Any]) -> None:
    with pytest.raises(PlayMalformed) as refused:
        read_definition(written(**others))

    assert refused.value.facts["place"] == place


def test_an_unsound_play_is_refused_in_both_languages() -> None:
    with pytest.raises(PlayUnsound) as refused:
        read_definition(written(progress={"kind": "reach", "levels": [2, 1]}))

    assert refused.value.message("en") == "The play cannot run, progress.levels: levels must rise"
    assert refused.value.message("zh-hans") == "玩法无法运行，progress.levels：各档必须从低到高"


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(PlayMalformed):
        read_toml("= 1")


def test_a_definition_reads_as_it_was_written() -> None:
    made = make.definition(REACH, (Points(points=1),))

    assert read_definition(msgspec.to_builtins(made)) == made


def test_the_published_schema_is_that_of_the_structs() -> None:
    assert CURRENT.read_text(encoding="utf-8") == schema_text(), "python -m lintuan.plays.engine"
