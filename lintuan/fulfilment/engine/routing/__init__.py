"""Who drives what where: vans and stops in, tours out; docs/algorithms/routing.md has the model.

Nothing is read but the arguments: the seed and the patience of the search are among them.
"""

from __future__ import annotations

from .clusters import Parting, Spread
from .moving import Moved, Where, move, where_is
from .planning import WHOLE, make_plan, resolve
from .problem import (
    FOREVER,
    Depot,
    Lock,
    Patience,
    Plan,
    Problem,
    Reason,
    Stop,
    Tour,
    Trip,
    Unserved,
    Vehicle,
    Visit,
)
from .roads import GreatCircle, Measured, Place, Roads, road_metres
from .schedule import Fault, Limit, cost_m, faults, timed, unloaded_s
from .words import fault_words, reason_words

__all__ = [
    "FOREVER", "WHOLE", "Depot", "Fault", "GreatCircle", "Limit", "Lock", "Measured", "Moved", "Parting", "Patience",
    "Place", "Plan", "Problem", "Reason", "Roads", "Spread", "Stop", "Tour", "Trip", "Unserved", "Vehicle", "Visit",
    "Where", "cost_m", "fault_words", "faults", "make_plan", "move", "reason_words", "resolve", "road_metres", "timed",
    "unloaded_s", "where_is",
]  # fmt: skip
