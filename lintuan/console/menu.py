"""The pages of the console, and who sees which in the rail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def _item(page: str, icon: str, words: tuple[str, str], *rights: str) -> Item:
    return Item(f"console:{page}", f"console/icons/{icon}.svg", *words, rights)


STAFF: Sequence[Item] = (
    _item("tonight", "activity", ("今晚", "Tonight"), "ordering.read"),
    _item("purchases", "file-invoice", ("采购单", "Purchase orders"), "sourcing.receive"),
    _item("sorting", "packages", ("分拣单", "Sorting lists"), "fulfilment.sort"),
    _item("routes", "route", ("配送线路", "Routes"), "fulfilment.drive"),
    _item("points", "building-store", ("自提点", "Pickup points"), "leaders.edit"),
    _item("methods", "map-pin", ("支付方式", "Payment methods"), "provinces.edit"),
    _item("claims", "message-report", ("售后", "Claims"), "fulfilment.decide_claims"),
    _item("plays", "puzzle", ("玩法", "Plays"), "plays.edit"),
    _item("campaigns", "speakerphone", ("活动", "Campaigns"), "plays.edit"),
    _item("trials", "circle-dashed", ("试验", "Trials"), "plays.edit"),
    _item("rewards", "gift", ("待核奖励", "Held rewards"), "plays.edit"),
    _item("channels", "share", ("渠道", "Channels"), "plays.edit"),
    _item("ledger", "scale", ("账簿", "Ledger"), "settlement.read"),
    _item("rates", "scale", ("佣金率", "Rates"), "settlement.edit"),
    _item("partners", "share", ("流量伙伴", "Partners"), "settlement.edit"),
    _item("statements", "receipt", ("供应商对账单", "Statements"), "settlement.read"),
    _item("payruns", "receipt", ("付款批次", "Pay runs"), "settlement.prepare"),
    _item("invoices", "file-invoice", ("发票", "Invoices"), "settlement.invoice"),
    _item("exports", "download", ("导出", "Exports"), "settlement.read"),
    _item("proof", "checks", ("当日核对", "Proof of the day"), "settlement.read"),
    _item("cases", "alert-triangle", ("对账差异", "Reconciliation"), "settlement.read"),
    _item("night", "moon-stars", ("夜间看板", "Night board"), "ordering.read"),
)
SUPPLIER: Sequence[Item] = (
    _item("supplier-orders", "file-invoice", ("采购单", "Purchase orders")),
    _item("supplier-statements", "receipt", ("对账单", "Statements")),
)


def menu_of(visit: Visit, page: str) -> Sequence[Item]:
    """What this person may open; `page` is where they are."""
    is_supplier = visit.caller.kind is Kind.SUPPLIER
    items = SUPPLIER if is_supplier else tuple(item for item in STAFF if _opens(item, visit))
    return [Item(item.page, item.icon, item.zh, item.en, item.rights, is_here=item.page == page) for item in items]


def _opens(item: Item, visit: Visit) -> bool:
    return any(visit.caller.may(right, visit.province_id) for right in item.rights)
