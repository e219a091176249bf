"""Bills are fetched, kept line by line, and replaced when they are read again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, connection

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.payments import queries, rules
from lintuan.payments.errors import BillNotReady, BrokenBill, GatewaySaysNo, NoBill, UnknownNumber
from lintuan.payments.gateways import real_time
from lintuan.payments.gateways.bills import BEIJING
from lintuan.payments.models import BillDay
from lintuan.payments.types import BillDayView, FlowRow, Provider, TradeRow
from lintuan.provinces.queries import provinces

log = logging.getLogger(__name__)

#: Bills of yesterday are there from this hour of Beijing on.
READY_AT = time(10)
#: Channels give no older ones.
OLDEST = timedelta(days=90)
#: A refund may take so long from its line of the trade bill to its movement.
LONGEST_WAY = timedelta(days=30)
PROGRESS = 100_000
MANY = 1_000

_TABLES = ("payments_billrow", "payments_flowline")
_FORGET = """
DELETE FROM {} WHERE province_id = ANY(%(provinces)s) AND on_day = %(day)s AND provider = %(provider)s
"""
_COPY_ROWS = """
COPY payments_billrow (province_id, amount, settled, fee, at, on_day, provider, kind, number, transaction_no,
    refund_number, refund_no, status) FROM STDIN
"""
_INCOMING = """
CREATE TEMP TABLE payments_incoming (place bigint GENERATED ALWAYS AS IDENTITY, amount bigint, at timestamptz,
    kind text, business_no text, flow_no text, word text) ON COMMIT DROP
"""
_COPY_FLOWS = "COPY payments_incoming (amount, at, kind, business_no, flow_no, word) FROM STDIN"
#: A movement is of the province whose payment or refund it names.
_KEEP_FLOWS = """
INSERT INTO payments_flowline (province_id, amount, at, on_day, provider, kind, number, business_no, flow_no, word)
SELECT %(province)s, amount, at, %(day)s::date, %(provider)s::text, kind, number, business_no, flow_no, word FROM (
    SELECT DISTINCT ON (i.place) i.*, b.number FROM payments_incoming i JOIN (
        SELECT province_id, number, transaction_no AS moved FROM payments_billrow
        WHERE province_id = %(province)s AND provider = %(provider)s AND on_day > %(oldest)s AND kind <> 'refund'
        UNION ALL
        SELECT province_id, number, refund_no FROM payments_billrow
        WHERE province_id = %(province)s AND provider = %(provider)s AND on_day > %(oldest)s AND kind = 'refund'
    ) AS b ON b.moved = i.business_no AND b.province_id = %(province)s
    WHERE i.business_no <> '' ORDER BY i.place, b.number
) AS told
"""
_KEEP_REST = """
INSERT INTO payments_flowline (province_id, amount, at, on_day, provider, kind, number, business_no, flow_no, word)
SELECT %(house)s::bigint, i.amount, i.at, %(day)s::date, %(provider)s::text, i.kind, '', i.business_no, i.flow_no,
    i.word
FROM payments_incoming i WHERE NOT EXISTS (
    SELECT 1 FROM payments_flowline l WHERE l.province_id = ANY(%(provinces)s) AND l.on_day = %(day)s
        AND l.provider = %(provider)s AND l.flow_no = i.flow_no AND l.business_no = i.business_no)
"""
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def read_bills(provider: Provider) -> list[BillDayView]:
    """Read every bill that there is and we have not, the oldest first; days that were read now.

    What is not written yet ends the reading quietly; GatewaySilent and BrokenBill are told, and days before them stay.
    """
    read: list[BillDayView] = []
    for day in days_to_read(provider):
        try:
            read.append(read_bill(provider, day))
        except BillNotReady:
            break
        except GatewaySaysNo as refusal:
            if day < _today():
                raise
            # Only rehearsals have bills of the day that is not over.
            log.info("no bill of today: %s", refusal)
    return read


def days_to_read(provider: Provider) -> list[date]:
    """Days without a whole bill, up to yesterday; where the clock can be shifted, today too."""
    now, known = datetime.fromtimestamp(real_time(), BEIJING), queries.bill_days(provider)
    last = now.date() - timedelta(days=1 if now.time() >= READY_AT or clock.can_shift() else 2)
    whole = [day.on_day for day in known if day.is_whole]
    begins = max(whole[-1] + timedelta(days=1), last - OLDEST) if whole else last
    days = [begins + timedelta(days=ahead) for ahead in range((last - begins).days + 1)]
    return [*days, now.date()] if clock.can_shift() else days


def read_bill(provider: Provider, day: date) -> BillDayView:
    """Fetch and keep the bills of one day, as often as one likes: it is all kept or nothing.

    BillNotReady, GatewaySilent, GatewaySaysNo or BrokenBill where they cannot be had.
    """
    seen, until = real_time(), _covered(day)
    rows: Iterable[TradeRow] = ()
    flows: Iterable[FlowRow] | None = ()
    try:
        rows = queries.trade_rows(day, provider)
        flows = queries.flow_rows(day, provider)
    except NoBill:
        log.info("nothing on the bill of %s for %s", provider, day)
    return keep_bill(
        SYSTEM,
        day=BillDayView(provider, day, 0, seen >= _ends(day), datetime.fromtimestamp(seen, BEIJING), None, until),
        rows=rows,
        flows=flows or (),
    )


@command
def keep_bill(caller: Caller, *, day: BillDayView, rows: Iterable[TradeRow], flows: Iterable[FlowRow]) -> BillDayView:
    """Put the lines of a day's bills in the place of those that were read before; BrokenBill for a line twice."""
    caller.require_kind(Kind.SYSTEM)
    ids = sorted(view.id for view in provinces()) or [0]
    about: dict[str, Any] = {
        "provider": day.provider, "day": day.on_day, "provinces": ids, "house": ids[0],
        "oldest": day.on_day - LONGEST_WAY,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"payments.bills:{day.provider}"])
        for table in _TABLES:
            cursor.execute(_FORGET.format(table), about)
        count = _copy(cursor, _COPY_ROWS, (_trade_line(row, day, frozenset(ids), ids[0]) for row in rows))
        if count > MANY:
            # What was just written in great numbers has no statistics yet, and is asked for at once.
            cursor.execute("ANALYZE payments_billrow")
        if _keep_flows(cursor, flows, about) > MANY:
            cursor.execute("ANALYZE payments_flowline")
    earlier = BillDay.objects.filter(provider=day.provider, on_day__lt=day.on_day).order_by("-on_day").first()
    begins = earlier.covers_until if earlier else _covers_from(day.on_day)
    kept, _ = BillDay.objects.update_or_create(
        provider=day.provider,
        on_day=day.on_day,
        defaults={
            "rows": count,
            "is_whole": day.is_whole,
            "read_at": day.read_at,
            "covers_from": begins,
            "covers_until": max(day.covers_until, begins or day.covers_until),
        },
    )
    log.info("%s: %d lines of %s are kept", day.provider, count, day.on_day)
    (view,) = queries.bill_days(day.provider, [kept.on_day])
    return view


def _keep_flows(cursor: Any, flows: Iterable[FlowRow], about: Mapping[str, Any]) -> int:
    cursor.execute(_INCOMING)
    if count := _copy(cursor, _COPY_FLOWS, map(_flow_line, flows)):
        cursor.execute("ANALYZE payments_incoming")
        for province_id in about["provinces"]:
            cursor.execute(_KEEP_FLOWS, {**about, "province": province_id})
        cursor.execute(_KEEP_REST, about)
    cursor.execute("DROP TABLE payments_incoming")
    return count


def _copy(cursor: Any, statement: str, lines: Iterator[str]) -> int:
    count = 0
    try:
        with connection.wrap_database_errors, cursor.copy(statement) as copy:
            for line in lines:
                copy.write(line)
                count += 1
                if not count % PROGRESS:
                    log.info("%d lines of a bill so far", count)
    except IntegrityError as twice:
        raise BrokenBill(reason=f"a line twice, or below zero: {twice}") from twice
    return count


def _trade_line(row: TradeRow, day: BillDayView, known: frozenset[int], house: int) -> str:
    words = (row.number, row.transaction_no, row.refund_number, row.refund_no, row.status)
    return (
        f"{_province(row.number, known, house)}\t{row.amount.fen}\t{row.settled.fen}\t{row.fee.fen}\t"
        f"{row.at.isoformat()}\t{day.on_day}\t{day.provider}\t{row.kind.value}\t{_cells(*words)}\n"
    )


def _flow_line(row: FlowRow) -> str:
    return (
        f"{row.amount.fen}\t{row.at.isoformat()}\t{row.kind.value}\t{_cells(row.business_no, row.flow_no, row.word)}\n"
    )


def _cells(*words: str) -> str:
    text = "\t".join(words)
    # As good as always there is nothing to escape but the tabs that were just written.
    return "\t".join(word.translate(_ESCAPED) for word in words) if "\\" in text or "\n" in text else text


def _province(number: str, known: frozenset[int], house: int) -> int:
    """Who a line concerns: the province that its number leads with, else the first one, which has all strangers."""
    try:
        province_id = rules.province_of(number)
    except UnknownNumber:
        return house
    return province_id if province_id in known else house


def _today() -> date:
    return datetime.fromtimestamp(real_time(), BEIJING).date()


def _ends(day: date) -> float:
    return datetime.combine(day + timedelta(days=1), time(0), BEIJING).timestamp()


def _covers_from(day: date) -> datetime | None:
    """Where the first bill begins: in a rehearsal nobody was paid before there was a channel."""
    return None if clock.can_shift() else datetime.combine(day, time(0), BEIJING)


def _covered(day: date) -> datetime:
    """The business moment up to which a bill tells; where clocks are shifted, as far as the present rate knows."""
    since = max(0.0, real_time() - _ends(day))
    return clock.now() - timedelta(seconds=since * clock.rate())
