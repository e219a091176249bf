"""What a gateway refuses to pay back becomes its buyer's balance with us: once, and never beside a refund."""

from __future__ import annotations

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.kernel.events import announce
from lintuan.kernel.states import require_move
from lintuan.payments import rules
from lintuan.payments.errors import GatewaySaysNo, GatewaySilent, RefundUnderWay
from lintuan.payments.events import RefundCredited
from lintuan.payments.gateways import gateway, notices
from lintuan.payments.gateways.faults import GatewayRefused, GatewayUnreachable
from lintuan.payments.models import Refund
from lintuan.payments.types import MAY_REFUND, Provider, RefundState

from .notices import settle_refund

#: The gateway's words for a refund that it never took.
NEVER_TAKEN = frozenset({"RESOURCE_NOT_EXISTS", "NOT_FOUND"})
#: It took the refund and gave it up.
GIVEN_UP = frozenset({notices.RefundState.CLOSED, notices.RefundState.ABNORMAL})


def credit_refund(caller: Caller, *, province_id: int, refund_id: int, key: str | None = None) -> None:
    """Make a failed refund its buyer's balance; once it is, asking again changes nothing.

    The gateway is asked first, as it may have paid while it was silent: call it outside any transaction.
    RefundUnderWay where it did or may, GatewaySilent where it does not say.
    """
    caller.require(MAY_REFUND, province_id)
    row = Refund.objects.select_related("attempt").filter(province_id=province_id, id=refund_id).first()
    if row is None:
        raise NotFound(thing="refund")
    if row.state == RefundState.FAILED:
        _be_sure(row)
    _credit(caller, province_id=province_id, refund_id=refund_id, key=key)


@command
def _credit(caller: Caller, *, province_id: int, refund_id: int, key: str | None = None) -> None:
    caller.require(MAY_REFUND, province_id)
    rows = Refund.objects.select_related("charge").select_for_update(of=("self",))
    row = rows.get(province_id=province_id, id=refund_id)
    if row.state == RefundState.CREDITED:
        return
    require_move(rules.REFUND_MOVES, RefundState(row.state), RefundState.CREDITED)
    row.state, row.credited_at, row.credited_by = RefundState.CREDITED, clock.now(), caller.reference
    row.save(update_fields=["state", "credited_at", "credited_by"])
    announce(
        RefundCredited(
            province_id=province_id,
            refund_id=row.id,
            charge_id=row.charge_id,
            purpose=row.charge.purpose,
            subject_id=row.charge.subject_id,
            member_id=row.charge.member_id,
            amount_fen=row.amount.fen,
            cause=row.cause,
        )
    )


def _be_sure(row: Refund) -> None:
    """Whatever the gateway tells is taken as always; go on only where it gave the refund up or never had it."""
    provider = Provider(row.attempt.provider)
    try:
        told = gateway(provider).query_refund(row.number, row.attempt.number)
    except GatewayUnreachable as silence:
        raise GatewaySilent from silence
    except GatewayRefused as refusal:
        if refusal.code not in NEVER_TAKEN:
            raise GatewaySaysNo(reason=str(refusal)) from refusal
        return
    settle_refund(SYSTEM, provider=provider, told=told)
    if told.state not in GIVEN_UP:
        raise RefundUnderWay
