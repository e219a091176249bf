"""The loads of the intake benchmark, each followed by its proof."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.db import connection

from lintuan.kernel import delivery

from . import load, purchase
from .load import Load, Report
from .market import LINES, MOST_QUANTITY, Goods, Market
from .proof import Lag, Proof, ids_in, moment, watching_consumers
from .stage import Site
from .wire import write_spool

CONNECTIONS = 200
#: Of an open loop: as many as may be under way at once before one that is due has to wait for a connection.
OPEN_CONNECTIONS = 400
SHOPPERS = 256
PART_OF_FULL = 0.7
WARM_UP = 3.0
CAUGHT_UP_WITHIN = 90.0
#: Requests are made for this much more than the pace of the load before.
MARGIN = 2.5


@dataclass
class Loads:
    """Puts loads on a site and proves after each what came of it; `pace` is what the last closed loop reached."""

    site: Site
    market: Market
    proof: Proof
    lag: Lag = field(default_factory=Lag)
    pace: float = 4_000.0
    _series: itertools.count[int] = field(default_factory=itertools.count)

    def warm_up(self) -> None:
        """Connections, prepared statements and caches come to be; nothing of it is measured."""
        self.spread("warm-up", WARM_UP)

    def spread(self, name: str, seconds: float) -> Report:
        """Three random goods per order, as fast as 200 connections get answers."""
        with watching_consumers(self.lag):
            return self._closed(name, seconds, None)

    def hot(self, seconds: float) -> Report:
        """The same, but one good is in everybody's basket."""
        return self._closed("hot", seconds, self.market.hot)

    def scarce(self) -> Report:
        """Everybody wants the good of which there are few; a fifth more than there is, until each is answered."""
        count = self.market.scarce_units * 6 // 5
        return self._orders("scarce", Load(self._to, self._spool, CONNECTIONS, 600.0), count, self.market.scarce)

    def at_rate(self, rate: float, seconds: float) -> Report:
        """Orders that fall due at that rate, answered or not."""
        wanted = Load(self._to, self._spool, OPEN_CONNECTIONS, seconds, rate=rate)
        return self._orders("at rate", wanted, int(rate * seconds) + 1, None)

    def shelf(self, seconds: float, *, rate: float = 0.0, known: Mapping[str, str] | None = None) -> Report:
        """Looks at the shelves of all points in turn; `known` are ETags that phones hold already."""
        write_spool(self._spool, self.market.shelves(known or {}))
        connections = OPEN_CONNECTIONS if rate else CONNECTIONS
        return load.put_on(Load(self._to, self._spool, connections, seconds, rate=rate, again=True))

    def etags(self) -> dict[str, str]:
        """The present ETag of each point's shelf."""
        with httpx.Client(base_url=f"http://{self._to}", trust_env=False, timeout=30) as client:
            return {
                point: client.get(
                    self.market.shelf_path(point),
                    headers={"Accept-Encoding": self.market.anonymous()["Accept-Encoding"]},
                ).headers.get("etag", "")
                for point in self.market.points
            }

    def purchases(self, seconds: float, *, rate: float = 0.0) -> purchase.Report:
        """Whole purchases, paid at the stand-in."""
        market = self.market
        plan = purchase.Plan(
            site=self.site.address,
            stand_ins=self.site.stand_ins,
            series=f"p{next(self._series)}{time.time_ns():x}",
            points=list(market.points),
            tokens=list(market.tokens),
            offers=[goods.name for goods in market.goods],
            lines=LINES,
            most_quantity=MOST_QUANTITY,
        )
        since = moment()
        with watching_consumers(self.lag):
            shoppers = OPEN_CONNECTIONS if rate else SHOPPERS
            made = purchase.put_on(plan, self._folder, seconds=seconds, shoppers=shoppers, rate=rate)
        self.catch_up()
        lost = made.begun - made.confirmed
        self.proof.check(market, "purchases", answered=made.orders, unanswered=lost, since=since)
        self.proof.check_paid(market, confirmed=made.confirmed, begun=made.begun, since=since)
        return made

    def catch_up(self) -> float:
        """Wait until the consumers have read everything, so that the next load meets a quiet site."""
        began = time.monotonic()
        while delivery.oldest_waiting() and time.monotonic() < began + CAUGHT_UP_WITHIN:
            time.sleep(0.1)
        connection.close()
        return time.monotonic() - began

    @property
    def _to(self) -> str:
        return self.site.address

    @property
    def _folder(self) -> Path:
        return self.site.house.state

    @property
    def _spool(self) -> Path:
        return self._folder / "requests"

    def _closed(self, name: str, seconds: float, always: Goods | None) -> Report:
        wanted = Load(self._to, self._spool, CONNECTIONS, seconds)
        report = self._orders(name, wanted, int(self.pace * seconds * MARGIN) + CONNECTIONS, always)
        self.pace = max(report.successes_per_s, 1.0)
        return report

    def _orders(self, name: str, wanted: Load, count: int, always: Goods | None) -> Report:
        heads = self._folder / "heads"
        write_spool(wanted.spool, self.market.orders(count, always))
        since = moment()
        report = load.put_on(
            Load(wanted.to, wanted.spool, wanted.connections, wanted.seconds, rate=wanted.rate, heads=heads)
        )
        self.proof.check(self.market, name, answered=ids_in(heads), unanswered=report.unanswered, since=since)
        return report
