"""A client that was released long ago meets pages of a later server: what it does not know it tells in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from .devices import WAIT, Device, Devices
from .town import Town

pytestmark = pytest.mark.browser

UNKNOWN = {
    "kind": "hologram",
    "text": "Tonight's tomatoes, standing in the room\nfor ¥5.80",
    "depth": 3,
    "tap": {"do": "navigate", "text": "See the tomatoes", "page": "points"},
}
ACT = {"do": "teleport", "text": "Bring me the tomatoes", "speed": "fast"}


@pytest.fixture(autouse=True)
def evening(town: Town) -> None:
    town.evening()


def serve_later(device: Device, name: str, change: Callable[[dict[str, Any]], None]) -> None:
    """From now on this page comes as a later server writes it."""

    def answer(route: Route) -> None:
        real = route.fetch()
        page = real.json()
        change(page)
        route.fulfill(response=real, body=json.dumps(page))

    device.page.route(f"**/api/v1/pages/{name}**", answer)


def test_an_unknown_kind_is_told_and_can_be_tapped(devices: Devices, town: Town) -> None:
    phone = devices.phone()
    serve_later(phone, "me", lambda page: page["body"].insert(0, UNKNOWN))
    phone.choose_point("Point P1")

    phone.tap("Me", exact=True)
    phone.sees("Tonight's tomatoes, standing in the room", "You are not signed in")
    phone.tap("Tonight's tomatoes")

    phone.sees("Where will you collect?")


def test_an_unknown_action_is_told(devices: Devices, town: Town) -> None:
    phone = devices.phone()
    button = {"kind": "buttons", "text": ACT["text"], "items": [{"label": ACT["text"], "style": "main", "tap": ACT}]}
    serve_later(phone, "me", lambda page: page["body"].insert(0, button))
    phone.choose_point("Point P1")

    phone.tap("Me", exact=True)
    phone.tap("Bring me the tomatoes")

    phone.sees("This needs a newer version.")
    phone.tap("Tonight", exact=True)
    phone.sees("Shanghai bok choy")


def test_a_kind_that_lost_what_it_needs_is_told(devices: Devices, town: Town) -> None:
    phone = devices.phone()
    serve_later(phone, "me", lambda page: page["body"].insert(0, {"kind": "quote", "text": "To pay ¥7.98", "sum": 798}))
    phone.choose_point("Point P1")

    phone.tap("Me", exact=True)

    phone.sees("To pay ¥7.98", "You are not signed in")


def test_a_page_of_a_later_schema_is_told_and_its_known_taps_work(devices: Devices, town: Town) -> None:
    def grow(page: dict[str, Any]) -> None:
        page["schema"] = 2
        for node in page["body"]:
            node["look"] = "later"

    phone = devices.phone()
    serve_later(phone, "me", grow)
    phone.choose_point("Point P1")

    phone.tap("Me", exact=True)
    phone.sees("You are not signed in", "Choose a pickup point")
    expect(phone.page.get_by_role("radiogroup")).to_have_count(0, timeout=WAIT)
    phone.tap("中文 / English")

    phone.sees("您还没有登录")
