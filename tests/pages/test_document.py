"""The document that a browser opens: what stands in it, what it allows, how it and what it needs are sent."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpResponse, HttpResponseNotFound
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

from lintuan.kernel import memory
from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.pages.build import StaticFiles
from lintuan.pages.views import ALONE
from tests.make import catalog, leaders, pricing
from tests.make.http import CLIENT, Api
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

ClockAt = Callable[[str], datetime]

pytestmark = pytest.mark.django_db

FOUND = re.compile(r'<script type="application/json" id="first-page" data-point="([^"]*)">(.*?)</script>', re.DOTALL)
PRELOADED = re.compile(r'<link rel="preload" as="image" href="([^"]*)">')


@pytest.fixture
def point(clock_at: ClockAt) -> PointView:
    clock_at(EVENING)
    return leaders.point()


@pytest.fixture
def here(point: PointView) -> str:
    """The point as the client knows it."""
    return public_id("point", HUBEI, point.id)


def opened(query: Mapping[str, str] | None = None, *, cookies: Mapping[str, str] | None = None, **headers: str) -> Any:
    cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    return CLIENT.get("/", query or {}, headers={"Accept-Language": "en-GB,en;q=0.9", "Cookie": cookie, **headers})


def page_in(answer: HttpResponse) -> Any:
    """The page as a browser would read it out of the document."""
    found = FOUND.search(answer.content.decode())
    return json.loads(found[2]) if found else None


def later(clock_at: ClockAt, moment: str) -> None:
    """When what a process remembers of its pages is forgotten."""
    clock_at(moment)
    memory.forget()


@pytest.mark.parametrize(
    ("cookie", "accepted", "lang"),
    [
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "", "zh-hans"),
        ("", "fr", "en"),
        ("zh-hans", "en", "zh-hans"),
        ("en", "zh", "en"),
        ("x", "zh", "zh-hans"),
    ],
)
def test_a_guest_finds_the_first_page_in_their_language(here: str, cookie: str, accepted: str, lang: str) -> None:
    pricing.offer()

    answer = opened({"point": here}, cookies={"lintuan-lang": cookie}, **{"Accept-Language": accepted})

    page = page_in(answer)
    assert (answer.status_code, page["schema"], page["name"], page["lang"]) == (200, 1, "shelf", lang)
    assert page["tabs"][0]["title"] == {"zh-hans": "今晚", "en": "Tonight"}[lang]
    html = answer.content.decode()
    assert f'<html lang="{lang.replace("zh-hans", "zh-Hans")}">' in html
    assert f"<title>{page['title']}</title>" in html


def test_it_is_the_page_that_the_client_would_have_asked_for(here: str) -> None:
    pricing.offers(14)

    _, asked = Api().get("/pages/shelf", point=here)

    written = page_in(opened(cookies={"lintuan-point": here}))
    assert {**written, "as_of": ""} == {**asked, "as_of": ""}


@pytest.mark.parametrize("query", [{}, {"point": "there"}])
@pytest.mark.parametrize(("cookie", "told"), [("", ""), ("aB3", "aB3"), ('"><b>', "")])
def test_it_says_what_it_took_for_the_point_of_the_device(query: dict[str, str], cookie: str, told: str) -> None:
    found = FOUND.search(opened(query, cookies={"lintuan-point": cookie}).content.decode())

    assert found
    assert found[1] == told


def test_a_link_to_a_point_is_followed_wherever_the_device_collects(here: str) -> None:
    other = public_id("point", HUBEI, leaders.point(name_en="The other").id)

    followed = page_in(opened({"point": here}, cookies={"lintuan-point": other}))

    _, asked = Api().get("/pages/shelf", point=here)
    assert {**followed, "as_of": ""} == {**asked, "as_of": ""}


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", "<!--<script>", "a & b > c", "\u2028 \"'\\"])
def test_no_word_of_a_page_ends_the_script_it_stands_in(here: str, name: str) -> None:
    pricing.offer(sku=catalog.sku(product=catalog.new_product(name_en=name)))

    answer = opened({"point": here})

    found = FOUND.search(answer.content.decode())
    assert found
    assert not set("<>&") & set(found[2])
    grid = next(node for node in page_in(answer)["body"] if node["kind"] == "offer_grid")
    assert name in grid["offers"][0]["name"]


def test_no_parameter_breaks_out_of_the_document(here: str) -> None:
    answer = opened({"point": '"><script>alert(1)</script>', "page": "points"})

    assert "<script>alert" not in answer.content.decode()


def test_the_first_pictures_are_fetched_ahead_each_once(here: str) -> None:
    for number, name in enumerate(("apple", "apple", "banana", "bread", "cake", "candy")):
        product = catalog.new_product(picture=f"goods/{name}.webp")
        pricing.offer(sku=catalog.sku(f"P-{number}", product=product))

    answer = opened({"point": here})

    grid = next(node for node in page_in(answer)["body"] if node["kind"] == "offer_grid")
    shown = list(dict.fromkeys(one["picture"]["src"] for one in grid["offers"]))
    assert len(shown) == 5
    assert PRELOADED.findall(answer.content.decode()) == shown[:4]


def test_scripts_and_styles_are_fetched_ahead_as_they_are_in_the_document(here: str) -> None:
    answer = opened()

    html = answer.content.decode()
    ahead = re.findall(r"<(/static/h5/assets/[^>]+)>; rel=(\w+)", answer["Link"])
    assert {rel for _, rel in ahead} == {"modulepreload", "preload"}
    assert {address for address, _ in ahead} == set(re.findall(r'"(/static/h5/assets/[^"]+\.(?:js|css))"', html))


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"page": "nowhere"}, id="no such page"),
        pytest.param({"page": "product", "offer": "gone"}, id="no such offer"),
        pytest.param({"page": "basket"}, id="only the device knows the basket"),
        pytest.param({"x": "y" * 300}, id="a parameter too long"),
        pytest.param({f"x{count}": "y" for count in range(30)}, id="too many parameters"),
    ],
)
def test_where_there_is_no_page_to_write_the_client_comes_alone(here: str, query: dict[str, str]) -> None:
    answer = opened(query)

    assert answer.status_code == 200
    assert page_in(answer) is None
    assert '<div id="app">' in answer.content.decode()


@pytest.mark.parametrize("name", ["orders", "household", "handout", "commission"])
@pytest.mark.parametrize("parameter", ["text", "replace", "with_"])
def test_no_parameter_of_whatever_name_breaks_the_page(
    here: str, name: str, parameter: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = opened({"page": name, "point": here, parameter: "1"})

    assert page_in(answer)["sign_in"] is True
    assert caplog.records == []


def test_a_page_that_needs_somebody_says_so(here: str) -> None:
    assert page_in(opened({"page": "orders"}))["sign_in"] is True


def test_only_our_own_host_is_allowed_and_nothing_written_into_the_page() -> None:
    answer = opened()

    rules = dict(rule.split(" ", 1) for rule in answer["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["img-src"] == "'self' data: blob:"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not {"script-src", "style-src", "script-src-elem", "style-src-attr"} & rules.keys()
    html = answer.content.decode()
    assert re.findall(r"<script(?![^>]*(?:\ssrc=|application/json))", html) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", FOUND.sub("", html)) == []


def test_a_reader_asks_whether_it_is_still_the_same(here: str, clock_at: ClockAt) -> None:
    pricing.offer(399)
    first = opened({"point": here})
    later(clock_at, "2026-11-20T20:00:20+08:00")
    again = opened({"point": here}, **{"If-None-Match": first["ETag"]})
    pricing.offer(777)
    changed = opened({"point": here}, **{"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "no-cache"
    assert {"Accept-Encoding", "Accept-Language", "Cookie"} <= set(first["Vary"].split(", "))
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert (changed.status_code, changed["ETag"] == first["ETag"]) == (200, False)


def test_a_document_kept_for_minutes_is_sent_anew_because_clocks_are_set_by_it(here: str, clock_at: ClockAt) -> None:
    first = opened({"point": here})
    later(clock_at, "2026-11-20T20:05+08:00")

    assert opened({"point": here}, **{"If-None-Match": first["ETag"]}).status_code == 200


def test_it_is_sent_compressed_to_who_takes_that(here: str) -> None:
    pricing.offers(12)
    plain, packed = opened({"point": here}), opened({"point": here}, **{"Accept-Encoding": "gzip, br"})

    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert FOUND.search(gzip.decompress(packed.content).decode())
    assert len(packed.content) < len(plain.content) / 3
    assert packed["ETag"] != plain["ETag"]


def test_what_all_guests_see_is_put_together_once(here: str, django_assert_num_queries: Any) -> None:
    pricing.offer()
    first = opened({"point": here})

    with django_assert_num_queries(0):
        again = opened({"point": here})

    assert again.content == first.content


@pytest.mark.parametrize("name", ["shelf", "product", "points", "privacy_notice"])
@pytest.mark.parametrize("is_own", [False, True])
def test_a_link_passed_on_in_a_group_is_put_together_once_too(
    here: str, name: str, django_assert_num_queries: Any, *, is_own: bool
) -> None:
    query = {"page": name, "point": here, "offer": public_id("offer", HUBEI, pricing.offer().id)}
    cookies = {"lintuan-point": here} if is_own else {}
    first = opened(query, cookies=cookies)

    with django_assert_num_queries(0):
        again = opened({**query, "from": "groupmessage", "isappinstalled": "0"}, cookies=cookies)

    assert page_in(again)["name"] == name
    assert again.content == first.content


@pytest.mark.parametrize("made_up", [{"offer": public_id("offer", HUBEI, 9_999)}, {"point": "there"}, {}])
def test_what_anybody_makes_up_is_not_remembered(here: str, made_up: dict[str, str]) -> None:
    query = {"page": "product", "point": here, "offer": public_id("offer", HUBEI, pricing.offer().id), **made_up}
    opened(query, cookies={"lintuan-point": "there"})

    with CaptureQueriesContext(connection) as queries:
        opened(query, cookies={"lintuan-point": "there"})

    assert len(queries) > 0


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_only_answers_readers(method: str) -> None:
    assert getattr(CLIENT, method)("/").status_code == 405


def test_the_clock_is_the_business_clock(clock_at: ClockAt) -> None:
    clock_at("2026-11-20T20:00+08:00")

    told = json.loads(CLIENT.get("/clock").content)

    assert told["now"].startswith("2026-11-20T12:00:00")
    assert 0 < told["rate"] < 1


def test_without_its_database_the_site_still_gives_the_client(here: str, caplog: pytest.LogCaptureFixture) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("the connection is lost")

    with connection.execute_wrapper(away):
        answer = opened({"point": here})

    assert answer.status_code == 200
    assert page_in(answer) is None
    assert '<div id="app">' in answer.content.decode()
    assert "the connection is lost" in caplog.text


def test_the_client_comes_alone_without_a_look_at_the_database(here: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = CLIENT.get("/", {"page": "shelf", "point": here}, headers={"Accept-Language": "en"}, **{ALONE: True})

    assert (answer.status_code, answer["Cache-Control"], page_in(answer)) == (200, "no-cache", None)
    assert '<html lang="en">' in answer.content.decode()
    assert answer["Content-Security-Policy"] == opened()["Content-Security-Policy"]


class TestOtherBuilds:
    """A build that is not there, or that is made anew while the site runs."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Iterator[Path]:
        with override_settings(CLIENT_BUILD=tmp_path):
            yield tmp_path

    def build(self, folder: Path, words: str) -> None:
        fresh = folder / "fresh"
        html = f'<html lang="zh-Hans"><head><title>t</title><!--first-page--></head><body>{words}</body></html>'
        fresh.write_text(html, encoding="utf-8")
        fresh.rename(folder / "index.html")

    def test_without_a_build_people_read_what_to_do(self, folder: Path) -> None:
        answer = opened()

        assert answer.status_code == 503
        assert answer["Content-Type"].startswith("text/html")
        assert answer["Cache-Control"] == "no-store"
        assert "make client" in answer.content.decode()
        assert "Content-Security-Policy" in answer

    def test_a_new_build_is_noticed(self, folder: Path) -> None:
        seen = [opened().status_code]
        for words in ("one", "two"):
            self.build(folder, words)
            seen.append(re.search("<body>(.*?)<", opened().content.decode())[1])  # type: ignore[index]

        assert seen == [503, "one", "two"]


class TestAssets:
    """What the document needs, named by a hash of what is in it."""

    @pytest.fixture
    def script(self) -> str:
        found = re.search(r'src="(/static/h5/assets/[^"]+\.js)"', opened().content.decode())
        assert found
        return found[1]

    @pytest.mark.parametrize(
        ("accepted", "coding"),
        [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("", None), ("identity", None)],
    )
    def test_it_is_sent_as_the_build_compressed_it(self, script: str, accepted: str, coding: str | None) -> None:
        answer = CLIENT.get(script, headers={"Accept-Encoding": accepted})

        ending = {"br": ".br", "gzip": ".gz", None: ""}[coding]
        file = Path(settings.CLIENT_BUILD, "assets", Path(script).name + ending)
        assert answer.get("Content-Encoding") == coding
        assert b"".join(answer.streaming_content) == file.read_bytes()
        assert answer["Content-Type"].startswith("text/javascript")
        assert answer["Vary"] == "Accept-Encoding"

    def test_it_is_kept_for_a_year_and_others_for_an_hour(self, script: str) -> None:
        assert CLIENT.get(script)["Cache-Control"] == "max-age=31536000, public, immutable"
        assert CLIENT.get("/static/goods/apple.webp")["Cache-Control"] == "max-age=3600, public"

    def test_a_process_serves_what_was_built_after_it_began_and_no_more_what_is_gone(self, tmp_path: Path) -> None:
        file = tmp_path / "h5" / "assets" / "index-new.js"
        address = "/static/h5/assets/index-new.js"
        with override_settings(STATICFILES_DIRS=[tmp_path]):
            serve = StaticFiles(lambda _: HttpResponseNotFound())
            before = serve(RequestFactory().get(address)).status_code
            file.parent.mkdir(parents=True)
            file.write_text("1")
            now = serve(RequestFactory().get(address))
            content = b"".join(now.streaming_content)
            file.unlink()
            gone = serve(RequestFactory().get(address)).status_code

        assert (before, content, gone) == (404, b"1", 404)

    def test_a_file_gone_while_several_ask_for_it_is_gone_for_each(self, tmp_path: Path) -> None:
        class Raced(StaticFiles):
            def serve(self, *_: Any) -> HttpResponse:
                """Another thread has just met the same."""
                self.files.clear()
                raise FileNotFoundError

        address = "/static/h5/assets/index-new.js"
        (tmp_path / "h5" / "assets").mkdir(parents=True)
        (tmp_path / "h5" / "assets" / "index-new.js").write_text("1")
        with override_settings(STATICFILES_DIRS=[tmp_path]):
            gone = Raced(lambda _: HttpResponseNotFound())(RequestFactory().get(address))

        assert gone.status_code == 404

    @pytest.mark.parametrize("ending", ["", ".gz", ".br"])
    @pytest.mark.parametrize("refreshed", [False, True])
    def test_the_document_is_not_to_be_had_without_what_it_is_sent_with(self, ending: str, *, refreshed: bool) -> None:
        with override_settings(WHITENOISE_AUTOREFRESH=refreshed):
            serve = StaticFiles(lambda _: HttpResponseNotFound())
            answer = serve(RequestFactory().get(f"/static/h5/index.html{ending}"))

        assert answer.status_code == 404

    @pytest.mark.parametrize("path", ["../../../../config/settings.py", "", "..%2f..%2findex.html", "x\\..", "a/../b"])
    def test_nothing_else_is_served_under_its_address(self, path: str) -> None:
        assert CLIENT.get(f"/static/h5/assets/{path}").status_code == 404
