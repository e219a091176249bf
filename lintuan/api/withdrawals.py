"""Leaders withdraw what they earned."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import Invalid
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import Money
from lintuan.payments import queries as payments
from lintuan.payments.errors import NothingToConfirm
from lintuan.settlement import commands, queries
from lintuan.settlement.engine.paying import WithdrawalView

from .http import caller_of, key_of

router = Router(tags=["withdrawals"])


class Withdrawal(Schema):
    id: str = Field(examples=["Rk3vTq9Z"])
    amount_fen: int = Field(examples=[180_000])
    tax_fen: int = Field(description="withheld, once it is paid", examples=[20_000])
    net_fen: int = Field(examples=[160_000])
    state: str = Field(examples=["asked"], description="asked, paying, failed, done, cancelled, returned")
    to_confirm: bool = Field(
        description="whether it lies on the leader's phone, to be confirmed there", examples=[True]
    )
    asked_at: datetime
    ended_at: datetime | None


class Purse(Schema):
    free_fen: int = Field(description="what may be asked for now", examples=[180_000])
    unstated_fen: int = Field(description="waits for a statement", examples=[0])
    contested_fen: int = Field(description="commission of orders that are claimed for", examples=[0])
    least_fen: int = Field(examples=[1000])
    name_from_fen: int = Field(description="from here on the name is needed", examples=[200_000])
    tax_fen: int = Field(description="what would be withheld of all that is free", examples=[20_000])
    blocked: str = Field(description="frozen, open (one is under way), or empty", examples=[""])
    withdrawals: list[Withdrawal]


class WithdrawalWish(Schema):
    amount_fen: int | None = Field(default=None, ge=1, le=10**9, examples=[180_000])
    amount_yuan: int | None = Field(
        default=None, ge=1, le=10**7, description="whole yuan, instead of amount_fen", examples=[1800]
    )
    openid: str = Field(
        default="", max_length=64, description="who the leader is to WeChat", examples=["oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"]
    )
    name: str = Field(default="", max_length=64, description="of the WeChat account's owner", examples=["王小红"])

    def amount(self) -> Money:
        if (self.amount_fen is None) == (self.amount_yuan is None):
            raise Invalid(reason="amount_fen | amount_yuan")
        return Money(self.amount_fen if self.amount_fen is not None else 100 * (self.amount_yuan or 0))


class Confirmation(Schema):
    amount_fen: int = Field(examples=[160_000])
    fields: dict[str, str] = Field(
        description="what wx.requestMerchantTransfer is handed",
        examples=[{"mchId": "1900000001", "appId": "wx8888888888888888", "package": "ABBQO+oYAAAB"}],
    )


@router.get("/leader/withdrawals", response=Purse, summary="What the calling leader may withdraw, and what it withdrew")
def purse(request: HttpRequest) -> Purse:
    """The newest withdrawals first."""
    view = queries.purse(caller_of(request))
    return Purse(
        free_fen=view.free.fen,
        unstated_fen=view.unstated.fen,
        contested_fen=view.contested.fen,
        least_fen=view.least.fen,
        name_from_fen=view.name_from.fen,
        tax_fen=view.tax.fen,
        blocked=view.blocked,
        withdrawals=[_withdrawal(one) for one in view.withdrawals],
    )


@router.post("/leader/withdrawals", response={201: Withdrawal}, summary="Withdraw")
def withdraw(request: HttpRequest, wish: WithdrawalWish) -> Status[Withdrawal]:
    """It waits for a pay-out run; from `name_from_fen` on the name is needed."""
    caller = caller_of(request)
    withdrawal_id = commands.withdraw(
        caller,
        province_id=caller.province_id,
        amount=wish.amount(),
        openid=wish.openid or _demonstrated(caller),
        name=wish.name,
        key=key_of(request),
    )
    return Status(201, _one(caller, caller.province_id, withdrawal_id))


@router.post("/leader/withdrawals/{withdrawal}/cancel", response=Withdrawal, summary="Take a withdrawal back")
def cancel(request: HttpRequest, withdrawal: str) -> Withdrawal:
    """While no run pays it yet."""
    province_id, withdrawal_id = read_public_id("withdrawal", withdrawal)
    caller = caller_of(request)
    commands.cancel_withdrawal(caller, province_id=province_id, withdrawal_id=withdrawal_id, key=key_of(request))
    return _one(caller, province_id, withdrawal_id)


@router.get(
    "/leader/withdrawals/{withdrawal}/confirmation", response=Confirmation, summary="What the phone confirms with"
)
def confirmation(request: HttpRequest, withdrawal: str) -> Confirmation:
    """While it lies on the phone, 24 hours at most."""
    province_id, withdrawal_id = read_public_id("withdrawal", withdrawal)
    caller = caller_of(request)
    view = queries.withdrawal(caller, province_id=province_id, withdrawal_id=withdrawal_id)
    if view.payout is None:
        raise NothingToConfirm
    told = payments.confirmation(caller, province_id=province_id, payout_id=view.payout.id)
    return Confirmation(amount_fen=told.amount.fen, fields=dict(told.fields))


def _one(caller: Caller, province_id: int, withdrawal_id: int) -> Withdrawal:
    return _withdrawal(queries.withdrawal(caller, province_id=province_id, withdrawal_id=withdrawal_id))


def _withdrawal(view: WithdrawalView) -> Withdrawal:
    return Withdrawal(
        id=public_id("withdrawal", view.province_id, view.id),
        amount_fen=view.amount.fen,
        tax_fen=view.tax.fen,
        net_fen=view.net.fen,
        state=view.state,
        to_confirm=view.to_confirm,
        asked_at=view.asked_at,
        ended_at=view.ended_at,
    )


def _demonstrated(caller: Caller) -> str:
    """Who a demonstration's leader is to the stand-in of WeChat; nobody is anybody to the real one without telling."""
    return public_id("leader", caller.province_id, caller.id) if settings.DEMO else ""
