"""Values kept at hand, with readers of every kind and a reading that tests hold in their hands."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError

from lintuan.api.lane import kept
from lintuan.api.lane.kept import Ages, Kept
from lintuan.kernel.errors import NotFound, Unavailable
from tests.journeys.phones import until

LONG = 1000.0


class Well:
    """Where values are drawn from: it counts, stops when it shall, and fails as it shall."""

    def __init__(self) -> None:
        self.drawn = 0
        self.known: list[int | None] = []
        self.fault: Exception | None = None
        self.flows = threading.Event()
        self.flows.set()

    def draw(self, key: str, known: int | None) -> int:
        self.drawn += 1
        self.known.append(known)
        drawn = self.drawn
        assert self.flows.wait(20)
        if self.fault:
            raise self.fault
        return drawn


@pytest.fixture
def well() -> Well:
    return Well()


@pytest.fixture
def keep(well: Well) -> Iterator[Callable[..., Kept[str, int]]]:
    """Values of the well with ages in seconds."""
    made: list[Kept[str, int]] = []

    def with_ages(fresh: float = LONG, late: float = LONG, oldest: float = LONG) -> Kept[str, int]:
        made.append(Kept(well.draw, ages=Ages(fresh=(fresh, fresh), late=late, oldest=oldest)))
        return made[-1]

    yield with_ages
    well.flows.set()
    for one in made:
        one.close()


@contextmanager
def held(well: Well) -> Iterator[None]:
    """The well gives nothing while the block lasts."""
    well.flows.clear()
    try:
        yield
    finally:
        well.flows.set()


@pytest.mark.parametrize(("took", "seconds"), [(0.0, 0.1), (0.003, 0.12), (0.02, 0.8), (0.5, 1.0)])
def test_what_is_cheap_to_read_is_read_more_often(took: float, seconds: float) -> None:
    assert Ages(fresh=(0.1, 1.0), late=2, oldest=5).freshness(took) == pytest.approx(seconds)


def test_the_first_reader_waits_and_later_ones_do_not(well: Well, keep: Callable[..., Kept[str, int]]) -> None:
    values = keep()

    assert values.at_hand("a") is None
    assert asyncio.run(values.fetch("a")) == 1
    assert (values.at_hand("a"), values.at_hand("b"), well.drawn) == (1, None, 1)


def test_many_who_wait_share_one_reading(well: Well, keep: Callable[..., Kept[str, int]]) -> None:
    values = keep()

    async def crowd() -> list[int]:
        waiting = [asyncio.create_task(values.fetch("a")) for _ in range(50)]
        await asyncio.sleep(0)
        well.flows.set()
        return list(await asyncio.gather(*waiting))

    well.flows.clear()
    assert asyncio.run(crowd()) == [1] * 50


def test_an_old_value_is_shown_while_the_new_one_is_read(well: Well, keep: Callable[..., Kept[str, int]]) -> None:
    values = keep(fresh=0)
    asyncio.run(values.fetch("a"))

    with held(well):
        assert [values.at_hand("a") for _ in range(3)] == [1, 1, 1]

    until(lambda: values.at_hand("a") not in (None, 1))
    assert well.known[:2] == [None, 1]


def test_who_comes_after_a_pause_waits_for_the_new_one(well: Well, keep: Callable[..., Kept[str, int]]) -> None:
    values = keep(fresh=0, late=0)
    asyncio.run(values.fetch("a"))

    assert values.at_hand("a") is None
    assert asyncio.run(values.fetch("a")) == 2


def test_without_a_new_value_the_old_one_is_shown_up_to_its_age(
    well: Well, keep: Callable[..., Kept[str, int]]
) -> None:
    patient, strict = keep(fresh=0, late=0), keep(fresh=0, late=0, oldest=0)
    for values in (patient, strict):
        asyncio.run(values.fetch("a"))
    well.fault = OperationalError("gone")

    assert asyncio.run(patient.fetch("a")) == 1
    with pytest.raises(Unavailable):
        asyncio.run(strict.fetch("a"))


def test_nobody_waits_longer_than_is_decent(
    well: Well, keep: Callable[..., Kept[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PATIENCE", 0.05)
    values = keep()

    with held(well):
        for _ in range(2):
            with pytest.raises(Unavailable):
                asyncio.run(values.fetch("a"))
    until(lambda: values.at_hand("a") == 1)


def test_what_fails_is_not_tried_by_every_reader(
    well: Well, keep: Callable[..., Kept[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PAUSE", LONG)
    values = keep()
    well.fault = OperationalError("gone")

    for _ in range(20):
        with pytest.raises(Unavailable):
            asyncio.run(values.fetch("a"))

    # Each attempt tries twice: the connection may have been an old one.
    assert well.drawn == 2


def test_what_is_not_there_is_refused_and_looked_for_again(well: Well, keep: Callable[..., Kept[str, int]]) -> None:
    values = keep()
    well.fault = NotFound(thing="point")
    with pytest.raises(NotFound):
        asyncio.run(values.fetch("a"))

    well.fault = None
    assert asyncio.run(values.fetch("a")) == 2


def test_a_mistake_of_ours_is_no_silence(
    well: Well, keep: Callable[..., Kept[str, int]], caplog: pytest.LogCaptureFixture
) -> None:
    values = keep()
    well.fault = ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError):
        asyncio.run(values.fetch("a"))

    assert "a could not be read: ours" in caplog.text


def test_what_changes_during_a_reading_is_read_once_more(well: Well, keep: Callable[..., Kept[str, int]]) -> None:
    values = keep()
    asyncio.run(values.fetch("a"))

    with held(well):
        values.renew(lambda _: True)
        until(lambda: well.drawn == 2)
        values.renew(lambda _: True)
        assert values.at_hand("a") == 1

    until(lambda: values.at_hand("a") == 3)


def test_a_change_elsewhere_reads_nothing(well: Well, keep: Callable[..., Kept[str, int]]) -> None:
    values = keep()
    asyncio.run(values.fetch("a"))

    values.renew(lambda key: key == "b")

    assert asyncio.run(values.aside(lambda: well.drawn)) == 1


def test_what_changes_during_the_first_reading_is_read_once_more(
    well: Well, keep: Callable[..., Kept[str, int]]
) -> None:
    values = keep()

    async def first() -> int:
        waiting = asyncio.create_task(values.fetch("a"))
        await asyncio.sleep(0)
        values.renew(lambda _: True)
        well.flows.set()
        return await waiting

    well.flows.clear()
    asyncio.run(first())

    until(lambda: values.at_hand("a") == 2)


def test_what_nobody_reads_at_present_waits_for_its_next_reader(
    well: Well, keep: Callable[..., Kept[str, int]]
) -> None:
    values = keep(late=0)
    asyncio.run(values.fetch("a"))

    values.renew(lambda _: True)

    assert asyncio.run(values.aside(lambda: well.drawn)) == 1
    asyncio.run(values.fetch("a"))
    assert well.known == [None, 1]


def test_what_nobody_wants_is_dropped_in_the_end(
    well: Well, keep: Callable[..., Kept[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = keep()
    asyncio.run(values.fetch("a"))
    monkeypatch.setattr(kept, "UNWANTED", 0)

    values.renew(lambda _: False)

    assert values.at_hand("a") is None
    asyncio.run(values.fetch("a"))
    assert well.known == [None, None]


def test_a_crowd_of_strange_keys_is_turned_away(
    well: Well, keep: Callable[..., Kept[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_WAITING", 3)
    values = keep()

    async def crowd() -> list[int | BaseException]:
        waiting = [asyncio.create_task(values.fetch(key)) for key in "abcdef"]
        await asyncio.sleep(0)
        well.flows.set()
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    well.flows.clear()
    answers = asyncio.run(crowd())

    assert [type(answer) for answer in answers] == [int] * 3 + [Unavailable] * 3
    well.fault = OperationalError("gone")
    for key in "ghijk":
        with pytest.raises(Unavailable):
            asyncio.run(values.fetch(key))
    well.fault = None
    assert asyncio.run(values.fetch("l")) > 0
