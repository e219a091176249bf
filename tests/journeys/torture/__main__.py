"""The command behind `make torture`: so many rounds of every kind of trial, and a table of how they went."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import defaultdict

import click
from rich.console import Console
from rich.table import Table

from .arena import Outcome, arena_of
from .rounds import FULL, KINDS, SHORT, hold
from .site import Site, running_site

out = Console(highlight=False)


@click.command()
@click.option("--rounds", default=20, show_default=True, help="How often each kind of trial is held.")
@click.option("--only", "kinds", multiple=True, type=click.Choice(list(KINDS)), help="These kinds; all when left out.")
@click.option("--short", is_flag=True, help="As small as in CI.")
def main(rounds: int, kinds: tuple[str, ...], short: bool) -> None:
    """Torture a site of its own; ends with 1 when an invariant did not hold."""
    # Or a site would be left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with out.status("starting a site"), running_site() as site:
        outcomes = asyncio.run(_hold_all(site, rounds, kinds or tuple(KINDS), is_short=short))
    out.print(_table(outcomes))
    broken = [outcome for outcome in outcomes if outcome.violations]
    out.print(f"[red]{len(broken)} of {len(outcomes)} trials failed[/]" if broken else "[green]All invariants hold.[/]")
    sys.exit(1 if broken else 0)


async def _hold_all(site: Site, rounds: int, kinds: tuple[str, ...], *, is_short: bool) -> list[Outcome]:
    outcomes = []
    async with arena_of(site) as arena:
        for number in range(rounds):
            for kind in kinds:
                outcome = await hold(arena, kind, number, SHORT if is_short else FULL)
                outcomes.append(outcome)
                _tell(number + 1, outcome)
    return outcomes


def _tell(number: int, outcome: Outcome) -> None:
    mark = "[red]!![/]" if outcome.violations else "[green]ok[/]"
    figures = ", ".join(f"{name} {value}" for name, value in outcome.figures.items())
    out.print(f"{number:>3} {mark} {outcome.kind} ({outcome.seconds:.0f} s): {figures}")
    for violation in outcome.violations:
        out.print(f"       [red]{violation}[/]", markup=True)


def _table(outcomes: list[Outcome]) -> Table:
    """One row for each kind: how often it was held, what failed, and the worst of each measured figure."""
    table = Table("trial", "held", "failed", "worst of all rounds")
    by_kind = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome.kind].append(outcome)
    for kind, held in by_kind.items():
        failed = sum(bool(outcome.violations) for outcome in held)
        table.add_row(kind, str(len(held)), str(failed) if failed else "", ", ".join(_worst(held)))
    return table


def _worst(held: list[Outcome]) -> list[str]:
    """Of what is measured, not of how many answers of each kind came."""
    measured = {name for outcome in held for name in outcome.figures if name.endswith(("_s", "_ms", "_mb"))}
    return [f"{name} {max(outcome.figures.get(name, 0) for outcome in held)}" for name in sorted(measured)]


if __name__ == "__main__":
    main()
