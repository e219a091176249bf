"""What people hold in a journey: real browsers with our client in them; no trouble may come that was not expected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser import DESKTOP, PHONE, Window

from .phones import Network

#: Slower than a hurried machine, faster than anybody's patience.
WAIT = 15_000
#: What an access token that ran out, because the town's clock was moved, costs: it is renewed without a word.
_RENEWED = (r"^401 http", r"status of 401 \(Unauthorized\)")


@dataclass
class Device:
    """One browser of one person; `page` is what it shows."""

    page: Page
    network: Network
    window: Window
    expected: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def open(self, page: str = "", **parameters: str) -> None:
        """By an address, as from a link in the group."""
        query = urlencode({"page": page, **parameters} if page else parameters)
        self.page.goto(f"{self.network.site}/{'?' + query if query else ''}")
        self.shows()

    def shows(self) -> None:
        """Until there is a page on the screen and nothing more is asked for."""
        expect(self.page.locator("main.body[aria-busy=false]")).to_be_visible(timeout=WAIT)

    def button(self, name: str, *, exact: bool = False) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    def tap(self, name: str, *, exact: bool = False) -> None:
        self.button(name, exact=exact).first.click(timeout=WAIT)

    def sees(self, *texts: str | re.Pattern[str]) -> None:
        for text in texts:
            expect(self.page.locator(".lt").get_by_text(text).first).to_be_visible(timeout=WAIT)

    def misses(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.get_by_text(text)).to_have_count(0, timeout=WAIT)

    def choose_point(self, name: str) -> None:
        self.open()
        self.tap(name)
        self.sees(name)

    def sign_in(self, number: str, *, leader: bool = False) -> None:
        """On the screen for it, with the code from the inbox; in English."""
        if leader:
            self.page.get_by_role("radio", name="I am a leader").click()
        self.page.get_by_role("textbox", name="Mobile phone").fill(number)
        self.tap("Send a code")
        self.sees("The code is on its way")
        self.page.get_by_role("textbox", name="Code").fill(self.code_on(number))
        self.page.get_by_role("checkbox", name="I agree").click()
        self.tap("Sign in", exact=True)
        expect(self.page.get_by_role("textbox", name="Mobile phone")).to_have_count(0, timeout=WAIT)
        self.shows()

    def code_on(self, number: str) -> str:
        shown = self.network.line.get(f"{self.network.stand_ins}/messages/{number}/latest").json()
        return str(shown["parameters"]["code"])

    def pays(self) -> None:
        """At the stand-in's counter, and back."""
        self.tap("确认支付 Pay")
        self.page.get_by_role("link", name="返回商家 Back to the shop").click()
        self.shows()

    def types(self, digits: str) -> None:
        """On the keypad of the leader."""
        for digit in digits:
            self.tap(digit, exact=True)

    def expect_trouble(self, *patterns: str) -> None:
        """What the browser may report in this journey: a refusal that is part of it, a network that is gone."""
        self.expected += patterns

    def assert_no_trouble(self) -> None:
        known = [re.compile(pattern) for pattern in (*self.expected, *_RENEWED)]
        unknown = [told for told in self.window.troubles if not any(one.search(told) for one in known)]
        assert not unknown, "\n".join(unknown)

    def assert_not_wider_than_its_screen(self) -> None:
        """A phone's own `innerWidth` grows with what does not fit."""
        assert self.page.viewport_size is not None
        needed = self.page.evaluate("document.documentElement.scrollWidth")
        assert needed <= self.page.viewport_size["width"], self.page.url


@dataclass
class Devices:
    """Whatever people of one journey hold."""

    browser: Browser
    network: Network
    given: list[Device] = field(default_factory=list)

    def phone(self, locale: str = "en-GB", **more: Any) -> Device:
        return self._device(PHONE, locale, is_mobile=True, has_touch=True, **more)

    def desk(self, locale: str = "en-GB", **more: Any) -> Device:
        return self._device(DESKTOP, locale, **more)

    def _device(self, size: dict[str, int], locale: str, **more: Any) -> Device:
        viewport: Any = {"width": size["width"], "height": size["height"]}
        context = self.browser.new_context(
            viewport=viewport, locale=locale, reduced_motion="reduce", service_workers="block", **more
        )
        context.set_default_timeout(WAIT)
        page = context.new_page()
        window = Window(page)
        window.watch()
        self.given.append(Device(page, self.network, window))
        return self.given[-1]


@contextmanager
def open_devices(browser: Browser, network: Network) -> Iterator[Devices]:
    """Devices that are put away afterwards, after a look at what went wrong in them."""
    devices = Devices(browser, network)
    try:
        yield devices
        for device in devices.given:
            device.assert_no_trouble()
    finally:
        for device in devices.given:
            device.context.close()
