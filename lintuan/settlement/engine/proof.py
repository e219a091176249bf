"""What must be true of a sale day, each thing shown by two rooms that know it apart; docs/algorithms/proof.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from msgspec import Struct

from lintuan.fulfilment.types import GoodsTotals
from lintuan.kernel.money import ZERO, Money, total
from lintuan.ordering.types import SkuTotals, State
from lintuan.settlement.types import Invariant
from lintuan.sourcing.types import SupplyTotals

from . import accounts as a
from .commission import earned
from .invariants import TEXTS
from .matching import OrderMoney

Pair = tuple[str, int, int]
Sides = Callable[[OrderMoney], tuple[Money, Money]]

MOST_EXAMPLES = 5
ENDED = frozenset({State.COLLECTED, State.UNCLAIMED, State.CANCELLED, State.REFUNDED})
GIVEN_BACK = frozenset({State.CANCELLED, State.REFUNDED})
EARNING = frozenset({State.PAID, State.COLLECTED})


@dataclass(frozen=True, slots=True)
class GoodsFacts:
    """One SKU of the day: `short` is what sourcing had cut, `lots` what its intake records add up to."""

    code: str
    stock: tuple[int, int]
    totals: SkuTotals
    supply: SupplyTotals
    goods: GoodsTotals
    short: int
    lots: int


class EarningFacts(Struct, frozen=True):
    """An order's commission in the books; `swing` is, by ordering's lines, what goods at rates of their own add."""

    bps: int
    paid: Money
    amount: Money
    swing: int = 0


@dataclass(frozen=True, slots=True)
class BooksFacts:
    """The ledger: balances of the day's journals by main account, and the soundness of all there are.

    `told` is what lines of statements say that leaders get, and that suppliers bear beside their goods.
    """

    balances: Mapping[str, Money]
    is_goods_booked: bool
    statement_goods: Money | None
    told_leaders: Money
    told_suppliers: Money
    debit: Money
    credit: Money
    unsound_journals: int

    def debits(self, *codes: str) -> Money:
        """The balances of these accounts added up, positive on the debit side."""
        return total(self.balances.get(code, ZERO) for code in codes)

    def credits(self, *codes: str) -> Money:
        return -self.debits(*codes)


@dataclass(frozen=True, slots=True)
class UnpaidFacts:
    """An order that was not paid, and what each liability account holds for it in the ledger."""

    number: str
    held: Mapping[str, Money]


@dataclass(frozen=True, slots=True)
class DayFacts:
    """All that the proof of a day is made from: `orders` that were paid, `is_bought` once suppliers were asked.

    The orders are gone through once.
    """

    is_over: bool
    is_bought: bool
    orders: Iterable[OrderMoney]
    unpaid: tuple[UnpaidFacts, ...]
    disagreeing_orders: int
    earnings: Mapping[int, EarningFacts]
    raises: tuple[Pair, ...]
    goods: tuple[GoodsFacts, ...]
    books: BooksFacts
    parked: int
    lag: Mapping[str, int]


class Tally:
    """The two sides of an invariant added up thing by thing, not only in the sum, with the first that differ."""

    def __init__(self, name: str) -> None:
        self._name, self._left, self._right, self._wrong = name, 0, 0, 0
        self._examples: list[str] = []

    def add(self, label: str, left: int, right: int) -> None:
        self._left += left
        self._right += right
        if left != right:
            self._wrong += 1
            if len(self._examples) < MOST_EXAMPLES:
                self._examples.append(f"{label}: {int(left)} ≠ {int(right)}")

    def invariant(self) -> Invariant:
        text = TEXTS[self._name]
        return Invariant(
            name=self._name,
            topic=text.topic,
            zh=text.zh,
            en=text.en,
            unit=text.unit,
            left=self._left,
            right=self._right,
            holds=not self._wrong,
            offending=tuple(self._examples),
        )


class OrderTallies:
    """What is asked of each order: in one pass, because of a great day's orders only some fit into memory."""

    def __init__(self, day: DayFacts) -> None:
        self._day = day
        self._tallies = {name: Tally(name) for name in (*ORDER_INVARIANTS, *_SIDES)}
        self._accounted = ENDED if day.is_over else ENDED | {State.PAID}
        self._seen: set[int] = set()
        self.collected = self.unclaimed = 0
        for money in day.orders:
            self._add(money)
        for order_id in day.earnings.keys() - self._seen:
            self._tallies["orders_in_books"].add("?", 0, day.earnings[order_id].paid.fen)

    def invariants(self, *names: str) -> Iterator[Invariant]:
        for name in names:
            yield self._tallies[name].invariant()

    def _add(self, money: OrderMoney) -> None:
        order, number, tallies = money.order, money.order.number, self._tallies
        self._seen.add(order.order_id)
        earning = self._day.earnings.get(order.order_id, NO_EARNING)
        tallies["orders_in_books"].add(number, order.amount.fen, earning.paid.fen)
        tallies["orders_accounted"].add(number, 1, order.state in self._accounted)
        if order.state in GIVEN_BACK:
            tallies["orders_given_back"].add(number, order.refunded.fen, order.amount.fen)
        for name, sides in _SIDES.items():
            left, right = sides(money)
            tallies[name].add(number, left.fen, right.fen)
        if money.funded is not None:
            tallies["funders"].add(number, money.charged.fen, money.funded.fen)
        due = earned(order.net, earning.bps, earning.swing) if order.state in EARNING else ZERO
        tallies["commission_exact"].add(number, earning.amount.fen, due.fen)
        self.collected += order.net.fen if order.state is State.COLLECTED else 0
        self.unclaimed += order.net.fen if order.state is State.UNCLAIMED else 0


ORDER_INVARIANTS = ("orders_in_books", "orders_accounted", "orders_given_back", "funders", "commission_exact")
NO_EARNING = EarningFacts(0, ZERO, ZERO)
_SIDES: Mapping[str, Sides] = {
    "charges_paid": lambda one: (one.charge.paid, one.order.bill.charged),
    "refunds_asked": lambda one: (one.charge.asked, one.order.bill.paid_back),
    "refunds_arrived": lambda one: (one.charge.done + one.charge.on_the_way, one.charge.done),
    "gateway_balance": lambda one: (one.at_gateway, one.charge.received - one.charge.done),
    "prepayments": lambda one: (one.held(a.PREPAID), one.still_prepaid),
    "refunds_decided": lambda one: (one.held(a.REFUNDS_OWED), ZERO),
    "refunds_on_their_way": lambda one: (one.held(a.REFUNDS_SENT), one.charge.on_the_way),
    "receipts_matched": lambda one: (one.held(a.UNMATCHED), ZERO),
    "subsidies": lambda one: (one.subsidised, one.order.bill.borne),
}


def prove(day: DayFacts) -> tuple[Invariant, ...]:
    """Every invariant that can be asked of the day as far as it has come."""
    orders = OrderTallies(day)
    parts = (
        *(_stock(day), _orders(day, orders), _charges(day, orders), _ledger(day, orders)),
        *(_income(day, orders), _commission(day, orders), _goods(day), _moved(day), _events(day)),
    )
    return tuple(invariant for part in parts for invariant in part)


def _stock(day: DayFacts) -> Iterator[Invariant]:
    yield _same("stock_taken", ((one.code, one.stock[1], one.totals.held) for one in day.goods))
    yield _same("stock_capacity", ((one.code, max(0, one.stock[1] - one.stock[0]), 0) for one in day.goods))


def _orders(day: DayFacts, orders: OrderTallies) -> Iterator[Invariant]:
    yield from orders.invariants("orders_in_books", "orders_accounted", "orders_given_back")
    yield _same("orders_add_up", [("", day.disagreeing_orders, 0)])


def _charges(day: DayFacts, orders: OrderTallies) -> Iterator[Invariant]:
    """Ordering and payments."""
    yield from orders.invariants("charges_paid", "refunds_asked")
    if day.is_over:
        yield from orders.invariants("refunds_arrived")


def _ledger(day: DayFacts, orders: OrderTallies) -> Iterator[Invariant]:
    """Payments, ordering and the books, order by order."""
    yield from orders.invariants(
        *("gateway_balance", "prepayments", "refunds_decided", "refunds_on_their_way", "receipts_matched"),
        *("subsidies", "funders"),
    )
    yield _same("unpaid_hold_nothing", _kept(day))
    books = day.books
    yield _same("journals_balanced", [("", books.unsound_journals, 0)])
    yield _same("trial_balance", [("", books.debit.fen, books.credit.fen)])


def _kept(day: DayFacts) -> Iterator[Pair]:
    """What should have gone back, account by account; it may be on its way until the day is over."""
    for one in day.unpaid:
        for code, held in one.held.items():
            if day.is_over or code != a.REFUNDS_SENT:
                yield f"{one.number} ({code})", held.fen, 0


def _income(day: DayFacts, orders: OrderTallies) -> Iterator[Invariant]:
    """What the day's journals add up to, and what the rooms below say it should be."""
    books, cost = day.books, total(one.supply.cost for one in day.goods)
    yield _money("sales", books.credits(a.SALES, a.RETURNS), Money(orders.collected))
    yield _money("forfeited", books.credits(a.FORFEITED), Money(orders.unclaimed))
    spent = books.debits(a.GOODS, a.COST_OF_GOODS, a.UNCLAIMED_GOODS, a.WASTE)
    yield _money("goods_cost", spent, cost)
    yield _money("suppliers_owed", books.credits(a.SUPPLIERS, a.RECOVERED, a.SUPPLIERS_SUBSIDIES), cost)
    if books.is_goods_booked:
        yield _money("goods_left", books.debits(a.GOODS), ZERO)
    if books.statement_goods is not None:
        yield _money("statements", books.statement_goods, cost)
    yield _money("suppliers_told", books.told_suppliers, books.credits(a.RECOVERED, a.SUPPLIERS_SUBSIDIES))


def _commission(day: DayFacts, orders: OrderTallies) -> Iterator[Invariant]:
    yield from orders.invariants("commission_exact")
    books = day.books
    yield _money("commission_cost", books.debits(a.COMMISSION), total(one.amount for one in day.earnings.values()))
    yield _same("commission_raised", _raised(day))
    owed = books.credits(a.LEADERS_PENDING, a.LEADERS_PAYABLE, a.LEADERS_SUBSIDIES)
    yield _money("commission_owed", owed, books.debits(a.COMMISSION, a.RAISED))
    yield _money("leaders_told", books.told_leaders, books.credits(a.LEADERS_PAYABLE))


def _raised(day: DayFacts) -> Iterator[Pair]:
    """Reward by reward in plays, and as a whole in the ledger."""
    yield from day.raises
    known = sum(fen for _, fen, _ in day.raises)
    posted = day.books.debits(a.RAISED).fen
    if posted != known:
        yield a.RAISED, posted, known


def _goods(day: DayFacts) -> Iterator[Invariant]:
    """What was asked for, and what was asked of suppliers."""
    sold = [(one.code, one.totals) for one in day.goods]
    yield _same(
        "units_ordered",
        ((code, each.ordered, each.cut + each.waiting + each.collected + each.unclaimed) for code, each in sold),
    )
    if day.is_bought:
        yield _same(
            "units_bought",
            ((one.code, one.supply.needed, one.totals.ordered - one.totals.given_up) for one in day.goods),
        )
    yield _same("lots_recorded", ((one.code, one.lots, one.supply.received) for one in day.goods))


def _moved(day: DayFacts) -> Iterator[Invariant]:
    """Where the goods went; asked once the day is over, because before units are on their way."""
    if not day.is_over:
        return
    goods = [(one.code, one.goods) for one in day.goods]
    yield _same("units_sorted", map(_sorted, day.goods))
    yield _same(
        "units_to_points",
        ((code, each.sorted_to_grids, each.sorted_to_points + each.short_at_grid) for code, each in goods),
    )
    yield _same(
        "units_signed",
        ((code, each.sorted_to_points, each.signed + each.short_at_point + each.damaged) for code, each in goods),
    )
    yield _same("units_handed_over", ((code, each.signed, each.collected + each.unclaimed) for code, each in goods))
    yield _same("cuts_explained", map(_explained, day.goods))
    yield _same("units_received", map(_accounted, day.goods))


def _sorted(one: GoodsFacts) -> Pair:
    # A negative surplus would balance the sum, but goods that never came cannot be sorted.
    surplus = max(0, one.goods.surplus_at_centre)
    return one.code, one.supply.received, one.goods.sorted_to_grids + surplus + one.goods.short_at_centre


def _explained(one: GoodsFacts) -> Pair:
    goods = one.goods
    found = one.short + goods.short_at_centre + goods.short_at_grid + goods.short_at_point + goods.damaged
    return one.code, one.totals.cut - one.totals.given_up, found


def _accounted(one: GoodsFacts) -> Pair:
    goods = one.goods
    lost = goods.short_at_centre + goods.short_at_grid + goods.short_at_point + goods.damaged
    return one.code, one.supply.received, goods.surplus_at_centre + lost + one.totals.collected + one.totals.unclaimed


def _events(day: DayFacts) -> Iterator[Invariant]:
    yield _same("no_parked_events", [("", day.parked, 0)])
    yield _same("consumers_caught_up", ((name, waiting, 0) for name, waiting in sorted(day.lag.items())))


def _money(name: str, left: Money, right: Money) -> Invariant:
    return _same(name, [("", left.fen, right.fen)])


def _same(name: str, pairs: Iterable[Pair]) -> Invariant:
    """The invariant that both sides are equal, thing by thing and not only in the sum."""
    tally = Tally(name)
    for label, left, right in pairs:
        tally.add(label, left, right)
    return tally.invariant()
