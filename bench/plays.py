"""Plays: what ships and starts, how fast the engine counts, and what hearing of orders costs while orders flow.

    python -m bench.plays [--workers N]        QUICK=1: the same figures in less than three minutes

The catalogue and the engine are measured in this process (bench/catalogue.py). For the rest it brings up a site of its
own as the intake benchmark does, with its load generator, market and proof (bench/hearing.py).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from statistics import median
from typing import Any

import click

from lintuan.kernel import clock

from . import catalogue
from .intake import BUSY
from .machine import conclude, describe, out
from .stage import standing


@click.command()
@click.option("--workers", default=os.cpu_count() or 2, show_default=True, help="Web processes.")
def main(workers: int) -> None:
    """Measure plays."""
    # A killed benchmark leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    describe()
    began, busy = time.monotonic(), os.getloadavg()[0]
    is_quick = os.environ.get("QUICK") == "1"
    form = "quick" if is_quick else "full"
    out.print(f"{form} form, {workers} web processes; load average before it began: {busy:.1f}")
    if busy > BUSY:
        out.print("[yellow]This machine is doing something else; what follows says as much of that as of us.[/]")
    with out.status("the catalogue and the engine"):
        figures = {"form": form, "workers": workers, **_without_database(3 if is_quick else 7)}
    with standing() as site:
        # Only now is there a database for Django to be set up with.
        from .hearing import FULL, QUICK, hear

        figures |= hear(site, QUICK if is_quick else FULL, workers)
    figures |= {"load_before": busy, "took_s": round(time.monotonic() - began)}
    conclude("plays", _rows(figures), figures)
    if not figures["invariants_ok"]:
        sys.exit(1)


def _without_database(rounds: int) -> dict[str, Any]:
    plays = catalogue.in_order()
    by_channel = catalogue.startable(plays, clock.now().date())
    codes = set().union(*by_channel.values())
    playable = [play for play in plays if play.code in codes]
    clients = catalogue.shown_by_frozen(playable)
    rates = {play.code: catalogue.counted_per_s(play, rounds) for play in plays}
    slowest = min(rates, key=rates.__getitem__)
    return {
        "catalogue": len(plays),
        "playable": len(playable),
        "playable_by_channel": {channel: len(found) for channel, found in by_channel.items()},
        "text_forms": sum(map(catalogue.has_text_form, plays)),
        "frozen_clients": clients,
        "frozen_client_ok": bool(clients) and all(sum(shown.values()) == len(playable) for shown in clients.values()),
        "events_per_s_core": round(median(rates.values())),
        "events_per_s_slowest": round(rates[slowest]),
        "slowest_play": slowest,
    }


def _rows(figures: dict[str, Any]) -> list[tuple[str, object, str]]:
    clients = [
        (f"  client {name}: drawn, told in words", f"{shown['drawn']}, {shown['told']}", "by its files, no browser")
        for name, shown in figures["frozen_clients"].items()
    ]
    return [
        ("plays that can be read, are sound, do as told", figures["catalogue"], "109"),
        ("  which the linter lets start today", figures["playable"], ">= 95"),
        *((f"    on {channel}", count, "") for channel, count in figures["playable_by_channel"].items()),
        ("  whose texts can be filled and pasted, zh and en", figures["text_forms"], "109"),
        ("  a client that nobody updated can show the startable", figures["frozen_client_ok"], "True"),
        *clients,
        ("events of the pure engine on one core, /s", f"{figures['events_per_s_core']:,}", ">= 50000, median of plays"),
        (f"  {figures['slowest_play']}, the slowest", f"{figures['events_per_s_slowest']:,}", ""),
        (f"facts applied at {figures['flow_per_s']:.0f} orders/s over HTTP, /s", figures["applied_per_s"], ">= 2000"),
        ("  of each paid order", figures["facts_per_order"], ""),
        ("orders accepted with live plays against without", figures["intake_ratio"], ">= 0.85"),
        ("  with, /s", figures["intake_with_per_s"], ""),
        ("  without, /s", figures["intake_without_per_s"], ""),
        ("  orders paid in both, /s", figures["paid_per_s"], ""),
        ("  facts heard meanwhile, /s", figures["heard_per_s_meanwhile"], ""),
        ("facts heard in all", figures["facts"], ""),
        ("orders proved to be there once and whole", figures["orders_proved"], ""),
        ("the benchmark itself, s", figures["took_s"], "180 in the quick form"),
        ("invariants hold", figures["invariants_ok"], "True"),
    ]


if __name__ == "__main__":
    main()
