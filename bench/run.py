"""One run of the intake benchmark, load after load; import it when the site's database stands, as it needs Django."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import psycopg
from django.db import connection
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lintuan.config.environment import DATABASE
from lintuan.sim.city import PROVINCE

from . import limits, past
from .limits import Draws, Pgbench
from .load import Report
from .loads import CONNECTIONS, PART_OF_FULL, SHOPPERS, WARM_UP, Loads
from .machine import out
from .market import Market, open_market
from .proof import Proof, units_sold
from .stage import Site

WORKERS = (1, 2, 4)
ORDERS = (1_000, 100_000, 10_000_000)
PRISTINE = "pristine"


@dataclass(frozen=True)
class Form:
    """How long each part takes, in seconds, in how many rounds, and whether the cost curve is drawn."""

    members: int
    rounds: int
    limit_s: float
    load_s: float
    shelf_s: float
    purchases_s: float
    has_curve: bool


QUICK = Form(members=200_000, rounds=3, limit_s=2, load_s=4, shelf_s=4, purchases_s=8, has_curve=False)
FULL = Form(members=200_000, rounds=7, limit_s=5, load_s=10, shelf_s=10, purchases_s=30, has_curve=True)


@dataclass
class Run:
    """One run of the benchmark and what it found; the figures of the last line are in `figures`."""

    form: Form
    site: Site
    market: Market
    workers: int
    proof: Proof = field(default_factory=Proof)
    figures: dict[str, Any] = field(default_factory=dict)

    def say(self, what: str, value: object) -> None:
        out.print(f"  {what}: [bold]{value}[/]")

    def loads(self) -> Loads:
        return Loads(self.site, self.market, self.proof)

    @contextmanager
    def serving(self, workers: int) -> Iterator[Loads]:
        """The site with that many web processes, warm."""
        with ExitStack() as stack:
            stack.enter_context(self.site.phones_pay())
            stack.enter_context(self.site.web(workers))
            stack.enter_context(self.site.worker())
            loads = self.loads()
            loads.warm_up()
            loads.catch_up()
            yield loads


def run(site: Site, form: Form, workers: int, scarce_units: int, most_orders: int) -> dict[str, Any]:
    """Measure everything there is to measure on this site; the figures by their names."""
    own = Run(form, site, _market(site, form, scarce_units), workers)
    _describe_server(own)
    with _pgbench(own) as rival, own.serving(workers) as loads:
        _measure_intake(own, loads, rival)
        _measure_scarce(own, loads)
        _measure_shelf(own, loads)
        _measure_purchases(own, loads)
        own.figures |= {"lag_s": round(loads.lag.worst, 2), "lag_of": loads.lag.consumer}
    if form.has_curve:
        own.figures["by_workers"] = _curve_of_workers(own)
        own.figures["by_orders"] = _curve_of_orders(own, most_orders)
    for problem in own.proof.problems:
        out.print(f"[red]{problem}[/]")
    is_sound = not own.proof.problems and not own.figures["oversold"] and not own.figures["undersold"]
    return own.figures | {"orders_proved": own.proof.orders, "invariants_ok": is_sound}


def _market(site: Site, form: Form, scarce_units: int) -> Market:
    with out.status("filling the market"):
        market = open_market(site.address, members=form.members, scarce_units=scarce_units)
    connection.close()
    _admin(site, f"CREATE DATABASE {PRISTINE} TEMPLATE {DATABASE}")
    out.print(f"{form.members:,} members, {len(market.goods):,} SKUs of tonight, {len(market.points)} pickup points")
    return market


def _describe_server(own: Run) -> None:
    durable = limits.durability(own.site.database_url)
    settings = ", ".join(f"{name} {value}" for name, value in {**durable, **own.site.settings}.items())
    with psycopg.connect(own.site.database_url) as server:
        version = server.info.server_version
    out.print(f"PostgreSQL {version // 10_000}.{version % 10_000} (embedded): {settings}")
    out.print(
        f"load: bench/load.py with {CONNECTIONS} connections, bench/purchase.py with {SHOPPERS} shoppers;"
        f" {WARM_UP:.0f} s of warm-up"
    )


def _ms(latency: Mapping[str, float]) -> str:
    return f"p50 {latency.get('p50', 0):,.1f} ms, p99 {latency.get('p99', 0):,.1f} ms"


def _listed(times: Mapping[str, float]) -> str:
    return ", ".join(f"{step} {ms:,.1f}" for step, ms in times.items())


@contextmanager
def _pgbench(own: Run) -> Iterator[Pgbench]:
    """What PostgreSQL itself can do, in a copy of the database as it was before any order."""
    market, site = own.market, own.site
    offers = [goods.id for goods in market.goods]
    draws = Draws(
        province=PROVINCE,
        members=(market.member_ids[0], market.member_ids[-1]),
        points=(min(market.point_ids), max(market.point_ids)),
        offers=(min(offers), max(offers)),
        sale_on=str(market.sale_on),
    )
    _admin(site, f"CREATE DATABASE limits TEMPLATE {PRISTINE}")
    try:
        with out.status("pgbench: with how many clients PostgreSQL does best"):
            rival = Pgbench.on(site.server.url_of("limits"), draws, program=site.pgbench)
            rival.find_clients(1)
        own.say("clients of pgbench", _listed(rival.clients))
        yield rival
    finally:
        _admin(site, "DROP DATABASE limits WITH (FORCE)")


@dataclass(frozen=True)
class Round:
    """One turn of limits and loads, each a few seconds from the others: machines change their speed in minutes."""

    limits: Mapping[str, float]
    spread: Report
    calm: Report
    hot: Report
    #: Of LIMIT B, at the same part of its own rate.
    limit_p99_ms: float

    def figures(self) -> dict[str, float]:
        """What was measured, and each against its limit of the same round."""
        limits, accepted, hot = self.limits, self.spread.successes_per_s, self.hot.successes_per_s
        return {
            **{f"limit_{name}_per_s": rate for name, rate in limits.items()},
            "accepted_per_s": accepted,
            "hot_per_s": hot,
            "ratio_a": accepted / limits["a"],
            "ratio_b": accepted / limits["b"],
            "ratio_bare_b": accepted / limits["bare_b"],
            "hot_ratio_b": hot / limits["b_hot"],
            "hot_vs_spread": hot / accepted,
            "accepted_p99_ms_full": self.spread.latency_ms["p99"],
            "p50_ms_at_70": self.calm.latency_ms["p50"],
            "p99_ms_at_70": self.calm.latency_ms["p99"],
            "limit_b_p99_ms_at_70": self.limit_p99_ms,
            "not_accepted_at_70": sum(self.calm.others.values()) + self.calm.unanswered,
            "generator_us_per_request": self.spread.cpu_us_per_request,
            "generator_cpu_share": self.spread.cpu_share,
        }


#: The limits by the names of the figures, and of pgbench's scripts.
_LIMITS = {
    "a": "statements",
    "b": "call",
    "b_hot": "call_on_hot_row",
    "bare_a": "bare_statements",
    "bare_b": "bare_call",
}


def _measure_intake(own: Run, loads: Loads, rival: Pgbench) -> None:
    """Round after round; of each figure the median, and all its values beside it."""
    rounds = []
    for number in range(1, own.form.rounds + 1):
        with out.status(f"limits and orders, round {number} of {own.form.rounds}"):
            found = _round(own.form, loads, rival).figures()
        rounds.append(found)
        own.say(f"round {number}", ", ".join(f"{name} {found[name]:,.4g}" for name in _SHOWN))
    own.figures |= {name: round(median(each[name] for each in rounds), 3) for name in rounds[0]}
    own.figures["rounds"] = {name: [round(each[name], 3) for each in rounds] for name in _SHOWN}


_SHOWN = (
    "limit_a_per_s",
    "limit_b_per_s",
    "limit_b_hot_per_s",
    "accepted_per_s",
    "hot_per_s",
    "p99_ms_at_70",
    "limit_b_p99_ms_at_70",
)


def _round(form: Form, loads: Loads, rival: Pgbench) -> Round:
    """Each limit stands beside the load that is held against it."""
    limits = {name: rival.per_s(script, form.limit_s) for name, script in _LIMITS.items() if name != "b_hot"}
    spread = loads.spread("spread", form.load_s)
    calm = loads.at_rate(spread.successes_per_s * PART_OF_FULL, form.load_s)
    limit_p99_ms = rival.p99_ms(_LIMITS["b"], form.limit_s, limits["b"] * PART_OF_FULL)
    limits["b_hot"] = rival.per_s(_LIMITS["b_hot"], form.limit_s)
    return Round(limits, spread, calm, loads.hot(form.load_s), limit_p99_ms)


def _measure_scarce(own: Run, loads: Loads) -> None:
    market = own.market
    with out.status("orders: more than there is"):
        scarce = loads.scarce()
    sold = units_sold(market.scarce.id)
    own.say("scarce SKU", f"{market.scarce_units:,} units, {scarce.successes:,} orders accepted, {sold:,} units sold")
    own.figures |= {
        "scarce_units": market.scarce_units,
        "scarce_accepted": scarce.successes,
        "oversold": max(0, sold - market.scarce_units, scarce.successes - market.scarce_units),
        "undersold": max(0, market.scarce_units - sold),
    }


def _measure_shelf(own: Run, loads: Loads) -> None:
    form = own.form
    with out.status("the shelf"):
        loads.shelf(1.0)
        full = loads.shelf(form.shelf_s)
        calm = loads.shelf(form.shelf_s, rate=full.successes_per_s * PART_OF_FULL)
        known = loads.shelf(form.shelf_s, known=loads.etags())
    size = full.body_bytes / max(full.successes, 1)
    own.say(
        "shelf", f"{full.successes_per_s:,.0f}/s of {size / 1024:.1f} KiB, {_ms(full.latency_ms)} {full.others or ''}"
    )
    own.say("not modified", f"{known.not_modified_per_s:,.0f}/s and {known.successes_per_s:,.0f}/s that were")
    own.figures |= {
        "shelf_per_s": full.successes_per_s,
        "shelf_bytes": round(size),
        "shelf_p99_ms": calm.latency_ms["p99"],
        "shelf_304_per_s": known.not_modified_per_s,
        "shelf_generator_cpu_share": full.cpu_share,
    }


def _measure_purchases(own: Run, loads: Loads) -> None:
    form = own.form
    with out.status("whole purchases"):
        full = loads.purchases(form.purchases_s)
        calm = loads.purchases(form.purchases_s, rate=max(full.per_s * PART_OF_FULL, 0.5))
    own.say("purchases", f"{full.per_s:,.1f}/s, {_ms(full.latency_ms)} {full.failures or ''}")
    own.say("  of which", f"shelves {full.shelves}, {full.told_to_wait:,} times told to wait (503)")
    own.say("  median of each step, ms", _listed(full.steps_ms))
    own.say(f"at {PART_OF_FULL:.0%}", f"{_ms(calm.latency_ms)} {calm.failures or ''}")
    own.say("  median of each step, ms", _listed(calm.steps_ms))
    own.figures |= {
        "purchases_per_s": full.per_s,
        "purchases_failed": sum(full.failures.values()) + sum(calm.failures.values()),
        "purchase_p50_ms": calm.latency_ms.get("p50"),
        "purchase_p99_ms": calm.latency_ms.get("p99"),
        "purchase_p50_ms_full": full.latency_ms.get("p50"),
        "purchase_p99_ms_full": full.latency_ms.get("p99"),
    }


def _curve_of_workers(own: Run) -> dict[str, float]:
    """Orders per second by web processes, each from the same state."""
    found = {}
    for workers in WORKERS:
        _renew(own.site)
        with own.serving(workers) as loads, out.status(f"{workers} web processes"):
            found[str(workers)] = _best(loads, f"{workers} workers", own.form.load_s)
        own.say(f"{workers} web processes", f"{found[str(workers)]:,.0f}/s")
    return found


def _curve_of_orders(own: Run, most: int) -> dict[str, float]:
    """Orders per second by the orders of days past that lie in the tables."""
    found = {}
    for count in sorted({min(count, most) for count in ORDERS}):
        _renew(own.site)
        with _progress() as progress:
            task = progress.add_task(f"{count:,} orders of days past", total=count)
            past.fill(
                own.site.database_url,
                own.market,
                count=count,
                known=0,
                tick=lambda size, task=task: progress.advance(task, size),  # type: ignore[misc]
            )
        with own.serving(own.workers) as loads, out.status(f"{count:,} orders already there"):
            found[str(count)] = _best(loads, f"{count} orders", own.form.load_s)
        own.say(f"{count:,} orders already there", f"{found[str(count)]:,.0f}/s")
    return found


def _best(loads: Loads, name: str, seconds: float) -> float:
    """Of two loads the better: the points of a curve are minutes apart, and a machine has its moments."""
    return max(loads.spread(name, seconds).successes_per_s for _ in range(2))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeElapsedColumn(),
        console=out, transient=True,
    )  # fmt: skip


def _renew(site: Site) -> None:
    """The database as it was before any order."""
    connection.close()
    _admin(site, f"DROP DATABASE {DATABASE} WITH (FORCE)", f"CREATE DATABASE {DATABASE} TEMPLATE {PRISTINE}")


def _admin(site: Site, *statements: str) -> None:
    with psycopg.connect(site.server.url, autocommit=True) as server:
        for statement in statements:
            server.execute(statement)
