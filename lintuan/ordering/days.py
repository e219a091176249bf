"""The sale day as orders meet it: open or closed, with its locks and the facts that the rules ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F, Sum

from lintuan.kernel import clock
from lintuan.ordering import rules
from lintuan.ordering.errors import CutOffPassed
from lintuan.ordering.facts import bought_ever
from lintuan.ordering.models import OrderLine, SaleDay
from lintuan.ordering.types import BasketWish, OfferFacts, OrderFacts, WantedLine
from lintuan.pricing import queries as pricing
from lintuan.pricing.types import OfferState, OfferView
from lintuan.provinces.queries import selling_day
from lintuan.provinces.types import ProvinceView


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an order is taken: a province at one moment."""

    province: ProvinceView
    now: datetime
    sale_on: date | None

    @classmethod
    def of(cls, province: ProvinceView) -> Desk:
        now = clock.now()
        return cls(province, now, selling_day(province, now))

    def at(self, step: str, sale_on: date) -> datetime:
        return self.province.timetable.at(step, sale_on, self.province.zone)

    def too_late(self) -> CutOffPassed:
        return CutOffPassed(opens_at=self.opens_next_at().isoformat())

    def opens_next_at(self) -> datetime:
        """The first opening after now, of a day on which the province trades."""
        today = self.now.astimezone(ZoneInfo(self.province.zone)).date()
        first = self.province.first_sale_on or today
        days = [max(today, first) + timedelta(days=ahead) for ahead in (-1, 0, 1, 2)]
        openings = [self.at("opens", day) for day in days if day >= first]
        return min(opening for opening in openings if opening > self.now)

    def share_day(self) -> bool:
        """Whether orders are taken now; if so, the cut-off waits until this transaction ends."""
        return self.sale_on is not None and _share_day(self.province.id, self.sale_on)

    def facts(self, lines: Sequence[WantedLine] | Sequence[BasketWish], *, member_id: int, but: int = 0) -> OrderFacts:
        """What the rules must know about these wishes; `but` is an order that does not count as bought before."""
        wanted = [line.offer_id for line in lines]
        offers = {view.id: offer_facts(view) for view in pricing.offers(self.province.id, wanted).values()}
        limited = [offer.sku_id for offer in offers.values() if offer.per_life_limit]
        return replace(
            self.facts_of(offers),
            bought=self._bought(wanted, member_id=member_id, but=but),
            bought_ever=bought_ever(self.province.id, member_id, limited, but=but),
            member_id=member_id,
        )

    def facts_of(self, offers: Mapping[int, OfferFacts]) -> OrderFacts:
        """The facts that are the same for everybody who orders now."""
        province = self.province
        return OrderFacts(
            province_id=province.id,
            now=self.now,
            sale_on=self.sale_on,
            cutoff_at=self.at("cutoff", self.sale_on) if self.sale_on else self.now,
            opens_next_at=self.opens_next_at(),
            most_lines=province.terms.most_lines,
            most_units_per_line=province.terms.most_units_per_line,
            offers=offers,
        )

    def _bought(self, offer_ids: Iterable[int], *, member_id: int, but: int) -> dict[int, int]:
        if self.sale_on is None:
            return {}
        live = OrderLine.objects.filter(
            province_id=self.province.id,
            offer_id__in=list(offer_ids),
            order__province_id=self.province.id,
            order__member_id=member_id,
            order__sale_on=self.sale_on,
            order__state__in=[state.value for state in rules.LIVE],
        )
        units = live.exclude(order_id=but).values("offer_id").annotate(units=Sum(F("quantity") - F("cut")))
        return dict(units.values_list("offer_id", "units"))


def lock_day(province_id: int, sale_on: date) -> SaleDay:
    """The sale day, for its cut-off: waits for every order that is just being placed."""
    _make_day(province_id, sale_on)
    return SaleDay.objects.select_for_update().get(province_id=province_id, sale_on=sale_on)


def lock_shopper(province_id: int, member_id: int, sale_on: date) -> None:
    """Let a member's orders of one day pass one after another, so that parallel ones cannot pass a daily limit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ordering_shopper AS s (province_id, member_id, sale_on, placed, orders)"
            " VALUES (%s, %s, %s, 1, '{}')"
            " ON CONFLICT (province_id, sale_on, member_id) DO UPDATE SET placed = s.placed + 1",
            [province_id, member_id, sale_on],
        )


def _share_day(province_id: int, sale_on: date) -> bool:
    """Whether the day takes orders; its cut-off then waits for this transaction."""
    state = _shared_state(province_id, sale_on)
    if state is None:
        _make_day(province_id, sale_on)
        state = _shared_state(province_id, sale_on)
    return state == SaleDay.Phase.OPEN


def _shared_state(province_id: int, sale_on: date) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state FROM ordering_saleday WHERE province_id = %s AND sale_on = %s FOR SHARE",
            [province_id, sale_on],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def open_day(province_id: int, sale_on: date) -> None:
    """See to it that a sale day's row is there, open unless it is closed already."""
    if not SaleDay.objects.filter(province_id=province_id, sale_on=sale_on).exists():
        _make_day(province_id, sale_on)


def _make_day(province_id: int, sale_on: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ordering_saleday (province_id, sale_on, state) VALUES (%s, %s, 'open')"
            " ON CONFLICT (province_id, sale_on) DO NOTHING",
            [province_id, sale_on],
        )


def offer_facts(view: OfferView) -> OfferFacts:
    """What the rules must know of an offer."""
    return OfferFacts(
        id=view.id,
        sku_id=view.sku_id,
        sale_on=view.sale_on,
        price=view.price,
        per_order_limit=view.per_order_limit,
        per_day_limit=view.per_day_limit,
        per_life_limit=view.per_life_limit,
        is_open=view.state is OfferState.PUBLISHED,
    )
