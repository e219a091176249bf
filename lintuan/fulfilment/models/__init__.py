"""The tables of the room."""

from __future__ import annotations

from .claims import Claim, Photo
from .driving import Route, Stop, Vehicle
from .drops import Drop, DropLine
from .pickups import CodeTries, Pickup, Proxy
from .places import PointGrid, Warehouse
from .sorting import SortTask

__all__ = [
    "Claim",
    "CodeTries",
    "Drop",
    "DropLine",
    "Photo",
    "Pickup",
    "PointGrid",
    "Proxy",
    "Route",
    "SortTask",
    "Stop",
    "Vehicle",
    "Warehouse",
]
