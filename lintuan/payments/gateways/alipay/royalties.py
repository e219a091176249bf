"""Sharing a payment with bound receivers (分账). A payment must have been made under a contract that allows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from lintuan.payments.gateways.alipay.amounts import fen, yuan
from lintuan.payments.gateways.alipay.exchange import Exchange
from lintuan.payments.gateways.alipay.protocol import read_beijing
from lintuan.payments.gateways.faults import GatewayUnreachable

#: In one call to bind, and in one call to settle that answers at once.
MOST_RECEIVERS = 20
MOST_SHARES = 5


class Account(StrEnum):
    """What names a receiver: a user id (2088...), a login (a phone or an e-mail), an open id."""

    USER_ID = "userId"
    LOGIN = "loginName"
    OPEN_ID = "openId"


@dataclass(frozen=True)
class Receiver:
    """``name`` is the real name, which Alipay asks for with a login."""

    kind: Account
    account: str
    name: str = ""
    memo: str = ""


@dataclass(frozen=True)
class Share:
    receiver: Receiver
    amount_fen: int
    note: str = ""


class ShareState(StrEnum):
    SUCCEEDED = "SUCCESS"
    PROCESSING = "PROCESSING"
    FAILED = "FAIL"


@dataclass(frozen=True)
class SettledShare:
    account: str
    amount_fen: int
    state: ShareState
    detail_id: str
    executed_at: datetime | None
    error: str = ""


class _Bound(Struct):
    result_code: str


class _Settled(Struct):
    trade_no: str
    settle_no: str


class _Detail(Struct):
    amount: str
    state: ShareState
    trans_in: str = ""
    operation_type: str = ""
    detail_id: str = ""
    execute_dt: str = ""
    error_code: str = ""


class _Details(Struct):
    out_request_no: str
    royalty_detail_list: list[_Detail] = []


class Royalties:
    """Each call may be repeated with the same ``out_request_no``."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def bind(self, receivers: Sequence[Receiver], *, out_request_no: str) -> None:
        """Receivers must be bound before they are given anything; at most 20 in a call."""
        if not 1 <= len(receivers) <= MOST_RECEIVERS:
            raise ValueError(f"Between 1 and {MOST_RECEIVERS} receivers are bound at once.")
        content = {"receiver_list": [_receiver(one) for one in receivers], "out_request_no": out_request_no}
        told = self._exchange.ask("alipay.trade.royalty.relation.bind", content, read=_Bound)
        if told.result_code != "SUCCESS":
            raise GatewayUnreachable(f"The receivers were not bound: {told.result_code}")

    def settle(self, trade_no: str, shares: Sequence[Share], *, out_request_no: str, is_last: bool) -> str:
        """Give at most 5 receivers their shares of a payment, all or none, and return Alipay's number of it.

        ``is_last`` frees what is left of the payment.
        """
        if not 1 <= len(shares) <= MOST_SHARES:
            raise ValueError(f"Between 1 and {MOST_SHARES} shares are settled at once.")
        content: dict[str, object] = {
            "out_request_no": out_request_no,
            "trade_no": trade_no,
            "royalty_parameters": [_share(one) for one in shares],
            "royalty_mode": "sync",
        }
        if is_last:
            content["extend_params"] = {"royalty_finish": "true"}
        return self._exchange.ask("alipay.trade.order.settle", content, read=_Settled).settle_no

    def query(self, settle_no: str) -> list[SettledShare]:
        told = self._exchange.ask("alipay.trade.order.settle.query", {"settle_no": settle_no}, read=_Details)
        try:
            return [_settled(one) for one in told.royalty_detail_list]
        except ValueError as problem:
            raise GatewayUnreachable(f"An answer that we cannot read: {problem}") from None


def _receiver(one: Receiver) -> dict[str, str]:
    fields = {"type": one.kind.value, "account": one.account, "name": one.name, "memo": one.memo}
    return {name: value for name, value in fields.items() if value}


def _share(one: Share) -> dict[str, str]:
    fields = {
        "royalty_type": "transfer",
        "trans_in_type": one.receiver.kind.value,
        "trans_in": one.receiver.account,
        "amount": yuan(one.amount_fen),
        "desc": one.note,
    }
    return {name: value for name, value in fields.items() if value}


def _settled(one: _Detail) -> SettledShare:
    return SettledShare(
        account=one.trans_in,
        amount_fen=fen(one.amount),
        state=one.state,
        detail_id=one.detail_id,
        executed_at=read_beijing(one.execute_dt) if one.execute_dt else None,
        error=one.error_code,
    )
