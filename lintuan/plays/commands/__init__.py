"""Start, play, hear, give, use and end."""

from .acting import act, take_side
from .companions import drop_marks, note_companions
from .hearing import correct, hear, lapse, withdraw
from .running import begin_runs, end_runs, open_run, require_seat
from .savings import release_savings, take_savings
from .starting import start_play, stop_play, write_design

__all__ = [
    "act",
    "begin_runs",
    "correct",
    "drop_marks",
    "end_runs",
    "hear",
    "lapse",
    "note_companions",
    "open_run",
    "release_savings",
    "require_seat",
    "start_play",
    "stop_play",
    "take_savings",
    "take_side",
    "withdraw",
    "write_design",
]
