"""The console in a real browser: every page draws itself, refreshes itself and reports no trouble."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import settings
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from lintuan.kernel.callers import Caller
from lintuan.kernel.delivery import catch_up
from tests.browser import PHONE, Window
from tests.make import catalog, fulfilment, leaders, ordering, pricing, provinces, sourcing
from tests.make.console import Desk
from tests.make.ordering import EVENING

ClockAt = Callable[[str], datetime]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STAFF = (
    "tonight/", "purchases/", "sorting/", "sorting/G1/", "routes/", "points/", "claims/", "ledger/", "statements/",
    "proof/", "night/", "invoices/", "exports/", "plays/", "plays/lucky-wheel/", "plays/lucky-wheel/start/",
    "plays/compose/", "plays/compose/?from=lucky-wheel", "campaigns/", "rewards/", "channels/", "trials/", "offers/",
    "hindsight/", "methods/", "cases/", "payruns/", "refunds/",
)  # fmt: skip


def test_every_page_of_a_night_draws_itself(desktop: Window, live_server: LiveServer, clock_at: ClockAt) -> None:
    a_night(clock_at)
    signed_in(desktop, live_server, provinces.staff())

    for path in STAFF:
        desktop.page.goto(f"{live_server.url}/console/{path}{'&' if '?' in path else '?'}sale_on=2026-11-20")
        expect(desktop.page.locator("h1")).to_be_visible()
        if path in {"tonight/", "routes/"}:
            expect(desktop.page.locator("canvas").first).to_be_visible()

    assert desktop.troubles == []


def test_no_page_is_wider_than_a_phone(desktop: Window, live_server: LiveServer, clock_at: ClockAt) -> None:
    a_night(clock_at)
    signed_in(desktop, live_server, provinces.staff())
    desktop.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})

    for path in STAFF:
        desktop.page.goto(f"{live_server.url}/console/{path}{'&' if '?' in path else '?'}sale_on=2026-11-20")
        assert desktop.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_tonight_shows_an_order_that_came_while_one_looks(
    desktop: Window, live_server: LiveServer, clock_at: ClockAt
) -> None:
    clock_at(EVENING)
    provinces.province()
    signed_in(desktop, live_server, provinces.staff())
    desktop.page.goto(f"{live_server.url}/console/tonight/")
    expect(desktop.page.get_by_text("No orders on this sale day yet")).to_be_visible()

    order = ordering.paid_order()

    expect(desktop.page.get_by_text(order.number)).to_be_visible(timeout=15_000)
    assert desktop.troubles == []


def test_a_supplier_confirms_what_it_can_bring(desktop: Window, live_server: LiveServer, clock_at: ClockAt) -> None:
    clock_at(EVENING)
    sku = catalog.sku(product=catalog.new_product(name_en="Potatoes"))
    fulfilment.buy(leaders.point(), (pricing.offer(sku=sku), 5))
    clock_at(ordering.CUTOFF)
    ordering.close_day()
    clock_at(fulfilment.ANSWERING)
    supplier = sourcing.supplier(sourcing.supply(sku.code, pack_units=4))
    sourcing.night_orders(ordering.SALE_ON)
    signed_in(desktop, live_server, supplier)

    desktop.page.goto(f"{live_server.url}/console/")
    desktop.page.get_by_label("Potatoes").fill("6")
    desktop.page.get_by_role("button", name="Confirm this order").click()

    expect(desktop.page.get_by_text("Confirmed: 6 units. Thank you!")).to_be_visible()
    assert desktop.troubles == []


def test_a_play_is_composed_and_tried_while_it_is_checked(desktop: Window, live_server: LiveServer) -> None:
    provinces.province()
    signed_in(desktop, live_server, provinces.staff())
    page = desktop.page
    page.goto(f"{live_server.url}/console/plays/compose/?from=vegetable-album")

    page.locator("input[name='code']").fill("Second Album")
    expect(page.locator("#at-code")).to_contain_text("small letters, digits and hyphens")
    page.locator("input[name='code']").fill("second-album")
    expect(page.locator("#at-code")).to_be_empty()
    page.locator("button[value='add:rewards']").click()
    expect(page.locator("#at-rewards-3-kind")).to_contain_text("is needed")
    page.locator("select[name='rewards[3].kind']").select_option("cash")
    page.locator("input[name='rewards[3].fen']").fill("0.5")
    expect(page.locator("#verdict")).to_contain_text("It can run")
    page.locator("button[value='try']").click()
    expect(page.locator("#tried")).to_contain_text("Count of the run")
    page.get_by_role("button", name="Save a new version").click()

    expect(page.get_by_text("Saved as version 1.")).to_be_visible()
    expect(page.get_by_role("cell", name="0.50 yuan of credit")).to_be_visible()
    assert desktop.troubles == []


def a_night(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    fulfilment.network([one := leaders.point()], [other := leaders.point()])
    offer = pricing.offer()
    for point in (one, other):
        fulfilment.buy(point, (offer, 3))
    fulfilment.signed(clock_at)
    catch_up()


def signed_in(window: Window, live_server: LiveServer, caller: Caller) -> None:
    name = settings.SESSION_COOKIE_NAME
    cookie = Desk(caller).client.cookies[name].value
    window.page.context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
