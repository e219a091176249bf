"""Members' balances: money that could not go back to where it was paid from."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from lintuan.kernel.callers import Caller
from lintuan.kernel.ids import public_id
from lintuan.ordering import queries as ordering
from lintuan.payments import queries as payments
from lintuan.payments.errors import NothingToConfirm
from lintuan.settlement import commands, queries

from .http import caller_of, key_of
from .withdrawals import Confirmation

router = Router(tags=["balances"])


class BalanceLine(Schema):
    at: datetime = Field(examples=["2026-11-25T04:00:00Z"])
    kind: str = Field(
        description="refund_credited, payout_sent, payout_back, correction, reversal", examples=["refund_credited"]
    )
    amount_fen: int = Field(description="negative where it left", examples=[990])
    order: str | None = Field(description="its number", examples=["11207KQ2MX"])


class Balance(Schema):
    balance_fen: int = Field(description="what is on its way is no longer in it", examples=[990])
    least_fen: int = Field(description="less is not transferred", examples=[10])
    name_from_fen: int = Field(description="from here on the name is needed", examples=[200_000])
    state: str | None = Field(
        description="of the newest withdrawal: paying, failed, done, cancelled, returned", examples=["paying"]
    )
    to_confirm: bool = Field(description="whether it lies on the member's phone, to be confirmed there")
    lines: list[BalanceLine]


class BalanceWish(Schema):
    openid: str = Field(
        default="", max_length=64, description="who the member is to WeChat", examples=["oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"]
    )
    name: str = Field(default="", max_length=64, description="of the WeChat account's owner", examples=["王小红"])


@router.get("/me/balance", response=Balance, summary="The calling member's balance, and what it is made of")
def balance(request: HttpRequest) -> Balance:
    """The newest lines first, 100 at most."""
    return balance_json(caller_of(request))


@router.post("/me/balance/withdrawals", response={201: Balance}, summary="Withdraw all of the balance")
def withdraw(request: HttpRequest, wish: BalanceWish | None = None) -> Status[Balance]:
    """To WeChat, where the member confirms it within 24 hours; one at a time."""
    caller, wish = caller_of(request), wish or BalanceWish()
    commands.withdraw_balance(
        caller,
        province_id=caller.province_id,
        openid=wish.openid or _demonstrated(caller),
        name=wish.name,
        key=key_of(request),
    )
    return Status(201, balance_json(caller))


@router.get("/me/balance/confirmation", response=Confirmation, summary="What the phone confirms the withdrawal with")
def confirmation(request: HttpRequest) -> Confirmation:
    """While it lies on the phone, 24 hours at most."""
    caller = caller_of(request)
    newest = queries.balance(caller).newest
    if newest is None or newest.payout is None:
        raise NothingToConfirm
    told = payments.confirmation(caller, province_id=caller.province_id, payout_id=newest.payout.id)
    return Confirmation(amount_fen=told.amount.fen, fields=dict(told.fields))


def balance_json(caller: Caller) -> Balance:
    """What a member sees of it, and takes along in an export."""
    view = queries.balance(caller)
    order_ids = {line.order_id for line in view.lines if line.order_id}
    orders = ordering.orders(caller.province_id, order_ids)
    return Balance(
        balance_fen=view.amount.fen,
        least_fen=view.least.fen,
        name_from_fen=view.name_from.fen,
        state=view.newest.state if view.newest else None,
        to_confirm=view.newest is not None and view.newest.to_confirm,
        lines=[
            BalanceLine(
                at=line.at,
                kind=line.kind,
                amount_fen=line.amount.fen,
                order=orders[line.order_id].number if line.order_id in orders else None,
            )
            for line in view.lines
        ],
    )


def _demonstrated(caller: Caller) -> str:
    """Who a demonstration's member is to the stand-in of WeChat; nobody is anybody to the real one without telling."""
    return public_id("member", caller.province_id, caller.id) if settings.DEMO else ""
