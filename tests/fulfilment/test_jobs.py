"""The duties walk a whole night in order, and tell people what they did."""

from __future__ import annotations

import pytest

from lintuan.fulfilment import jobs
from lintuan.fulfilment.models import Drop, Stop
from lintuan.kernel.duties import DUTIES
from tests.make import fulfilment as make
from tests.make import leaders, ordering, pricing
from tests.make.ordering import EVENING, SALE_ON
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db


def test_the_night_runs_by_its_duties_alone(clock_at):
    clock_at(EVENING)
    make.network([], [])
    points = [leaders.point(lat=30.52, lng=lng) for lng in (114.30, 114.31)]
    order = make.buy(points[0], (pricing.offer(), 2))
    make.buy(points[1], (pricing.offer(), 1))
    make.received(clock_at)

    assert jobs.plan_sorting(HUBEI, SALE_ON) == "3 units in 4 tasks for 2 points (2 put to the nearest grid)"
    assert jobs.close_sorting(HUBEI, SALE_ON) == "2 tasks, 2 unreported and counted as done, 0 units short"
    assert jobs.close_grid_sorting(HUBEI, SALE_ON) == "2 tasks, 2 unreported and counted as done, 0 units short"
    assert jobs.plan_routes(HUBEI, SALE_ON).startswith("1 routes, 2 stops, ")
    assert jobs.close_unclaimed(HUBEI, SALE_ON) == "0 pickups unclaimed, 2 drops never signed for"

    assert Stop.objects.count() == 2
    assert set(Drop.objects.values_list("state", flat=True)) == {"lost"}
    assert ordering.now(order).state == "refunded"


def test_duties_stand_at_their_steps_behind_the_receipts():
    steps = {name: (duty.step, duty.rank) for name, duty in DUTIES.items() if name.startswith("fulfilment.")}

    assert steps == {
        "fulfilment.plan_sorting": ("receive_by", 1),
        "fulfilment.close_sorting": ("sort_by", 0),
        "fulfilment.close_grid_sorting": ("grid_sort_by", 0),
        "fulfilment.plan_routes": ("route_at", 0),
        "fulfilment.close_unclaimed": ("unclaimed", 0),
    }
