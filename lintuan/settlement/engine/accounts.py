"""The chart of accounts; docs/algorithms/ledger.md says what each holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

GATEWAY = "1001"
GOODS = "1401"
PREPAID = "2001"
REFUNDS_OWED = "2002"
REFUNDS_SENT = "2003"
UNMATCHED = "2004"
SUPPLIERS = "2101"
LEADERS_PENDING = "2201"
LEADERS_PAYABLE = "2202"
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


@dataclass(frozen=True, slots=True)
class Title:
    """What an account is called."""

    zh: str
    en: str


CHART: Mapping[str, Title] = MappingProxyType(
    {
        GATEWAY: Title("支付机构应收款", "Gateway receivable"),
        GOODS: Title("在库商品", "Goods on hand"),
        PREPAID: Title("会员预付款", "Members' prepayments"),
        REFUNDS_OWED: Title("应退会员款", "Refunds owed to members"),
        REFUNDS_SENT: Title("在途退款", "Refunds on their way"),
        UNMATCHED: Title("待认领收款", "Receipts not yet matched"),
        SUPPLIERS: Title("应付供应商款", "Suppliers payable"),
        LEADERS_PENDING: Title("团长待结佣金", "Leaders' commission, pending"),
        LEADERS_PAYABLE: Title("应付团长佣金", "Leaders' commission, payable"),
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
    }
)


def sub(main: str, owner_id: int) -> str:
    """The sub-account of one supplier or leader, such as 2101:17."""
    return f"{main}:{owner_id}"


def main(code: str) -> str:
    """The main account of an account."""
    return code.partition(":")[0]


def title(code: str) -> Title:
    """What an account is called; sub-accounts carry their main account's name."""
    return CHART[main(code)]
