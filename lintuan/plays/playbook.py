"""Definitions made ready: the ones that ship, those that operators wrote, and those of campaigns that run."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from .catalogue import plays
from .engine.definition import Counting, Definition
from .engine.interpreter import Play
from .engine.progress import Draw
from .engine.reading import read_definition
from .errors import PlayUnknown
from .models import Campaign, Design
from .types import CampaignState, CampaignView, Content

#: A campaign's definition never changes, so what was made ready once is good for ever.
MOST = 5_000

_views: dict[tuple[int, int], tuple[CampaignView, Play]] = {}


def definition(province_id: int, code: str) -> Definition:
    """The newest version of a play by its code; PlayUnknown where there is none."""
    written = Design.objects.filter(province_id__in=(0, province_id), code=code).order_by("-version").first()
    if written is not None:
        return read_definition(written.definition)
    try:
        return plays()[code]
    except KeyError:
        raise PlayUnknown(thing="play") from None


def definitions(province_id: int) -> dict[str, Definition]:
    """All plays of a province by code, what operators composed above what ships."""
    found = dict(plays())
    for written in Design.objects.filter(province_id__in=(0, province_id)).order_by("version"):
        found[written.code] = read_definition(written.definition)
    return found


def live_campaigns(province_id: int) -> dict[int, CampaignView]:
    """The campaigns that run now, by id."""
    rows = Campaign.objects.filter(province_id=province_id, state=CampaignState.LIVE.value)
    ids = list(rows.values_list("id", "ends_at"))
    fresh = [campaign_id for campaign_id, _ in ids if (province_id, campaign_id) not in _views]
    if fresh:
        for row in Campaign.objects.filter(province_id=province_id, id__in=fresh):
            _remember(row)
    return {campaign_id: replace(_views[province_id, campaign_id][0], ends_at=ends_at) for campaign_id, ends_at in ids}


def campaigns(province_id: int, ids: set[int]) -> dict[int, CampaignView]:
    """These campaigns in any state."""
    return {row.id: _remember(row) for row in Campaign.objects.filter(province_id=province_id, id__in=ids)}


def play_of(campaign: CampaignView) -> Play:
    """A campaign's play, ready to count."""
    known = _views.get((campaign.province_id, campaign.id))
    return known[1] if known else Play(with_tickets(campaign.definition))


def with_tickets(play: Definition) -> Definition:
    """A draw also counts tickets that other plays give."""
    if not isinstance(play.progress, Draw) or any(one.fact == "redeemed" for one in play.counts):
        return play
    tickets = Counting(fact="redeemed", measure="units", worth=play.progress.ticket_every)
    return replace(play, counts=(*play.counts, tickets))


def _remember(row: Campaign) -> CampaignView:
    view = campaign_view(row)
    if len(_views) >= MOST:
        _views.clear()
    _views[row.province_id, row.id] = (view, Play(with_tickets(view.definition)))
    return view


def campaign_view(row: Campaign) -> CampaignView:
    return CampaignView(
        id=row.id,
        province_id=row.province_id,
        definition=msgspec.convert(row.definition, Definition),
        state=CampaignState(row.state),
        leader_id=row.leader_id,
        point_ids=frozenset(row.point_ids),
        sku_ids=frozenset(row.sku_ids),
        goods=row.goods,
        channel=row.channel,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        started_by=row.started_by,
        content=msgspec.convert(row.content, Content),
    )


def written(play: Definition) -> Any:
    """A definition as it is stored."""
    return msgspec.to_builtins(play)
