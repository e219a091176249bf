"""Complaints about collected goods."""

from __future__ import annotations

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.fulfilment import queries as fulfilment
from lintuan.fulfilment.engine.claims import LineFacts, propose
from lintuan.fulfilment.types import ClaimCause, ClaimState, ClaimView
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import ZERO
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import LineView, OrderView, State
from lintuan.pages.addresses import photo_addresses
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page

from . import goods, offers, parts, words
from .asking import Asking
from .doors import for_members
from .standing import order_id

MOST_PHOTOS = 3


@for_members("claim", "申请售后", "Make a claim")
def claim(asking: Asking) -> Page:
    """The form for one line of a collected order, with what its causes are worth."""
    view = ordering.order(asking.caller, *read_public_id("order", asking.get("order")))
    line = _line(view, read_public_id("line", asking.get("line"))[1])
    sku = catalog.sku(line.sku_id)
    head = ("claim", asking.t("申请售后", "Make a claim"))
    about = goods.goods(sku, line.due, asking.language)
    body: list[Node] = [parts.rows([_about(asking, about, line)], key="line")]
    earlier = [one for one in fulfilment.claims_of_member(asking.caller) if one.line_id == line.id]
    body += [parts.rows([_row(asking, one, {sku.id: sku}, view) for one in earlier], key="earlier")] if earlier else []
    body.append(_form(asking, view, line) if _may_claim(view, line) else _too_early(asking))
    return parts.page(asking, head, body, tab="orders")


@for_members("claims", "售后", "Claims")
def claims(asking: Asking) -> Page:
    """All complaints and what came of them."""
    head = ("claims", asking.t("售后", "Claims"))
    found = fulfilment.claims_of_member(asking.caller)
    if not found:
        to = parts.go("orders", asking.t("看我的订单", "See my orders"))
        line = asking.t("取货后，在订单里可以申请售后。", "Once you have collected, you can claim from the order.")
        return parts.page(
            asking, head, [parts.empty(asking.t("没有售后", "No claims"), line, icon="shield-check", to=to)], tab="me"
        )
    skus = catalog.skus({view.sku_id for view in found})
    orders = ordering.orders(asking.caller.province_id, {view.order_id for view in found})
    body: list[Node] = []
    for view in found:
        row = _row(asking, view, skus, orders[view.order_id])
        body += [parts.rows([row], key=_id(view)), _steps(asking, view)]
        body += [_photo(asking, address) for address in photo_addresses(view.province_id, view.photos)]
    return parts.page(asking, head, body, tab="me")


def _line(view: OrderView, line_id: int) -> LineView:
    found = next((line for line in view.lines if line.id == line_id), None)
    if found is None:
        raise NotFound(thing="line")
    return found


def _may_claim(view: OrderView, line: LineView) -> bool:
    return view.state is State.COLLECTED and line.due > 0 and line.amount - line.refunded > ZERO


def _too_early(asking: Asking) -> Node:
    told = asking.t("现在不能申请售后", "No claim can be made now")
    why = "取货后才能申请；已全额退款的不能再申请。", "Once you have collected; not for what was refunded whole."
    return parts.notice(told, asking.t(*why))


def _about(asking: Asking, about: values.Goods, line: LineView) -> values.Row:
    return values.Row(
        title=f"{about.name} × {line.due}",
        note=words.told(about.spec, words.yuan(line.price.fen), language=asking.language),
        value=words.yuan(line.amount.fen),
        picture=about.picture,
    )


def _form(asking: Asking, view: OrderView, line: LineView) -> Node:
    t = asking.t
    worth = [_cause(asking, view, line, cause) for cause in ClaimCause]
    fields = [
        values.Field(
            name="cause", label=t("什么问题？", "What is wrong?"), type="choice", required=True, choices=worth
        ),
        values.Field(
            name="quantity", label=t("几件？", "How many?"), type="number", required=True, value=1, min=1, max=line.due
        ),
        values.Field(name="note", label=t("说明（可不填）", "In your words (optional)"), type="textarea", max=500),
        values.Field(
            name="photos", label=t("照片（可不填）", "Photos (optional)"), type="photo", max=MOST_PHOTOS,
            send=f"{parts.API}/photos", help=t("拍清楚问题在哪里。", "Show what is wrong."),
        ),
    ]  # fmt: skip
    body = {"order": order_id(view), "line": public_id("line", view.province_id, line.id)}
    submit = parts.call(
        "POST", "/me/claims", t("提交", "Send"), body,
        done=[parts.go("claims", t("看售后进度", "See how it goes"), replace=True)],
    )  # fmt: skip
    lines = (f"{one.label}: {one.note}" for one in worth)
    return nodes.Form(text="\n".join((fields[0].label, *lines, submit.text)), key="claim", fields=fields, submit=submit)


def _cause(asking: Asking, view: OrderView, line: LineView, cause: ClaimCause) -> values.Choice:
    """What one unit of it is worth; small amounts come back at once."""
    facts = LineFacts(line.price, line.due, line.amount - line.refunded)
    amount = words.yuan(view.bill.refund_of(propose(facts, cause=cause, quantity=1).amount).fen)
    note = asking.t(f"每件最多退 {amount}", f"at most {amount} back for each")
    return values.Choice(value=cause.value, label=words.word(cause, asking.language), note=note)


def _row(asking: Asking, view: ClaimView, skus: dict[int, SkuView], order: OrderView) -> values.Row:
    sku, most = skus[view.sku_id], words.yuan(order.bill.refund_of(view.proposed).fen)
    back = words.yuan(view.paid_back.fen)
    outcome = {
        ClaimState.OPEN: asking.t(f"最多可退 {most}", f"at most {most} back"),
        ClaimState.GRANTED: asking.t(f"退 {back}，原路退回", f"{back} go back to where you paid from"),
        ClaimState.DECLINED: view.reason,
    }[view.state]
    return values.Row(
        title=f"{sku.name_in(asking.language)} × {view.quantity}",
        note=words.told(words.word(view.cause, asking.language), view.note, outcome, language=asking.language),
        badge=words.word(view.state, asking.language, of="claim"),
        tone=words.tone(view.state, of="claim"),
        picture=offers.picture(sku.picture),
        tap=parts.go(
            "order", asking.t("查看订单和退款", "See the order and its refunds"),
            order=public_id("order", view.province_id, view.order_id),
        ),
    )  # fmt: skip


def _steps(asking: Asking, view: ClaimView) -> Node:
    t = asking.t
    steps = [values.Step(label=t("已提交", "Sent"), at=view.opened_at, state="done")]
    if view.state is ClaimState.OPEN:
        steps.append(values.Step(label=words.word(view.state, asking.language, of="claim"), state="now"))
    else:
        label = words.word(view.state, asking.language)
        steps.append(values.Step(label=label, at=view.decided_at, state="done"))
    return nodes.StatusLine(text=parts.steps_text(asking, steps), steps=steps)


def _photo(asking: Asking, address: str) -> Node:
    alt = asking.t("售后照片", "Photo of the claim")
    return nodes.Image(text=alt, picture=offers.photo(address, alt))


def _id(view: ClaimView) -> str:
    return public_id("claim", view.province_id, view.id)
