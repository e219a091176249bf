"""A neighbour's orders: the list, one of them, and waiting for a payment."""

from __future__ import annotations

from collections.abc import Sequence

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.fulfilment import queries as fulfilment
from lintuan.fulfilment.types import DropState, PickupState
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import ZERO, total
from lintuan.leaders import queries as leaders
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import LineView, OrderView, State
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.payments import queries as payments
from lintuan.payments.types import RefundState, RefundView
from lintuan.provinces.queries import province

from . import changing, invoices, offers, parts, paying, place, words
from .asking import Asking
from .doors import for_members
from .standing import LIVE, cutoff, is_open, order_id

LISTED = 20

_LATER = "付款后玩法又有优惠，差价已原路退回。", "Plays saved you more after you paid; the difference went back to you."


@for_members("orders", "我的订单", "My orders")
def orders(asking: Asking) -> Page:
    """The newest first; `before` reads on behind one."""
    before = read_public_id("order", asking.get("before"))[1] if asking.get("before") else None
    found = ordering.orders_of_member(asking.caller, before_id=before, limit=LISTED)
    head = ("orders", asking.t("我的订单", "My orders"))
    if not found:
        return parts.page(asking, head, [_none(asking)], tab="orders")
    skus = catalog.skus({line.sku_id for view in found for line in view.lines})
    cards = [_card(asking, view, skus) for view in found]
    lines = [
        words.told(card.title, card.state_text, card.summary, words.yuan(card.amount_fen), language=asking.language)
        for card in cards
    ]
    body: list[Node] = [nodes.OrderList(text="\n".join(lines), key="orders", orders=cards)]
    if len(found) == LISTED:
        more = parts.go("orders", asking.t("更早的订单", "Earlier orders"), before=cards[-1].id)
        body.append(parts.buttons(parts.button(more)))
    return parts.page(asking, head, body, tab="orders")


@for_members("order", "订单", "Order")
def order(asking: Asking) -> Page:
    """One order: what is in it, what can still be done; with `edit`, its quantities."""
    view = ordering.order(asking.caller, *read_public_id("order", asking.get("order")))
    head = ("order", words.day(view.sale_on, asking.language))
    skus = catalog.skus({line.sku_id for line in view.lines})
    if asking.get("edit") and is_open(view, asking.now):
        return parts.page(asking, head, changing.form(asking, view, skus), tab="orders")
    body: list[Node] = [*_pay_within(asking, view), _order(asking, view, skus), *_saved(asking, view)]
    body.append(_steps(asking, view))
    body += _where(asking, view)
    body += _refunds(asking, view)
    body += invoices.way(asking, view)
    return parts.page(asking, head, [*body, *changing.ways(asking, view)], tab="orders", foot=_foot(asking, view))


@for_members("paying", "支付", "Payment")
def paying_page(asking: Asking) -> Page:
    """Waits until the payment is heard of; whoever left or was thrown out comes back to it."""
    view = ordering.order(asking.caller, *read_public_id("order", asking.get("order")))
    head, amount = ("paying", asking.t("支付", "Payment")), words.yuan(view.bill.charged.fen)
    look = parts.button(parts.go("order", asking.t("查看订单", "See the order"), replace=True, order=order_id(view)))
    back = parts.button(parts.go("shelf", asking.t("继续逛", "Back to the shelf"), replace=True))
    if view.state is State.UNPAID:
        title = asking.t(f"正在确认支付 {amount}", f"Confirming your payment of {amount}")
        leave = asking.t(
            "通常只要几秒。您可以离开此页，订单不会丢。", "This takes seconds. You may leave; nothing is lost."
        )
        body = [*paying.code(asking, view), parts.notice(title, leave), *_pay_within(asking, view)]
        body += [*paying.ways(asking, view), parts.buttons(look)]
        return parts.page(asking, head, body, poll=2, fresh_for=1)
    if view.state is State.PAID:
        hours = place.hours_of(province(view.province_id), view.sale_on, asking.now, asking.language)
        told = asking.t(f"支付成功 {amount}", f"Paid {amount}")
        where = place.point_name(leaders.point(view.province_id, view.point_id), asking.language)
        done = parts.notice(told, asking.t(f"{hours} 在{where}取货。", f"Collect at {where}: {hours}."), tone="good")
        return parts.page(asking, head, [done, parts.buttons(look, back)])
    state = words.word(view.state, asking.language)
    return parts.page(asking, head, [parts.notice(state, tone=words.tone(view.state)), parts.buttons(look, back)])


def _none(asking: Asking) -> Node:
    to = parts.go("shelf", asking.t("去货架", "To the shelf"))
    line = asking.t("今晚下单，明天取货。", "Order tonight, collect tomorrow.")
    return parts.empty(asking.t("还没有订单", "No orders yet"), line, icon="receipt", to=to)


def _card(asking: Asking, view: OrderView, skus: dict[int, SkuView]) -> values.OrderCard:
    goods = (f"{skus[line.sku_id].name_in(asking.language)} × {line.quantity}" for line in view.lines)
    return values.OrderCard(
        id=order_id(view),
        number=view.number,
        state=view.state.value,
        state_text=words.word(view.state, asking.language),
        tone=words.tone(view.state),
        title=words.day(view.sale_on, asking.language),
        summary=words.listed(goods, asking.language),
        amount_fen=view.bill.charged.fen,
        tap=parts.go("order", asking.t("查看订单", "See the order"), order=order_id(view)),
    )


def _pay_within(asking: Asking, view: OrderView) -> list[Node]:
    if view.state is not State.UNPAID:
        return []
    zone = province(view.province_id).zone
    text = asking.t(f"请在 {words.hour(view.pay_by, zone)} 前支付", f"Please pay by {words.hour(view.pay_by, zone)}")
    over = asking.t("支付时间已过", "The time to pay is over")
    label = asking.t("请在此时间内支付", "Pay within")
    return [nodes.Countdown(text=text, key="pay_by", until=view.pay_by, label=label, over=over)]


def _order(asking: Asking, view: OrderView, skus: dict[int, SkuView]) -> Node:
    lines = [_line(asking, view, line, skus[line.sku_id]) for line in view.lines]
    hours = place.hours_of(province(view.province_id), view.sale_on, asking.now, asking.language)
    promise = asking.t(f"取货：{hours}", f"Collect: {hours}")
    state = words.word(view.state, asking.language)
    texts = [
        words.told(f"{one.name} × {one.quantity}", words.yuan(one.amount_fen), *one.notes, language=asking.language)
        for one in lines
    ]
    total = asking.t(f"合计 {words.yuan(view.amount.fen)}", f"Total {words.yuan(view.amount.fen)}")
    number = asking.t(f"订单 {view.number}：{state}", f"Order {view.number}: {state}")
    return nodes.Order(
        text="\n".join((number, *texts, total, promise, *_until(asking, view))),
        key="order",
        id=order_id(view),
        number=view.number,
        state=view.state.value,
        state_text=state,
        tone=words.tone(view.state),
        lines=lines,
        amount_fen=view.amount.fen,
        refunded_fen=view.bill.paid_back.fen,
        promise=promise,
        change_until=cutoff(view) if is_open(view, asking.now) else None,
    )


def _saved(asking: Asking, view: OrderView) -> list[Node]:
    """Who pays what, where plays pay a part."""
    if not view.saved:
        return []
    t, at_once = asking.t, view.saved - view.saved_later
    steps = [values.QuoteStep(label=t("商品总额", "Goods"), fen=view.amount.fen)]
    saved = ordering.steps_of(view)
    steps += [parts.quote_step(asking, step) for step in saved]
    untold = at_once + total(step.amount for step in saved)
    if untold:
        steps.append(values.QuoteStep(label=t("玩法优惠", "Saved by plays"), fen=-untold.fen))
    to_pay = view.bill.charged.fen
    paid = t("实付", "Paid") if view.paid_at else t("应付", "To pay")
    text = [parts.quote_text(one, asking.language) for one in steps] + [f"{paid} {words.yuan(to_pay)}"]
    found: list[Node] = [nodes.Quote(text="\n".join(text), key="saved", steps=steps, to_pay_fen=to_pay)]
    if view.saved_later:
        found.append(parts.plain(t(*_LATER)))
    return found


def _until(asking: Asking, view: OrderView) -> list[str]:
    if not is_open(view, asking.now):
        return []
    until = words.moment(cutoff(view), province(view.province_id).zone, asking.language)
    return [asking.t(f"{until} 前可以修改或取消。", f"You can change or cancel until {until}.")]


def _line(asking: Asking, view: OrderView, line: LineView, sku: SkuView) -> values.OrderedLine:
    back = words.yuan(line.refunded.fen)
    notes = [
        asking.t(f"缺 {line.cut}，不送货", f"{line.cut} of them not delivered") if line.cut else "",
        asking.t(f"已退 {back}", f"{back} given back") if line.refunded else "",
    ]
    claim = parts.go(
        "claim", asking.t("申请售后", "Make a claim"),
        order=order_id(view), line=public_id("line", view.province_id, line.id),
    )  # fmt: skip
    return values.OrderedLine(
        name=sku.name_in(asking.language),
        spec=sku.spec_in(asking.language),
        unit=sku.unit_in(asking.language),
        picture=offers.picture(sku.picture),
        quantity=line.quantity,
        price_fen=line.price.fen,
        amount_fen=line.amount.fen,
        notes=[note for note in notes if note],
        tap=claim if view.state is State.COLLECTED and line.due else None,
    )


def _steps(asking: Asking, view: OrderView) -> Node:
    """What has happened, as far as it is known."""
    t, is_paid = asking.t, view.paid_at is not None
    steps = [
        values.Step(label=t("已下单", "Ordered"), at=view.placed_at, state="done"),
        values.Step(label=t("已支付", "Paid"), at=view.paid_at, state="done")
        if is_paid
        else values.Step(label=t("支付", "Pay"), state="now"),
    ]
    if view.state in LIVE:
        steps += _way(asking, view) if is_paid else []
        steps.append(_collecting(asking, view, steps[-1]))
    else:
        steps[1:] = [step for step in steps[1:] if step.state == "done"]
        steps.append(values.Step(label=words.word(view.state, asking.language), state="done"))
    return nodes.StatusLine(text=parts.steps_text(asking, steps), key="steps", steps=steps)


def _way(asking: Asking, view: OrderView) -> list[values.Step]:
    """From the warehouse to the point; how far that is the van tells, not the clock."""
    if is_open(view, asking.now):
        return []
    drop = fulfilment.drop_on_its_way(view.province_id, view.point_id, view.sale_on)
    state = drop.state if drop else DropState.PLANNED
    if state in (DropState.EMPTY, DropState.LOST):
        return []
    come = state in (DropState.DELIVERED, DropState.SIGNED)
    left = values.Step(
        label=asking.t("配送中", "On the way"),
        at=drop.eta_at if drop and state is DropState.ON_THE_WAY else None,
        state="done" if come else "now" if state is DropState.ON_THE_WAY else "next",
    )
    sorting = values.Step(
        label=asking.t("采购分拣", "Bought and sorted"),
        state="done" if come or state is DropState.ON_THE_WAY else "now",
    )
    there = values.Step(
        label=asking.t("已到自提点", "At the pickup point"),
        at=drop.delivered_at if drop and come else None,
        state="done" if come else "next",
    )
    return [sorting, left, there]


def _collecting(asking: Asking, view: OrderView, before: values.Step) -> values.Step:
    market = province(view.province_id)
    at = market.timetable.at("collect_from", view.sale_on, market.zone)
    pickup = any(
        one.state is PickupState.WAITING and (one.point_id, one.sale_on) == (view.point_id, view.sale_on)
        for one in (fulfilment.pickups_of_member(asking.caller) if before.state == "done" else ())
    )
    label = asking.t("可取货", "Ready to collect")
    return values.Step(label=label, at=at, state="now" if pickup else "next")


def _where(asking: Asking, view: OrderView) -> list[Node]:
    point = leaders.point(view.province_id, view.point_id)
    name = place.point_name(point, asking.language)
    hours = place.hours_of(province(view.province_id), view.sale_on, asking.now, asking.language)
    text = words.told(name, point.address, hours, language=asking.language)
    found: list[Node] = [nodes.LeaderCard(text=text, key="point", name=name, note=point.address, hours=hours)]
    if view.basket_id:
        basket = parts.go(
            "household", asking.t("看搭伴篮", "See the household basket"),
            basket=public_id("basket", view.province_id, view.basket_id),
        )  # fmt: skip
        found.append(parts.buttons(parts.button(basket)))
    return found


def _refunds(asking: Asking, view: OrderView) -> list[Node]:
    """Each goes back to where it was paid from."""
    found = payments.refunds_of(view.province_id, [view.charge_id])[view.charge_id]
    if not found:
        return []
    title = asking.t("退款（原路退回）", "Refunds (to where you paid from)")
    told = [
        values.Row(
            title=words.yuan(one.amount.fen),
            note=words.moment(one.done_at or one.asked_at, province(view.province_id).zone, asking.language),
            badge=words.word(one.state, asking.language, of="refund"),
            tone=words.tone(one.state, of="refund"),
        )
        for one in found
    ]
    return [parts.heading(title), parts.rows(told, key="refunds"), *_to_balance(asking, found)]


def _to_balance(asking: Asking, found: Sequence[RefundView]) -> list[Node]:
    """From an order to what of it is a balance."""
    if all(one.state is not RefundState.CREDITED for one in found):
        return []
    return [parts.buttons(parts.button(parts.go("balance", asking.t("看余额", "See your balance"))))]


def _foot(asking: Asking, view: OrderView) -> list[Node]:
    if view.state is State.UNPAID and asking.now < view.pay_by:
        return paying.ways(asking, view)
    if view.state is State.PAID and view.net > ZERO and not is_open(view, asking.now):
        return [parts.buttons(parts.button(parts.go("pickup", asking.t("看取货码", "See the pickup code")), "main"))]
    return []
