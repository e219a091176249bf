"""The worker: consumers of the event log, the night's duties and chores, and queued jobs, in one process."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime

import django

log = logging.getLogger(__name__)

IDLE = 0.5
#: A consumer costs the same statements for one event as for hundreds, so events may gather for a moment.
GATHER = 0.2
JOBS_AT_ONCE = 4
#: Seconds between two looks for jobs of workers that died.
STALLED_EVERY = 10.0
#: Less than the family's patience with a child.
STOP_WITHIN = 10.0


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lintuan.config.settings")
    django.setup()
    # Batches make thousands of objects that are gone with them; looking through everything for circles each time is
    # what most of a batch's time would go to.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    threads = [
        threading.Thread(target=_keep_going, args=(ending, work), name=work.__name__, daemon=True)
        for work in (deliver_events, keep_time, do_chores, do_jobs)
    ]
    for thread in threads:
        thread.start()
    ending.wait()
    deadline = time.monotonic() + STOP_WITHIN
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _keep_going(ending: threading.Event, work: Callable[[threading.Event], None]) -> None:
    """Do the work again after a failure, such as a database that went away."""
    from django.db import connection

    while not ending.is_set():
        try:
            work(ending)
        except Exception:
            log.exception("%s failed; it begins again", work.__name__)
            connection.close()
            ending.wait(IDLE)


def deliver_events(ending: threading.Event) -> None:
    """Bring the log to its consumers as it grows."""
    from django.db import connection

    from lintuan.kernel.delivery import Rests, keep_up
    from lintuan.kernel.events import CHANNEL

    connection.ensure_connection()
    listener = connection.connection
    listener.execute(f"LISTEN {CHANNEL}")
    rests = Rests()
    while not ending.is_set():
        if keep_up(rests):
            ending.wait(GATHER)
        else:
            for _ in listener.notifies(timeout=rests.shorten(IDLE), stop_after=1):
                break


def keep_time(ending: threading.Event) -> None:
    """Do what the provinces' timelines say is due."""
    from lintuan.kernel import duties

    while not ending.is_set():
        if not duties.run_due():
            ending.wait(IDLE)


def do_chores(ending: threading.Event) -> None:
    """Do the repeated work, apart from the night's duties: some of it waits for the outside world."""
    from lintuan.kernel import duties

    done_at: dict[str, datetime] = {}
    while not ending.is_set():
        if not duties.run_chores(done_at):
            ending.wait(IDLE)


def do_jobs(ending: threading.Event) -> None:
    """Work off procrastinate's queue."""
    asyncio.run(_work_off_jobs(ending))


async def _work_off_jobs(ending: threading.Event) -> None:
    from procrastinate.contrib.django import app

    jobs = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with jobs.open_async():
        working = asyncio.create_task(
            jobs.run_worker_async(
                concurrency=JOBS_AT_ONCE,
                install_signal_handlers=False,
                listen_notify=True,
                delete_jobs="successful",
                shutdown_graceful_timeout=STOP_WITHIN / 2,
            )
        )
        look_at = 0.0
        while not ending.is_set() and not working.done():
            if time.monotonic() >= look_at:
                # What a killed worker left unfinished is done again, once its heart has been silent long enough.
                for job in await jobs.job_manager.get_stalled_jobs():
                    await jobs.job_manager.retry_job(job)
                look_at = time.monotonic() + STALLED_EVERY
            await asyncio.sleep(IDLE)
        if working.done():
            await working
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
