"""Claims: in time, for what was had, at once or by staff."""

from __future__ import annotations

import pytest

from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.errors import (
    AmountTooHigh,
    ClaimDecided,
    ClaimOpenAlready,
    ClaimTooLate,
    ClaimTooMuch,
    NotCollected,
    NothingToRefund,
    ReasonMissing,
)
from lintuan.fulfilment.models import Claim
from lintuan.fulfilment.types import (
    ClaimCause,
    ClaimDecision,
    ClaimFault,
    ClaimRequest,
    ClaimState,
    ClaimView,
)
from lintuan.kernel.callers import NOBODY
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.errors import Forbidden, KeyReused, NotFound, SignInNeeded
from lintuan.kernel.models import EventRecord
from lintuan.kernel.money import ZERO, Money
from lintuan.payments.queries import charge
from lintuan.plays.engine.progress import Reach
from lintuan.plays.models import HarmCount
from tests.make import campaigns, leaders, members, ordering, plays, pricing, provinces
from tests.make import fulfilment as make
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(clock_at):
    """Three kale at 5.99 and two hams at 60.00, collected at 18:00."""
    clock_at(EVENING)
    return make.collected_order(clock_at, (pricing.offer(599), 3), (pricing.offer(6000), 2))


def latest(order) -> ClaimView:
    return queries.claims_of_member(ordering.buyer_of(order))[0]


def ham(order) -> int:
    return order.lines[1].id


def decide(claim_id: int, decision: ClaimDecision, caller=None, key: str | None = None) -> int:
    staff = caller or provinces.staff("fulfilment.decide_claims")
    return commands.decide_claim(staff, province_id=HUBEI, claim_id=claim_id, decision=decision, key=key)


def events(name: str) -> list[dict]:
    return list(EventRecord.objects.filter(name=name).order_by("id").values_list("body", flat=True))


def test_a_small_claim_is_granted_and_refunded_at_once(order):
    make.claim(order, ClaimCause.QUALITY, 2, note=" 烂了 ")

    claim = latest(order)
    assert (claim.state, claim.amount, claim.fault, claim.note) == (
        ClaimState.GRANTED, Money(1198), ClaimFault.SUPPLIER, "烂了",
    )  # fmt: skip
    assert ordering.now(order).lines[0].refunded == Money(1198)
    (refund,) = events("ordering.LineRefunded")
    (granted,) = events("fulfilment.ClaimGranted")
    assert (refund["amount_fen"], refund["cause"], refund["fault"]) == (1198, "quality", "supplier")
    assert (granted["amount_fen"], granted["order_id"]) == (1198, order.id)


def test_plays_that_heard_an_order_are_told_of_its_claims_once(clock_at):
    clock_at(EVENING)
    heard = campaigns.running(plays.definition(Reach(levels=(9,)), code="heard"))
    campaigns.running(plays.definition(Reach(levels=(9,)), code="elsewhere"), leader_id=999_999)
    order = make.collected_order(clock_at, (pricing.offer(599), 3))
    catch_up(Horizon.OWN)

    for _ in range(2):
        make.claim(order, ClaimCause.QUALITY, 1)
    catch_up(Horizon.OWN)

    told = HarmCount.objects.values_list("campaign_id", "guard", "order_id")
    assert list(told) == [(heard.id, "claims", order.id)]


def test_a_claim_gives_the_member_back_what_plays_had_not_paid(clock_at):
    clock_at(EVENING)
    order = make.collected_order(clock_at, (pricing.offer(600), 4), saved=400)

    make.claim(order, ClaimCause.QUALITY, 2)

    claim = latest(order)
    assert (claim.proposed, claim.amount, claim.paid_back) == (Money(1200), Money(1200), Money(1000))
    assert charge(HUBEI, order.charge_id).refunded == Money(1000)
    assert [one["saved_fen"] for one in events("ordering.LineRefunded")] == [200]


def test_what_was_granted_before_plays_paid_anything_went_back_whole(order):
    make.claim(order)
    Claim.objects.filter(province_id=HUBEI).update(paid_back=None)

    assert latest(order).paid_back == Money(599)


def test_a_large_claim_waits_for_staff(order):
    make.claim(order, line_id=ham(order))

    claim = latest(order)
    assert (claim.state, claim.proposed, claim.amount) == (ClaimState.OPEN, Money(6000), ZERO)
    assert ordering.now(order).refunded == ZERO
    assert events("fulfilment.ClaimGranted") == []
    assert [one["proposed_fen"] for one in events("fulfilment.ClaimOpened")] == [6000]


def test_many_small_claims_of_one_order_end_at_a_person(clock_at):
    clock_at(EVENING)
    order = make.collected_order(clock_at, (pricing.offer(3000), 1), (pricing.offer(2000), 1), (pricing.offer(1), 1))

    for line in order.lines:
        make.claim(order, line_id=line.id)

    states = {claim.line_id: claim.state for claim in queries.claims_of_member(ordering.buyer_of(order))}
    assert [states[line.id] for line in order.lines] == [ClaimState.GRANTED, ClaimState.GRANTED, ClaimState.OPEN]


def test_a_claim_is_taken_until_just_before_a_day_has_passed(clock_at, order):
    clock_at("2026-11-22T17:59:59+08:00")
    make.claim(order)

    clock_at("2026-11-22T18:00:01+08:00")
    with pytest.raises(ClaimTooLate):
        make.claim(order)


def test_units_are_claimed_for_once(order):
    make.claim(order, quantity=2)

    with pytest.raises(ClaimTooMuch) as refused:
        make.claim(order, quantity=2)
    make.claim(order, quantity=1)

    assert refused.value.facts["most"] == 1
    assert ordering.now(order).lines[0].refunded == Money(1797)
    with pytest.raises((ClaimTooMuch, NothingToRefund)):
        make.claim(order)


def test_a_line_has_one_open_claim(order):
    make.claim(order, line_id=ham(order))

    with pytest.raises(ClaimOpenAlready):
        make.claim(order, line_id=ham(order))

    assert Claim.objects.count() == 1


def test_what_was_not_collected_cannot_be_complained_of(clock_at):
    clock_at(EVENING)
    make.network([point := leaders.point()])
    order = make.buy(point, (pricing.offer(), 1))
    with pytest.raises(NotCollected):
        make.claim(order)
    make.signed(clock_at)

    with pytest.raises(NotCollected):
        make.claim(order)


def test_strangers_orders_and_lines_do_not_exist(order):
    request = ClaimRequest(order.id, order.lines[0].id, ClaimCause.QUALITY, 1)
    foreign_line = ClaimRequest(order.id, 999_999, ClaimCause.QUALITY, 1)

    with pytest.raises(NotFound):
        commands.open_claim(members.member(), province_id=HUBEI, request=request)
    with pytest.raises(NotFound):
        commands.open_claim(ordering.buyer_of(order), province_id=HUBEI, request=foreign_line)
    with pytest.raises(NotFound):
        commands.open_claim(ordering.buyer_of(order), province_id=provinces.ANHUI, request=request)
    with pytest.raises(Forbidden):
        commands.open_claim(provinces.staff(), province_id=HUBEI, request=request)
    with pytest.raises(SignInNeeded):
        commands.open_claim(NOBODY, province_id=HUBEI, request=request)


def test_a_replayed_claim_is_opened_once(order):
    buyer = ordering.buyer_of(order)
    request = ClaimRequest(order.id, order.lines[0].id, ClaimCause.QUALITY, 1)

    first, again = (commands.open_claim(buyer, province_id=HUBEI, request=request, key="k") for _ in range(2))

    assert first == again
    assert ordering.now(order).refunded == Money(599)
    other = ClaimRequest(order.id, order.lines[0].id, ClaimCause.LATE, 1)
    with pytest.raises(KeyReused):
        commands.open_claim(buyer, province_id=HUBEI, request=other, key="k")


def test_staff_grant_part_of_a_claim_and_correct_the_fault(order):
    claim_id = make.claim(order, line_id=ham(order))

    decide(claim_id, ClaimDecision(Money(2500), ClaimFault.CENTRE), key="k")
    decide(claim_id, ClaimDecision(Money(2500), ClaimFault.CENTRE), key="k")

    claim = latest(order)
    assert (claim.state, claim.amount, claim.fault) == (ClaimState.GRANTED, Money(2500), ClaimFault.CENTRE)
    assert ordering.now(order).refunded == Money(2500)
    assert [one["fault"] for one in events("ordering.LineRefunded")] == ["centre"]
    with pytest.raises(ClaimDecided):
        decide(claim_id, ClaimDecision(Money(1)))


def test_staff_decline_with_a_reason_and_the_member_may_try_again(order):
    claim_id = make.claim(order, line_id=ham(order))

    with pytest.raises(ReasonMissing):
        decide(claim_id, ClaimDecision())
    decide(claim_id, ClaimDecision(reason="照片看不出问题"))

    assert (latest(order).state, latest(order).reason) == (ClaimState.DECLINED, "照片看不出问题")
    assert ordering.now(order).refunded == ZERO
    assert len(events("fulfilment.ClaimDeclined")) == 1
    assert make.claim(order, line_id=ham(order)) != claim_id


def test_staff_cannot_grant_more_than_was_proposed(order):
    claim_id = make.claim(order, line_id=ham(order))

    with pytest.raises(AmountTooHigh):
        decide(claim_id, ClaimDecision(Money(6001)))

    assert latest(order).state is ClaimState.OPEN


def test_only_staff_with_the_right_decide_and_see_the_list(order):
    claim_id = make.claim(order, line_id=ham(order))
    decision = ClaimDecision(Money(1))

    for stranger in (ordering.buyer_of(order), provinces.staff("fulfilment.sort"), leaders.leader_of(leaders.point())):
        with pytest.raises(Forbidden):
            decide(claim_id, decision, stranger)
        with pytest.raises(Forbidden):
            queries.claims(stranger, province_id=HUBEI)
    with pytest.raises(SignInNeeded):
        decide(claim_id, decision, NOBODY)
    with pytest.raises(NotFound):
        decide(claim_id + 1, decision)

    judge = provinces.staff("fulfilment.decide_claims", phone="13900000003")
    assert [claim.id for claim in queries.claims(judge, province_id=HUBEI)] == [claim_id]
    assert queries.claims(judge, province_id=HUBEI, state=ClaimState.GRANTED) == ()


def test_a_claim_is_seen_by_its_member_and_those_who_decide(order):
    claim_id = make.claim(order)

    assert queries.claim(ordering.buyer_of(order), province_id=HUBEI, claim_id=claim_id).id == claim_id
    for stranger in (members.member(), provinces.staff("fulfilment.drive"), NOBODY):
        with pytest.raises(NotFound):
            queries.claim(stranger, province_id=HUBEI, claim_id=claim_id)
