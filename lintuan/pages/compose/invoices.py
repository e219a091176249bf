"""The invoice of an order: asking for it, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import OrderView
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import SaveFile
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.provinces.queries import province
from lintuan.settlement import queries as settlement
from lintuan.settlement.types import InvoiceKind, InvoiceLine, InvoiceState, InvoiceView, TitleKind

from . import parts, words
from .asking import Asking
from .doors import for_members
from .standing import order_id

_STATES: dict[InvoiceState, tuple[str, str, values.Tone]] = {
    InvoiceState.ASKED: ("待开具", "To be issued", "info"),
    InvoiceState.ISSUED: ("已开具", "Issued", "good"),
    InvoiceState.REFUSED: ("未能开具", "Not issued", "bad"),
    InvoiceState.REDDENED: ("已冲红", "Taken back", "info"),
}


@for_members("invoice", "发票", "Invoice")
def invoice(asking: Asking) -> Page:
    """The form, and below it every invoice of the order with its file."""
    view = ordering.order(asking.caller, *read_public_id("order", asking.get("order")))
    head = ("invoice", asking.t("发票", "Invoice"))
    found = settlement.invoices_of_order(asking.caller, view)
    body: list[Node] = [parts.facts((asking.t("订单", "Order"), view.number), _amount(asking, view))]
    for one in found:
        body += _standing(asking, one)
    if not _is_standing(found):
        body += _form(asking, view) if settlement.may_invoice(view) else [_nothing(asking)]
    back = parts.button(parts.go("order", asking.t("查看订单", "See the order"), order=order_id(view)))
    return parts.page(asking, head, [*body, parts.buttons(back)], tab="orders")


def way(asking: Asking, view: OrderView) -> list[Node]:
    """From an order to its invoice, once it is paid."""
    if not settlement.may_invoice(view):
        return []
    return [parts.buttons(parts.button(parts.go("invoice", asking.t("发票", "Invoice"), order=order_id(view))))]


def _is_standing(found: Sequence[InvoiceView]) -> bool:
    return any(one.state is InvoiceState.ASKED or _is_good(one) for one in found)


def _is_good(one: InvoiceView) -> bool:
    return one.kind is InvoiceKind.BLUE and one.state is InvoiceState.ISSUED


def _amount(asking: Asking, view: OrderView) -> tuple[str, str]:
    paid = view.bill.paid.fen if view.paid_at else 0
    return asking.t("可开票金额", "To be invoiced"), words.yuan(paid)


def _nothing(asking: Asking) -> Node:
    told = asking.t("没有可开票金额", "Nothing to be invoiced")
    return parts.notice(told, asking.t("发票只开实际支付且未退回的金额。", "Only what you paid and did not get back."))


def _standing(asking: Asking, one: InvoiceView) -> list[Node]:
    """What an invoice is made out to and says, and where it stands."""
    zh, en, tone = _STATES[one.state]
    is_red, skus = one.kind is InvoiceKind.RED, catalog.skus({line.sku_id for line in one.lines})
    name = asking.t("红字发票", "Red-letter invoice") if is_red else asking.t("发票", "Invoice")
    head = values.Row(
        title=one.title.title,
        note=words.told(name, one.title.number, one.number, _when(asking, one), language=asking.language),
        value=words.yuan(one.amount.fen),
        badge=asking.t(zh, en),
        tone=tone,
    )
    rows = [head, *(_line(asking, line, skus[line.sku_id]) for line in one.lines)]
    key = public_id("invoice", one.province_id, one.id)
    found: list[Node] = [parts.rows(rows, key=key)]
    if one.has_file:
        path = f"{parts.API}/me/invoices/{key}/file"
        found.append(
            parts.buttons(
                parts.button(SaveFile(text=asking.t("保存发票文件", "Save the file"), path=path, name=f"{one.number}"))
            )
        )
    elif one.link:
        found.append(parts.plain(one.link))
    return found


def _line(asking: Asking, line: InvoiceLine, sku: SkuView) -> values.Row:
    tax = words.yuan(line.tax.fen)
    told = asking.t(f"其中税额 {tax}", f"with tax of {tax}")
    return values.Row(
        title=f"{sku.name_in(asking.language)} × {line.quantity}",
        note=asking.t("免税", "Exempt from tax") if line.is_exempt else told,
        value=words.yuan(line.amount.fen),
    )


def _when(asking: Asking, one: InvoiceView) -> str:
    zone = province(one.province_id).zone
    if one.state is InvoiceState.REFUSED:
        return one.reason
    if one.state is InvoiceState.ASKED:
        by = words.moment(one.due_at, zone, asking.language)
        return asking.t(f"最晚 {by} 开具", f"issued by {by}")
    return words.moment(one.closed_at or one.asked_at, zone, asking.language)


def _form(asking: Asking, view: OrderView) -> list[Node]:
    t, market = asking.t, province(view.province_id)
    ready = words.moment(settlement.ready_at(view), market.zone, asking.language)
    days = market.terms.invoice_days
    told = parts.notice(
        t("电子普通发票", "Electronic invoice"),
        t(
            f"{ready} 售后期结束后 {days} 天内开具，金额为实付减退款。",
            f"Issued within {days} days from {ready}, when claims are over, for what you paid less refunds.",
        ),
    )
    kinds = [
        values.Choice(value=TitleKind.PERSONAL.value, label=t("个人", "A person")),
        values.Choice(value=TitleKind.COMPANY.value, label=t("单位", "A company")),
    ]
    fields = [
        values.Field(
            name="kind", label=t("抬头类型", "Made out to"), type="choice", required=True,
            value=TitleKind.PERSONAL.value, choices=kinds,
        ),
        values.Field(
            name="title", label=t("抬头", "Title"), type="text", max=100,
            help=t("个人可不填；单位填营业执照上的全称。", "A person may leave it empty; a company's full name."),
        ),
        values.Field(
            name="taxpayer_number", label=t("纳税人识别号（单位必填）", "Taxpayer number (companies)"), type="text",
            max=20, help=t("18 位统一社会信用代码，或旧版 15、20 位。", "The credit code of 18 signs, or 15 or 20."),
        ),
        values.Field(name="email", label=t("邮箱（可不填）", "E-mail (optional)"), type="text", max=120),
    ]  # fmt: skip
    submit = parts.call(
        "POST", "/me/invoices", t("申请开票", "Ask for the invoice"), {"order": order_id(view)},
        done=[parts.tell(t("已申请。", "Asked for.")), parts.refresh(asking)],
    )  # fmt: skip
    text = "\n".join((*(one.label for one in fields), submit.text))
    return [told, nodes.Form(text=text, key="invoice", fields=fields, submit=submit)]
