"""Every screen of the client, as wide as a phone and as a desk: it fits, reports nothing, and is open to everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import lintuan

from . import province
from .day import Day, bring_goods, sign
from .devices import WAIT, Device, Devices
from .phones import Phone
from .province import POINTS
from .town import Evening, Town, at

pytestmark = pytest.mark.browser

AXE = Path(lintuan.__file__).parents[1] / "client" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
LEADERS = {code: phone for code, phone, *_ in POINTS}


@dataclass(frozen=True)
class Dusk:
    """An hour in which everything is on some screen: today's goods are collected while tonight's are ordered."""

    town: Town
    ids: Mapping[str, str]
    number: str


@pytest.fixture(scope="module")
def dusk(town: Town) -> Dusk:
    day = Day(town, town.next_evening())
    day.orders_of("Ann", "P1", greens=2, eggs=1)
    day.orders_of("Bob", "P2", rice=1)
    day.orders_of("Cai", "P3", tofu=3)
    ann = day.people["Ann"]
    day.orders["Ann at P2"], day.people["Ann at P2"] = day.evening.order(ann, "P2", pears=2), ann
    for name in day.orders:
        day.pays(name)
    bring_goods(day)
    day.go_to("16:05", 1)
    sign(day, "P1")
    sign(day, "P2")
    waiting = {pickup["point"]["id"]: pickup for pickup in ann.get("/me/pickups")["pickups"]}
    day.town.leaders["P1"].post("/leader/pickups/collect", {"code": waiting[town.points["P1"]]["code"]})
    collected = day.evening.await_state(ann, day.orders["Ann"], "collected")
    line = collected["lines"][0]["id"]
    ann.post("/me/claims", {"order": collected["id"], "line": line, "cause": "quality", "quantity": 1, "note": "烂了"})
    tonight = same_day(town, day)
    bought = tonight.pay(ann, tonight.order(ann, "P1", tofu=1))
    unpaid = tonight.order(ann, "P1", rice=1)
    basket = ann.post("/baskets", {"point": town.points["P1"]})
    ids = {
        "offer": tonight.shelf()["J-EGGS"]["id"], "collected": collected["id"], "line": collected["lines"][1]["id"],
        "order": bought["id"], "unpaid": unpaid["id"], "basket": basket["id"], "goods_day": str(day.evening.sale_on),
        **plays(town, tonight, ann), "draft": relay(town),
    }  # fmt: skip
    return Dusk(town, ids, ann.number)


def same_day(town: Town, day: Day) -> Evening:
    """The evening on which the goods of the one before are still handed out."""
    sale_on = day.evening.sale_on + timedelta(days=1)
    town.move_to(at(sale_on, province.EVENING))
    town.staff.post("/offers", province.offers(sale_on, *province.GOODS))
    town.evenings.append(Evening(town, sale_on))
    town.evenings[-1].left()
    return town.evenings[-1]


def plays(town: Town, tonight: Evening, ann: Phone) -> dict[str, str]:
    """A group that a neighbour opened, and a draw in which she took part; the leader of P2 has one too."""
    eggs = tonight.shelf()["J-EGGS"]["id"]
    wishes: dict[str, tuple[str, dict[str, Any]]] = {
        "neighbours-group": ("P1", {"about": [eggs]}),
        "running-lamp": ("P1", {"goods": {"garlic-500g": eggs}}),
        "target-relay": ("P2", {}),
    }
    found = {}
    for code, (point, plan) in wishes.items():
        wish = {"point": town.points[point], **plan}
        found[code] = town.leaders[point].post(f"/leader/plays/{code}/start", wish)["id"]
    ann.put("/me/point", {"point_id": town.points["P1"]})
    found["run"] = ann.post(f"/plays/{found['neighbours-group']}/runs")["run"]
    ann.post(f"/plays/{found['running-lamp']}/deeds/check-in", {})
    shown = ann.get(f"/points/{town.points['P1']}/plays")["plays"]
    found["drawn"] = next(one["run"]["id"] for one in shown if one["id"] == found["running-lamp"])
    return found


def relay(town: Town) -> str:
    """The code behind a line that nobody confirmed yet; one at P2 is not understood."""
    for point in ("P1", "P2"):
        text = "1. 孙姐 土鸡蛋2份\n2. 施姐 榴莲1个"
        town.leaders[point].put(f"/points/{town.points[point]}/relay", {"text": text})
    return str(town.leaders["P1"].get(f"/points/{town.points['P1']}/relay")["drafts"][0]["code"])


@pytest.fixture(params=["phone", "desk"])
def device(request: pytest.FixtureRequest, devices: Devices) -> Iterator[Device]:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make client")
    found: Device = getattr(devices, request.param)()
    found.context.add_init_script(path=AXE)
    yield found


def look_at(device: Device, page: str, **parameters: str) -> None:
    device.open(page, **parameters)
    expect(device.page.locator("main.body > *").first).to_be_visible(timeout=WAIT)
    device.assert_not_wider_than_its_screen()
    found: dict[str, Any] = device.page.evaluate("axe.run({resultTypes: ['violations']})")
    grave = [
        f"{page}: {one['id']} ({one['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
    assert not grave, "\n".join(grave)


def test_a_guest_sees_every_screen(device: Device, dusk: Dusk) -> None:
    look_at(device, "points")
    device.tap("Point P1")
    device.sees("Order within")
    device.tap("Put into the basket: Farm eggs")
    for page in ("shelf", "basket", "sign_in", "me", "privacy_notice", "checkout"):
        look_at(device, page)
    look_at(device, "product", offer=dusk.ids["offer"])
    look_at(device, "plays")
    look_at(device, "play", play=dusk.ids["neighbours-group"])
    look_at(device, "play", play=dusk.ids["running-lamp"])
    look_at(device, "run", run=dusk.ids["run"])
    look_at(device, "proof", run=dusk.ids["drawn"])


def test_a_neighbour_sees_every_screen(device: Device, dusk: Dusk) -> None:
    dusk.town.move_to(dusk.town.now() + timedelta(seconds=61))
    device.choose_point("Point P1")
    device.tap("Put into the basket: Farm eggs")
    device.open("me")
    device.tap("Sign in")
    device.sign_in(dusk.number)
    for page in ("checkout", "orders", "pickup", "claims", "household", "privacy", "me", "plays", "rewards"):
        look_at(device, page)
    device.misses("You are not signed in")
    for order in ("collected", "order", "unpaid"):
        look_at(device, "order", order=dusk.ids[order])
    look_at(device, "order", order=dusk.ids["order"], edit="1")
    look_at(device, "claim", order=dusk.ids["collected"], line=dusk.ids["line"])
    look_at(device, "paying", order=dusk.ids["unpaid"])
    look_at(device, "household", basket=dusk.ids["basket"])
    for play in ("neighbours-group", "running-lamp"):
        look_at(device, "play", play=dusk.ids[play])
    look_at(device, "run", run=dusk.ids["run"])
    look_at(device, "proof", run=dusk.ids["drawn"])
    look_at(device, "draft", code=dusk.ids["draft"])


def test_a_leader_sees_every_screen(device: Device, dusk: Dusk) -> None:
    dusk.town.move_to(dusk.town.now() + timedelta(seconds=61))
    device.open("tonight")
    device.sign_in(LEADERS["P2"], leader=True)
    for page in ("tonight", "post", "members", "receive", "handout", "picklists", "commission", "point", "me"):
        look_at(device, page)
    device.misses("You are not signed in")
    device.open("tonight")
    expect(device.page.get_by_role("timer")).to_have_text(re.compile(r"^0[0-2]"), timeout=WAIT)
    look_at(device, "picklists", by="product")
    look_at(device, "post", offer=dusk.ids["offer"], point=dusk.town.points["P2"])
    for page in ("relay", "play_shelf"):
        look_at(device, page, point=dusk.town.points["P2"])
    for play in ("cut-price", "group-buy"):
        look_at(device, "play_start", play=play, point=dusk.town.points["P2"])
    look_at(device, "play_standing", campaign=dusk.ids["target-relay"])


def test_a_leader_who_has_not_signed_sees_what_to_count(device: Device, dusk: Dusk) -> None:
    dusk.town.move_to(dusk.town.now() + timedelta(seconds=61))
    device.open("receive")
    device.sign_in(LEADERS["P3"], leader=True)
    look_at(device, "receive")
    device.tap("More: Firm tofu short")
    look_at(device, "tonight")


def test_everything_can_be_reached_by_keyboard(devices: Devices, dusk: Dusk) -> None:
    desk = devices.desk()
    desk.choose_point("Point P1")

    desk.button("Put into the basket: Farm eggs").focus()
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.press("Tab")

    expect(desk.button("More: Farm eggs")).to_be_visible(timeout=WAIT)
    ring = "getComputedStyle(document.activeElement).outlineStyle"
    assert desk.page.evaluate(ring) == "solid"
