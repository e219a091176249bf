"""Publishing: every offer passes the price law first, and what the law said is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import F

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuState, SkuView
from lintuan.kernel import changes, clock, ids
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.kernel.events import announce, announce_all
from lintuan.kernel.states import require_move
from lintuan.pricing import queries, rules
from lintuan.pricing.engine import laws
from lintuan.pricing.errors import CapacityBelowTaken, SaleDayOver, SkuRetired
from lintuan.pricing.events import OfferPublished, OfferWithdrawn
from lintuan.pricing.models import Offer, Stock, Verdict
from lintuan.pricing.types import Finding, NewOffer, OfferState, OfferVerdict, Result
from lintuan.provinces import queries as provinces

TERMS = (
    "price", "list_price", "cost", "per_order_limit", "per_day_limit", "per_life_limit", "shown_bps", "shown_cut",
    "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Judged:
    """An offer on its way to the shelf."""

    offer: NewOffer
    present: OfferState | None
    findings: tuple[Finding, ...]

    @property
    def results(self) -> list[Result]:
        return [finding.result for finding in self.findings]

    @property
    def state(self) -> OfferState:
        return rules.state_after(self.present, self.results)

    @property
    def is_written(self) -> bool:
        return rules.changes_terms(self.present, self.results)

    @property
    def is_published(self) -> bool:
        return Result.BLOCKED not in self.results


@command
def publish_offers(
    caller: Caller, *, province_id: int, sale_on: date, offers: tuple[NewOffer, ...], key: str | None = None
) -> tuple[OfferVerdict, ...]:
    """Put offers on the shelf of a day, or change their terms; the law's findings come back offer by offer.

    A blocked offer stays what it was, draft when it is new. Capacity may change down to what is sold.
    """
    caller.require("pricing.publish", province_id)
    rules.require_sound(offers)
    _require_open_day(province_id, sale_on)
    skus = _skus(offers)
    _next_edition(province_id, sale_on)
    judged = _judge(province_id, sale_on, offers, skus)
    offer_ids = _write_offers(province_id, sale_on, judged)
    published = [each for each in judged if each.is_published]
    _write_stock(province_id, {offer_ids[each.offer.sku_id]: each.offer.capacity for each in published}, skus)
    _write_verdicts(caller, province_id, judged, offer_ids)
    announce_all(
        OfferPublished(
            province_id=province_id,
            offer_id=offer_ids[each.offer.sku_id],
            sku_id=each.offer.sku_id,
            sale_on=sale_on,
            price_fen=each.offer.price.fen,
        )
        for each in published
    )
    return tuple(_verdict(each, offer_ids[each.offer.sku_id]) for each in judged)


@command
def withdraw_offer(caller: Caller, *, province_id: int, offer_id: int, key: str | None = None) -> int:
    """Take an offer off the shelf; what is sold stays sold, and its stock closes with it."""
    caller.require("pricing.publish", province_id)
    offer = _own_offer(province_id, offer_id)
    _require_open_day(province_id, offer.sale_on)
    require_move(rules.NEXT, OfferState(offer.state), OfferState.WITHDRAWN)
    offer.state = OfferState.WITHDRAWN
    offer.save(update_fields=["state"])
    Stock.objects.filter(province_id=province_id, offer_id=offer_id).update(capacity=F("taken"))
    announce(OfferWithdrawn(province_id=province_id, offer_id=offer_id, sku_id=offer.sku_id, sale_on=offer.sale_on))
    return offer_id


def _own_offer(province_id: int, offer_id: int) -> Offer:
    offer = Offer.objects.filter(province_id=province_id, id=offer_id).first()
    if offer is None:
        raise NotFound(thing="offer")
    _next_edition(province_id, offer.sale_on)
    return Offer.objects.select_for_update().get(province_id=province_id, id=offer_id)


def _require_open_day(province_id: int, sale_on: date) -> None:
    province = provinces.province(province_id)
    if clock.now() >= province.timetable.at("cutoff", sale_on, province.zone):
        raise SaleDayOver(sale_on=sale_on)


def _skus(offers: Sequence[NewOffer]) -> dict[int, SkuView]:
    skus = catalog.skus(offer.sku_id for offer in offers)
    for offer in offers:
        sku = skus.get(offer.sku_id)
        if sku is None:
            raise NotFound(thing="sku")
        if sku.state is SkuState.RETIRED:
            raise SkuRetired(sku_code=sku.code)
    return skus


def _next_edition(province_id: int, sale_on: date) -> None:
    """Also the lock that publishers of one day queue for, before they touch its offers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pricing_shelfedition AS e (province_id, sale_on, number) VALUES (%s, %s, 1)"
            " ON CONFLICT (province_id, sale_on) DO UPDATE SET number = e.number + 1",
            [province_id, sale_on],
        )
    changes.tell("pricing", province_id)


def _judge(province_id: int, sale_on: date, offers: Sequence[NewOffer], skus: Mapping[int, SkuView]) -> list[_Judged]:
    deals = queries.deals_before(province_id, sale_on, list(skus))
    rows = Offer.objects.filter(province_id=province_id, sale_on=sale_on, sku_id__in=list(skus))
    states = {row.sku_id: OfferState(row.state) for row in rows}
    judged = []
    for offer in offers:
        facts = rules.facts(offer, mark=_mark(skus[offer.sku_id]), deals=deals[offer.sku_id])
        judged.append(_Judged(offer, states.get(offer.sku_id), laws.judge(facts, on=sale_on)))
    return judged


def _mark(sku: SkuView) -> laws.Mark:
    return laws.Mark(name=sku.name, unit=sku.unit, spec=sku.spec, origin_code=sku.origin_code)


def _write_offers(province_id: int, sale_on: date, judged: Sequence[_Judged]) -> dict[int, int]:
    """The offers' ids by SKU, after writing the terms that may be written."""
    rows = [_row(province_id, sale_on, each) for each in judged if each.is_written]
    Offer.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["province_id", "sale_on", "sku_id"], update_fields=TERMS
    )
    sku_ids = [each.offer.sku_id for each in judged]
    kept = Offer.objects.filter(province_id=province_id, sale_on=sale_on, sku_id__in=sku_ids)
    return dict(kept.values_list("sku_id", "id"))


def _row(province_id: int, sale_on: date, each: _Judged) -> Offer:
    shown = each.offer.discount
    return Offer(
        province_id=province_id,
        sale_on=sale_on,
        sku_id=each.offer.sku_id,
        price=each.offer.price,
        list_price=each.offer.list_price,  # type: ignore[misc]
        cost=each.offer.cost,
        per_order_limit=each.offer.per_order_limit,
        per_day_limit=each.offer.per_day_limit,
        per_life_limit=each.offer.per_life_limit,
        shown_bps=shown.price_bps if shown else None,
        shown_cut=shown.cut if shown else None,
        state=each.state.value,
    )


def _write_stock(province_id: int, capacities: Mapping[int, int], skus: Mapping[int, SkuView]) -> None:
    """Locks the stock rows in the order of offer ids, as every buyer does."""
    known = Stock.objects.select_for_update().filter(province_id=province_id, offer_id__in=list(capacities))
    for stock in known.order_by("offer_id"):
        if capacities[stock.offer_id] < stock.taken:
            raise _below_taken(stock, capacities[stock.offer_id], skus)
    Stock.objects.bulk_create(
        [
            Stock(province_id=province_id, offer_id=offer_id, capacity=capacity)
            for offer_id, capacity in sorted(capacities.items())
        ],
        update_conflicts=True,
        unique_fields=["province_id", "offer"],
        update_fields=["capacity"],
    )


def _below_taken(stock: Stock, capacity: int, skus: Mapping[int, SkuView]) -> CapacityBelowTaken:
    offer = Offer.objects.get(province_id=stock.province_id, id=stock.offer_id)
    sku = skus[offer.sku_id]
    return CapacityBelowTaken(
        offer=ids.public_id("offer", stock.province_id, stock.offer_id),
        taken=stock.taken,
        capacity=capacity,
        name=sku.name_in("zh-hans"),
        name_en=sku.name_in("en"),
    )


def _write_verdicts(caller: Caller, province_id: int, judged: Sequence[_Judged], offer_ids: Mapping[int, int]) -> None:
    at = clock.now()
    Verdict.objects.bulk_create(
        Verdict(
            province_id=province_id,
            offer_id=offer_ids[each.offer.sku_id],
            rule=finding.rule,
            version=finding.version,
            severity=finding.severity.value,
            result=finding.result.value,
            inputs=dict(finding.inputs),
            decided_by=caller.reference,
            at=at,
        )
        for each in judged
        for finding in each.findings
    )


def _verdict(each: _Judged, offer_id: int) -> OfferVerdict:
    findings = tuple(finding for finding in each.findings if finding.result is not Result.PASSED)
    return OfferVerdict(offer_id=offer_id, sku_id=each.offer.sku_id, state=each.state, findings=findings)
