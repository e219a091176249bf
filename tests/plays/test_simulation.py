"""What a play would have cost on past evenings: figures with bands, or why there are none."""

from __future__ import annotations

from random import Random
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lintuan.plays.catalogue import plays
from lintuan.plays.engine.definition import Counting, Definition, FactKind, Limits, Trigger
from lintuan.plays.engine.facts import Fact
from lintuan.plays.engine.progress import Fall, First, Progress, Reach
from lintuan.plays.engine.rewards import Cash, Coupon, Points, Price, Rebate, Reward
from lintuan.plays.engine.simulation import (
    Ask,
    Band,
    Evening,
    NotEnough,
    NotShown,
    Outcome,
    Past,
    Redemption,
    simulate,
)
from tests.make import plays as make

DAILY = Trigger(kind="clock", every="day")
COUPON = Coupon(off_fen=200)
#: 2,500 of 10,000 coupons.
USED = Redemption("coupon", 2_500, "coupons of March that were used by the end of April")


def paid(member: int, on: int, **others: Any) -> Fact:
    fields: dict[str, Any] = {"unit": member, "minute": 1200 + member, "fen": 1000, "units": 1}
    return Fact(f"order:{on}:{member}", "paid", member, on=on, **{**fields, **others})


def regulars(evenings: int = 20, members: int = 20) -> Past:
    """The same neighbours buy for 10 yuan every evening: there is nothing for chance to change."""
    return Past(
        tuple(
            Evening(on, tuple(paid(member, on) for member in range(1, members + 1))) for on in range(1, evenings + 1)
        ),
        frozenset({"paid"}),
    )


def some(members: int, evenings: int, random: Random) -> Past:
    """Each buys with a habit of their own, more on some evenings than on others."""
    habits = [random.uniform(0.05, 0.6) for _ in range(members)]
    moods = [random.choice((0.5, 1.0, 1.5)) for _ in range(evenings)]
    return Past(
        tuple(
            Evening(on, tuple(paid(who, on) for who, habit in enumerate(habits, 1) if random.random() < habit * mood))
            for on, mood in enumerate(moods, 1)
        ),
        frozenset({"paid"}),
    )


def outcome(definition: Definition, past: Past, ask: Ask) -> Outcome:
    found = simulate(definition, past, ask)
    assert isinstance(found, Outcome), found
    return found


def play(progress: Progress, *rewards: Reward, **others: Any) -> Definition:
    return make.definition(progress, rewards, **{"trigger": DAILY, **others})


def sure(value: int) -> Band:
    return Band(value, value, value)


@pytest.mark.parametrize(
    ("limits", "given_", "refused", "runs_out", "on"),
    [
        # Five places each evening, four evenings, coupons of 2 yuan.
        (Limits(), 20, 0, 0, None),
        (Limits(budget_fen=4_000), 20, 0, 0, None),
        (Limits(budget_fen=2_500), 12, 8, 10_000, 3),
        (Limits(leader_budget_fen=1_999), 9, 11, 10_000, 2),
        (Limits(day_budget_fen=600), 12, 8, 10_000, 1),
        (Limits(stock=7), 7, 13, 0, None),
        (Limits(per_member=1, per_member_day=1), 20, 0, 0, None),
    ],
)
def test_rewards_are_given_within_the_limits(
    limits: Limits, given_: int, refused: int, runs_out: int, on: int | None
) -> None:
    found = outcome(play(First(places=5), COUPON, limits=limits), regulars(), Ask(days=4, seed=1, worlds=4))

    assert [(one.reward, one.kind, one.times) for one in found.given] == [(0, "coupon", sure(given_))]
    assert found.most_cost == sure(given_ * 200)
    assert (found.refused, found.runs_out_bps) == (sure(refused), sure(runs_out))
    assert found.runs_out_on == (None if on is None else sure(on))
    assert (found.days, found.evenings, found.circles, found.rounds, found.runs) == (4, 20, 20, 20, sure(4))


@pytest.mark.parametrize(
    ("limits", "times"),
    [
        (Limits(), 8),
        (Limits(per_member=3), 3),
        (Limits(per_member_day=1), 4),
        (Limits(per_member_day=1, per_member=2), 2),
    ],
)
def test_a_member_gains_only_so_often_in_a_run_and_on_a_day(limits: Limits, times: int) -> None:
    """Everybody's own meter is full twice an evening, for four evenings."""
    own = Reach(levels=(500,), of="unit", again=True)
    week = play(
        own, COUPON, limits=limits, trigger=Trigger(kind="paid"), counts=(Counting(fact="paid", measure="fen"),)
    )

    found = outcome(week, regulars(evenings=28), Ask(days=4, seed=1, worlds=4))

    # Somebody who was drawn twice is two people.
    assert (found.given[0].times, found.rewarded) == (sure(20 * times), sure(20))


@pytest.mark.parametrize(
    ("reward", "redemption", "likely"),
    [
        (COUPON, (USED,), 20 * 50),
        (COUPON, (), None),
        (COUPON, (Redemption("points", 10_000, "elsewhere"),), None),
        (Points(points=100, worth_fen_per_100=100), (Redemption("points", 5_000, "last year's books"),), 20 * 50),
        (Points(points=100, worth_fen_per_100=100), (USED,), None),
        (Points(points=100), (), 0),
        (Cash(fen=200), (), 20 * 200),
        # They paid 10 yuan each.
        (Price(price_bps=9_000, most_fen=200), (), 20 * 100),
        (Price(price_bps=5_000, most_fen=200), (), 20 * 200),
        (Rebate(share_bps=500, most_fen=200), (), 20 * 50),
    ],
)
def test_what_it_costs_likely_needs_a_stated_share_for_what_may_stay_unused(
    reward: Reward, redemption: tuple[Redemption, ...], likely: int | None
) -> None:
    ask = Ask(days=4, seed=1, redemption=redemption, worlds=3)

    found = outcome(play(First(places=5), reward), regulars(), ask)

    assert found.likely_cost == (None if likely is None else sure(likely))


def test_a_redemption_share_has_a_source_and_is_a_share() -> None:
    with pytest.raises(ValueError, match="source"):
        Redemption("coupon", 2_500, " ")
    with pytest.raises(ValueError, match="10,000"):
        Redemption("coupon", 10_001, "books")
    found = outcome(play(First(places=5), COUPON), regulars(), Ask(days=1, seed=1, redemption=(USED,), worlds=2))

    assert [text for text in found.assumed if "25 %" in text.en and USED.source in text.en]


@pytest.mark.parametrize(("target", "runs", "filled"), [(3, 7, 6), (5, 4, 4), (21, 1, 0)])
def test_neighbours_are_met_in_groups_one_after_another(target: int, runs: int, filled: int) -> None:
    group = play(
        Reach(levels=(target,)),
        Price(price_bps=8_500, most_fen=500),
        trigger=Trigger(kind="buyer"),
        participants=make.participants(reach="opener"),
        counts=(Counting(fact="paid", measure="people"),),
        unfilled="refund",
    )

    found = outcome(group, regulars(evenings=28), Ask(days=1, seed=1, worlds=4))

    assert (found.runs, found.filled_bps) == (sure(runs), sure(10_000 * filled // runs))
    assert found.given[0].times == sure(filled * target)
    assert found.likely_cost == sure(filled * target * 150)


def test_a_price_that_falls_costs_what_it_fell_to() -> None:
    falling = play(
        Fall(by="count", levels=(5, 20), price_bps=(9_000, 7_000)),
        Price(price_bps=9_000, most_fen=100),
        Price(level=1, price_bps=7_000, most_fen=300),
    )

    found = outcome(falling, regulars(), Ask(days=2, seed=1, worlds=3))

    assert [one.times for one in found.given] == [sure(0), sure(40)]
    assert (found.most_cost, found.filled_bps) == (sure(40 * 300), sure(10_000))


@pytest.mark.parametrize(
    ("at", "minutes", "places"), [("20:00", 3, 2), ("20:02", None, 19), ("20:30", 10, 0), ("20:00", None, 20)]
)
def test_a_run_hears_only_what_happens_in_its_hours(at: str, minutes: int | None, places: int) -> None:
    """Neighbours buy at 20:01, 20:02 and so on: who was drawn twice does so at the same minute."""
    hours = play(First(places=99), COUPON, trigger=Trigger(kind="clock", every="day", at=at, minutes=minutes))
    found = outcome(hours, regulars(), Ask(days=1, seed=3, worlds=60))

    assert found.given[0].times.low <= places <= found.given[0].times.high
    assert (found.given[0].times.high == 0) == (places == 0)


@pytest.mark.parametrize(
    ("past", "days", "reason", "has", "needs"),
    [
        (regulars(evenings=18), 1, "evenings", 18, 19),
        (regulars(evenings=20), 21, "evenings", 20, 21),
        (regulars(members=18), 1, "circles", 18, 19),
        (Past(tuple(Evening(on) for on in range(20)), frozenset({"paid"})), 1, "circles", 0, 19),
    ],
)
def test_too_little_history_is_not_enough_to_say(past: Past, days: int, reason: str, has: int, needs: int) -> None:
    found = simulate(play(First(places=5), COUPON), past, Ask(days=days, seed=1))

    assert isinstance(found, NotEnough)
    assert (found.reason, found.has, found.needs) == (reason, has, needs)
    assert (str(needs) in found.text.zh, str(needs) in found.text.en) == (True, True)


def test_runs_of_some_days_need_four_weeks_behind_them() -> None:
    week = play(First(places=5), COUPON, trigger=Trigger(kind="clock", every="week"))

    found = simulate(week, regulars(evenings=27), Ask(days=7, seed=1))

    assert isinstance(found, NotEnough)
    assert (found.has, found.needs) == (27, 28)


def test_people_of_one_circle_are_one_and_what_never_happened_says_nothing() -> None:
    past = regulars()
    pairs = Past(past.evenings, past.records, {member: member // 2 for member in range(1, 21)})
    reviewed = play(First(places=5), COUPON, counts=(Counting(fact="reviewed"),))

    few = simulate(play(First(places=5), COUPON), pairs, Ask(days=1, seed=1))
    nothing = simulate(reviewed, Past(past.evenings, frozenset({"paid", "reviewed"})), Ask(days=1, seed=1))

    assert isinstance(few, NotEnough)
    assert (few.reason, few.has) == ("circles", 11)
    assert isinstance(nothing, NotEnough)
    assert nothing.reason == "nothing_counted"


def test_what_nobody_recorded_is_named_by_kind() -> None:
    mixed = play(First(places=5), COUPON, counts=tuple(Counting(fact=kind) for kind in ("paid", "voted", "played")))

    found = simulate(mixed, regulars(), Ask(days=1, seed=1))

    assert isinstance(found, NotShown)
    assert found.kinds == ("played", "voted")
    assert "投票" in found.text.zh


def test_no_lift_is_claimed_and_that_nothing_was_given_proves_nothing() -> None:
    never = outcome(play(Reach(levels=(500,)), COUPON), regulars(), Ask(days=1, seed=1, worlds=3))

    assert "nobody is assumed to buy more" in never.assumed[0].en
    assert (never.most_cost, never.likely_cost) == (sure(0), None)
    assert any("does not show that it cannot happen" in text.en for text in never.assumed)


def test_the_seed_decides_and_leaders_are_drawn_too() -> None:
    random = Random(7)
    shops = [some(25, 20, random) for _ in range(4)]
    past = Past(
        tuple(
            Evening(evening.on, evening.facts, leader=leader)
            for leader, shop in enumerate(shops, 1)
            for evening in shop.evenings
        ),
        frozenset({"paid"}),
    )
    first = play(First(places=3), COUPON, participants=make.participants(reach="leader"))

    one, same, other = (outcome(first, past, Ask(days=5, seed=seed, worlds=8)) for seed in (1, 1, 2))

    assert one == same
    assert one != other
    # Three places each evening at each of four leaders, however often one of them was drawn.
    assert one.most_cost.high == 5 * 4 * 3 * 200


def test_the_money_of_one_leader_is_not_that_of_another_in_a_run_of_the_whole_city() -> None:
    shops = [regulars(members=30), regulars(members=30)]
    past = Past(
        tuple(
            Evening(evening.on, evening.facts, leader=leader)
            for leader, shop in enumerate(shops, 1)
            for evening in shop.evenings
        ),
        frozenset({"paid"}),
    )
    city = play(
        Reach(levels=(1,), of="unit"),
        Cash(fen=100),
        limits=Limits(leader_budget_fen=1_000),
        participants=make.participants(reach="city"),
    )

    found = outcome(city, past, Ask(days=1, seed=1, worlds=4))

    assert (found.runs, found.most_cost, found.circles) == (sure(1), sure(2 * 1_000), 60)


def test_a_band_holds_what_comes_in_nine_of_ten_futures() -> None:
    """Thirty evenings are simulated upon and the next five looked at, forty times: nominal 36, at least 32 (a band
    that held 90 % would fall below that in fewer than one of a hundred such tests).
    """
    hit, own = 0, play(Reach(levels=(1,), of="unit"), Cash(fen=100))
    for number in range(40):
        whole = some(24, 35, Random(number))
        past = Past(whole.evenings[:30], whole.records)
        found = outcome(own, past, Ask(days=5, seed=number, worlds=25, futures=2))
        truth = 100 * sum(len(evening.facts) for evening in whole.evenings[30:])
        hit += found.most_cost.low <= truth <= found.most_cost.high

    assert hit >= 32


@settings(max_examples=15, deadline=None)
@given(
    budget=st.integers(1, 6_000) | st.none(),
    of_leader=st.integers(1, 6_000) | st.none(),
    of_day=st.integers(1, 2_000) | st.none(),
    stock=st.integers(1, 20) | st.none(),
    seed=st.integers(0, 99),
)
def test_no_limit_is_ever_passed(
    budget: int | None, of_leader: int | None, of_day: int | None, stock: int | None, seed: int
) -> None:
    limits = Limits(budget_fen=budget, leader_budget_fen=of_leader, day_budget_fen=of_day, stock=stock)
    past = some(30, 20, Random(seed))

    found = outcome(play(First(places=9), Cash(fen=130), limits=limits), past, Ask(days=3, seed=seed, worlds=3))

    most = min(
        each for each in (budget, of_leader, of_day and 3 * of_day, stock and stock * 130, 10**6) if each is not None
    )
    assert found.most_cost.high <= most
    assert found.likely_cost == found.most_cost


def everything(kinds: tuple[FactKind, ...]) -> Past:
    """Every kind of fact, by 20 neighbours of whom some come each evening."""
    random = Random(5)
    return Past(
        tuple(
            Evening(
                on,
                tuple(
                    Fact(
                        f"{kind}:{on}:{who}", kind, who, who, on,
                        random.randrange(1440), 2_000, 2, random.randrange(99),
                        of=("tomato", "pak-choi"), is_first_order=random.random() < 0.2, is_on_time=True,
                    )
                    for kind in kinds
                    for who in range(1, 21)
                    if random.random() < 0.2
                ),
            )
            for on in range(1, 29)
        ),
        frozenset(kinds),
    )  # fmt: skip


def test_every_play_of_the_catalogue_is_told_within_its_budget() -> None:
    past, ask = everything(get_args(FactKind)), Ask(days=7, seed=1, worlds=2, futures=1)

    for code, definition in plays().items():
        found = outcome(definition, past, ask)
        limits = definition.limits
        assert limits.budget_fen is None or found.most_cost.high <= limits.budget_fen, code
        assert found.likely_cost is None or found.likely_cost.high <= found.most_cost.high, code
