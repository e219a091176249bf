"""What leaders are offered: beliefs as they were stored, and offers that follow from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.utils.crypto import salted_hmac

from lintuan.provinces.queries import province

from .data import learning_rules
from .engine.definition import Definition
from .engine.learning import believing
from .engine.learning.believing import Cell, Spread
from .engine.learning.offering import Asker, Offers, Shown, Taste
from .models import Belief, Campaign
from .outcomes import Group

#: Showings that long ago tire nobody any more: 2^-8 of what one yesterday does.
SHOWN_DAYS = 56
MOST_KEPT = 4
NO_PLAYS = frozenset[str]()

_beliefs: dict[tuple[int, int], believing.Belief] = {}


def key(province_id: int, purpose: str) -> bytes:
    """A secret of its own for each province and purpose; it is the same for ever, so that logs can be checked."""
    return salted_hmac(f"lintuan.plays.{purpose}", str(province_id), algorithm="sha256").digest()


def offerable(plays: Mapping[str, Definition]) -> list[str]:
    """What a leader may be offered at all: no form that channels ban, and nothing that leaders play themselves."""
    return sorted(code for code, play in plays.items() if play.rewrite is None and play.participants.who != "leaders")


def belief_of(row: Belief) -> believing.Belief:
    """The belief that a row stands for."""
    known = _beliefs.get((row.province_id, row.id))
    if known is None:
        cells = msgspec.convert(row.cells, tuple[Cell, ...])
        spread = msgspec.convert(row.spread, Spread)
        known = believing.learn(cells, learning_rules().group_types, row.plays, spread)
        if len(_beliefs) >= MOST_KEPT:
            _beliefs.clear()
        _beliefs[row.province_id, row.id] = known
    return known


def offers_of(row: Belief, on: date) -> Offers | None:
    """What is offered on a local day by that belief; None where every play drives people away."""
    plays = [play for play in row.plays if play not in {one["play"] for one in row.refused}]
    if not plays:
        return None
    taste = msgspec.convert(row.taste, Taste)
    return Offers(belief_of(row), plays, taste, on=on.toordinal(), seed=key(row.province_id, "offers"))


def shown_to(offers: Offers, group: Group, recent: Collection[tuple[str, int]]) -> Shown:
    return offers.to(Asker(group.leader_id, group.group_type, tuple(recent)))


def recent(province_id: int, leader_ids: Collection[int], on: date) -> dict[int, list[tuple[str, int]]]:
    """What the groups of leaders were shown before a day: each play of theirs with the local days it ran on."""
    first, zone = on - timedelta(days=SHOWN_DAYS), ZoneInfo(province(province_id).zone)
    rows = Campaign.objects.filter(
        province_id=province_id,
        leader_id__in=leader_ids,
        starts_at__lt=datetime(on.year, on.month, on.day, tzinfo=zone),
    ).exclude(ends_at__lt=datetime(first.year, first.month, first.day, tzinfo=zone))
    found: dict[int, list[tuple[str, int]]] = {}
    for row in rows.order_by("id"):
        begins = max(row.starts_at.astimezone(zone).date(), first)
        ends = min(row.ends_at.astimezone(zone).date() if row.ends_at else on, on - timedelta(days=1))
        days = range(begins.toordinal(), ends.toordinal() + 1)
        found.setdefault(row.leader_id, []).extend((row.code, day) for day in days)
    return found
