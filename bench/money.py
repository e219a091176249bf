"""Money: the settlement of a great day, and its reconciliation, held against bare writing and adding up; and purchases
while the payment services fail.

    python -m bench.money [--lines N] [--purchases N]      QUICK=1: the same figures of less, in less than three minutes

It brings up a database of its own, fills a past sale day (bench/money_day.py), lets a process of its own book and
settle it as the worker does (bench/settling.py), and proves afterwards that the books balance and the day holds.
The purchases have a site of their own (bench/money_faults.py).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import psycopg

from .machine import conclude, describe, out
from .settling import BILLS, CLOSING, RECONCILING, SETTLING
from .stage import Site, require_disk, standing

LINES, QUICK_LINES = 1_000_000, 150_000
PURCHASES, QUICK_PURCHASES = 10_000, 1_000
BYTES_PER_LINE = 6_000
MEMBERS = 50_000
#: Of the goods the seed has no stations: what moved between them is not asked.
NOT_ASKED = frozenset({"units_sorted", "units_to_points", "units_signed", "units_handed_over", "cuts_explained"}) | {
    "units_received"
}


@dataclass(frozen=True)
class Form:
    """How much there is of each."""

    lines: int
    purchases: int


Figures = dict[str, Any]


@click.command()
@click.option("--lines", default=0, help=f"Order lines of the day; {LINES:,}, quick {QUICK_LINES:,} if not given.")
@click.option("--purchases", default=0, help=f"Purchases under faults; {PURCHASES:,}, quick {QUICK_PURCHASES:,}.")
def main(lines: int, purchases: int) -> None:
    """Measure money."""
    # A killed benchmark leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    describe()
    began, busy = time.monotonic(), os.getloadavg()[0]
    is_quick = os.environ.get("QUICK") == "1"
    form = Form(
        lines or (QUICK_LINES if is_quick else LINES), purchases or (QUICK_PURCHASES if is_quick else PURCHASES)
    )
    require_disk(form.lines * BYTES_PER_LINE, f"{form.lines:,} order lines")
    figures: Figures = {"form": "quick" if is_quick else "full"}
    with standing() as site:
        for part in PARTS:
            figures |= part(site, form)
    figures |= {"load_before": busy, "took_s": round(time.monotonic() - began)}
    conclude("money", _rows(figures), figures)
    if not figures["invariants_ok"] or any(figures[name] for name in (*NONE_MAY_BE, "unrest")):
        sys.exit(1)


def settle(site: Site, form: Form) -> Figures:
    """A day is booked, settled, reconciled and proved."""
    # Only now is there a database for Django to be set up with.
    from lintuan.sim.city import PROVINCE

    from .market import open_market
    from .money_bills import write_bills
    from .money_day import make_day
    from .money_kinds import LINES as LINES_OF_ORDER

    with out.status("filling the day"):
        market = open_market(site.address, members=MEMBERS, scarce_units=1_000)
        day = make_day(site.database_url, market, orders=-(-form.lines // LINES_OF_ORDER))
    out.print(f"{day.lines:,} lines of {day.orders:,} orders, {day.events:,} events")
    limits = _limits(site.database_url)
    with tempfile.TemporaryDirectory() as folder:
        with out.status("writing the channel's bills"):
            bills = write_bills(site.database_url, Path(folder), day.sale_on)
        found = _settled(site, PROVINCE, str(day.sale_on), json.dumps(bills))
    took, problems = found["took"], _problems(found)
    transfers, copy_s = _copied(site.database_url)
    for problem in problems:
        out.print(f"[red]{problem}[/]")
    settling = sum(took[name] for name in SETTLING) + took[CLOSING]
    return {
        "lines": day.lines,
        "orders": day.orders,
        "events": day.events,
        "transfers": transfers,
        # What the night does; booking happens all day, and here once more as if all of it had waited.
        "settlement_s": round(settling, 1),
        "booking_s": took["booking"],
        "reconciliation_s": round(took[RECONCILING] + took[BILLS], 1),
        "proof_s": took["proof"],
        "steps_s": took,
        "rss_mib": max(found["peak_mib"].values()),
        "limit_copy_s": copy_s,
        "limit_group_s": limits["group"],
        "booking_vs_copy": round(took["booking"] / copy_s, 1),
        "reconciliation_vs_group": round(took[RECONCILING] / limits["group"], 1),
        "invariants_ok": not problems,
    }


def fail(_: Site, form: Form) -> Figures:
    """Members buy while the payment services fail, at a site of their own."""
    command = [sys.executable, "-m", "bench.money_faults", "--purchases", str(form.purchases)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    for name, kinds in found["faults_met"].items():
        out.print(f"{name}: {', '.join(f'{count} {kind}' for kind, count in kinds.items())}")
    for what, rows in found["examples"].items():
        out.print(f"[red]{what}: {'; '.join(rows)}[/]")
    return found


PARTS: tuple[Callable[[Site, Form], Mapping[str, Any]], ...] = (settle, fail)
#: Of purchases under faults.
NONE_MAY_BE = ("lost", "doubled", "unexplained")


def _settled(site: Site, province_id: int, sale_on: str, bills: str) -> Figures:
    command = [sys.executable, "-m", "bench.settling", str(province_id), sale_on, bills]
    with out.status("booking and settling"):
        done = subprocess.run(
            command, env={**os.environ, **site.environment}, stdout=subprocess.PIPE, check=True, text=True
        )
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    for name, note in found["told"].items():
        out.print(f"  {name}: {note}; {found['took'][name]} s, {found['peak_mib'][name]} MiB at most so far")
    return found


def _problems(found: Figures) -> list[str]:
    """What the proof does not hold of, what reconciliation found, and orders held back: there may be none."""
    told = found["told"]
    return [
        *(
            f"{name}: {left} ≠ {right} {examples}"
            for name, _, left, right, examples in found["wrong"]
            if name not in NOT_ASKED
        ),
        *(f"{name}: {told[name]}" for name in (SETTLING[0], SETTLING[2]) if "; 0 held back" not in told[name]),
        *(told[name] for name in (RECONCILING, BILLS) if not told[name].endswith(" 0 cases")),
    ]


def _limits(url: str) -> dict[str, float]:
    """What adding the day's lines up by order takes PostgreSQL alone."""
    with psycopg.connect(url, autocommit=True) as database:
        began = time.perf_counter()
        database.execute(
            "SELECT count(*), sum(fen) FROM (SELECT order_id, sum(amount - refunded) AS fen FROM ordering_orderline"
            " GROUP BY order_id) AS nets"
        ).fetchone()
        return {"group": round(time.perf_counter() - began, 2)}


def _copied(url: str) -> tuple[int, float]:
    """How many transfers there are, and the seconds that a bare COPY of them takes: no index, no check."""
    with psycopg.connect(url, autocommit=True) as database, database.cursor() as cursor:
        with cursor.copy("COPY settlement_transfer TO STDOUT") as copy:
            rows = [bytes(block) for block in copy]
        cursor.execute("CREATE TABLE bare AS SELECT * FROM settlement_transfer WITH NO DATA")
        began = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for start in range(0, len(rows), 1000):
                copy.write(b"".join(rows[start : start + 1000]))
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE bare")
        return len(rows), round(took, 2)


def _rows(figures: Figures) -> list[tuple[str, object, str]]:
    return [
        ("order lines of the day", f"{figures['lines']:,}", f"{LINES:,}"),
        ("  orders, events, transfers", f"{figures['orders']:,}, {figures['events']:,}, {figures['transfers']:,}", ""),
        ("settlement: the night's duties, s", figures["settlement_s"], "< 60 on 2 cores"),
        ("booking before it, if all events had waited, s", figures["booking_s"], "by day, as they come"),
        ("reconciliation, s", figures["reconciliation_s"], "< 60"),
        ("proof of the day, s", figures["proof_s"], ""),
        ("memory of the worker, MiB", figures["rss_mib"], "< 1024"),
        ("bare COPY of as many transfers, s", figures["limit_copy_s"], "for comparison"),
        ("  booking against it", figures["booking_vs_copy"], ""),
        ("bare GROUP BY over the lines, s", figures["limit_group_s"], "for comparison"),
        ("  reconciliation against it", figures["reconciliation_vs_group"], ""),
        ("purchases under faults", f"{figures['fault_purchases']:,}", f"{PURCHASES:,}"),
        ("  payments taken, refunds made", f"{figures['payments']:,}, {figures['refunds']:,}", ""),
        ("  faults met", f"{sum(sum(kinds.values()) for kinds in figures['faults_met'].values()):,}", ""),
        ("  differences in the middle, all found", figures["differences_midway"], ""),
        *((f"  {name}", figures[name], "0") for name in NONE_MAY_BE),
        ("  until all was at rest, s", figures["rest_s"], ""),
        ("the benchmark itself, s", figures["took_s"], "180 in the quick form"),
        ("proof holds, no case", figures["invariants_ok"], "True"),
    ]


if __name__ == "__main__":
    main()
