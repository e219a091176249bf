"""One visit to the shelf in a throttled Chromium: what a phone on slow 4G shows, when, and after how many bytes.

Times are those of the browser itself, from the start of the navigation. The page is watched by a script that runs
before any of its own and only looks: paint timings, layout shifts, and the frames in which the first price and the
basket's count came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT = {"width": 390, "height": 844}
#: Slow 4G: 1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back.
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
CPU_SLOWER = 4
#: After a visit: longer than the shelf waits before it asks for the rest of its goods, so that they are seen too.
SETTLED_AFTER_MS = 2_000
PATIENCE_MS = 60_000

WATCH = Path(__file__).with_name("watch.js")
#: The note is made in a frame of its own.
COUNTED = """async () => {
  while (!window.seenByBench.counted) await new Promise(requestAnimationFrame);
  return window.seenByBench.counted;
}"""
ADD = ".offer:not(.is-gone) .stepper button"


@dataclass(frozen=True)
class Sight:
    """What was seen of one visit; milliseconds, and bytes as they travelled by type of resource.

    `price_ms` is the frame that first showed a price in sight, `largest` the element that was the largest content.
    """

    fcp_ms: float
    lcp_ms: float
    price_ms: float
    largest: str
    shift: float
    longest_task_ms: float
    quiet_ms: float
    bytes_by_type: Mapping[str, int]

    @property
    def is_the_shelf(self) -> bool:
        """Whether a price was there when the largest content was painted."""
        return 0 < self.price_ms <= self.lcp_ms


class Phone:
    """A phone that has never been here; what it fetches stays in its cache for the next visit."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context

    def look(self, url: str) -> Sight:
        """Open the shelf and wait until nothing more happens; nobody touches it."""
        with self._visiting(url) as (page, travelled):
            page.wait_for_load_state("networkidle", timeout=PATIENCE_MS)
            page.wait_for_timeout(SETTLED_AFTER_MS)
            page.wait_for_load_state("networkidle", timeout=PATIENCE_MS)
            seen = page.evaluate("window.seenByBench")
            return Sight(
                fcp_ms=seen["fcp"],
                lcp_ms=seen["lcp"],
                price_ms=seen["price"],
                largest=seen["lcpIs"],
                shift=worst_window(seen["shifts"]),
                longest_task_ms=seen["longest"],
                quiet_ms=max(seen["busyUntil"], seen["price"]),
                bytes_by_type=dict(travelled),
            )

    def tap(self, url: str) -> float:
        """Open the shelf and tap the first button to add as soon as a price shows: when the basket bar counted it."""
        with self._visiting(url) as (page, _):
            page.locator(".offer .price").first.wait_for(timeout=PATIENCE_MS)
            page.locator(ADD).first.tap(timeout=PATIENCE_MS)
            page.locator(".basket-bar .count").wait_for(timeout=PATIENCE_MS)
            return float(page.evaluate(COUNTED))

    @contextmanager
    def _visiting(self, url: str) -> Iterator[tuple[Page, Counter[str]]]:
        page = self._context.new_page()
        page.add_init_script(path=WATCH)
        wire = self._context.new_cdp_session(page)
        travelled = _slowed(wire)
        page.goto(url, wait_until="commit", timeout=PATIENCE_MS)
        yield page, travelled
        page.close()


@contextmanager
def new_phone(browser: Browser) -> Iterator[Phone]:
    """A phone with an empty cache."""
    context = browser.new_context(
        viewport={"width": VIEWPORT["width"], "height": VIEWPORT["height"]},
        locale="zh-CN",
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
    )
    yield Phone(context)
    context.close()


def worst_window(shifts: Iterable[tuple[float, float]]) -> float:
    """Cumulative layout shift: the worst sum of a window of shifts, at most 1 s apart, 5 s in all."""
    worst = window = 0.0
    began = last = float("-inf")
    for at, value in sorted(shifts):
        if at - last > 1000 or at - began > 5000:
            window, began = 0.0, at
        window, last = window + value, at
        worst = max(worst, window)
    return worst


def _slowed(wire: CDPSession) -> Counter[str]:
    """Make network and processor slow; what travels is counted in the answer."""
    types: dict[str, str] = {}
    travelled: Counter[str] = Counter()

    def begun(event: dict[str, Any]) -> None:
        types[event["requestId"]] = event["type"]

    def ended(event: dict[str, Any]) -> None:
        travelled[types.get(event["requestId"], "Other")] += int(event["encodedDataLength"])

    wire.on("Network.responseReceived", begun)
    wire.on("Network.loadingFinished", ended)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW_4G)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    return travelled
