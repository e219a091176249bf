"""Orders over the lane's face: what is malformed is refused in words, and the answer is the order as it reads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from lintuan.api.lane import body as body_module
from lintuan.api.lane.orders import Orders
from lintuan.kernel import clock, ids, tokens
from lintuan.kernel.callers import Caller
from lintuan.leaders.types import PointView
from lintuan.ordering import queries
from lintuan.ordering.models import Order
from lintuan.ordering.types import OrderView
from lintuan.pricing.types import OfferView
from tests.make import leaders, members, pricing
from tests.make.http import Api
from tests.make.ordering import CUTOFF, EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db(transaction=True)

Clock = Callable[[str], datetime]
Headers = list[tuple[bytes, bytes]]


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


@pytest.fixture
def ann() -> Caller:
    return members.member()


def sent(*requests: tuple[Headers, Sequence[bytes]], pause_after: int | None = None) -> list[tuple[int, Any]]:
    """Status and JSON of requests, one after another, each given by its headers and the parts of its body."""

    async def send_all() -> list[tuple[int, Any]]:
        orders = Orders()
        try:
            return [await _answer(orders, headers, parts, pause_after) for headers, parts in requests]
        finally:
            await orders.close()

    return asyncio.run(send_all())


async def _answer(orders: Orders, headers: Headers, parts: Sequence[bytes], pause_after: int | None) -> tuple[int, Any]:
    coming, answered = list(parts), []

    async def receive() -> dict[str, Any]:
        if pause_after is not None and len(parts) - len(coming) >= pause_after:
            await asyncio.Event().wait()
        body = coming.pop(0) if coming else b""
        return {"type": "http.request", "body": body, "more_body": bool(coming)}

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/v1/orders", "headers": headers}
    await orders(scope, receive, send)
    return answered[0]["status"], json.loads(answered[1]["body"])


def headers_of(buyer: Caller, *more: tuple[bytes, bytes], key: bytes = b"k") -> Headers:
    token = tokens.sign(buyer, expires_at=clock.now() + timedelta(hours=1))
    return [
        (b"authorization", b"Bearer " + token.encode()),
        (b"idempotency-key", key),
        (b"content-type", b"application/json"),
        *more,
    ]


def wish(point: PointView, *offers: OfferView, **changed: Any) -> bytes:
    lines = [
        {"offer": ids.public_id("offer", HUBEI, offer.id), "quantity": 2, "price_fen": offer.price.fen} | changed
        for offer in offers
    ]
    return json.dumps({"point": ids.public_id("point", HUBEI, point.id), "lines": lines}).encode()


@pytest.mark.parametrize("moment", ["2026-11-20T20:00:00.987654+08:00", "2026-11-20T20:00:00.000001+08:00"])
def test_its_moments_are_written_alike_everywhere(point: PointView, ann: Caller, clock_at: Clock, moment: str) -> None:
    clock_at(moment)

    ((_, order),) = sent((headers_of(ann), [wish(point, pricing.offer())]))

    assert Api(ann).get(f"/orders/{order['id']}")[1]["placed_at"] == order["placed_at"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_answer_is_the_order_as_it_reads_afterwards(point: PointView, ann: Caller, language: str) -> None:
    offers = [pricing.offer(399 + place) for place in range(3)]

    ((status, order),) = sent((headers_of(ann, (b"accept-language", language.encode())), [wish(point, *offers)]))

    read = Api(ann, language=language).get(f"/orders/{order['id']}")
    assert ((200, order), status) == (read, 201)


def test_an_order_of_the_last_moment_is_answered_though_the_book_is_of_another_day_by_then(
    point: PointView, ann: Caller, clock_at: Clock
) -> None:
    body = wish(point, pricing.offer())

    async def at_cut_off() -> tuple[int, Any]:
        orders = Orders()
        try:
            first = await _answer(orders, headers_of(ann), [body], None)
            lane = orders._lane
            assert lane is not None
            placed = await asyncio.to_thread(lambda: _of(ann))
            await asyncio.to_thread(clock_at, CUTOFF)
            await lane.books.read(HUBEI)
            return first[0], json.loads(await orders._receipt(lane, ann, placed, "en"))["id"] == first[1]["id"]
        finally:
            await orders.close()

    assert asyncio.run(at_cut_off()) == (201, True)


def test_where_nobody_can_join_the_line_a_request_is_sent_away_unread(point: PointView, ann: Caller) -> None:
    body = wish(point, pricing.offer())

    async def swamped() -> list[tuple[int, Any]]:
        orders = Orders()
        try:
            first = await _answer(orders, headers_of(ann), [body], None)
            assert orders._lane is not None
            for line in orders._lane._lines.values():
                line.limit = 0
            return [first, await _answer(orders, [], [b"no order at all"], None)]
        finally:
            await orders.close()

    (taken, _), (shed, problem) = asyncio.run(swamped())
    assert (taken, shed, problem["code"]) == (201, 503, "unavailable")


def _of(buyer: Caller) -> OrderView:
    try:
        return queries.orders_of_member(buyer)[0]
    finally:
        connection.close()


def test_a_key_sent_again_gets_the_order_as_it_is_by_now(point: PointView, ann: Caller) -> None:
    request = (headers_of(ann), [wish(point, pricing.offer())])
    ((_, first),) = sent(request)
    Order.objects.update(state="cancelled")

    ((status, again),) = sent(request)

    assert (status, again) == (201, first | {"state": "cancelled"})


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (b"", ""),
        (b"{", ""),
        (b"[]", ""),
        (b"[" * 60_000, ""),
        (b'{"point": "x"}', "lines"),
        (b'{"point": 1, "lines": []}', "point"),
        (b'{"point": "x", "lines": [{"offer": "o", "quantity": 1.5, "price_fen": 1}]}', "lines.0.quantity"),
        (b'{"point": "x", "lines": [{"offer": "o", "quantity": "1", "price_fen": 1}]}', "lines.0.quantity"),
        (b'{"point": "\xff", "lines": []}', ""),
    ],
)
def test_a_malformed_order_is_told_where(ann: Caller, body: bytes, at: str) -> None:
    ((status, problem),) = sent((headers_of(ann), [body]))

    assert (status, problem["code"]) == (422, "invalid")
    assert problem["errors"][0]["at"] == at
    assert not any("a" <= letter <= "z" for letter in problem["errors"][0]["reason"].replace("JSON", ""))


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({b"authorization": None}, 401, "sign_in_needed"),
        ({b"authorization": b"Basic x"}, 401, "sign_in_needed"),
        ({b"authorization": b"Bearer forged"}, 401, "sign_in_needed"),
        ({b"idempotency-key": None}, 422, "invalid"),
        ({b"idempotency-key": b"k" * 81}, 422, "invalid"),
        ({b"content-type": b"text/plain"}, 415, "not_json"),
        ({b"content-length": b"100000000"}, 413, "too_large"),
        ({b"content-length": b"1000"}, 422, "invalid"),
    ],
)
def test_what_stands_above_a_request_is_checked(
    point: PointView, ann: Caller, changed: dict[bytes, bytes | None], status: int, code: str
) -> None:
    headers = {**dict(headers_of(ann)), **changed}

    ((answered, problem),) = sent(
        ([(name, value) for name, value in headers.items() if value is not None], [wish(point, pricing.offer())])
    )

    assert (answered, problem["code"]) == (status, code)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("once", "twice"),
    [
        ('"point": ', '"point": "x", "point": '),
        ('"lines": ', '"lines": [], "lines": '),
        ('"offer": ', '"offer": "x", "offer": '),
        ('"quantity": ', '"quantity": 1, "quantity": '),
        ('"price_fen": ', '"price_fen": 1, "\\u0070rice_fen": '),
    ],
)
def test_a_key_that_stands_twice_in_the_body_is_refused(point: PointView, ann: Caller, once: str, twice: str) -> None:
    body = wish(point, pricing.offer()).decode().replace(once, twice)

    ((status, problem),) = sent((headers_of(ann), [body.encode()]))

    assert (status, problem["code"]) == (422, "invalid")
    assert not Order.objects.exists()


def test_two_keys_are_none(point: PointView, ann: Caller) -> None:
    headers = headers_of(ann, (b"idempotency-key", b"other"))

    ((status, problem),) = sent((headers, [wish(point, pricing.offer())]))

    assert (status, problem["code"]) == (400, "header_repeated")


def test_a_body_in_parts_is_put_together_and_one_without_end_is_refused(point: PointView, ann: Caller) -> None:
    body = wish(point, pricing.offer())

    in_parts, endless = sent((headers_of(ann), [body[:10], body[10:]]), (headers_of(ann), [b" " * 20_000] * 5))

    assert in_parts[0] == 201
    assert (endless[0], endless[1]["code"]) == (413, "too_large")


def test_a_body_that_does_not_come_is_not_waited_for(
    point: PointView, ann: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_module, "WITHIN", 0.05)

    ((status, problem),) = sent((headers_of(ann), [wish(point, pricing.offer())[:10], b""]), pause_after=1)

    assert (status, problem["code"]) == (408, "request_too_slow")


def test_a_point_of_another_province_is_forbidden(point: PointView, ann: Caller) -> None:
    stranger = Caller(ann.kind, ann.id, 52)

    ((status, problem),) = sent((headers_of(stranger), [wish(point, pricing.offer())]))

    assert (status, problem["code"]) == (403, "forbidden")


def test_the_secret_signs_the_tokens(point: PointView, ann: Caller) -> None:
    headers = headers_of(ann)
    assert settings.SECRET_KEY
    token = dict(headers)[b"authorization"]
    forged = token[:-4] + bytes(reversed(token[-4:]))

    ((status, _),) = sent(([(b"authorization", forged), *headers[1:]], [wish(point, pricing.offer())]))

    assert status == 401
