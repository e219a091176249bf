"""At the pickup point: the leader counts what came and signs for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from lintuan.catalog import queries as catalog
from lintuan.fulfilment import rules
from lintuan.fulfilment.commands.codes import make_pickups
from lintuan.fulfilment.commands.photos import use_for_drop_line
from lintuan.fulfilment.events import DropSigned
from lintuan.fulfilment.models import Drop, DropLine
from lintuan.fulfilment.types import Discrepancy, DropState
from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound, SignInNeeded
from lintuan.kernel.events import announce
from lintuan.leaders import queries as leaders
from lintuan.ordering import commands as ordering
from lintuan.ordering.types import Availability, Cause


@command
def sign_drop(
    caller: Caller,
    *,
    province_id: int,
    drop_id: int,
    discrepancies: tuple[Discrepancy, ...] = (),
    key: str | None = None,
) -> int:
    """Take over a delivered drop: what is short or damaged is cut and refunded, and members get their codes."""
    drop = _own_drop(caller, province_id, drop_id)
    rules.check_unsigned(DropState(drop.state), drop.signed_at)
    rules.check_delivery(DropState(drop.state))
    lines = {line.sku_id: line for line in _lines(drop)}
    rules.check_discrepancies(discrepancies, lines, codes=_codes(lines))
    wrong = [one for one in discrepancies if one.short or one.damaged]
    _note(wrong, lines)
    for one in discrepancies:
        use_for_drop_line(caller, one.photos, lines[one.sku_id])
    _cut(drop, wrong, lines)
    drop.state, drop.signed_at = DropState.SIGNED.value, clock.now()
    drop.save()
    make_pickups(province_id, drop.point_id, drop.sale_on)
    _announce(drop, list(lines.values()))
    return drop.id


def lose_unsigned(province_id: int, sale_on: date) -> int:
    """Give up drops that nobody signed for: all that was sent counts as short and is refunded. Answers how many."""
    open_states = [DropState.PLANNED.value, DropState.ON_THE_WAY.value, DropState.DELIVERED.value]
    rows = Drop.objects.filter(province_id=province_id, sale_on=sale_on, state__in=open_states)
    drops = list(rows.select_for_update().order_by("id"))
    for drop in drops:
        lines = {line.sku_id: line for line in _lines(drop)}
        missing = [Discrepancy(line.sku_id, short=line.sent) for line in lines.values() if line.sent]
        _note(missing, lines)
        _cut(drop, missing, lines)
    Drop.objects.filter(province_id=province_id, id__in=[drop.id for drop in drops]).update(state=DropState.LOST.value)
    return len(drops)


def _own_drop(caller: Caller, province_id: int, drop_id: int) -> Drop:
    if caller.kind is Kind.NOBODY:
        raise SignInNeeded
    row = Drop.objects.select_for_update().filter(province_id=province_id, id=drop_id).first()
    if row is None or not _may_sign(caller, row):
        raise NotFound(thing="drop")
    return row


def _may_sign(caller: Caller, drop: Drop) -> bool:
    if caller.kind is Kind.LEADER:
        return caller.is_leader(drop.province_id, leaders.point_now(drop.province_id, drop.point_id).leader_id)
    return caller.may("fulfilment.edit", drop.province_id)


def _lines(drop: Drop) -> Sequence[DropLine]:
    return list(DropLine.objects.filter(province_id=drop.province_id, drop_id=drop.id).order_by("id"))


def _codes(lines: Mapping[int, DropLine]) -> dict[int, str]:
    return {sku_id: view.code for sku_id, view in catalog.skus(lines).items()}


def _note(wrong: Sequence[Discrepancy], lines: Mapping[int, DropLine]) -> None:
    for one in wrong:
        line = lines[one.sku_id]
        line.short, line.damaged = one.short, one.damaged
    touched = [lines[one.sku_id] for one in wrong]
    for line in touched:
        line.save(update_fields=["short", "damaged"])


def _cut(drop: Drop, wrong: Sequence[Discrepancy], lines: Mapping[int, DropLine]) -> None:
    """First what never came, then what came but cannot be handed out, so that each refund has its true cause."""
    arrived = {one.sku_id: lines[one.sku_id].sent - one.short for one in wrong}
    good = {one.sku_id: arrived[one.sku_id] - one.damaged for one in wrong}
    for cause, touched, left in (
        (Cause.SHORT_AT_POINT, [one.sku_id for one in wrong if one.short], arrived),
        (Cause.DAMAGED, [one.sku_id for one in wrong if one.damaged], good),
    ):
        cuts = tuple(Availability(sku_id, drop.point_id, left[sku_id]) for sku_id in touched)
        if cuts:
            ordering.cut_goods(SYSTEM, province_id=drop.province_id, sale_on=drop.sale_on, cuts=cuts, cause=cause.value)


def _announce(drop: Drop, lines: Sequence[DropLine]) -> None:
    announce(
        DropSigned(
            province_id=drop.province_id,
            drop_id=drop.id,
            point_id=drop.point_id,
            sale_on=drop.sale_on,
            sent=sum(line.sent for line in lines),
            short=sum(line.short for line in lines),
            damaged=sum(line.damaged for line in lines),
        )
    )
