"""Refusals of ordering."""

from __future__ import annotations

from lintuan.kernel.errors import Conflict, Invalid, NotFound


class NothingOrdered(Invalid):
    """Choose at least one thing; to give up an order, cancel it."""

    zh = "请至少选择一件商品；如不再需要，请取消订单。"


class TooManyLines(Invalid):
    """An order has at most {most} lines."""

    zh = "一个订单最多 {most} 种商品。"


class QuantityInvalid(Invalid):
    """A quantity is a whole number from 1 to {most}."""

    zh = "数量须为 1 到 {most} 的整数。"


class DuplicateOffer(Invalid):
    """The same offer stands twice in this order; put the units into one line."""

    zh = "同一商品在订单中重复出现，请合并为一行。"


class CutOffPassed(Conflict):
    """Tonight's orders are closed; the next ones open at {opens_at}."""

    zh = "今晚已截单，下一场 {opens_at} 开始。"


class OfferUnknown(NotFound):
    """There is no such offer."""

    zh = "没有找到该商品。"


class OfferNotTonight(Conflict):
    """This offer is not on sale tonight."""

    zh = "该商品今晚不在售。"


class PriceChanged(Conflict):
    """The price has changed; it is now {price} yuan."""

    zh = "价格已变动，现价 {price} 元。"


class LimitPerOrder(Conflict):
    """At most {most} of this per order."""

    zh = "该商品每单限购 {most} 份。"


class LimitPerDay(Conflict):
    """At most {most} of this per person and day; you already have {bought}."""

    zh = "该商品每人每天限购 {most} 份，您已订 {bought} 份。"


class LimitPerLife(Conflict):
    """At most {most} of this per person, ever; you have had {bought}."""

    zh = "该商品每人累计限购 {most} 份，您已购 {bought} 份。"


class BasketUnknown(NotFound):
    """There is no such household basket tonight, or you are not in it."""

    zh = "今晚没有这个搭伴篮，或您不在其中。"


class BasketClosed(Conflict):
    """This household basket is closed."""

    zh = "该搭伴篮已结束。"


class BasketElsewhere(Conflict):
    """This household basket is for another pickup point."""

    zh = "该搭伴篮属于另一个自提点。"


class BasketChanged(Conflict):
    """The household basket has changed, or part of it is ordered already; please look at it again."""

    zh = "搭伴篮已有变动或部分商品已下单，请刷新后再试。"


class BasketFull(Conflict):
    """A household basket has at most {most} members."""

    zh = "一个搭伴篮最多 {most} 人。"


class BasketTwice(Conflict):
    """You are in another household basket tonight; leave it first."""

    zh = "您今晚已在另一个搭伴篮中，请先退出。"


class BasketOrdered(Conflict):
    """An order of a household basket is not changed; cancel it, change the basket and order again."""

    zh = "搭伴篮的订单不能修改；请取消订单，调整搭伴篮后重新下单。"


class RelayUnread(Invalid):
    """No numbered line was found; paste the whole list with its numbers."""

    zh = "没有找到带编号的接龙，请把整个接龙连同编号一起粘贴。"


class RelayTooLong(Invalid):
    """A relay list has at most {most} lines and {letters} characters."""

    zh = "一个接龙最多 {most} 行、{letters} 个字。"


class RelayUnknown(NotFound):
    """There is no line with this code in tonight's relay list of this pickup point."""

    zh = "本自提点今晚的接龙里没有这个编号。"


class RelayUnsettled(Conflict):
    """The leader still has to settle this line; please ask them."""

    zh = "这一行还需要团长核对，请联系团长。"


class RelayConfirmed(Conflict):
    """This line of the relay list was confirmed already."""

    zh = "接龙的这一行已经确认过了。"


class RelayOver(Conflict):
    """This line of the relay list was taken back, or nobody confirmed it before cut-off."""

    zh = "接龙的这一行已撤回，或截单前未确认。"


class RelayChanged(Conflict):
    """This line of the relay list has changed; please look at it again."""

    zh = "接龙的这一行已有变动，请重新查看。"


class OrderClosed(Conflict):
    """This order can no longer be changed: it is {state}."""

    zh = "订单已不能更改，当前状态为“{state}”。"


class OnlyLess(Conflict):
    """A paid order can only be reduced; please place another order for more, they are collected together."""

    zh = "已付款的订单只能减少；如需增加请另下一单，届时一起取货。"


class RefundTooMuch(Conflict):
    """At most {left} yuan of this line can still be refunded."""

    zh = "该商品最多还可退 {left} 元。"


class DayStillOpen(Conflict):
    """Orders of {sale_on} are taken until {cutoff_at}."""

    zh = "{sale_on} 的订单接受至 {cutoff_at}。"
