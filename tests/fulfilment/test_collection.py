"""At the pickup point: signing, codes, handing out, and what nobody fetched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.errors import (
    CodeUnknown,
    CollectedAlready,
    CollectionOver,
    MoreThanSent,
    NotDelivered,
    SignedAlready,
)
from lintuan.fulfilment.models import Drop, Pickup
from lintuan.fulfilment.types import CollectionEnd, Discrepancy, DropState, DueLine, PickupState
from lintuan.kernel.callers import NOBODY, SYSTEM
from lintuan.kernel.errors import Forbidden, NotFound, SignInNeeded, TooMany
from lintuan.kernel.models import EventRecord
from lintuan.ordering.commands import edit_order
from lintuan.ordering.types import State
from lintuan.payments import queries as payments
from lintuan.provinces.types import Terms
from tests.make import fulfilment as make
from tests.make import leaders, members, ordering, pricing, provinces
from tests.make.ordering import EVENING, SALE_ON
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(clock_at):
    clock_at(EVENING)
    made = leaders.point()
    make.network([made])
    return made


def collect(code: str, caller, key: str | None = None) -> int:
    return commands.collect(caller, province_id=HUBEI, code=code, key=key)


def wrong_code(*taken: str) -> str:
    return next(code for code in ("000000", "000001", "000002") if code not in taken)


def bodies(name: str) -> list[dict]:
    return list(EventRecord.objects.filter(name=f"fulfilment.{name}").order_by("id").values_list("body", flat=True))


def test_signing_for_everything_gives_each_member_one_code(clock_at, point):
    kale, rice = pricing.offers(2)
    buyer = members.member()
    one, other = make.buy(point, (kale, 3), member=buyer), make.buy(point, (kale, 1), (rice, 2), member=buyer)
    neighbour = make.buy(point, (rice, 1))

    make.signed(clock_at)

    assert Pickup.objects.count() == 2
    mine = make.pickup(one)
    assert mine == make.pickup(other)
    assert mine.lines == (DueLine(kale.sku_id, 4), DueLine(rice.sku_id, 2))
    assert make.pickup(neighbour).code != mine.code
    (event,) = bodies("DropSigned")
    assert (event["sent"], event["short"], event["damaged"]) == (7, 0, 0)


def test_short_and_damaged_goods_are_cut_by_their_causes(clock_at, point):
    kale = pricing.offer(100)
    early, late = make.buy(point, (kale, 6)), make.buy(point, (kale, 6))
    make.driven(clock_at)

    make.sign(point, Discrepancy(kale.sku_id, short=2, damaged=1))

    assert [ordering.now(order).lines[0].due for order in (early, late)] == [6, 3]
    cuts = EventRecord.objects.filter(name="ordering.LinesCut").order_by("id").values_list("body", flat=True)
    assert [(body["cause"], body["quantity"]) for body in cuts] == [("short_at_point", 2), ("damaged", 1)]
    totals = make.goods(kale)
    assert (totals.sent, totals.short_at_point, totals.damaged, totals.signed, totals.waiting) == (12, 2, 1, 9, 9)


def test_who_lost_everything_gets_no_code(clock_at, point):
    kale = pricing.offer()
    make.buy(point, (kale, 1))
    unlucky = make.buy(point, (kale, 2))
    make.driven(clock_at)

    make.sign(point, Discrepancy(kale.sku_id, short=2))

    assert queries.pickups_of_member(ordering.buyer_of(unlucky)) == ()
    assert ordering.now(unlucky).state is State.REFUNDED


def test_more_than_was_sent_cannot_be_missing(clock_at, point):
    kale = pricing.offer()
    order = make.buy(point, (kale, 3))
    make.driven(clock_at)

    with pytest.raises(MoreThanSent):
        make.sign(point, Discrepancy(kale.sku_id, short=2, damaged=2))

    assert make.drop(point).state is DropState.DELIVERED
    assert ordering.now(order).lines[0].due == 3


def test_a_drop_is_signed_for_once_and_only_after_delivery(clock_at, point):
    make.buy(point, (pricing.offer(), 3))
    make.routed(clock_at)
    with pytest.raises(NotDelivered):
        make.sign(point)
    make.drive(clock_at)

    assert make.sign(point, key="k") == make.sign(point, key="k")

    with pytest.raises(SignedAlready):
        make.sign(point)
    assert Pickup.objects.count() == len(bodies("DropSigned")) == 1


def test_only_the_points_own_leader_or_staff_sign(clock_at, point):
    make.buy(point, (pricing.offer(), 3))
    make.driven(clock_at)
    drop_id = make.drop(point).id
    drivers = provinces.staff("fulfilment.drive")

    for stranger in (leaders.leader_of(leaders.point()), members.member(), drivers):
        with pytest.raises(NotFound):
            commands.sign_drop(stranger, province_id=HUBEI, drop_id=drop_id)
    with pytest.raises(SignInNeeded):
        commands.sign_drop(NOBODY, province_id=HUBEI, drop_id=drop_id)

    staff = provinces.staff("fulfilment.edit", phone="13900000002")
    assert commands.sign_drop(staff, province_id=HUBEI, drop_id=drop_id) == drop_id


def test_a_code_is_good_from_signing_on_and_once(clock_at, point):
    buyer = members.member()
    kale = pricing.offer(100)
    orders = [make.buy(point, (kale, 1), member=buyer), make.buy(point, (kale, 2), member=buyer)]
    make.signed(clock_at)
    code, leader = make.pickup(orders[0]).code, leaders.leader_of(point)

    pickup_id = collect(code, leader, key="k")

    assert collect(code, leader, key="k") == pickup_id
    assert [ordering.now(order).state for order in orders] == [State.COLLECTED, State.COLLECTED]
    with pytest.raises(CollectedAlready) as refused:
        collect(code, leader)
    assert str(refused.value.facts["at"]).startswith("2026-11-21T07:30")
    assert [body["pickup_id"] for body in bodies("PickupCollected")] == [pickup_id]


def test_a_code_of_another_point_is_as_unknown_as_one_of_no_point(clock_at, point):
    order = make.buy(point, (pricing.offer(), 1))
    make.signed(clock_at)
    code = make.pickup(order).code
    other = leaders.leader_of(leaders.point())

    with pytest.raises(CodeUnknown) as elsewhere:
        collect(code, other)
    with pytest.raises(CodeUnknown) as nowhere:
        collect(wrong_code(code), other)

    assert elsewhere.value.facts == nowhere.value.facts
    assert str(elsewhere.value) == str(nowhere.value)
    assert ordering.now(order).state is State.PAID


def test_after_five_wrong_codes_a_leader_waits_for_the_rest_of_the_minute(clock_at, point):
    order = make.buy(point, (pricing.offer(), 1))
    make.signed(clock_at)
    code, leader = make.pickup(order).code, leaders.leader_of(point)
    for _ in range(5):
        with pytest.raises(CodeUnknown):
            collect(wrong_code(code), leader)

    with pytest.raises(TooMany) as refused:
        collect(code, leader)

    assert 59 <= int(str(refused.value.facts["seconds"])) <= 60
    clock_at("2026-11-21T15:31+08:00")
    assert collect(code, leader)


def test_after_forty_wrong_codes_in_a_day_a_leader_waits_for_an_hour_and_staff_hear_of_it(clock_at, point):
    order = make.buy(point, (pricing.offer(), 1))
    make.signed(clock_at)
    code, leader = make.pickup(order).code, leaders.leader_of(point)
    for number in range(40):
        clock_at(f"2026-11-21T16:{number // 4:02}+08:00")
        with pytest.raises(CodeUnknown):
            collect(wrong_code(code), leader)

    clock_at("2026-11-21T16:30+08:00")
    with pytest.raises(TooMany) as refused:
        collect(code, leader)

    assert refused.value.facts["seconds"] == 39 * 60
    (told,) = bodies("CodesGuessed")
    assert (told["leader_id"], told["wrong"]) == (leader.id, 40)
    clock_at("2026-11-21T17:09+08:00")
    assert collect(code, leader)


def test_wrong_codes_are_counted_anew_on_the_next_day(clock_at, point):
    leader = leaders.leader_of(point)
    for day in (21, 22):
        for number in range(39):
            clock_at(f"2026-11-{day}T16:{number // 4:02}+08:00")
            with pytest.raises(CodeUnknown):
                collect("000000", leader)

    assert bodies("CodesGuessed") == []


def test_only_leaders_collect(clock_at, point):
    order = make.buy(point, (pricing.offer(), 1))
    make.signed(clock_at)
    code = make.pickup(order).code

    for stranger in (ordering.buyer_of(order), provinces.staff(), SYSTEM):
        with pytest.raises(Forbidden):
            collect(code, stranger)
    with pytest.raises(SignInNeeded):
        collect(code, NOBODY)


def test_two_pickups_that_wait_with_a_leader_never_share_a_code(clock_at, point):
    kale = pricing.offer()
    orders = [make.buy(point, (kale, 1)) for _ in range(4)]
    make.signed(clock_at)

    codes = [make.pickup(order).code for order in orders]

    assert len(set(codes)) == 4
    assert all(len(code) == 6 and code.isdigit() for code in codes)


def test_what_nobody_fetched_is_unclaimed_and_its_code_is_over(clock_at, point):
    kale = pricing.offer(100)
    fetched, left = make.buy(point, (kale, 1)), make.buy(point, (kale, 2))
    make.signed(clock_at)
    make.hand_out(fetched)
    clock_at(make.UNCLAIMED)

    assert commands.close_unclaimed(SYSTEM, province_id=HUBEI, sale_on=SALE_ON) == CollectionEnd(1, 0)

    assert [ordering.now(order).state for order in (fetched, left)] == [State.COLLECTED, State.UNCLAIMED]
    assert ordering.now(left).refunded.fen == 0
    with pytest.raises(CollectionOver):
        make.hand_out(left)
    assert commands.close_unclaimed(SYSTEM, province_id=HUBEI, sale_on=SALE_ON) == CollectionEnd(0, 0)


def test_a_province_may_give_back_a_share_of_what_nobody_fetched(clock_at, point):
    provinces.province(terms=Terms(unclaimed_refund_bps=3000))
    kale, rice = pricing.offer(599), pricing.offer(100)
    order = make.buy(point, (kale, 3), (rice, 1))
    make.signed(clock_at)

    commands.close_unclaimed(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    assert ordering.now(order).state is State.UNCLAIMED
    assert [line.refunded.fen for line in ordering.now(order).lines] == [539, 30]


def test_a_share_goes_back_though_an_order_has_more_lines_than_single_refunds_are_left(clock_at, point):
    provinces.province(terms=Terms(unclaimed_refund_bps=3000))
    offers = pricing.offers(12, price_of=lambda place: 100, cost_fen=100, per_order_limit=99, per_day_limit=99)
    order = make.buy(point, (offers[0], 40), *((offer, 1) for offer in offers[1:]))
    for left in range(39, 9, -1):
        lines = (ordering.line(offers[0], left), *(ordering.line(offer) for offer in offers[1:]))
        edit_order(ordering.buyer_of(order), province_id=HUBEI, order_id=order.id, lines=lines)
    make.signed(clock_at)

    commands.close_unclaimed(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    refunds = payments.refunds_of(HUBEI, [order.charge_id])[order.charge_id]
    assert len(refunds) == 31
    assert (refunds[-1].amount.fen, refunds[-1].cause) == (300 + 11 * 30, "unclaimed")
    assert ordering.now(order).state is State.UNCLAIMED


def test_what_nobody_signed_for_is_lost_and_refunded_in_full(clock_at, point):
    kale = pricing.offer(100)
    order = make.buy(point, (kale, 3))
    make.driven(clock_at)

    assert commands.close_unclaimed(SYSTEM, province_id=HUBEI, sale_on=SALE_ON) == CollectionEnd(0, 1)

    assert Drop.objects.get().state == "lost"
    assert (ordering.now(order).state, ordering.now(order).refunded.fen) == (State.REFUNDED, 300)
    totals = make.goods(kale)
    assert (totals.sent, totals.short_at_point, totals.signed, totals.collected) == (3, 3, 0, 0)


def test_a_leader_sees_who_collects_what_but_neither_codes_nor_whole_names(clock_at, point):
    kale = pricing.offer()
    buyer = members.member(name="王小明", phone_number="13612345678")
    order = make.buy(point, (kale, 2), member=buyer)
    make.buy(point, (kale, 1))
    make.signed(clock_at)
    make.hand_out(order)

    waiting, done = queries.handouts_of_leader(leaders.leader_of(point), sale_on=SALE_ON)

    assert (waiting.state, waiting.units) == (PickupState.WAITING, 1)
    assert (done.name, done.phone, done.state) == ("王**", "136****5678", PickupState.COLLECTED)
    assert done.lines == (DueLine(kale.sku_id, 2),)
    assert queries.handouts_of_leader(leaders.leader_of(leaders.point()), sale_on=SALE_ON) == ()


def test_waiting_pickups_come_before_those_done_in_a_long_list(clock_at, point, monkeypatch):
    kale = pricing.offer()
    first, second = (make.buy(point, (kale, 1)) for _ in range(2))
    make.signed(clock_at)
    make.hand_out(first)
    monkeypatch.setattr("lintuan.fulfilment.queries.handout.MOST_HANDOUTS", 1)

    (shown,) = queries.handouts_of_leader(leaders.leader_of(point), sale_on=SALE_ON)

    assert shown.id == make.pickup(second).id


def test_the_lists_of_leaders_and_members_are_for_them_alone(point):
    with pytest.raises(Forbidden):
        queries.handouts_of_leader(members.member(), sale_on=SALE_ON)
    with pytest.raises(Forbidden):
        queries.drops_of_leader(provinces.staff(), sale_on=SALE_ON)
    with pytest.raises(Forbidden):
        queries.pickups_of_member(leaders.leader_of(point))


def test_a_packing_list_takes_as_many_queries_for_many_members_as_for_few(
    clock_at, point, django_assert_num_queries
):  # fmt: skip
    kale = pricing.offer()
    for _ in range(6):
        make.buy(point, (kale, 1))
    make.signed(clock_at)

    with django_assert_num_queries(6):
        assert len(queries.handouts_of_leader(leaders.leader_of(point), sale_on=SALE_ON)) == 6


def test_every_unit_is_somewhere_after_a_night_that_goes_wrong(clock_at):
    clock_at(EVENING)
    near, far = leaders.points(2)
    make.network([near], [far])
    kale = pricing.offer()
    fetched, left = make.buy(near, (kale, 5)), make.buy(near, (kale, 5))
    make.buy(far, (kale, 8))
    make.planned(clock_at, pack_units=20)
    make.report(make.tasks(1)[0], 9)
    commands.close_sorting(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    make.report(next(task for task in make.tasks(2) if task.point_id == far.id), 7)
    commands.close_grid_sorting(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    commands.plan_routes(SYSTEM, province_id=HUBEI, sale_on=SALE_ON, plan=make.QUICK)
    make.drive(clock_at)
    make.sign(near, Discrepancy(kale.sku_id, short=1, damaged=1))
    make.hand_out(fetched)
    commands.close_unclaimed(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    it = make.goods(kale)

    assert (it.received, it.surplus_at_centre, it.sorted_to_grids, it.short_at_centre) == (20, 2, 17, 1)
    assert (it.sorted_to_points, it.short_at_grid, it.sent) == (16, 1, 16)
    assert (it.short_at_point, it.damaged, it.signed) == (8, 1, 7)
    assert (it.waiting, it.collected, it.unclaimed) == (0, 5, 2)
    assert ordering.now(left).state is State.UNCLAIMED


def test_a_code_stands_for_what_waits_before_what_is_gone(clock_at, point):
    order = make.buy(point, (pricing.offer(), 1))
    make.signed(clock_at)
    gone = Pickup.objects.get()
    make.hand_out(order)
    again = Pickup.objects.create(
        province_id=HUBEI, member_id=gone.member_id, point_id=point.id, leader_id=point.leader_id,
        sale_on=SALE_ON + timedelta(days=1), order_ids=[], code=gone.code,
    )  # fmt: skip

    assert collect(gone.code, leaders.leader_of(point)) == again.id
