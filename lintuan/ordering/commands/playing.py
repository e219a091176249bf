"""Orders that take seats in runs and use what plays gave."""

from __future__ import annotations

from collections.abc import Sequence

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.money import ZERO, Money, total
from lintuan.ordering import rules
from lintuan.ordering.foretelling import Line, bought, priced
from lintuan.ordering.happenings import happening_of
from lintuan.ordering.models import Order
from lintuan.ordering.types import Agreement, OrderRequest, OrderView
from lintuan.plays import commands as plays
from lintuan.plays.types import Happening

from .savings import save_at_placing


def play_along(province_id: int, placed: OrderView, request: OrderRequest) -> None:
    """Let an order that this transaction has just placed take its seat in a run, and use what was agreed to save."""
    if not request.run_id and not request.saved_fen:
        return
    order = Order.objects.get(province_id=province_id, id=placed.id)
    order.run_id = request.run_id
    order.save(update_fields=["run_id"])
    happening = happening_of(order, clock.now(), bought(placed.lines))
    if request.run_id:
        plays.require_seat(SYSTEM, province_id=province_id, order=happening)
    if request.saved_fen:
        save_at_placing(province_id, placed.id, _saved(province_id, happening, placed.lines, Money(request.saved_fen)))


def saved_anew(order: Order, agreement: Agreement) -> Money:
    """What an unpaid order that is agreed anew saves: all that it used is given back first."""
    if not order.saved:
        return ZERO
    plays.release_savings(SYSTEM, province_id=order.province_id, order_ids=(order.id,))
    plays.withdraw(SYSTEM, province_id=order.province_id, order_ids=(order.id,))
    happening = happening_of(order, clock.now(), bought(agreement.lines))
    return _saved(order.province_id, happening, agreement.lines, None)


def _saved(province_id: int, order: Happening, lines: Sequence[Line], agreed: Money | None) -> Money:
    saved = plays.take_savings(
        SYSTEM, province_id=province_id, order=order, lines=priced(province_id, lines), agreed=agreed
    )
    rules.check_saved(saved, total(line.amount for line in lines))
    return saved
