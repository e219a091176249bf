"""What facts lead to: each kind of progress by its table, and what must hold of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.plays.engine.board import Board
from lintuan.plays.engine.definition import Counting
from lintuan.plays.engine.facts import Effect, Ended, Fact, Given, Taken
from lintuan.plays.engine.interpreter import Play
from lintuan.plays.engine.progress import (
    Collect,
    Draw,
    Fall,
    First,
    Haggle,
    Prize,
    Progress,
    Quiz,
    Rank,
    Reach,
    Streak,
    Vote,
)  # fmt: skip
from lintuan.plays.engine.rewards import Coupon, Points, Pot, Reward
from lintuan.plays.engine.scenarios import outcome
from tests.make import plays as make

TEN, TWENTY = Points(points=10), Points(points=20, level=1)


def board(
    progress: Progress, *rewards: Reward, opener: int = 0, counting: Counting | None = None, **others: object
) -> Board:
    play = make.definition(progress, rewards, counts=(counting or Counting(fact="paid", measure="units"),), **others)
    made = Play(play)
    return Board(made, made.run(1, b"seed".ljust(32)), opener=opener)


def paid(member: int, units: int = 1, *, unit: int = 0, on: int = 1, order: str = "") -> Fact:
    number = order or f"{member}:{on}:{units}"
    return Fact(
        id=f"order:{number}", kind="paid", member=member, unit=unit or member, on=on, fen=100 * units, units=units,
        is_opener=member == 1,
    )  # fmt: skip


def told(effects: Iterable[Effect]) -> list[str]:
    return sorted(map(outcome, effects))


class TestReach:
    def test_all_who_take_part_have_what_the_run_reached(self) -> None:
        it = board(Reach(levels=(3, 5)), TEN, TWENTY)

        assert told(it.hear(paid(1, 2))) == []
        assert told(it.hear(paid(2, 1))) == ["+1 #0", "+2 #0", "level 1"]
        assert told(it.hear(paid(3, 2))) == ["+1 #1", "+2 #1", "+3 #0", "+3 #1", "level 2"]

    def test_of_units_each_has_its_own(self) -> None:
        it = board(Reach(levels=(3,), of="unit"), TEN)

        assert told(it.hear(paid(1, 3))) == ["+1 #0"]
        assert told(it.hear(paid(2, 2))) == []

    def test_a_meter_that_is_full_begins_anew(self) -> None:
        it = board(Reach(levels=(2, 4), of="unit", again=True), TEN, TWENTY)

        assert told(it.hear(paid(1, 7))) == ["+1 #0", "+1 #0", "+1 #1"]
        assert told(it.hear(paid(1, 1, order="next"))) == ["+1 #1"]

    def test_the_opener_may_have_another_reward_than_the_others(self) -> None:
        own = Coupon(off_fen=500, to="opener")
        it = board(Reach(levels=(2,)), own, Points(points=1, to="others"), opener=1)

        assert told(it.hear_all([paid(2), paid(3)])) == ["+1 #0", "+2 #1", "+3 #1", "level 1"]

    def test_a_full_run_has_no_seat_for_another(self) -> None:
        participants = make.participants(seats=2)
        it = board(Reach(levels=(5,)), TEN, participants=participants)

        it.hear_all([paid(1), paid(2), paid(3, 9), paid(1, 2)])

        assert (it.run.total, it.run.seats) == (4, 2)


class TestFall:
    def test_the_lowest_price_replaces_those_above(self) -> None:
        it = board(Fall(by="count", levels=(2, 3), price_bps=(9000, 8000)), TEN, TWENTY)

        assert told(it.hear_all([paid(1), paid(2)])) == ["+1 #0", "+2 #0", "level 1"]
        assert told(it.hear(paid(3))) == ["+1 #1", "+2 #1", "+3 #1", "-1 #0", "-2 #0", "level 2"]


class TestStreak:
    @pytest.mark.parametrize(
        ("days", "rest", "then"),
        [
            ((1, 2, 3), 0, 1),
            ((1, 2, 4), 0, 0),
            ((1, 2, 4), 1, 1),
            ((1, 2, 2, 2), 0, 0),
            ((1, 3, 2), 0, 0),
            ((1, 2, 3, 4, 5, 6), 0, 1),
        ],
    )
    def test_days_in_a_row(self, days: tuple[int, ...], rest: int, then: int) -> None:
        it = board(Streak(levels=(3,), rest_days=rest), TEN, counting=Counting(fact="paid"))

        effects = it.hear_all(paid(1, on=day, order=str(number)) for number, day in enumerate(days))

        assert len(effects) == then

    def test_after_the_last_level_it_begins_anew(self) -> None:
        it = board(Streak(levels=(3,), again=True), TEN, counting=Counting(fact="paid"))

        assert len(it.hear_all(paid(1, on=day) for day in range(1, 7))) == 2


class TestOthers:
    def test_different_ones_of_a_set(self) -> None:
        it = board(Collect(of=("leek", "kale", "okra"), levels=(2,)), TEN, counting=Counting(fact="paid"))
        facts = [Fact(f"o{n}", "paid", 1, 1, 1, of=of) for n, of in enumerate([("leek",), ("leek", "egg"), ("okra",)])]

        assert [told(it.hear(fact)) for fact in facts] == [[], [], ["+1 #0"]]

    def test_the_first_have_a_place(self) -> None:
        it = board(First(places=2), TEN, counting=Counting(fact="paid"))

        assert told(it.hear_all([paid(1), paid(2), paid(3)])) == ["+1 #0", "+2 #0"]

    def test_a_place_that_is_given_up_is_for_who_comes_next(self) -> None:
        it = board(First(places=2), TEN, counting=Counting(fact="paid"))
        it.hear_all([paid(1), paid(2), paid(3)])

        assert told(it.withdraw("order:1:1:1")) == ["-1 #0"]
        assert told(it.hear_all([paid(4), paid(5)])) == ["+4 #0"]

    def test_what_both_agreed_on(self) -> None:
        it = board(Haggle(floor_bps=8000, rounds=3), TEN)

        assert told(it.hear(paid(1))) == ["+1 #0"]

    def test_points_of_answers(self) -> None:
        it = board(Quiz(levels=(2,)), TEN, counting=Counting(fact="answered", measure="points"))

        assert told(it.hear(Fact("a", "answered", 1, 1, 1, points=2))) == ["+1 #0"]


class TestEndings:
    def test_equals_share_the_better_place(self) -> None:
        it = board(Rank(places=(1, 3), least=2), TEN, TWENTY)
        it.hear_all([paid(1, 5), paid(2, 5), paid(3, 4), paid(4, 3), paid(5, 1)])

        assert told(it.end()) == ["+1 #0", "+2 #0", "+3 #1", "ended"]

    def test_the_entry_with_most_votes(self) -> None:
        it = board(Vote(winners=1), TEN, counting=Counting(fact="voted", most=1))

        it.hear_all([Fact(f"v{n}", "voted", n, entry, 1) for n, entry in enumerate([7, 7, 8], 1)])

        assert told(it.end()) == ["+7 #0", "ended"]

    def test_a_pot_is_shared_to_the_fen(self) -> None:
        it = board(Reach(levels=(1,)), Pot(fen=100, most_fen=100))
        assert told(it.hear_all([paid(1), paid(2), paid(3)])) == ["level 1"]

        assert told(it.end()) == ["+1 #0 ¥0.34", "+2 #0 ¥0.33", "+3 #0 ¥0.33", "filled"]

    def test_a_pot_of_sales_has_its_limit(self) -> None:
        pot = Pot(share_bps=5000, most_fen=250, split="by_count")
        it = board(Reach(levels=(1,)), pot, counting=Counting(fact="paid", measure="fen"))
        it.hear_all([paid(1, 4), paid(2, 1)])

        assert told(it.end()) == ["+1 #0 ¥2.00", "+2 #0 ¥0.50", "filled"]

    def test_buildings_share_with_their_people(self) -> None:
        it = board(Rank(places=(1,)), Pot(fen=90, most_fen=90))
        it.hear_all([paid(1, unit=51), paid(2, unit=51), paid(3, unit=52)])

        assert told(it.end()) == ["+1 #0 ¥0.45", "+2 #0 ¥0.45", "ended"]

    def test_too_few_are_paid_back(self) -> None:
        it = board(Reach(levels=(3,)), TEN, unfilled="refund")
        it.hear(paid(1))

        assert it.end() == (Ended("unfilled"),)

    def test_nothing_counts_after_the_end(self) -> None:
        it = board(Reach(levels=(1,)), TEN)
        it.end()

        assert (it.hear(paid(1)), it.run.total) == ((), 0)

    def test_who_is_refunded_after_the_end_loses_what_they_won_and_nobody_else_does(self) -> None:
        it = board(Rank(places=(2,)), TEN)
        it.hear_all([paid(1, 3), paid(2, 2), paid(3, 1)])
        it.end()

        assert told(it.withdraw("order:1:1:3")) == ["-1 #0"]
        assert it.withdraw("order:3:1:1") == ()


class TestCounting:
    @pytest.mark.parametrize(
        ("counting", "fact", "amount"),
        [
            (Counting(fact="paid"), {}, 1),
            (Counting(fact="paid", worth=5), {}, 5),
            (Counting(fact="paid", measure="fen"), {"fen": 1999}, 1999),
            (Counting(fact="paid", measure="units"), {"units": 3}, 3),
            (Counting(fact="paid", least_fen=2000), {"fen": 1999}, 0),
            (Counting(fact="paid", least_fen=2000), {"fen": 2000}, 1),
            (Counting(fact="paid", before="08:00"), {"minute": 479}, 1),
            (Counting(fact="paid", before="08:00"), {"minute": 480}, 0),
            (Counting(fact="paid", on_time=True), {}, 0),
            (Counting(fact="paid", on_time=True), {"is_on_time": True}, 1),
            (Counting(fact="paid", first_order=True), {}, 0),
            (Counting(fact="paid", by="opener"), {}, 0),
            (Counting(fact="paid", by="others"), {}, 1),
            (Counting(fact="collected"), {}, 0),
        ],
    )
    def test_a_fact_counts_as_its_rule_says(self, counting: Counting, fact: dict[str, int], amount: int) -> None:
        it = board(Reach(levels=(1,)), counting=counting)

        it.hear(Fact("f", "paid", 2, 2, 1, **fact))  # type: ignore[arg-type]

        assert it.run.total == amount

    def test_limits_are_those_of_a_member_and_a_day(self) -> None:
        it = board(Reach(levels=(9,)), counting=Counting(fact="paid", most_per_day=2, most=3))

        it.hear_all(paid(1, on=day, order=f"{day}:{n}") for day in (1, 2) for n in range(3))

        assert it.run.total == 3

    def test_people_and_days_count_once(self) -> None:
        people = board(Reach(levels=(9,)), counting=Counting(fact="paid", measure="people"))
        days = board(Reach(levels=(9,)), counting=Counting(fact="paid", measure="days"))
        facts = [paid(1, order="a"), paid(1, order="b"), paid(1, on=2), paid(2)]
        for it in (people, days):
            it.hear_all(facts)

        assert (people.run.total, days.run.total) == (2, 3)


PROGRESSES: list[Progress] = [
    Reach(levels=(3, 6)),
    Reach(levels=(2, 5), of="unit"),
    Reach(levels=(2, 3), of="unit", again=True),
    Reach(levels=(4, 9), again=True),
    Fall(by="count", levels=(3, 6), price_bps=(9000, 8000)),
    Streak(levels=(2, 3)),
    Streak(levels=(1, 3), rest_days=0, again=True),
    Quiz(levels=(1, 4)),
    Collect(levels=(1, 2)),
    Draw(prizes=(Prize(name=make.text("a"), odds_ppm=300_000), Prize(name=make.text("b"), odds_ppm=200_000, stock=3))),
    Rank(places=(1, 2)),
]
FACTS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 6), st.sampled_from(["leek", "kale"])), max_size=14
)
COUNTING = st.builds(
    Counting,
    fact=st.just("paid"),
    measure=st.sampled_from(["times", "units", "people", "days"]),
    most_per_day=st.sampled_from([None, 1, 2]),
    most=st.sampled_from([None, 2]),
)


Drawn = list[tuple[int, int, int, str]]


def facts_of(drawn: Drawn) -> list[Fact]:
    """In the order of their days, as a log has them."""
    return [
        Fact(f"order:{number}", "paid", member, member, on, units=units, fen=units, of=(kind,), nonce="n")
        for number, (member, units, on, kind) in enumerate(sorted(drawn, key=lambda one: one[2]))
    ]


@given(st.sampled_from(PROGRESSES), COUNTING, FACTS)
def test_nothing_is_given_twice_or_taken_twice(progress: Progress, counting: Counting, drawn: Drawn) -> None:
    it = board(progress, TEN, TWENTY, counting=counting)
    facts = facts_of(drawn)

    effects = it.hear_all(facts)
    for fact in facts[::2]:
        effects += it.withdraw(fact.id)
    effects += it.end()

    held: Counter[tuple[int, int, int]] = Counter()
    for effect in effects:
        if isinstance(effect, Given | Taken):
            held[effect.unit, effect.reward, effect.nth] += 1 if isinstance(effect, Given) else -1
            assert held[effect.unit, effect.reward, effect.nth] in (0, 1)
    given_now = {(tally.unit, reward): n for tally in it.tallies.values() for reward, n in enumerate(tally.given)}
    for (unit, reward), times in given_now.items():
        assert sum(held[unit, reward, nth] for nth in range(20)) == times


@given(st.sampled_from(PROGRESSES), COUNTING, FACTS)
def test_hearing_a_fact_again_changes_nothing(progress: Progress, counting: Counting, drawn: Drawn) -> None:
    once, twice = (board(progress, TEN, TWENTY, counting=counting) for _ in range(2))
    facts = facts_of(drawn)

    once.hear_all(facts)
    twice.hear_all([fact for fact in facts for _ in range(2)])

    assert once.state() == twice.state()


@given(st.sampled_from(PROGRESSES), COUNTING, FACTS, st.data())
def test_what_is_withdrawn_never_was(progress: Progress, counting: Counting, drawn: Drawn, data: st.DataObject) -> None:
    facts = facts_of(drawn)
    gone = set(data.draw(st.lists(st.sampled_from([fact.id for fact in facts]), unique=True))) if facts else set()
    it, never = (board(progress, TEN, TWENTY, counting=counting) for _ in range(2))

    it.hear_all(facts)
    for fact_id in sorted(gone):
        it.withdraw(fact_id)
    never.hear_all(fact for fact in facts if fact.id not in gone)

    if not (isinstance(progress, Draw) and any(prize.stock for prize in progress.prizes)):
        assert it.state() == never.state()
    assert it.run.total == never.run.total
