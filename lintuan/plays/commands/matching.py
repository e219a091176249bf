"""Which runs hear what happened, and for which unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from lintuan.plays import rules
from lintuan.plays.engine.facts import Fact
from lintuan.plays.models import Run, Side
from lintuan.plays.places import hears, place_of, unit_of
from lintuan.plays.playbook import play_of
from lintuan.plays.rules import Period, Place
from lintuan.plays.types import CampaignView, Happening

from .rounds import open_rounds


class Heard(Struct, frozen=True):
    """A fact and the run that hears it."""

    run_id: int
    fact: Fact
    happening: Happening


class _Match(Struct, frozen=True):
    happening: Happening
    campaign: CampaignView
    scope: int
    unit: int
    period: Period | None = None
    run_id: int = 0
    opener_id: int = 0


def match(
    province_id: int, zone: str, happenings: Sequence[Happening], campaigns: Mapping[int, CampaignView]
) -> list[Heard]:
    """What each of these campaigns hears, in the order in which it happened; runs that are missing are begun."""
    known = _Known(
        _places(province_id, {one.point_id for one in happenings}),
        _named_runs(province_id, {one.run_id for one in happenings if one.run_id}),
        _sides(province_id, happenings, campaigns),
        zone,
    )
    matches = [
        found
        for happening in _with_arrivals(happenings)
        for campaign in campaigns.values()
        if (found := _match(happening, campaign, known)) is not None
    ]
    wanted = {
        (one.campaign.id, one.scope, one.period.begins_at): (one.campaign, one.period)
        for one in matches
        if one.period is not None
    }
    ids = open_rounds(province_id, wanted)
    heard = []
    for one in matches:
        run_id = ids[one.campaign.id, one.scope, one.period.begins_at] if one.period is not None else one.run_id
        fact = rules.fact_of(one.campaign, one.happening, one.unit, opener_id=one.opener_id, zone=zone)
        if fact is not None:
            heard.append(Heard(run_id, fact, one.happening))
    return heard


def _with_arrivals(happenings: Iterable[Happening]) -> Iterator[Happening]:
    """The same; with a first order its newcomer has arrived, for plays in which somebody brought them."""
    for happening in happenings:
        yield happening
        if happening.kind == "paid" and happening.is_first_order:
            yield replace(happening, key=f"arrived:{happening.order_id}", kind="arrived")


def _places(province_id: int, point_ids: Iterable[int]) -> dict[int, Place]:
    return {point_id: place_of(province_id, point_id) for point_id in point_ids}


def _named_runs(province_id: int, run_ids: set[int]) -> dict[int, tuple[int, int, int]]:
    """The campaign, scope and opener of runs."""
    if not run_ids:
        return {}
    rows = Run.objects.filter(province_id=province_id, id__in=run_ids)
    return {row[0]: row[1:] for row in rows.values_list("id", "campaign_id", "scope", "opener_id")}


_Sides = dict[tuple[int, int], int]


def _sides(province_id: int, happenings: Sequence[Happening], campaigns: Mapping[int, CampaignView]) -> _Sides:
    """For whom members play, by campaign and member."""
    sided = [one.id for one in campaigns.values() if _is_sided(one)]
    if not sided:
        return {}
    rows = Side.objects.filter(
        province_id=province_id, campaign_id__in=sided, member_id__in={one.member_id for one in happenings}
    )
    return {
        (campaign_id, member): unit
        for campaign_id, member, unit in rows.values_list("campaign_id", "member_id", "unit")
    }


def _is_sided(campaign: CampaignView) -> bool:
    participants = campaign.definition.participants
    return participants.unit in ("household", "building", "team") or "arrived" in play_of(campaign).counts


class _Known(Struct, frozen=True):
    """What was looked up for a batch: places of points, campaign, scope and opener of runs, and sides by campaign and
    member.
    """

    places: Mapping[int, Place]
    runs: Mapping[int, tuple[int, int, int]]
    sides: _Sides
    zone: str
    periods: dict[int, Period] = {}

    def period_of(self, campaign: CampaignView, at: datetime) -> Period | None:
        """The period of a moment; what happens in one batch is mostly in the same."""
        last = self.periods.get(campaign.id)
        if last is not None and last.begins_at <= at and (last.ends_at is None or at < last.ends_at):
            return last
        period = rules.period_of(campaign, at, self.zone)
        if period is not None:
            self.periods[campaign.id] = period
        return period


def _match(happening: Happening, campaign: CampaignView, known: _Known) -> _Match | None:
    place = known.places[happening.point_id]
    if not hears(campaign, happening, place):
        return None
    side = known.sides.get((campaign.id, happening.member_id))
    is_by_order = happening.kind == "arrived" and bool(happening.order_id)
    unit = side or 0 if is_by_order else unit_of(happening, campaign, place, side)
    if not unit:
        return None
    if campaign.definition.participants.reach == "opener":
        return _named(happening, campaign, place, known.runs.get(happening.run_id), unit)
    scope = rules.scope_of(campaign, place)
    period = known.period_of(campaign, happening.at)
    if scope is None or period is None:
        return None
    return _Match(happening, campaign, scope, unit, period)


def _named(
    happening: Happening, campaign: CampaignView, place: Place, run: tuple[int, int, int] | None, unit: int
) -> _Match | None:
    """What happened in a run that somebody opened: only who names it takes part."""
    campaign_id, scope, opener_id = run or (0, 0, 0)
    if campaign_id != campaign.id:
        return None
    if campaign.definition.participants.same_point and place.point_id != scope:
        return None
    return _Match(happening, campaign, scope, unit, run_id=happening.run_id, opener_id=opener_id)
