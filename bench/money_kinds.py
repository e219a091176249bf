"""What becomes of the orders of a day: each kind lived once, by the rooms' own events and the bill's own arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from lintuan.kernel.events import Event
from lintuan.kernel.money import Money
from lintuan.ordering.bill import Bill
from lintuan.ordering.events import LineRefunded, LinesCut, OrderCollected, OrderPaid, OrderSaved, OrderUnclaimed
from lintuan.payments.events import ChargePaid, RefundAsked, RefundDone
from lintuan.plays.events import RewardSpent
from lintuan.sim.city import PROVINCE

LINES = 3
PRICE = 398
AMOUNT = PRICE * LINES
CAMPAIGN = 1

#: Ids that stand for others in the events of a prototype.
ORDER_ID, CHARGE_ID, REFUND_ID, LINE_ID, MEMBER_ID, POINT_ID, SKU_ID = (9_100_000_000_000_000_001 + n for n in range(7))


@dataclass(frozen=True)
class Step:
    """An event of a prototype: when it came, and which line and which refund of its order it is about."""

    event: Event
    at: timedelta
    line: int = 0
    refund: int = 0


@dataclass
class Kind:
    """A kind of order: where it ended, what of its lines was cut and refunded, and what plays paid."""

    share: int
    state: str = "collected"
    cuts: Sequence[int] = (0, 0, 0)
    backs: Sequence[int] = (0, 0, 0)
    given_up: int = 0
    bill: Bill = field(default_factory=lambda: Bill(Money(AMOUNT)))
    steps: list[Step] = field(default_factory=list)
    refunds: list[tuple[int, str]] = field(default_factory=list)


class Prototype:
    """One order that is lived step by step."""

    def __init__(self, share: int, sale_on: date, saved: int = 0) -> None:
        self.sale_on = sale_on
        self.kind = Kind(share, bill=Bill(Money(AMOUNT), saved=Money(saved)))
        self._charge = {"charge_id": CHARGE_ID, "purpose": "order", "subject_id": ORDER_ID}
        self._order = {"order_id": ORDER_ID, "point_id": POINT_ID, "sale_on": sale_on}
        if saved:
            about = {"campaign_id": CAMPAIGN, "grant_id": ORDER_ID, "member_id": MEMBER_ID, "order_id": ORDER_ID}
            parts = {"fen": saved, "platform_fen": saved - 2 * (saved // 3)}
            self._tell(RewardSpent, 20, **about, **parts, leader_fen=saved // 3, supplier_fen=saved // 3)
        self._tell(ChargePaid, 20, **self._charge, amount_fen=AMOUNT - saved)
        self._tell(OrderPaid, 20, **self._order, member_id=MEMBER_ID, amount_fen=AMOUNT, saved_fen=saved)

    def cut(self, hours: int, lines: Sequence[int], cause: str, *, given_up: bool = False) -> Prototype:
        """Units of these lines go: by their member's wish, or because they were short."""
        fen = 0
        for line in lines:
            back = self._give_back(line)
            about = {"line_id": LINE_ID, "sku_id": SKU_ID, "quantity": 1, "amount_fen": PRICE, "cause": cause}
            self._tell(LinesCut, hours, line, **self._order, **about, saved_fen=PRICE - back)
            fen += back
        self._pay_back(hours, fen, cause)
        self.kind.cuts = [int(line in lines) for line in range(LINES)]
        self.kind.given_up = int(given_up)
        if len(lines) == LINES:
            self.kind.state = "cancelled"
        return self

    def save_later(self, hours: int, fen: int) -> Prototype:
        """A play gives more for the order when it is paid already."""
        before, self.kind.bill = self.kind.bill, self.kind.bill.save_later(Money(fen))
        back = (before.paid - self.kind.bill.paid).fen
        parts = {"saved_fen": fen, "campaign_id": CAMPAIGN, "leader_fen": fen // 2}
        self._tell(OrderSaved, hours, **self._order, member_id=MEMBER_ID, fen=back, **parts)
        self._pay_back(hours, back, "play_reward")
        return self

    def end(self, hours: int, *, collected: bool) -> Prototype:
        net = self.kind.bill.net.fen
        about = {**self._order, "member_id": MEMBER_ID, "amount_fen": net, "saved_fen": self.kind.bill.borne.fen}
        self._tell(OrderCollected if collected else OrderUnclaimed, hours, **about)
        self.kind.state = "collected" if collected else "unclaimed"
        return self

    def claim(self, hours: int, fault: str) -> Prototype:
        """The first line is paid back for its quality."""
        back = self._give_back(0)
        about = {"line_id": LINE_ID, "sku_id": SKU_ID, "amount_fen": PRICE, "cause": "quality", "fault": fault}
        self._tell(LineRefunded, hours, **self._order, **about, saved_fen=PRICE - back)
        self._pay_back(hours, back, "quality")
        return self

    def _give_back(self, line: int) -> int:
        back = self.kind.bill.refund_of(Money(PRICE)).fen
        self.kind.bill = self.kind.bill.give_back(Money(PRICE))
        self.kind.backs = [fen + PRICE * (place == line) for place, fen in enumerate(self.kind.backs)]
        return back

    def _pay_back(self, hours: int, fen: int, cause: str) -> None:
        place = len(self.kind.refunds)
        self.kind.refunds.append((fen, cause))
        about = {**self._charge, "refund_id": REFUND_ID, "amount_fen": fen, "cause": cause}
        self._tell(RefundAsked, hours, refund=place, **about)
        self._tell(RefundDone, hours + 1, refund=place, **about)

    def _tell(self, kind: type[Event], hours: int, line: int = 0, refund: int = 0, **about: Any) -> None:
        event = kind(province_id=PROVINCE, **about)
        self.kind.steps.append(Step(event, timedelta(hours=hours), line, refund))


def kinds_of_orders(sale_on: date) -> list[Kind]:
    """What becomes of a hundred orders: an assumption, as no rival publishes it; most are simply collected."""
    tomorrow, later = 24 + 18, 24 + 20

    def paid(share: int, saved: int = 0) -> Prototype:
        return Prototype(share, sale_on, saved)

    return [
        one.kind
        for one in (
            paid(83).end(tomorrow, collected=True),
            paid(2).cut(21, (0, 1, 2), "cancelled", given_up=True),
            paid(1).cut(26, (0,), "supplier_short").end(tomorrow, collected=True),
            paid(1).end(3 * 24 + 21, collected=False),
            paid(1).end(tomorrow, collected=True).claim(later, "supplier"),
            paid(1).end(tomorrow, collected=True).claim(later, "leader"),
            paid(8, saved=100).end(tomorrow, collected=True),
            paid(1, saved=100).end(tomorrow, collected=True).claim(later, "supplier"),
            paid(2).save_later(23, 60).end(tomorrow, collected=True),
        )
    ]
