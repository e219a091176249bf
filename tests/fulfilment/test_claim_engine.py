"""What claims are worth; the tables are those of docs/algorithms/claims.md."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.fulfilment.engine.claims import DEFAULT_WORTH, LineFacts, is_granted_at_once, propose
from lintuan.fulfilment.types import ClaimCause, ClaimFault
from lintuan.kernel.money import ZERO, Money

CASES = [
    # cause, price, units, due, left -> proposed, fault
    (ClaimCause.QUALITY, 599, 1, 3, 1797, 599, ClaimFault.SUPPLIER),
    (ClaimCause.QUALITY, 599, 3, 3, 1797, 1797, ClaimFault.SUPPLIER),
    (ClaimCause.SHORT, 1290, 1, 2, 2580, 1290, ClaimFault.LEADER),
    (ClaimCause.WRONG, 1290, 2, 2, 2580, 2580, ClaimFault.GRID),
    (ClaimCause.LATE, 599, 3, 3, 1797, 359, ClaimFault.DRIVER),
    (ClaimCause.SERVICE, 599, 1, 3, 1797, 60, ClaimFault.LEADER),
    (ClaimCause.QUALITY, 599, 2, 3, 599, 599, ClaimFault.SUPPLIER),
    (ClaimCause.SERVICE, 3, 1, 1, 3, 1, ClaimFault.LEADER),
]


@pytest.mark.parametrize("case", CASES)
def test_a_claim_is_worth_its_share_of_the_price(case):
    cause, price, units, due, left, proposed, fault = case

    proposal = propose(LineFacts(Money(price), due, Money(left)), cause=cause, quantity=units)

    assert (proposal.amount, proposal.fault) == (Money(proposed), fault)


@given(
    cause=st.sampled_from(ClaimCause), price=st.integers(1, 100_000), due=st.integers(1, 99), data=st.data()
)  # fmt: skip
def test_a_claim_is_worth_something_and_never_more_than_is_left(cause, price, due, data):
    units = data.draw(st.integers(1, due))
    left = Money(data.draw(st.integers(1, price * due)))

    amount = propose(LineFacts(Money(price), due, left), cause=cause, quantity=units).amount

    assert ZERO < amount <= min(left, Money(price * units))


def test_every_cause_has_its_worth():
    assert set(DEFAULT_WORTH) == set(ClaimCause)


@pytest.mark.parametrize(("units", "left"), [(0, 100), (4, 100), (1, 0)])
def test_nothing_is_proposed_for_units_never_had_or_a_line_paid_back(units: int, left: int):
    with pytest.raises(ValueError, match="money left"):
        propose(LineFacts(Money(100), 3, Money(left)), cause=ClaimCause.QUALITY, quantity=units)


@pytest.mark.parametrize(
    ("proposed", "before", "at_once"), [(5000, 0, True), (5001, 0, False), (2000, 3000, True), (2000, 3001, False)]
)
def test_claims_up_to_the_limit_of_an_order_are_granted_at_once(proposed: int, before: int, at_once: bool):
    assert is_granted_at_once(Money(proposed), Money(before), most=Money(5000)) is at_once
