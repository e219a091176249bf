"""Orders at the machine's limit: the intake, the shelf and whole purchases, held against what PostgreSQL itself can do.

    python -m bench.intake [--workers N] [--most-orders N]        QUICK=1: the same figures in less than three minutes

It brings up a site of its own (embedded PostgreSQL in a temporary folder, web, worker, stand-ins), puts loads on it
from processes of their own (bench/load.py, bench/purchase.py) and proves after each load in SQL that what was answered
with success is there exactly once. The limits are measured with pgbench on the same server in the same run
(bench/limits.py).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import click

from .machine import conclude, describe, out
from .stage import require_disk, standing

SCARCE_UNITS = 10_000
MOST_ORDERS = 10_000_000
#: With lines, charges, indexes and the log that writing them leaves (2,240 at 10 million), and room to work.
BYTES_PER_ORDER = 3_300

#: A load average from which on others take part of the machine.
BUSY = 1.0


@click.command()
@click.option("--workers", default=os.cpu_count() or 2, show_default=True, help="Web processes.")
@click.option("--most-orders", default=MOST_ORDERS, show_default=True, help="Where the cost curve ends.")
@click.option("--scarce-units", default=SCARCE_UNITS, show_default=True, help="Stock of the good that runs out.")
def main(workers: int, most_orders: int, scarce_units: int) -> None:
    """Measure the order intake."""
    # A killed benchmark leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    describe()
    began = time.monotonic()
    is_quick, busy = os.environ.get("QUICK") == "1", os.getloadavg()[0]
    form = "quick" if is_quick else "full"
    out.print(f"{form} form, {workers} web processes; load average before it began: {busy:.1f}")
    if busy > BUSY:
        out.print("[yellow]This machine is doing something else; what follows says as much of that as of us.[/]")
    if not is_quick:
        require_disk(
            most_orders * BYTES_PER_ORDER, f"{most_orders:,} orders of days past; --most-orders asks for fewer"
        )
    with standing() as site:
        # Only now is there a database for Django to be set up with.
        from .run import FULL, QUICK, run

        measured = run(site, QUICK if is_quick else FULL, workers, scarce_units, most_orders)
    took = round(time.monotonic() - began)
    figures = {"form": form, "workers": workers, **measured, "load_before": busy, "took_s": took}
    if by_orders := list(measured.get("by_orders", {}).values()):
        figures["most_orders_vs_least"] = round(by_orders[-1] / by_orders[0], 3)
    conclude("intake", _rows(figures), figures)
    if not figures["invariants_ok"]:
        sys.exit(1)


def _rows(figures: dict[str, Any]) -> list[tuple[str, object, str]]:
    rows: list[tuple[str, str | tuple[str, ...], str]] = [
        ("LIMIT A: pgbench, separate statements, /s", "limit_a_per_s", ""),
        ("LIMIT B: pgbench, one PL/pgSQL call, /s", "limit_b_per_s", ""),
        ("LIMIT B on one hot row, /s", "limit_b_hot_per_s", ""),
        ("A and B on bare tables, /s", ("limit_bare_a_per_s", "limit_bare_b_per_s"), "for comparison"),
        ("orders accepted, /s", "accepted_per_s", ""),
        ("  against LIMIT A", "ratio_a", ">= 3"),
        ("  against LIMIT B", "ratio_b", ">= 1.3"),
        ("hot SKU, orders accepted, /s", "hot_per_s", ""),
        ("  against the spread load", "hot_vs_spread", ">= 0.9"),
        ("  against LIMIT B on a hot row", "hot_ratio_b", ">= 5"),
        ("scarce SKU: units, orders accepted", ("scarce_units", "scarce_accepted"), "equal"),
        ("oversold, undersold", ("oversold", "undersold"), "0, 0"),
        ("p99 of orders at 70 %, ms", "p99_ms_at_70", "< 40"),
        ("  LIMIT B at 70 % of its own", "limit_b_p99_ms_at_70", "for comparison"),
        ("shelves, /s", "shelf_per_s", ">= 15000 on 2 cores"),
        ("p99 of shelves at 70 %, ms", "shelf_p99_ms", "< 15"),
        ("not modified (304), /s", "shelf_304_per_s", "counted apart"),
        ("whole purchases, /s", "purchases_per_s", ">= 500"),
        ("  p50 and p99 at full load, ms", ("purchase_p50_ms_full", "purchase_p99_ms_full"), ""),
        ("  p50 and p99 at 70 %, ms", ("purchase_p50_ms", "purchase_p99_ms"), ""),
        ("lag of the consumers at full load, s", "lag_s", "< 2"),
        ("by web processes, /s", "by_workers", ""),
        ("by orders already there, /s", "by_orders", "falls by 10 % at most"),
        (
            "CPU of the generator: us/request, share of a core",
            ("generator_us_per_request", "generator_cpu_share"),
            "15 us",
        ),
        ("orders proved to be there once and whole", "orders_proved", ""),
        ("the benchmark itself, s", "took_s", "180 in the quick form"),
        ("invariants hold", "invariants_ok", "True"),
    ]
    return [(name, _shown(figures, key), limit) for name, key, limit in rows if _shown(figures, key)]


def _shown(figures: dict[str, Any], key: str | tuple[str, ...]) -> str:
    if isinstance(key, tuple):
        return ", ".join(str(figures[part]) for part in key)
    value = figures.get(key, "")
    return (
        ", ".join(f"{int(name):,}: {rate:,}" for name, rate in value.items()) if isinstance(value, dict) else str(value)
    )


if __name__ == "__main__":
    main()
