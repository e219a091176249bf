"""WeChat Pay's profit sharing: parts of a paid order go to others before the rest is ours.

Only of orders that were opened with ``settle_info.profit_sharing``; some 30-60 seconds after their payment. What was
not shared within 180 days, or is unfrozen before, is the merchant's. Source: pay.weixin.qq.com, profit sharing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from msgspec import Struct

from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.sealing import seal

ORDERS = "/v3/profitsharing/orders"
RETURNS = "/v3/profitsharing/return-orders"
RECEIVERS = "/v3/profitsharing/receivers"

MOST_REQUESTS = 50
MOST_RECEIVERS = 50
#: Basis points of an order that may be shared, unless the merchant's contract says more.
MOST_SHARED_BP = 3000


class ReceiverKind(StrEnum):
    MERCHANT = "MERCHANT_ID"
    PERSON = "PERSONAL_OPENID"


class Relation(StrEnum):
    STORE = "STORE"
    STAFF = "STAFF"
    PARTNER = "PARTNER"
    DISTRIBUTOR = "DISTRIBUTOR"
    SUPPLIER = "SUPPLIER"
    USER = "USER"


class ShareState(StrEnum):
    """Of the whole request; what became of each receiver's part is its PartState."""

    PROCESSING = "PROCESSING"
    FINISHED = "FINISHED"


class PartState(StrEnum):
    PENDING = "PENDING"
    SUCCEEDED = "SUCCESS"
    CLOSED = "CLOSED"


class ReturnState(StrEnum):
    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCESS"
    FAILED = "FAILED"


class NotShareable(ValueError):
    """What the gateway would refuse for its limits; nothing was sent."""


@dataclass(frozen=True)
class Receiver:
    """Somebody who may get parts; ``name`` is sealed on its way and needed for merchants."""

    kind: ReceiverKind
    account: str
    relation: Relation = Relation.PARTNER
    name: str = ""


@dataclass(frozen=True)
class Share:
    kind: ReceiverKind
    account: str
    amount_fen: int
    description: str


@dataclass(frozen=True)
class ShareRequest:
    """Keep ``out_order_no`` on every retry; ``is_last`` gives what is left to the merchant."""

    transaction_id: str
    out_order_no: str
    shares: Sequence[Share]
    is_last: bool = False


@dataclass(frozen=True)
class Order:
    """What the limits are counted from: the payment, and what was shared of it before."""

    paid_fen: int
    shared_fen: int = 0
    requests: int = 0
    most_shared_bp: int = MOST_SHARED_BP


@dataclass(frozen=True)
class Shared:
    out_order_no: str
    order_id: str
    state: ShareState
    parts: Sequence[tuple[str, int, PartState]]


@dataclass(frozen=True)
class TakeBack:
    """A part that comes back from a receiving merchant, as where the order is refunded."""

    out_order_no: str
    out_return_no: str
    merchant_id: str
    amount_fen: int
    description: str


@dataclass(frozen=True)
class TakenBack:
    out_return_no: str
    state: ReturnState
    amount_fen: int
    fail_reason: str


def check_shares(order: Order, shares: Sequence[Share]) -> None:
    """Refuse what exceeds the gateway's limits: parts, receivers, requests, share of the order (rounded down)."""
    if not 1 <= len(shares) <= MOST_RECEIVERS:
        raise NotShareable(f"receivers: 1-{MOST_RECEIVERS} in a request")
    if any(share.amount_fen <= 0 for share in shares):
        raise NotShareable("amount_fen: more than 0")
    if order.requests >= MOST_REQUESTS:
        raise NotShareable(f"requests: at most {MOST_REQUESTS} for an order")
    most = order.paid_fen * order.most_shared_bp // 10_000
    if order.shared_fen + sum(share.amount_fen for share in shares) > most:
        raise NotShareable(f"amount_fen: at most {max(most - order.shared_fen, 0)} of this order can still be shared")


class Sharing:
    """Profit sharing of one merchant; may be shared by threads."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._merchant = exchange.merchant

    def share(self, order: Order, request: ShareRequest) -> Shared:
        """Ask for a division; it is done later, so ask for its state."""
        check_shares(order, request.shares)
        asked = {
            "appid": self._merchant.app_id,
            "transaction_id": request.transaction_id,
            "out_order_no": request.out_order_no,
            "receivers": [
                {
                    "type": share.kind,
                    "account": share.account,
                    "amount": share.amount_fen,
                    "description": share.description,
                }
                for share in request.shares
            ],
            "unfreeze_unsplit": request.is_last,
        }
        return self._exchange.ask("POST", ORDERS, asked, read=_Shared).shared()

    def query(self, out_order_no: str, *, transaction_id: str) -> Shared:
        path = f"{ORDERS}/{quote(out_order_no, safe='')}?transaction_id={quote(transaction_id, safe='')}"
        return self._exchange.ask("GET", path, read=_Shared).shared()

    def unfreeze(self, *, transaction_id: str, out_order_no: str, description: str) -> Shared:
        """Give all that is left of an order to the merchant; it cannot be shared any more."""
        asked = {"transaction_id": transaction_id, "out_order_no": out_order_no, "description": description}
        return self._exchange.ask("POST", f"{ORDERS}/unfreeze", asked, read=_Shared).shared()

    def amount_left(self, transaction_id: str) -> int:
        """Fen of an order that are frozen still."""
        path = f"/v3/profitsharing/transactions/{quote(transaction_id, safe='')}/amounts"
        return self._exchange.ask("GET", path, read=_Left).unsplit_amount

    def take_back(self, wanted: TakeBack) -> TakenBack:
        asked = {
            "out_order_no": wanted.out_order_no,
            "out_return_no": wanted.out_return_no,
            "return_mchid": wanted.merchant_id,
            "amount": wanted.amount_fen,
            "description": wanted.description,
        }
        return self._exchange.ask("POST", RETURNS, asked, read=_TakenBack).taken_back()

    def query_take_back(self, out_return_no: str, *, out_order_no: str) -> TakenBack:
        path = f"{RETURNS}/{quote(out_return_no, safe='')}?out_order_no={quote(out_order_no, safe='')}"
        return self._exchange.ask("GET", path, read=_TakenBack).taken_back()

    def add_receiver(self, receiver: Receiver) -> None:
        """Needed before the first share; once more does nothing."""
        asked = {**self._named(receiver), "relation_type": receiver.relation}
        if receiver.name:
            asked["name"] = seal(self._merchant, receiver.name)
        self._exchange.send("POST", f"{RECEIVERS}/add", asked)

    def drop_receiver(self, receiver: Receiver) -> None:
        self._exchange.send("POST", f"{RECEIVERS}/delete", self._named(receiver))

    def _named(self, receiver: Receiver) -> dict[str, str]:
        return {"appid": self._merchant.app_id, "type": receiver.kind, "account": receiver.account}


class _Part(Struct):
    account: str
    amount: int
    result: PartState = PartState.PENDING


class _Shared(Struct):
    out_order_no: str
    order_id: str
    state: ShareState
    receivers: list[_Part] = []

    def shared(self) -> Shared:
        parts = tuple((part.account, part.amount, part.result) for part in self.receivers)
        return Shared(self.out_order_no, self.order_id, self.state, parts)


class _TakenBack(Struct):
    out_return_no: str
    result: ReturnState
    amount: int
    fail_reason: str | None = None

    def taken_back(self) -> TakenBack:
        return TakenBack(self.out_return_no, self.result, self.amount, self.fail_reason or "")


class _Left(Struct):
    unsplit_amount: int
