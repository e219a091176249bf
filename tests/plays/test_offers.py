"""Which plays are offered: what is believed of them, what guards refuse, and chances that are what the log says."""

from __future__ import annotations

import math
from collections import Counter
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lintuan.plays.engine.learning.believing import Cell, Gain, Spread, cells, fit, learn
from lintuan.plays.engine.learning.guarding import Guard, Harm, beta_below, breaches, chance_above
from lintuan.plays.engine.learning.offering import Asker, Offers, Shown, Taste

TYPES, PLAYS = ("tower", "village"), ("wheel", "coupon")
SPREAD = Spread(member=50, play=3, group_type=7, both=4)
#: 100 members each, so a cell's mean is known within 5 fen: as well as before it was tried.
TRIED = (Gain("tower", "wheel", 10, 60), Gain("tower", "wheel", 10, 40), Gain("tower", "coupon", 20, 100))
SEED = b"\x09" * 32
PLENTY = tuple(f"play-{at}" for at in range(12))
GAINS = st.lists(
    st.builds(
        Gain,
        st.sampled_from(TYPES),
        st.sampled_from(PLENTY),
        st.floats(-100, 100),
        st.integers(1, 300),
        st.floats(0, 20),
    ),
    max_size=30,
)


def offers(gains: tuple[Gain, ...] = (), plays: tuple[str, ...] = PLENTY, *, on: int = 5, **taste: float) -> Offers:
    belief = learn(cells(gains), TYPES, PLENTY, SPREAD)
    return Offers(belief, plays, replace(Taste(draws=200), **taste), on=on, seed=SEED)


def chances(shown: Shown) -> dict[str, float]:
    return {choice.play: choice.propensity for choice in shown.choices}


def test_a_cell_is_the_weighted_sums_of_its_gains() -> None:
    (cell,) = cells([Gain("tower", "wheel", 10, 60), Gain("tower", "wheel", 4, 40, tired=1)])

    assert cell == Cell("tower", "wheel", times=2, weight=100, gain=800, gain_squared=60 * 100 + 40 * 25)


@given(GAINS, st.integers(0, 30))
def test_what_is_known_grows_day_by_day_as_at_once(gains: list[Gain], day: int) -> None:
    assert cells(gains[day:], cells(gains[:day])) == cells(gains)


@pytest.mark.parametrize(
    ("group_type", "play", "expected"),
    [
        # Means 10 and 20 about 15; of the difference 9 + 16 of 9 + 16 + 25 is believed.
        ("tower", "wheel", 12.5),
        ("tower", "coupon", 17.5),
        # Elsewhere, only what belongs to the play: 9 of 50.
        ("village", "wheel", 14.1),
        ("village", "coupon", 15.9),
    ],
)
def test_a_play_is_believed_to_do_elsewhere_a_part_of_what_it_did(group_type: str, play: str, expected: float) -> None:
    belief = learn(cells(TRIED), TYPES, PLAYS, SPREAD)

    assert belief.expected(group_type, play) == pytest.approx(expected)


@pytest.mark.parametrize(("at", "variance"), [(0, 25.0), (1, 50 - 2 * 81 / 50)])
def test_the_doubt_about_a_difference(at: int, variance: float) -> None:
    """Before: 2 * (9 + 16). Where both were tried half of it is left, elsewhere nearly all."""
    covariance = learn(cells(TRIED), TYPES, PLAYS, SPREAD).covariance[at]

    assert covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1] == pytest.approx(variance)


def test_nothing_tried_is_nothing_believed() -> None:
    belief = learn((), TYPES, PLAYS, SPREAD)

    assert not belief.mean.any()
    assert belief.covariance[0, 0, 0] == pytest.approx(9 + 49 + 16)


@given(GAINS)
def test_doubt_never_grows_and_no_belief_is_sure(gains: list[Gain]) -> None:
    before, after = learn((), TYPES, PLENTY, SPREAD), learn(cells(gains), TYPES, PLENTY, SPREAD)

    for blank, block in zip(before.covariance, after.covariance, strict=True):
        assert (np.diag(block) <= np.diag(blank) + 1e-9).all()
        assert np.linalg.eigvalsh(block).min() > 0


def test_the_spread_is_found_in_what_happened() -> None:
    """Of 40 plays in 8 types, from guesses that are three times off: within a factor of two."""
    true = Spread(member=200, play=12, group_type=6, both=8)
    random = np.random.default_rng(11)
    types, plays = [f"type {n}" for n in range(8)], [f"play {n}" for n in range(40)]
    of_type, of_play = random.normal(0, true.group_type, 8), random.normal(0, true.play, 40)
    gains = [
        Gain(a, b, float(mean + random.normal(0, true.member / 10)), 100)
        for x, a in enumerate(types)
        for y, b in enumerate(plays)
        for mean in [of_type[x] + of_play[y] + random.normal(0, true.both)]
        for _ in range(20)
    ]

    found = fit(cells(gains), types, plays, Spread(member=600, play=4, group_type=18, both=24))

    assert found.member == pytest.approx(true.member, rel=0.1)
    for name in ("play", "group_type", "both"):
        assert abs(math.log2(getattr(found, name) / getattr(true, name))) <= 1


def test_a_guess_stands_until_something_happened() -> None:
    assert fit((), TYPES, PLAYS, SPREAD) == SPREAD


@given(GAINS, st.sets(st.sampled_from(PLENTY), min_size=1), st.floats(0.05, 0.1), st.floats(0, 50), st.data())
def test_chances_add_up_and_every_play_keeps_its_part_of_exploring(
    gains: list[Gain], plays: set[str], exploration: float, tiring: float, data: st.DataObject
) -> None:
    recent = data.draw(st.lists(st.tuples(st.sampled_from(PLENTY), st.integers(0, 9)), max_size=5))
    todays = offers(tuple(gains), tuple(plays), exploration=exploration, tiring=tiring)

    shown = todays.to(Asker(3, "tower", tuple(recent)))

    assert set(chances(shown)) == plays
    assert math.isclose(sum(chances(shown).values()), 1, abs_tol=1e-9)
    assert min(chances(shown).values()) >= exploration / len(plays) - 1e-12


def test_the_same_day_seed_and_leader_give_the_same() -> None:
    asker = Asker(3, "tower", (("play-1", 4),))

    assert offers(TRIED).to(asker) == offers(TRIED).to(asker)
    assert offers(TRIED).to(asker) == offers(TRIED, PLENTY[::-1]).to(asker)
    assert offers(TRIED).to(asker) != offers(TRIED, on=6).to(asker)


def test_who_is_first_comes_as_often_as_the_log_says() -> None:
    """Of 4,000 leaders, within five standard deviations for each play."""
    todays, leaders = offers((Gain("tower", "play-1", 30, 400), Gain("tower", "play-2", 0, 400))), 4_000

    shown = [todays.to(Asker(leader, "tower")) for leader in range(leaders)]

    first = Counter(one.choices[0].play for one in shown)
    assert chances(shown[0])["play-1"] > 0.2
    for play, chance in chances(shown[0]).items():
        assert abs(first[play] - leaders * chance) < 5 * (leaders * chance * (1 - chance)) ** 0.5


def test_a_better_play_has_the_better_chance() -> None:
    shown = offers((Gain("tower", "play-1", 30, 4_000), Gain("tower", "play-2", 0, 4_000))).to(Asker(1, "tower"))

    assert chances(shown)["play-1"] > 0.8
    assert chances(shown)["play-2"] < 0.05


@pytest.mark.parametrize(
    ("recent", "tired"),
    [
        ((), 0),
        ((("play-1", 19),), 6),
        ((("play-1", 12),), 3),
        ((("play-1", 19), ("play-1", 12), ("play-2", 19)), 9),
        # Today's own, and what a clock that went wrong put into the future.
        ((("play-1", 20), ("play-1", 25)), 0),
    ],
)
def test_a_group_is_tired_of_what_it_was_shown_lately(recent: tuple[tuple[str, int], ...], tired: float) -> None:
    fresh = offers(on=20, tiring=6, rest_days=7).to(Asker(1, "tower"))
    shown = offers(on=20, tiring=6, rest_days=7).to(Asker(1, "tower", recent))

    (choice,) = (choice for choice in shown.choices if choice.play == "play-1")
    assert choice.tired == pytest.approx(tired)
    assert choice.expected == pytest.approx(-tired)
    assert chances(shown)["play-1"] <= chances(fresh)["play-1"] or not tired


@pytest.mark.parametrize(
    ("reached", "hits", "chance"),
    [
        # By Simpson's rule over the density. Nobody yet: one chance in six; ten of a thousand are just the limit.
        (0, 0, 0.1578),
        (200, 0, 0.0142),
        (1_000, 10, 0.3998),
        (1_000, 20, 0.9937),
        (1_000, 17, 0.9584),
        (1_000, 16, 0.9290),
        (1_000, 5, 0.0240),
        (10_000, 120, 0.9687),
    ],
)
def test_how_likely_a_play_is_above_its_limit(reached: int, hits: int, chance: float) -> None:
    assert chance_above(0.01, hits, reached) == pytest.approx(chance, abs=0.0001)


def test_a_play_that_drives_people_away_is_not_offered() -> None:
    guards = [Guard(name="unsubscribed", limit=0.01), Guard(name="complained", limit=0.002)]
    harms = [
        Harm("wheel", "unsubscribed", 1_000, 17),
        Harm("coupon", "unsubscribed", 1_000, 16),
        Harm("coupon", "complained", 1_000, 7),
        Harm("dice", "complained", 1_000, 1),
    ]

    assert [(one.play, one.guard) for one in breaches(harms, guards)] == [
        ("wheel", "unsubscribed"),
        ("coupon", "complained"),
    ]


@given(st.floats(0.001, 0.2), st.integers(0, 2_000), st.integers(0, 2_000))
def test_another_hit_makes_it_likelier_and_another_member_less(limit: float, hits: int, others: int) -> None:
    chance = chance_above(limit, hits, hits + others)

    assert chance <= chance_above(limit, hits + 1, hits + 1 + others) + 1e-9
    assert chance >= chance_above(limit, hits, hits + 1 + others) - 1e-9


@given(st.floats(0.01, 0.99), st.integers(1, 40), st.integers(1, 40))
def test_the_beta_of_whole_numbers_is_a_sum_of_binomials(x: float, a: int, b: int) -> None:
    n = a + b - 1

    assert beta_below(x, a, b) == pytest.approx(
        sum(comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1)), abs=1e-10
    )


@pytest.mark.parametrize("x", [0.001, 0.2, 0.5, 0.97])
def test_the_beta_of_halves_is_an_arc(x: float) -> None:
    assert beta_below(x, 0.5, 0.5) == pytest.approx(2 / math.pi * math.asin(math.sqrt(x)))


def test_the_beta_begins_and_ends() -> None:
    assert (beta_below(0, 2, 3), beta_below(1, 2, 3)) == (0, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Taste(exploration=0.04),
        lambda: Taste(exploration=0.11),
        lambda: Taste(curiosity=0),
        lambda: Taste(draws=0),
        lambda: Taste(tiring=-1),
        lambda: Taste(tiring=math.nan),
        lambda: Taste(rest_days=0),
        lambda: Spread(member=1, play=0, group_type=1, both=1),
        lambda: Gain("tower", "wheel", math.nan, 10),
        lambda: Gain("tower", "wheel", 1, 0),
        lambda: Guard(name="complained", limit=0),
        lambda: Guard(name="complained", limit=0.1, credible=1),
        lambda: Harm("wheel", "complained", 3, 4),
        lambda: offers(plays=()),
    ],
)
def test_what_has_no_sense_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        wrong()  # type: ignore[operator]
