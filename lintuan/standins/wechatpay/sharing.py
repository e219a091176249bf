"""Profit sharing: the platform's side. A division is finished when it is first asked about."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lintuan.standins.wechatpay import wire
from lintuan.standins.wechatpay.calls import Answer, Call
from lintuan.standins.wechatpay.platform import Platform
from lintuan.standins.wechatpay.refusals import Refused, bad_parameter
from lintuan.standins.wechatpay.store import Order
from lintuan.standins.wechatpay.transfers import opened

ORDERS = "/v3/profitsharing/orders"
RETURNS = "/v3/profitsharing/return-orders"
MOST_REQUESTS = 50
MOST_RECEIVERS = 50
MOST_SHARED_BP = 3000
#: Documented refusals of these interfaces (pay.weixin.qq.com, profit sharing, error codes).
REFUSALS = {
    "RESOURCE_NOT_EXISTS": (404, "记录不存在"),
    "NOT_ENOUGH": (403, "分账金额不足"),
    "RULE_LIMIT": (403, "分账金额超出最大分账比例"),
    "INVALID_REQUEST": (400, "无效请求"),
    "NO_AUTH": (403, "分账接收方关系未建立"),
    "FREQUENCY_LIMITED": (429, "频率限制"),
    "SYSTEM_ERROR": (500, "系统错误"),
}

Number = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_\-|*@]{1,64}$")]
Fen = Annotated[int, Meta(ge=1)]
Kind = Literal["MERCHANT_ID", "PERSONAL_OPENID"]
Words = Annotated[str, Meta(min_length=1, max_length=80)]


class Part(Struct):
    type: Kind
    account: str
    amount: Fen
    description: Words
    name: str | None = None


class Asked(Struct):
    appid: str
    transaction_id: str
    out_order_no: Number
    receivers: Annotated[list[Part], Meta(min_length=1, max_length=MOST_RECEIVERS)]
    unfreeze_unsplit: bool


class Unfreezing(Struct):
    transaction_id: str
    out_order_no: Number
    description: Words


class Returning(Struct):
    out_return_no: Number
    return_mchid: str
    amount: Fen
    description: Words
    out_order_no: str = ""
    order_id: str = ""


class Relating(Struct):
    appid: str
    type: Kind
    account: str
    relation_type: str = ""
    name: str | None = None
    custom_relation: str | None = None


class Division(Struct):
    """One request; ``content`` tells a repeat from another request under the same number."""

    out_order_no: str
    order_id: str
    transaction_id: str
    content: str
    parts: list[Part]
    state: str = "PROCESSING"


class Sum(Struct):
    """What was shared of one payment and how often; closed: nothing more may be shared of it."""

    shared: int = 0
    requests: int = 0
    is_closed: bool = False


class Return(Struct):
    out_return_no: str
    out_order_no: str
    return_id: str
    merchant: str
    amount: int
    content: str


class Receiver(Struct):
    account: str
    type: str
    name: str


def share(platform: Platform, call: Call) -> Answer:
    asked = wire.read(call.body, Asked)
    if asked.appid != platform.keys.app_id:
        raise bad_parameter("appid")
    content = hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
    known = platform.papers.find(Division, asked.out_order_no)
    if known is None:
        known = _divide(platform, asked, content)
    if known.content != content:
        raise refused("INVALID_REQUEST")
    return Answer(200, _shown(known))


def show(platform: Platform, call: Call) -> Answer:
    known = _division(platform, call.path["out_order_no"])
    if known.transaction_id != call.query.get("transaction_id"):
        raise refused("RESOURCE_NOT_EXISTS")
    if known.state == "PROCESSING":
        known.state = "FINISHED"
        platform.papers.keep(known.out_order_no, known)
    return Answer(200, _shown(known))


def unfreeze(platform: Platform, call: Call) -> Answer:
    asked = wire.read(call.body, Unfreezing)
    content = hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
    known = platform.papers.find(Division, asked.out_order_no)
    if known is None:
        _paid(platform, asked.transaction_id)
        shared = _sum(platform, asked.transaction_id)
        if shared.is_closed:
            raise refused("NOT_ENOUGH")
        shared.is_closed = True
        platform.papers.keep(asked.transaction_id, shared)
        known = Division(asked.out_order_no, _number("30"), asked.transaction_id, content, [])
        platform.papers.keep(known.out_order_no, known)
    if known.content != content:
        raise refused("INVALID_REQUEST")
    return Answer(200, _shown(known))


def left(platform: Platform, call: Call) -> Answer:
    order = _paid(platform, call.path["transaction_id"])
    shared = _sum(platform, call.path["transaction_id"])
    fen = 0 if shared.is_closed else order.total - order.refunded - shared.shared
    return Answer(200, {"transaction_id": call.path["transaction_id"], "unsplit_amount": fen})


def take_back(platform: Platform, call: Call) -> Answer:
    asked = wire.read(call.body, Returning)
    content = hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
    known = platform.papers.find(Return, asked.out_return_no)
    if known is None:
        division = _division(platform, asked.out_order_no)
        got = sum(part.amount for part in division.parts if part.account == asked.return_mchid)
        before = [one for one in platform.papers.all(Return) if one.out_order_no == asked.out_order_no]
        back = sum(one.amount for one in before if one.merchant == asked.return_mchid)
        if back + asked.amount > got:
            raise refused("INVALID_REQUEST")
        known = Return(
            asked.out_return_no, asked.out_order_no, _number("31"), asked.return_mchid, asked.amount, content
        )
        platform.papers.keep(known.out_return_no, known)
    if known.content != content:
        raise refused("INVALID_REQUEST")
    return Answer(200, _returned(known))


def show_return(platform: Platform, call: Call) -> Answer:
    known = platform.papers.find(Return, call.path["out_return_no"])
    if known is None or known.out_order_no != call.query.get("out_order_no"):
        raise refused("RESOURCE_NOT_EXISTS")
    return Answer(200, _returned(known))


def add_receiver(platform: Platform, call: Call) -> Answer:
    asked = wire.read(call.body, Relating)
    if asked.appid != platform.keys.app_id or not asked.relation_type:
        raise bad_parameter("appid, relation_type")
    if asked.type == "MERCHANT_ID" and not asked.name:
        raise bad_parameter("name")
    name = opened(platform, asked.name) if asked.name else ""
    platform.papers.keep(f"{asked.type} {asked.account}", Receiver(asked.account, asked.type, name))
    told = {"type": asked.type, "account": asked.account, "relation_type": asked.relation_type}
    return Answer(200, told | ({"name": asked.name} if asked.name else {}))


def drop_receiver(platform: Platform, call: Call) -> Answer:
    asked = wire.read(call.body, Relating)
    platform.papers.drop(Receiver, f"{asked.type} {asked.account}")
    return Answer(200, {"type": asked.type, "account": asked.account})


def refused(code: str) -> Refused:
    status, message = REFUSALS[code]
    return Refused(status, code, message)


def _divide(platform: Platform, asked: Asked, content: str) -> Division:
    order, shared = _paid(platform, asked.transaction_id), _sum(platform, asked.transaction_id)
    amount = sum(part.amount for part in asked.receivers)
    if shared.is_closed or amount > order.total - order.refunded - shared.shared:
        raise refused("NOT_ENOUGH")
    if shared.requests >= MOST_REQUESTS:
        raise refused("INVALID_REQUEST")
    if shared.shared + amount > order.total * MOST_SHARED_BP // 10_000:
        raise refused("RULE_LIMIT")
    for part in asked.receivers:
        if platform.papers.find(Receiver, f"{part.type} {part.account}") is None:
            raise refused("NO_AUTH")
    platform.papers.keep(asked.transaction_id, Sum(shared.shared + amount, shared.requests + 1, asked.unfreeze_unsplit))
    division = Division(asked.out_order_no, _number("30"), asked.transaction_id, content, asked.receivers)
    platform.papers.keep(division.out_order_no, division)
    return division


def _paid(platform: Platform, transaction_id: str) -> Order:
    order = platform.store.paid_order(transaction_id)
    if order is None:
        raise refused("RESOURCE_NOT_EXISTS")
    return order


def _sum(platform: Platform, transaction_id: str) -> Sum:
    return platform.papers.find(Sum, transaction_id) or Sum()


def _division(platform: Platform, number: str) -> Division:
    known = platform.papers.find(Division, number)
    if known is None:
        raise refused("RESOURCE_NOT_EXISTS")
    return known


def _shown(known: Division) -> dict[str, object]:
    result = "SUCCESS" if known.state == "FINISHED" else "PENDING"
    return {
        "transaction_id": known.transaction_id,
        "out_order_no": known.out_order_no,
        "order_id": known.order_id,
        "state": known.state,
        "receivers": [
            {
                "type": part.type,
                "account": part.account,
                "amount": part.amount,
                "description": part.description,
                "result": result,
            }
            for part in known.parts
        ],
    }


def _returned(known: Return) -> dict[str, object]:
    return {
        "out_return_no": known.out_return_no,
        "out_order_no": known.out_order_no,
        "return_id": known.return_id,
        "return_mchid": known.merchant,
        "amount": known.amount,
        "result": "SUCCESS",
    }


def _number(kind: str) -> str:
    return f"{kind}{time.time_ns():020d}{secrets.randbelow(10**6):06d}"


SIGNED = (
    ("POST", ORDERS, share),
    ("GET", f"{ORDERS}/{{out_order_no}}", show),
    ("POST", f"{ORDERS}/unfreeze", unfreeze),
    ("GET", "/v3/profitsharing/transactions/{transaction_id}/amounts", left),
    ("POST", RETURNS, take_back),
    ("GET", f"{RETURNS}/{{out_return_no}}", show_return),
    ("POST", "/v3/profitsharing/receivers/add", add_receiver),
    ("POST", "/v3/profitsharing/receivers/delete", drop_receiver),
)
