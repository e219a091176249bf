"""Who funds what plays save: heard order by order, and worked out from orders, lots and campaigns when it is due."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from django.db import connection
from django.db.models import Sum

from lintuan.kernel.events import Recorded
from lintuan.kernel.fields import array
from lintuan.kernel.money import Money
from lintuan.ordering.events import OrderSaved
from lintuan.ordering.types import OrderView
from lintuan.plays import queries as plays
from lintuan.plays.events import RewardSpent
from lintuan.sourcing import queries as sourcing

from . import rules
from .engine import funding
from .engine.funding import Part, Share, Shares, Sold
from .models import Commission, Funding, FundingFact, LeaderLine, StatementLine
from .types import LeaderLineKind, LineKind

_OPEN_AGAIN = """
UPDATE settlement_funding SET is_open = true WHERE province_id = %s AND order_id = ANY(%s::bigint[]) AND NOT is_open
"""

Units = Mapping[int, Mapping[int, int]]


class Fundings:
    """What a batch of events says of funders; orders of which anything changed are to be charged anew."""

    def __init__(self, province_id: int) -> None:
        self._province_id = province_id
        self._facts: list[FundingFact] = []
        self._changed: set[int] = set()

    def hear(self, recorded: Recorded) -> None:
        event = recorded.event
        if isinstance(event, RewardSpent | OrderSaved) and (event.leader_fen or event.supplier_fen):
            self._facts.append(
                FundingFact(
                    province_id=self._province_id,
                    source=rules.from_event(recorded.id),
                    order_id=event.order_id,
                    campaign_id=event.campaign_id,
                    leader_id=event.leader_id,
                    leader=Money(event.leader_fen),
                    supplier=Money(event.supplier_fen),
                )
            )
        elif order_id := getattr(event, "order_id", 0):
            self._changed.add(order_id)

    def save(self) -> None:
        if self._facts:
            FundingFact.objects.bulk_create(self._facts, ignore_conflicts=True)
            orders = sorted({fact.order_id for fact in self._facts})
            Funding.objects.bulk_create(
                (Funding(province_id=self._province_id, order_id=order_id, is_open=True) for order_id in orders),
                update_conflicts=True,
                unique_fields=["province_id", "order_id"],
                update_fields=["is_open"],
            )
        if self._changed:
            with connection.cursor() as cursor:
                cursor.execute(_OPEN_AGAIN, [self._province_id, array(sorted(self._changed))])


def shares_due(province_id: int, orders: Mapping[int, OrderView]) -> dict[int, Shares]:
    """What leaders and suppliers are to bear of these paid orders, by order."""
    parts = _parts(province_id, orders)
    skus: dict[date, set[int]] = defaultdict(set)
    for order in orders.values():
        skus[order.sale_on] |= {line.sku_id for line in order.lines}
    nights = {day: sourcing.units_brought(province_id, day, ids) for day, ids in skus.items()}
    return {
        order_id: funding.shares(order.saved, order.bill.borne, parts[order_id], _lines(order, nights[order.sale_on]))
        for order_id, order in orders.items()
    }


def shares_told(province_id: int, order_ids: Collection[int]) -> Mapping[int, Shares]:
    """What lines of statements, made or to be made, say that leaders and suppliers bear, by order."""
    told: dict[int, dict[Share, Money]] = {order_id: {} for order_id in order_ids}
    suppliers = StatementLine.objects.filter(
        province_id=province_id, kind=LineKind.SUBSIDY.value, order_id__in=list(order_ids)
    ).values_list("order_id", "campaign_id", "supplier_id", "sku_id")
    for order_id, campaign_id, supplier_id, sku_id, amount in suppliers.annotate(Sum("amount")):
        told[order_id][Share(campaign_id, supplier_id=supplier_id, sku_id=sku_id)] = amount
    leaders = LeaderLine.objects.filter(
        province_id=province_id, kind=LeaderLineKind.SUBSIDY.value, order_id__in=list(order_ids)
    ).values_list("order_id", "campaign_id", "leader_id")
    for order_id, campaign_id, leader_id, amount in leaders.annotate(Sum("amount")):
        told[order_id][Share(campaign_id, leader_id=leader_id)] = -amount
    return told


def play_names(province_id: int, campaign_ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """What the plays of campaigns are called, in Chinese and English."""
    found = plays.campaigns_by_id(province_id, {campaign_id for campaign_id in campaign_ids if campaign_id})
    return {one.id: (one.definition.name.zh, one.definition.name.en) for one in found.values()}


def _parts(province_id: int, order_ids: Collection[int]) -> dict[int, list[Part]]:
    """The facts of each order added up by campaign and leader, always in the same order."""
    rows = FundingFact.objects.filter(province_id=province_id, order_id__in=list(order_ids))
    known = list(rows)
    at_point = dict(
        Commission.objects.filter(province_id=province_id, order_id__in=list(order_ids)).values_list(
            "order_id", "leader_id"
        )
    )
    sums: Counter[tuple[int, int, int, str]] = Counter()
    for row in known:
        key = row.order_id, row.campaign_id, row.leader_id or at_point.get(row.order_id, 0)
        sums[*key, "leader"] += row.leader.fen
        sums[*key, "supplier"] += row.supplier.fen
    about = _goods_of(province_id, {row.campaign_id for row in known})
    parts: dict[int, list[Part]] = defaultdict(list)
    for order_id, campaign_id, leader_id in sorted({key[:3] for key in sums}):
        leader, supplier = (Money(sums[order_id, campaign_id, leader_id, who]) for who in ("leader", "supplier"))
        parts[order_id].append(Part(campaign_id, leader_id, leader, supplier, about.get(campaign_id, frozenset())))
    return parts


def _goods_of(province_id: int, campaign_ids: set[int]) -> dict[int, frozenset[int]]:
    """The SKUs that campaigns are about, those that are won in them included; none where it is about all goods."""
    found = plays.campaigns_by_id(province_id, campaign_ids)
    return {
        one.id: one.sku_ids | frozenset(one.goods.values()) if one.sku_ids else frozenset() for one in found.values()
    }


def _lines(order: OrderView, units: Units) -> list[Sold]:
    return [
        Sold(line.sku_id, line.amount, line.amount - line.refunded, units.get(line.sku_id, {})) for line in order.lines
    ]
