"""The chart of accounts; docs/algorithms/ledger.md says what each holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

GATEWAY = "1001"
ALIPAY = "1002"
BANK = "1101"
GOODS = "1401"
PREPAID = "2001"
REFUNDS_OWED = "2002"
REFUNDS_SENT = "2003"
UNMATCHED = "2004"
MEMBERS_BALANCES = "2005"
SUPPLIERS = "2101"
DRIVERS = "2102"
PARTNERS = "2103"
FEES_PAYABLE = "2104"
LEADERS_PENDING = "2201"
LEADERS_PAYABLE = "2202"
PAYOUTS_SENT = "2301"
TAX_WITHHELD = "2401"
SALES = "4001"
RETURNS = "4002"
FORFEITED = "4003"
COST_OF_GOODS = "5001"
WASTE = "5002"
RECOVERED = "5003"
UNCLAIMED_GOODS = "5004"
COMMISSION = "5101"
RAISED = "5102"
SUBSIDIES = "5201"
SUPPLIERS_SUBSIDIES = "5202"
LEADERS_SUBSIDIES = "5203"
GATEWAY_FEES = "5301"
PAYOUT_FEES = "5302"
DRIVERS_COST = "5401"
PARTNERS_COST = "5501"

#: What payment providers hold for us, one account each.
GATEWAYS = (GATEWAY, ALIPAY)
#: The account of each provider's money.
OF_PROVIDER: Mapping[str, str] = MappingProxyType({"wechatpay": GATEWAY, "alipay": ALIPAY})
#: Bridges between two rooms: for each order they come back to zero.
BRIDGES = (REFUNDS_OWED, REFUNDS_SENT, UNMATCHED)


@dataclass(frozen=True, slots=True)
class Title:
    """What an account is called."""

    zh: str
    en: str


CHART: Mapping[str, Title] = MappingProxyType(
    {
        GATEWAY: Title("微信支付应收款", "WeChat Pay receivable"),
        ALIPAY: Title("支付宝应收款", "Alipay receivable"),
        BANK: Title("银行存款", "Bank"),
        GOODS: Title("在库商品", "Goods on hand"),
        PREPAID: Title("会员预付款", "Members' prepayments"),
        REFUNDS_OWED: Title("应退会员款", "Refunds owed to members"),
        REFUNDS_SENT: Title("在途退款", "Refunds on their way"),
        UNMATCHED: Title("待认领收款", "Receipts not yet matched"),
        MEMBERS_BALANCES: Title("会员余额", "Members' balances"),
        SUPPLIERS: Title("应付供应商款", "Suppliers payable"),
        DRIVERS: Title("应付司机款", "Drivers payable"),
        PARTNERS: Title("应付流量伙伴款", "Traffic partners payable"),
        FEES_PAYABLE: Title("应付支付手续费", "Gateway fees payable"),
        LEADERS_PENDING: Title("团长待结佣金", "Leaders' commission, pending"),
        LEADERS_PAYABLE: Title("应付团长佣金", "Leaders' commission, payable"),
        PAYOUTS_SENT: Title("在途付款", "Pay-outs on their way"),
        TAX_WITHHELD: Title("代扣个人所得税", "Income tax withheld"),
        SALES: Title("销售收入", "Sales"),
        RETURNS: Title("售后退款", "Refunds after sale"),
        FORFEITED: Title("逾期未提收入", "Forfeited by unclaimed orders"),
        COST_OF_GOODS: Title("销售成本", "Cost of goods sold"),
        WASTE: Title("损耗与余货", "Waste and surplus"),
        RECOVERED: Title("供应商承担售后", "Claims borne by suppliers"),
        UNCLAIMED_GOODS: Title("未提商品成本", "Cost of unclaimed goods"),
        COMMISSION: Title("团长佣金", "Leaders' commission"),
        RAISED: Title("玩法加佣", "Commission raised by plays"),
        SUBSIDIES: Title("玩法补贴", "Subsidies of plays"),
        SUPPLIERS_SUBSIDIES: Title("供应商承担补贴", "Subsidies borne by suppliers"),
        LEADERS_SUBSIDIES: Title("团长承担补贴", "Subsidies borne by leaders"),
        GATEWAY_FEES: Title("支付手续费", "Gateway fees"),
        PAYOUT_FEES: Title("付款手续费", "Fees of pay-outs"),
        DRIVERS_COST: Title("司机运费", "Drivers' pay"),
        PARTNERS_COST: Title("流量伙伴分成", "Shares of traffic partners"),
    }
)


#: Sub-accounts begin behind this sign.
_OF = ":"


def sub(main: str, owner_id: int) -> str:
    """The sub-account of one supplier, leader or member, such as 2101:17."""
    return f"{main}{_OF}{owner_id}"


def main(code: str) -> str:
    """The main account of an account."""
    return code.partition(_OF)[0]


@lru_cache(100_000)
def numbers(code: str) -> tuple[int, int]:
    """An account as the database keeps it: the main account, and its owner's id or 0; KeyError for none of ours."""
    known, _, owner = code.partition(_OF)
    if known not in CHART:
        raise KeyError(code)
    return int(known), int(owner or 0)


def is_account(code: str) -> bool:
    """Whether there can be an account of this code."""
    known, sign, owner = code.partition(_OF)
    return known in CHART and (not sign or (owner.isdecimal() and owner.isascii()))


def code(main: int, owner_id: int) -> str:
    """The account that the database keeps under these numbers."""
    return sub(str(main), owner_id) if owner_id else str(main)


def title(code: str) -> Title:
    """What an account is called; sub-accounts carry their main account's name."""
    return CHART[main(code)]
