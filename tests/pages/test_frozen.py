"""Clients that were released, as people's browsers and phones still hold them, against the server as it is now."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from lintuan.kernel.callers import Caller
from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.ordering.models import Order
from lintuan.plays.engine.definition import Limits
from lintuan.plays.engine.progress import Reach
from lintuan.plays.engine.rewards import Coupon
from lintuan.plays.models import Grant
from tests.browser import Window
from tests.make import campaigns, catalog, fulfilment, leaders, members, plays, pricing
from tests.make.ordering import EVENING
from tests.make.phones import Phones
from tests.make.provinces import HUBEI
from tests.stand_ins import run_standins

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FROZEN = sorted((Path(__file__).parent / "frozen").glob("h5-*"))
PHONE = "13812345678"
TYPES = {".js": "text/javascript", ".css": "text/css"}


@pytest.fixture
def phones(tmp_path: Path, live_server: LiveServer) -> Iterator[Phones]:
    with run_standins(tmp_path / "stand-ins") as addresses:
        world = {"GATEWAY_KEYS": str(addresses.manifest), "STAND_INS": addresses.root, "DEMO": True}
        with override_settings(**world, PUBLIC_ADDRESS=live_server.url):
            yield Phones(addresses)


@pytest.mark.parametrize("frozen", FROZEN, ids=lambda folder: folder.name)
def test_a_client_that_nobody_updated_still_orders(
    frozen: Path, phone: Window, phones: Phones, live_server: LiveServer, clock_at: Callable[[str], datetime]
) -> None:
    clock_at(EVENING)
    page = phone.page
    install(frozen, page, live_server.url)

    point = _shop_of_potatoes()
    _has_a_coupon(members.member(phone_number=PHONE), point)

    page.goto(f"{live_server.url}/?page=shelf&point={public_id('point', HUBEI, point.id)}")
    page.get_by_role("button", name="Put into the basket: Potatoes").click()
    expect(page.locator(".basket-bar .price").first).to_have_text("¥5.99")
    page.get_by_role("button", name="Potatoes", exact=True).click()
    expect(page.get_by_role("heading", name="Potatoes").first).to_be_visible()
    page.get_by_role("button", name="Check out").click()
    page.get_by_role("button", name="Check out").last.click()
    sign_in(page, phones)
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", name="Pay")).to_be_visible()

    order = Order.objects.get(province_id=HUBEI)
    assert (order.state, order.amount.fen) == ("unpaid", 599)
    page.goto(f"{live_server.url}/?page=order&order={public_id('order', HUBEI, order.id)}")
    expect(page.get_by_text("Potatoes").first).to_be_visible()
    expect(page.get_by_role("button", name="Pay ¥5.99")).to_be_visible()
    assert phone.troubles == []


def _has_a_coupon(member: Caller, point: PointView) -> None:
    """Of which clients from before savings know nothing: they order at the price that they show."""
    play = plays.definition(Reach(levels=(1,), of="unit"), [Coupon(off_fen=200)], limits=Limits(budget_fen=9000))
    campaigns.running(play, sku_ids=[999_999])
    campaigns.hear(campaigns.paid(member, point=point, sku_id=999_999, order_id=999_999))
    assert Grant.objects.get(member_id=member.id).state == "given"


def install(frozen: Path, page: Page, site: str) -> None:
    """The document and its files are the frozen ones; everything else comes from the server."""
    document = (frozen / "index.html").read_text()

    def file(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        content = gzip.decompress((frozen / f"{name}.gz").read_bytes())
        route.fulfill(body=content, content_type=TYPES[Path(name).suffix])

    page.route("**/static/h5/assets/*", file)
    page.route(
        lambda url: url.startswith(f"{site}/?"), lambda route: route.fulfill(body=document, content_type="text/html")
    )


def _shop_of_potatoes() -> PointView:
    """A point whose shelf has one kind of goods."""
    point = leaders.point(name_en="Lao Wang's shop", address="珞珈路1号")
    fulfilment.network([point])
    potatoes = catalog.new_product(name_en="Potatoes", picture="goods/potato.webp")
    pricing.offer(599, sku=catalog.sku(product=potatoes))
    return point


def sign_in(page: Page, phones: Phones) -> None:
    page.get_by_label("Mobile phone").fill(PHONE)
    page.get_by_role("button", name="Send a code").click()
    expect(page.get_by_text("The code is on its way")).to_be_visible()
    page.locator("input.is-code").fill(phones.code_on(PHONE))
    page.get_by_role("checkbox").click()
    page.get_by_role("button", name="Sign in", exact=True).click()
