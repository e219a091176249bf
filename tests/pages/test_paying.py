"""How a page lets somebody pay, by where it is open and what the shop has set up."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from lintuan.kernel.ids import public_id
from lintuan.payments.engine.methods import Place
from lintuan.payments.gateways import OPENERS
from lintuan.payments.types import PayMethod, Provider
from tests.make import leaders, ordering, payments, pricing
from tests.make.ordering import EVENING
from tests.make.pages import actions, ask, document
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

BOTH, ALIPAY_ONLY = '{"wechatpay": {}, "alipay": {}}', '{"alipay": {}}'


@pytest.fixture
def order(clock_at):
    clock_at(EVENING)
    leaders.point()
    return ordering.order(ordering.line(pricing.offer()))


@pytest.fixture
def manifest(monkeypatch, settings, tmp_path):
    """Write which services are set up; none of them is spoken to here."""
    monkeypatch.setitem(OPENERS, Provider.ALIPAY, OPENERS[Provider.WECHATPAY])
    settings.GATEWAY_KEYS = str(tmp_path / "manifest.json")
    return (tmp_path / "manifest.json").write_text


def shown(order, page="paying", **more):
    place = more.pop("place", Place.WECHAT_BROWSER)
    asked = {"order": public_id("order", HUBEI, order.id), **more}
    return document(ask(page, ordering.buyer_of(order), asked, place=place))


def pays(page):
    return [(one["text"].rpartition(" ")[0], one.get("method", "")) for one in actions(page) if one["do"] == "pay"]


@pytest.mark.parametrize(
    ("place", "choices"),
    [
        (Place.WECHAT_BROWSER, [("Pay", "wechat_jsapi")]),
        (Place.WECHAT_MINI, [("Pay", "wechat_jsapi")]),
        (Place.ALIPAY_BROWSER, [("Pay", "alipay_wap")]),
        (Place.ALIPAY_MINI, [("Pay", "alipay_mini")]),
        (Place.PHONE, [("WeChat Pay", "wechat_h5"), ("Alipay", "alipay_wap")]),
        (Place.DESKTOP, [("WeChat Pay by QR code", "wechat_native"), ("Alipay by QR code", "alipay_qr")]),
    ],
)
@pytest.mark.parametrize("page", ["paying", "order"])
def test_there_is_a_choice_only_where_there_is_more_than_one_way(order, manifest, page, place, choices):
    manifest(BOTH)

    assert pays(shown(order, page, place=place)) == choices


def test_where_alipay_does_not_open_its_address_is_copied_to_the_browser(order, manifest):
    manifest(ALIPAY_ONLY)

    page = shown(order)

    (address,) = {one["content"] for one in actions(page) if one["do"] == "copy"}
    assert parse_qs(urlsplit(address).query) == {
        "page": ["paying"],
        "order": [public_id("order", HUBEI, order.id)],
    }
    assert pays(page) == []


def test_without_any_service_the_button_stands_and_the_answer_says_why(order, settings):
    settings.GATEWAY_KEYS = ""

    assert pays(shown(order)) == [("Pay", "")]


def test_a_demonstration_pays_at_its_counter_whatever_is_set_up(order, manifest, settings):
    manifest(BOTH)
    settings.DEMO, settings.STAND_INS = True, "http://127.0.0.1:9"

    page = shown(order, place=Place.PHONE)

    assert pays(page) == [("Pay", "")]
    assert [one["counter"] for one in actions(page) if one["do"] == "pay"] == ["http://127.0.0.1:9/wechatpay/phone/pay"]


def test_a_code_is_drawn_where_paying_by_it_was_begun_and_nowhere_else(order, manifest):
    manifest(BOTH)
    payments.attempt(order.charge_id, method=PayMethod.WECHAT_NATIVE)
    payments.attempt(order.charge_id, method=PayMethod.WECHAT_JSAPI)

    def posters(method):
        page = shown(order, place=Place.DESKTOP, method=method)
        return [node["title"] for node in page["body"] if node["kind"] == "poster"]

    assert posters("wechat_native") == ["WeChat Pay by QR code"]
    assert [posters(other) for other in ("alipay_qr", "wechat_jsapi", "nonsense", "")] == [[], [], [], []]
