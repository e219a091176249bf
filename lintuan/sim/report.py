"""What a simulated day came to: the platform's own proof beside what the phones counted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from .afternoon import Afternoon
from .evening import Evening
from .night import Night
from .opening import Opened
from .phone import Network
from .programme import Plays


@dataclass(frozen=True, slots=True)
class Check:
    """Two figures that must agree, from sources that do not know each other."""

    name: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        return self.left == self.right


# Without a repr: asyncio asks for a finished task's, and this one would spell out a whole city.
@dataclass(slots=True, repr=False)
class DayReport:
    """A lived day; `phases` are seconds of real time."""

    opened: Opened
    evening: Evening
    night: Night
    afternoon: Afternoon
    plays: Plays
    phases: Mapping[str, float]
    duties: Mapping[str, float]
    proof: Mapping[str, Any]
    checks: Sequence[Check]
    first_order_after_s: float
    first_order_at: float

    @property
    def holds(self) -> bool:
        """A day that is not over proves less, so it does not hold yet."""
        proved = self.proof["is_over"] and self.proof["holds"]
        return bool(proved) and all(check.holds for check in self.checks)

    def as_json(self) -> str:
        """The day's figures for a benchmark."""
        figures = {
            "first_order_after_s": round(self.first_order_after_s, 2),
            "first_order_at": self.first_order_at,
            "day_s": round(sum(self.phases.values()), 1),
            "phases_s": {name: round(seconds, 1) for name, seconds in self.phases.items()},
            "orders": self.evening.placed,
            "paid": self.evening.paid,
            "plays": dict(self.plays.started),
            "played": dict(self.plays.done),
            "groups": dict(self.plays.groups),
            "invariants_ok": self.holds,
        }
        return json.dumps(figures)


def show(report: DayReport, network: Network, out: Console) -> None:
    """Print the day, its phases and its proof."""
    out.print(_story(report))
    out.print(phases(report))
    out.print(_proof(report))
    out.print(_traffic(network))
    words = "[bold green]All invariants hold.[/]" if report.holds else "[bold red]An invariant FAILS.[/]"
    out.print(words)


def _story(report: DayReport) -> Table:
    evening, night, afternoon, plays = report.evening, report.night, report.afternoon, report.plays
    table = Table("what happened", "", title="The day", title_justify="left")
    table.columns[1].justify = "right"
    rows = {
        "offers on the shelf": report.opened.offers,
        "offers stopped by price law": len(report.opened.blocked),
        "neighbours who went shopping": len(evening.shoppers),
        "orders placed / paid": f"{evening.placed} / {evening.paid}",
        "paid": f"¥ {evening.paid_fen / 100:,.2f}",
        "what else the evening saw": _counted(evening.outcomes),
        "plays started (of so many kinds)": f"{plays.started.total()} ({len(plays.started)})",
        "done in plays": _counted(plays.done),
        "orders in plays; groups": f"{plays.orders}; {_counted(plays.groups)}",
        "what plays refused": _counted(plays.refused),
        "purchase orders": night.purchase_orders,
        "units suppliers shorted / did not bring": f"{night.shorted} / {night.not_delivered}",
        "units picked short": night.picked_short,
        "stops driven, drops signed": f"{night.stops}, {afternoon.signed}",
        "units short / damaged at points": f"{afternoon.short} / {afternoon.damaged}",
        "pickups collected / left": f"{afternoon.collected} / {afternoon.stayed_away}",
        "claims": _counted(afternoon.claims),
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def phases(report: DayReport) -> Table:
    """Real seconds of each phase and duty; long names go on in the next line, none is cut."""
    table = Table("phase", "seconds", "duty", "seconds", title="Real time", title_justify="left")
    table.columns[0].overflow = table.columns[2].overflow = "fold"
    table.columns[1].justify = table.columns[3].justify = "right"
    table.columns[1].no_wrap = table.columns[3].no_wrap = True
    phases, duties = list(report.phases.items()), list(report.duties.items())
    for place in range(max(len(phases), len(duties))):
        left = phases[place] if place < len(phases) else ("", None)
        right = duties[place] if place < len(duties) else ("", None)
        table.add_row(left[0], _seconds(left[1]), right[0], _seconds(right[1]))
    return table


def _proof(report: DayReport) -> Table:
    table = Table("", "invariant", "left", "right", title="Proof", title_justify="left")
    table.columns[2].justify = table.columns[3].justify = "right"
    for one in report.proof["invariants"]:
        table.add_row(_mark(one["holds"]), one["en"], str(one["left"]), str(one["right"]))
    for check in report.checks:
        table.add_row(_mark(check.holds), f"phones: {check.name}", str(check.left), str(check.right))
    return table


def _traffic(network: Network) -> str:
    waits = sorted(network.latencies)
    half, most = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    refusals = ", ".join(f"{name} {count}" for name, count in network.refusals.most_common()) or "none"
    return (
        f"{len(waits):,} requests; median {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms; "
        f"statuses {dict(sorted(network.answers.items()))}; refusals: {refusals}; told to wait: {network.told_to_wait}"
    )


def _counted(counter: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "nothing"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _mark(holds: bool) -> str:
    return "[green]✓[/]" if holds else "[red]✗[/]"
