"""What must be in order before a play may start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from lintuan.catalog import queries as catalog
from lintuan.kernel.errors import Invalid
from lintuan.pricing import queries as pricing
from lintuan.pricing.types import Costing
from lintuan.provinces.queries import coming_day, province
from lintuan.sharing.queries import channel_policy
from lintuan.sharing.types import Channel

from .engine.definition import Definition
from .engine.linter import lint
from .engine.linting.verdict import Finding, GoodsPrice, Prices, Verdict
from .engine.soundness import circles
from .errors import PlayRefused, PlayUnsound
from .types import NewCampaign


def channel_of(plan: NewCampaign) -> Channel:
    """Where its words will be posted; Invalid for a channel that sharing does not know."""
    try:
        return Channel(plan.channel)
    except ValueError:
        raise Invalid(reason=f"channel: {', '.join(Channel)}") from None


def verdict_of(province_id: int, play: Definition, plan: NewCampaign, at: datetime) -> Verdict:
    """All that is to be said of a play on the local day of its start, by the prices of the goods that it is about."""
    return judge_of(province_id, plan, at)(play)


def judge_of(province_id: int, plan: NewCampaign, at: datetime) -> Callable[[Definition], Verdict]:
    """The same of any play that would be started so: the prices are asked for once."""
    market = province(province_id)
    on = at.astimezone(ZoneInfo(market.zone)).date()
    prices = prices_of(pricing.costings(province_id, coming_day(market, at), plan.sku_ids))
    return lambda play: lint(play, channels=channel_policy(), on=on, prices=prices)


def require(province_id: int, play: Definition, plan: NewCampaign, at: datetime) -> list[dict[str, Any]]:
    """The findings that a person should know; PlayRefused where one forbids the start."""
    channel = channel_of(plan)
    found = verdict_of(province_id, play, plan, at)
    refusals = found.refusals(channel)
    if refusals:
        raise _refusal(channel, found, refusals)
    return [_told(one) for one in found.of(channel)]


def require_lawful(province_id: int, play: Definition, at: datetime) -> None:
    """PlayRefused where the linter finds against a play before any goods, on the channel that shelves open with."""
    channel, on = Channel.WECHAT_GROUP, at.astimezone(ZoneInfo(province(province_id).zone)).date()
    found = lint(play, channels=channel_policy(), on=on, prices=Prices())
    refusals = found.refusals(channel)
    if refusals:
        raise _refusal(channel, found, refusals)


def prices_of(costings: tuple[Costing, ...]) -> Prices:
    """Prices as the linter asks for them."""
    skus = catalog.skus({one.offer.sku_id for one in costings})
    named = [(one, skus[one.offer.sku_id]) for one in costings]
    return Prices(
        goods=tuple(
            GoodsPrice(
                goods=sku.name_in("zh-hans"),
                goods_en=sku.name_in("en"),
                day=one.offer.price,
                cost=one.cost,
                exemption=one.exemption,
            )
            for one, sku in named
        )
    )


def _refusal(channel: Channel, found: Verdict, refusals: tuple[Finding, ...]) -> PlayRefused:
    first = refusals[0]
    return PlayRefused(
        reason=first.reason.en,
        reason_zh=first.reason.zh,
        rule=first.rule,
        at=first.place,
        channel=channel.value,
        rewrite=next((one.rewrite for one in refusals if one.rewrite), ""),
        findings=[_told(one) for one in found.of(channel)],
    )


def _told(one: Finding) -> dict[str, Any]:
    """A finding as it is kept and told; what it would change is for whoever composes plays."""
    written: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(one, changed=None))
    return {name: value for name, value in written.items() if value not in (None, "")}


def require_no_circle(plays: Mapping[str, Definition], code: str) -> None:
    """Refuse a play that would feed others which feed it."""
    for fault in circles(plays):
        if code in fault.reason.en:
            raise PlayUnsound(place=fault.place, reason=fault.reason.en, reason_zh=fault.reason.zh)
