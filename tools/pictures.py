"""Take the README's pictures: `make pictures` lives a day of the demo city on a site of its own and stops to look.

`--site ADDRESS --point ID` takes only those that a stranger can see, of any site that is up. `--orders` says how big
the day is; the console's pictures are worth looking at from some thousands on.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click
import httpx
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console

from lintuan.config import processes
from lintuan.config.cli import REHEARSAL_PHONE, start_detached
from lintuan.config.environment import House
from lintuan.sim import afternoon, day, evening
from lintuan.sim.city import City
from lintuan.sim.desk import Desk
from lintuan.sim.phone import Phone
from lintuan.sim.report import DayReport

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PHONE, DESK = (390, 844), (1280, 800)
QUALITY = 80
#: So many people go shopping once more, that the last evening has something to show.
LATE_SHOPPERS = 150
CONSOLE = ("tonight", "routes", "proof", "purchases")


@dataclass(frozen=True)
class Studio:
    """A site, and how somebody looks at it."""

    site: str
    language: str = "zh-hans"
    session: str = ""
    size: tuple[int, int] = PHONE

    def as_(self, phone: Phone, kind: str) -> Studio:
        """Signed in with the session of that phone."""
        caller = {"kind": kind, "id": phone.number, "name": ""}
        kept = {"access": phone.token, "refresh": phone.refresh, "expires_at": "", "caller": caller}
        return replace(self, session=json.dumps(kept))

    @contextmanager
    def page(self, browser: Browser) -> Iterator[Page]:
        width, height = self.size
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-GB" if self.language == "en" else "zh-CN",
            reduced_motion="reduce",
            is_mobile=self.size == PHONE,
            has_touch=self.size == PHONE,
        )
        if self.session:
            context.add_init_script(f'localStorage.setItem("lt.session", {json.dumps(self.session)})')
        yield context.new_page()
        context.close()

    def open(self, page: Page, name: str, **parameters: str) -> None:
        query = "&".join(f"{key}={value}" for key, value in {"page": name, **parameters}.items())
        page.goto(f"{self.site}/?{query}")
        settle(page)


@click.command()
@click.option("--site", default="", help="A site that is up; without one, a day is lived on a site of its own.")
@click.option("--point", default="", help="The point there whose shelf is shown.")
@click.option("--orders", default=6_000, show_default=True, help="How many orders the day has.")
def main(site: str, point: str, orders: int) -> None:
    """Take the pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    if site:
        strangers(site.rstrip("/"), point)
        return
    folder = Path(tempfile.mkdtemp(prefix="lintuan-pictures-", dir="/var/tmp"))
    # PostgreSQL runs under another account when we are root.
    folder.chmod(0o755)
    house = House(folder, rehearsal=True)
    try:
        address = start_detached(house, port=0, workers=1)
        plan = day.DayPlan(address, processes.stand_ins_of(house), REHEARSAL_PHONE, orders=orders)
        asyncio.run(_live(plan))
        console(address, plan.stand_ins)
    finally:
        running = processes.running_processes(house)
        processes.stop(running)
        while processes.alive(running):
            time.sleep(0.1)
        shutil.rmtree(folder, ignore_errors=True)


async def _live(plan: day.DayPlan) -> DayReport:
    async with day.aiohttp.ClientSession(timeout=day.PATIENCE) as session:
        network = day.Network(plan.site, plan.stand_ins, session)
        with day.Progress(*day.Progress.get_default_columns(), console=Console()) as progress:
            return await Photographed(plan, network, progress).live()


class Photographed(day.Day):
    """A day that stops twice: in the afternoon before anybody has collected, and on the evening after."""

    async def _morning(self, desk: Desk, city: City) -> day.Opened:
        self.opened = await super()._morning(desk, city)
        return self.opened

    async def _afternoon(
        self, desk: Desk, city: City, draw: random.Random, bought: evening.Evening
    ) -> afternoon.Afternoon:
        fetched = afternoon.Afternoon()
        await desk.move_to(desk.moment("16:00", days=1))
        self.leaders = await afternoon.sign_all(self.network, city, desk.sale_on, draw, fetched)
        await desk.await_quiet()
        shopper = next(one for one in bought.shoppers if one.paid_fen)
        found = await shopper.phone.get("/me/pickups")
        codes = [one["code"] for one in found["pickups"] if one["state"] == "waiting"]
        leader = self.leaders[shopper.neighbour.point]
        await asyncio.to_thread(at_the_door, Studio(self.plan.site), shopper.phone, leader, codes[0])
        await afternoon.collect_all(bought.shoppers, self.leaders, desk.sale_on, fetched, lambda: None)
        await afternoon.decide_claims(desk.phone, fetched)
        return fetched

    async def _leave_open(self, desk: Desk, city: City) -> None:
        await super()._leave_open(desk, city)
        points = self.opened.points
        errands = evening.errands(city.neighbours, LATE_SHOPPERS, random.Random(self.plan.seed))
        again = await evening.shop(self.network, errands, points, seed=self.plan.seed + 7, tick=lambda: None)
        await desk.await_quiet()
        shopper = again.shoppers[0]
        point = points[shopper.neighbour.point]
        leader = self.leaders[shopper.neighbour.point]
        await asyncio.to_thread(tonight, Studio(self.plan.site), point, shopper.phone, leader)


def at_the_door(studio: Studio, neighbour: Phone, leader: Phone, code: str) -> None:
    """The afternoon: a pickup code, and the leader's screen while it is typed."""
    with chromium() as browser:
        signed_in = studio.as_(neighbour, "member")
        with signed_in.page(browser) as page:
            signed_in.open(page, "pickup")
            page.locator(".pickup-digits").first.wait_for()
            take(page, "phone-pickup")
        keeper = studio.as_(leader, "leader")
        with keeper.page(browser) as page:
            keeper.open(page, "handout")
            for digit in code:
                page.get_by_role("button", name=digit, exact=True).click()
            settle(page)
            take(page, "leader-handout")


def tonight(studio: Studio, point: str, neighbour: Phone, leader: Phone) -> None:
    """The evening: what strangers see, a basket that is paid for, and what the leader sees of it."""
    strangers(studio.site, point)
    with chromium() as browser:
        signed_in = studio.as_(neighbour, "member")
        with signed_in.page(browser) as page:
            fill(signed_in, page, point)
            page.locator(".basket-bar button").click()
            page.locator(".total").first.wait_for()
            settle(page)
            take(page, "phone-basket")
            page.get_by_role("button", name="去结算").last.click()
            page.get_by_role("button", name="提交订单").click()
            page.get_by_role("button", name="确认支付").wait_for()
            page.go_back()
            page.get_by_role("button", name="支付").first.wait_for()
            settle(page)
            take(page, "phone-paying")
        keeper = studio.as_(leader, "leader")
        with keeper.page(browser) as page:
            keeper.open(page, "tonight")
            take(page, "leader-tonight")


def strangers(site: str, point: str) -> None:
    """The shelf on a phone, in English and on a desk, and one of its goods."""
    with chromium() as browser:
        for name, language, size in (
            ("phone-shelf", "zh-hans", PHONE),
            ("phone-shelf-en", "en", PHONE),
            ("desk-shelf", "zh-hans", DESK),
        ):
            studio = Studio(site, language, size=size)
            with studio.page(browser) as page:
                fill(studio, page, point)
                take(page, name)
                if name == "phone-shelf":
                    page.locator(".offer button.offer-face").nth(4).click()
                    page.locator(".product-body").wait_for()
                    settle(page)
                    take(page, "phone-product")


def fill(studio: Studio, page: Page, point: str) -> None:
    """Open the shelf and put three of its goods into the basket."""
    studio.open(page, "shelf", point=point)
    for place in (0, 1, 4):
        page.locator(".offer").nth(place).locator(".stepper button").last.click()
    page.evaluate("scrollTo(0, 0)")
    settle(page)


def console(site: str, stand_ins: str) -> None:
    """The staff's screens, of a day that was lived."""
    with chromium() as browser, Studio(site, size=DESK).page(browser) as page:
        page.goto(f"{site}/console/")
        page.fill("#phone", REHEARSAL_PHONE)
        page.locator("form button.btn-lg").click()
        page.wait_for_selector("#code")
        screen: Any = httpx.get(f"{stand_ins}/messages/{REHEARSAL_PHONE}/latest", trust_env=False).json()
        page.fill("#code", str(screen["parameters"]["code"]))
        page.locator("form button.btn-lg").click()
        page.wait_for_load_state("networkidle")
        for path in CONSOLE:
            page.goto(f"{site}/console/{path}/")
            settle(page)
            take(page, f"console-{path}")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """What is in sight is drawn."""
    page.wait_for_load_state("networkidle")
    in_sight = partial(page.evaluate, "Array.from(document.images).every((i) => i.complete || i.loading === 'lazy')")
    while not in_sight():
        page.wait_for_timeout(50)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def take(page: Page, name: str) -> None:
    """What the window shows, as WebP: a fifth of a PNG."""
    wire = page.context.new_cdp_session(page)
    shot = wire.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (PICTURES / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    main()
