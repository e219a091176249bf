from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from lintuan.kernel import changes, memory
from lintuan.kernel.changes import ANYTHING, Change
from lintuan.kernel.memory import remembered
from tests.journeys.phones import until

pytestmark = pytest.mark.django_db(transaction=True)

PRICES = Change("pricing", 42)

answers: list[str] = ["old"]


@remembered(3600.0)
def asked(_: int) -> str:
    return answers[-1]


@pytest.fixture(autouse=True)
def _old_answers() -> Iterator[None]:
    answers[:] = ["old"]
    yield


@pytest.fixture
def heard() -> Iterator[list[Change]]:
    """What this process hears from now on, once it listens."""
    found: list[Change] = []
    end = changes.on_change(found.append)
    changes.start()
    try:
        until(lambda: found == [ANYTHING])
        found.clear()
        yield found
    finally:
        end()
        changes.stop()


def tell_elsewhere(payload: str) -> None:
    """As another process would: memories of this one are not touched."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [changes.CHANNEL, payload])


def listener() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND (query LIKE 'LISTEN %%' OR query = 'SELECT 1')"
        )
        row = cursor.fetchone()
        return row[0] if row else None


def test_a_change_is_heard_when_its_transaction_is_through(heard: list[Change]) -> None:
    with transaction.atomic():
        changes.tell("pricing", 42)
        tell_elsewhere("not yet")
        assert heard == []

    until(lambda: PRICES in heard)


def test_a_change_that_did_not_happen_is_not_heard(heard: list[Change]) -> None:
    with transaction.atomic():
        changes.tell("leaders", 42)
        transaction.set_rollback(True)
    changes.tell("pricing", 42)

    until(lambda: heard == [PRICES])


def test_who_tells_forgets_at_once_and_again_at_the_commit() -> None:
    assert asked(1) == "old"

    with transaction.atomic():
        changes.tell("pricing", 42)
        asked(1)
        answers.append("new")

    assert asked(1) == "new"


def test_who_hears_forgets_before_it_is_told(heard: list[Change]) -> None:
    told: list[str] = []
    end = changes.on_change(lambda _: told.append(asked(2)))
    assert asked(2) == "old"
    answers.append("new")

    tell_elsewhere('{"room":"catalog","province_id":0}')

    until(lambda: told == ["new"])
    end()


def test_what_was_read_before_a_change_is_not_remembered_after_it() -> None:
    @remembered(3600.0)
    def slow(_: int) -> str:
        read = answers[-1]
        answers.append("new")
        memory.forget()
        return read

    assert [slow(1), slow(1)] == ["old", "new"]


def test_words_of_another_release_mean_that_anything_changed(heard: list[Change]) -> None:
    tell_elsewhere("orders: 7")

    until(lambda: heard == [ANYTHING])


def test_a_callback_that_fails_keeps_nobody_from_hearing(heard: list[Change], caplog: pytest.LogCaptureFixture) -> None:
    def stumble(_: Change) -> None:
        raise ValueError("stumbled")

    ends = [changes.on_change(stumble), changes.on_change(heard.append)]
    changes.tell("pricing", 42)

    until(lambda: heard == [PRICES, PRICES])
    assert "a change of pricing was not taken in" in caplog.text
    for end in ends:
        end()


def test_a_lost_connection_is_made_anew_and_meanwhile_anything_may_have_changed(heard: list[Change]) -> None:
    lost = until(listener)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [lost])

    until(lambda: len(heard) >= 2 and set(heard) == {ANYTHING})
    until(lambda: listener() not in (None, lost))
    changes.tell("pricing", 42)
    until(lambda: PRICES in heard)


def test_nobody_relies_on_being_told(heard: list[Change], monkeypatch: pytest.MonkeyPatch) -> None:
    changes.stop()
    monkeypatch.setattr(changes, "SURE_EVERY", 0.01)
    changes.start()

    until(lambda: len(heard) >= 3 and set(heard) == {ANYTHING})
