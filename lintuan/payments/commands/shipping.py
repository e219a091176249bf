"""WeChat freezes the money of a mini-program's order until it was told of the goods: once per payment."""

from __future__ import annotations

from django.db import connection

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.payments.gateways.outgoing import open_platform
from lintuan.payments.models import ShippingNote
from lintuan.payments.types import MAY_REFUND, Arrived, ShippingState

from .later import tell_shipped_later

LONGEST = 120

_KEEP = """
INSERT INTO payments_shippingnote (province_id, charge_id, state, description, tries, reason, asked_at)
SELECT c.province_id, c.id, 'asked', told.description, 0, '', %s::timestamptz
FROM unnest(%s::bigint[], %s::text[]) AS told (charge_id, description)
JOIN payments_charge c ON c.province_id = %s AND c.id = told.charge_id AND c.state = 'paid'
JOIN payments_attempt a ON a.province_id = %s AND a.charge_id = c.id AND a.state = 'paid' AND a.provider = 'wechatpay'
    AND a.transaction_no <> ''
ON CONFLICT (province_id, charge_id) DO UPDATE SET state = 'asked', tries = 0, reason = ''
WHERE payments_shippingnote.province_id = %s AND payments_shippingnote.state = 'failed'
RETURNING id
"""


@command
def tell_shipped(caller: Caller, *, province_id: int, goods: tuple[Arrived, ...], key: str | None = None) -> int:
    """Have WeChat told that goods wait for their owners; how many are told because of this call.

    Of each payment once; one that failed is told again. What was not paid through WeChat is left out, and all where no
    mini-program is set up.
    """
    caller.require(MAY_REFUND, province_id)
    if open_platform() is None or not goods:
        return 0
    words = {one.charge_id: one.description[:LONGEST] for one in goods}
    columns = (list(words), list(words.values()))
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [clock.now(), *columns, province_id, province_id, province_id])
        note_ids = sorted(note_id for (note_id,) in cursor.fetchall())
    tell_shipped_later(province_id, note_ids)
    return len(note_ids)


@command
def note_told(caller: Caller, *, province_id: int, note_id: int) -> None:
    """The platform knows of these goods."""
    caller.require_kind(Kind.SYSTEM)
    rows = ShippingNote.objects.filter(province_id=province_id, id=note_id, state=ShippingState.ASKED)
    rows.update(state=ShippingState.TOLD, told_at=clock.now(), reason="")


@command
def note_trouble(caller: Caller, *, province_id: int, note_id: int, reason: str, is_final: bool) -> None:
    """Why the platform could not be told; for good where a person must look."""
    caller.require_kind(Kind.SYSTEM)
    rows = ShippingNote.objects.filter(province_id=province_id, id=note_id, state=ShippingState.ASKED)
    state = ShippingState.FAILED if is_final else ShippingState.ASKED
    rows.update(state=state, reason=reason[:200])


@command
def begin_telling(caller: Caller, *, province_id: int, note_id: int) -> ShippingNote | None:
    """Count one more try, so that whoever tries next asks first what became of this one; None when all is told."""
    caller.require_kind(Kind.SYSTEM)
    rows = ShippingNote.objects.select_related("charge").select_for_update(of=("self",))
    row = rows.filter(province_id=province_id, id=note_id, state=ShippingState.ASKED).first()
    if row is not None:
        row.tries, row.tried_at = row.tries + 1, clock.now()
        row.save(update_fields=["tries", "tried_at"])
    return row
