"""The round of a play that a link named: whether the order at hand takes a seat in it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.pages.tree import nodes
from lintuan.pages.tree.actions import Action
from lintuan.plays import queries as plays
from lintuan.plays.types import CampaignView, RunState, RunView

from . import parts
from .asking import Asking
from .place import Here

#: Said instead of a run where a neighbour orders without one.
NO_RUN = "-"


class Seat(Struct, frozen=True):
    """A run as a link named it, and why an order here takes no seat in it, if so."""

    run: RunView
    campaign: CampaignView
    why: str

    @property
    def id(self) -> str:
        return public_id("run", self.campaign.province_id, self.run.id)


def named(asking: Asking, here: Here, sku_ids: Iterable[int] | None = None) -> Seat | None:
    """The run by its public id or its code; None where none of the point's province is named.

    With the goods of an order it is told whether these are what the run is about.
    """
    run = _run(asking.get("run"), here.province.id)
    if run is None:
        return None
    campaign = plays.campaign(here.province.id, run.campaign_id)
    return Seat(run, campaign, _why(asking, here, (run, campaign), sku_ids))


def told(asking: Asking, seat: Seat | None, without: Action | None = None) -> list[nodes.Node]:
    """That an order takes a seat, or why it does not."""
    if seat is None:
        return []
    name = seat.campaign.definition.name.in_(asking.language)
    if seat.why:
        found = parts.notice(
            asking.t(f"「{name}」这一场不能参加", f"You cannot join this {name}"), seat.why, tone="warn"
        )
    else:
        line = asking.t("下单付款后就算参加。", "You are in once your order is paid for.")
        found = parts.notice(asking.t(f"正在参加「{name}」", f"You are joining {name}"), line, tone="good")
        found.tap = without
    found.key = "seat"
    return [found]


def _run(text: str, province_id: int) -> RunView | None:
    if not text or text == NO_RUN:
        return None
    try:
        of_province, run_id = read_public_id("run", text)
        return plays.run(province_id, run_id) if of_province == province_id else None
    except NotFound:
        pass
    try:
        return plays.run_by_code(province_id, text)
    except NotFound:
        return None


def _why(asking: Asking, here: Here, of: tuple[RunView, CampaignView], sku_ids: Iterable[int] | None) -> str:
    (run, campaign), t = of, asking.t
    participants = campaign.definition.participants
    if run.state is not RunState.OPEN or (run.ends_at is not None and run.ends_at <= asking.now):
        return t("这一场已经结束了。", "This round is over.")
    if participants.seats is not None and run.seats >= participants.seats:
        return t("这一场已经满了。", "This round is full.")
    if participants.same_point and run.scope != here.point.id:
        return t("这一场是另一个自提点的。", "This round is of another pickup point.")
    if sku_ids is not None and campaign.sku_ids and not campaign.sku_ids.intersection(sku_ids):
        return t("购物篮里没有这一场的商品。", "None of its goods is in your basket.")
    return ""
