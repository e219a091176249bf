"""What must be true of a sale day, each thing shown by two rooms that know it apart; docs/algorithms/proof.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lintuan.fulfilment.types import GoodsTotals
from lintuan.kernel.money import ZERO, Money, total
from lintuan.ordering.types import SkuTotals, State
from lintuan.settlement.types import Invariant
from lintuan.sourcing.types import SupplyTotals

from . import accounts as a
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


@dataclass(frozen=True, slots=True)
class EarningFacts:
    """An order's commission in the books."""

    bps: int
    paid: Money
    amount: Money


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
    """All that the proof of a day is made from: `orders` that were paid, `is_bought` once suppliers were asked."""

    is_over: bool
    is_bought: bool
    orders: tuple[OrderMoney, ...]
    unpaid: tuple[UnpaidFacts, ...]
    disagreeing_orders: int
    earnings: Mapping[int, EarningFacts]
    raises: tuple[Pair, ...]
    goods: tuple[GoodsFacts, ...]
    books: BooksFacts
    parked: int
    lag: Mapping[str, int]


def prove(day: DayFacts) -> tuple[Invariant, ...]:
    """Every invariant that can be asked of the day as far as it has come."""
    parts = (_stock(day), _orders(day), _charges(day), _ledger(day), _income(day), _commission(day), _goods(day))
    ended = (_moved(day), _events(day))
    return tuple(invariant for part in (*parts, *ended) for invariant in part)


def _stock(day: DayFacts) -> Iterator[Invariant]:
    yield _same("stock_taken", ((one.code, one.stock[1], one.totals.held) for one in day.goods))
    yield _same("stock_capacity", ((one.code, max(0, one.stock[1] - one.stock[0]), 0) for one in day.goods))


def _orders(day: DayFacts) -> Iterator[Invariant]:
    accounted = ENDED if day.is_over else ENDED | {State.PAID}
    known = {money.order.order_id: money.order for money in day.orders}
    labels = {**dict.fromkeys(day.earnings, "?"), **{order_id: order.number for order_id, order in known.items()}}
    paid = {order_id: order.amount.fen for order_id, order in known.items()}
    booked = {order_id: earning.paid.fen for order_id, earning in day.earnings.items()}
    yield _same(
        "orders_in_books",
        ((label, paid.get(order_id, 0), booked.get(order_id, 0)) for order_id, label in labels.items()),
    )
    yield _same("orders_accounted", ((one.number, 1, one.state in accounted) for one in known.values()))
    given_back = (one for one in known.values() if one.state in GIVEN_BACK)
    yield _same("orders_given_back", ((one.number, one.refunded.fen, one.amount.fen) for one in given_back))
    yield _same("orders_add_up", [("", day.disagreeing_orders, 0)])


def _charges(day: DayFacts) -> Iterator[Invariant]:
    """Ordering and payments."""
    yield _each("charges_paid", day, lambda one: (one.charge.paid, one.order.bill.charged))
    yield _each("refunds_asked", day, lambda one: (one.charge.asked, one.order.bill.paid_back))
    if day.is_over:
        yield _each("refunds_arrived", day, lambda one: (one.charge.done + one.charge.on_the_way, one.charge.done))


def _ledger(day: DayFacts) -> Iterator[Invariant]:
    """Payments, ordering and the books, order by order."""
    yield _each("gateway_balance", day, lambda one: (one.at_gateway, one.charge.received - one.charge.done))
    yield _each("prepayments", day, lambda one: (one.held(a.PREPAID), one.still_prepaid))
    yield _each("refunds_decided", day, lambda one: (one.held(a.REFUNDS_OWED), ZERO))
    yield _each("refunds_on_their_way", day, lambda one: (one.held(a.REFUNDS_SENT), one.charge.on_the_way))
    yield _each("receipts_matched", day, lambda one: (one.held(a.UNMATCHED), ZERO))
    yield _each("subsidies", day, lambda one: (one.subsidised, one.order.bill.borne))
    charged = ((one.order.number, one.charged.fen, one.funded.fen) for one in day.orders if one.funded is not None)
    yield _same("funders", charged)
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


def _income(day: DayFacts) -> Iterator[Invariant]:
    """What the day's journals add up to, and what the rooms below say it should be."""
    books, cost = day.books, total(one.supply.cost for one in day.goods)
    collected = total(money.order.net for money in day.orders if money.order.state is State.COLLECTED)
    unclaimed = total(money.order.net for money in day.orders if money.order.state is State.UNCLAIMED)
    yield _money("sales", books.credits(a.SALES, a.RETURNS), collected)
    yield _money("forfeited", books.credits(a.FORFEITED), unclaimed)
    spent = books.debits(a.GOODS, a.COST_OF_GOODS, a.UNCLAIMED_GOODS, a.WASTE)
    yield _money("goods_cost", spent, cost)
    yield _money("suppliers_owed", books.credits(a.SUPPLIERS, a.RECOVERED, a.SUPPLIERS_SUBSIDIES), cost)
    if books.is_goods_booked:
        yield _money("goods_left", books.debits(a.GOODS), ZERO)
    if books.statement_goods is not None:
        yield _money("statements", books.statement_goods, cost)
    yield _money("suppliers_told", books.told_suppliers, books.credits(a.RECOVERED, a.SUPPLIERS_SUBSIDIES))


def _commission(day: DayFacts) -> Iterator[Invariant]:
    yield _same("commission_exact", (_earned(money, day.earnings) for money in day.orders))
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


def _earned(money: OrderMoney, earnings: Mapping[int, EarningFacts]) -> Pair:
    order, earning = money.order, earnings.get(money.order.order_id, EarningFacts(0, ZERO, ZERO))
    due = order.net.share(earning.bps) if order.state in EARNING else ZERO
    return order.number, earning.amount.fen, due.fen


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


def _each(name: str, day: DayFacts, sides: Sides) -> Invariant:
    pairs = ((money.order.number, *sides(money)) for money in day.orders)
    return _same(name, ((number, left.fen, right.fen) for number, left, right in pairs))


def _money(name: str, left: Money, right: Money) -> Invariant:
    return _same(name, [("", left.fen, right.fen)])


def _same(name: str, pairs: Iterable[Pair]) -> Invariant:
    """The invariant that both sides are equal, thing by thing and not only in the sum."""
    known = [(label, int(left), int(right)) for label, left, right in pairs]
    wrong = [f"{label}: {left} ≠ {right}" for label, left, right in known if left != right]
    text = TEXTS[name]
    return Invariant(
        name=name,
        topic=text.topic,
        zh=text.zh,
        en=text.en,
        unit=text.unit,
        left=sum(left for _, left, _ in known),
        right=sum(right for _, _, right in known),
        holds=not wrong,
        offending=tuple(wrong[:MOST_EXAMPLES]),
    )
