"""Orders with their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db.models import QuerySet

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound
from lintuan.leaders.queries import point_now
from lintuan.ordering import foretelling
from lintuan.ordering.evenings import past_evenings as past_evenings  # noqa: PLC0414  it is a question to orders, too large for here
from lintuan.ordering.models import Order, OrderLine
from lintuan.ordering.types import (
    LineView,
    OrderView,
    State,
)

from .days import _paid

steps_of = foretelling.steps_of


with_savings = foretelling.with_savings


MAY_READ = "ordering.read"


MOST_LISTED = 200


def order(caller: Caller, province_id: int, order_id: int) -> OrderView:
    """One order for the member who placed it, the leader of its point, or staff; NotFound for anyone else."""
    row = Order.objects.filter(province_id=province_id, id=order_id).first()
    if row is None or not _may_see(caller, row):
        raise NotFound(thing="order")
    return _views([row])[0]


def orders(province_id: int, order_ids: Iterable[int]) -> dict[int, OrderView]:
    """Orders in any state by id; unknown ids are absent."""
    rows = Order.objects.filter(province_id=province_id, id__in=set(order_ids))
    return {view.id: view for view in _views(rows.order_by("id"))}


def orders_of_member(caller: Caller, *, before_id: int | None = None, limit: int = 50) -> Sequence[OrderView]:
    """The calling member's own orders, the newest first; `before_id` reads on behind one."""
    caller.require_kind(Kind.MEMBER)
    rows = Order.objects.filter(province_id=caller.province_id, member_id=caller.id)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    return _views(rows.order_by("-id")[: min(limit, MOST_LISTED)])


def recent_orders(
    caller: Caller, province_id: int, *, sale_on: date | None = None, limit: int = 50
) -> Sequence[OrderView]:
    """The newest orders of a province, or of one of its sale days, for staff."""
    caller.require(MAY_READ, province_id)
    rows = Order.objects.filter(province_id=province_id)
    if sale_on is not None:
        rows = rows.filter(sale_on=sale_on)
    return _views(rows.order_by("-id")[: min(limit, MOST_LISTED)])


def orders_at_point(province_id: int, point_id: int, sale_on: date) -> Sequence[OrderView]:
    """The orders of a sale day to be handed out at a point, handed out already, or unclaimed there."""
    rows = _paid(province_id, sale_on).filter(point_id=point_id, state__in=["paid", "collected", "unclaimed"])
    return _views(rows.order_by("id"))


def has_bought(province_id: int, member_id: int) -> bool:
    """Whether a member ever paid for an order that was not given up since."""
    return _standing(province_id, [member_id]).exists()


def without_order(province_id: int, order_ids: Collection[int]) -> set[int]:
    """Who of those that placed these orders has none, of all they ever placed, that is paid and was not given up."""
    placed = Order.objects.filter(province_id=province_id, id__in=order_ids).values_list("member_id", flat=True)
    members = set(placed)
    return members - set(_standing(province_id, members).values_list("member_id", flat=True))


def _standing(province_id: int, member_ids: Collection[int]) -> QuerySet[Order]:
    paid = Order.objects.filter(province_id=province_id, member_id__in=member_ids, paid_at__isnull=False)
    return paid.exclude(state__in=[State.CANCELLED.value, State.REFUNDED.value])


def _may_see(caller: Caller, row: Order) -> bool:
    if caller.is_member(row.province_id, row.member_id) or caller.may(MAY_READ, row.province_id):
        return True
    if caller.kind is not Kind.LEADER or caller.province_id != row.province_id:
        return False
    return caller.is_leader(row.province_id, point_now(row.province_id, row.point_id).leader_id)


def _views(rows: Iterable[Order]) -> list[OrderView]:
    found = list(rows)
    lines = _lines(found)
    return [_view(row, tuple(lines[row.id])) for row in found]


def _lines(found: Sequence[Order]) -> dict[int, list[LineView]]:
    by_order: dict[int, list[LineView]] = defaultdict(list)
    if found:
        rows = OrderLine.objects.filter(province_id=found[0].province_id, order_id__in=[row.id for row in found])
        for row in rows.order_by("order_id", "id").values_list(*LineView.__struct_fields__):
            by_order[row[1]].append(LineView(*row))
    return by_order


def line_view(row: OrderLine) -> LineView:
    """A line as its readers see it."""
    return LineView(
        id=row.id,
        order_id=row.order_id,
        offer_id=row.offer_id,
        sku_id=row.sku_id,
        quantity=row.quantity,
        cut=row.cut,
        given_up=row.given_up,
        price=row.price,
        amount=row.amount,
        refunded=row.refunded,
    )


def _view(row: Order, lines: tuple[LineView, ...]) -> OrderView:
    return OrderView(
        id=row.id,
        province_id=row.province_id,
        number=row.number,
        member_id=row.member_id,
        point_id=row.point_id,
        sale_on=row.sale_on,
        collect_on=row.collect_on,
        state=State(row.state),
        amount=row.amount,
        refunded=row.refunded,
        charge_id=row.charge_id,
        placed_at=row.placed_at,
        paid_at=row.paid_at,
        pay_by=row.pay_by,
        lines=lines,
        basket_id=row.basket_id,
        saved=row.saved,
        saved_later=row.saved_later,
    )
