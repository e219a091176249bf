"""Plays that cannot be: refused with the place and the reason, in both languages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lintuan.plays.engine.definition import Counting, Definition, Funder, Limits, Skin, Texts, Trigger
from lintuan.plays.engine.progress import Collect, Draw, Fall, Prize, Progress, Quiz, Rank, Reach, Streak
from lintuan.plays.engine.reading import read_definition, read_toml
from lintuan.plays.engine.rewards import Cash, Chance, Coupon, Goods, Points, Pot, Reward
from lintuan.plays.engine.schema import CURRENT, schema_text
from lintuan.plays.engine.soundness import circles, faults
from lintuan.plays.errors import PlayMalformed, PlayUnsound
from tests.make import plays as make

REACH = Reach(levels=(1,))
PAID = {"funding": (Funder(payer="platform", share_bps=10_000),), "limits": Limits(budget_fen=10_000)}


NEAR = Counting(fact="answered", measure="nearness", most=1)
ONCE = {"participants": make.participants(unit="entry", once_over="run")}


def odds(*ppm: int | None, when: Any = "at_once", winners: int | None = None, **others: Any) -> Draw:
    prizes = tuple(Prize(name=make.text(), odds_ppm=each, winners=winners) for each in ppm)
    return Draw(prizes=prizes, when=when, **others)


def at_end(**others: Any) -> Draw:
    return odds(None, when="at_end", winners=1, **others)


def minutes(level: int) -> Fall:
    return Fall(by="minutes", levels=(level,), price_bps=(9000,))


def said(words: str) -> dict[str, Any]:
    return {"texts": Texts(invite=make.text(), progress=make.text(words), done=make.text())}


def counts(**others: Any) -> dict[str, Any]:
    return {"counts": (Counting(**{"fact": "paid", **others}),)}


@pytest.mark.parametrize(
    ("place", "progress", "rewards", "others"),
    [
        ("skin.title", REACH, (), {"skin": Skin(kind="play_meter", title=make.text("{turns}"))}),
        ("texts.progress", odds(5), (), said("{turns}")),
        ("texts.progress", odds(5, ticket_every=3), (), said("{turns}") | counts(most_per_day=1)),
        ("texts.progress", at_end(), (), said("{turns}") | counts(most_per_day=1)),
        ("texts.progress", REACH, (), said("{days}")),
        ("texts.progress", REACH, (), said("{place}")),
        ("texts.progress", REACH, (), said("{nonsense}")),
        ("terms", REACH, (), {"terms": make.text("{count}")}),
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
        ("unfilled", at_end(), (), {"unfilled": "refund"}),
        ("counts[0].by", REACH, (), counts(by="opener")),
        ("counts[0].by", REACH, (), {**counts(by="others"), "participants": make.participants(unit="building")}),
        ("counts[0].attempts", Quiz(levels=(1,)), (), counts(measure="points", attempts=True)),
        ("counts[0].attempts", REACH, (), counts(measure="people", attempts=True, most=1)),
        ("counts[0].measure", REACH, (), counts(measure="nearness", most=1)),
        ("counts[1].measure", Quiz(levels=(1,)), (), {"counts": (NEAR, NEAR)}),
        ("counts[0].most", Quiz(levels=(1,)), (), counts(measure="nearness")),
        ("progress.levels", Quiz(levels=(2,)), (), {"counts": (NEAR,)}),
        ("rewards", Quiz(levels=(1,)), (Pot(fen=1, most_fen=1),), {**PAID, "counts": (NEAR,)}),
        ("progress.near", Quiz(levels=(1,), near=1, far=2), (), {}),
        ("progress.far", Quiz(levels=(1,), near=1), (), {"counts": (NEAR,)}),
        ("progress.far", Quiz(levels=(1,), near=2, far=2), (), {"counts": (NEAR,)}),
        ("counts[0].measure", REACH, (), counts(measure="minutes", most=1)),
        ("counts[0].measure", minutes(10), (), counts(most=1)),
        ("counts[0].most", minutes(10), (), counts(measure="minutes")),
        ("counts[0].most", minutes(10), (), counts(measure="minutes", most=1, worth=2)),
        ("progress.levels", minutes(1), (), counts(measure="minutes", most=1)),
        ("counts", Rank(places=(1,), by="mean"), (), {}),
        ("counts", Rank(places=(1,), by="mean"), (), counts(into="base")),
        ("counts[0].into", Rank(places=(1,)), (), counts(into="base")),
        ("progress.least", odds(5, least=2), (), {}),
        ("progress.one_each", odds(5, one_each=True), (), {}),
        ("progress.or_units", Reach(levels=(1, 2), or_units=(1,)), (), {}),
        ("progress.or_units", Reach(levels=(1, 2), or_units=(2, 2)), (), {}),
        ("progress.or_units", Reach(levels=(1,), or_units=(1,), again=True), (), {}),
        ("progress.or_units", Reach(levels=(1,), or_units=(1,), of="unit"), (), {}),
        ("closes", Reach(levels=(1,), again=True), (), {"closes": "when_full"}),
        ("closes", Rank(places=(1,)), (), {"closes": "when_full"}),
        ("participants.once_over", Collect(levels=(1,)), (), {**counts(measure="kinds"), **ONCE}),
        ("participants.once_over", REACH, (), {**ONCE, "closes": "when_full"}),
        ("participants.once_over", REACH, (), {**ONCE, "counts": (Counting(fact="paid"), Counting(fact="voted"))}),
        ("participants.once_over", REACH, (Pot(fen=1, most_fen=1),), {**PAID, **ONCE}),
    ],
)
def test_what_cannot_be_is_told_with_its_place(
    place: str, progress: Progress, rewards: tuple[Reward, ...], others: dict[str, Any]
) -> None:
    found = faults(make.definition(progress, rewards, **others))

    assert [fault.place for fault in found] == [place]
    assert found[0].reason.zh != found[0].reason.en


@pytest.mark.parametrize(
    ("progress", "others"),
    [
        (REACH, {}),
        (REACH, counts(by="others")),
        (at_end(least=3, one_each=True), {"unfilled": "refund"}),
        (Quiz(levels=(100,), near=5, far=55), {"counts": (msgspec.structs.replace(NEAR, worth=100),)}),
        (Quiz(levels=(3,)), counts(measure="points", attempts=True, most_per_day=5)),
        (minutes(10), counts(measure="minutes", most=1)),
        (Rank(places=(1,), by="mean"), {"counts": (Counting(fact="paid"), Counting(fact="joined", into="base"))}),
        (Reach(levels=(1, 2), or_units=(3, 4)), {"closes": "when_full"}),
        (Rank(places=(1,)), {"closes": "when_full", "participants": make.participants(seats=2)}),
        (REACH, ONCE),
    ],
)
def test_what_is_sound_has_no_fault(progress: Progress, others: dict[str, Any]) -> None:
    assert faults(make.definition(progress, (Cash(fen=10_000),) if progress is REACH else (), **PAID, **others)) == []


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
