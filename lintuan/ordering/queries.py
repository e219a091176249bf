"""What others may ask of orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from django.db import connection
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncMinute

from lintuan.catalog import queries as catalog
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import ZERO
from lintuan.leaders.queries import point_now
from lintuan.members.queries import mask_name, members
from lintuan.pricing.queries import offers, offers_of_day

from . import foretelling
from .engine import relays
from .engine.relays import DraftLine, DraftState, DraftView, RelayView
from .errors import BasketUnknown
from .evenings import past_evenings as past_evenings  # noqa: PLC0414  it is a question to orders, too large for here
from .facts import STANDING
from .models import Basket, BasketLine, BasketMember, Order, OrderLine, RelayDraft, SaleDay
from .types import (
    BasketLineView,
    BasketPerson,
    BasketState,
    BasketView,
    DayTotals,
    Demand,
    LineView,
    OrderView,
    PaidOrder,
    SkuTotals,
    State,
    Turnout,
)

steps_of = foretelling.steps_of
with_savings = foretelling.with_savings

MAY_READ = "ordering.read"
MOST_LISTED = 200

_DEMAND = """
SELECT l.sku_id, o.point_id, sum(l.quantity - l.cut)::bigint
FROM ordering_order o JOIN ordering_orderline l ON l.province_id = o.province_id AND l.order_id = o.id
WHERE o.province_id = %s AND l.province_id = %s AND o.sale_on = %s AND o.state = 'paid' AND l.cut < l.quantity
GROUP BY l.sku_id, o.point_id ORDER BY l.sku_id, o.point_id
"""

_SKU_TOTALS = """
SELECT l.sku_id, l.offer_id,
    coalesce(sum(l.quantity) FILTER (WHERE o.paid_at IS NOT NULL), 0)::bigint,
    coalesce(sum(l.cut) FILTER (WHERE o.paid_at IS NOT NULL), 0)::bigint,
    coalesce(sum(l.given_up), 0)::bigint,
    coalesce(sum(l.quantity - l.cut) FILTER (WHERE o.state = 'paid'), 0)::bigint,
    coalesce(sum(l.quantity - l.cut) FILTER (WHERE o.state = 'collected'), 0)::bigint,
    coalesce(sum(l.quantity - l.cut) FILTER (WHERE o.state = 'unclaimed'), 0)::bigint,
    coalesce(sum(l.quantity - l.given_up) FILTER (WHERE o.paid_at IS NOT NULL OR o.state = 'unpaid'), 0)::bigint
FROM ordering_order o JOIN ordering_orderline l ON l.province_id = o.province_id AND l.order_id = o.id
WHERE o.province_id = %s AND l.province_id = %s AND o.sale_on = %s
GROUP BY l.sku_id, l.offer_id ORDER BY l.sku_id, l.offer_id
"""


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


def paid_orders(province_id: int, sale_on: date) -> Sequence[PaidOrder]:
    """Every order of a sale day that was ever paid, whatever became of it."""
    return [
        PaidOrder(
            order_id=row.id,
            number=row.number,
            member_id=row.member_id,
            point_id=row.point_id,
            charge_id=row.charge_id,
            state=State(row.state),
            amount=row.amount,
            refunded=row.refunded,
            saved=row.saved,
            saved_later=row.saved_later,
        )
        for row in _paid(province_id, sale_on).order_by("id")
    ]


def has_bought(province_id: int, member_id: int) -> bool:
    """Whether a member ever paid for an order that was not given up since."""
    paid = Order.objects.filter(province_id=province_id, member_id=member_id, paid_at__isnull=False)
    return paid.exclude(state__in=[State.CANCELLED.value, State.REFUNDED.value]).exists()


def demand(province_id: int, sale_on: date) -> tuple[Demand, ...]:
    """Units to deliver per SKU and point: of paid orders, after cuts."""
    with connection.cursor() as cursor:
        cursor.execute(_DEMAND, [province_id, province_id, sale_on])
        return tuple(Demand(*row) for row in cursor.fetchall())


def is_closed(province_id: int, sale_on: date) -> bool:
    """Whether the cut-off of a sale day was carried out."""
    return SaleDay.objects.filter(province_id=province_id, sale_on=sale_on, state=SaleDay.Phase.CLOSED).exists()


def day_totals(province_id: int, sale_on: date) -> DayTotals:
    """One sale day in figures, in every state it may be in."""
    rows = Order.objects.filter(province_id=province_id, sale_on=sale_on)
    with connection.cursor() as cursor:
        cursor.execute(_SKU_TOTALS, [province_id, province_id, sale_on])
        skus = tuple(SkuTotals(*row) for row in cursor.fetchall())
    money = rows.filter(paid_at__isnull=False).aggregate(
        paid=Sum("amount"), refunded=Sum("refunded"), saved=Sum("saved")
    )
    return DayTotals(
        sale_on=sale_on,
        is_closed=is_closed(province_id, sale_on),
        orders=dict(rows.values_list("state").annotate(Count("id"))),
        paid=money["paid"] or ZERO,
        refunded=money["refunded"] or ZERO,
        saved=money["saved"] or ZERO,
        skus=skus,
    )


def turnout(province_id: int, sale_on: date) -> Turnout:
    """Who ever paid on a sale day and where, counted without loading the orders."""
    paid = _paid(province_id, sale_on)
    people = paid.aggregate(people=Count("member_id", distinct=True))["people"]
    return Turnout(people, dict(paid.values_list("point_id").annotate(Count("id"))))


def orders_per_minute(province_id: int, sale_on: date) -> tuple[tuple[datetime, int], ...]:
    """How many orders of a sale day were placed in each minute, the earliest first; minutes without any are absent."""
    rows = Order.objects.filter(province_id=province_id, sale_on=sale_on)
    minutes = rows.values_list(TruncMinute("placed_at", tzinfo=UTC)).annotate(Count("id"))
    return tuple(sorted(minutes))


def lines_disagreeing(province_id: int, sale_on: date) -> Sequence[int]:
    """Orders of a day whose amounts are not the sums of their lines: none, or something is broken."""
    lines = OrderLine.objects.filter(province_id=province_id, order__province_id=province_id, order__sale_on=sale_on)
    sums = lines.values("order_id").annotate(sold=Sum("amount"), back=Sum("refunded"))
    wrong = sums.exclude(sold=F("order__amount"), back=F("order__refunded"))
    return list(wrong.order_by("order_id").values_list("order_id", flat=True))


def _paid(province_id: int, sale_on: date) -> QuerySet[Order]:
    return Order.objects.filter(province_id=province_id, sale_on=sale_on, paid_at__isnull=False)


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
        for row in rows.order_by("order_id", "id"):
            by_order[row.order_id].append(line_view(row))
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


def basket(caller: Caller, province_id: int, basket_id: int) -> BasketView:
    """One basket for one of its members; BasketUnknown for anyone else, staff included."""
    found = _baskets(caller, Basket.objects.filter(province_id=province_id, id=basket_id))
    if not found:
        raise BasketUnknown(thing="basket")
    return found[0]


def baskets_of_member(caller: Caller) -> Sequence[BasketView]:
    """The baskets that the calling member is in, the newest first; those of long past days are gone."""
    caller.require_kind(Kind.MEMBER)
    return _baskets(caller, Basket.objects.filter(province_id=caller.province_id))


def joint_members(province_id: int, basket_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Who collects for each other, by basket."""
    joint: dict[int, set[int]] = defaultdict(set)
    rows = BasketMember.objects.filter(province_id=province_id, basket_id__in=set(basket_ids), is_joint=True)
    for basket_id, member_id in rows.values_list("basket_id", "member_id"):
        joint[basket_id].add(member_id)
    return {basket_id: frozenset(people) for basket_id, people in joint.items()}


def joint_baskets(province_id: int, member_id: int) -> list[int]:
    """The baskets whose goods a member may collect for all."""
    rows = BasketMember.objects.filter(province_id=province_id, member_id=member_id, is_joint=True)
    return list(rows.values_list("basket_id", flat=True))


def _baskets(caller: Caller, among: QuerySet[Basket]) -> list[BasketView]:
    """Of these baskets those that the caller is in, the newest first."""
    if caller.kind is not Kind.MEMBER:
        return []
    province_id = caller.province_id
    mine = BasketMember.objects.filter(province_id=province_id, member_id=caller.id).values("basket_id")
    found = list(among.filter(province_id=province_id, id__in=mine).order_by("-id"))
    people: dict[int, list[BasketPerson]] = defaultdict(list)
    rows = BasketMember.objects.filter(province_id=province_id, basket_id__in=[row.id for row in found])
    entered = list(rows.select_related("basket").order_by("joined_at", "id"))
    names = {row.id: mask_name(row.name) for row in members(province_id, {one.member_id for one in entered}).values()}
    lines = _basket_lines(province_id, found)
    for one in entered:
        people[one.basket_id].append(
            BasketPerson(
                name=names[one.member_id],
                is_me=one.member_id == caller.id,
                is_opener=one.member_id == one.basket.opened_by,
                is_joint=one.is_joint,
                joined_at=one.joined_at,
                lines=tuple(lines[one.basket_id, one.member_id]),
            )
        )
    return [_basket(row, people[row.id]) for row in found]


def _basket(row: Basket, people: Sequence[BasketPerson]) -> BasketView:
    return BasketView(
        id=row.id,
        province_id=row.province_id,
        point_id=row.point_id,
        sale_on=row.sale_on,
        code=row.code,
        state=BasketState(row.state),
        people=tuple(people),
    )


def _basket_lines(province_id: int, found: Sequence[Basket]) -> dict[tuple[int, int], list[BasketLineView]]:
    """Lines by basket and member; one whose order no longer stands is open again."""
    rows = list(
        BasketLine.objects.filter(province_id=province_id, basket_id__in=[row.id for row in found]).order_by("id")
    )
    holders = Order.objects.filter(province_id=province_id, id__in={row.order_id for row in rows}, state__in=STANDING)
    states = {order_id: State(state) for order_id, state in holders.values_list("id", "state")}
    shown = offers(province_id, {row.offer_id for row in rows})
    lines: dict[tuple[int, int], list[BasketLineView]] = defaultdict(list)
    for row in rows:
        offer = shown[row.offer_id]
        lines[row.basket_id, row.member_id].append(
            BasketLineView(row.id, row.offer_id, offer.sku_id, row.quantity, offer.price, states.get(row.order_id))
        )
    return lines


def relay_goods(province_id: int, sale_on: date) -> tuple[relays.Named, ...]:
    """What a relay list of a day may wish for, and by which words; sold out or not."""
    tonight = [stocked.offer for stocked in offers_of_day(province_id, sale_on)]
    skus = catalog.skus({offer.sku_id for offer in tonight})
    named = [(offer.id, skus[offer.sku_id]) for offer in tonight]
    return relays.goods([relays.Sold(offer_id, sku.name, sku.name_en, sku.spec, sku.unit) for offer_id, sku in named])


def relay(caller: Caller, province_id: int, point_id: int, sale_on: date) -> RelayView:
    """The list of a point on an evening, empty while none was pasted; for its leader, NotFound for anyone else."""
    if not caller.is_leader(province_id, point_now(province_id, point_id).leader_id):
        raise NotFound(thing="point")
    rows = RelayDraft.objects.filter(
        province_id=province_id, relay__province_id=province_id, relay__sale_on=sale_on, relay__point_id=point_id
    )
    return RelayView(province_id, point_id, sale_on, tuple(_drafts(province_id, rows)))


def drafts(province_id: int, draft_ids: Iterable[int]) -> dict[int, DraftView]:
    """Drafts by id, for whoever has proved their codes or leads; unknown ids are absent."""
    rows = RelayDraft.objects.filter(province_id=province_id, id__in=set(draft_ids))
    return {view.id: view for view in _drafts(province_id, rows)}


def drafts_of_member(caller: Caller) -> Sequence[DraftView]:
    """The lines of relay lists that the calling member confirmed; those of long past days are gone."""
    caller.require_kind(Kind.MEMBER)
    rows = RelayDraft.objects.filter(province_id=caller.province_id, member_id=caller.id)
    return _drafts(caller.province_id, rows)


def lines_drafted(row: RelayDraft) -> tuple[DraftLine, ...]:
    """The units that stand in a draft."""
    return tuple(map(DraftLine, row.offers, row.quantities, row.sure))


def _drafts(province_id: int, rows: QuerySet[RelayDraft]) -> list[DraftView]:
    """By number. Of a confirmed one whose order no longer stands the member may confirm again: it is ready."""
    found = list(rows.select_related("relay").order_by("number", "id"))
    holders = Order.objects.filter(province_id=province_id, id__in={row.order_id for row in found})
    states = {order_id: State(state) for order_id, state in holders.values_list("id", "state")}
    return [_draft(row, states.get(row.order_id)) for row in found]


def _draft(row: RelayDraft, order_state: State | None) -> DraftView:
    state = DraftState(row.state)
    if state is DraftState.CONFIRMED and order_state not in STANDING:
        state = DraftState.READY
    return DraftView(
        id=row.id,
        province_id=row.province_id,
        point_id=row.relay.point_id,
        sale_on=row.relay.sale_on,
        number=row.number,
        name=row.name,
        code=row.code,
        state=state,
        lines=lines_drafted(row),
        unread=row.unread,
        differs=row.differs,
        member_id=row.member_id,
        order_id=row.order_id,
        order_state=order_state,
    )
