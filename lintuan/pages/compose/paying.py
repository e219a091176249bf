"""How pages let somebody pay."""

from __future__ import annotations

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings

from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView
from lintuan.ordering.types import OrderView
from lintuan.pages.tree import nodes
from lintuan.pages.tree.actions import Copy, Pay
from lintuan.payments import queries as payments
from lintuan.payments.engine.methods import NAMES, Offered
from lintuan.payments.types import TO_SCAN, PayMethod, Provider
from lintuan.provinces.queries import province

from . import codes, parts, words
from .asking import Asking
from .standing import order_id


def counter() -> str:
    """Where a demonstration pays outside of WeChat; empty in production."""
    return f"{settings.STAND_INS}/wechatpay/phone/pay" if settings.DEMO and settings.STAND_INS else ""


def pay(asking: Asking, order: str, amount_fen: int, point: PointView) -> Pay:
    """Pay an order that is only just being placed, by what comes first; the page `paying` has the other ways."""
    found = _offered(asking, point)
    method = found.methods[0].value if found.methods else ""
    text = asking.t(f"支付 {words.yuan(amount_fen)}", f"Pay {words.yuan(amount_fen)}")
    return Pay(text=text, order=order, method=method, counter=counter())


def ways(asking: Asking, view: OrderView) -> list[nodes.Node]:
    """The buttons by which an order can be paid where this page is open, or what to do where it cannot."""
    found = _offered(asking, leaders.point(view.province_id, view.point_id))
    if found.is_elsewhere:
        return [_elsewhere(asking, view)]
    amount = words.yuan(view.bill.charged.fen)
    if len(found.methods) < 2:
        choices = [(found.methods[0].value if found.methods else "", asking.t(f"支付 {amount}", f"Pay {amount}"))]
    else:
        choices = [(one.value, f"{asking.t(*NAMES[one])} {amount}") for one in found.methods]
    acts = [Pay(text=text, order=order_id(view), method=method, counter=counter()) for method, text in choices]
    first, *others = acts
    return [parts.buttons(parts.button(first, "main"), *(parts.button(one) for one in others))]


def code(asking: Asking, view: OrderView) -> list[nodes.Node]:
    """The code that the payer's phone scans, where that method was begun."""
    method = asking.get("method")
    if method not in set(TO_SCAN):
        return []
    content = payments.code_to_scan(asking.caller, view.province_id, view.charge_id, PayMethod(method))
    if not content:
        return []
    title = asking.t(*NAMES[PayMethod(method)])
    app = (
        asking.t("微信", "WeChat") if PayMethod(method).provider is Provider.WECHATPAY else asking.t("支付宝", "Alipay")
    )
    line = asking.t(f"用手机打开{app}，扫一扫此码。", f"Open {app} on your phone and scan this code.")
    text = "\n".join((title, line))
    return [nodes.Poster(text=text, key="code", title=title, lines=[line], qr=codes.qr(content))]


def _offered(asking: Asking, point: PointView) -> Offered:
    """In a demonstration everybody pays at the counter of the stand-in."""
    if counter():
        return Offered(())
    zone = province(point.province_id).zone
    on = asking.now.astimezone(ZoneInfo(zone)).date()
    return payments.methods(asking.place, point.province_id, city=point.city_code, on=on)


def _elsewhere(asking: Asking, view: OrderView) -> nodes.Node:
    """WeChat shows none of Alipay's pages: the address is copied to where they open."""
    address = f"{settings.PUBLIC_ADDRESS}/?{urlencode({'page': 'paying', 'order': order_id(view)})}"
    copy = Copy(text=asking.t("复制链接", "Copy the link"), content=address)
    told = asking.t("请在手机浏览器中支付", "Please pay in your phone's browser")
    line = asking.t(
        "这里不能打开支付宝：复制链接，粘贴到浏览器打开。", "Alipay does not open here: copy the link into a browser."
    )
    return parts.empty(told, line, icon="receipt", to=copy)
