"""Changing an order until cut-off."""

from __future__ import annotations

from collections.abc import Mapping

from lintuan.catalog.types import SkuView
from lintuan.kernel.ids import public_id
from lintuan.ordering.types import LineView, OrderView, State
from lintuan.pages.tree import values
from lintuan.pages.tree.nodes import Node
from lintuan.pricing import queries as pricing
from lintuan.pricing.types import OfferView
from lintuan.provinces.queries import province

from . import offers, parts, words
from .asking import Asking
from .standing import is_open, order_id


def ways(asking: Asking, view: OrderView) -> list[Node]:
    """What can still be done about an order."""
    if not is_open(view, asking.now):
        return []
    edit = parts.button(parts.go("order", asking.t("修改数量", "Change quantities"), order=order_id(view), edit="1"))
    cancel = parts.call(
        "POST", f"/orders/{order_id(view)}/cancel", asking.t("取消订单", "Cancel the order"),
        ask=asking.t("确定取消？已付的钱会原路退回。", "Cancel? What you paid goes back to where it came from."),
        done=[parts.tell(asking.t("订单已取消。", "The order is cancelled.")), parts.refresh(asking)],
    )  # fmt: skip
    # What was ordered with a household basket is changed by cancelling it.
    items = [parts.button(cancel, "danger")] if view.basket_id else [edit, parts.button(cancel, "danger")]
    return [parts.buttons(*items)]


def form(asking: Asking, view: OrderView, skus: Mapping[int, SkuView]) -> list[Node]:
    """The quantities of an order, to be changed; none of something gives it up."""
    known = pricing.offers(view.province_id, [line.offer_id for line in view.lines])
    due = [line for line in view.lines if line.due]
    fields = [
        _field(asking, place, _most(view, line, known[line.offer_id]), line, skus[line.sku_id])
        for place, line in enumerate(due)
    ]
    body = {"lines": [_wanted(view, line) for line in due]}
    back = parts.go("order", asking.t("查看订单", "See the order"), replace=True, order=order_id(view))
    save = parts.call(
        "PUT", f"/orders/{order_id(view)}/lines", asking.t("保存", "Save"), body,
        done=[parts.tell(asking.t("已保存。", "Saved.")), back],
    )  # fmt: skip
    return [parts.notice(*_hint(asking, view)), parts.form(fields, save, "edit")]


def _hint(asking: Asking, view: OrderView) -> tuple[str, str]:
    if view.state is State.PAID:
        return (
            asking.t(
                "已付订单只能减少，差额原路退回", "A paid order can only become smaller; the difference goes back"
            ),
            asking.t("要多买请再下一单，会一起取货。", "For more, place another order: you collect both together."),
        )
    return (
        asking.t("改成 0 就是不要了", "None of something gives it up"),
        asking.t("改好后请按新金额支付。", "Pay the new amount afterwards."),
    )


def _most(view: OrderView, line: LineView, offer: OfferView) -> int:
    if view.state is State.PAID:
        return line.due
    return max(line.due, offer.per_order_limit or province(view.province_id).terms.most_units_per_line)


def _field(asking: Asking, place: int, most: int, line: LineView, sku: SkuView) -> values.Field:
    return values.Field(
        name=f"lines.{place}.quantity",
        label=sku.name_in(asking.language),
        type="number",
        required=True,
        value=line.due,
        min=0,
        max=most,
        help=words.told(sku.spec_in(asking.language), words.yuan(line.price.fen), language=asking.language),
        picture=offers.picture(sku.picture),
    )


def _wanted(view: OrderView, line: LineView) -> dict[str, object]:
    offer = public_id("offer", view.province_id, line.offer_id)
    return {"offer": offer, "quantity": line.due, "price_fen": line.price.fen}
