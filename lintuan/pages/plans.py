"""How a leader would start a play, as pages and the API write it: with public ids, short enough for an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.kernel.ids import read_public_id
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView
from lintuan.plays.types import NewCampaign
from lintuan.pricing import queries as pricing
from lintuan.sharing.types import Channel

#: As many as fit into a parameter of a page.
MOST_GOODS = 16


@dataclass(frozen=True, slots=True)
class Plan:
    """At which point, where its words are posted, about which offers of tonight (none: all), until when.

    `goods` says which offer each name of the definition stands for.
    """

    point: str
    channel: Channel = Channel.WECHAT_GROUP
    about: tuple[str, ...] = ()
    goods: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None

    def parameters(self) -> dict[str, str]:
        """The same as a page is asked with it."""
        return {
            "point": self.point,
            "channel": self.channel.value,
            "about": ".".join(self.about),
            "goods": ".".join(f"{name}:{offer}" for name, offer in sorted(self.goods.items()) if offer),
            "until": self.until.isoformat() if self.until else "",
        }


def read_plan(parameters: Mapping[str, str]) -> Plan:
    """A plan of an address; Invalid names the parameter that says nothing."""
    try:
        channel = Channel(parameters.get("channel") or Channel.WECHAT_GROUP)
    except ValueError:
        raise Invalid(reason=f"channel: {', '.join(Channel)}") from None
    about = tuple(offer for offer in parameters.get("about", "").split(".") if offer)
    named = dict(part.partition(":")[::2] for part in parameters.get("goods", "").split(".") if ":" in part)
    return Plan(parameters.get("point", ""), channel, about, named, _moment(parameters.get("until", "")))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(reason="until: YYYY-MM-DDThh:mm+08:00") from None
    if moment.tzinfo is None:
        raise Invalid(reason="until: YYYY-MM-DDThh:mm+08:00")
    return moment


def own_point(caller: Caller, point: str) -> PointView:
    """A point that the leader who calls keeps; NotFound for any other."""
    province_id, point_id = read_public_id("point", point)
    kept = leaders.points_of_leader(caller.province_id, caller.id) if caller.province_id == province_id else ()
    found = next((view for view in kept if caller.is_leader(province_id, view.leader_id) and view.id == point_id), None)
    if found is None:
        raise NotFound(thing="point")
    return found


def campaign_of(caller: Caller, plan: Plan) -> NewCampaign:
    """The plan as plays take it; NotFound where its point is none of the caller's, or an offer is none of ours."""
    point = own_point(caller, plan.point)
    return campaign_at(point.province_id, (point.id,), plan)


def campaign_at(province_id: int, point_ids: tuple[int, ...], plan: Plan) -> NewCampaign:
    """The same at these points, whoever keeps them; at none: in the whole province."""
    if len(plan.about) > MOST_GOODS:
        raise Invalid(reason=f"about: {MOST_GOODS}")
    wanted = {offer: _offer_id(province_id, offer) for offer in {*plan.about, *plan.goods.values()} if offer}
    views = pricing.offers(province_id, wanted.values())
    if wanted.values() - views.keys():
        raise NotFound(thing="offer")
    skus = {offer: views[offer_id].sku_id for offer, offer_id in wanted.items()}
    return NewCampaign(
        point_ids=point_ids,
        sku_ids=tuple(sorted({skus[offer] for offer in plan.about})),
        goods={name: skus[offer] for name, offer in sorted(plan.goods.items()) if offer},
        channel=plan.channel.value,
        ends_at=plan.until,
    )


def _offer_id(province_id: int, text: str) -> int:
    of_province, offer_id = read_public_id("offer", text)
    if of_province != province_id:
        raise NotFound(thing="offer")
    return offer_id
