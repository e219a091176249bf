"""The judgement on purchases under faults finds what it is there to find."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.money_books import Known, Line, Ours, Taken, Thing, Verdict, count_money, differing, hold, unbooked

PAID = Known("wechatpay", "paid", 1990, 7)
TWIN = Known("alipay", "late", 1990, 7)
BACK = Known("alipay", "done", 1990, 7)


@pytest.mark.parametrize(
    ("truth", "attempts", "due", "lost", "doubled"),
    [
        pytest.param({"a": Taken("wechatpay", 1990, 0)}, {"a": PAID}, {7: 1990}, 0, 0, id="paid once"),
        pytest.param(
            {"a": Taken("wechatpay", 1990, 0), "b": Taken("alipay", 1990, 1990)}, {"a": PAID, "b": TWIN}, {7: 1990},
            0, 0, id="paid twice, given back once",
        ),
        pytest.param(
            {"a": Taken("wechatpay", 1990, 0), "b": Taken("alipay", 1990, 0)}, {"a": PAID, "b": TWIN}, {7: 1990},
            0, 1, id="paid twice",
        ),
        pytest.param({"a": Taken("wechatpay", 1990, 1990)}, {"a": PAID}, {7: 1990}, 0, 1, id="given back and kept"),
        pytest.param({"a": Taken("wechatpay", 1990, 0)}, {"a": PAID}, {7: 0}, 1, 0, id="neither order nor refund"),
        pytest.param({"a": Taken("wechatpay", 1990, 0)}, {}, {7: 0}, 1, 0, id="no attempt"),
        pytest.param({}, {"a": PAID}, {7: 1990}, 0, 1, id="an order that nobody paid"),
    ],
)  # fmt: skip
def test_money_that_is_kept_is_what_the_order_is_worth(
    truth: dict[str, Taken], attempts: dict[str, Known], due: dict[int, int], lost: int, doubled: int
) -> None:
    found = Verdict()

    count_money(found, truth, attempts, due)

    assert (found.payments, found.lost, found.doubled) == (len(truth), lost, doubled)


RIGHT = Ours({"a": PAID, "b": TWIN}, {"r": BACK}, {(7, "wechatpay"): 1990, (7, "alipay"): 0})
BILLS = [Line("wechatpay", True, "a", 1990), Line("alipay", True, "b", 1990), Line("alipay", False, "r", 1990)]
A, R, X = ("wechatpay", "a"), ("alipay", "r"), ("alipay", "x")
AT_WECHAT, AT_ALIPAY = ("wechatpay", "order 7"), ("alipay", "order 7")


@pytest.mark.parametrize(
    ("ours", "bills", "differs", "wrongly_booked"),
    [
        pytest.param(RIGHT, BILLS, set(), set(), id="all three agree"),
        pytest.param(RIGHT, BILLS[:2], {R}, {AT_ALIPAY}, id="the refund is on no bill, so the order's net differs too"),
        pytest.param(
            RIGHT, [*BILLS, Line("alipay", True, "x", 100)], {X}, {("alipay", "order 0")},
            id="a payment of which we know nothing",
        ),
        pytest.param(
            replace(RIGHT, attempts={"a": replace(PAID, state="open"), "b": TWIN}), BILLS, {A}, set(),
            id="nobody told us",
        ),
        pytest.param(replace(RIGHT, booked={(7, "wechatpay"): 1990}), BILLS, set(), set(), id="nothing booked"),
        pytest.param(
            replace(RIGHT, booked={(7, "alipay"): 1990}), BILLS, set(), {AT_WECHAT, AT_ALIPAY},
            id="booked on the other account",
        ),
        pytest.param(
            replace(RIGHT, refunds={"r": replace(BACK, state="failed")}), BILLS, {R}, set(), id="we think it failed"
        ),
    ],
)  # fmt: skip
def test_bills_attempts_and_ledger_are_compared(
    ours: Ours, bills: list[Line], differs: set[Thing], wrongly_booked: set[Thing]
) -> None:
    assert differing(ours, bills) == differs
    assert unbooked(ours, bills) == wrongly_booked


@pytest.mark.parametrize(
    ("truth", "told", "differences", "unexplained"),
    [(set(), set(), 0, 0), ({A, R}, {A, R}, 2, 0), ({A, R}, {A}, 2, 1), ({A}, {A, X}, 1, 1), (set(), {X}, 0, 1)],
)
def test_what_nobody_is_told_of_and_what_is_told_without_reason_is_unexplained(
    truth: set[Thing], told: set[Thing], differences: int, unexplained: int
) -> None:
    found = Verdict()

    hold(found, truth, told)

    assert (found.differences, found.unexplained) == (differences, unexplained)
