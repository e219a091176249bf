"""The worker is killed with a job in hand: what it promised is done all the same, and once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from lintuan.config import processes

from .arena import Arena, Outcome
from .asking import prove
from .notes import Wish
from .proof import row_id
from .site import Site
from .waiting import until

ORDERS = 4
IN_HAND = "SELECT id FROM procrastinate_jobs WHERE status = 'doing'"
REFUNDS = (
    "SELECT c.state, c.amount, c.refunded, array_agg(r.state), sum(r.amount)::bigint FROM payments_charge AS c"
    " LEFT JOIN payments_refund AS r ON r.charge_id = c.id AND r.province_id = c.province_id"
    " WHERE c.purpose = 'order' AND c.subject_id = %s GROUP BY 1, 2, 3"
)


@contextmanager
def gateway_hanging(site: Site) -> Iterator[None]:
    """The payment service takes calls and says nothing, so that a job about it lasts."""
    pid = processes.running_processes(site.house)["stand-ins"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def kill_in_job(arena: Arena) -> Outcome:
    """Paid orders are cancelled, and whoever sends the refunds dies over it."""
    outcome, crowd, since = Outcome("kill worker in a job"), arena.crowd, len(arena.notes.wishes)
    await arena.restock()
    wishes = [await crowd.settle(crowd.wish(member)) for member in range(ORDERS)]
    for wish in wishes:
        await crowd.pay(wish)
    await arena.calm()
    with gateway_hanging(arena.site):
        await asyncio.gather(*(_cancel(arena, wish, outcome) for wish in wishes))
        await until(lambda: arena.site.rows(IN_HAND), what="a refund's job to begin")
        consumer = arena.site.consumer
        assert consumer
        os.kill(consumer, signal.SIGKILL)
    await until(lambda: arena.site.consumer not in (None, consumer), what="another worker")
    await arena.calm()
    for wish in wishes:
        ((state, amount, refunded, states, sent),) = arena.site.rows(REFUNDS, row_id(wish.order))
        fits = (state, refunded, states, sent) == ("paid", amount, ["done"], amount)
        outcome.demand(fits, f"order {row_id(wish.order)}: charge {state}, {refunded} of {amount} back in {states}")
    await prove(arena, outcome, since)
    return outcome


async def _cancel(arena: Arena, wish: Wish, outcome: Outcome) -> None:
    path = f"/orders/{wish.order['id']}/cancel"
    answer = await arena.crowd.request("POST", path, member=wish.member, key=f"cancel-{wish.key}")
    outcome.demand(answer.status == 200, f"cancelling was answered {answer}: {wish}")
