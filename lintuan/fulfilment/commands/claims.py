"""After collection: what members claim, what is granted at once, what staff decide."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Sum

from lintuan.fulfilment import rules
from lintuan.fulfilment.commands.photos import use_for_claim
from lintuan.fulfilment.engine.claims import LineFacts, Proposal, is_granted_at_once, propose
from lintuan.fulfilment.errors import ClaimDecided, ClaimOpenAlready, NotCollected
from lintuan.fulfilment.events import ClaimDeclined, ClaimGranted, ClaimOpened
from lintuan.fulfilment.models import Claim, Pickup
from lintuan.fulfilment.types import ClaimDecision, ClaimRequest, ClaimState
from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.kernel.events import announce
from lintuan.kernel.money import ZERO, Money
from lintuan.members.queries import active_member
from lintuan.ordering import commands as ordering
from lintuan.ordering import queries as orders
from lintuan.ordering.types import LineRefund, LineView, OrderView
from lintuan.provinces import queries as provinces

RIGHT = "fulfilment.decide_claims"
AT_ONCE = "rule"


@command
def open_claim(caller: Caller, *, province_id: int, request: ClaimRequest, key: str | None = None) -> int:
    """Complain about units of one's own collected order; small amounts are paid back at once, others by staff."""
    caller.require_kind(Kind.MEMBER)
    if caller.province_id != province_id:
        raise NotFound(thing="order")
    active_member(province_id, caller.id)
    pickup = _locked_pickup(province_id, caller.id, request.order_id)
    order = orders.order(caller, province_id, request.order_id)
    line = next((line for line in order.lines if line.id == request.line_id), None)
    if line is None:
        raise NotFound(thing="line")
    terms = provinces.province(province_id).terms
    rules.check_claim_time(clock.now(), _collected_at(pickup), hours=terms.claim_hours)
    left = line.amount - line.refunded
    rules.check_claim(request, due=line.due, settled=_settled(order.province_id, line.id), left=left)
    proposal = propose(LineFacts(line.price, line.due, left), cause=request.cause, quantity=request.quantity)
    claim = _keep(order, line, request, proposal)
    use_for_claim(caller, request.photos, claim)
    if is_granted_at_once(proposal.amount, _granted_at_once(order), most=Money(terms.claim_auto_fen)):
        _grant(claim, proposal.amount, by=AT_ONCE)
    return claim.id


@command
def decide_claim(
    caller: Caller, *, province_id: int, claim_id: int, decision: ClaimDecision, key: str | None = None
) -> int:
    """Grant an open claim, up to what was proposed, or decline it with a reason."""
    claim = _open_claim(caller, province_id, claim_id)
    rules.check_decision(decision, proposed=claim.proposed)
    claim.reason = decision.reason.strip()
    claim.fault = decision.fault.value if decision.fault else claim.fault
    if decision.amount:
        _grant(claim, decision.amount, by=caller.reference)
    else:
        _decline(claim, by=caller.reference)
    return claim.id


def _open_claim(caller: Caller, province_id: int, claim_id: int) -> Claim:
    caller.require(RIGHT, province_id)
    rows = Claim.objects.filter(province_id=province_id, id=claim_id)
    asked = rows.first()
    if asked is None:
        raise NotFound(thing="claim")
    _locked_pickup(province_id, asked.member_id, asked.order_id)
    row = rows.select_for_update().get()
    if row.decided_at is not None:
        raise ClaimDecided(at=row.decided_at.isoformat(timespec="minutes"))
    return row


def _locked_pickup(province_id: int, member_id: int, order_id: int) -> Pickup | None:
    """How a member got an order; claims of one pickup wait for each other, so that none counts units twice."""
    own = Pickup.objects.filter(province_id=province_id, member_id=member_id, order_ids__contains=[order_id])
    return own.select_for_update().first()


def _collected_at(pickup: Pickup | None) -> datetime:
    if pickup is None or pickup.collected_at is None:
        raise NotCollected
    return pickup.collected_at


def _settled(province_id: int, line_id: int) -> int:
    """Units of a line that were already paid back by claims."""
    rows = Claim.objects.filter(province_id=province_id, line_id=line_id, state=ClaimState.GRANTED.value)
    return rows.aggregate(units=Sum("quantity"))["units"] or 0


def _granted_at_once(order: OrderView) -> Money:
    """What of an order no person has looked at before it was paid back."""
    rows = Claim.objects.filter(province_id=order.province_id, order_id=order.id, decided_by=AT_ONCE)
    granted: Money | None = rows.aggregate(fen=Sum("amount"))["fen"]
    return granted or ZERO


def _keep(order: OrderView, line: LineView, request: ClaimRequest, proposal: Proposal) -> Claim:
    """The claim as a row; the database refuses a second open one of its line."""
    row = Claim(
        province_id=order.province_id, order_id=order.id, line_id=line.id, sku_id=line.sku_id,
        member_id=order.member_id, sale_on=order.sale_on, cause=request.cause.value, fault=proposal.fault.value,
        quantity=request.quantity, note=request.note.strip(), 
        proposed=proposal.amount, amount=ZERO, reason="", opened_at=clock.now(), decided_by="",
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as wrong:
        if "fulfilment_claim_open_once" not in str(wrong):
            raise
        raise ClaimOpenAlready from wrong
    announce(
        ClaimOpened(
            province_id=row.province_id, claim_id=row.id, order_id=row.order_id, line_id=row.line_id,
            sku_id=row.sku_id, member_id=row.member_id, sale_on=row.sale_on, quantity=row.quantity,
            proposed_fen=row.proposed.fen, cause=row.cause,
        )
    )  # fmt: skip
    return row


def _grant(claim: Claim, amount: Money, *, by: str) -> None:
    refund = LineRefund(claim.order_id, claim.line_id, amount, cause=claim.cause, fault=claim.fault)
    claim.amount = amount
    claim.paid_back = ordering.refund_line(SYSTEM, province_id=claim.province_id, refund=refund)
    _decide(claim, ClaimState.GRANTED, by)
    announce(
        ClaimGranted(
            province_id=claim.province_id, claim_id=claim.id, order_id=claim.order_id, line_id=claim.line_id,
            sku_id=claim.sku_id, member_id=claim.member_id, sale_on=claim.sale_on, amount_fen=amount.fen,
            cause=claim.cause, fault=claim.fault,
        )
    )  # fmt: skip


def _decline(claim: Claim, *, by: str) -> None:
    _decide(claim, ClaimState.DECLINED, by)
    announce(
        ClaimDeclined(
            province_id=claim.province_id, claim_id=claim.id, order_id=claim.order_id, line_id=claim.line_id,
            member_id=claim.member_id, sale_on=claim.sale_on,
        )
    )  # fmt: skip


def _decide(claim: Claim, to: ClaimState, by: str) -> None:
    claim.state, claim.decided_at, claim.decided_by = to.value, clock.now(), by
    claim.save()
