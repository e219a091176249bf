"""The end of a sale day for tests: refunds arrive, nobody comes any more, the books are closed."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from lintuan.fulfilment import commands as fulfilment
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.events import Event, Recorded
from lintuan.kernel.money import Money
from lintuan.ordering.bill import Bill
from lintuan.ordering.events import LineRefunded, LinesCut, OrderCollected, OrderPaid, OrderSaved, OrderUnclaimed
from lintuan.payments.events import ChargePaid, RefundAsked, RefundDone
from lintuan.payments.models import Refund
from lintuan.settlement import commands
from lintuan.settlement.engine import accounts
from lintuan.settlement.models import Transfer
from tests.make import payments
from tests.make.fulfilment import UNCLAIMED
from tests.make.ordering import SALE_ON
from tests.make.provinces import HUBEI

ClockAt = Callable[[str], datetime]

BOOKS = "2026-11-25T02:00+08:00"
RECONCILE = "2026-11-25T04:00+08:00"
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)

#: Far from the ids that the log itself gives.
_ids = itertools.count(10**12)


def hear() -> int:
    """Let every consumer read what was announced."""
    return catch_up(Horizon.OWN)


def refunds_arrive() -> None:
    """The gateway pays back all that was asked of it."""
    for row in Refund.objects.filter(province_id=HUBEI).exclude(state="done").order_by("id"):
        payments.settle_refund(row.id)


def nobody_comes(clock_at: ClockAt) -> None:
    """The holding time ends."""
    clock_at(UNCLAIMED)
    fulfilment.close_unclaimed(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    refunds_arrive()
    hear()


def books_closed(clock_at: ClockAt, *, sale_on: date = SALE_ON) -> None:
    """Nobody comes, and the books' part of the night is done."""
    nobody_comes(clock_at)
    clock_at(BOOKS)
    commands.book_commission(SYSTEM, province_id=HUBEI, sale_on=sale_on)
    commands.book_goods(SYSTEM, province_id=HUBEI, sale_on=sale_on)
    commands.charge_funders(SYSTEM, province_id=HUBEI, sale_on=sale_on)
    commands.make_statements(SYSTEM, province_id=HUBEI, sale_on=sale_on)
    commands.make_leader_statements(SYSTEM, province_id=HUBEI, sale_on=sale_on)
    clock_at(RECONCILE)


def balances(province_id: int = HUBEI) -> dict[str, int]:
    """What every account holds in fen, positive on the debit side; those at zero are left out."""
    found: Counter[str] = Counter()
    for row in Transfer.objects.filter(province_id=province_id):
        found[accounts.code(row.debit, row.debit_of)] += row.amount.fen
        found[accounts.code(row.credit, row.credit_of)] -= row.amount.fen
    return {code: fen for code, fen in found.items() if fen}


def journals(province_id: int = HUBEI) -> int:
    """How many journals there are."""
    return Transfer.objects.filter(province_id=province_id, leg=0).count()


def replaced(value: Any, **changes: Any) -> Any:
    """A dataclass or Struct with other values in it."""
    is_struct = isinstance(value, msgspec.Struct)
    return msgspec.structs.replace(value, **changes) if is_struct else replace(value, **changes)


def recorded(events: Iterable[Event], *, at: datetime = NOON) -> list[Recorded]:
    """Events as the log would deliver them."""
    return [Recorded(event, next(_ids), at) for event in events]


@dataclass(frozen=True)
class Tale:
    """What the rooms below announce of one order of one line; each step adds its events."""

    point_id: int
    price: int = 300
    quantity: int = 4
    cut: int = 0
    refunded: int = 0
    saved: int = 0
    saved_later: int = 0
    order_id: int = field(default_factory=lambda: next(_ids))
    events: tuple[Event, ...] = ()

    @property
    def amount(self) -> int:
        return self.price * self.quantity

    @property
    def net(self) -> int:
        return self.bill.net.fen

    @property
    def bill(self) -> Bill:
        back = self.cut * self.price + self.refunded
        return Bill(Money(self.amount), Money(back), Money(self.saved), Money(self.saved_later))

    def paid(self) -> Tale:
        charge = ChargePaid(**self._charge(self.amount - self.saved))
        paid = OrderPaid(**self._order(), member_id=1, amount_fen=self.amount, saved_fen=self.saved)
        return self._with(charge, paid)

    def saved_more(self, fen: int) -> Tale:
        """Plays pay more of it, as a reward."""
        after = self.bill.save_later(Money(fen))
        back = (self.bill.paid - after.paid).fen
        told = replace(self, saved=after.saved.fen, saved_later=after.saved_later.fen)
        return told._with(OrderSaved(**self._order(), member_id=1, fen=back), *self._refund(back, "play_reward"))

    def cut_by(self, units: int, cause: str = "supplier_short") -> Tale:
        fen = units * self.price
        back = self.bill.refund_of(Money(fen)).fen
        about = {"amount_fen": fen, "saved_fen": fen - back, "cause": cause}
        lines = LinesCut(**self._order(), line_id=1, sku_id=1, quantity=units, **about)
        return replace(self, cut=self.cut + units)._with(lines, *self._refund(back, cause))

    def collected(self) -> Tale:
        return self._with(OrderCollected(**self._order(), member_id=1, amount_fen=self.net))

    def unclaimed(self) -> Tale:
        return self._with(OrderUnclaimed(**self._order(), member_id=1, amount_fen=self.net))

    def claimed(self, fen: int, *, fault: str = "driver", cause: str = "quality", sku_id: int = 1) -> Tale:
        back = self.bill.refund_of(Money(fen)).fen
        about = {"amount_fen": fen, "saved_fen": fen - back, "cause": cause, "fault": fault}
        line = LineRefunded(**self._order(), line_id=1, sku_id=sku_id, **about)
        return replace(self, refunded=self.refunded + fen)._with(line, *self._refund(back, cause))

    def _refund(self, fen: int, cause: str) -> Sequence[Event]:
        if not fen:
            return ()
        about = {**self._charge(fen), "refund_id": next(_ids), "cause": cause}
        return RefundAsked(**about), RefundDone(**about)

    def _order(self) -> dict[str, int | date]:
        return {"province_id": HUBEI, "order_id": self.order_id, "point_id": self.point_id, "sale_on": SALE_ON}

    def _charge(self, fen: int) -> dict[str, int | str]:
        about = {"province_id": HUBEI, "charge_id": self.order_id, "purpose": "order"}
        return {**about, "subject_id": self.order_id, "amount_fen": fen}

    def _with(self, *events: Event) -> Tale:
        return replace(self, events=(*self.events, *events))
