"""The built client in a real browser draws the page that came inside its document, under the policy it is sent with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from lintuan.kernel.ids import public_id
from tests.browser import Window
from tests.make import catalog, leaders, pricing
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_first_screen_needs_no_page_from_the_api_and_fetches_nothing_twice(
    phone: Window, live_server: LiveServer, clock_at: Callable[[str], datetime]
) -> None:
    clock_at(EVENING)
    point = leaders.point()
    pricing.offer(399, sku=catalog.sku(product=catalog.new_product(name_en="Potatoes", picture="goods/potato.webp")))
    asked: Counter[str] = Counter()
    phone.page.on("request", lambda request: asked.update([request.url.removeprefix(live_server.url)]))

    phone.page.goto(f"{live_server.url}/?page=shelf&point={public_id('point', HUBEI, point.id)}")
    expect(phone.page.get_by_text("Potatoes").first).to_be_visible()
    phone.page.wait_for_load_state("networkidle")

    assert phone.troubles == []
    assert [address for address in asked if address.startswith("/api/v1/pages")] == []
    fetched = {address: times for address, times in asked.items() if address.startswith("/static/")}
    assert any(address.endswith("potato.webp") for address in fetched)
    assert set(fetched.values()) == {1}
