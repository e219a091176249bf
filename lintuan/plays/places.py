"""Where things happen, which campaigns listen there, and whose count it is."""

from __future__ import annotations

from lintuan.kernel.errors import NotFound
from lintuan.leaders import queries as leaders

from . import rules
from .playbook import play_of
from .rules import Place
from .types import CampaignView, Happening


def place_of(province_id: int, point_id: int) -> Place:
    """Where a point is; nowhere for one that does not exist."""
    if not point_id:
        return Place()
    try:
        point = leaders.point(province_id, point_id)
    except NotFound:
        return Place()
    return Place(point.id, point.leader_id, int(point.district_code[:4]))


def hears(campaign: CampaignView, happening: Happening, place: Place) -> bool:
    """Whether a campaign listens to that kind of thing, then and there."""
    return (
        happening.kind in play_of(campaign).counts
        and happening.campaign_id in (0, campaign.id)
        and rules.is_running(campaign, happening.at)
        and (rules.is_at(campaign, place) or bool(happening.campaign_id))
        and (campaign.definition.participants.who != "newcomers" or _is_new(happening))
    )


def _is_new(happening: Happening) -> bool:
    """Of orders the first one is a newcomer's; of other facts whoever tells of them has looked."""
    return happening.is_first_order or happening.kind not in ("paid", "collected")


def unit_of(happening: Happening, campaign: CampaignView, place: Place, side: int | None) -> int:
    """Whose count it is; 0 where nobody's: who has not said which building they live in."""
    if happening.unit:
        return happening.unit
    match campaign.definition.participants.unit:
        case "building" | "team":
            return side or 0
        case "point":
            return place.point_id
        case "leader":
            return place.leader_id
        case "entry":
            return happening.lines[0].sku_id if len(happening.lines) == 1 else 0
        case _:
            return side or happening.member_id
