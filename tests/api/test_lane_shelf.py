"""The shelf as the lane answers it: the ASGI face on a real PostgreSQL, with real listeners and real threads."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from lintuan.api.lane import shelf as lane
from lintuan.api.lane.kept import Ages
from lintuan.api.lane.shelf import ShelfLane
from lintuan.kernel import changes
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.changes import Change
from lintuan.kernel.ids import public_id
from lintuan.leaders import commands as leaders
from lintuan.leaders.types import PointView
from lintuan.pricing import commands
from lintuan.provinces import commands as provinces
from tests.journeys.phones import until
from tests.make import catalog as make_catalog
from tests.make import leaders as make_leaders
from tests.make import pricing as make
from tests.make.provinces import ANHUI, HUBEI

pytestmark = pytest.mark.django_db(transaction=True)

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
NEVER = Ages(fresh=(10_000, 10_000), late=10_000, oldest=10_000)

ClockAt = Callable[[str], datetime]


@dataclass(frozen=True)
class Answer:
    """One response, its headers by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def etag(self) -> str:
        return self.headers["etag"]

    @property
    def shelf(self) -> Any:
        return json.loads(self.body)

    @property
    def offers(self) -> list[tuple[int, int]]:
        """(price, left) of each offer."""
        return [(offer["price_fen"], offer["left"]) for offer in self.shelf["offers"]]


class Reader:
    """Reads through the lane as an ASGI server would ask it."""

    def __init__(self, face: ShelfLane, told: Sequence[Change] = ()) -> None:
        self.face, self._told = face, told

    def read(self, point: PointView | str, *, method: str = "GET", **headers: str) -> Answer:
        """`if_none_match='...'` is the header If-None-Match."""
        return asyncio.run(self._ask(_path(point), method, headers))

    def settle(self) -> None:
        """Until the lane has taken in all that was told so far."""
        last = Change("tests", secrets.randbits(40))
        changes.tell(last.room, last.province_id)
        until(lambda: last in self._told and not self.face._fronts._readings and not self.face._points._readings)

    async def _ask(self, path: str, method: str, headers: Mapping[str, str]) -> Answer:
        sent: list[Any] = []
        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "headers": pairs}

        async def receive() -> Any:
            raise AssertionError("a reader has no body")

        async def send(message: Any) -> None:
            sent.append(message)

        await self.face(scope, receive, send)
        start, *parts = sent
        assert [part.get("more_body", False) for part in parts] == [True] * (len(parts) - 1) + [False]
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], found, b"".join(part.get("body", b"") for part in parts))


@pytest.fixture(autouse=True)
def _friday_evening(clock_at: ClockAt) -> None:
    clock_at("2026-11-20T20:00:31.5+08:00")


@pytest.fixture
def point() -> PointView:
    return make_leaders.point(name="东湖自提点", name_en="East Lake")


@pytest.fixture
def reader() -> Iterator[Reader]:
    face = ShelfLane()
    yield Reader(face)
    face.close()


@pytest.fixture
def deaf_to_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A reader whose lane looks again only when it is told to."""
    monkeypatch.setattr(lane, "OFFERS_AGES", NEVER)
    monkeypatch.setattr(lane, "POINTS_AGES", NEVER)
    monkeypatch.setattr(changes, "SURE_EVERY", 10_000)
    face, told = ShelfLane(), []
    end = changes.on_change(told.append)
    changes.start()
    until(lambda: told)
    yield Reader(face, told)
    end()
    changes.stop()
    face.close()


def _path(point: PointView | str) -> str:
    own = point if isinstance(point, str) else public_id("point", point.province_id, point.id)
    return f"/api/v1/points/{own}/shelf"


def test_the_lane_answers_what_is_documented(client: Client, reader: Reader, point: PointView) -> None:
    make.offers(3)
    for language in ("zh-CN", "en"):
        documented = client.get(_path(point), headers={"Accept-Language": language})
        answer = reader.read(point, accept_language=language)

        assert (answer.status, answer.body) == (200, documented.content)
        for name in ("Content-Type", "Cache-Control", "Lintuan-Now", "Content-Language", "X-Content-Type-Options"):
            assert answer.headers[name.lower()] == documented[name]
        assert int(answer.headers["content-length"]) == len(answer.body)


def test_compressed_it_is_the_same_shelf(reader: Reader, point: PointView) -> None:
    make.offers(30)
    other = make_leaders.point()

    for each in (point, other):
        plain, packed = reader.read(each), reader.read(each, accept_encoding="gzip, br")
        assert gzip.decompress(packed.body) == plain.body
        assert int(packed.headers["content-length"]) == len(packed.body) < len(plain.body) / 2
        assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
        assert plain.shelf["point"]["id"] == public_id("point", HUBEI, each.id)


def test_every_representation_has_a_validator_of_its_own(reader: Reader, point: PointView) -> None:
    make.offer()
    other = make_leaders.point()

    answers = [
        reader.read(each, accept_encoding=coding, accept_language=language)
        for each in (point, other)
        for coding in ("gzip", "identity")
        for language in ("zh-CN", "en")
    ]

    assert len({answer.etag for answer in answers}) == len(answers)
    assert all(answer.etag.startswith('"') for answer in answers)
    assert {answer.headers["vary"] for answer in answers} == {"Accept-Encoding, Accept-Language"}


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_what_the_reader_holds_is_not_sent_again(reader: Reader, point: PointView, coding: str) -> None:
    make.offer()
    first = reader.read(point, accept_encoding=coding)

    for held in (first.etag, f"W/{first.etag}", f'"other", W/{first.etag} ,"another"', "*"):
        again = reader.read(point, accept_encoding=coding, if_none_match=held)

        assert (again.status, again.body, again.etag) == (304, b"", first.etag)
        assert {again.headers[name] == first.headers[name] for name in ("cache-control", "vary")} == {True}
        assert again.headers["lintuan-now"].startswith("2026-11-20T12:00:31.5")


def test_what_the_reader_holds_of_another_shelf_is_sent(reader: Reader, point: PointView) -> None:
    make.offer()
    plain = reader.read(point)

    assert reader.read(point, if_none_match='"other"').status == 200
    assert reader.read(point, if_none_match=plain.etag, accept_encoding="gzip").status == 200
    assert reader.read(make_leaders.point(), if_none_match=plain.etag).status == 200


def test_head_is_get_without_its_body(reader: Reader, point: PointView) -> None:
    make.offer()

    whole, head = reader.read(point), reader.read(point, method="HEAD")

    assert (head.status, head.body, head.headers) == (200, b"", whole.headers)
    assert reader.read(point, method="HEAD", if_none_match=whole.etag).status == 304


def test_an_unknown_point_is_refused_as_everywhere(client: Client, reader: Reader, point: PointView) -> None:
    strangers = [("point", HUBEI, 999_999), ("point", 11, 1), ("offer", HUBEI, 1)]
    for point_id in ("nonsense", "a/b", *(public_id(*place) for place in strangers)):
        for language in ("zh-CN", "en"):
            documented = client.get(_path(point_id.replace("/", "-")), headers={"Accept-Language": language})

            answer = reader.read(point_id, accept_language=language)

            assert (answer.status, answer.body) == (documented.status_code, documented.content)
            assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_point_that_was_registered_a_moment_ago_is_found(deaf_to_time: Reader, point: PointView) -> None:
    deaf_to_time.read(point)
    changes.stop()

    assert deaf_to_time.read(make_leaders.point()).status == 200


def test_a_resting_point_and_a_suspended_province_are_shown_closed(reader: Reader, point: PointView) -> None:
    away = make_leaders.point(ANHUI)
    leaders.close_point(SYSTEM, province_id=HUBEI, point_id=point.id)
    provinces.suspend_province(SYSTEM, province_id=ANHUI)

    closed, suspended = reader.read(point).shelf, reader.read(away).shelf

    assert (closed["point"]["state"], closed["is_open"]) == ("closed", False)
    assert (suspended["point"]["state"], suspended["is_open"]) == ("open", False)


@pytest.mark.parametrize(
    ("now", "seen"),
    [
        ("2026-11-20T22:59:59.9+08:00", ("2026-11-20", True, 1)),
        ("2026-11-20T23:00+08:00", ("2026-11-21", False, 2)),
        ("2026-11-21T00:05+08:00", ("2026-11-21", True, 2)),
    ],
)
def test_the_day_turns_at_the_cut_off_though_nothing_else_changed(
    deaf_to_time: Reader, clock_at: ClockAt, point: PointView, now: str, seen: tuple[str, bool, int]
) -> None:
    make.offer(sale_on=FRIDAY)
    make.offers(2, sale_on=SATURDAY)
    assert len(deaf_to_time.read(point).offers) == 1
    clock_at(now)

    shelf = deaf_to_time.read(point).shelf

    assert (shelf["sale_on"], shelf["is_open"], len(shelf["offers"])) == seen


def test_within_a_minute_a_shelf_keeps_its_bytes(deaf_to_time: Reader, clock_at: ClockAt, point: PointView) -> None:
    make.offer()
    first = deaf_to_time.read(point)

    clock_at("2026-11-20T20:00:59.9+08:00")
    assert deaf_to_time.read(point).etag == first.etag
    clock_at("2026-11-20T20:01+08:00")
    later = deaf_to_time.read(point)
    assert (later.etag != first.etag, later.shelf["now"]) == (True, "2026-11-20T12:01:00Z")


def test_what_is_left_is_seen_soon_after_an_order(reader: Reader, point: PointView) -> None:
    offer = make.offer(399, capacity=9)
    assert reader.read(point).offers == [(399, 9)]

    commands.take_stock(HUBEI, [(offer.id, 2)])

    until(lambda: reader.read(point).offers == [(399, 7)])


def test_a_shelf_says_of_when_it_is(deaf_to_time: Reader, clock_at: ClockAt, point: PointView) -> None:
    deaf_to_time.settle()
    first = deaf_to_time.read(point)
    clock_at("2026-11-20T20:00:50+08:00")

    later = deaf_to_time.read(point)
    changes.tell("pricing", HUBEI)
    deaf_to_time.settle()
    renewed = deaf_to_time.read(point)

    assert (later.etag, later.headers["lintuan-as-of"]) == (first.etag, first.headers["lintuan-as-of"])
    assert later.headers["lintuan-now"] > later.headers["lintuan-as-of"]
    assert (renewed.etag, renewed.headers["lintuan-as-of"][:19]) == (first.etag, "2026-11-20T12:00:50")


def test_a_shelf_at_hand_asks_the_database_nothing(deaf_to_time: Reader, point: PointView) -> None:
    offer = make.offer(399, capacity=9)
    deaf_to_time.settle()
    first = deaf_to_time.read(point)
    commands.take_stock(HUBEI, [(offer.id, 2)])

    # Django would refuse a query in the event loop; and what changed without being told is not seen.
    assert deaf_to_time.read(point).body == first.body


def publish(point: PointView) -> None:
    make.publish(make.new_offer(make_catalog.sku("VEG-1"), 389, capacity=9))


def withdraw(point: PointView) -> None:
    (offer_id,) = make.queries.shelf_check(HUBEI, FRIDAY).left
    commands.withdraw_offer(SYSTEM, province_id=HUBEI, offer_id=offer_id)


def rename(point: PointView) -> None:
    make_catalog.sku("VEG-1", spec="350g")


def rest(point: PointView) -> None:
    leaders.rest_point(SYSTEM, province_id=HUBEI, point_id=point.id)


def suspend(point: PointView) -> None:
    provinces.suspend_province(SYSTEM, province_id=HUBEI)


@pytest.mark.parametrize("change", [publish, withdraw, rename, rest, suspend])
def test_a_change_that_is_told_is_seen_though_nothing_ages(
    deaf_to_time: Reader, point: PointView, change: Callable[[PointView], None]
) -> None:
    make.offer(399, sku=make_catalog.sku("VEG-1"), capacity=9)
    deaf_to_time.settle()
    first = deaf_to_time.read(point)

    change(point)

    until(lambda: deaf_to_time.read(point).etag != first.etag)


def test_a_change_in_another_province_is_no_change(deaf_to_time: Reader, point: PointView) -> None:
    offer, sku, away = make.offer(399, capacity=9), make_catalog.sku(), make_leaders.point(ANHUI)
    deaf_to_time.settle()
    assert deaf_to_time.read(point).offers == [(399, 9)]
    deaf_to_time.read(away)
    commands.take_stock(HUBEI, [(offer.id, 2)])

    make.offer(499, sku=sku, province_id=ANHUI)

    until(lambda: [price for price, _ in deaf_to_time.read(away).offers] == [499])
    assert deaf_to_time.read(point).offers == [(399, 9)]


PUBLISH = """
import django
django.setup()
from django.conf import settings
from lintuan.kernel.callers import SYSTEM
from lintuan.leaders.commands import rest_point
rest_point(SYSTEM, province_id={province_id}, point_id={point_id})
"""


def test_a_change_made_by_another_process_is_seen(deaf_to_time: Reader, point: PointView) -> None:
    assert deaf_to_time.read(point).shelf["is_open"]

    script = PUBLISH.format(province_id=HUBEI, point_id=point.id)
    database = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "DATABASE_URL": database}, check=True, timeout=60)

    until(lambda: not deaf_to_time.read(point).shelf["is_open"])


def end_other_sessions() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_lost_connection_is_not_noticed(reader: Reader, point: PointView) -> None:
    offer = make.offer(399, capacity=9)
    reader.read(point)
    end_other_sessions()
    commands.take_stock(HUBEI, [(offer.id, 2)])

    seen = until(lambda: reader.read(point), lambda answer: answer.status != 200 or answer.offers == [(399, 7)])

    assert seen.status == 200


def test_without_a_database_no_old_shelf_is_shown_and_afterwards_all_is_well(
    reader: Reader, point: PointView, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.offer(399, capacity=9)
    assert reader.read(point).status == 200

    with monkeypatch.context() as outage:
        outage.setitem(connections.settings["default"], "PORT", "1")
        outage.setattr(reader.face._fronts, "_ages", Ages(fresh=(0, 0), late=0, oldest=0))
        end_other_sessions()
        refused = until(lambda: reader.read(point, accept_language="en"), lambda answer: answer.status != 200)

    assert (refused.status, refused.shelf["code"], refused.headers["retry-after"]) == (503, "unavailable", "2")
    until(lambda: reader.read(point).status == 200)
