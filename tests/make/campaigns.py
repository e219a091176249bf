"""Plays that run, and what happens in them."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.delivery import Horizon, deliver
from lintuan.kernel.events import CONSUMERS
from lintuan.leaders.types import PointView
from lintuan.plays import commands, queries
from lintuan.plays.engine.definition import Definition, Limits, Participants, Trigger
from lintuan.plays.engine.progress import Reach
from lintuan.plays.engine.rewards import Coupon, Price
from lintuan.plays.models import Campaign, Grant, Run
from lintuan.plays.playbook import campaign_view, written
from lintuan.plays.types import Bought, CampaignView, Happening, NewCampaign
from lintuan.pricing.types import OfferView
from tests.make import plays
from tests.make.provinces import HUBEI

_orders = itertools.count(1)

#: What a member is given for an order from 10 yuan.
COUPON = Coupon(off_fen=200, over_fen=1000)


def running(play: Definition, **given: Any) -> CampaignView:
    """A campaign as if it had been started just now, whatever a linter would say."""
    fields: dict[str, Any] = {
        "province_id": HUBEI,
        "channel": "wechat_group",
        "started_by": "test",
        "starts_at": clock.now(),
    }
    row = Campaign.objects.create(code=play.code, definition=written(play), **{**fields, **given})
    return campaign_view(row)


def started(leader: Caller, code: str, point: PointView, *about: OfferView, **given: Any) -> CampaignView:
    """A play of the catalogue that a leader started at their point, about these offers."""
    plan = NewCampaign(point_ids=(point.id,), sku_ids=tuple(offer.sku_id for offer in about), **given)
    campaign_id = commands.start_play(leader, province_id=HUBEI, code=code, plan=plan)
    return queries.campaign(HUBEI, campaign_id)


def group(*, size: int = 3, minutes: int = 240, **others: Any) -> Definition:
    """Neighbours who buy together: so many pay, and all have a fifth off."""
    fields: dict[str, Any] = {
        "code": "some-group",
        "trigger": Trigger(kind="buyer", minutes=minutes),
        "participants": Participants(reach="opener", same_point=True),
        "counts": (plays.counting("paid", "people"),),
        "limits": Limits(budget_fen=100_000),
        "unfilled": "refund",
    }
    price = Price(to="both", price_bps=8000, most_fen=500)
    return plays.definition(Reach(levels=(size,)), [price], **{**fields, **others})


def paid(
    member: Caller, fen: int = 1000, *, point: PointView | None = None, at: datetime | None = None, **given: Any
) -> Happening:
    """An order that was just paid."""
    order_id = given.pop("order_id", 0) or next(_orders)
    fields: dict[str, Any] = {"lines": (Bought(sku_id=given.pop("sku_id", 1), units=1, fen=fen),)}
    return Happening(
        key=f"order:{order_id}",
        kind="paid",
        member_id=member.id,
        at=at or clock.now(),
        point_id=point.id if point else 0,
        order_id=order_id,
        **{**fields, **given},
    )


def hear(*happenings: Happening) -> int:
    return commands.hear(SYSTEM, province_id=HUBEI, happenings=happenings)


def withdraw(*happenings: Happening) -> int:
    return commands.withdraw(SYSTEM, province_id=HUBEI, order_ids=tuple(one.order_id for one in happenings))


def end() -> int:
    """End what is over, once all is heard that plays tell each other."""
    while deliver(CONSUMERS["plays.tickets"], Horizon.OWN):
        pass
    return commands.end_runs(SYSTEM, province_id=HUBEI)


def grants(**given: Any) -> list[tuple[int, str, str]]:
    """Who has what, and how it stands."""
    rows = Grant.objects.filter(**given).order_by("member_id", "reward", "nth")
    return [(row.member_id, row.kind, row.state) for row in rows]


def only_run() -> Run:
    return Run.objects.get()
