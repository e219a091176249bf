"""Routes: instances of CVRPLIB and a city of 5,000 points, through the product's own interface.

    python -m bench.routes          QUICK=1: 10 s a search, three instances, the city in 30 s
    python -m bench.routes --long 900 --seed 7     searches the city for so long and keeps the cost if it is the best

Each instance is searched by the product and, with the same seed and time, by PyVRP called directly; the gap is to the
best cost known (bench/data/README.md). The city's gap is to the best of the long runs kept in bench/data/city.json.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import Any

import click
from pyvrp import read, solve
from pyvrp.stop import MaxRuntime

from lintuan.fulfilment.engine.routing import (
    Depot,
    GreatCircle,
    Measured,
    Parting,
    Patience,
    Place,
    Plan,
    Problem,
    Spread,
    Stop,
    Vehicle,
    faults,
    make_plan,
)

from .cvrplib import Instance, read_instance, read_known
from .machine import conclude, describe, out

DATA = Path(__file__).parent / "data"
BEST = DATA / "city.json"
STOPS = 5_000
CENTRE = Place(30.59, 114.30)
SEED = 1
WHOLE = Spread(most=2_000)


@click.command()
@click.option("--long", "long_s", default=0.0, help="Search the city for so many seconds and keep the cost if best.")
@click.option("--seed", default=SEED, show_default=True)
@click.option("--parting", type=click.Choice([one.value for one in Parting]), default=Parting.SECTORS.value)
@click.option("--rounds", default=Spread().rounds, show_default=True)
@click.option("--workers", default=os.cpu_count() or 1, show_default=True)
def main(long_s: float, seed: int, parting: str, rounds: int, workers: int) -> None:
    """Measure routes."""
    describe()
    spread = Spread(workers=workers, parting=Parting(parting), rounds=rounds)
    if long_s:
        _keep_best(city_cost(long_s, seed, spread), f"--long {long_s:g} --seed {seed} --parting {parting}")
        return
    began, busy = time.monotonic(), os.getloadavg()[0]
    is_quick = os.environ.get("QUICK") == "1"
    seconds, city_s = (10.0, 30.0) if is_quick else (60.0, 120.0)
    rows = [_instance(path, seconds, seed) for path in _files()[: 3 if is_quick else None]]
    cost, took = city_cost(city_s, seed, spread)
    best = json.loads(BEST.read_text())["cost_m"]
    figures = {
        "form": "quick" if is_quick else "full", "seconds": seconds, "instances": {row["name"]: row for row in rows},
        "vrp_mean_gap_pct": round(sum(row["gap_pct"] for row in rows) / len(rows), 3),
        "vrp_most_behind_pyvrp_pct": round(max(row["gap_pct"] - row["direct_gap_pct"] for row in rows), 3),
        "vrp_5000_gap_pct": round(100 * (cost / best - 1), 3), "vrp_5000_s": round(took, 1), "load_before": busy,
        "took_s": round(time.monotonic() - began),
    }  # fmt: skip
    conclude("routes", _table(figures), figures)


def as_problem(instance: Instance) -> Problem:
    """An instance as the product sees it: crates are its demand, and there is a van for every stop."""
    metres = instance.metres()
    stops = tuple(Stop(id=node, crates=crates) for node, crates in enumerate(instance.demands) if node)
    vans = tuple(Vehicle(id=number, crates=instance.capacity) for number in range(1, len(instance.demands)))
    return Problem((Depot(),), stops, vans, Measured(metres, metres, spots=instance.spots))


def city(seed: int = 2026) -> Problem:
    """5,000 points in 40 quarters and between them, one warehouse, 300 vans of 20 to 25 stops."""
    chance = random.Random(seed)
    quarters = [(chance.gauss(CENTRE.lat, 0.08), chance.gauss(CENTRE.lng, 0.10)) for _ in range(40)]
    places = [CENTRE]
    for number in range(STOPS):
        if number % 4 == 0:
            places.append(Place(CENTRE.lat + chance.uniform(-0.2, 0.2), CENTRE.lng + chance.uniform(-0.25, 0.25)))
        else:
            lat, lng = chance.choice(quarters)
            places.append(Place(chance.gauss(lat, 0.01), chance.gauss(lng, 0.012)))
    stops = tuple(
        Stop(id=number, crates=chance.randint(2, 8), grams=1_000 * chance.randint(20, 80), service_s=300)
        for number in range(1, STOPS + 1)
    )
    vans = tuple(
        Vehicle(id=number, crates=110, grams=1_200_000, stops=25, to_s=36_000, start_cost_m=20_000)
        for number in range(1, 301)
    )
    return Problem((Depot(load_s=900),), stops, vans, GreatCircle(places, detour_bps=13_500, metres_per_hour=25_000))


def city_cost(seconds: float, seed: int, spread: Spread) -> tuple[int, float]:
    """Metres and starts of a plan for the city, checked, and the seconds it took."""
    problem = city()
    began = time.monotonic()
    plan = make_plan(problem, seed=seed, patience=Patience(seconds=seconds), spread=spread)
    took = time.monotonic() - began
    _check(problem, plan)
    return plan.distance_m + 20_000 * len(plan.tours), took


def _check(problem: Problem, plan: Plan) -> None:
    broken = [fault for tour in plan.tours for fault in faults(problem, tour)]
    served = sorted(stop for tour in plan.tours for order in tour.orders for stop in order)
    if plan.unserved or broken or served != [stop.id for stop in problem.stops]:
        raise click.ClickException(f"not a plan: {len(plan.unserved)} unserved, {broken[:3]}")


def _instance(path: Path, seconds: float, seed: int) -> dict[str, Any]:
    best = read_known(path.with_suffix(".sol")).cost
    problem = as_problem(read_instance(path))
    plan = make_plan(problem, seed=seed, patience=Patience(seconds=seconds), spread=WHOLE)
    _check(problem, plan)
    direct = solve(read(path, round_func="round"), MaxRuntime(seconds), seed=seed, collect_stats=False).best.distance()
    row = {
        "name": path.stem, "best": best, "ours": plan.distance_m, "direct": direct,
        "gap_pct": round(100 * (plan.distance_m / best - 1), 3), "direct_gap_pct": round(100 * (direct / best - 1), 3),
    }  # fmt: skip
    out.print(f"{path.stem}: {plan.distance_m:,} ({row['gap_pct']} %), PyVRP {direct:,} ({row['direct_gap_pct']} %)")
    return row


def _files() -> list[Path]:
    return sorted(DATA.glob("X-*.vrp"), key=lambda path: int(path.stem.split("-")[1][1:]))


def _keep_best(found: tuple[int, float], how: str) -> None:
    cost, took = found
    known = json.loads(BEST.read_text()) if BEST.exists() else None
    out.print(f"{cost:,} in {took:.0f} s; best so far {known['cost_m'] if known else 'none'}")
    if known is None or cost < known["cost_m"]:
        record = {"cost_m": cost, "took_s": round(took), "command": f"python -m bench.routes {how}"}
        BEST.write_text(json.dumps(record) + "\n")


def _table(figures: dict[str, Any]) -> list[tuple[str, object, str]]:
    return [
        ("mean gap to the best known, %", figures["vrp_mean_gap_pct"], f"below 1.2 in {figures['seconds']:g} s each"),
        ("most behind PyVRP itself, points", figures["vrp_most_behind_pyvrp_pct"], "within 0.2"),
        ("5,000 stops to the best of long runs, %", figures["vrp_5000_gap_pct"], "within 4 in 120 s"),
    ]


if __name__ == "__main__":
    main()
