"""A channel's bills against our charges and refunds, set by set; docs/algorithms/reconciliation.md."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import connection

from lintuan.kernel.money import Money

from .errors import UnknownNumber
from .gateways.bills import BEIJING
from .rules import province_of
from .types import BillDayView, BillTotals, Difference, DifferenceKind

#: What happened so shortly before the end of a bill may stand in the next one.
SLACK = timedelta(minutes=10)
#: A line so young when its bill was read may be news that is still on its way to us.
YOUNG = timedelta(seconds=60)

#: Our side at one channel: what we asked members to pay under one number, and what we asked to be paid back. This is
#: the only place that knows where numbers are kept.
_ASKED = """(
    SELECT a.province_id, a.charge_id, a.number, c.amount, a.state, a.transaction_no, a.paid_at, a.provider,
        CASE c.purpose WHEN 'order' THEN c.subject_id END AS subject_id
    FROM payments_attempt a JOIN payments_charge c ON c.province_id = a.province_id AND c.id = a.charge_id
    WHERE a.province_id = %(province)s AND c.province_id = %(province)s AND a.provider = %(provider)s
)"""
_BACK = """(
    SELECT r.province_id, r.number AS refund_number, r.amount, r.state, r.asked_at, r.done_at, a.number, a.provider,
        CASE c.purpose WHEN 'order' THEN c.subject_id END AS subject_id
    FROM payments_refund r JOIN payments_attempt a ON a.province_id = r.province_id AND a.id = r.attempt_id
    JOIN payments_charge c ON c.province_id = r.province_id AND c.id = r.charge_id
    WHERE r.province_id = %(province)s AND a.province_id = %(province)s AND c.province_id = %(province)s
        AND a.provider = %(provider)s
)"""
_FAILED = "('FAIL', 'FAILED', 'CLOSED', 'ABNORMAL', 'CHANGE')"
_ARRIVED = "('SUCCESS', '')"
_DAY = "b.province_id = %(province)s AND b.on_day = %(day)s::date AND b.provider = %(provider)s"
_OLD = f"{_DAY} AND b.at <= %(young)s"

_PAID = f"""
SELECT CASE WHEN c.number IS NULL THEN 'unknown_number'
        WHEN c.state = 'open' AND b.amount = c.amount THEN 'paid_unheard'
        WHEN c.state = 'closed' AND b.amount = c.amount THEN 'paid_closed'
        WHEN c.transaction_no NOT IN ('', b.transaction_no) THEN 'paid_twice' ELSE 'amount_differs' END,
    b.transaction_no, b.number, '', c.subject_id,
    CASE WHEN c.state IN ('paid', 'late') AND c.transaction_no IN ('', b.transaction_no) THEN c.amount ELSE 0 END,
    b.amount
FROM payments_billrow b LEFT JOIN {_ASKED} c ON c.province_id = b.province_id AND c.number = b.number
WHERE {_OLD} AND b.kind <> 'refund' AND (c.number IS NULL OR c.amount <> b.amount OR c.state NOT IN ('paid', 'late')
    OR c.transaction_no NOT IN ('', b.transaction_no))
"""
_PAID_BACK = f"""
SELECT CASE WHEN r.refund_number IS NULL THEN 'refund_unknown' WHEN b.is_again THEN 'refund_twice'
        WHEN r.amount <> b.amount THEN 'refund_amount' WHEN b.status IN {_FAILED} THEN 'refund_not_done'
        WHEN r.state = 'credited' THEN 'refund_credited'
        ELSE 'refund_unheard' END,
    b.refund_no, b.number, b.refund_number, r.subject_id,
    CASE WHEN NOT b.is_again AND r.state = 'done' THEN r.amount ELSE 0 END,
    CASE WHEN b.status IN {_FAILED} THEN 0 ELSE b.amount END
FROM (
    SELECT b.*, EXISTS (
        SELECT 1 FROM payments_billrow e WHERE e.province_id = %(province)s AND e.number = b.number
            AND e.provider = %(provider)s AND e.kind = 'refund' AND e.refund_number = b.refund_number
            AND e.status NOT IN {_FAILED} AND (e.on_day, e.refund_no) < (b.on_day, b.refund_no)
    ) AS is_again
    FROM payments_billrow b WHERE {_OLD} AND b.kind = 'refund'
) b LEFT JOIN {_BACK} r ON r.province_id = b.province_id AND r.refund_number = b.refund_number
WHERE b.province_id = %(province)s AND CASE WHEN b.status IN {_FAILED} THEN r.state = 'done' AND NOT b.is_again
    ELSE r.refund_number IS NULL OR b.is_again OR r.amount <> b.amount
        OR b.status IN {_ARRIVED} AND r.state <> 'done' END
"""
_UNSEEN = f"""
SELECT 'not_at_channel', c.number, c.number, '', c.subject_id, c.amount, 0 FROM {_ASKED} c
WHERE c.province_id = %(province)s AND c.provider = %(provider)s AND c.state IN ('paid', 'late')
    AND c.paid_at > %(since)s AND c.paid_at <= %(until)s AND NOT EXISTS (
        SELECT 1 FROM payments_billrow b WHERE b.province_id = %(province)s AND b.number = c.number
            AND b.kind <> 'refund' AND b.provider = %(provider)s)
"""
_UNSEEN_BACK = f"""
SELECT 'refund_not_at_channel', r.refund_number, r.number, r.refund_number, r.subject_id, r.amount, 0 FROM {_BACK} r
WHERE r.province_id = %(province)s AND r.provider = %(provider)s AND r.state = 'done' AND r.asked_at > %(first)s
    AND r.done_at > %(since)s AND r.done_at <= %(until)s AND NOT EXISTS (
        SELECT 1 FROM payments_billrow b WHERE b.province_id = %(province)s AND b.number = r.number
            AND b.kind = 'refund' AND b.refund_number = r.refund_number AND b.provider = %(provider)s)
"""
#: Half a fen is rounded up, of what was paid and did not go back.
_FEES = f"""
SELECT 'fee_differs', b.transaction_no, b.number, '', c.subject_id, (b.kept * %(bps)s::bigint + 5000) / 10000, b.fee
FROM (
    SELECT a.province_id, a.transaction_no, min(a.number) AS number, sum(a.fee)::bigint AS fee,
        sum(CASE WHEN a.kind = 'payment' THEN a.settled ELSE -a.settled END)::bigint AS kept
    FROM payments_billrow a WHERE a.province_id = %(province)s AND a.provider = %(provider)s
        AND a.status NOT IN {_FAILED}
        AND a.transaction_no IN (SELECT b.transaction_no FROM payments_billrow b WHERE {_DAY})
    GROUP BY a.province_id, a.transaction_no HAVING bool_or(a.kind = 'payment')
) b LEFT JOIN {_ASKED} c ON c.province_id = b.province_id AND c.number = b.number
WHERE b.province_id = %(province)s AND b.fee <> (b.kept * %(bps)s::bigint + 5000) / 10000
"""
_MOVED = f"""
SELECT 'flow_differs', b.moved, b.number, b.refund_number, c.subject_id, b.net, coalesce(f.amount, 0)::bigint
FROM (
    SELECT b.province_id, b.number, b.refund_number,
        CASE WHEN b.kind = 'payment' THEN b.transaction_no ELSE b.refund_no END AS moved,
        CASE WHEN b.kind = 'payment' THEN b.settled ELSE -b.settled END - b.fee AS net
    FROM payments_billrow b WHERE b.province_id = %(province)s AND b.provider = %(provider)s
        AND (b.on_day = %(day)s::date AND b.at <= %(settled)s OR b.on_day = %(day)s::date - 1 AND b.at > %(leftover)s)
        AND b.status IN {_ARRIVED}
) b LEFT JOIN (
    SELECT l.business_no, sum(l.amount)::bigint AS amount FROM payments_flowline l
    WHERE l.province_id = %(province)s AND l.on_day BETWEEN %(day)s::date - 1 AND %(day)s::date + 1
        AND l.provider = %(provider)s AND l.kind IN ('payment', 'refund', 'fee', 'fee_back')
    GROUP BY l.business_no
) f ON f.business_no = b.moved
LEFT JOIN {_ASKED} c ON c.province_id = b.province_id AND c.number = b.number
WHERE b.province_id = %(province)s AND b.net <> coalesce(f.amount, 0)
"""
_STRANGE = """
SELECT 'flow_unknown', l.flow_no || l.business_no, l.word, '', NULL::bigint, 0, l.amount FROM payments_flowline l
WHERE l.province_id = %(province)s AND l.on_day = %(day)s AND l.provider = %(provider)s AND l.number = ''
    AND l.kind <> 'withdrawal' AND l.at <= %(young)s
"""
_HAS_FLOWS = """
SELECT EXISTS (SELECT 1 FROM payments_flowline l WHERE l.province_id = %(province)s AND l.on_day = %(day)s
    AND l.provider = %(provider)s)
"""
_TOTALS = f"""
SELECT count(*) FILTER (WHERE b.kind <> 'refund'), coalesce(sum(b.amount) FILTER (WHERE b.kind <> 'refund'), 0)::bigint,
    count(*) FILTER (WHERE b.kind = 'refund'),
    coalesce(sum(b.amount) FILTER (WHERE b.kind = 'refund' AND b.status NOT IN {_FAILED}), 0)::bigint,
    coalesce(sum(b.fee) FILTER (WHERE b.status NOT IN {_FAILED}), 0)::bigint
FROM payments_billrow b WHERE {_DAY}
"""
_FLOWED = """
SELECT count(*), coalesce(-sum(l.amount) FILTER (WHERE l.kind IN ('fee', 'fee_back')), 0)::bigint,
    coalesce(-sum(l.amount) FILTER (WHERE l.kind = 'withdrawal'), 0)::bigint
FROM payments_flowline l WHERE l.province_id = %(province)s AND l.on_day = %(day)s AND l.provider = %(provider)s
"""
_OURS = f"""
SELECT count(*), coalesce(sum(c.amount), 0)::bigint FROM {_ASKED} c WHERE c.province_id = %(province)s
    AND c.provider = %(provider)s AND c.state IN ('paid', 'late') AND c.paid_at > %(from)s AND c.paid_at <= %(to)s
"""
_OURS_BACK = f"""
SELECT count(*), coalesce(sum(r.amount), 0)::bigint FROM {_BACK} r WHERE r.province_id = %(province)s
    AND r.provider = %(provider)s AND r.state = 'done' AND r.done_at > %(from)s AND r.done_at <= %(to)s
"""


def differences(province_id: int, day: BillDayView, *, bps: int) -> list[Difference]:
    """Each kind is asked for by one statement over all of the day."""
    about = _about(province_id, day) | {"bps": bps}
    wanted = [_PAID, _PAID_BACK, _UNSEEN, _UNSEEN_BACK, _FEES]
    ((has_flows,),) = _rows(_HAS_FLOWS, about)
    if has_flows:
        wanted += [_MOVED, _STRANGE]
    return [_difference(province_id, *row) for statement in wanted for row in _rows(statement, about)]


def totals(province_id: int, day: BillDayView) -> BillTotals:
    """What the flow bill says of fees is believed before what the trade bill announces."""
    about = _about(province_id, day)
    ((payments, paid, refunds, back, announced),) = _rows(_TOTALS, about)
    ((flows, moved, withdrawn),) = _rows(_FLOWED, about)
    ((our_payments, our_paid),) = _rows(_OURS, about)
    ((our_refunds, our_back),) = _rows(_OURS_BACK, about)
    return BillTotals(
        payments=payments,
        paid=Money(paid),
        refunds=refunds,
        back=Money(back),
        fees=Money(moved if flows else announced),
        withdrawn=Money(withdrawn),
        our_payments=our_payments,
        our_paid=Money(our_paid),
        our_refunds=our_refunds,
        our_back=Money(our_back),
    )


def _about(province_id: int, day: BillDayView) -> dict[str, Any]:
    begins = datetime.combine(day.on_day, time(0), BEIJING)
    ends, seen = begins + timedelta(days=1), day.read_at - YOUNG
    first = datetime(1970, 1, 1, tzinfo=UTC)
    return {
        "province": province_id,
        "provider": day.provider,
        "day": day.on_day,
        "young": seen,
        # A day that is read while it lasts tells of all that we know; only a whole day ends somewhere.
        "settled": min(ends - SLACK, seen),
        "leftover": begins - SLACK,
        "first": day.covers_from or first,
        "since": day.covers_from - SLACK if day.covers_from else first,
        "until": day.covers_until - SLACK if day.is_whole else day.covers_until,
        "from": day.covers_from or first,
        "to": day.covers_until,
    }


def _difference(province_id: int, kind: str, thing: str, number: str, refund_number: str, *rest: Any) -> Difference:
    subject_id, ours, theirs = rest
    found = DifferenceKind(kind)
    if found in (DifferenceKind.UNKNOWN_NUMBER, DifferenceKind.REFUND_UNKNOWN) and not _is_of(province_id, number):
        found = DifferenceKind.STRANGER
    return Difference(found, thing, number, refund_number, subject_id, Money(ours), Money(theirs))


def _is_of(province_id: int, number: str) -> bool:
    try:
        return province_of(number) == province_id
    except UnknownNumber:
        return False


def _rows(statement: str, about: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, about)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
