"""When a simulated day holds, and how its report reads."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
from rich.console import Console

from lintuan.sim.afternoon import Afternoon
from lintuan.sim.evening import Evening
from lintuan.sim.night import Night
from lintuan.sim.opening import Opened
from lintuan.sim.programme import Plays
from lintuan.sim.report import Check, DayReport, phases

PROVED = {"is_over": True, "holds": True, "invariants": []}
AGREED = (Check("reconciliation cases", 0, 0),)
PHASE = "After: unclaimed, books, reconciliation"
DUTY = "sourcing.make_purchase_orders_of_the_second_round"


def report(proof: dict[str, Any] = PROVED, checks: Sequence[Check] = AGREED) -> DayReport:
    return DayReport(
        opened=Opened({}),
        evening=Evening(),
        night=Night(),
        afternoon=Afternoon(),
        plays=Plays(),
        phases={PHASE: 12.34},
        duties={DUTY: 1.5},
        proof=proof,
        checks=checks,
        first_order_after_s=1.0,
        first_order_at=0.0,
    )


def test_a_day_that_is_proved_and_reconciled_holds() -> None:
    assert report().holds


@pytest.mark.parametrize(
    ("proof", "checks"),
    [
        ({**PROVED, "is_over": False}, AGREED),
        ({**PROVED, "holds": False}, AGREED),
        (PROVED, (Check("reconciliation cases", 1, 0),)),
    ],
)
def test_a_day_that_is_not_over_not_proved_or_not_reconciled_does_not_hold(
    proof: dict[str, Any], checks: Sequence[Check]
) -> None:
    assert not report(proof, checks).holds


@pytest.mark.parametrize("width", [60, 80, 140])
def test_no_name_is_cut_however_narrow_the_screen(width: int) -> None:
    screen = Console(width=width, file=io.StringIO())

    screen.print(phases(report()))

    assert isinstance(screen.file, io.StringIO)
    text = screen.file.getvalue()
    assert "…" not in text
    assert "12.3" in text
    assert "1.5" in text
