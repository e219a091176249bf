"""What the stand-in keeps of payments, and what refunds return of it."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.standins.wechatpay.fees import fee, fee_back

RATE = Decimal("0.60")
rates = st.decimals(0, 10, places=2)


@pytest.mark.parametrize(
    ("fen", "rate", "kept"),
    [
        (1000, "0.60", 6),
        (1990, "0.60", 12),
        (83, "0.60", 0),
        (84, "0.60", 1),
        (250, "0.60", 2),
        (249, "0.60", 1),
        (12, "1.00", 0),
        (50, "1.00", 1),
        (99_999_999, "0.38", 380_000),
        (1000, "0", 0),
    ],
)
def test_a_fee_is_rounded_half_up_to_a_fen(fen: int, rate: str, kept: int) -> None:
    assert fee(fen, Decimal(rate)) == kept


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=50), rates)
def test_refunds_return_the_whole_fee_however_they_are_cut(parts: list[int], rate: Decimal) -> None:
    total = sum(parts)
    before = [0, *accumulate(parts)]

    back = [
        fee_back(total=total, refunded=refunded, refund=part, rate=rate)
        for part, refunded in zip(parts, before, strict=False)
    ]

    assert sum(back) == fee(total, rate)
    assert min(back) >= 0


@given(st.integers(1, 10**9), st.data())
def test_a_refund_returns_no_more_than_a_fen_beside_its_share(total: int, data: st.DataObject) -> None:
    refunded = data.draw(st.integers(0, total - 1))
    refund = data.draw(st.integers(1, total - refunded))

    assert abs(fee_back(total=total, refunded=refunded, refund=refund, rate=RATE) - refund * RATE / 100) <= 1
