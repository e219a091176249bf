"""What facts lead to: each kind of progress by its table, and what must hold of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.plays.engine import contradictions
from lintuan.plays.engine.board import Board
from lintuan.plays.engine.definition import Counting
from lintuan.plays.engine.endings import places
from lintuan.plays.engine.facts import Effect, Ended, Fact, Given, Person, Run, Taken, Tally
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

#: The beginning of the day that facts are of, where they say nothing else.
DAY = 24 * 60
TEN, TWENTY = Points(points=10), Points(points=20, level=1)


def board(
    progress: Progress,
    *rewards: Reward,
    opener: int = 0,
    counting: Counting | tuple[Counting, ...] = Counting(fact="paid", measure="units"),  # noqa: B008 - frozen
    answer: str = "",
    began: int = DAY,
    **others: object,
) -> Board:
    counts = counting if isinstance(counting, tuple) else (counting,)
    made = Play(make.definition(progress, rewards, counts=counts, **others))
    return Board(made, made.run(1, b"seed".ljust(32), began=began, answer=answer), opener=opener)


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

    @pytest.mark.parametrize(("minute", "then"), [(0, []), (9, []), (10, ["+2 #0"]), (19, ["+2 #0"]), (25, ["+2 #1"])])
    def test_by_the_minute_each_has_the_price_of_their_own(self, minute: int, then: list[str]) -> None:
        counting = Counting(fact="paid", measure="minutes", most=1)
        it = board(Fall(by="minutes", levels=(10, 20), price_bps=(9000, 8000)), TEN, TWENTY, counting=counting)
        it.hear(Fact("first", "paid", 1, 1, 1, minute=3))

        assert told(it.hear(Fact("second", "paid", 2, 2, 1, minute=minute))) == then

    def test_where_nobody_said_when_it_began_it_has_not_fallen(self) -> None:
        counting = Counting(fact="paid", measure="minutes", most=1)
        it = board(Fall(by="minutes", levels=(10,), price_bps=(9000,)), TEN, counting=counting, began=0)

        assert it.hear(Fact("late", "paid", 1, 1, 9, minute=600)) == ()


class TestTargets:
    def test_either_of_two_targets_will_do(self) -> None:
        by_sum, by_people = (board(Reach(levels=(10, 20), or_units=(2, 3)), TEN, TWENTY) for _ in range(2))

        assert told(by_sum.hear(paid(1, 10))) == ["+1 #0", "level 1"]
        assert told(by_people.hear_all([paid(1), paid(2), paid(3)])) == [
            "+1 #0", "+1 #1", "+2 #0", "+2 #1", "+3 #0", "+3 #1", "level 1", "level 2",
        ]  # fmt: skip

    def test_a_run_that_closes_when_it_is_full_says_so_once_and_counts_no_more(self) -> None:
        it = board(Reach(levels=(2, 3)), closes="when_full")

        assert told(it.hear_all([paid(1, 2), paid(2, 5)])) == ["full", "level 1", "level 2"]
        assert (it.hear(paid(3)), it.run.total) == ((), 7)

    def test_with_seats_it_is_the_last_seat(self) -> None:
        it = board(Reach(levels=(1,)), closes="when_full", participants=make.participants(seats=2))

        assert [told(it.hear(paid(member))) for member in (1, 2, 1)] == [["level 1"], ["full"], []]

    def test_who_leaves_before_the_end_makes_room(self) -> None:
        it = board(Reach(levels=(2,)), closes="when_full")
        it.hear_all([paid(1), paid(2), paid(3)])

        assert told(it.withdraw("order:2:1:1")) == ["level 0"]
        assert told(it.hear(paid(4))) == ["full", "level 1"]

    def test_what_was_reached_when_it_ended_stays_with_all_but_who_is_refunded(self) -> None:
        it = board(Reach(levels=(2,)), TEN)
        it.hear_all([paid(1), paid(2)])
        it.end()

        assert told(it.withdraw("order:2:1:1")) == ["-2 #0"]


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

    @pytest.mark.parametrize(
        ("every", "days", "then"),
        [
            ("week", ("2026-06-01", "2026-06-14"), 1),
            ("week", ("2026-06-01", "2026-06-07"), 0),
            ("week", ("2026-06-07", "2026-06-08"), 1),
            ("week", ("2026-06-07", "2026-06-15"), 0),
            ("month", ("2026-12-01", "2027-01-31"), 1),
            ("month", ("2026-12-01", "2026-12-31"), 0),
            ("month", ("2026-12-31", "2027-02-01"), 0),
        ],
    )
    def test_weeks_and_months_in_a_row(self, every: Any, days: tuple[str, ...], then: int) -> None:
        it = board(Streak(levels=(2,), every=every), TEN, counting=Counting(fact="paid"))

        assert len(it.hear_all(paid(1, on=date.fromisoformat(day).toordinal(), order=day) for day in days)) == then


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

        assert told(it.hear(paid(1))) == ["+1 #0 ¥1.00"]

    @pytest.mark.parametrize(
        ("fen", "day_fen", "then"),
        [(320, 400, 1), (400, 400, 1), (319, 400, 0), (401, 400, 0), (0, 400, 0), (1, 0, 1)],
    )
    def test_a_price_is_agreed_within_the_band(self, fen: int, day_fen: int, then: int) -> None:
        it = board(Haggle(floor_bps=8000, rounds=3), TEN, counting=Counting(fact="offered"))

        it.hear(Fact("deal", "offered", 1, 1, 1, fen=fen, day_fen=day_fen))

        assert it.run.total == then

    def test_where_the_first_agreement_is_undone_the_next_price_takes_its_place(self) -> None:
        it = board(Haggle(floor_bps=8000, rounds=3), TEN, counting=Counting(fact="offered", most=1))
        it.hear_all(Fact(f"deal:{fen}", "offered", 1, 1, 1, fen=fen) for fen in (380, 360))

        assert told(it.withdraw("deal:380")) == ["+1 #0 ¥3.60", "-1 #0"]

    def test_points_of_answers(self) -> None:
        it = board(Quiz(levels=(2,)), TEN, counting=Counting(fact="answered", measure="points"))

        assert told(it.hear(Fact("a", "answered", 1, 1, 1, points=2))) == ["+1 #0"]


GUESS = Counting(fact="answered", measure="nearness", worth=100, most=1)


def guessed(member: int, guess: str, fact_id: str = "") -> Fact:
    return Fact(fact_id or f"guess:{member}", "answered", member, member, 1, of=(guess,))


class TestGuesses:
    @pytest.mark.parametrize(
        ("guess", "points"),
        [("389", 100), ("394", 100), ("384", 100), ("395", 98), ("364", 60), ("443", 2), ("444", 0), ("999", 0),
         ("", 0), ("cheap", 0)],
    )  # fmt: skip
    def test_a_guess_counts_as_it_is_near(self, guess: str, points: int) -> None:
        it = board(Quiz(levels=(50,), near=5, far=55), TEN, counting=GUESS, answer="389")

        it.hear(guessed(1, guess))

        assert it.run.total == points

    def test_where_no_distance_is_told_only_the_answer_is_right(self) -> None:
        it = board(Quiz(levels=(100,)), TEN, counting=GUESS, answer="yam")

        assert told(it.hear_all([guessed(1, "yam"), guessed(2, "taro")])) == ["+1 #0"]

    def test_a_wrong_guess_was_a_guess(self) -> None:
        it = board(Quiz(levels=(100,)), TEN, counting=GUESS, answer="yam")

        assert told(it.hear_all([guessed(1, "taro"), guessed(1, "yam", "again")])) == []

    def test_guesses_wait_for_an_answer_that_nobody_knows(self) -> None:
        it = board(Quiz(levels=(50, 100), near=5, far=55), TEN, TWENTY, counting=GUESS)
        guesses = [guessed(1, "389"), guessed(2, "364"), guessed(3, "100"), guessed(1, "364", "again")]

        assert it.hear_all(guesses) == []
        assert told(it.end("389")) == ["+1 #0", "+1 #1", "+2 #0", "ended"]
        assert it.run.total == 160
        assert told(it.withdraw("guess:1")) == ["-1 #1"]
        assert told(it.withdraw("again")) == ["-1 #0"]
        assert it.run.total == 60

    def test_who_withdraws_a_guess_in_time_may_guess_again(self) -> None:
        it = board(Quiz(levels=(100,)), TEN, counting=GUESS)
        it.hear(guessed(1, "taro"))
        it.withdraw("guess:1")
        it.hear(guessed(1, "yam", "again"))

        assert told(it.end("yam")) == ["+1 #0", "ended"]


class TestEndings:
    def test_equals_share_the_better_place(self) -> None:
        it = board(Rank(places=(1, 3), least=2), TEN, TWENTY)
        it.hear_all([paid(1, 5), paid(2, 5), paid(3, 4), paid(4, 3), paid(5, 1)])

        assert told(it.end()) == ["+1 #0", "+2 #0", "+3 #1", "ended"]

    def test_a_mean_is_taken_over_what_has_as_many_as_asked(self) -> None:
        counting = (
            Counting(fact="reviewed", measure="points"),
            Counting(fact="reviewed", into="base"),
        )
        it = board(Rank(places=(1, 2), least=2, by="mean"), TEN, TWENTY, counting=counting)
        given = {1: (3, 3, 3), 2: (4, 3), 3: (5,), 4: (7, 0), 5: (0, 0)}
        it.hear_all(
            Fact(f"r{entry}:{n}", "reviewed", n, entry, 1, points=points)
            for entry, each in given.items()
            for n, points in enumerate(each, 1)
        )

        assert places(it.play, list(it.tallies.values())) == {1: 3, 2: 1, 4: 1, 5: 4}
        assert told(it.end()) == ["+2 #0", "+4 #0", "ended"]

    def test_where_nothing_is_ranked_nobody_has_a_place(self) -> None:
        it = board(Reach(levels=(3,)))
        it.hear(paid(1))

        assert places(it.play, list(it.tallies.values())) == {}

    def test_too_few_tickets_are_not_drawn(self) -> None:
        prizes = (Prize(name=make.text(), winners=1),)
        kept, refunded = (
            board(Draw(prizes=prizes, when="at_end", least=3), TEN, unfilled=unfilled)
            for unfilled in ("keep", "refund")
        )
        for it in (kept, refunded):
            it.hear_all([paid(1), paid(2)])

        assert (told(kept.end()), told(refunded.end())) == (["ended"], ["unfilled"])

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
            (Counting(fact="paid", by="others"), {}, 0),
            (Counting(fact="paid", by="others"), {"unit": 3}, 1),
            (Counting(fact="paid", by="others"), {"unit": 3, "is_own": True}, 0),
            (Counting(fact="collected"), {}, 0),
        ],
    )
    def test_a_fact_counts_as_its_rule_says(self, counting: Counting, fact: dict[str, int], amount: int) -> None:
        it = board(Reach(levels=(1,)), counting=counting)

        it.hear(Fact(**{"id": "f", "kind": "paid", "member": 2, "unit": 2, "on": 1, **fact}))  # type: ignore[arg-type]

        assert it.run.total == amount

    def test_limits_are_those_of_a_member_and_a_day(self) -> None:
        it = board(Reach(levels=(9,)), counting=Counting(fact="paid", most_per_day=2, most=3))

        it.hear_all(paid(1, on=day, order=f"{day}:{n}") for day in (1, 2) for n in range(3))

        assert it.run.total == 3

    @pytest.mark.parametrize(("opener", "by", "amount"), [(1, "others", 1), (1, "opener", 1)])
    def test_where_somebody_opens_others_are_all_but_they(self, opener: int, by: Any, amount: int) -> None:
        counting = Counting(fact="paid", by=by)
        it = board(Reach(levels=(9,)), opener=opener, counting=counting, participants=make.participants(reach="opener"))

        it.hear_all([paid(1), paid(2)])

        assert it.run.total == amount

    def test_each_rule_has_its_own_limits(self) -> None:
        counting = (
            Counting(fact="checked_in", most_per_day=1),
            Counting(fact="paid", worth=10, most_per_day=3, most=4),
            Counting(fact="paid", worth=100, measure="people"),
        )
        it = board(Reach(levels=(999,)), counting=counting)

        for day in (1, 2):
            it.hear_all(Fact(f"c{day}{n}", "checked_in", 1, 1, day) for n in range(2))
            it.hear_all(Fact(f"p{day}{n}", "paid", 1, 1, day) for n in range(4))

        assert it.run.total == 2 + 4 * 10 + 100

    def test_an_attempt_that_scores_nothing_is_used_up(self) -> None:
        known = Counting(fact="answered", measure="points", most=2)
        for attempts, total in ((True, 1), (False, 2)):
            it = board(Quiz(levels=(9,)), counting=msgspec.structs.replace(known, attempts=attempts))
            it.hear_all(Fact(f"a{n}", "answered", 1, 1, 1, points=points) for n, points in enumerate((1, 0, 1)))

            assert (it.run.total, it.tallies[1].missed) == (total, int(attempts))

    def test_over_the_run_a_member_has_one_vote(self) -> None:
        participants = make.participants(unit="entry", once_over="run")
        it = board(Vote(), counting=Counting(fact="voted", most=1), participants=participants)

        it.hear_all(Fact(f"v{member}{entry}", "voted", member, entry, 1) for member in (1, 2) for entry in (7, 8))

        assert (it.run.total, it.tallies[7].total) == (2, 2)

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
    Reach(levels=(4, 9), or_units=(2, 4)),
    Fall(by="minutes", levels=(300, 3000), price_bps=(9000, 8000)),
    Streak(levels=(1, 2), every="week"),
    Quiz(levels=(1, 4), near=0, far=3),
    Haggle(floor_bps=5000, rounds=3),
    Rank(places=(1, 2), by="mean"),
]
FACTS = st.lists(
    st.tuples(
        st.integers(1, 4), st.integers(0, 3), st.integers(1, 12), st.sampled_from(["leek", "kale", "1", "3"]),
        st.sampled_from([0, 0, 1, 2]),
    ),
    max_size=14,
)  # fmt: skip
COUNTING = st.lists(
    st.builds(
        Counting,
        fact=st.sampled_from(["paid", "paid", "collected"]),
        measure=st.sampled_from(["times", "units", "people", "days", "points", "minutes", "nearness"]),
        by=st.sampled_from(["anybody", "anybody", "others"]),
        most_per_day=st.sampled_from([None, 1, 2]),
        most=st.sampled_from([None, 2]),
        attempts=st.booleans(),
        into=st.sampled_from(["sum", "sum", "base"]),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


Drawn = list[tuple[int, int, int, str, int]]
Countings = tuple[Counting, ...]


def many(progress: Progress, *rewards: Reward, **others: Any) -> Board:
    """For facts of many days: it began on the last of them, so that minutes stay few."""
    return board(progress, *rewards, began=12 * DAY, **others)


def facts_of(drawn: Drawn) -> list[Fact]:
    """In the order of their days, as a log has them."""
    return [
        Fact(
            f"order:{number}",
            "collected" if units == 2 else "paid",
            member,
            unit or member,
            on,
            minute=60 * units,
            units=units,
            fen=units,
            points=units,
            of=(kind,),
            nonce="n",
        )
        for number, (member, units, on, kind, unit) in enumerate(sorted(drawn, key=lambda one: one[2]))
    ]


@given(st.sampled_from(PROGRESSES), COUNTING, FACTS)
def test_nothing_is_given_twice_or_taken_twice(progress: Progress, counting: Countings, drawn: Drawn) -> None:
    it = many(progress, TEN, TWENTY, counting=counting)
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
    held_now: Counter[tuple[int, int]] = Counter()
    for (unit, reward, _), times in held.items():
        held_now[unit, reward] += times
    given_now = {(tally.unit, reward): n for tally in it.tallies.values() for reward, n in enumerate(tally.given)}
    for (unit, reward), times in given_now.items():
        assert held_now[unit, reward] == times


@given(st.sampled_from(PROGRESSES), COUNTING, FACTS)
def test_hearing_a_fact_again_changes_nothing(progress: Progress, counting: Countings, drawn: Drawn) -> None:
    once, twice = (many(progress, TEN, TWENTY, counting=counting) for _ in range(2))
    facts = facts_of(drawn)

    once.hear_all(facts)
    twice.hear_all([fact for fact in facts for _ in range(2)])

    assert once.state() == twice.state()


@given(st.sampled_from(PROGRESSES), COUNTING, FACTS, st.data())
def test_what_is_withdrawn_never_was(
    progress: Progress, counting: Countings, drawn: Drawn, data: st.DataObject
) -> None:
    facts = facts_of(drawn)
    gone = set(data.draw(st.lists(st.sampled_from([fact.id for fact in facts]), unique=True))) if facts else set()
    it, never = (many(progress, TEN, TWENTY, counting=counting) for _ in range(2))

    it.hear_all(facts)
    for fact_id in sorted(gone):
        it.withdraw(fact_id)
    never.hear_all(fact for fact in facts if fact.id not in gone)

    if not (isinstance(progress, Draw) and any(prize.stock for prize in progress.prizes)):
        assert it.state() == never.state()
    assert it.run.total == never.run.total


@given(st.sampled_from(PROGRESSES), COUNTING, FACTS, st.sampled_from(["", "2"]))
def test_what_is_kept_survives_being_stored(progress: Progress, counting: Countings, drawn: Drawn, answer: str) -> None:
    live, stored = (many(progress, TEN, TWENTY, counting=counting, answer=answer) for _ in range(2))

    for fact in facts_of(drawn):
        live.hear(fact)
        stored.hear(fact)
        stored.run = _stored(stored.run, Run)
        stored.tallies = {unit: _stored(tally, Tally) for unit, tally in stored.tallies.items()}
        stored.persons = {key: _stored(person, Person) for key, person in stored.persons.items()}

    assert live.state() == stored.state()
    assert live.end("2") == stored.end("2")


def _stored(kept: Any, kind: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(kept), type=kind)


def is_sound(counting: Countings) -> bool:
    return not any(contradictions.countings(make.definition(Vote(), counts=counting)))


@given(COUNTING.map(lambda counting: counting[:1]).filter(is_sound), FACTS, st.data())
def test_over_the_run_what_is_withdrawn_makes_room_for_what_comes_and_for_nothing_that_was_refused(
    counting: Countings, drawn: Drawn, data: st.DataObject
) -> None:
    participants = make.participants(once_over="run")
    it, never = (many(Vote(), counting=counting, participants=participants) for _ in range(2))
    counted = []
    for fact in facts_of(drawn):
        before = dict(it.persons)
        it.hear(fact)
        if it.persons != before:
            counted.append(fact)
    gone = set(data.draw(st.lists(st.sampled_from([fact.id for fact in counted]), unique=True))) if counted else set()

    for fact_id in sorted(gone):
        it.withdraw(fact_id)
    never.hear_all(fact for fact in counted if fact.id not in gone)

    assert it.state() == never.state()


@given(st.sampled_from(PROGRESSES), COUNTING, FACTS, st.integers(1, 3))
def test_no_rule_hears_a_member_more_often_than_it_may(
    progress: Progress, counting: Countings, drawn: Drawn, most: int
) -> None:
    limited = tuple(msgspec.structs.replace(one, most=most, most_per_day=1) for one in counting)
    it = many(progress, counting=limited)

    it.hear_all(facts_of(drawn))

    for person in it.persons.values():
        assert all(often.times <= most and often.today <= 1 for often in person.rules)
        assert len(person.rules) in ((0, len(counting)) if len(counting) > 1 else (0,))
