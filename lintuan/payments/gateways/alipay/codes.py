"""What Alipay's error codes mean to us. A code that is not here is a refusal, unless its class says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lintuan.payments.gateways.faults import GatewayFault, GatewayRefused, GatewayUnreachable

SUCCESS = "10000"


class Meaning(StrEnum):
    """UNKNOWN: perhaps done, ask again with the same numbers. LATER: surely not done, ask again. REFUSED: for good."""

    UNKNOWN = "unknown"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Code:
    """``known_as`` is the word by which the room knows the refusal, where it acts on it; None: Alipay's own."""

    meaning: Meaning
    source: str
    known_as: str | None = None


U, L, R = Meaning.UNKNOWN, Meaning.LATER, Meaning.REFUSED

COMMON = "opendocs.alipay.com/common/02km9f"
UNSURE = "opendocs.alipay.com/open/00f7nv"
TRADE = "zhifubao.apifox.cn/api-126427173"
QUERY = "zhifubao.apifox.cn/api-126426144"
CLOSE = "opendocs.alipay.com, the page of alipay.trade.close"
REFUND = "opendocs.alipay.com, the page of alipay.trade.refund; zhifubao.apifox.cn/doc-3290173"
CANCEL = "apifox.cn/apidoc/docs-site/3618910/api-126370346"
SHARES = "github.com/mingqcn/oomall-2022 AlipayReturnNo.java, from the page of alipay.trade.order.settle"
BILLS = "opendocs.alipay.com, the page of alipay.data.dataservice.bill.downloadurl.query"

#: Answers are of a class (``code``); within it ``sub_code`` tells more.
CLASSES: Mapping[str, Code] = {
    "20000": Code(U, UNSURE),
    "20001": Code(R, COMMON),
    "40001": Code(R, COMMON),
    "40002": Code(R, COMMON),
    "40003": Code(R, COMMON),
    "40004": Code(R, COMMON),
    "40005": Code(L, COMMON),
    "40006": Code(R, COMMON),
}

SUB_CODES: Mapping[str, Code] = {
    "isp.unknow-error": Code(U, UNSURE),
    "aop.unknow-error": Code(U, UNSURE),
    "ACQ.SYSTEM_ERROR": Code(U, UNSURE),
    "aop.ACQ.SYSTEM_ERROR": Code(U, UNSURE),
    "AQC.SYSTEM_ERROR": Code(U, CANCEL),
    "SYSTEM_ERROR": Code(U, UNSURE),
    "isv.app-call-limited": Code(L, COMMON),
    "isv.method-call-limited": Code(L, COMMON),
    "SYSTEM_RATE_LIMIT": Code(L, BILLS),
    "USER_RATE_LIMIT": Code(L, BILLS),
    "BILL_NOT_EXIST": Code(R, BILLS),
    "NO_BILL_DATA": Code(R, BILLS),
    "isv.invalid-signature": Code(R, COMMON),
    "isv.invalid-app-id": Code(R, COMMON),
    "ACQ.INVALID_PARAMETER": Code(R, QUERY),
    "ACQ.ACCESS_FORBIDDEN": Code(R, TRADE),
    "ACQ.PARTNER_ERROR": Code(R, TRADE),
    "ACQ.TRADE_NOT_EXIST": Code(R, QUERY),
    "ACQ.TRADE_HAS_SUCCESS": Code(R, TRADE, "ORDERPAID"),
    "ACQ.TRADE_HAS_CLOSE": Code(R, TRADE),
    "ACQ.CONTEXT_INCONSISTENT": Code(R, TRADE),
    "ACQ.TRADE_BUYER_NOT_MATCH": Code(R, TRADE),
    "ACQ.BUYER_SELLER_EQUAL": Code(R, TRADE),
    "ACQ.TOTAL_FEE_EXCEED": Code(R, TRADE),
    "ACQ.EXIST_FORBIDDEN_WORD": Code(R, TRADE),
    "ACQ.SELLER_BEEN_BLOCKED": Code(R, TRADE),
    "ACQ.BUYER_ENABLE_STATUS_FORBID": Code(R, TRADE),
    "ACQ.TRADE_STATUS_ERROR": Code(R, CLOSE),
    "ACQ.REASON_TRADE_STATUS_INVALID": Code(R, CLOSE),
    "ACQ.REASON_ILLEGAL_STATUS": Code(R, CLOSE),
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": Code(R, REFUND, "NOT_ENOUGH"),
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": Code(R, REFUND),
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": Code(R, REFUND),
    "ACQ.REASON_TRADE_BEEN_FREEZEN": Code(R, REFUND),
    "ACQ.TRADE_HAS_FINISHED": Code(R, REFUND),
    "ACQ.TRADE_NOT_ALLOW_REFUND": Code(R, REFUND),
    "ACQ.DISCORDANT_REPEAT_REQUEST": Code(R, REFUND),
    "ACQ.RELATION_QUANTITY_LIMIT": Code(R, SHARES),
    "ACQ.PRODUCT_UNSIGN": Code(R, SHARES),
    "ACQ.USER_NOT_EXIST": Code(R, SHARES),
    "ACQ.RECEIVER_LIST_EMPTY": Code(R, SHARES),
    "ACQ.INVALID_RECEIVER_TYPE": Code(R, SHARES),
    "ACQ.ROYALTY_RECEIVER_INVALID": Code(R, SHARES),
    "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR": Code(R, SHARES),
}

#: Alipay refuses to close what is no longer waiting for its buyer, and does not say whether it was paid or closed.
NOT_WAITING = frozenset({"ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID", "ACQ.REASON_ILLEGAL_STATUS"})


def fault(code: str, sub_code: str = "", message: str = "") -> GatewayFault:
    """What to raise for an answer that Alipay signed and that is no success."""
    told = SUB_CODES.get(sub_code) or CLASSES.get(code) or Code(Meaning.REFUSED, COMMON)
    name = sub_code or code
    if told.meaning is not Meaning.REFUSED:
        return GatewayUnreachable(f"{code} {name}: {message}" if message else f"{code} {name}")
    if told.known_as:
        return GatewayRefused(told.known_as, f"{name} {message}".strip())
    return GatewayRefused(name, message)
