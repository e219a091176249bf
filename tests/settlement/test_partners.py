"""What traffic partners have of a margin; docs/algorithms/partners.md."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.errors import Forbidden, NotFound
from lintuan.kernel.money import ZERO, Money, total
from lintuan.provinces.commands import load_places
from lintuan.provinces.types import Terms as ProvinceTerms
from lintuan.settlement import commands, margins, queries
from lintuan.settlement.engine.partners import Day, Step, Supply, Terms, cost_of, faults, months
from lintuan.settlement.errors import (
    ContractClash,
    ContractEnded,
    ContractRefused,
    ContractSigned,
    OwnDraft,
    SharesAboveMargin,
    TooSoon,
)
from lintuan.settlement.handlers import book
from lintuan.settlement.partner_models import Contract, ContractDay, ContractMonth
from lintuan.settlement.types import NewContract, NewRate, Settled
from tests.make import leaders, pricing, provinces, settlement
from tests.make.ordering import SALE_ON
from tests.make.provinces import HUBEI
from tests.make.settlement import BOOKS, ClockAt, Tale, recorded

FIRST = date(2026, 11, 1)
EVE = "2026-11-19T12:00+08:00"
QUARTER = Terms((Step(ZERO, 2500),))
#: The terms of the table in section 2.
STEPS = (Step(ZERO, 1000), Step(Money(1_000_000), 1500), Step(Money(5_000_000), 2000))


def _yuan(amount: int) -> Money:
    return Money(amount * 100)


@pytest.mark.parametrize(
    ("cap", "sales", "margin", "due"),
    [
        (None, 9_999, 1_500, (1000, "150.00", False)),
        (None, 10_000, 1_500, (1500, "225.00", False)),
        (None, 50_000, 7_500, (2000, "1500.00", False)),
        (1_000, 50_000, 7_500, (2000, "1000.00", True)),
        (1_000, 10_000, 1_500, (1500, "225.00", False)),
        (None, 10_000, -200, (1500, "0.00", False)),
        (None, -50, 0, (1000, "0.00", False)),
    ],
)
def test_a_month_at_its_step_up_to_its_cap(
    cap: int | None, sales: int, margin: int, due: tuple[int, str, bool]
) -> None:
    terms = Terms(STEPS, None if cap is None else _yuan(cap))

    (month,) = months([Day(FIRST, _yuan(sales), _yuan(margin))], terms)

    assert (month.bps, str(month.share), month.is_capped) == due


def test_months_are_settled_by_themselves_and_their_days_together() -> None:
    days = [
        Day(date(2026, 11, 30), Money(900), Money(-100)),
        Day(date(2026, 11, 1), Money(100), Money(300)),
        Day(date(2026, 12, 1), Money(100), Money(10)),
    ]

    found = months(days, QUARTER)

    assert [(one.begins, one.days, one.sales, one.margin, one.share) for one in found] == [
        (date(2026, 11, 1), 2, Money(1000), Money(200), Money(50)),
        (date(2026, 12, 1), 1, Money(100), Money(10), Money(3)),
    ]


@pytest.mark.parametrize(
    ("units", "cost"),
    [
        ({1: 5}, 1000),
        ({1: 12}, 2400),
        # A third and two thirds of a fen make one together.
        ({2: 1, 3: 1}, 1),
        ({2: 1}, 0),
        # Nothing came of SKU 4, and SKU 5 is not known.
        ({1: 1, 4: 2, 5: 1}, 200),
    ],
)
def test_units_cost_their_part_of_what_came_that_night(units: dict[int, int], cost: int) -> None:
    supply = {
        1: Supply(12, Money(2400)),
        2: Supply(3, Money(1)),
        3: Supply(3, Money(2)),
        4: Supply(0, ZERO),
    }

    assert cost_of(units, supply) == Money(cost)


@pytest.mark.parametrize(
    ("terms", "reasons"),
    [
        (QUARTER, []),
        (Terms(STEPS, Money(1)), []),
        (Terms(()), ["steps: 1-9"]),
        (Terms((Step(Money(1), 100),)), ["steps: 0 …"]),
        (Terms((Step(ZERO, 100), Step(ZERO, 200))), ["steps: … < …"]),
        (Terms((Step(ZERO, 10_001),), ZERO), ["bps: 0-10000", "cap > 0"]),
        (Terms(tuple(Step(Money(number), 1) for number in range(10))), ["steps: 1-9"]),
    ],
)
def test_terms_that_cannot_be(terms: Terms, reasons: list[str]) -> None:
    assert faults(terms) == reasons


_fen = st.integers(-50_000, 200_000)
_days = st.dictionaries(st.integers(0, 70), st.tuples(_fen, _fen), min_size=1, max_size=12)
_steps = st.lists(st.tuples(st.integers(1, 300_000), st.integers(0, 10_000)), max_size=4, unique_by=lambda one: one[0])


@given(rounds=st.lists(_days, min_size=1, max_size=4), steps=_steps, cap=st.none() | st.integers(1, 100_000))
def test_differences_add_up_to_the_share_and_never_pass_margin_or_cap(
    rounds: list[dict[int, tuple[int, int]]], steps: list[tuple[int, int]], cap: int | None
) -> None:
    """Each round is a night: it counts days, or counts them again as refunds came."""
    terms = Terms(
        (Step(ZERO, 500), *(Step(Money(since), bps) for since, bps in sorted(steps))),
        None if cap is None else Money(cap),
    )
    known: dict[date, Day] = {}
    told: dict[date, Money] = {}
    posted: list[Money] = []
    for counted in rounds:
        known |= {
            day: Day(day, Money(sales), Money(margin))
            for number, (sales, margin) in counted.items()
            for day in [FIRST + timedelta(days=number)]
        }
        for month in months(known.values(), terms):
            assert ZERO <= month.share <= max(ZERO, month.margin)
            assert terms.cap is None or month.share <= terms.cap
            posted.append(month.share - told.get(month.begins, ZERO))
            told[month.begins] = month.share

    fresh = months(known.values(), terms)
    assert total(posted) == total(month.share for month in fresh)
    assert total(month.margin for month in fresh) == total(day.margin for day in known.values())


@pytest.mark.django_db
def test_a_contract_is_drafted_by_one_and_signed_by_another(clock_at: ClockAt) -> None:
    clock_at(EVE)
    contract_id = _draft(leaders.point().id)

    with pytest.raises(OwnDraft):
        commands.sign_contract(_staff(), province_id=HUBEI, contract_id=contract_id)
    _sign(contract_id)
    with pytest.raises(ContractSigned):
        _sign(contract_id)

    view = queries.partner_contract(_staff(), province_id=HUBEI, contract_id=contract_id)
    assert (view.partner, view.terms, view.signed_by) == ("Riverside Homes", QUARTER, _colleague().id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"partner": " "}, ContractRefused),
        ({"point_ids": ()}, ContractRefused),
        ({"point_ids": (999_999,)}, NotFound),
        ({"terms": Terms(())}, ContractRefused),
        ({"until_on": date(2026, 11, 19)}, ContractRefused),
    ],
)
def test_a_contract_that_cannot_be_is_refused(
    clock_at: ClockAt, changes: dict[str, object], refusal: type[Exception]
) -> None:
    clock_at(EVE)
    point = leaders.point()

    with pytest.raises(refusal):
        _draft(point.id, **changes)

    assert not Contract.objects.exists()


@pytest.mark.django_db
def test_a_point_is_one_partners_at_a_time(clock_at: ClockAt) -> None:
    clock_at(EVE)
    point, other = leaders.point(), leaders.point()
    _sign(_draft(point.id, until_on=date(2026, 11, 30)))

    with pytest.raises(ContractClash):
        _sign(_draft(point.id, other.id, partner="Others", from_on=date(2026, 11, 30)))
    _sign(_draft(point.id, partner="Others", from_on=date(2026, 12, 1)))
    _sign(_draft(other.id, partner="Others"))

    assert len([one for one in queries.partner_contracts(_staff(), province_id=HUBEI) if one.signed_at]) == 3


@pytest.mark.django_db
def test_a_contract_begins_and_ends_with_days_to_come(clock_at: ClockAt) -> None:
    clock_at(EVE)
    point = leaders.point()
    late, running = _draft(point.id, from_on=date(2026, 11, 19)), _draft(point.id)
    with pytest.raises(TooSoon):
        _sign(late)
    _sign(running)
    _end(late, date(2026, 11, 19))
    clock_at("2026-11-22T12:00+08:00")

    with pytest.raises(TooSoon):
        _end(running, date(2026, 11, 21))
    _end(running, date(2026, 11, 25))
    with pytest.raises(ContractEnded):
        _end(running, date(2026, 11, 26))

    (row,) = Contract.objects.filter(province_id=HUBEI)
    assert (row.id, row.until_on) == (running, date(2026, 11, 25))


@pytest.mark.django_db
def test_a_contract_that_leaves_less_than_the_profit_floor_is_refused(clock_at: ClockAt) -> None:
    """10.00 that cost 8.00: 0.80 of commission, 0.50 of profit, and 0.70 for others."""
    clock_at(EVE)
    load_places(SYSTEM)
    provinces.province(terms=ProvinceTerms(profit_floor_bps=500))
    point = leaders.point()
    pricing.offer(1000, cost_fen=800)

    with pytest.raises(SharesAboveMargin) as refused:
        _sign(_draft(point.id, terms=Terms((Step(ZERO, 1000), Step(Money(100_000), 6000)))))
    _sign(_draft(point.id, terms=Terms((Step(ZERO, 5800),))))

    facts = refused.value.facts
    assert (facts["partner"], facts["profit"], facts["margin"]) == (Money(72), Money(50), Money(200))
    assert facts["area"] == point.district_code
    with pytest.raises(SharesAboveMargin):
        commands.set_rate(_staff(), province_id=HUBEI, rate=NewRate(900, date(2026, 12, 1), level=1))
    assert margins.breaches(HUBEI) == []


@pytest.mark.django_db
def test_contracts_are_for_those_who_may(clock_at: ClockAt) -> None:
    clock_at(EVE)
    reader = provinces.staff("settlement.read", phone="13900000077")
    contract_id = _draft(leaders.point().id)

    for ask in (queries.partner_contract, queries.simulate, queries.settled_months, commands.sign_contract):
        with pytest.raises(Forbidden):
            ask(reader, province_id=HUBEI, contract_id=contract_id)
    with pytest.raises(Forbidden):
        queries.partner_contracts(reader, province_id=HUBEI)
    with pytest.raises(Forbidden):
        commands.settle_partners(reader, province_id=HUBEI, sale_on=SALE_ON)


@pytest.mark.django_db
def test_a_refund_after_the_night_takes_its_part_of_the_share_back(clock_at: ClockAt) -> None:
    """Orders of 12.00 without goods to pay for: 8 % are the leader's, 11.04 is left of each."""
    clock_at(EVE)
    point, other = leaders.point(), leaders.point()
    contract_id = _draft(point.id)
    _sign(contract_id)
    tales = [Tale(point.id).paid().collected(), Tale(point.id).paid().unclaimed(), Tale(other.id).paid().collected()]
    book(recorded(event for tale in tales for event in tale.events))
    clock_at(BOOKS)

    first = commands.settle_partners(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    again = commands.settle_partners(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    book(recorded(Tale(point.id, order_id=tales[0].order_id).claimed(600).events))
    after = commands.settle_partners(SYSTEM, province_id=HUBEI, sale_on=SALE_ON + timedelta(days=1))

    partner_id = Contract.objects.get(id=contract_id).partner_id
    # A quarter of 11.04; of the 5.52 that are left afterwards it is 1.38.
    assert (first, again) == (Settled(1, Money(276)), Settled(0, ZERO))
    assert after == Settled(2, Money(-138))
    held = settlement.balances()
    assert (held["5501"], held[f"2103:{partner_id}"]) == (138, -138)
    (month,) = queries.settled_months(_staff(), province_id=HUBEI, contract_id=contract_id)
    assert (month.days, month.sales, month.margin, month.share) == (2, Money(600), Money(552), Money(138))


@pytest.mark.django_db
def test_days_of_nights_that_failed_are_counted_with_the_next(clock_at: ClockAt) -> None:
    clock_at(EVE)
    point = leaders.point()
    contract_id = _draft(point.id, until_on=SALE_ON + timedelta(days=2))
    _sign(contract_id)
    book(recorded(Tale(point.id).paid().collected().events))
    clock_at("2026-12-01T02:00+08:00")

    settled = commands.settle_partners(SYSTEM, province_id=HUBEI, sale_on=date(2026, 11, 26))

    assert settled == Settled(3, Money(276))
    days = ContractDay.objects.filter(province_id=HUBEI).order_by("sale_on").values_list("sale_on", "margin")
    assert list(days) == [
        (SALE_ON, Money(1104)),
        (SALE_ON + timedelta(days=1), ZERO),
        (SALE_ON + timedelta(days=2), ZERO),
    ]
    assert ContractMonth.objects.get(contract_id=contract_id).times == 1


def _draft(*point_ids: int, **changes: object) -> int:
    about = {"partner": "Riverside Homes", "point_ids": point_ids, "terms": QUARTER, "from_on": SALE_ON, **changes}
    return commands.draft_contract(_staff(), province_id=HUBEI, contract=NewContract(**about))  # type: ignore[arg-type]


def _sign(contract_id: int) -> None:
    commands.sign_contract(_colleague(), province_id=HUBEI, contract_id=contract_id)


def _end(contract_id: int, until_on: date) -> None:
    commands.end_contract(_staff(), province_id=HUBEI, contract_id=contract_id, until_on=until_on)


def _staff() -> Caller:
    return provinces.staff("settlement.edit", "settlement.read")


def _colleague() -> Caller:
    return provinces.staff("settlement.edit", phone="13900000002", name="陈立")
