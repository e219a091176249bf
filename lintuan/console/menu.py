"""The pages of the console, and who sees which in the rail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lintuan.kernel.callers import Kind

from .access import Visit
from .words import spoken


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the rail; any one of `rights` opens it."""

    page: str
    icon: str
    zh: str
    en: str
    rights: tuple[str, ...]
    is_here: bool = False

    @property
    def text(self) -> str:
        return spoken(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that belong together, under a heading of their own."""

    zh: str
    en: str
    items: Sequence[Item]

    @property
    def text(self) -> str:
        return spoken(self.zh, self.en)


def _item(page: str, icon: str, words: tuple[str, str], *rights: str) -> Item:
    return Item(f"console:{page}", f"console/icons/{icon}.svg", *words, rights)


STAFF: Sequence[Group] = (
    Group("夜间", "The night", (
        _item("tonight", "activity", ("今晚", "Tonight"), "ordering.read"),
        _item("night", "moon-stars", ("夜间看板", "Night board"), "ordering.read"),
        _item("purchases", "clipboard-list", ("采购单", "Purchase orders"), "sourcing.receive"),
        _item("sorting", "packages", ("分拣单", "Sorting lists"), "fulfilment.sort"),
        _item("routes", "route", ("配送线路", "Routes"), "fulfilment.drive"),
        _item("claims", "message-report", ("售后", "Claims"), "fulfilment.decide_claims"),
    )),
    Group("玩法", "Plays", (
        _item("plays", "puzzle", ("玩法", "Plays"), "plays.edit"),
        _item("campaigns", "speakerphone", ("活动", "Campaigns"), "plays.edit"),
        _item("trials", "circle-dashed", ("试验", "Trials"), "plays.edit"),
        _item("rewards", "gift", ("待核奖励", "Held rewards"), "plays.edit"),
        _item("channels", "share", ("渠道", "Channels"), "plays.edit"),
    )),
    Group("资金", "Money", (
        _item("proof", "checks", ("当日核对", "Proof of the day"), "settlement.read"),
        _item("cases", "alert-triangle", ("对账差异", "Reconciliation"), "settlement.read"),
        _item("refunds", "receipt-refund", ("失败退款", "Failed refunds"), "payments.refund"),
        _item("ledger", "scale", ("账簿", "Ledger"), "settlement.read"),
        _item("statements", "receipt", ("供应商对账单", "Statements"), "settlement.read"),
        _item("payruns", "cash", ("付款批次", "Pay runs"), "settlement.prepare"),
        _item("invoices", "file-invoice", ("发票", "Invoices"), "settlement.invoice"),
        _item("exports", "download", ("导出", "Exports"), "settlement.read"),
    )),
    Group("设置", "Set up", (
        _item("points", "building-store", ("自提点", "Pickup points"), "leaders.edit"),
        _item("rates", "percentage", ("佣金率", "Rates"), "settlement.edit"),
        _item("partners", "affiliate", ("流量伙伴", "Partners"), "settlement.edit"),
        _item("methods", "credit-card", ("支付方式", "Payment methods"), "provinces.edit"),
    )),
)  # fmt: skip
SUPPLIER: Sequence[Group] = (
    Group("供货", "Supply", (
        _item("supplier-orders", "clipboard-list", ("采购单", "Purchase orders")),
        _item("supplier-statements", "receipt", ("对账单", "Statements")),
    )),
)  # fmt: skip


def menu_of(visit: Visit, page: str) -> Sequence[Group]:
    """What this person may open, groups of which nothing is open left out; `page` is where they are."""
    is_supplier = visit.caller.kind is Kind.SUPPLIER
    groups = (
        Group(group.zh, group.en, [_here(item, page) for item in group.items if is_supplier or _opens(item, visit)])
        for group in (SUPPLIER if is_supplier else STAFF)
    )
    return [group for group in groups if group.items]


def _here(item: Item, page: str) -> Item:
    return replace(item, is_here=item.page == page)


def _opens(item: Item, visit: Visit) -> bool:
    return any(visit.caller.may(right, visit.province_id) for right in item.rights)
