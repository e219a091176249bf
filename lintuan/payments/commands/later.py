"""Jobs that are due once the present transaction is committed, and never if it is not."""

from __future__ import annotations

from collections.abc import Sequence

from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

SEND_REFUNDS = "payments.send_refunds"
CLOSE_AT_GATEWAY = "payments.close_at_gateway"
SEND_PAYOUTS = "payments.send_payouts"
CANCEL_PAYOUTS = "payments.cancel_payouts"
TELL_SHIPPED = "payments.tell_shipped"

#: One job speaks to the gateway about so many; a worker that dies loses no more than these calls.
BATCH = 50


def send_refunds_later(province_id: int, refund_ids: Sequence[int]) -> None:
    _defer(SEND_REFUNDS, province_id, refund_ids)


def close_at_gateway_later(province_id: int, charge_ids: Sequence[int]) -> None:
    _defer(CLOSE_AT_GATEWAY, province_id, charge_ids)


def close_again_later(province_id: int, charge_ids: Sequence[int], *, times: int, seconds: int) -> None:
    """Real seconds: the gateway lives by the wall clock."""
    task = app.configure_task(CLOSE_AT_GATEWAY, schedule_in={"seconds": seconds})
    task.defer(province_id=province_id, ids=list(charge_ids), times=times)


def send_payouts_later(province_id: int, payout_ids: Sequence[int]) -> None:
    _defer(SEND_PAYOUTS, province_id, payout_ids)


def cancel_payouts_later(province_id: int, payout_ids: Sequence[int]) -> None:
    _defer(CANCEL_PAYOUTS, province_id, payout_ids)


def tell_shipped_later(province_id: int, note_ids: Sequence[int]) -> None:
    _defer(TELL_SHIPPED, province_id, note_ids)


def _defer(task: str, province_id: int, ids: Sequence[int]) -> None:
    jobs: list[JSONDict] = [
        {"province_id": province_id, "ids": list(ids[start : start + BATCH])} for start in range(0, len(ids), BATCH)
    ]
    if jobs:
        app.configure_task(task).batch_defer(*jobs)
