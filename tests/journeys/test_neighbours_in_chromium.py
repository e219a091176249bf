"""Neighbours use the client in a real browser, at the width of a phone, on a real site."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .devices import WAIT, Device, Devices
from .phones import fresh_numbers, until
from .town import Town, at

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def evening(town: Town) -> None:
    """Goods are on the shelf and orders are taken."""
    town.evening()


def fill_basket(device: Device, **units: int) -> None:
    """From the shelf that is open."""
    for name, count in units.items():
        device.button(f"Put into the basket: {name}").click()
        for _ in range(count - 1):
            device.button(f"More: {name}").click()


def order(device: Device, **units: int) -> None:
    """A new neighbour at a fresh phone, from the shelf to the counter."""
    device.choose_point("Point P1")
    fill_basket(device, **units)
    device.tap("Check out")
    device.tap("Check out ¥")
    device.sign_in(next(fresh_numbers))
    device.tap("Place the order and pay")
    expect(device.button("确认支付 Pay")).to_be_visible(timeout=WAIT)


def test_a_first_visit_ends_with_a_paid_order(devices: Devices, town: Town) -> None:
    phone, number = devices.phone("zh-CN"), next(fresh_numbers)

    phone.open()
    phone.sees("您在哪里取货？")
    phone.tap("P1自提点")
    phone.sees("今晚截单还有", "上海青")
    expect(phone.page.get_by_role("timer")).to_be_visible()
    phone.tap("加入购物篮：上海青")
    phone.tap("增加 上海青")
    phone.tap("加入购物篮：土鸡蛋")
    phone.tap("去结算")
    phone.sees("¥17.96")
    phone.tap("去结算 ¥17.96")
    phone.page.get_by_role("textbox", name="手机号").fill(number)
    phone.tap("获取验证码")
    phone.sees("验证码已发送")
    with phone.context.expect_page() as opened:
        phone.tap("演示环境：看短信")
    code = re.search(r"\b\d{6}\b", opened.value.locator(f"dt:has-text('{number}') + dd").first.inner_text())
    assert code
    opened.value.close()
    phone.page.get_by_role("textbox", name="验证码").fill(code[0])
    phone.page.get_by_role("checkbox", name="我同意").click()
    phone.tap("登录", exact=True)
    phone.tap("提交订单并支付 ¥17.96")
    phone.pays()

    phone.sees("支付成功 ¥17.96", "P1自提点")
    phone.tap("查看订单")
    phone.sees("已支付")
    phone.tap("返回")
    phone.sees("今晚截单还有")
    expect(phone.page.locator(".basket-bar")).to_have_count(0)


def test_a_payment_goes_on_after_the_page_was_closed_in_the_middle(devices: Devices, town: Town) -> None:
    phone = devices.phone()
    order(phone, **{"Farm eggs": 1})

    other = phone.context.new_page()
    phone.page.close()
    phone.page = other
    phone.window.page = other
    phone.window.watch()
    phone.open()
    phone.sees("Confirming your payment of ¥12.80")
    phone.tap("Pay ¥12.80")
    phone.tap("确认支付 Pay")
    expect(phone.page.get_by_role("link", name="返回商家 Back to the shop")).to_be_visible(timeout=WAIT)
    phone.open()

    phone.sees("Paid ¥12.80")
    phone.open()
    phone.sees("Order within")


def test_a_leaders_link_leads_to_an_order(devices: Devices, town: Town) -> None:
    phone = devices.phone()
    offer = town.evenings[-1].shelf()["J-EGGS"]["id"]

    phone.open("product", offer=offer, point=town.points["P3"])
    phone.sees("Farm eggs", "¥12.80")
    phone.tap("Put into the basket")
    phone.tap("Check out")

    phone.sees("Point P3", "Check out ¥12.80")


def test_an_order_is_changed_and_given_up_until_cut_off(devices: Devices, town: Town) -> None:
    phone = devices.phone()
    order(phone, **{"Northeast rice": 2, "Farm eggs": 1})
    phone.pays()
    phone.sees("Paid ¥112.60")
    phone.tap("See the order")

    phone.tap("Change quantities")
    phone.tap("Fewer: Northeast rice")
    phone.tap("Save")
    phone.sees("Saved.", "¥49.90 given back")
    phone.tap("Cancel the order")
    phone.sees("Cancel? What you paid goes back")
    phone.page.get_by_role("alertdialog").get_by_role("button", name="Cancel the order").click()
    phone.sees("The order is cancelled.", "Cancelled")

    late = devices.phone()
    order(late, **{"Farm eggs": 1})
    late.pays()
    late.tap("See the order")
    expect(late.button("Cancel the order")).to_be_visible(timeout=WAIT)
    town.move_to(at(town.evenings[-1].sale_on, "23:05"))
    late.expect_trouble("^409 ", "status of 409")
    late.tap("Cancel the order")
    late.page.get_by_role("alertdialog").get_by_role("button", name="Cancel the order").click()
    late.sees("Tonight's orders are closed")
    expect(late.button("Cancel the order")).to_have_count(0)
    expect(late.button("Change quantities")).to_have_count(0)


def test_two_neighbours_fill_a_household_basket(devices: Devices, town: Town) -> None:
    first, second = devices.phone(), devices.phone()
    numbers = {first.page: next(fresh_numbers), second.page: next(fresh_numbers)}
    for device in (first, second):
        device.choose_point("Point P2")
        device.open("household")
        device.sign_in(numbers[device.page])
        device.sees("Several people, one basket")

    first.tap("Open a basket")
    heading = first.page.get_by_role("heading", name=re.compile(r"Basket \w+"))
    code = heading.inner_text().removeprefix("Basket ")
    second.open("household", code=code)
    second.tap("Join", exact=True)
    second.sees(f"Basket {code}")
    for device, good in ((first, "Farm eggs"), (second, "Firm tofu")):
        address = device.page.url
        device.open("shelf")
        fill_basket(device, **{good: 1})
        device.page.goto(address)
        device.tap("Put in what lies in my basket")
        device.sees(f"{good} × 1")

    first.page.reload()
    first.sees("Firm tofu × 1")
    first.tap("Pay for all ¥16.30")
    first.pays()
    first.sees("Paid ¥16.30")
    second.page.reload()
    second.sees("Firm tofu × 1")
    expect(second.button("Pay for mine")).to_have_count(0)


def test_the_language_is_switched_and_stays(devices: Devices, town: Town) -> None:
    phone = devices.phone("zh-CN")
    phone.open()
    phone.sees("您在哪里取货？")

    phone.tap("English")
    phone.sees("Where will you collect?")
    assert phone.page.evaluate("document.documentElement.lang") == "en"
    phone.tap("Point P1")
    phone.sees("Order within", "Shanghai bok choy")
    phone.page.reload()

    phone.sees("Order within", "Shanghai bok choy")


def test_type_is_made_large_and_still_fits(devices: Devices, town: Town) -> None:
    phone = devices.phone()
    phone.choose_point("Point P1")
    before = _type_of_a_name(phone)
    phone.tap("Me", exact=True)

    phone.page.get_by_role("radio", name="Large").click()
    expect(phone.page.locator(".is-large-type")).to_be_visible()
    phone.open("shelf")

    assert _type_of_a_name(phone) >= before * 1.2
    phone.page.set_viewport_size({"width": 360, "height": 640})
    for page in ("shelf", "points", "basket", "sign_in", "me"):
        phone.open(page)
        phone.assert_not_wider_than_its_screen()


def _type_of_a_name(device: Device) -> float:
    name = device.page.locator(".offer-name").first
    expect(name).to_be_visible(timeout=WAIT)
    return float(name.evaluate("name => parseFloat(getComputedStyle(name).fontSize)"))


def test_without_a_network_the_shelf_is_still_read(devices: Devices, town: Town) -> None:
    phone = devices.phone()
    phone.choose_point("Point P1")
    phone.expect_trouble("ERR_INTERNET_DISCONNECTED")

    phone.context.set_offline(True)
    phone.tap("Me", exact=True)
    phone.sees("No connection")
    phone.tap("Tonight", exact=True)
    phone.sees("Shanghai bok choy")
    phone.context.set_offline(False)

    phone.tap("Me", exact=True)
    phone.sees("You are not signed in")
    assert until(lambda: phone.page.get_by_text("No connection").count() == 0)
