"""The H5 client on a slow phone: when a stranger who follows a link to a point's shelf sees it and can use it.

    python -m bench.client [--visits N] [--site ADDRESS --point ID]

It brings up a site of its own with the demo city's goods on the shelf, and opens it in Debian's Chromium: slow 4G
(1.6 Mbit/s down, 750 kbit/s up, 150 ms), a processor four times slower, a phone's viewport, an empty cache each time.
Figures are medians. Interactive is when the basket bar shows what was put in by a real tap on the first offer's button,
made as soon as the first price was painted; it is measured in visits of its own, as a tap ends the browser's
measurement of the largest content.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import click
from playwright.sync_api import Browser, sync_playwright

from .machine import conclude, describe, out
from .stage import standing
from .visit import FLAGS, Sight, new_phone

ROOT = Path(__file__).resolve().parent.parent
SERVED = ROOT / "lintuan" / "pages" / "static" / "h5"
BUILT = ROOT / "client" / "dist" / "build"
VISITS = 5
WEB = 2


@click.command()
@click.option("--visits", default=VISITS, show_default=True, help="Visits of each kind; the figures are medians.")
@click.option("--site", default="", help="Measure this running site instead of one of its own.")
@click.option("--point", default="", help="The point whose shelf is opened there.")
def main(visits: int, site: str, point: str) -> None:
    """Measure the client."""
    describe()
    busy = os.getloadavg()[0]
    with _serving(site, point) as url, sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        out.print(f"Chromium {browser.version}, Playwright {version('playwright')}; load average before: {busy:.1f}")
        measured = _measure(browser, url, visits)
        browser.close()
    figures = {**measured, **sizes(), "visits": visits, "load_before": busy}
    conclude("client", _rows(figures), figures)
    if not figures["shelf_is_lcp"]:
        sys.exit("The largest content was painted before any price: what was measured is not the shelf")


@contextmanager
def _serving(site: str, point: str) -> Iterator[str]:
    """The address of a shelf, as a shared link has it."""
    if site:
        yield f"{site.rstrip('/')}/?page=shelf&point={point}"
        return
    with standing() as own:
        # Only now is there a database for Django to be set up with.
        from .market import open_market

        market = open_market(own.address, members=1, scarce_units=1, skus=len(_goods()))
        with own.web(WEB), own.worker():
            yield f"http://{own.address}/?page=shelf&point={market.points[0]}"


def _goods() -> Any:
    from lintuan.sim.city import wuhan

    return wuhan(neighbours=1, seed=1).goods


def _measure(browser: Browser, url: str, visits: int) -> dict[str, Any]:
    # The first phone finds a server that has composed nothing yet; what it sees counts for nothing.
    with new_phone(browser) as phone:
        phone.look(url)
    first, second, tapped = [], [], []
    for _ in range(visits):
        with new_phone(browser) as phone:
            first.append(phone.look(url))
            second.append(phone.look(url))
        with new_phone(browser) as phone:
            tapped.append(phone.tap(url))
        out.print(
            f"  painted {first[-1].fcp_ms:.0f}, first price {first[-1].price_ms:.0f}, largest {first[-1].lcp_ms:.0f}"
            f" ({first[-1].largest}), tapped {tapped[-1]:.0f}, second visit {second[-1].lcp_ms:.0f} ms"
        )
    return {
        "fcp_ms": _middle(sight.fcp_ms for sight in first),
        "shelf_ms": _middle(sight.price_ms for sight in first),
        "lcp_ms": _middle(sight.lcp_ms for sight in first),
        "interactive_ms": _middle(tapped),
        "second_visit_ms": _middle(sight.lcp_ms for sight in second),
        "cls": round(max(sight.shift for sight in (*first, *second)), 4),
        "quiet_ms": _middle(sight.quiet_ms for sight in first),
        "longest_task_ms": _middle(sight.longest_task_ms for sight in first),
        "shelf_is_lcp": all(sight.is_the_shelf for sight in (*first, *second)),
        "largest": first[-1].largest,
        "transferred_kb": _travelled(first[-1]),
        "second_transferred_kb": _travelled(second[-1]),
    }


def _middle(values: Iterator[float] | list[float]) -> int:
    return round(median(values))


def _travelled(sight: Sight) -> dict[str, float]:
    by_type = dict(sorted(sight.bytes_by_type.items(), key=lambda item: -item[1]))
    return {"all": _kilo(sum(by_type.values()))} | {name: _kilo(size) for name, size in by_type.items()}


def sizes(served: Path = SERVED, built: Path = BUILT) -> dict[str, float]:
    """kB of 1000 bytes: scripts and styles that the document names, gzipped, and the mini-programs whole."""
    document = (served / "index.html").read_text()
    named = re.findall(r'(?:src|href)="/static/h5/([^"]+\.(?:js|css))"', document)
    return {
        "first_screen_gzip_kb": _kilo(sum(len(gzip.compress((served / name).read_bytes(), 9)) for name in named)),
        "mp_weixin_main_kb": _kilo(_whole(built / "mp-weixin")),
        "mp_alipay_kb": _kilo(_whole(built / "mp-alipay")),
    }


def _whole(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _kilo(size: int) -> float:
    return round(size / 1000, 1)


def _rows(figures: dict[str, Any]) -> list[tuple[str, object, str]]:
    rows = [
        ("first content painted, ms", "fcp_ms", ""),
        ("first price in sight, ms", "shelf_ms", ""),
        ("largest content painted, ms", "lcp_ms", "< 2000"),
        ("  which was", "largest", ""),
        ("a tap counted in the basket, ms", "interactive_ms", "< 2500"),
        ("last long task over, ms", "quiet_ms", ""),
        ("longest task, ms", "longest_task_ms", ""),
        ("second visit: largest content, ms", "second_visit_ms", "< 1000"),
        ("layout shift, worst of all visits", "cls", "< 0.1"),
        ("first screen: JS and CSS gzipped, kB", "first_screen_gzip_kb", "<= 120"),
        ("WeChat main package, kB", "mp_weixin_main_kb", "< 1000"),
        ("Alipay, kB", "mp_alipay_kb", "< 1500"),
        ("travelled, kB", "transferred_kb", ""),
        ("travelled on the second visit, kB", "second_transferred_kb", ""),
        ("a price was there with the largest", "shelf_is_lcp", "True"),
    ]
    return [(name, _shown(figures[key]), limit) for name, key, limit in rows]


def _shown(value: object) -> object:
    return ", ".join(f"{name} {size}" for name, size in value.items()) if isinstance(value, dict) else value


if __name__ == "__main__":
    main()
