from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from lintuan.kernel import delivery
from lintuan.kernel.delivery import Horizon, Rests, catch_up, deliver, keep_up, lag, oldest_waiting, replay_parked
from lintuan.kernel.events import CONSUMERS, Consumer, Event, Recorded, announce, announce_all, keep_partitions
from lintuan.kernel.models import Checkpoint, EventRecord, ParkedEvent


@dataclass(frozen=True, kw_only=True)
class KettleBoiled(Event):
    litres: int


heard: list[int] = []


def listen(events: Sequence[Recorded]) -> None:
    for recorded in events:
        assert isinstance(recorded.event, KettleBoiled)
        if recorded.event.litres < 0:
            raise ValueError("a kettle holds no less than nothing")
        heard.append(recorded.event.litres)


CONSUMER = Consumer("tests.listen", (KettleBoiled.event_name,), listen, batch=3)


@pytest.fixture(autouse=True)
def _only_our_consumer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    heard.clear()
    for name in list(CONSUMERS):
        monkeypatch.delitem(CONSUMERS, name)
    monkeypatch.setitem(CONSUMERS, CONSUMER.name, CONSUMER)
    yield


@pytest.mark.django_db
def test_events_arrive_in_order_and_once() -> None:
    announce_all(KettleBoiled(province_id=42, litres=litres) for litres in range(7))

    assert catch_up(Horizon.OWN) == 7
    assert catch_up(Horizon.OWN) == 0
    assert heard == list(range(7))


@pytest.mark.django_db
def test_a_poisoned_event_is_parked_and_spoils_no_neighbour() -> None:
    announce_all(KettleBoiled(province_id=42, litres=litres) for litres in (1, -1, 2))

    catch_up(Horizon.OWN)

    parked = ParkedEvent.objects.get()
    assert heard[-2:] == [1, 2]
    assert (parked.consumer, parked.body["litres"]) == ("tests.listen", -1)
    assert lag() == {"tests.listen": 0}


@pytest.mark.django_db
def test_the_oldest_event_that_waits_is_told() -> None:
    announce_all(KettleBoiled(province_id=42, litres=litres) for litres in range(4))
    moments = EventRecord.objects.order_by("id").values_list("at", flat=True)

    assert oldest_waiting() == {"tests.listen": moments[0]}
    deliver(CONSUMER, Horizon.OWN)
    assert oldest_waiting() == {"tests.listen": moments[3]}
    deliver(CONSUMER, Horizon.OWN)
    assert oldest_waiting() == {}


@pytest.mark.django_db
def test_an_event_of_a_newer_release_is_read_by_an_older_one() -> None:
    announce(KettleBoiled(province_id=42, litres=3))
    with connection.cursor() as cursor:
        cursor.execute("""UPDATE kernel_event SET body = body || '{"colour": "red"}'::jsonb""")

    catch_up(Horizon.OWN)

    assert heard == [3]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_late_is_not_skipped() -> None:
    began, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            announce(KettleBoiled(province_id=42, litres=1))
            began.set()
            may_commit.wait()
        connection.close()

    slower = threading.Thread(target=slow)
    slower.start()
    began.wait()
    announce(KettleBoiled(province_id=42, litres=2))

    assert deliver(CONSUMER) == 0

    may_commit.set()
    slower.join()
    # Transactions of other databases of the server hold the horizon back too, so this may take a moment.
    while len(heard) < 2:
        deliver(CONSUMER)
    assert heard == [1, 2]


@pytest.mark.django_db
def test_the_log_has_partitions_of_the_coming_days() -> None:
    keep_partitions(date(2031, 5, 1), 2)
    keep_partitions(date(2031, 5, 1), 3)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'kernel_event'::regclass")
        assert cursor.fetchone()[0] == 4


@pytest.mark.django_db(transaction=True)
def test_a_day_whose_first_event_is_just_being_written_stays_where_that_is(clock_at: Callable[[str], datetime]) -> None:
    clock_at("2031-06-01T12:00+08:00")
    wrong: list[Exception] = []

    def keep() -> None:
        try:
            keep_partitions(date(2031, 6, 1), 2)
        except Exception as problem:
            wrong.append(problem)
        finally:
            connection.close()

    keeper = threading.Thread(target=keep)
    with transaction.atomic():
        announce(KettleBoiled(province_id=42, litres=1))
        keeper.start()
        while keeper.is_alive() and not _waits_for_the_log():
            pass
    keeper.join()

    assert wrong == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('kernel_event_20310601'), to_regclass('kernel_event_20310602') IS NOT NULL")
        found = cursor.fetchone()
        cursor.execute("DROP TABLE IF EXISTS kernel_event_20310602")
    assert found == (None, True)


def _waits_for_the_log() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation IN"
            " ('kernel_event'::regclass, 'kernel_event_rest'::regclass))"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_consumer_does_not_read_events_of_other_kinds_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "FAR_BEHIND", 0)
    rare = Consumer("tests.rare", ("tests.NeverHappens",), listen)
    announce(KettleBoiled(province_id=42, litres=1))

    while _unread(rare):
        deliver(rare)

    announce(KettleBoiled(province_id=42, litres=2))
    while len(heard) < 2:
        deliver(CONSUMER)
    assert heard == [1, 2]


def _unread(consumer: Consumer) -> bool:
    """Whether the log has anything behind the consumer's checkpoint."""
    found = Checkpoint.objects.filter(consumer=consumer.name).first()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM kernel_event WHERE txid > %s::text::xid8", [str(found.transaction if found else 0)]
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_in_other_hands_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "FAR_BEHIND", 0)
    deliver(CONSUMER)
    announce_all(KettleBoiled(province_id=42, litres=litres) for litres in range(5))
    taking, may_end = threading.Event(), threading.Event()

    def take_slowly(events: Sequence[Recorded]) -> None:
        taking.set()
        may_end.wait()
        listen(events)

    def other_worker() -> None:
        slow = Consumer("tests.listen", CONSUMER.kinds, take_slowly, batch=2)
        while not deliver(slow):
            pass
        connection.close()

    thread = threading.Thread(target=other_worker)
    thread.start()
    taking.wait()
    assert deliver(CONSUMER) == 0

    may_end.set()
    thread.join()
    while len(heard) < 5:
        deliver(CONSUMER)
    assert heard == [0, 1, 2, 3, 4]


@pytest.mark.django_db
def test_a_parked_event_is_replayed_once_its_consumer_can_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    announce_all(KettleBoiled(province_id=42, litres=litres) for litres in (-1, 2))
    catch_up(Horizon.OWN)
    assert (replay_parked(), ParkedEvent.objects.count()) == (0, 1)

    mended = Consumer("tests.listen", CONSUMER.kinds, lambda events: heard.extend(_litres(events)))
    monkeypatch.setitem(CONSUMERS, "tests.listen", mended)

    assert (replay_parked(), ParkedEvent.objects.count()) == (1, 0)
    assert heard == [2, -1]


@pytest.mark.django_db
def test_a_database_that_went_away_poisons_no_event() -> None:
    def take(events: Sequence[Recorded]) -> None:
        raise OperationalError("the connection was closed")

    announce(KettleBoiled(province_id=42, litres=1))

    with pytest.raises(OperationalError):
        deliver(Consumer("tests.listen", CONSUMER.kinds, take), Horizon.OWN)

    assert not ParkedEvent.objects.exists()
    assert deliver(CONSUMER, Horizon.OWN) == 1


@pytest.mark.django_db(transaction=True)
def test_who_rests_takes_what_came_meanwhile_together(monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[list[int]] = []
    resting = Consumer("tests.rest", CONSUMER.kinds, lambda told: batches.append(_litres(told)), batch=3, rest=3600)
    monkeypatch.setitem(CONSUMERS, resting.name, resting)
    rests = Rests()

    keep_up(rests)
    _announce_settled(0, 1, 2, 3)
    keep_up(rests)
    # A full batch is followed by the next at once, one that is not by a rest.
    assert batches == [[0, 1, 2], [3]]
    assert 0 < rests.shorten(7200) <= 3600
    assert rests.shorten(1) == 1
    _announce_settled(4, 5)
    keep_up(rests)

    assert (batches, heard) == ([[0, 1, 2], [3]], [0, 1, 2, 3, 4, 5])
    keep_up(Rests())
    assert batches[2:] == [[4, 5]]


def _announce_settled(*litres: int) -> None:
    """Announced, and old enough for everybody to read."""
    announce_all(KettleBoiled(province_id=42, litres=one) for one in litres)
    # Transactions of other databases of the server hold the horizon back too, so this may take a moment.
    while heard[-len(litres) :] != list(litres):
        deliver(CONSUMER)


def _litres(events: Sequence[Recorded]) -> list[int]:
    return [recorded.event.litres for recorded in events if isinstance(recorded.event, KettleBoiled)]


@pytest.mark.django_db
def test_the_next_batch_is_read_in_the_order_of_the_index_without_sorting_what_waits() -> None:
    announce(KettleBoiled(province_id=42, litres=1))
    asked: list[tuple[str, object]] = []

    def note(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if "FROM kernel_event" in sql:
            asked.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(note):
        deliver(CONSUMER, Horizon.OWN)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {asked[0][0]}", asked[0][1])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert heard == [1]
    assert "Index" in plan
    assert "Sort Key: (((" not in plan, "it sorts by the number in the answer"
