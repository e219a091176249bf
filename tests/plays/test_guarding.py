"""What the product knows of members who may be one, and what waits for a person because of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.leaders.types import PointView
from lintuan.members import commands as member_commands
from lintuan.plays import commands, queries
from lintuan.plays.engine.definition import Definition, Limits, Participants, Trigger
from lintuan.plays.engine.progress import Reach
from lintuan.plays.engine.rewards import Cash, Coupon
from lintuan.plays.guarding import Claim, is_foreseen, suspicions
from lintuan.plays.marking import MARK_LIFE
from lintuan.plays.models import Companion, Grant, NewcomerMark
from lintuan.plays.papers import counter_code
from lintuan.plays.types import CampaignView, Deed, Happening
from tests.make import campaigns as make
from tests.make import leaders, members, plays
from tests.make.provinces import HUBEI, province

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
ONCE = Reach(levels=(1,), of="unit")


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at("2026-11-20T19:00+08:00")
    province()


@pytest.fixture
def point() -> PointView:
    return leaders.point()


def a_play(fen: int = 500, **others: object) -> Definition:
    """Money for an order."""
    return plays.definition(ONCE, [Cash(fen=fen)], **{"limits": Limits(budget_fen=1_000_000), **others})


def for_newcomers(**others: object) -> Definition:
    """A coupon for the first order, once per person."""
    fields = {
        "code": "hello",
        "participants": Participants(reach="point", who="newcomers"),
        "counts": (plays.counting("paid", first_order=True),),
        "limits": Limits(budget_fen=1_000_000, once_for_newcomers=True),
        **others,
    }
    return plays.definition(ONCE, [Coupon(off_fen=500)], **fields)


def invitation() -> Definition:
    """Money for each neighbour who is brought."""
    return plays.definition(
        Reach(levels=(1,), of="unit", again=True),
        [Cash(fen=500)],
        code="bring",
        trigger=Trigger(kind="newcomer"),
        participants=Participants(reach="province"),
        counts=(plays.counting("arrived", "people", first_order=True),),
        limits=Limits(budget_fen=1_000_000, once_for_newcomers=True),
    )


def arrive(campaign: CampaignView, newcomer: Caller, inviter: Caller) -> None:
    commands.act(newcomer, province_id=HUBEI, deed=Deed(campaign_id=campaign.id, kind="arrived", unit=inviter.id))


def states(*people: Caller) -> list[str]:
    ids = [one.id for one in people]
    rows = Grant.objects.filter(member_id__in=ids).order_by("id")
    found = {row.member_id: row.state for row in rows}
    return [found[one] for one in ids]


def first_order(member: Caller, point: PointView, **given: int) -> Happening:
    return make.paid(member, point=point, is_first_order=True, **given)


def test_a_ring_of_accounts_on_one_device_is_held_from_the_third_on(point: PointView) -> None:
    make.running(a_play())
    ring = members.members(4)
    members.on_device("one-phone", *ring)

    for member in ring:
        make.hear(make.paid(member, point=point))

    assert states(*ring) == ["given", "given", "held", "held"]
    held = Grant.objects.get(member_id=ring[2].id)
    assert [(one["rule"], bool(one["zh"]), bool(one["en"])) for one in held.why] == [("device", True, True)]


def test_a_ring_is_seen_within_one_batch_too(point: PointView) -> None:
    make.running(a_play())
    ring, others = members.members(4), members.members(3)
    members.on_device("one-phone", *ring)
    for number, other in enumerate(others):
        members.on_device(f"own-{number}", other)

    make.hear(*(make.paid(member, point=point) for member in (*ring, *others)))

    assert states(*ring) == ["given", "given", "held", "held"]
    assert states(*others) == ["given"] * 3


def test_a_family_of_four_on_one_device_that_shares_a_basket_is_not_held(point: PointView) -> None:
    make.running(a_play())
    family = members.members(5)
    members.on_device("tablet", *family)
    pairs = tuple((7, one.id) for one in family)
    commands.note_companions(SYSTEM, province_id=HUBEI, sale_on=clock.now().date(), companions=pairs)

    for member in family:
        make.hear(make.paid(member, point=point))

    # The fifth account of a household on one device is more than families are.
    assert states(*family) == ["given"] * 4 + ["held"]


def test_neighbours_without_a_mark_are_never_held(point: PointView) -> None:
    make.running(a_play())
    village = members.members(6)

    make.hear(*(make.paid(member, point=point) for member in village))

    assert states(*village) == ["given"] * 6


@pytest.mark.parametrize(("fen", "state"), [(100, "given"), (101, "held")])
def test_what_is_worth_little_does_not_wait(point: PointView, fen: int, state: str) -> None:
    make.running(a_play(fen))
    ring = members.members(3)
    members.on_device("one-phone", *ring)

    make.hear(*(make.paid(member, point=point) for member in ring))

    assert states(*ring)[2] == state


def test_other_plays_rewards_do_not_count(point: PointView) -> None:
    ring = members.members(3)
    members.on_device("one-phone", *ring)

    for number, member in enumerate(ring):
        make.running(a_play(code=f"play-{number}"), sku_ids=[number + 1])
        make.hear(make.paid(member, point=point, sku_id=number + 1))

    assert states(*ring) == ["given"] * 3


def test_who_brings_themselves_on_the_same_device_waits(point: PointView) -> None:
    campaign = make.running(invitation())
    lin, second, stranger = members.members(3)
    members.on_device("one-phone", lin, second)
    for member in (lin, second, stranger):
        leaders.choose(member, point)

    arrive(campaign, stranger, lin)
    arrive(campaign, second, lin)

    assert make.grants(member_id=lin.id) == [(lin.id, "cash", "given"), (lin.id, "cash", "held")]
    (held,) = Grant.objects.filter(state="held")
    assert {one["rule"] for one in held.why} == {"device", "circle"}


def test_too_many_brought_within_an_hour_wait(point: PointView) -> None:
    campaign = make.running(invitation())
    lin, *crowd = members.members(12)

    for newcomer in crowd:
        leaders.choose(newcomer, point)
        arrive(campaign, newcomer, lin)

    assert [state for *_, state in make.grants(member_id=lin.id)] == ["given"] * 9 + ["held"] * 2
    assert [one["rule"] for one in Grant.objects.filter(state="held").order_by("id")[0].why] == ["velocity"]


def test_a_newcomer_who_comes_back_under_another_account_waits(point: PointView) -> None:
    make.running(for_newcomers(), sku_ids=[1])
    phone = members.phone()
    first = members.member(phone_number=phone)
    members.on_device("own", first)
    make.hear(first_order(first, point))
    member_commands.forget_member(first, province_id=HUBEI, member_id=first.id)
    catch_up(Horizon.OWN)

    # In another play of the province, with the same phone on the same device.
    make.running(for_newcomers(code="welcome"), sku_ids=[2])
    again, honest = members.member(phone_number=phone), members.member()
    members.on_device("own", again)
    members.on_device("other", honest)
    make.hear(first_order(again, point, sku_id=2), first_order(honest, point, sku_id=2))

    assert states(again, honest) == ["held", "given"]
    assert [one["rule"] for one in Grant.objects.get(member_id=again.id).why] == ["phone", "device"]


def test_a_mark_of_whoever_is_forgotten_leads_to_nobody_and_goes_in_time(point: PointView, clock_at: Clock) -> None:
    make.running(for_newcomers())
    lin = members.member()
    members.on_device("own", lin)
    make.hear(first_order(lin, point))
    commands.note_companions(SYSTEM, province_id=HUBEI, sale_on=clock.now().date(), companions=((7, lin.id),))
    assert len(queries.newcomer_marks(lin)) == 1

    member_commands.forget_member(lin, province_id=HUBEI, member_id=lin.id)
    catch_up(Horizon.OWN)

    assert queries.newcomer_marks(lin) == []
    row = NewcomerMark.objects.get()
    assert (row.member_id, row.campaign_id, row.run_id, row.unit) == (0, 0, 0, 0)
    assert len(row.phone) == len(row.device) == 64
    assert not Companion.objects.exists()
    clock_at((row.marked_at + MARK_LIFE).isoformat())
    assert commands.drop_marks(SYSTEM, province_id=HUBEI) == 0
    clock_at((row.marked_at + 2 * MARK_LIFE).isoformat())
    assert commands.drop_marks(SYSTEM, province_id=HUBEI) == 1


def test_a_newcomer_has_a_play_once_but_other_plays_too(point: PointView, clock_at: Clock) -> None:
    daily = Trigger(kind="newcomer", every="day")
    scans = make.running(for_newcomers(trigger=daily, counts=(plays.counting("scanned", most=1),)))
    make.running(for_newcomers(code="welcome"))
    lin = members.member()
    leaders.choose(lin, point)

    for day in ("2026-11-20T19:30+08:00", "2026-11-21T19:30+08:00"):
        clock_at(day)
        commands.act(
            lin, province_id=HUBEI, deed=Deed(campaign_id=scans.id, kind="scanned", code=counter_code(scans, point.id))
        )
    make.hear(first_order(lin, point))

    assert [row.state for row in Grant.objects.order_by("id")] == ["given", "denied", "given"]


def test_a_first_order_that_was_cancelled_was_none(point: PointView, clock_at: Clock) -> None:
    make.running(for_newcomers(trigger=Trigger(kind="newcomer", every="day")))
    lin = members.member()
    order = first_order(lin, point)
    make.hear(order)
    make.withdraw(order)
    clock_at("2026-11-21T19:30+08:00")

    make.hear(first_order(lin, point))

    assert [row.state for row in Grant.objects.order_by("id")] == ["taken", "given"]


@pytest.mark.parametrize(
    ("play", "shares", "most"), [(a_play(), False, 1), (a_play(), True, 4), (for_newcomers(), True, 8)]
)
def test_a_batch_of_any_size_takes_the_same_few_statements(
    point: PointView, play: Definition, shares: bool, most: int
) -> None:
    campaign = make.running(play)
    crowd = members.members(40)
    for number, member in enumerate(crowd):
        members.on_device(f"of-{number // 2 if shares else number}", member)
    make.hear(*(first_order(member, point) for member in crowd))
    NewcomerMark.objects.all().delete()
    run_id = make.only_run().id

    def asked(count: int) -> int:
        claims = [Claim(campaign, run_id, one.id, one.id, 500) for one in crowd[:count]]
        with CaptureQueriesContext(connection) as seen:
            suspicions(HUBEI, claims, clock.now())
        return len(seen)

    few = asked(4)
    NewcomerMark.objects.all().delete()
    assert few == asked(40) <= most


def test_three_who_bring_each_other_in_a_circle_wait(point: PointView) -> None:
    campaign = make.running(invitation())
    one, two, three = members.members(3)
    for member in (one, two, three):
        leaders.choose(member, point)

    arrive(campaign, two, one)
    arrive(campaign, three, two)
    arrive(campaign, one, three)

    assert states(one, two, three) == ["given", "given", "held"]
    assert [line["rule"] for line in Grant.objects.get(state="held").why] == ["circle"]


def test_what_would_be_held_is_foreseen_and_foreseeing_keeps_nothing(point: PointView) -> None:
    campaign = make.running(a_play())
    ring = members.members(3)
    members.on_device("one-phone", *ring)
    orders = [make.paid(member, point=point) for member in ring]

    def foreseen() -> list[bool]:
        return [is_foreseen(campaign, order, run_id=0, fen=500) for order in orders]

    assert foreseen() == [False, False, False]
    make.hear(*orders[:2])
    # The two who have it already would have it again, each beside one other.
    assert foreseen() == [False, False, True]
    assert not is_foreseen(campaign, orders[2], run_id=0, fen=100)


def test_a_newcomer_who_comes_back_is_foreseen(point: PointView) -> None:
    campaign, phone = make.running(for_newcomers()), members.phone()
    first = members.member(phone_number=phone)
    members.on_device("own", first)
    make.hear(first_order(first, point))
    member_commands.forget_member(first, province_id=HUBEI, member_id=first.id)
    catch_up(Horizon.OWN)
    again, honest = members.member(phone_number=phone), members.member()
    members.on_device("own", again)

    assert is_foreseen(campaign, first_order(again, point), run_id=0, fen=500)
    assert not is_foreseen(campaign, make.paid(again, point=point), run_id=0, fen=500)
    assert not is_foreseen(campaign, first_order(honest, point), run_id=0, fen=500)
    assert NewcomerMark.objects.count() == 1
