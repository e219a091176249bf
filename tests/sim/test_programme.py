"""What the demo plays: shipped plays of many kinds, about goods that the demo city sells."""

from __future__ import annotations

import pytest

from lintuan.pages.plans import MOST_GOODS
from lintuan.plays.catalogue import plays
from lintuan.plays.engine.gifts import names_needed
from lintuan.sim.city import wuhan
from lintuan.sim.programme import LEADERS, OF_LEADERS, OF_THE_CITY, Started, wanted_of

CITY = wuhan(neighbours=1, seed=1)
SKUS = {row["sku_code"] for row in CITY.goods}
ALL = (*OF_THE_CITY, *OF_LEADERS)


@pytest.mark.parametrize("one", ALL, ids=[one.code for one in ALL])
def test_each_is_shipped_and_about_goods_of_the_city(one: Started) -> None:
    play = plays()[one.code]

    assert {*one.about, *one.goods.values()} <= SKUS
    assert len(one.about) <= MOST_GOODS
    assert set(names_needed(play)) <= one.goods.keys()


def test_they_are_of_many_kinds() -> None:
    assert len({one.code for one in ALL}) == len(ALL) >= 12
    assert len({plays()[one.code].skin.kind for one in ALL}) >= 10


def test_every_play_of_leaders_is_started_by_the_first_and_by_another() -> None:
    started = [one.code for place in range(1, LEADERS) for one in wanted_of(place)]

    assert wanted_of(0) == list(OF_LEADERS)
    assert set(started) == {one.code for one in OF_LEADERS}
