"""What other rooms may ask about payments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Count, Q, Sum

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound
from lintuan.kernel.fields import array
from lintuan.kernel.memory import remembered
from lintuan.kernel.money import ZERO, Money

from . import comparing, health
from .engine import methods as engine
from .engine.methods import Offered, Place, Preference
from .errors import NothingToConfirm
from .gateways import set_up
from .gateways.outgoing import transfers
from .models import Attempt, Charge, Payout, Refund, ShippingNote
from .models import Preference as PreferenceRow
from .reading import bill_days, billers, flow_rows, trade_rows
from .types import (
    MAY_PAY_OUT,
    MAY_REFUND,
    TO_SCAN,
    AttemptState,
    AttemptView,
    BillDayView,
    BillTotals,
    ChargeMoney,
    ChargeState,
    ChargeView,
    Confirmation,
    Difference,
    Payee,
    PaymentTotals,
    PayMethod,
    PayoutState,
    PayoutView,
    Provider,
    RefundState,
    RefundView,
    ShippingState,
    Symptom,
)

__all__ = [
    "all_charges_of",
    "attempts_by_number",
    "attempts_of",
    "bill_days",
    "bill_totals",
    "billers",
    "charge",
    "charge_view",
    "charges",
    "charges_of",
    "code_to_scan",
    "confirmation",
    "differences",
    "failed_refunds",
    "flow_rows",
    "gateway_health",
    "methods",
    "money_of",
    "own_charge",
    "own_payouts",
    "payout_view",
    "payouts",
    "payouts_of",
    "preferences",
    "preferred_providers",
    "refund_view",
    "refunds",
    "refunds_of",
    "totals_of",
    "trade_rows",
    "untold_shipping",
    "waiting_payouts",
]

MOST_FAILED = 1000
DEFAULTS = Path(__file__).parent / "data" / "methods.toml"


class _Shipped(msgspec.Struct, forbid_unknown_fields=True):
    """A row of data/methods.toml."""

    market: str
    from_on: date
    providers: tuple[Provider, ...]
    source: str


_MONEY = """
SELECT c.subject_id, coalesce(sum(c.amount) FILTER (WHERE a.state = 'paid'), 0)::bigint,
    coalesce(sum(r.asked) FILTER (WHERE a.state = 'paid'), 0)::bigint, sum(c.amount)::bigint,
    coalesce(sum(r.done), 0)::bigint, coalesce(sum(r.asked - r.done - r.credited), 0)::bigint,
    coalesce(sum(r.failed), 0)::bigint
FROM payments_charge c
JOIN payments_attempt a ON a.province_id = %(province)s AND a.charge_id = c.id AND a.state IN ('paid', 'late')
LEFT JOIN LATERAL (
    SELECT sum(amount) AS asked, coalesce(sum(amount) FILTER (WHERE state = 'done'), 0) AS done,
        coalesce(sum(amount) FILTER (WHERE state = 'failed'), 0) AS failed,
        coalesce(sum(amount) FILTER (WHERE state = 'credited'), 0) AS credited
    FROM payments_refund WHERE province_id = %(province)s AND charge_id = c.id AND attempt_id = a.id
) AS r ON true
WHERE c.province_id = %(province)s AND c.purpose = %(purpose)s AND c.subject_id = ANY(%(subjects)s::bigint[])
GROUP BY c.subject_id
"""


def charge(province_id: int, charge_id: int) -> ChargeView:
    """One charge, NotFound if there is none."""
    found = charges(province_id, [charge_id])
    if not found:
        raise NotFound(thing="charge")
    return found[charge_id]


def own_charge(caller: Caller, province_id: int, charge_id: int) -> ChargeView:
    """A charge for the member who is to pay it, or staff who read the books; NotFound for strangers."""
    view = charge(province_id, charge_id)
    if not (caller.is_member(province_id, view.member_id) or caller.may("settlement.read", province_id)):
        raise NotFound(thing="charge")
    return view


def charges(province_id: int, charge_ids: Iterable[int]) -> dict[int, ChargeView]:
    """Charges by id; unknown ids are left out."""
    rows = Charge.objects.filter(province_id=province_id, id__in=list(charge_ids))
    return {row.id: charge_view(row) for row in rows}


def charges_of(province_id: int, purpose: str, subject_ids: Iterable[int]) -> dict[int, ChargeView]:
    """The newest charge of each subject; earlier ones were closed when the sum changed."""
    return {view.subject_id: view for view in all_charges_of(province_id, purpose, subject_ids)}


def all_charges_of(province_id: int, purpose: str, subject_ids: Iterable[int]) -> Sequence[ChargeView]:
    """Every charge of the subjects, the oldest first."""
    rows = Charge.objects.filter(province_id=province_id, purpose=purpose, subject_id__in=list(subject_ids))
    return [charge_view(row) for row in rows.order_by("id")]


def attempts_of(province_id: int, charge_ids: Iterable[int]) -> dict[int, tuple[AttemptView, ...]]:
    """The attempts to pay each charge, the oldest first."""
    wanted = list(charge_ids)
    found: dict[int, list[AttemptView]] = {charge_id: [] for charge_id in wanted}
    for view in _attempts(province_id, charge_id__in=wanted):
        found[view.charge_id].append(view)
    return {charge_id: tuple(views) for charge_id, views in found.items()}


def attempts_by_number(province_id: int, numbers: Iterable[str]) -> dict[str, AttemptView]:
    """Attempts by what the gateways and their bills call them; unknown numbers are left out."""
    return {view.number: view for view in _attempts(province_id, number__in=list(numbers))}


def refunds(province_id: int, refund_ids: Iterable[int]) -> dict[int, RefundView]:
    """Refunds by id; unknown ids are left out."""
    rows = Refund.objects.filter(province_id=province_id, id__in=list(refund_ids)).order_by("id")
    return {row.id: refund_view(row) for row in rows}


def refunds_of(province_id: int, charge_ids: Iterable[int]) -> dict[int, tuple[RefundView, ...]]:
    """The refunds of each charge, the oldest first."""
    wanted = list(charge_ids)
    found: dict[int, list[RefundView]] = {charge_id: [] for charge_id in wanted}
    for row in Refund.objects.filter(province_id=province_id, charge_id__in=wanted).order_by("id"):
        found[row.charge_id].append(refund_view(row))
    return {charge_id: tuple(views) for charge_id, views in found.items()}


def totals_of(province_id: int, purpose: str, subject_ids: Iterable[int]) -> PaymentTotals:
    """Money in and money back over all charges of the subjects: for the proof of a day."""
    about = {"charge__purpose": purpose, "charge__subject_id__in": list(subject_ids)}
    paid = Attempt.objects.filter(province_id=province_id, state__in=[AttemptState.PAID, AttemptState.LATE], **about)
    received = paid.aggregate(count=Count("id"), sum=Sum("charge__amount"))
    back = Refund.objects.filter(province_id=province_id, **about).aggregate(
        count=Count("id"),
        asked=Sum("amount"),
        done=Sum("amount", filter=Q(state=RefundState.DONE)),
        failed=Sum("amount", filter=Q(state=RefundState.FAILED)),
    )
    return PaymentTotals(
        payments=received["count"],
        received=_sum(received["sum"]),
        refunds=back["count"],
        asked=_sum(back["asked"]),
        done=_sum(back["done"]),
        failed=_sum(back["failed"]),
    )


def money_of(province_id: int, purpose: str, subject_ids: Iterable[int]) -> dict[int, ChargeMoney]:
    """Money in and money back by subject, for very many at once; those that nothing was paid for are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_MONEY, {"province": province_id, "purpose": purpose, "subjects": array(subject_ids)})
        return {subject_id: ChargeMoney(*map(Money, fens)) for subject_id, *fens in cursor.fetchall()}


def failed_refunds(caller: Caller, *, province_id: int) -> Sequence[RefundView]:
    """Refunds that wait for a person, the oldest first."""
    caller.require(MAY_REFUND, province_id)
    rows = Refund.objects.filter(province_id=province_id, state=RefundState.FAILED).order_by("asked_at", "id")
    return [refund_view(row) for row in rows[:MOST_FAILED]]


def methods(place: Place, province_id: int, *, city: str = "", on: date) -> Offered:
    """What is offered where a page is open, in a city (GB/T 2260 code) on a day."""
    ready, order = set_up(), preferred_providers(province_id, city=city, on=on)
    return Offered(engine.offered(place, ready, order), is_elsewhere=engine.elsewhere(place, ready))


def preferred_providers(province_id: int, *, city: str = "", on: date) -> tuple[Provider, ...]:
    """Which providers come first in a city, or in the rest of its province, on a day."""
    return engine.preferred((*_defaults(), *preferences(province_id)), city or f"{province_id}0000", on)


@remembered(1.0)
def preferences(province_id: int) -> Sequence[Preference]:
    """What the staff of a province has said of it and its cities, the oldest first."""
    rows = PreferenceRow.objects.filter(province_id=province_id).order_by("from_on", "city_code")
    return tuple(
        Preference(row.city_code or f"{province_id}0000", row.from_on, tuple(map(Provider, row.providers)))
        for row in rows
    )


def code_to_scan(caller: Caller, province_id: int, charge_id: int, method: PayMethod) -> str:
    """What a phone scans to pay a charge by an attempt that its payer began here; empty where there is none."""
    own_charge(caller, province_id, charge_id)
    rows = Attempt.objects.filter(
        province_id=province_id, charge_id=charge_id, method=method, state=AttemptState.OPEN
    ).values_list("handle", flat=True)
    return "" if method not in TO_SCAN else next(iter(rows), "")


@cache
def _defaults() -> tuple[Preference, ...]:
    """The shipped rows, read once by each process."""
    rows = msgspec.toml.decode(DEFAULTS.read_bytes(), type=dict[str, list[_Shipped]])["preferences"]
    return tuple(Preference(row.market, row.from_on, row.providers) for row in rows)


def charge_view(row: Charge) -> ChargeView:
    return ChargeView(
        id=row.id,
        purpose=row.purpose,
        subject_id=row.subject_id,
        member_id=row.member_id,
        state=ChargeState(row.state),
        amount=row.amount,
        refunded=row.refunded,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        paid_at=row.paid_at,
    )


def refund_view(row: Refund) -> RefundView:
    return RefundView(
        id=row.id,
        charge_id=row.charge_id,
        attempt_id=row.attempt_id,
        number=row.number,
        state=RefundState(row.state),
        amount=row.amount,
        cause=row.cause,
        asked_at=row.asked_at,
        done_at=row.done_at,
        reason=row.reason,
    )


def _attempts(province_id: int, **wanted: Any) -> list[AttemptView]:
    rows = Attempt.objects.select_related("charge").filter(province_id=province_id, **wanted).order_by("id")
    return [_attempt_view(row) for row in rows]


def _attempt_view(row: Attempt) -> AttemptView:
    return AttemptView(
        id=row.id,
        charge_id=row.charge_id,
        number=row.number,
        provider=Provider(row.provider),
        method=PayMethod(row.method),
        state=AttemptState(row.state),
        amount=row.charge.amount,
        transaction_no=row.transaction_no,
        prepaid_at=row.prepaid_at,
        paid_at=row.paid_at,
    )


def payouts(province_id: int, payout_ids: Iterable[int]) -> dict[int, PayoutView]:
    """Payouts by id; unknown ids are left out."""
    rows = Payout.objects.filter(province_id=province_id, id__in=list(payout_ids)).order_by("id")
    return {row.id: payout_view(row) for row in rows}


def payouts_of(province_id: int, purpose: str, subject_ids: Iterable[int]) -> dict[int, tuple[PayoutView, ...]]:
    """The payouts of each subject, the oldest first: the last one counts."""
    wanted = list(subject_ids)
    found: dict[int, list[PayoutView]] = {subject_id: [] for subject_id in wanted}
    rows = Payout.objects.filter(province_id=province_id, purpose=purpose, subject_id__in=wanted)
    for row in rows.order_by("id"):
        found[row.subject_id].append(payout_view(row))
    return {subject_id: tuple(views) for subject_id, views in found.items()}


def own_payouts(caller: Caller, *, limit: int = 50) -> Sequence[PayoutView]:
    """The newest payouts of the leader who asks."""
    caller.require_kind(Kind.LEADER)
    rows = Payout.objects.filter(province_id=caller.province_id, payee_kind=Payee.LEADER, payee_id=caller.id)
    return [payout_view(row) for row in rows.order_by("-id")[:limit]]


def waiting_payouts(caller: Caller, *, province_id: int) -> Sequence[PayoutView]:
    """Payouts that have not reached their payees, the oldest first; what failed waits for a person."""
    caller.require(MAY_PAY_OUT, province_id)
    rows = Payout.objects.filter(province_id=province_id).exclude(
        state__in=[PayoutState.DONE, PayoutState.CANCELLED, PayoutState.RETURNED]
    )
    return [payout_view(row) for row in rows.order_by("asked_at", "id")[:MOST_FAILED]]


def confirmation(caller: Caller, *, province_id: int, payout_id: int) -> Confirmation:
    """What the payee's phone needs to confirm a payout; NotFound for others, NothingToConfirm before and after."""
    row = Payout.objects.filter(province_id=province_id, id=payout_id).first()
    if row is None or not _is_payee(caller, row):
        raise NotFound(thing="payout")
    if row.state != PayoutState.WAITING_CONFIRM or row.cancel_asked_at is not None:
        raise NothingToConfirm
    return Confirmation(row.id, row.amount, transfers().confirmation(row.package))


def _is_payee(caller: Caller, row: Payout) -> bool:
    if row.payee_kind == Payee.MEMBER:
        return caller.is_member(row.province_id, row.payee_id)
    return row.payee_kind == Payee.LEADER and caller.is_leader(row.province_id, row.payee_id)


def untold_shipping(caller: Caller, *, province_id: int) -> dict[int, str]:
    """Charges of whose goods WeChat would not hear, with the reason, the oldest first; `tell_shipped` tells again."""
    caller.require(MAY_REFUND, province_id)
    rows = ShippingNote.objects.filter(province_id=province_id, state=ShippingState.FAILED).order_by("asked_at", "id")
    return dict(rows.values_list("charge_id", "reason")[:MOST_FAILED])


def gateway_health(manifest: Path, address: str) -> Sequence[Symptom]:
    """What is right and wrong with the set-up of the gateway, for who runs the installation; needs no database."""
    return health.examine(manifest, address)


def differences(province_id: int, day: BillDayView, *, bps: int) -> Sequence[Difference]:
    """Everything that a day's bills and our records tell differently; `bps` is the agreed rate of the channel's fee."""
    return comparing.differences(province_id, day, bps=bps)


def bill_totals(province_id: int, day: BillDayView) -> BillTotals:
    """A day's bills and our records, added up."""
    return comparing.totals(province_id, day)


def payout_view(row: Payout) -> PayoutView:
    return PayoutView(
        id=row.id,
        purpose=row.purpose,
        subject_id=row.subject_id,
        payee_kind=Payee(row.payee_kind),
        payee_id=row.payee_id,
        number=row.number,
        state=PayoutState(row.state),
        amount=row.amount,
        gateway_no=row.gateway_no,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        is_being_cancelled=row.cancel_asked_at is not None and row.ended_at is None,
        reason=row.reason,
    )


def _sum(value: Money | None) -> Money:
    return value or ZERO
