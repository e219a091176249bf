"""Leaders receive and hand out with the client in a real browser; neighbours collect, send others, and complain."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from .day import Day, bring_goods, sign
from .devices import WAIT, Device, Devices
from .phones import until
from .province import POINTS
from .town import Town

pytestmark = pytest.mark.browser

LEADERS = {code: phone for code, phone, *_ in POINTS}
#: Who collect at P1; the others do at P2, where codes are not collected in peace.
CROWD = [f"Neighbour {number}" for number in range(1, 21)]
OTHERS = ["Sender", "Complainer", "Offline", "Offline too", "Collected before"]


@pytest.fixture(scope="module")
def day(town: Town) -> Day:
    """The afternoon after an evening with many orders: the van has been there, and P2 has signed."""
    day = Day(town, town.next_evening())
    for name in CROWD:
        day.orders_of(name, "P1", greens=1, eggs=1)
    for name in OTHERS:
        day.orders_of(name, "P2", greens=2, tofu=1)
    for name in (*CROWD, *OTHERS):
        day.pays(name)
    bring_goods(day)
    day.go_to("16:05", 1)
    sign(day, "P2")
    return day


def leader(devices: Devices, day: Day, point: str, page: str) -> Device:
    device = devices.phone()
    # No second code is sent to a phone within the minute.
    day.town.move_to(day.town.now() + timedelta(seconds=61))
    device.open(page)
    device.sign_in(LEADERS[point], leader=True)
    return device


def neighbour(devices: Devices, day: Day, name: str, page: str) -> Device:
    device = devices.phone()
    device.open(page)
    device.sign_in(day.people[name].number)
    return device


def code_of(day: Day, name: str) -> str:
    (pickup,) = day.people[name].get("/me/pickups")["pickups"]
    return str(pickup["code"])


def state_of(day: Day, name: str) -> str:
    return str(day.order(name)["state"])


def test_a_leader_signs_for_the_drop_and_hands_out_twenty_orders(devices: Devices, day: Day) -> None:
    phone = leader(devices, day, "P1", "receive")
    phone.sees("Delivered, to sign for", "Farm eggs")
    phone.tap("More: Farm eggs damaged")
    phone.tap("Sign for 40 units")
    phone.sees("Signed; your neighbours now see their codes.")
    expect(phone.page.get_by_role("tab", name="20 to come")).to_be_visible(timeout=WAIT)

    codes = [code_of(day, name) for name in CROWD]
    phone.types(codes[0])
    phone.sees(re.compile("^Hand to "))
    phone.tap("Undo")
    phone.sees("Taken back")
    for code in codes:
        phone.types(code)
        phone.sees(re.compile("^Hand to "))
        phone.tap("Next")
    phone.sees("All sent")

    expect(phone.page.get_by_role("tab", name="0 to come")).to_be_visible(timeout=WAIT)
    assert {state_of(day, name) for name in CROWD} == {"collected"}
    assert sum(day.order(name)["refunded_fen"] for name in CROWD) == 1280


def test_somebody_else_collects_by_a_code_that_works_once(devices: Devices, day: Day) -> None:
    owner, sent, keeper = (
        neighbour(devices, day, "Sender", "pickup"),
        devices.phone(),
        leader(devices, day, "P2", "handout"),
    )
    owner.context.grant_permissions(["clipboard-read", "clipboard-write"])
    owner.sees(re.compile(r"^[0-9 ]{7,}$"))
    owner.tap("Let somebody else collect")
    owner.tap("Copy", exact=True)
    owner.sees("Copied")
    link = re.search(r"http\S+", owner.page.evaluate("navigator.clipboard.readText()"))
    assert link
    sent.page.goto(link[0])
    code = sent.page.locator(".pickup-digits").inner_text().replace(" ", "")
    assert code != code_of(day, "Sender")

    keeper.types(code)
    keeper.sees(re.compile("^Hand to "))
    assert until(lambda: state_of(day, "Sender") == "collected")

    sent.page.reload()
    sent.sees("Collected")
    keeper.expect_trouble("^409 ", "status of 409")
    keeper.tap("Next")
    keeper.types(code)
    keeper.sees("was handed out already")


def test_a_refund_is_asked_for_with_a_photo(devices: Devices, day: Day) -> None:
    day.town.leaders["P2"].post("/leader/pickups/collect", {"code": code_of(day, "Complainer")})
    phone = neighbour(devices, day, "Complainer", "orders")
    phone.tap("Firm tofu")
    phone.button("Make a claim").last.click()
    phone.page.get_by_role("radio", name="Poor quality").click()
    with phone.page.expect_file_chooser() as asked:
        phone.tap("Photos (optional)")
    photo = phone.page.screenshot(type="jpeg", quality=50)
    asked.value.set_files({"name": "tofu.jpg", "mimeType": "image/jpeg", "buffer": photo})
    expect(phone.page.get_by_role("img", name="Photos (optional)")).to_be_visible(timeout=WAIT)
    phone.tap("Send", exact=True)

    phone.sees("Granted", "¥3.50 go back to where you paid from")
    shown = phone.page.get_by_role("img", name="Photo of the claim")
    shown.scroll_into_view_if_needed()
    assert until(lambda: shown.evaluate("image => image.complete && image.naturalWidth > 0"))
    phone.tap("Firm tofu × 1")
    phone.sees("¥3.50 given back")


def test_goods_are_handed_out_without_a_network(devices: Devices, day: Day) -> None:
    names = ["Offline", "Offline too", "Collected before"]
    codes = {name: code_of(day, name) for name in names}
    phone = leader(devices, day, "P2", "handout")
    expect(phone.page.get_by_role("tab", name="to come")).to_be_visible(timeout=WAIT)
    phone.sees("All sent")
    phone.expect_trouble("ERR_INTERNET_DISCONNECTED", "^409 ", "status of 409")

    phone.context.set_offline(True)
    for name in names:
        phone.types(codes[name])
        phone.sees(re.compile("^Hand to "))
        phone.tap("Next")
    phone.sees("Offline · 3 to send")
    day.town.leaders["P2"].post("/leader/pickups/collect", {"code": codes["Collected before"]})
    assert [state_of(day, name) for name in names] == ["paid", "paid", "collected"]
    phone.context.set_offline(False)

    phone.sees("All sent", re.compile(f"Code {codes['Collected before']} was not accepted"))
    assert [state_of(day, name) for name in names] == ["collected"] * 3
    phone.tap("Understood")
    phone.misses("was not accepted")
