"""Rates, levels and margins from being kept to what real orders earn."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from lintuan.catalog.types import Category
from lintuan.kernel.callers import NOBODY, SYSTEM, Caller
from lintuan.kernel.errors import Forbidden, NotFound, SignInNeeded
from lintuan.kernel.money import Money
from lintuan.leaders.types import PointView
from lintuan.ordering.types import OrderView
from lintuan.pricing.types import OfferView
from lintuan.provinces.commands import load_places
from lintuan.provinces.types import ProvincePlan, Terms
from lintuan.settlement import commands, margins, queries
from lintuan.settlement.errors import (
    LevelsRefused,
    RateEnded,
    RateRefused,
    RateTwice,
    SharesAboveMargin,
    TooSoon,
)
from lintuan.settlement.handlers import book
from lintuan.settlement.models import Commission
from lintuan.settlement.rate_models import LeaderLevel, LevelTable, Rate
from lintuan.settlement.types import Graded, NewRate
from tests.make import catalog, leaders, ordering, pricing, provinces, settlement
from tests.make.ordering import EVENING, SALE_ON
from tests.make.provinces import HUBEI
from tests.make.settlement import BOOKS, ClockAt, Tale, balances, recorded

pytestmark = pytest.mark.django_db

EVE = "2026-11-19T12:00+08:00"
LATER = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def _places() -> None:
    load_places(SYSTEM)


def test_each_line_of_an_order_earns_by_its_own_rate(clock_at: ClockAt) -> None:
    eggs, greens = _two_goods(clock_at)
    _set(NewRate(300, SALE_ON, category="poultry-eggs"))
    _set(NewRate(1000, SALE_ON, area="4201"))
    clock_at(EVENING)
    ordering.paid_order(ordering.line(eggs, 2), ordering.line(greens, 3))

    settlement.hear()

    row = Commission.objects.get(province_id=HUBEI)
    # 20.00 of eggs at 3 % and 15.00 of greens at 10 %.
    assert (row.amount, row.bps, row.skus, row.sku_bps) == (Money(60 + 150), 1000, [eggs.sku_id], [300])
    assert balances()["5101"] == 210


def test_cuts_and_claims_take_back_what_their_goods_earned(clock_at: ClockAt) -> None:
    order, eggs = _mixed_order(clock_at)
    settlement.hear()
    clock_at("2026-11-21T18:00+08:00")
    ordering.commands.mark_collected(SYSTEM, province_id=HUBEI, order_ids=(order.id,))
    line = next(one for one in order.lines if one.sku_id == eggs.sku_id)
    told = Tale(order.point_id, order_id=order.id).claimed(1000, sku_id=line.sku_id).events[0]
    settlement.hear()

    book(recorded([told]))

    # 10.00 of eggs at 3 % are left, and 15.00 of greens at 8 %.
    assert Commission.objects.get(province_id=HUBEI).amount == Money(30 + 120)


def test_the_order_of_facts_does_not_matter_to_an_order_of_several_rates(clock_at: ClockAt) -> None:
    order, eggs = _mixed_order(clock_at)
    about = Tale(order.point_id, price=order.amount.fen, quantity=1, order_id=order.id)
    facts = [
        about.paid().events[1],
        about.claimed(1000, sku_id=eggs.sku_id).events[0],
        about.claimed(500, sku_id=next(one.sku_id for one in order.lines if one.sku_id != eggs.sku_id)).events[0],
    ]

    seen = set()
    for heard in permutations(facts):
        Commission.objects.filter(province_id=HUBEI).delete()
        for fact in recorded(heard):
            book([fact])
        row = Commission.objects.get(province_id=HUBEI)
        seen.add((row.amount, row.swing))

    assert seen == {(Money(30 + 80), -1000 * 500)}


def test_the_proof_works_the_commission_out_again_from_the_lines(clock_at: ClockAt) -> None:
    _mixed_order(clock_at)
    settlement.hear()

    def exact() -> bool:
        proved = queries.prove_day(HUBEI, SALE_ON)
        return next(one.holds for one in proved.invariants if one.name == "commission_exact")

    assert exact()
    Commission.objects.filter(province_id=HUBEI).update(amount=Money(181))
    assert not exact()


def test_a_leaders_level_is_what_it_was_on_the_sale_day(clock_at: ClockAt) -> None:
    clock_at(EVE)
    point = leaders.point()
    _set(NewRate(1200, SALE_ON, level=2))
    _level(point, 2, date(2026, 11, 15))
    _level(point, 1, date(2026, 11, 21))

    book(recorded(Tale(point.id).paid().events))

    row = Commission.objects.get(province_id=HUBEI)
    assert (row.bps, row.amount) == (1200, Money(144))


def test_sales_of_thirty_days_make_a_level_from_the_next_day_on(clock_at: ClockAt) -> None:
    clock_at(EVE)
    point, other = leaders.point(), leaders.point()
    commands.set_levels(_staff(), province_id=HUBEI, from_on=SALE_ON, thresholds=(Money(2000), Money(9000)))
    tales = [Tale(point.id).paid().collected(), Tale(point.id).paid().cut_by(1).collected(), Tale(other.id).paid()]
    book(recorded(event for tale in tales for event in tale.events))
    clock_at(BOOKS)

    graded = commands.grade_leaders(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    again = commands.grade_leaders(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    # 12.00 and 9.00, and nothing of what was not collected.
    assert (graded, again) == (Graded(1, 1), Graded(1, 0))
    (row,) = LeaderLevel.objects.filter(province_id=HUBEI)
    assert (row.leader_id, row.level, row.gmv) == (point.leader_id, 2, Money(2100))
    assert (row.from_on, row.counted_on) == (date(2026, 11, 26), SALE_ON)


def test_who_sold_nothing_for_thirty_days_falls_to_the_first_level(clock_at: ClockAt) -> None:
    clock_at(EVE)
    point = leaders.point()
    _level(point, 3, date(2026, 10, 1))
    commands.set_levels(_staff(), province_id=HUBEI, from_on=SALE_ON, thresholds=(Money(2000), Money(9000)))
    clock_at(BOOKS)

    assert commands.grade_leaders(SYSTEM, province_id=HUBEI, sale_on=SALE_ON) == Graded(0, 1)
    newest = LeaderLevel.objects.filter(province_id=HUBEI).latest("from_on")
    assert (newest.level, newest.gmv) == (1, Money(0))


def test_a_leader_sees_its_rate_and_why(clock_at: ClockAt) -> None:
    clock_at(EVE)
    point = leaders.point()
    _set(NewRate(900, SALE_ON, level=2))
    _set(NewRate(1200, SALE_ON, level=3))
    _set(NewRate(300, SALE_ON, category="poultry-eggs"))
    commands.set_levels(_staff(), province_id=HUBEI, from_on=SALE_ON, thresholds=(Money(1000), Money(9000)))
    book(recorded(Tale(point.id).paid().collected().events))
    clock_at(BOOKS)
    commands.grade_leaders(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    clock_at("2026-11-26T12:00+08:00")

    seen = queries.leader_rate(leaders.leader_of(point))

    assert (seen.bps, seen.level, seen.levels, seen.gmv) == (900, 2, 3, Money(1200))
    assert (seen.missing, seen.next_bps) == (Money(7800), 1200)
    assert [(one.category, one.bps) for one in seen.own] == [("poultry-eggs", 300)]
    assert [(one.level, one.gmv) for one in seen.history] == [(2, Money(1200))]


@pytest.mark.parametrize(
    ("rate", "refusal"),
    [
        (NewRate(900, date(2026, 11, 19)), TooSoon),
        (NewRate(5001, SALE_ON), RateRefused),
        (NewRate(-1, SALE_ON), RateRefused),
        (NewRate(900, SALE_ON, level=10), RateRefused),
        (NewRate(900, SALE_ON, sku_id=1, category="meat"), RateRefused),
        (NewRate(900, SALE_ON, category="cars"), RateRefused),
        (NewRate(900, SALE_ON, area="3401"), RateRefused),
        (NewRate(900, SALE_ON, area="42010"), RateRefused),
        (NewRate(900, SALE_ON, area="4299"), NotFound),
        (NewRate(900, SALE_ON, sku_id=999_999), NotFound),
        (NewRate(900, LATER, until_on=SALE_ON), RateRefused),
    ],
)
def test_a_rate_that_cannot_be_is_refused(clock_at: ClockAt, rate: NewRate, refusal: type[Exception]) -> None:
    clock_at(EVE)
    provinces.province()

    with pytest.raises(refusal):
        _set(rate)

    assert not Rate.objects.exists()


def test_no_two_rates_about_the_same_hold_on_a_day(clock_at: ClockAt) -> None:
    clock_at(EVE)
    provinces.province()
    first = _set(NewRate(900, SALE_ON, level=2))
    with pytest.raises(RateTwice):
        _set(NewRate(950, LATER, level=2))
    commands.end_rate(_staff(), province_id=HUBEI, rate_id=first, until_on=date(2026, 11, 26))

    _set(NewRate(950, LATER, level=2))

    assert [(one.bps, one.until_on) for one in queries.rates(_staff(), province_id=HUBEI)] == [
        (950, None),
        (900, date(2026, 11, 26)),
    ]
    with pytest.raises(RateEnded):
        commands.end_rate(_staff(), province_id=HUBEI, rate_id=first, until_on=date(2026, 11, 26))


def test_what_a_day_that_began_earns_does_not_change(clock_at: ClockAt) -> None:
    clock_at(EVE)
    provinces.province()
    rate_id = _set(NewRate(900, SALE_ON, level=2))
    clock_at(EVENING)

    with pytest.raises(TooSoon):
        commands.end_rate(_staff(), province_id=HUBEI, rate_id=rate_id, until_on=date(2026, 11, 19))


def test_a_rate_that_goods_do_not_bear_is_refused_with_the_case(clock_at: ClockAt) -> None:
    eggs, _ = _two_goods(clock_at)

    with pytest.raises(SharesAboveMargin) as refused:
        _set(NewRate(1600, SALE_ON, level=1, area="420106"))

    facts = refused.value.facts
    assert (facts["margin"], facts["commission"], facts["area"]) == (Money(150), Money(160), "420106")
    assert str(facts["sku"]).startswith(catalog.queries.sku(eggs.sku_id).code)
    assert "毛利 1.50" in refused.value.message("zh")
    assert "leaves 1.50" in refused.value.message("en")


def test_a_profit_floor_counts_as_a_share(clock_at: ClockAt) -> None:
    clock_at(EVE)
    provinces.province(terms=Terms(profit_floor_bps=700))
    _two_goods(clock_at)
    _set(NewRate(750, SALE_ON, area="4201"))

    with pytest.raises(SharesAboveMargin):
        _set(NewRate(850, SALE_ON, area="4202"))


def test_what_fell_short_before_keeps_no_other_rate_from_being_set(clock_at: ClockAt) -> None:
    clock_at(EVE)
    pricing.offer(1000, cost_fen=990)

    _set(NewRate(700, SALE_ON, area="4202"))

    assert [one.shares.commission for one in margins.breaches(HUBEI)] == [Money(80)]


@pytest.mark.parametrize(
    ("terms", "is_borne"),
    [
        (Terms(leader_bps=1500), True),
        (Terms(leader_bps=1510), False),
        (Terms(plays_floor_bps=710), False),
        (Terms(profit_floor_bps=900), True),
        (Terms(leader_bps=810, profit_floor_bps=900), False),
        (Terms(leader_bps=700, profit_floor_bps=900), True),
    ],
)
def test_terms_of_a_province_are_borne_by_what_they_give_away(clock_at: ClockAt, terms: Terms, is_borne: bool) -> None:
    """Eggs at 10.00 leave 1.50, of which leaders have 0.80 so far."""
    _two_goods(clock_at)
    planner, known = provinces.staff("provinces.edit"), provinces.province()
    plan = ProvincePlan(name=known.name, name_en=known.name_en, timetable={}, terms=terms)

    if is_borne:
        commands.set_province(planner, province_id=HUBEI, plan=plan)
    else:
        with pytest.raises(SharesAboveMargin):
            commands.set_province(planner, province_id=HUBEI, plan=plan)

    assert (provinces.queries.province(HUBEI).terms == terms) is is_borne


def test_a_level_more_is_refused_where_its_rate_is_not_borne(clock_at: ClockAt) -> None:
    _two_goods(clock_at)
    _set(NewRate(1600, SALE_ON, level=2))

    with pytest.raises(SharesAboveMargin):
        commands.set_levels(_staff(), province_id=HUBEI, from_on=LATER, thresholds=(Money(1000),))


def test_a_rate_is_checked_for_levels_that_begin_later(clock_at: ClockAt) -> None:
    _two_goods(clock_at)
    commands.set_levels(_staff(), province_id=HUBEI, from_on=LATER, thresholds=(Money(1000),))

    with pytest.raises(SharesAboveMargin) as refused:
        _set(NewRate(1600, SALE_ON, level=2))

    assert refused.value.facts["on"] == LATER


def test_a_table_that_has_not_begun_is_replaced(clock_at: ClockAt) -> None:
    clock_at(EVE)
    provinces.province()
    for fen in (1000, 2000):
        commands.set_levels(_staff(), province_id=HUBEI, from_on=LATER, thresholds=(Money(fen),))

    assert [table.thresholds for table in LevelTable.objects.all()] == [[2000]]


@pytest.mark.parametrize("fen", [(0,), (500, 500), (500, 400), tuple(range(1, 10))])
def test_thresholds_rise(clock_at: ClockAt, fen: tuple[int, ...]) -> None:
    clock_at(EVE)
    provinces.province()

    with pytest.raises(LevelsRefused):
        commands.set_levels(_staff(), province_id=HUBEI, from_on=LATER, thresholds=tuple(map(Money, fen)))

    assert not LevelTable.objects.exists()


def test_a_preview_tells_what_a_days_orders_would_have_earned(clock_at: ClockAt) -> None:
    order, _ = _mixed_order(clock_at)
    wanted = NewRate(400, LATER, category="poultry-eggs", area="4201")

    seen = commands.preview_rate(_staff(), province_id=HUBEI, sale_on=SALE_ON, rate=wanted)

    assert (seen.sales, seen.before, seen.after) == (order.amount, Money(180), Money(200))
    assert Rate.objects.count() == 1


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [(NOBODY, SignInNeeded), (provinces.stranger(), Forbidden), ("reader", Forbidden)],
)
def test_rates_are_set_by_those_who_may(clock_at: ClockAt, caller: object, refusal: type[Exception]) -> None:
    clock_at(EVE)
    provinces.province()
    who: Caller = provinces.staff("settlement.read") if caller == "reader" else caller  # type: ignore[assignment]

    with pytest.raises(refusal):
        commands.set_rate(who, province_id=HUBEI, rate=NewRate(900, SALE_ON))


def _two_goods(clock_at: ClockAt) -> tuple[OfferView, OfferView]:
    """Eggs at 10.00, of which 1.50 is ours, and greens at 5.00, of which 2.50 is."""
    clock_at(EVE)
    product = catalog.new_product(category=Category.POULTRY_EGGS)
    eggs = pricing.offer(1000, sku=catalog.sku(product=product), cost_fen=850, sale_on=SALE_ON)
    pricing.offer(1000, sku=catalog.queries.sku(eggs.sku_id), cost_fen=850)
    return eggs, pricing.offer(500, cost_fen=250, sale_on=SALE_ON)


def _mixed_order(clock_at: ClockAt) -> tuple[OrderView, OfferView]:
    """Paid: 20.00 of eggs at 3 % and 15.00 of greens at the province's 8 %."""
    eggs, greens = _two_goods(clock_at)
    _set(NewRate(300, SALE_ON, category="poultry-eggs"))
    clock_at(EVENING)
    return ordering.paid_order(ordering.line(eggs, 2), ordering.line(greens, 3)), eggs


def _set(rate: NewRate) -> int:
    return commands.set_rate(_staff(), province_id=HUBEI, rate=rate)


def _staff() -> Caller:
    return provinces.staff("settlement.edit", "settlement.read")


def _level(point: PointView, level: int, from_on: date) -> None:
    LeaderLevel.objects.create(
        province_id=HUBEI, leader_id=point.leader_id, from_on=from_on, level=level, gmv=Money(0), counted_on=from_on
    )
