"""CVRPLIB files: instances (.vrp, planar, one depot, one capacity) and solutions (.sol)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Instance:
    """A capacitated problem; node 0 is the depot. Distances are Euclidean, rounded to the nearest whole number."""

    name: str
    capacity: int
    spots: NDArray[np.float64]
    demands: tuple[int, ...]

    def metres(self) -> NDArray[np.int64]:
        gaps = self.spots[:, None, :] - self.spots[None, :, :]
        return np.floor(np.sqrt((gaps**2).sum(axis=-1)) + 0.5).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Known:
    """A known solution: routes of node numbers, and its cost as its file gives it."""

    routes: tuple[tuple[int, ...], ...]
    cost: int


def read_instance(path: Path) -> Instance:
    """Raises ValueError for an instance of another kind."""
    heads: dict[str, str] = {}
    parts: dict[str, list[list[str]]] = {}
    rows: list[list[str]] | None = None
    for line in _lines(path):
        if line.endswith("_SECTION"):
            rows = parts.setdefault(line, [])
        elif ":" in line:
            key, _, value = line.partition(":")
            heads[key.strip()] = value.strip().strip('"')
        elif rows is not None:
            rows.append(line.split())
    if heads.get("TYPE") != "CVRP" or heads.get("EDGE_WEIGHT_TYPE") != "EUC_2D":
        raise ValueError(f"{path.name} is not a planar capacitated problem")
    spots = np.array([[float(x), float(y)] for _, x, y in parts["NODE_COORD_SECTION"]])
    demands = tuple(int(row[1]) for row in parts["DEMAND_SECTION"])
    if not len(spots) == len(demands) == int(heads["DIMENSION"]) or parts["DEPOT_SECTION"][0] != ["1"]:
        raise ValueError(f"{path.name} does not hold what it says")
    return Instance(heads["NAME"], int(heads["CAPACITY"]), spots, demands)


def read_known(path: Path) -> Known:
    """Raises ValueError for a file without a cost."""
    routes, cost = [], None
    for line in _lines(path):
        if line.startswith("Route"):
            routes.append(tuple(int(one) for one in line.partition(":")[2].split()))
        elif line.startswith("Cost"):
            cost = int(line.split()[1])
    if cost is None:
        raise ValueError(f"{path.name} has no cost")
    return Known(tuple(routes), cost)


def cost_of(instance: Instance, known: Known) -> int:
    """What the routes cost; raises ValueError if they leave a node out, visit one twice or overload a van."""
    if sorted(node for route in known.routes for node in route) != list(range(1, len(instance.demands))):
        raise ValueError(f"{instance.name}: not every node once")
    if any(sum(instance.demands[node] for node in route) > instance.capacity for route in known.routes):
        raise ValueError(f"{instance.name}: a van is overloaded")
    metres = instance.metres()
    ways = [(0, *route, 0) for route in known.routes]
    return int(sum(metres[list(way[:-1]), list(way[1:])].sum() for way in ways))


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text().splitlines():
        if line.strip() and line.strip() != "EOF":
            yield line.strip()
