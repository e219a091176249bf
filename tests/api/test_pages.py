"""Pages over HTTP: who may ask, what is remembered, and when nothing has changed."""

from __future__ import annotations

import gzip
import json

import pytest

from lintuan.kernel.ids import public_id
from lintuan.leaders import commands
from lintuan.pages.compose.directory import PAGES
from lintuan.pages.tree.schema import CURRENT
from tests.make import leaders, members, ordering, pricing
from tests.make.http import CLIENT, Api
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(clock_at):
    clock_at(EVENING)
    return leaders.point()


def address(point, page: str = "shelf") -> str:
    return f"/api/v1/pages/{page}?point={public_id('point', HUBEI, point.id)}"


def ask(path: str, caller=None, **headers: str):
    api = Api(caller) if caller else Api()
    return CLIENT.get(path, headers=api._headers | headers)


def test_the_schema_is_served_as_it_is_published():
    status, served = Api().get("/pages/schema")

    assert (status, served) == (200, json.loads(CURRENT.read_text()))


def test_a_shelf_holds_the_first_dozen_and_says_where_the_rest_is(point):
    pricing.offers(14)

    status, page = Api().get("/pages/shelf", point=public_id("point", HUBEI, point.id))

    grid = next(node for node in page["body"] if node["kind"] == "offer_grid")
    assert (status, page["schema"], page["lang"], len(grid["offers"])) == (200, 1, "en", 12)
    assert grid["source"]["from"] == 12
    _, shelf = Api().get(grid["source"]["path"].removeprefix("/api/v1"))
    assert [one["id"] for one in shelf["offers"][:12]] == [one["id"] for one in grid["offers"]]
    assert "14 goods in all" in grid["text"]


def test_an_unchanged_page_is_not_sent_again(point, clock_at):
    pricing.offer()
    first = ask(address(point))
    clock_at("2026-11-20T20:00:01+08:00")

    second = ask(address(point), **{"If-None-Match": first["ETag"]})

    assert (first.status_code, second.status_code, second.content) == (200, 304, b"")
    assert first["ETag"] == second["ETag"]
    assert ask(address(point), **{"If-None-Match": f'W/{first["ETag"]}, "other"'}).status_code == 304
    assert ask(address(point), **{"Accept-Language": "zh-hans"})["ETag"] != first["ETag"]


def test_what_all_guests_see_is_put_together_once(point, django_assert_num_queries):
    pricing.offer()
    first = ask(address(point))

    with django_assert_num_queries(0):
        again = ask(address(point))

    assert first["Cache-Control"] == "public, no-cache"
    assert again.content == first.content


def test_what_all_see_is_sent_compressed_and_ones_own_is_not(point):
    pricing.offers(12)
    plain, packed = ask(address(point)), ask(address(point), **{"Accept-Encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 3
    assert packed["ETag"] != plain["ETag"]
    again = ask(address(point), **{"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})
    assert (again.status_code, again.content, "Content-Encoding" in again) == (304, b"", False)
    assert "Content-Encoding" not in ask(address(point, "orders"), members.member(), **{"Accept-Encoding": "gzip"})


@pytest.mark.parametrize("query", ["point=gone", "point=", "province=42"])
def test_what_anybody_makes_up_is_not_remembered(point, query):
    answer = CLIENT.get(f"/api/v1/pages/shelf?{query}")

    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-cache")


def test_what_a_link_collects_on_its_way_changes_nothing(point, django_assert_num_queries):
    product = f"{address(point, 'product')}&offer={public_id('offer', HUBEI, pricing.offer().id)}"
    links = [address(point), product, address(point, "me")]
    first = [ask(link) for link in links]

    with django_assert_num_queries(0):
        again = [ask(f"{link}&from=groupmessage&isappinstalled=0") for link in links]

    assert [answer.status_code for answer in first] == [200, 200, 200]
    assert [answer.content for answer in again] == [answer.content for answer in first]


def test_what_shows_no_point_is_put_together_once_for_all_of_them(point, django_assert_num_queries):
    first = ask(address(point, "privacy_notice"))
    other = leaders.point()
    ask(address(other))

    assert ask(address(other, "privacy_notice")).content == first.content
    with django_assert_num_queries(0):
        assert ask("/api/v1/pages/privacy_notice?x=1").content == first.content


def test_a_new_offer_is_on_the_page_at_once(point):
    pricing.offer(399)
    ask(address(point))

    pricing.offer(777)

    assert "¥7.77" in ask(address(point)).content.decode()


def test_what_is_left_is_told_where_it_is_little(point):
    rare = pricing.offer(399, capacity=3)
    ordering.order(ordering.line(rare, 2), point=point)

    _, page = Api().get("/pages/product", offer=public_id("offer", HUBEI, rare.id))

    (product, *_) = page["body"]
    assert product["offer"]["left"] == 1
    assert "1 left" in product["text"]
    assert product["offer"].get("sold_out") is None


def test_a_members_own_page_is_theirs_alone(point):
    member = members.member()

    own = ask(address(point, "orders"), member)

    assert own["Cache-Control"] == "private, no-cache"
    assert own["Vary"] == "Accept-Encoding, Accept-Language, Authorization"
    assert json.loads(own.content)["body"][0]["title"] == "No orders yet"
    assert json.loads(ask(address(point, "orders")).content)["sign_in"] is True


def test_a_bad_token_is_no_guest(point):
    refused = ask(address(point), Authorization="Bearer forged.token")

    assert (refused.status_code, json.loads(refused.content)["code"]) == (401, "sign_in_needed")


def test_a_page_sees_the_basket_of_the_device(point):
    offer = public_id("offer", HUBEI, pricing.offer(399).id)
    seen = {"with": {"point": public_id("point", HUBEI, point.id)}, "basket": [{"offer": offer, "quantity": 2}]}

    status, page = Api().post("/pages/basket", seen)

    quote = next(node for node in page["body"] if node["kind"] == "quote")
    assert (status, quote["to_pay_fen"], quote["text"]) == (200, 798, "Goods ¥7.98\nTo pay ¥7.98")
    empty = Api().post("/pages/basket", {"with": seen["with"]})[1]
    assert empty["body"][0]["title"] == "Your basket is empty"
    assert "basket" not in empty


def test_a_page_that_lacks_the_basket_says_so(point):
    _, page = Api().get("/pages/basket", point=public_id("point", HUBEI, point.id))

    assert page["basket"] is True


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/pages/nothing", "not_found"),
        ("/pages/product", "not_found"),
        ("/pages/product?offer=gK8sPd2R", "not_found"),
        ("/pages/proxy?token=42-guessed", "not_found"),
        ("/pages/proxy?token=guessed", "not_found"),
        ("/pages/proxy?token=42-%00", "not_found"),
        ("/pages/proxy?token=42-%ED%A0%80", "not_found"),
        (f"/pages/proxy?token=42-{'x' * 41}", "not_found"),
        ("/pages/points?lat=91&lng=0", "invalid"),
        ("/pages/points?lat=x&lng=0", "invalid"),
        ("/pages/points?lat=nan&lng=0", "invalid"),
        (f"/pages/shelf?point={'x' * 201}", "invalid"),
        ("/pages/shelf?" + "&".join(f"p{n}=1" for n in range(21)), "invalid"),
    ],
)
def test_what_there_is_not_is_refused_in_words(point, path, code):
    answer = CLIENT.get(f"/api/v1{path}", headers={"Accept-Language": "zh-hans"})
    problem = json.loads(answer.content)

    assert (problem["code"], answer.status_code < 500) == (code, True)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["title"])


@pytest.mark.parametrize(
    "seen",
    [
        {"basket": [{"offer": "x", "quantity": 0}]},
        {"basket": [{"offer": "x", "quantity": "2"}]},
        {"basket": [{"offer": "x" * 41, "quantity": 1}]},
        {"basket": [{"offer": "x", "quantity": 1}] * 101},
        {"with": {"point": "x" * 201}},
        {"with": {"point": 1}},
        {"with": {f"p{n}": "1" for n in range(21)}},
    ],
)
def test_a_malformed_basket_is_refused(seen):
    assert Api().post("/pages/basket", seen)[0] == 422


@pytest.mark.parametrize("parameter", ["text", "page", "replace", "with_"])
@pytest.mark.parametrize("name", sorted(PAGES.keys() - {"product", "proxy", "play", "run", "proof"}))
def test_no_parameter_of_whatever_name_breaks_a_page(name, parameter):
    written = Api().get(f"/pages/{name}", **{parameter: "1"})
    seen = Api().post(f"/pages/{name}", {"with": {parameter: "1"}, "basket": []})

    assert (written[0], seen[0]) == (200, 200)


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2200-01-01", "9999-12-31", "2026-13-01", "today"])
@pytest.mark.parametrize("name", ["receive", "handout", "picklists", "members"])
def test_a_day_that_no_goods_are_of_is_refused(point, name, day):
    refused = Api(leaders.leader_of(point)).get(f"/pages/{name}", day=day)

    assert (refused[0], refused[1]["code"]) == (422, "invalid")


@pytest.mark.parametrize("day", ["2000-01-01", "2199-12-31"])
@pytest.mark.parametrize("name", ["receive", "handout", "picklists", "members"])
def test_the_first_and_the_last_day_are_shown(point, name, day):
    assert Api(leaders.leader_of(point)).get(f"/pages/{name}", day=day)[0] == 200


def test_a_point_that_is_gone_asks_for_another(point):
    _, page = Api().get("/pages/shelf", point="gone")

    assert page["name"] == "points"
    assert page["body"][0]["points"][0]["name"] == point.name_en


def test_points_are_sorted_by_distance_and_resting_ones_are_grey(point):
    near = leaders.point(lat=30.6, lng=114.4)
    commands.rest_point(leaders.leader_of(point), province_id=HUBEI, point_id=point.id)

    _, everywhere = Api().get("/pages/points")
    _, around = Api().get("/pages/points", lat=30.6, lng=114.401)

    listed = everywhere["body"][0]["points"]
    assert [(one["name"], one["open"], one.get("why", "")) for one in listed] == [
        (near.name_en, True, ""), (point.name_en, False, "Resting"),
    ]  # fmt: skip
    assert "tap" not in listed[1]
    found = around["body"][0]["points"]
    assert [(one["name"], one["metres"], one["open"]) for one in found] == [
        (near.name_en, 96, True), (point.name_en, found[1]["metres"], False),
    ]  # fmt: skip
    assert found[0]["note"].startswith("leader")
    assert "96 m" in around["body"][0]["text"]


def test_points_are_found_by_words_among_all_of_them(point):
    sought = leaders.point(name_en="Moonlight Garden")

    _, found = Api().get("/pages/points", q=" moon garden ")
    _, nothing = Api().get("/pages/points", q="nowhere")

    assert [one["name"] for one in found["body"][0]["points"]] == [sought.name_en]
    assert found["body"][0]["place"]["with"]["q"] == "moon garden"
    assert nothing["body"][0]["text"] == "Nothing found; try another word"
