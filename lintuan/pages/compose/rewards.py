"""What plays gave the reader: coupons, money, goods and points, what each is good for and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.kernel.ids import public_id
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.plays import queries as plays
from lintuan.plays.engine import rewards
from lintuan.plays.types import CampaignView, GrantState, GrantView
from lintuan.provinces.queries import province

from . import goods, parts, words
from .asking import Asking
from .doors import for_members

#: What is taken off an order; all else is told in rows.
SPENT_ON_ORDERS = ("coupon", "cash", "pot", "goods")

#: What a reward is called.
NAMES: Mapping[str, tuple[str, str]] = {
    "coupon": ("优惠券", "Coupon"),
    "cash": ("玩法红包", "Play money"),
    "pot": ("玩法红包", "Play money"),
    "goods": ("赠品", "Won goods"),
    "price": ("玩法价", "Play price"),
    "rebate": ("返现", "Money back"),
    "points": ("积分", "Points"),
    "chance": ("抽奖机会", "Tickets"),
    "uplift": ("加佣", "More commission"),
    "privilege": ("特权", "Privilege"),
    "honour": ("上榜", "On the board"),
    "perk": ("取货便利", "About collecting"),
}


@for_members("rewards", "优惠与积分", "Rewards and points")
def page(asking: Asking) -> Page:
    """All that is in hand, and what was used of late."""
    head = ("rewards", asking.t("优惠与积分", "Rewards and points"))
    province_id = asking.caller.province_id
    found = plays.grants_of_member(asking.caller)
    points = plays.points(province_id, asking.caller.id)
    if not found and not points:
        return parts.page(asking, head, [_nothing(asking)], tab="me")
    campaigns = plays.campaigns_by_id(province_id, {one.campaign_id for one in found})
    skus = catalog.skus({sku_id for one in campaigns.values() for sku_id in one.goods.values()})
    today = asking.now.astimezone(ZoneInfo(province(province_id).zone)).date()
    shown = [_Shown(asking, one, campaigns[one.campaign_id], skus, today) for one in found]
    body: list[Node] = [_points(asking, points)] if points else []
    body += [one.coupon() for one in shown if one.is_coupon]
    rows = [one.row() for one in shown if not one.is_coupon]
    if rows:
        body += [parts.heading(asking.t("其他奖励", "Other rewards")), parts.rows(rows, key="others")]
    return parts.page(asking, head, body, tab="me")


class _Shown:
    """A reward as its owner sees it."""

    def __init__(
        self, asking: Asking, grant: GrantView, campaign: CampaignView, skus: Mapping[int, SkuView], today: date
    ) -> None:
        self._asking, self._grant, self._campaign, self._skus, self._today = asking, grant, campaign, skus, today
        self._reward = campaign.definition.rewards[grant.reward]
        self.is_coupon = grant.kind in SPENT_ON_ORDERS and grant.state is not GrantState.HELD and self._has_date

    @property
    def _has_date(self) -> bool:
        return self._grant.expires_on is not None

    def coupon(self) -> nodes.Coupon:
        """What is taken off an order, with what is left of it."""
        grant, t = self._grant, self._asking.t
        amount = (grant.worth if self._state == "used" else grant.worth - grant.spent).fen
        until = "" if self._state != "open" else t(f"{self._last_day}前有效", f"until {self._last_day}")
        said = words.word(self._word, self._asking.language, of="reward") if self._state != "open" else ""
        text = words.told(self._title, words.yuan(amount), until, said, language=self._asking.language)
        return nodes.Coupon(
            text=text, key=public_id("grant", self._asking.caller.province_id, grant.id),
            title=self._title, amount_fen=amount, until=self._until, state=self._state,
        )  # fmt: skip

    def row(self) -> values.Row:
        grant, language = self._grant, self._asking.language
        until = self._asking.t(f"{self._last_day}前有效", f"until {self._last_day}") if self._has_date else ""
        return values.Row(
            title=words.told(self._what, self._good_for, language=language),
            note=words.told(self._play, until, language=language),
            value=str(grant.points) if grant.points else words.yuan(grant.worth.fen) if grant.worth else "",
            badge=words.word(self._word, language, of="reward"),
            tone=words.tone(self._word, of="reward"),
        )

    @property
    def _title(self) -> str:
        return words.told(self._what, self._good_for, self._play, language=self._asking.language)

    @property
    def _what(self) -> str:
        t = self._asking.t
        match self._reward:
            case rewards.Goods(sku=name, units=units):
                sku = self._skus.get(self._campaign.goods.get(name, 0))
                return f"{goods.name(sku, self._asking.language)} × {units}" if sku else t(*NAMES["goods"])
            case rewards.Privilege(name=name) | rewards.Honour(name=name) | rewards.Perk(name=name):
                return name.in_(self._asking.language)
            case _:
                return t(*NAMES[self._grant.kind])

    @property
    def _good_for(self) -> str:
        t = self._asking.t
        match self._reward:
            case rewards.Coupon(over_fen=over) if over:
                return t(f"满 {words.yuan(over)} 可用", f"from {words.yuan(over)}")
            case rewards.Coupon() | rewards.Cash() | rewards.Pot():
                return t("任何订单可用", "for any order")
            case rewards.Goods():
                return t("下单买这件时抵扣", "taken off when you order it")
            case _:
                return ""

    @property
    def _play(self) -> str:
        return self._campaign.definition.name.in_(self._asking.language)

    @property
    def _word(self) -> str:
        return "lapsed" if self._state == "over" else self._grant.state.value

    @property
    def _state(self) -> Literal["open", "used", "over"]:
        if self._grant.state is GrantState.USED:
            return "used"
        last = self._grant.expires_on
        return "over" if last is not None and last < self._today else "open"

    @property
    def _until(self) -> datetime:
        """The end of the last day."""
        assert self._grant.expires_on is not None
        zone = ZoneInfo(province(self._asking.caller.province_id).zone)
        return datetime.combine(self._grant.expires_on + timedelta(days=1), time(), zone)

    @property
    def _last_day(self) -> str:
        assert self._grant.expires_on is not None
        return words.day(self._grant.expires_on, self._asking.language)


def _points(asking: Asking, points: int) -> Node:
    note = asking.t("参加玩法得到，可在玩法里兑换", "given by plays, to be exchanged in plays")
    label = asking.t("积分", "Points")
    item = values.Metric(label=label, value=str(points), note=note)
    return nodes.MetricRow(text=f"{label} {points}", key="points", items=[item])


def _nothing(asking: Asking) -> Node:
    to = parts.go("shelf", asking.t("去货架", "To the shelf"))
    line = asking.t("参加邻居们的玩法，得到的都放在这里。", "What you get in your neighbours' plays is kept here.")
    return parts.empty(asking.t("还没有优惠和积分", "No rewards and points yet"), line, icon="ticket", to=to)
