"""支付方式: which ways to pay are offered where, and in which order."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.errors import Forbidden, Invalid
from lintuan.payments import commands, queries
from lintuan.payments.engine import methods
from lintuan.payments.engine.methods import Place, Preference
from lintuan.payments.types import PayMethod, Provider
from tests.make import payments as make
from tests.make import provinces

W, A = Provider.WECHATPAY, Provider.ALIPAY
M = PayMethod
HUBEI = make.HUBEI
WUHAN, YICHANG = "420100", "420500"

ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; V2307A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "target", "place"),
    [
        (f"{ANDROID} MicroMessenger/8.0.50.2701 NetType/WIFI Language/zh_CN", "", Place.WECHAT_BROWSER),
        (f"{IPHONE} MicroMessenger/8.0.49(0x18003130) NetType/4G Language/zh_CN", "", Place.WECHAT_BROWSER),
        (f"{WINDOWS} MicroMessenger/7.0.20.1781 WindowsWechat", "", Place.WECHAT_BROWSER),
        (f"{IPHONE} AliApp(AP/10.6.0.8000) AlipayClient/10.6.0.8000 Language/zh-Hans", "", Place.ALIPAY_BROWSER),
        (f"{ANDROID} MicroMessenger/8.0.50", "mp-weixin", Place.WECHAT_MINI),
        (f"{IPHONE} AlipayClient/10.6.0", "mp-alipay", Place.ALIPAY_MINI),
        (ANDROID, "", Place.PHONE),
        (IPHONE, "", Place.PHONE),
        (ANDROID, "h5", Place.PHONE),
        (WINDOWS, "", Place.DESKTOP),
        ("", "", Place.DESKTOP),
    ],
)
def test_where_a_page_is_open(agent, target, place):
    assert methods.place_of(agent, target) is place


@pytest.mark.parametrize(
    ("place", "order", "offered"),
    [
        (Place.WECHAT_BROWSER, (W, A), (M.WECHAT_JSAPI,)),
        (Place.WECHAT_BROWSER, (A, W), (M.WECHAT_JSAPI,)),
        (Place.WECHAT_MINI, (W, A), (M.WECHAT_JSAPI,)),
        (Place.ALIPAY_BROWSER, (W, A), (M.ALIPAY_WAP,)),
        (Place.ALIPAY_MINI, (W, A), (M.ALIPAY_MINI,)),
        (Place.PHONE, (W, A), (M.WECHAT_H5, M.ALIPAY_WAP)),
        (Place.PHONE, (A, W), (M.ALIPAY_WAP, M.WECHAT_H5)),
        (Place.PHONE, (A,), (M.ALIPAY_WAP, M.WECHAT_H5)),
        (Place.PHONE, (), (M.WECHAT_H5, M.ALIPAY_WAP)),
        (Place.DESKTOP, (A, W), (M.ALIPAY_QR, M.WECHAT_NATIVE)),
    ],
)
def test_what_works_where_both_are_set_up_the_preferred_first(place, order, offered):
    assert methods.offered(place, {W, A}, order) == offered


@pytest.mark.parametrize(
    ("place", "ready", "offered", "elsewhere"),
    [
        (Place.WECHAT_BROWSER, {W}, (M.WECHAT_JSAPI,), False),
        (Place.WECHAT_BROWSER, {A}, (), True),
        (Place.WECHAT_MINI, {A}, (), True),
        (Place.ALIPAY_BROWSER, {W}, (), True),
        (Place.PHONE, {A}, (M.ALIPAY_WAP,), False),
        (Place.PHONE, set(), (), False),
        (Place.WECHAT_BROWSER, set(), (), False),
    ],
)
def test_only_what_is_set_up_is_offered_and_what_works_elsewhere_is_said(place, ready, offered, elsewhere):
    assert methods.offered(place, ready, ()) == offered
    assert methods.elsewhere(place, ready) is elsewhere


@given(st.sampled_from(Place), st.sets(st.sampled_from(Provider)), st.lists(st.sampled_from(Provider)))
def test_a_preference_neither_adds_nor_loses_a_method(place, ready, order):
    offered = methods.offered(place, ready, order)

    assert set(offered) == {one for one in methods.WORKS[place] if one.provider in ready}
    assert len(set(offered)) == len(offered)


DAY = date(2026, 11, 20)
EVERYWHERE = Preference("", date(2021, 3, 31), (W, A))
PROVINCE = Preference("420000", DAY, (A, W))
CITY = Preference(WUHAN, DAY + timedelta(days=2), (W,))
LATER = Preference(WUHAN, DAY + timedelta(days=4), (A,))


@pytest.mark.parametrize(
    ("city", "days", "providers"),
    [
        (WUHAN, -1, (W, A)),
        (WUHAN, 0, (A, W)),
        (WUHAN, 2, (W,)),
        (WUHAN, 3, (W,)),
        (WUHAN, 4, (A,)),
        (YICHANG, 4, (A, W)),
        ("420000", 4, (A, W)),
        ("520100", 4, (W, A)),
    ],
)
def test_the_nearest_market_counts_and_in_it_the_newest_row(city, days, providers):
    rows = (LATER, EVERYWHERE, CITY, PROVINCE)

    assert methods.preferred(rows, city, DAY + timedelta(days=days)) == providers
    assert methods.preferred((), city, DAY) == ()


@pytest.mark.parametrize("place", Place)
def test_every_method_has_words_in_both_languages(place):
    for method in methods.WORKS[place]:
        assert all(methods.NAMES[method])


@pytest.mark.django_db
class TestPreferences:
    @pytest.fixture(autouse=True)
    def _market(self, clock_at, two_by_hand):
        clock_at("2026-11-20T12:00+08:00")
        provinces.province(HUBEI)

    def prefer(self, *providers, city="", days=0, caller=SYSTEM):
        from_on = DAY + timedelta(days=days)
        commands.prefer_providers(caller, province_id=HUBEI, city_code=city, from_on=from_on, providers=providers)

    def offered(self, city=WUHAN, days=0):
        return queries.methods(Place.PHONE, HUBEI, city=city, on=DAY + timedelta(days=days)).methods

    def test_the_shipped_order_holds_until_staff_say_otherwise(self):
        before = self.offered()
        self.prefer(A, W, city=WUHAN, days=1)

        assert before == self.offered() == (M.WECHAT_H5, M.ALIPAY_WAP)
        assert self.offered(days=1) == (M.ALIPAY_WAP, M.WECHAT_H5)
        assert self.offered(city=YICHANG, days=1) == before

    def test_said_twice_for_a_day_the_last_word_holds(self):
        self.prefer(W, A, days=1)
        self.prefer(A, W, days=1)

        assert [one.providers for one in queries.preferences(HUBEI)] == [(A, W)]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"city": "430100"}, {"city": "420000"}, {"city": "420102"}, {"city": "42"}, {"days": -1}, {"providers": ()},
            {"providers": (W, W)},
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused(self, wrong):
        with pytest.raises(Invalid):
            self.prefer(*wrong.pop("providers", (W,)), **wrong)

    def test_only_staff_of_the_province_may(self):
        self.prefer(A, caller=provinces.staff("provinces.edit"))

        with pytest.raises(Forbidden):
            self.prefer(A, caller=provinces.staff("payments.refund"))

    @pytest.mark.parametrize(
        ("agent", "client", "expected"),
        [
            (ANDROID, "", [("wechat_h5", "微信支付"), ("alipay_wap", "支付宝")]),
            (WINDOWS, "", [("wechat_native", "微信扫码支付"), ("alipay_qr", "支付宝扫码支付")]),
            (f"{ANDROID} MicroMessenger/8", "", [("wechat_jsapi", "微信支付")]),
            (ANDROID, "mp-alipay", [("alipay_mini", "支付宝")]),
        ],
    )
    def test_over_http_a_client_is_told_what_works_for_it(self, agent, client, expected):
        headers = {"User-Agent": agent, "X-Lintuan-Client": client, "Accept-Language": "zh-CN"}

        told = Client().get(f"/api/v1/payments/methods?province_id={HUBEI}&city={WUHAN}", headers=headers).json()

        assert [(one["method"], one["text"]) for one in told["methods"]] == expected
        assert told["elsewhere"] is False

    def test_in_english_too_and_where_nothing_works_that_is_said(self, settings):
        english = {"User-Agent": ANDROID, "Accept-Language": "en"}
        told = Client().get(f"/api/v1/payments/methods?province_id={HUBEI}", headers=english).json()
        settings.GATEWAY_KEYS = ""
        nothing = Client().get(f"/api/v1/payments/methods?province_id={HUBEI}", headers=english).json()

        assert [one["text"] for one in told["methods"]] == ["WeChat Pay", "Alipay"]
        assert nothing == {"methods": [], "elsewhere": False}

    @pytest.mark.parametrize("city", ["42010", "wuhan!"])
    def test_a_city_is_six_digits(self, city):
        answer = Client().get(f"/api/v1/payments/methods?province_id={HUBEI}&city={city}")

        assert answer.status_code == 422
