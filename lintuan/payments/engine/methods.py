"""支付方式: what is offered where a page is open; docs/algorithms/payments.md works the cases out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lintuan.kernel.errors import Invalid
from lintuan.payments.types import PayMethod, Provider


class Place(StrEnum):
    """Where the payer's page is open."""

    WECHAT_BROWSER = "wechat_browser"
    WECHAT_MINI = "wechat_mini"
    ALIPAY_BROWSER = "alipay_browser"
    ALIPAY_MINI = "alipay_mini"
    #: Any other browser of a phone.
    PHONE = "phone"
    DESKTOP = "desktop"


#: Each provider has at most one way in each place. Alipay's pages do not open in WeChat, nor WeChat's in Alipay.
WORKS: Mapping[Place, Collection[PayMethod]] = {
    Place.WECHAT_BROWSER: (PayMethod.WECHAT_JSAPI,),
    Place.WECHAT_MINI: (PayMethod.WECHAT_JSAPI,),
    Place.ALIPAY_BROWSER: (PayMethod.ALIPAY_WAP,),
    Place.ALIPAY_MINI: (PayMethod.ALIPAY_MINI,),
    Place.PHONE: (PayMethod.WECHAT_H5, PayMethod.ALIPAY_WAP),
    Place.DESKTOP: (PayMethod.WECHAT_NATIVE, PayMethod.ALIPAY_QR),
}

#: What a payer reads, Chinese and English.
NAMES: Mapping[PayMethod, tuple[str, str]] = {
    PayMethod.WECHAT_JSAPI: ("微信支付", "WeChat Pay"),
    PayMethod.WECHAT_H5: ("微信支付", "WeChat Pay"),
    PayMethod.WECHAT_NATIVE: ("微信扫码支付", "WeChat Pay by QR code"),
    PayMethod.ALIPAY_MINI: ("支付宝", "Alipay"),
    PayMethod.ALIPAY_WAP: ("支付宝", "Alipay"),
    PayMethod.ALIPAY_QR: ("支付宝扫码支付", "Alipay by QR code"),
}

_TARGETS = {"mp-weixin": Place.WECHAT_MINI, "mp-alipay": Place.ALIPAY_MINI}
_PHONE = re.compile(r"Mobile|Android|iPhone|iPad|HarmonyOS", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Preference:
    """From a day on, which provider comes first in a market: everywhere, in a province, in a city (GB/T 2260)."""

    market: str
    from_on: date
    providers: tuple[Provider, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """The methods of a place, the preferred first; `is_elsewhere` says that none works here, yet some would in the
    phone's own browser."""

    methods: tuple[PayMethod, ...]
    is_elsewhere: bool = False


def place_of(user_agent: str, target: str = "") -> Place:
    """By what the client's shell says it was built for, or else by its browser's User-Agent."""
    if target in _TARGETS:
        return _TARGETS[target]
    if "MicroMessenger" in user_agent:
        return Place.WECHAT_BROWSER
    if "AlipayClient" in user_agent:
        return Place.ALIPAY_BROWSER
    return Place.PHONE if _PHONE.search(user_agent) else Place.DESKTOP


def unnamed(place: Place) -> PayMethod:
    """What a client is given that names no method, because it is older than the choice."""
    return PayMethod.ALIPAY_MINI if place is Place.ALIPAY_MINI else PayMethod.WECHAT_JSAPI


def offered(place: Place, ready: Collection[Provider], order: Sequence[Provider]) -> tuple[PayMethod, ...]:
    """The methods that work in a place, of providers that are set up, the preferred first; none is lost for want of a
    preference."""
    ranks = {provider: rank for rank, provider in enumerate(order)}
    here = [method for method in WORKS[place] if method.provider in ready]
    return tuple(
        sorted(here, key=lambda method: (ranks.get(method.provider, len(ranks)), list(PayMethod).index(method)))
    )


def elsewhere(place: Place, ready: Collection[Provider]) -> bool:
    """Whether nothing works here, yet would where the page's address is copied to: the phone's own browser."""
    return not offered(place, ready, ()) and bool(offered(Place.PHONE, ready, ()))


def check_market(province_id: int, city_code: str, providers: Sequence[Provider]) -> None:
    """Refuse a city of another province, and an order that is empty or names a provider twice."""
    if city_code and not re.fullmatch(rf"{province_id:02d}(?!00)[0-9]{{2}}00", city_code):
        raise Invalid(reason=f"city_code: a city of {province_id}0000 (GB/T 2260)")
    if not providers or len(set(providers)) < len(providers):
        raise Invalid(reason="providers: one or more, each once")


def preferred(rows: Iterable[Preference], city: str, on: date) -> tuple[Provider, ...]:
    """Which providers come first in a city on a day: by the nearest market that has a row, and its newest."""
    markets = (city, f"{city[:2]}0000", "")
    holding = [row for row in rows if row.from_on <= on and row.market in markets]
    if not holding:
        return ()
    return min(holding, key=lambda row: (markets.index(row.market), -row.from_on.toordinal())).providers
