"""One timer ends every wait that takes too long, and no other."""

from __future__ import annotations

import asyncio

from lintuan.api.lane.patience import Patience, Stay


async def waits(patience: Patience, until: asyncio.Event) -> bool:
    """Whether the wait was let go on to its end."""
    stay = patience.begin()
    try:
        await until.wait()
    except asyncio.CancelledError:
        assert stay.is_over
        assert stay.task is not None
        stay.task.uncancel()
        return False
    finally:
        stay.end()
    return True


def test_only_who_outstays_is_ended() -> None:
    async def several() -> list[bool]:
        patience, soon, never = Patience(0.05), asyncio.Event(), asyncio.Event()
        waiting = [asyncio.ensure_future(waits(patience, until)) for until in (soon, never, soon, never)]
        await asyncio.sleep(0)
        soon.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(several()) == [True, False, True, False]


def test_it_goes_on_after_a_quiet_time_and_in_another_loop() -> None:
    patience = Patience(0.01)

    async def one_after_another() -> list[bool]:
        return [await waits(patience, asyncio.Event()) for _ in range(2)]

    assert [asyncio.run(one_after_another()) for _ in range(2)] == [[False, False]] * 2


def test_what_ended_by_itself_is_not_kept() -> None:
    async def crowd() -> int:
        patience = Patience(60.0)
        stays: list[Stay] = []
        for _ in range(1000):
            stays.append(patience.begin())
            stays[-1].end()
        return len(patience._stays)

    assert asyncio.run(crowd()) == 1
