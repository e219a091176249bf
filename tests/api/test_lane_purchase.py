"""Quotes, payments, callbacks and looks at orders over the lane's faces, held against what Django answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from lintuan.api.lane.http import Face
from lintuan.api.lane.notices import ADDRESSES, Notices
from lintuan.api.lane.paying import Paying
from lintuan.api.lane.quotes import Quotes
from lintuan.api.lane.reading import Reading, takes
from lintuan.api.lane.shelf import ShelfLane
from lintuan.kernel import changes, clock, tokens
from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.ids import public_id
from lintuan.leaders import commands as leaders
from lintuan.leaders.types import PointView
from lintuan.ordering.types import OrderView
from lintuan.payments import queries
from lintuan.payments.models import Inbox
from lintuan.payments.types import ChargeState, Provider
from lintuan.pricing import commands as pricing_commands
from lintuan.pricing.types import OfferView
from lintuan.standins.wechatpay.faults import Mode
from tests.journeys.phones import until
from tests.make import leaders as make_leaders
from tests.make import members, ordering, payments, pricing
from tests.make.http import Api
from tests.make.ordering import EVENING
from tests.make.payments import Callback
from tests.make.provinces import ANHUI, HUBEI

pytestmark = pytest.mark.django_db(transaction=True)

Answer = tuple[int, Any]


@pytest.fixture(autouse=True)
def evening(clock_at: Callable[[str], datetime]) -> None:
    clock_at(EVENING)


@pytest.fixture
def point() -> PointView:
    return make_leaders.point()


@pytest.fixture
def quotes() -> Iterator[Quotes]:
    shelf = ShelfLane()
    face = Quotes(shelf.point)
    yield face
    face.close()
    shelf.close()


@pytest.fixture
def keys(settings: Any) -> None:
    settings.GATEWAY_KEYS = str(payments.manifest())


async def others(scope: Any, receive: Any, send: Any) -> None:
    """What stands behind the lane."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b'"others"'})


async def ask(face: Face, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    sent: list[Any] = []
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await face({"type": "http", "method": method, "path": path, "headers": pairs}, receive, send)
    content = sent[1]["body"]
    return sent[0]["status"], json.loads(content) if content else None


def bearer(caller: Caller) -> str:
    return f"Bearer {tokens.sign(caller, expires_at=clock.now() + timedelta(hours=1))}"


def basket(point: PointView, *lines: tuple[OfferView, object]) -> dict[str, Any]:
    return {
        "point": public_id("point", point.province_id, point.id),
        "lines": [
            {"offer": public_id("offer", offer.province_id, offer.id), "quantity": quantity}
            for offer, quantity in lines
        ],
    }


def quoted(face: Quotes, wish: object, *, language: str = "en") -> Answer:
    return asyncio.run(ask(face, "POST", "/api/v1/quotes", json.dumps(wish).encode(), accept_language=language))


class TestQuotes:
    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_a_quote_reads_as_django_would_write_it(self, quotes: Quotes, point: PointView, language: str) -> None:
        wish = basket(point, (pricing.offer(399), 2), (pricing.offer(1250), 1))

        assert quoted(quotes, wish, language=language) == Api(language=language).post("/quotes", wish)

    @pytest.mark.parametrize("quantity", [3, 21])
    def test_what_could_not_be_ordered_is_refused_alike(self, quotes: Quotes, point: PointView, quantity: int) -> None:
        scarce, gone = pricing.offer(capacity=2), pricing.offer()
        foreign = pricing.offer(province_id=ANHUI)
        pricing_commands.withdraw_offer(SYSTEM, province_id=HUBEI, offer_id=gone.id)
        wishes = [
            basket(point, (scarce, quantity)),
            basket(point, (gone, 1)),
            basket(point, (foreign, 1)),
            basket(point, (scarce, quantity), (gone, 1)),
            basket(point, (scarce, 1), (scarce, 1)),
            basket(point) | {"lines": [{"offer": "nothing", "quantity": 1}]},
            basket(point, (scarce, 1)) | {"point": "nowhere"},
        ]

        for wish in wishes:
            status, problem = quoted(quotes, wish)
            assert (status, problem) == Api().post("/quotes", wish)
            assert status >= 400

    @pytest.mark.parametrize("quantity", [0, 1000, 10**30, "2", 1.5, True, None])
    def test_a_quantity_that_is_no_small_whole_number_is_told_where(
        self, quotes: Quotes, point: PointView, quantity: object
    ) -> None:
        status, problem = quoted(quotes, basket(point, (pricing.offer(), quantity)))

        assert (status, problem["code"], problem["errors"][0]["at"]) == (422, "invalid", "lines.0.quantity")

    def test_a_resting_point_gets_no_quote(self, quotes: Quotes, point: PointView) -> None:
        wish = basket(point, (pricing.offer(), 1))
        changes.start()
        try:
            assert quoted(quotes, wish)[0] == 200
            leaders.rest_point(SYSTEM, province_id=HUBEI, point_id=point.id)
            until(lambda: quoted(quotes, wish)[0] == 409)
        finally:
            changes.stop()

        assert quoted(quotes, wish)[1]["code"] == "point_resting"

    def test_a_new_price_is_quoted_soon(self, quotes: Quotes, point: PointView) -> None:
        offer = pricing.offer(399)
        wish = basket(point, (offer, 1))
        assert quoted(quotes, wish)[1]["to_pay_fen"] == 399

        pricing_commands.withdraw_offer(SYSTEM, province_id=HUBEI, offer_id=offer.id)

        until(lambda: quoted(quotes, wish)[0] == 409)


class TestReading:
    @pytest.fixture
    def face(self) -> Iterator[Reading]:
        face = Reading(others)
        yield face
        face.close()

    def looks(self, face: Reading, *each: tuple[Caller, OrderView], language: str = "en") -> list[Answer]:
        async def all_at_once() -> list[Answer]:
            return await asyncio.gather(
                *(
                    ask(face, "GET", path(order), authorization=bearer(caller), accept_language=language)
                    for caller, order in each
                )
            )

        return asyncio.run(all_at_once())

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_an_order_reads_as_django_would_write_it(self, face: Reading, language: str) -> None:
        order = ordering.paid_order(ordering.line(pricing.offer()))
        ann = ordering.buyer_of(order)

        (seen,) = self.looks(face, (ann, order), language=language)

        assert seen == Api(ann, language=language).get(f"/orders/{public_id('order', HUBEI, order.id)}")
        assert (seen[0], seen[1]["state"]) == (200, "paid")

    def test_those_who_look_at_once_each_see_their_own(self, face: Reading) -> None:
        offer = pricing.offer(capacity=100)
        orders = [ordering.order(ordering.line(offer), member=members.member()) for _ in range(8)]

        answers = self.looks(face, *((ordering.buyer_of(order), order) for order in orders))

        assert [order["id"] for _, order in answers] == [public_id("order", HUBEI, order.id) for order in orders]

    def test_a_stranger_sees_nothing_and_spoils_nothing(self, face: Reading) -> None:
        order = ordering.order(ordering.line(pricing.offer()))

        (hidden, _), (shown, _) = self.looks(face, (members.member(), order), (ordering.buyer_of(order), order))

        assert (hidden, shown) == (404, 200)

    def test_whose_rights_must_be_looked_up_goes_on(self, face: Reading) -> None:
        order = ordering.order(ordering.line(pricing.offer()))

        assert self.looks(face, (SYSTEM, order)) == [(299, "others")]

    def test_who_is_not_signed_in_is_told_so(self, face: Reading) -> None:
        assert asyncio.run(ask(face, "GET", "/api/v1/orders/x"))[0] == 401

    def test_only_looks_at_one_order_are_taken(self) -> None:
        paths = ["/api/v1/orders/x", "/api/v1/orders", "/api/v1/orders/", "/api/v1/orders/recent", "/api/v1/orders/x/y"]

        assert [takes("GET", each) for each in paths] == [True, False, False, False, False]
        assert not takes("POST", paths[0])


def path(order: OrderView) -> str:
    return f"/api/v1/orders/{public_id('order', order.province_id, order.id)}"


@pytest.mark.usefixtures("keys")
class TestPaying:
    @pytest.fixture
    def face(self) -> Iterator[Paying]:
        face = Paying(others)
        yield face
        face.close()

    def begun(self, face: Paying, caller: Caller, body: bytes = b"") -> Answer:
        address = f"/api/v1/charges/{public_id('charge', HUBEI, payments.charge())}/payment"
        return asyncio.run(ask(face, "POST", address, body, authorization=bearer(caller), accept_language="en"))

    def test_a_gateway_that_cannot_be_reached_may_be_asked_again(self, face: Paying) -> None:
        status, problem = self.begun(face, payments.member())

        assert (status, problem["code"]) == (503, "gateway_silent")

    def test_a_stranger_begins_no_payment(self, face: Paying) -> None:
        assert self.begun(face, payments.member(8))[0] == 404

    def test_a_payer_that_is_none_is_told_where(self, face: Paying) -> None:
        status, problem = self.begun(face, payments.member(), b'{"openid": 7}')

        assert (status, problem["errors"][0]["at"]) == (422, "openid")

    def test_it_gives_back_its_connections_in_the_loop_that_it_served(self) -> None:
        address = f"/api/v1/charges/{public_id('charge', HUBEI, payments.charge())}/payment"
        authorization = bearer(payments.member())

        async def serve_and_end() -> Answer:
            face = Paying(others)
            answer = await ask(face, "POST", address, authorization=authorization)
            face.close()
            return answer

        before = backends()
        assert asyncio.run(serve_and_end())[0] == 503
        until(lambda: backends() <= before)

    def test_who_is_no_member_goes_on(self, face: Paying) -> None:
        assert self.begun(face, SYSTEM) == (299, "others")


@pytest.mark.usefixtures("keys")
class TestNotices:
    def told(self, *callbacks: Callback) -> list[Answer]:
        """Answers to callbacks that come at once."""

        async def all_at_once() -> list[Answer]:
            face = Notices()
            try:
                return await asyncio.gather(
                    *(
                        ask(face, "POST", Provider.WECHATPAY.notify_path, each.body, **headers_of(each))
                        for each in callbacks
                    )
                )
            finally:
                face.close()

        return asyncio.run(all_at_once())

    def test_they_come_where_the_gateway_was_told_to_bring_them(self) -> None:
        assert set(ADDRESSES) == {("POST", provider.notify_path) for provider in Provider}

    def test_callbacks_that_come_at_once_are_all_taken(self) -> None:
        charges = [payments.charge() for _ in range(5)]

        answers = self.told(*map(payments.payment_callback, charges))

        assert answers == [(204, None)] * 5
        assert states(charges) == [ChargeState.PAID] * 5
        assert Inbox.objects.count() == 5

    def test_a_repeat_beside_its_first_counts_once(self) -> None:
        charge = payments.charge()
        callback = payments.payment_callback(charge)

        assert self.told(callback, callback, callback) == [(204, None)] * 3
        assert self.told(callback) == [(204, None)]
        assert (states([charge]), Inbox.objects.count()) == ([ChargeState.PAID], 1)

    @pytest.mark.parametrize(
        ("mode", "status", "kind"),
        [
            (Mode.BAD_SIGNATURE, 401, "forged_notice"),
            (Mode.STALE_TIMESTAMP, 401, "stale_notice"),
            (Mode.WRONG_AMOUNT, 400, "wrong_amount"),
        ],
    )
    def test_one_that_is_refused_spoils_no_neighbour(self, mode: Mode, status: int, kind: str) -> None:
        bad, good = payments.charge(), [payments.charge() for _ in range(3)]
        callbacks = [payments.payment_callback(bad, mode=mode), *map(payments.payment_callback, good)]

        # The first is on its way alone; so it comes again, among others.
        (alone, _), *_ = self.told(*callbacks)
        among, *rest = self.told(callbacks[1], *callbacks)

        refused = rest[0]
        assert (alone, among, refused[0]) == (status, (204, None), status)
        assert (refused[1]["type"], refused[1]["code"]) == (f"urn:lintuan:problem:{kind}", "FAIL")
        assert rest[1:] == [(204, None)] * 3
        assert states([bad, *good]) == [ChargeState.OPEN, *[ChargeState.PAID] * 3]
        assert Inbox.objects.count() == 3

    def test_without_a_gateway_callbacks_are_to_come_again(self, settings: Any) -> None:
        callback = payments.payment_callback(payments.charge())
        settings.GATEWAY_KEYS = ""

        assert self.told(callback)[0][0] == 503


def headers_of(callback: Callback) -> dict[str, str]:
    return {name.lower().replace("-", "_"): value for name, value in callback.headers.items()}


def backends() -> int:
    """Connections to this database besides the one that asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def states(charges: Sequence[int]) -> list[ChargeState]:
    found = queries.charges(HUBEI, charges)
    connections.close_all()
    return [found[charge].state for charge in charges]
