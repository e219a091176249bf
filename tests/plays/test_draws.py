"""Draws: what anybody can recompute, and whether the odds are those of the table."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.plays.engine.draws import commitment, number_of, prize_of, sealed, ticket_name, winners
from lintuan.plays.engine.progress import Prize
from tests.make.plays import text

SEED = b"\x07" * 32


def prize(odds: int | None = None, *, winners: int | None = None, stock: int | None = None) -> Prize:
    return Prize(name=text(), odds_ppm=odds, winners=winners, stock=stock)


def test_a_number_is_what_the_page_of_proof_says() -> None:
    ticket = ticket_name(12, 345, 0, "my own")
    digest = hmac.new(SEED, ticket.encode(), hashlib.sha256).digest()

    assert ticket == "12:345:0:my own"
    assert number_of(SEED, ticket) == int.from_bytes(digest[:8], "big") % 1_000_000
    assert commitment(SEED) == hashlib.sha256(SEED).hexdigest()


@pytest.mark.parametrize(
    ("number", "left", "won"),
    [(0, (1, 1), 0), (9, (1, 1), 0), (10, (1, 1), 1), (29, (1, 1), 1), (30, (1, 1), None), (5, (0, 1), None)],
)
def test_prizes_lie_side_by_side_as_wide_as_their_odds(number: int, left: tuple[int, ...], won: int | None) -> None:
    assert prize_of(number, [prize(10, stock=1), prize(20)], left) == won


def test_draws_match_their_odds() -> None:
    """Of 40,000 tickets each prize comes as often as its odds say, within five standard deviations."""
    prizes, tickets = [prize(250_000), prize(50_000), prize(1_000)], 40_000

    won = Counter(prize_of(number_of(SEED, ticket_name(1, unit, 0, "")), prizes, ()) for unit in range(tickets))

    for index, each in enumerate(prizes):
        share = (each.odds_ppm or 0) / 1_000_000
        expected, deviation = tickets * share, (tickets * share * (1 - share)) ** 0.5
        assert abs(won[index] - expected) < 5 * deviation


@given(st.sets(st.integers(1, 400), max_size=60), st.integers(1, 4), st.integers(1, 9))
def test_at_the_end_so_many_win_whatever_the_order_of_tickets(units: set[int], first: int, second: int) -> None:
    tickets = [ticket_name(1, unit, 0, "") for unit in units]
    prizes = [prize(winners=first), prize(winners=second)]

    won = winners(SEED, tickets, prizes)

    assert won == winners(SEED, reversed(tickets), prizes)
    counts = Counter(won.values())
    assert counts[0] == min(first, len(tickets))
    assert counts[1] == min(second, len(tickets) - counts[0])


@given(st.lists(st.integers(1, 9), max_size=40), st.integers(1, 4), st.integers(1, 9))
def test_where_each_wins_once_so_many_different_ones_win(units: list[int], first: int, second: int) -> None:
    owners = {ticket_name(1, unit, number, ""): unit for number, unit in enumerate(units)}

    won = winners(SEED, owners, [prize(winners=first), prize(winners=second)], owners)

    assert len(won) == min(first + second, len(set(units)))
    assert len({owners[ticket] for ticket in won}) == len(won)


def test_an_answer_is_sealed_so_that_only_who_has_the_seed_can_try_answers() -> None:
    assert sealed(SEED, "yam") == hashlib.sha256(SEED + b"yam").hexdigest()
    assert sealed(SEED, "yam") != sealed(b"\x08" * 32, "yam")


def test_everybody_wins_about_as_often_as_everybody_else() -> None:
    tickets = [ticket_name(1, unit, 0, "") for unit in range(10)]

    won = Counter(
        next(iter(winners(bytes([n % 256, n // 256]) * 16, tickets, [prize(winners=1)]))) for n in range(3_000)
    )

    assert all(abs(won[ticket] - 300) < 5 * (3_000 * 0.1 * 0.9) ** 0.5 for ticket in tickets)
