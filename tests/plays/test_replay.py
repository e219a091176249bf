"""Laws of plays that run, over whatever happens to orders: what is stored is what the log says, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.leaders.types import PointView
from lintuan.plays import commands, queries
from lintuan.plays.engine import facts
from lintuan.plays.engine.board import Board
from lintuan.plays.engine.definition import Definition, Limits, Participants, Trigger
from lintuan.plays.engine.facts import Fact, Person, Tally
from lintuan.plays.engine.interpreter import Play
from lintuan.plays.engine.progress import Collect, Draw, Fall, First, Prize, Reach, Streak
from lintuan.plays.engine.rewards import Coupon, Goods, Points, Price
from lintuan.plays.events import RewardGiven, RewardTaken
from lintuan.plays.models import Budget, Grant, Heard, Purse, Run
from lintuan.plays.models import Person as PersonRow
from lintuan.plays.models import Tally as TallyRow
from lintuan.plays.playbook import with_tickets
from lintuan.plays.spending import ALL_DAYS, Line, lines_of
from lintuan.plays.types import Bought, CampaignView, Happening
from tests.make import campaigns as make
from tests.make import leaders, members, plays
from tests.make.provinces import HUBEI, province
from tests.ordering.log import announced

pytestmark = pytest.mark.django_db

ONCE = Trigger(kind="paid")
EGGS = Goods(sku="eggs", worth_fen=300)


def plays_of_every_kind() -> list[Definition]:
    """Tight in budget, stock and places, so that a few orders meet their ends."""
    prizes = (Prize(name=plays.text(), odds_ppm=400_000, stock=2), Prize(name=plays.text(), odds_ppm=300_000))
    coupon, points = Coupon(off_fen=200), Points(points=30, worth_fen_per_100=100)
    tight = Limits(budget_fen=900, day_budget_fen=700, leader_budget_fen=500)
    progresses: list[tuple[Any, list[Any], dict[str, Any]]] = [
        (Reach(levels=(1000,), of="unit", again=True), [coupon],
         {"counts": (plays.counting("paid", "fen"),), "limits": msgspec.structs.replace(tight, per_member=3)}),
        (Draw(prizes=prizes), [coupon, Coupon(off_fen=300, level=1)], {"limits": tight}),
        (Reach(levels=(2, 4)), [coupon, Coupon(off_fen=100, level=1)],
         {"counts": (plays.counting("paid", "people"),), "limits": tight}),
        (First(places=2), [EGGS], {"limits": Limits(budget_fen=900, stock=2)}),
        (Collect(levels=(2, 3)), [points, Points(points=50, level=1)],
         {"counts": (plays.counting("paid", "kinds"),), "limits": Limits(budget_fen=2_000)}),
        (Streak(levels=(2,), again=True), [coupon], {"limits": Limits(budget_fen=5_000)}),
        (Fall(by="count", levels=(1, 3), price_bps=(9_000, 8_000)),
         [Price(price_bps=9_000, most_fen=100), Price(price_bps=8_000, most_fen=200, level=1)], {"limits": tight}),
    ]  # fmt: skip
    return [
        plays.definition(
            progress, rewards, code=f"play-{number}", trigger=ONCE,
            **{"participants": Participants(reach="province" if number % 2 else "point"), **others},
        )
        for number, (progress, rewards, others) in enumerate(progresses)
    ]  # fmt: skip


class Deed(Struct, frozen=True):
    """What becomes of an order: one is paid, or the `at`th is heard of again, withdrawn or corrected to another sum.

    One that `waits` is heard of together with the next.
    """

    do: str
    who: int = 0
    fen: int = 0
    sku: int = 1
    point: int = 0
    day: int = 0
    waits: bool = False
    at: int = 0


SOME = st.integers(0, 5)
FEN = st.integers(1, 4).map(lambda times: times * 500)
PAID: dict[str, st.SearchStrategy[Any]] = {
    "do": st.just("paid"), "who": st.integers(0, 3), "fen": FEN, "sku": st.integers(1, 3), "point": st.integers(0, 1),
    "day": st.integers(0, 3),
}  # fmt: skip
TOGETHER = st.builds(Deed, **PAID, waits=st.booleans())
LATER = st.builds(Deed, st.sampled_from(["again", "withdraw", "correct"]), fen=FEN, at=SOME)


def deeds(paid: st.SearchStrategy[Deed]) -> st.SearchStrategy[list[Deed]]:
    return st.lists(st.one_of(paid, paid, paid, LATER), min_size=1, max_size=14)


laws = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Town:
    """Members and points, plays that run, and every order so far; beside it each run in memory, told the same."""

    def __init__(self) -> None:
        self.points: Sequence[PointView] = leaders.points(2)
        self.people: Sequence[Caller] = members.members(4)
        where = {"goods": {"eggs": 9}, "point_ids": [point.id for point in self.points]}
        running = [make.running(play, **where) for play in plays_of_every_kind()]
        self.campaigns: dict[int, CampaignView] = {one.id: one for one in running}
        # Or each example would draw by other seeds.
        commands.begin_runs(SYSTEM, province_id=HUBEI)
        group = make.running(make.group(size=2))
        self.campaigns[group.id] = group
        leaders.choose(self.people[0], self.points[0])
        self.group_run = commands.open_run(self.people[0], province_id=HUBEI, campaign_id=group.id)
        self.began = clock.now()
        self.forget()

    def forget(self) -> None:
        self.orders: list[Happening] = []
        self.gone: set[int] = set()
        self.waiting: list[int] = []
        self.boards: dict[int, Board] = {}

    @contextmanager
    def evening(self) -> Iterator[None]:
        """What happens in the block is as if it had never happened."""
        self.forget()
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    def live(self, deed: Deed) -> None:
        if deed.do == "paid":
            at = self.began + timedelta(days=deed.day, minutes=len(self.orders))
            self.orders.append(
                make.paid(
                    self.people[deed.who], deed.fen, point=self.points[deed.point], sku_id=deed.sku, at=at,
                    run_id=self.group_run, nonce=f"phone-{deed.who}",
                )
            )  # fmt: skip
            self.waiting.append(len(self.orders) - 1)
            if not deed.waits:
                self._hear(self.waiting)
                self.waiting = []
        elif deed.at in self.waiting:
            return
        elif deed.at < len(self.orders):
            {
                "again": lambda at: self._hear([at]),
                "withdraw": self.withdraw,
                "correct": lambda at: self._correct(at, deed.fen),
            }[deed.do](deed.at)

    def _hear(self, several: Sequence[int]) -> None:
        make.hear(*(self.orders[at] for at in several))
        self.gone -= set(several)
        self._tell_boards({self.orders[at].key for at in several})

    def withdraw(self, at: int) -> None:
        make.withdraw(self.orders[at])
        self.gone.add(at)
        for board in self.boards.values():
            board.withdraw(self.orders[at].key)

    def _correct(self, at: int, fen: int) -> None:
        """A part of it went back."""
        order = self.orders[at]
        fen = min(fen, order.lines[0].fen)
        self.orders[at] = replace(order, lines=(Bought(order.lines[0].sku_id, 1, fen),))
        commands.correct(SYSTEM, province_id=HUBEI, happenings=(self.orders[at],))
        if at not in self.gone:
            for board in self.boards.values():
                board.withdraw(order.key)
            self._tell_boards({order.key})

    def _tell_boards(self, keys: Collection[str]) -> None:
        for row in Heard.objects.filter(key__in=keys, is_withdrawn=False).order_by("id"):
            self._board(row.run_id).hear(msgspec.convert(row.body, Fact))

    def _board(self, run_id: int) -> Board:
        if run_id not in self.boards:
            self.boards[run_id] = fresh_board(Run.objects.get(id=run_id), self.campaigns)
        return self.boards[run_id]


def fresh_board(row: Run, campaigns: dict[int, CampaignView]) -> Board:
    play = Play(with_tickets(campaigns[row.campaign_id].definition))
    began = msgspec.convert(row.body, facts.Run).began
    return Board(play, play.run(row.id, bytes(row.seed), began=began), opener=row.opener_id)


def stored(row: Run) -> tuple[facts.Run, dict[int, Tally], dict[tuple[int, int], Person]]:
    """A run as the tables have it, in the form of `Board.state`; `fresh_board` gave it its id."""
    tallies = [msgspec.convert(body, Tally) for body in TallyRow.objects.filter(run=row).values_list("body", flat=True)]
    persons = [
        msgspec.convert(body, Person) for body in PersonRow.objects.filter(run=row).values_list("body", flat=True)
    ]
    bare = Tally(0)
    return (
        replace(msgspec.convert(row.body, facts.Run), id=row.id),
        {one.unit: one for one in tallies if replace(one, unit=0, is_opener=False) != bare},
        {(one.unit, one.member): one for one in persons if one.times},
    )


@pytest.fixture
def town(clock_at: Callable[[str], datetime]) -> Town:
    clock_at("2026-11-20T18:00+08:00")
    province()
    town = Town()
    clock_at("2026-11-20T19:00+08:00")
    return town


def test_what_is_stored_is_what_the_engine_makes_of_the_same_history(town: Town) -> None:
    @laws
    @given(deeds(TOGETHER))
    def law(lived: list[Deed]) -> None:
        with town.evening():
            for deed in lived:
                town.live(deed)
                for row in Run.objects.all():
                    if row.id in town.boards:
                        assert stored(row) == town.boards[row.id].state()

    law()


def test_the_log_alone_brings_back_every_run_that_nothing_was_withdrawn_from(town: Town) -> None:
    @laws
    @given(st.lists(TOGETHER, min_size=1, max_size=14))
    def law(lived: list[Deed]) -> None:
        with town.evening():
            for deed in lived:
                town.live(deed)
            for row in Run.objects.all():
                board = fresh_board(row, town.campaigns)
                board.hear_all(queries.log_of_run(HUBEI, row.id))
                assert stored(row) == board.state()

    law()


def test_rewards_are_those_that_are_due_and_each_is_given_once(town: Town) -> None:
    @laws
    @given(deeds(TOGETHER))
    def law(lived: list[Deed]) -> None:
        with town.evening():
            for deed in lived:
                town.live(deed)
                require_due(town)

    law()


def require_due(town: Town) -> None:
    due = Counter(
        (row.run_id, tally.unit, reward, nth)
        for row in TallyRow.objects.all()
        for tally in [msgspec.convert(row.body, Tally)]
        for reward, times in enumerate(tally.given)
        for nth in range(times)
    )
    rows = list(Grant.objects.exclude(state="taken"))
    assert Counter((row.run_id, row.unit, row.reward, row.nth) for row in rows) == due
    told = Counter(event.grant_id for event in announced(RewardGiven))
    told.subtract(event.grant_id for event in announced(RewardTaken))
    assert {grant_id: times for grant_id, times in told.items() if times} == {
        row.id: 1 for row in rows if row.state == "given"
    }
    purses = {row.member_id: row.points for row in Purse.objects.all() if row.points}
    points = Counter[int]()
    for row in rows:
        points[row.member_id] += row.points * (row.state == "given")
    assert purses == {member: count for member, count in points.items() if count}


def test_budgets_hold_what_was_given_and_never_more_than_they_may(town: Town) -> None:
    @laws
    @given(deeds(TOGETHER))
    def law(lived: list[Deed]) -> None:
        with town.evening():
            for deed in lived:
                town.live(deed)
            held = Counter[Line]()
            for row in Grant.objects.filter(state__in=("given", "held", "used")):
                campaign = town.campaigns[row.campaign_id]
                reward = campaign.definition.rewards[row.reward]
                held.update(lines_of(campaign, reward, leader_id=row.leader_id, on=row.given_on, cost=row.cost.fen))
            rows = {Line(row.campaign_id, row.kind, row.subject, row.on_day): row for row in Budget.objects.all()}
            assert {line: row.spent for line, row in rows.items() if row.spent} == dict(held)
            assert all(row.spent <= row.most for row in rows.values())
            assert {line.on_day for line in rows if line.kind == "play"} <= {ALL_DAYS}

    law()


def test_when_every_order_is_withdrawn_nothing_is_left(town: Town) -> None:
    @laws
    @given(deeds(TOGETHER), st.booleans())
    def law(lived: list[Deed], at_once: bool) -> None:
        with town.evening():
            for deed in lived:
                town.live(deed)
            if at_once:
                make.withdraw(*reversed(town.orders))
            for at in range(len(town.orders)):
                town.withdraw(at)

            assert set(Grant.objects.values_list("state", flat=True)) <= {"taken"}
            assert not Budget.objects.exclude(spent=0).exists()
            assert not Purse.objects.exclude(points=0).exists()
            for row in Run.objects.all():
                run, tallies, _ = stored(row)
                assert (run.total, run.seats, run.level, tallies) == (0, 0, 0, {})
                assert run.prizes_left == fresh_board(row, town.campaigns).run.prizes_left

    law()


def test_what_is_given_and_gone_again_in_one_batch_was_never_given(town: Town) -> None:
    fall = next(one for one in town.campaigns.values() if isinstance(one.definition.progress, Fall))
    orders = [make.paid(one, 1000, point=town.points[0]) for one in town.people[:3]]

    make.hear(*orders)

    assert list(Grant.objects.filter(campaign_id=fall.id).values_list("reward", flat=True)) == [1, 1, 1]


def test_what_was_denied_and_is_not_due_any_more_can_be_earned(town: Town) -> None:
    first = next(one for one in town.campaigns.values() if isinstance(one.definition.progress, First))
    play = replace(first.definition, code="narrow", limits=Limits(budget_fen=300, stock=1))
    narrow = make.running(play, goods={"eggs": 9})
    lin, wang = town.people[:2]
    early, late = (make.paid(one, 1000, point=town.points[0]) for one in (lin, wang))
    make.hear(early)
    make.hear(late)
    assert make.grants(campaign_id=narrow.id) == [(lin.id, "goods", "given"), (wang.id, "goods", "denied")]

    make.withdraw(early, late)
    make.hear(make.paid(wang, 1000, point=town.points[0]))

    assert make.grants(campaign_id=narrow.id) == [(lin.id, "goods", "taken"), (wang.id, "goods", "given")]


def test_weeks_of_a_streak_begin_on_monday(town: Town, clock_at: Callable[[str], datetime]) -> None:
    weekly = plays.definition(Streak(levels=(2,), every="week"), [], code="weekly", trigger=ONCE)
    campaign = make.running(weekly)

    # A Saturday and the Sunday after it, then Monday.
    for day, streak in (("21", 1), ("22", 1), ("23", 2)):
        clock_at(f"2026-11-{day}T19:00+08:00")
        make.hear(make.paid(town.people[0], point=town.points[0]))
        (row,) = TallyRow.objects.filter(run__campaign=campaign.id)
        assert msgspec.convert(row.body, Tally).streak == streak
