"""A play tried on past evenings before anybody starts it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from lintuan.provinces.queries import province

from . import rules
from .engine.definition import Definition, FactKind
from .engine.facts import Fact
from .engine.simulation import Ask, Evening, NotEnough, NotShown, Outcome, Past, simulate
from .places import place_of, unit_of
from .rules import Place
from .types import CampaignState, CampaignView, NewCampaign, PastEvening

#: What ordering tells of past evenings; of anything else nobody kept a record there.
RECORDS: frozenset[FactKind] = frozenset({"paid"})


def rehearse(
    province_id: int, play: Definition, plan: NewCampaign, evenings: Sequence[PastEvening], ask: Ask
) -> Outcome | NotEnough | NotShown:
    """What the play as planned would have given and cost; whose building or team it was nobody knows of the past."""
    zone = province(province_id).zone
    campaign = _as_planned(province_id, play, plan)
    places = {point_id: place_of(province_id, point_id) for point_id in {one.point_id for one in evenings}}
    past = [
        Evening(
            on=one.sale_on.toordinal(),
            facts=tuple(_facts(campaign, one, places[one.point_id], zone)),
            leader=places[one.point_id].leader_id,
            point=one.point_id,
        )
        for one in evenings
    ]
    return simulate(play, Past(tuple(past), RECORDS), ask)


def _facts(campaign: CampaignView, evening: PastEvening, place: Place, zone: str) -> Iterator[Fact]:
    for happening in evening.happenings:
        unit = unit_of(happening, campaign, place, None)
        fact = rules.fact_of(campaign, happening, unit, opener_id=0, zone=zone)
        if unit and fact is not None:
            yield fact


def _as_planned(province_id: int, play: Definition, plan: NewCampaign) -> CampaignView:
    """The campaign that it would be, at all times."""
    return CampaignView(
        id=0,
        province_id=province_id,
        definition=play,
        state=CampaignState.LIVE,
        leader_id=0,
        point_ids=frozenset(plan.point_ids),
        sku_ids=frozenset(plan.sku_ids),
        goods=plan.goods,
        channel=plan.channel,
        starts_at=datetime.min.replace(tzinfo=UTC),
        ends_at=None,
        started_by="",
    )
