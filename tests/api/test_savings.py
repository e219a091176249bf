"""What rewards save, over HTTP: told by quotes, agreed with orders, refused when it is another sum by then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from lintuan.api.lane.orders import Orders
from lintuan.api.lane.quotes import Quotes
from lintuan.api.lane.shelf import ShelfLane
from lintuan.kernel import clock, tokens
from lintuan.kernel.callers import Caller
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.ordering.models import Order
from lintuan.plays import commands
from lintuan.plays.engine.definition import Limits
from lintuan.plays.engine.progress import Draw, First, Prize, Reach
from lintuan.plays.engine.rewards import Cash, Coupon, Points, Price
from lintuan.plays.engine.values import Text
from lintuan.plays.models import Campaign, Grant, Heard, Side
from lintuan.pricing.types import OfferView
from tests.make import campaigns, leaders, members, plays, pricing
from tests.make import ordering as make
from tests.make.http import Api
from tests.make.provinces import ANHUI, HUBEI
from tests.side_by_side import aside, until_waiting

pytestmark = pytest.mark.django_db

EACH = Reach(levels=(1,), of="unit")
BUDGET = Limits(budget_fen=50_000)


@pytest.fixture(autouse=True)
def evening(clock_at: Callable[[str], datetime]) -> None:
    clock_at(make.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


@pytest.fixture
def lin(point: PointView) -> Caller:
    lin = members.member()
    leaders.choose(lin, point)
    return lin


def wish(point: PointView, *lines: tuple[OfferView, int]) -> dict[str, Any]:
    wanted = [{"offer": public_id("offer", HUBEI, goods.id), "quantity": units} for goods, units in lines]
    return {"point": public_id("point", HUBEI, point.id), "lines": wanted}


def quoted(caller: Caller, point: PointView, *lines: tuple[OfferView, int], language: str = "en") -> Any:
    status, quote = Api(caller, language=language).post("/quotes", wish(point, *lines))
    assert status == 200, quote
    return quote


def order_wish(point: PointView, *lines: tuple[OfferView, int], **more: Any) -> dict[str, Any]:
    body = wish(point, *lines)
    for line, (goods, _) in zip(body["lines"], lines, strict=True):
        line["price_fen"] = goods.price.fen
    return body | more


def order(caller: Caller, point: PointView, *lines: tuple[OfferView, int], key: str = "k", **more: Any) -> Any:
    return Api(caller).post("/orders", order_wish(point, *lines, **more), key=key)


def pay_all() -> None:
    for row in Order.objects.filter(state="unpaid").order_by("id"):
        make.pay(make.queries.orders(HUBEI, [row.id])[row.id])
    catch_up(Horizon.OWN)


def flash(goods: OfferView, places: int = 1, **limits: Any) -> None:
    price = Price(price_bps=7000, most_fen=5000)
    play = plays.definition(
        First(places=places), [price], name=Text(zh="限时秒杀", en="Flash sale"),
        limits=Limits(budget_fen=50_000, per_member=1, **limits),
    )  # fmt: skip
    campaigns.running(play, sku_ids=[goods.sku_id])


def gift(lin: Caller, point: PointView, reward: Any) -> None:
    """What the member already has in hand, from a play about other goods."""
    name = Text(zh="邻居红包", en="Neighbours' gift")
    campaigns.running(plays.definition(EACH, [reward], name=name, limits=BUDGET), sku_ids=[999_999])
    campaigns.hear(campaigns.paid(lin, point=point, sku_id=999_999, order_id=999_999 - Grant.objects.count()))


def steps(quote: Any) -> list[tuple[str, str, int]]:
    return [(step["name"], step["why"], step["amount_fen"]) for step in quote["steps"]]


@pytest.mark.parametrize(
    ("language", "flash_sale", "gift_of"),
    [("en", "Flash sale", "Neighbours' gift"), ("zh-hans", "限时秒杀", "邻居红包")],
)
def test_a_quote_shows_every_step_with_the_play_that_it_is_from(
    lin: Caller, point: PointView, language: str, flash_sale: str, gift_of: str
) -> None:
    goods = pricing.offer(2000, cost_fen=100)
    flash(goods)
    gift(lin, point, Coupon(off_fen=200, over_fen=1000))
    gift(lin, point, Cash(fen=150))

    quote = quoted(lin, point, (goods, 1), language=language)

    assert steps(quote) == [
        ("list", "", 2000),
        ("play", flash_sale, -600),
        ("coupon", gift_of, -200),
        ("credit", gift_of, -150),
    ]
    assert (quote["saved_fen"], quote["to_pay_fen"]) == (950, 1050)
    of_flash, *of_gifts = (public_id("campaign", HUBEI, one.id) for one in Campaign.objects.order_by("id"))
    assert [step["campaign"] for step in quote["steps"]] == [None, of_flash, *of_gifts]


def test_what_was_quoted_is_what_is_charged(lin: Caller, point: PointView) -> None:
    goods, more = pricing.offer(2000, cost_fen=100), pricing.offer(333, cost_fen=330)
    flash(goods)
    gift(lin, point, Coupon(off_fen=200, over_fen=1000))
    quote = quoted(lin, point, (goods, 2), (more, 3))

    status, placed = order(lin, point, (goods, 2), (more, 3), saved_fen=quote["saved_fen"])

    assert (status, placed["saved_fen"], placed["to_pay_fen"]) == (201, quote["saved_fen"], quote["to_pay_fen"])
    assert quote["saved_fen"] == 1400


def test_who_is_not_signed_in_or_lives_elsewhere_is_quoted_the_prices_of_the_day(point: PointView) -> None:
    goods = pricing.offer(2000, cost_fen=100)
    flash(goods)
    guest = Api().post("/quotes", wish(point, (goods, 1)))[1]
    stranger = quoted(members.member(province_id=ANHUI), point, (goods, 1))
    leader = quoted(leaders.leader_of(point), point, (goods, 1))

    assert [(one["saved_fen"], one["to_pay_fen"]) for one in (guest, stranger, leader)] == [(0, 2000)] * 3


def test_no_reward_goes_below_the_floor(lin: Caller, point: PointView) -> None:
    goods = pricing.offer(2000, cost_fen=1900)
    gift(lin, point, Cash(fen=500))

    assert quoted(lin, point, (goods, 2))["saved_fen"] == 200


def test_another_sum_than_was_seen_orders_nothing_and_tells_the_new_one(lin: Caller, point: PointView) -> None:
    goods = pricing.offer(2000, cost_fen=100)
    gift(lin, point, Cash(fen=300))

    status, problem = order(lin, point, (goods, 1), saved_fen=400)

    assert (status, problem["code"], problem["facts"]) == (
        409, "saving_changed", {"saved": "3.00", "saved_fen": 300},
    )  # fmt: skip
    assert Order.objects.count() == 0
    again, placed = order(lin, point, (goods, 1), saved_fen=300, key="again")
    assert (again, placed["to_pay_fen"]) == (201, 1700)


def test_who_asks_again_because_an_answer_was_lost_has_ordered_once(lin: Caller, point: PointView) -> None:
    goods = pricing.offer(2000, cost_fen=100)
    gift(lin, point, Cash(fen=300))
    _, lost = order(lin, point, (goods, 1), saved_fen=300)

    status, found = order(lin, point, (goods, 1), saved_fen=0)

    assert (status, found, Order.objects.count()) == (201, lost, 1)


def test_who_says_nothing_uses_nothing(lin: Caller, point: PointView) -> None:
    gift(lin, point, Cash(fen=300))

    status, placed = order(lin, point, (pricing.offer(2000, cost_fen=100), 1))

    assert (status, placed["saved_fen"], Grant.objects.get().state) == (201, 0, "given")


@pytest.mark.parametrize("saved", [-1, 1.5, "3", True, 10_000_001])
def test_a_saving_is_a_small_whole_number(lin: Caller, point: PointView, saved: object) -> None:
    status, problem = order(lin, point, (pricing.offer(), 1), saved_fen=saved)

    assert (status, problem["errors"][0]["at"]) == (422, "body.wish.saved_fen")


def test_a_coupon_earned_by_one_order_is_used_on_the_next(lin: Caller, point: PointView) -> None:
    goods = pricing.offer(2000, cost_fen=100)
    earning = plays.definition(EACH, [Coupon(off_fen=300, over_fen=1000)], limits=BUDGET)
    campaigns.running(earning)
    first = quoted(lin, point, (goods, 1))
    order(lin, point, (goods, 1), saved_fen=first["saved_fen"])
    pay_all()

    second = quoted(lin, point, (goods, 1))
    status, placed = order(lin, point, (goods, 1), saved_fen=second["saved_fen"], key="second")

    assert (first["saved_fen"], second["saved_fen"]) == (0, 300)
    assert (status, placed["to_pay_fen"], Grant.objects.get().state) == (201, 1700, "used")
    assert quoted(lin, point, (goods, 1))["saved_fen"] == 0


def test_an_unpaid_order_that_is_edited_answers_its_new_saving(lin: Caller, point: PointView) -> None:
    goods = pricing.offer(2000, cost_fen=100)
    flash(goods)
    placed = order(lin, point, (goods, 2), saved_fen=1200)[1]

    body = {"lines": order_wish(point, (goods, 1))["lines"]}
    status, edited = Api(lin).put(f"/orders/{placed['id']}/lines", body)

    assert (status, edited["saved_fen"], edited["to_pay_fen"]) == (200, 600, 1400)


def test_a_price_that_its_member_has_had_is_not_quoted_again(lin: Caller, point: PointView) -> None:
    goods = pricing.offer(2000, cost_fen=100)
    flash(goods, places=5)
    order(lin, point, (goods, 1), saved_fen=600)
    pay_all()

    assert quoted(lin, point, (goods, 1))["saved_fen"] == 0


def test_who_plays_for_a_building_is_quoted_what_is_charged(lin: Caller, point: PointView) -> None:
    goods = pricing.offer(2000, cost_fen=100)
    play = plays.definition(
        EACH, [Price(price_bps=9000, most_fen=500)], limits=BUDGET, participants=plays.participants(unit="building")
    )
    campaign = campaigns.running(play)
    unsaid = quoted(lin, point, (goods, 1))["saved_fen"]
    Side.objects.create(province_id=HUBEI, campaign_id=campaign.id, member_id=lin.id, unit=7, label="7")

    said = quoted(lin, point, (goods, 1))["saved_fen"]

    assert (unsaid, said) == (0, 200)
    assert order(lin, point, (goods, 1), saved_fen=200)[0] == 201


def test_what_is_drawn_is_not_told_before_it_is_paid_for(lin: Caller, point: PointView) -> None:
    """Whoever could see it first would ask until they win."""
    goods = pricing.offer(2000, cost_fen=100)
    prizes = (Prize(name=plays.text(), odds_ppm=1_000_000),)
    play = plays.definition(Draw(prizes=prizes), [Price(price_bps=5000, most_fen=5000)], limits=BUDGET)
    campaigns.running(play)

    assert quoted(lin, point, (goods, 1))["saved_fen"] == 0
    assert order(lin, point, (goods, 1), saved_fen=1000)[1]["facts"]["saved_fen"] == 0


class TestRuns:
    def test_an_order_takes_its_seat_in_the_run_that_it_names(self, lin: Caller, point: PointView) -> None:
        goods = pricing.offer(2000, cost_fen=100)
        campaign = campaigns.running(campaigns.group(size=2), sku_ids=[goods.sku_id])
        run_id = commands.open_run(lin, province_id=HUBEI, campaign_id=campaign.id)

        status, placed = order(lin, point, (goods, 1), run=public_id("run", HUBEI, run_id))
        pay_all()

        assert (status, placed["saved_fen"]) == (201, 0)
        assert Heard.objects.get().run_id == run_id

    @pytest.mark.parametrize(
        ("run", "code"),
        [
            (public_id("run", ANHUI, 1), "play_unknown"),
            (public_id("order", HUBEI, 1), "not_found"),
            ("nothing", "not_found"),
        ],
    )
    def test_what_is_no_run_of_the_province_is_not_found(
        self, lin: Caller, point: PointView, run: str, code: str
    ) -> None:
        status, problem = order(lin, point, (pricing.offer(), 1), run=run)

        assert (status, problem["code"]) == (404, code)

    def test_a_run_that_is_over_orders_nothing(self, lin: Caller, point: PointView) -> None:
        status, problem = order(lin, point, (pricing.offer(), 1), run=public_id("run", HUBEI, 77))

        assert (status, problem["code"], Order.objects.count()) == (409, "run_closed", 0)


@pytest.mark.django_db(transaction=True)
class TestLane:
    @pytest.fixture
    def quotes(self) -> Iterator[Quotes]:
        shelf = ShelfLane()
        face = Quotes(shelf.point)
        yield face
        face.close()
        shelf.close()

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_a_neighbours_quote_reads_as_django_would_write_it(
        self, quotes: Quotes, lin: Caller, point: PointView, language: str
    ) -> None:
        goods = pricing.offer(2000, cost_fen=100)
        flash(goods)
        gift(lin, point, Coupon(off_fen=200))
        body = wish(point, (goods, 2))

        status, quote = asked(quotes, "/api/v1/quotes", body, lin, language)

        assert (status, quote) == Api(lin, language=language).post("/quotes", body)
        assert quote["saved_fen"] == 1400

    @pytest.mark.parametrize("province_id", [HUBEI, ANHUI])
    def test_a_token_that_ended_is_told_so(self, quotes: Quotes, point: PointView, province_id: int) -> None:
        body = wish(point, (pricing.offer(), 1))
        caller = members.member(province_id=province_id)

        status, problem = asked(quotes, "/api/v1/quotes", body, caller, "en", good_for=timedelta(seconds=-1))

        assert (status, problem["code"]) == (401, "sign_in_needed")

    def test_an_order_with_savings_goes_through_the_lane(self, lin: Caller, point: PointView) -> None:
        goods = pricing.offer(2000, cost_fen=100)
        flash(goods)

        refused = asyncio.run(in_lane(order_wish(point, (goods, 1), saved_fen=500), lin))
        status, placed = asyncio.run(in_lane(order_wish(point, (goods, 1), saved_fen=600), lin))

        assert (refused[0], refused[1]["code"], refused[1]["facts"]["saved_fen"]) == (409, "saving_changed", 600)
        assert (status, placed) == (201, Api(lin).get(f"/orders/{placed['id']}")[1])
        assert placed["to_pay_fen"] == 1400

    @pytest.mark.parametrize("member", ['"saved_fen": 600', '"run": null'])
    def test_what_is_said_twice_is_refused(self, lin: Caller, point: PointView, member: str) -> None:
        body = json.dumps(order_wish(point, (pricing.offer(), 1)))
        doubled = f"{body[:-1]}, {member}, {member}}}".encode()

        status, problem = asyncio.run(in_lane(doubled, lin))

        assert (status, problem["code"], Order.objects.count()) == (422, "invalid", 0)

    def test_of_two_neighbours_who_race_for_the_last_place_one_is_told(self, lin: Caller, point: PointView) -> None:
        goods, wang = pricing.offer(2000, cost_fen=100), members.member()
        flash(goods)
        seen = [quoted(one, point, (goods, 1))["saved_fen"] for one in (lin, wang)]

        with transaction.atomic():
            first = order(lin, point, (goods, 1), saved_fen=600)
            second = aside(lambda: order(wang, point, (goods, 1), saved_fen=600, key="w"))
            until_waiting()
        status, problem = second.result(20)

        assert (seen, first[0]) == ([600, 600], 201)
        assert (status, problem["code"], problem["facts"]["saved_fen"]) == (409, "saving_changed", 0)
        assert order(wang, point, (goods, 1), saved_fen=0, key="w0")[1]["to_pay_fen"] == 2000


def test_what_is_kept_of_me_holds_rewards_and_points(lin: Caller, point: PointView) -> None:
    gift(lin, point, Coupon(off_fen=200, over_fen=1000))
    gift(lin, point, Points(points=30))

    kept = Api(lin).get("/me/export")[1]

    assert kept["points"] == 30
    assert [(one["kind"], one["play"], one["state"], one["worth_fen"], one["points"]) for one in kept["rewards"]] == [
        ("coupon", "邻居红包", "given", 200, 0),
        ("points", "邻居红包", "given", 0, 30),
    ]


def asked(
    face: Any, path: str, body: Any, caller: Caller, language: str, *, good_for: timedelta = timedelta(hours=1)
) -> tuple[int, Any]:
    return asyncio.run(_ask(face, path, body, (caller, language, good_for)))


async def in_lane(body: Any, caller: Caller) -> tuple[int, Any]:
    face = Orders()
    try:
        return await _ask(face, "/api/v1/orders", body, (caller, "en", timedelta(hours=1)))
    finally:
        await face.close()


async def _ask(face: Any, path: str, body: Any, who: tuple[Caller, str, timedelta]) -> tuple[int, Any]:
    caller, language, good_for = who
    sent: list[Any] = []
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def receive() -> Any:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    token = tokens.sign(caller, expires_at=clock.now() + good_for)
    headers = [
        (b"authorization", f"Bearer {token}".encode()),
        (b"accept-language", language.encode()),
        (b"content-type", b"application/json"),
        (b"idempotency-key", str(hash(content)).encode()),
    ]
    await face({"type": "http", "method": "POST", "path": path, "headers": headers}, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])
