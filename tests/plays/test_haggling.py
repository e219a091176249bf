"""Prices that are haggled over: the limit, and the command that holds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.callers import Caller
from lintuan.plays import commands, queries
from lintuan.plays.catalogue import plays
from lintuan.plays.engine.haggling import floor_of, is_in_band, is_taken, reserve_of
from lintuan.plays.errors import NotForYou, PriceOutOfBand, RoundsUsedUp
from lintuan.plays.models import Grant, Run
from lintuan.plays.types import CampaignView, Deed, Outcome
from tests.make import campaigns, leaders, members, pricing
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

SEEDS = st.binary(min_size=32, max_size=32)
PRICES = st.integers(1, 10_000_000)
FLOORS = st.integers(1, 10_000)


@pytest.mark.parametrize(("day", "bps", "floor"), [(1000, 8800, 880), (399, 8800, 352), (1, 8800, 1), (7, 10_000, 7)])
def test_the_floor_is_rounded_up(day: int, bps: int, floor: int) -> None:
    assert floor_of(day, bps) == floor


@given(SEEDS, PRICES, FLOORS)
def test_a_limit_lies_between_floor_and_the_days_price(seed: bytes, day: int, bps: int) -> None:
    reserve = reserve_of(seed, day, bps)

    assert floor_of(day, bps) <= reserve <= day
    assert reserve == reserve_of(seed, day, bps)


@given(SEEDS, PRICES, FLOORS, PRICES)
def test_what_is_taken_is_in_the_band_and_more_is_taken_as_well(seed: bytes, day: int, bps: int, price: int) -> None:
    reserve = reserve_of(seed, day, bps)

    if is_taken(price, reserve, day):
        assert is_in_band(price, day, bps)
        assert is_taken(min(price + 1, day), reserve, day)
    assert is_taken(day, reserve, day)


def test_limits_are_spread_over_the_whole_band() -> None:
    found = {reserve_of(seed.to_bytes(32, "big"), 1000, 8800) for seed in range(3000)}

    assert found == set(range(880, 1000))


@pytest.fixture
def haggling(clock_at: Callable[[str], datetime]) -> tuple[CampaignView, Caller, int]:
    """A campaign about something that costs ten yuan, and a round of it whose limit is 930 fen."""
    clock_at(EVENING)
    point, lin = leaders.point(), members.member()
    leaders.choose(lin, point)
    one = campaigns.running(plays()["haggle"], sku_ids=[pricing.offer(1000, cost_fen=300).sku_id])
    run_id = commands.open_run(lin, province_id=HUBEI, campaign_id=one.id)
    seed = next(seed for n in range(9999) if reserve_of(seed := n.to_bytes(32, "big"), 1000, 8800) == 930)
    Run.objects.filter(id=run_id).update(seed=seed)
    return one, lin, run_id


def offer(one: CampaignView, who: Caller, run_id: int, fen: int, key: str | None = None) -> Outcome:
    deed = Deed(one.id, "offered", run_id=run_id, fen=fen)
    return commands.act(who, province_id=HUBEI, deed=deed, key=key)


@pytest.mark.django_db
def test_three_prices_may_be_named_and_the_one_at_the_limit_is_agreed(haggling) -> None:
    one, lin, run_id = haggling

    assert offer(one, lin, run_id, 900) == Outcome(run_id, left=2)
    agreed = offer(one, lin, run_id, 930)

    assert (agreed.agreed_fen, agreed.left) == (930, 1)
    assert queries.standing(HUBEI, run_id, lin.id).agreed_fen == 930
    assert [grant.price.fen for grant in Grant.objects.filter(run_id=run_id, state="given")] == [930]


@pytest.mark.django_db
def test_after_the_last_price_none_is_heard(haggling) -> None:
    one, lin, run_id = haggling
    assert [offer(one, lin, run_id, fen).left for fen in (880, 900, 929)] == [2, 1, 0]

    with pytest.raises(RoundsUsedUp):
        offer(one, lin, run_id, 1000)

    assert queries.tries(HUBEI, run_id, lin.id) == 3


@pytest.mark.django_db
def test_a_price_out_of_the_band_and_one_sent_twice_use_up_nothing_more(haggling) -> None:
    one, lin, run_id = haggling
    for fen in (879, 1001, 0):
        with pytest.raises(PriceOutOfBand):
            offer(one, lin, run_id, fen)

    assert [offer(one, lin, run_id, 900, key="k").left for _ in range(2)] == [2, 2]
    assert queries.tries(HUBEI, run_id, lin.id) == 1


@pytest.mark.django_db
def test_nobody_haggles_in_somebody_elses_round(haggling) -> None:
    one, _, run_id = haggling
    other = members.member()
    leaders.choose(other, leaders.point())

    with pytest.raises(NotForYou):
        offer(one, other, run_id, 990)
