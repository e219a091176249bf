"""What must hold after every trial: counted in the database, asked over the API, held against what neighbours noted.

Each check answers what is wrong, with ids; no answers mean that it holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from lintuan.kernel.ids import read_public_id
from tests.journeys.province import PROVINCE

from .arena import Arena
from .notes import Notes, Wish
from .site import Site

SHOWN = 5
LIVE = ("unpaid", "paid")
ORDERS = (
    "SELECT id, member_id, state, amount, charge_id, paid_at IS NOT NULL FROM ordering_order"
    " WHERE province_id = %s AND sale_on = %s"
)
# Nothing is joined with its order: without statistics of fresh tables that can take minutes.
LINES = "SELECT order_id, offer_id, quantity, amount FROM ordering_orderline WHERE province_id = %s"
CHARGES = (
    "SELECT subject_id, id, state, amount, refunded FROM payments_charge WHERE province_id = %s AND purpose = 'order'"
)
EVENTS = (
    "SELECT name, (body->>'order_id')::bigint, count(*) FROM kernel_event"
    " WHERE province_id = %s AND name IN ('ordering.OrderPlaced', 'ordering.OrderPaid') GROUP BY 1, 2"
)
PAYMENTS = (
    "SELECT (body->>'subject_id')::bigint FROM kernel_event"
    " WHERE province_id = %s AND name = 'payments.ChargePaid' AND body->>'purpose' = 'order'"
)
LATE = (
    "SELECT DISTINCT c.subject_id FROM payments_attempt AS a"
    " JOIN payments_charge AS c ON c.province_id = a.province_id AND c.id = a.charge_id"
    " JOIN payments_refund AS r ON r.province_id = a.province_id AND r.attempt_id = a.id AND r.amount = c.amount"
    " WHERE a.province_id = %s AND a.state = 'late' AND r.cause = 'late_payment' AND c.purpose = 'order'"
)
STOCK = (
    "SELECT s.offer_id, s.capacity, s.taken FROM pricing_stock AS s JOIN pricing_offer AS f"
    " ON f.id = s.offer_id AND f.province_id = s.province_id WHERE s.province_id = %s AND f.sale_on = %s"
)


@dataclass(frozen=True)
class Order:
    """A row, with what belongs to it."""

    id: int
    member_id: int
    state: str
    amount: int
    charge_id: int
    was_paid: bool


@dataclass(frozen=True)
class Evening:
    """What the database holds of one evening, read once."""

    site: Site
    sale_on: date

    @cached_property
    def orders(self) -> Mapping[int, Order]:
        return {row[0]: Order(*row) for row in self.site.rows(ORDERS, PROVINCE, self.sale_on)}

    @cached_property
    def lines(self) -> Mapping[int, list[tuple[int, int, int]]]:
        """(offer, quantity, amount) by order; of other evenings too, as with all that follows."""
        return self._by_order(LINES)

    @cached_property
    def charges(self) -> Mapping[int, list[tuple[int, str, int, int]]]:
        """(charge, state, amount, refunded) by order."""
        return self._by_order(CHARGES)

    @cached_property
    def events(self) -> Mapping[tuple[str, int], int]:
        """How often each was announced, by name and order."""
        return {(name, order_id): count for name, order_id, count in self.site.rows(EVENTS, PROVINCE)}

    @cached_property
    def paid_for(self) -> set[int]:
        """Orders whose charge was announced paid."""
        return {order_id for (order_id,) in self.site.rows(PAYMENTS, PROVINCE)}

    @cached_property
    def late(self) -> set[int]:
        """Orders for which money came late and is to go back whole."""
        return {order_id for (order_id,) in self.site.rows(LATE, PROVINCE)}

    @cached_property
    def stock(self) -> list[tuple[int, int, int]]:
        """(offer, capacity, taken)."""
        return self.site.rows(STOCK, PROVINCE, self.sale_on)  # type: ignore[return-value]

    def _by_order(self, query: str) -> Mapping[int, list[Any]]:
        found = defaultdict(list)
        for order_id, *values in self.site.rows(query, PROVINCE):
            found[order_id].append(tuple(values))
        return found


def violations(arena: Arena) -> list[str]:
    """Everything that does not hold of the evening so far, each kind with its first examples."""
    evening, wishes = Evening(arena.site, arena.evening.sale_on), arena.notes.wishes
    checks = {
        "an order answered with success is missing": _missing(evening, wishes),
        "an order stands that nobody was told of": _unasked(evening, arena.notes),
        "one key was given different orders, or one order to two keys": _changing(wishes),
        "an order's lines are not those agreed": _wrong_lines(evening, wishes),
        "an order's charge is wrong": _wrong_charges(evening),
        "stock does not equal the units held": _wrong_stock(evening),
        "an order was not announced exactly once": _wrong_events(evening),
        "a payment was not taken": _untaken(evening, wishes),
        "events were parked": _parked(arena.site),
        "a wish was never answered": (str(wish) for wish in wishes if not wish.is_settled),
    }
    found = {name: list(wrong) for name, wrong in checks.items()}
    return [f"{name} ({len(wrong)}): {'; '.join(wrong[:SHOWN])}" for name, wrong in found.items() if wrong]


def row_id(order: Mapping[str, Any]) -> int:
    """The row behind an order as it was told."""
    return read_public_id("order", order["id"])[1]


def _missing(evening: Evening, wishes: list[Wish]) -> Iterator[str]:
    for wish in wishes:
        if wish.orders and row_id(wish.order) not in evening.orders:
            yield f"order {wish.order['number']} ({row_id(wish.order)}), {wish}"


def _unasked(evening: Evening, notes: Notes) -> Iterator[str]:
    known = {row_id(wish.order) for wish in notes.successes()} | notes.unasked
    for order in evening.orders.values():
        if order.id not in known:
            notes.unasked.add(order.id)
            yield f"order {order.id} of member {order.member_id}, {order.state}"


def _changing(wishes: list[Wish]) -> Iterator[str]:
    owners: dict[str, Wish] = {}
    for wish in wishes:
        ids = {order["id"] for order in wish.orders}
        if len(ids) > 1:
            yield f"orders {sorted(ids)}, {wish}"
        for order_id in ids:
            if owners.setdefault(order_id, wish) is not wish:
                yield f"order {order_id}: {wish} and {owners[order_id]}"


def _wrong_lines(evening: Evening, wishes: list[Wish]) -> Iterator[str]:
    for wish in wishes:
        for order in wish.orders[:1]:
            offers = [(read_public_id("offer", line["offer"])[1], line) for line in wish.wanted["lines"]]
            agreed = sorted((offer, line["quantity"], line["quantity"] * line["price_fen"]) for offer, line in offers)
            stored = evening.lines.get(row_id(order), [])
            told = {(line["offer"], line["quantity"], line["amount_fen"]) for line in order["lines"]}
            wanted = {(line["offer"], line["quantity"], line["quantity"] * line["price_fen"]) for _, line in offers}
            if sorted(stored) != agreed or told != wanted:
                yield f"order {row_id(order)}: stored {stored}, agreed {agreed}, told {sorted(told)}"


def _wrong_charges(evening: Evening) -> Iterator[str]:
    """A paid order has a paid charge, given back whole if it was cancelled; an unpaid one has an open one or none."""
    for order in evening.orders.values():
        charges = evening.charges.get(order.id, [])
        alive = [charge for charge in charges if charge[1] in ("open", "paid")]
        owed = sum(amount for _, _, amount in evening.lines.get(order.id, []))
        refunded = order.amount if order.state not in LIVE else 0
        expected = [(order.charge_id, "paid" if order.was_paid else "open", order.amount, refunded)]
        if order.state not in LIVE and not order.was_paid:
            expected = []
        if alive != expected or owed != order.amount:
            yield f"order {order.id}, {order.state}, amount {order.amount}, lines {owed}: charges {charges}"


def _wrong_stock(evening: Evening) -> Iterator[str]:
    held: Counter[int] = Counter()
    for order in evening.orders.values():
        for offer, quantity, _ in evening.lines.get(order.id, []) if order.state in LIVE else []:
            held[offer] += quantity
    for offer, capacity, taken in evening.stock:
        if taken != held[offer] or taken > capacity:
            yield f"offer {offer}: capacity {capacity}, taken {taken}, held by orders {held[offer]}"


def _wrong_events(evening: Evening) -> Iterator[str]:
    for order in evening.orders.values():
        for name, due in (("ordering.OrderPlaced", 1), ("ordering.OrderPaid", int(order.was_paid))):
            count = evening.events.get((name, order.id), 0)
            if count != due:
                yield f"{name} of order {order.id}: {count} instead of {due}"


def _untaken(evening: Evening, wishes: list[Wish]) -> Iterator[str]:
    """A charge that was paid in time made its order paid; what was pressed is paid or has gone back whole."""
    for order in evening.orders.values():
        if order.id in evening.paid_for and not order.was_paid:
            yield f"ChargePaid of order {order.id}, which is not paid"
    for wish in wishes:
        order = evening.orders.get(row_id(wish.order)) if wish.is_paid else None
        if order and not order.was_paid and order.id not in evening.late:
            charges = evening.charges.get(order.id, [])
            yield f"order {order.id} was paid at the gateway and is {order.state}, charges {charges}"


def _parked(site: Site) -> Iterator[str]:
    for consumer, event, name, reason in site.rows("SELECT consumer, event_id, name, reason FROM kernel_parkedevent"):
        yield f"{name} {event} by {consumer}: {reason[:200]}"
