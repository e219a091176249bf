"""Reading instances and solutions, and what an instance is to the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cvrplib import Known, cost_of, read_instance, read_known
from bench.routes import DATA, as_problem, city
from lintuan.fulfilment.engine.routing import Patience, make_plan

TINY = """NAME : tiny
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 5
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 0 1
DEMAND_SECTION
1 0
2 2
3 3
4 5
DEPOT_SECTION
1
-1
EOF
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.vrp"
    path.write_text(TINY)
    return path


def test_distances_are_rounded_to_the_nearest(tiny: Path):
    instance = read_instance(tiny)

    assert (instance.name, instance.capacity, instance.demands) == ("tiny", 5, (0, 2, 3, 5))
    assert instance.metres().tolist()[1] == [5, 0, 5, 4]  # 4.24 is 4


def test_routes_are_costed_and_checked(tiny: Path, tmp_path: Path):
    instance = read_instance(tiny)
    solution = tmp_path / "tiny.sol"
    solution.write_text("Route #1: 1 2\nRoute #2: 3\nCost 22\n")

    assert read_known(solution) == Known(((1, 2), (3,)), 22)
    assert cost_of(instance, read_known(solution)) == 22
    with pytest.raises(ValueError, match="overloaded"):
        cost_of(instance, Known(((1, 2, 3),), 0))
    with pytest.raises(ValueError, match="every node"):
        cost_of(instance, Known(((1, 2),), 0))


@pytest.mark.parametrize(
    ("old", "new"),
    [("TYPE : CVRP", "TYPE : VRPTW"), ("DIMENSION : 4", "DIMENSION : 5"), ("EUC_2D", "EXPLICIT")],
)
def test_an_instance_of_another_kind_is_refused(tiny: Path, old: str, new: str):
    tiny.write_text(TINY.replace(old, new, 1))

    with pytest.raises(ValueError, match="tiny"):
        read_instance(tiny)


def test_a_solution_without_a_cost_is_refused(tmp_path: Path):
    path = tmp_path / "none.sol"
    path.write_text("Route #1: 1\n")

    with pytest.raises(ValueError, match="no cost"):
        read_known(path)


def test_the_best_known_routes_of_x_n439_cost_what_their_file_says():
    instance = read_instance(DATA / "X-n439-k37.vrp")

    assert cost_of(instance, read_known(DATA / "X-n439-k37.sol")) == 36_391


@pytest.mark.parametrize("path", sorted(DATA.glob("*.vrp")), ids=lambda path: path.stem)
def test_every_instance_is_whole_and_has_a_best_known_cost(path: Path):
    instance = read_instance(path)

    assert path.stem == instance.name
    assert len(instance.demands) == int(path.stem.split("-")[1][1:])
    assert max(instance.demands) <= instance.capacity
    assert read_known(path.with_suffix(".sol")).cost > 0


def test_a_tiny_instance_is_solved_through_the_product(tiny: Path):
    plan = make_plan(as_problem(read_instance(tiny)), seed=1, patience=Patience(iterations=50))

    assert (plan.distance_m, sorted(sorted(order) for tour in plan.tours for order in tour.orders)) == (
        22,
        [[1, 2], [3]],
    )


def test_the_city_is_the_same_every_time():
    one, other = city(), city()

    assert one.stops == other.stops
    assert one.roads.leg(17, 4_711) == other.roads.leg(17, 4_711)
