"""When runs of a play begin and end, what they are of, and which facts they hear."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from .engine.contents import asked_on
from .engine.counting import minute_of
from .engine.definition import Definition, Trigger
from .engine.facts import Fact
from .types import CampaignView, Happening

DAY = timedelta(days=1)


class Place(Struct, frozen=True):
    """Where something happened: a point, who keeps it, and its city (GB/T 2260, four digits)."""

    point_id: int = 0
    leader_id: int = 0
    city: int = 0


class Period(Struct, frozen=True):
    """From when a run counts and until when; without an end until its campaign stops."""

    begins_at: datetime
    ends_at: datetime | None


def is_running(campaign: CampaignView, at: datetime) -> bool:
    """Whether a campaign hears what happens at a moment."""
    return campaign.starts_at <= at and (campaign.ends_at is None or at < campaign.ends_at)


def is_at(campaign: CampaignView, place: Place) -> bool:
    """Whether a campaign reaches a place: its points, or its leader's."""
    if campaign.point_ids:
        return place.point_id in campaign.point_ids
    return campaign.leader_id in (0, place.leader_id)


def scope_of(campaign: CampaignView, place: Place) -> int | None:
    """Which of the campaign's runs a place belongs to; None where none of them is of it."""
    match campaign.definition.participants.reach:
        case "point":
            scope = place.point_id
        case "leader":
            scope = place.leader_id
        case "city":
            scope = place.city
        case _:
            return 0
    return scope or None


def period_of(campaign: CampaignView, at: datetime, zone: str) -> Period | None:
    """The period that a moment lies in; None between two of them."""
    trigger = campaign.definition.trigger
    if trigger.every == "once":
        return _until(Period(campaign.starts_at, campaign.ends_at), trigger, campaign)
    begins = _beginning(trigger, at.astimezone(ZoneInfo(zone)), campaign.starts_at.astimezone(ZoneInfo(zone)))
    ends = _next(trigger, begins)
    period = _until(Period(begins.astimezone(at.tzinfo), ends.astimezone(at.tzinfo)), trigger, campaign)
    return period if period.ends_at is None or at < period.ends_at else None


def _until(period: Period, trigger: Trigger, campaign: CampaignView) -> Period:
    ends = [period.ends_at, campaign.ends_at]
    if trigger.minutes is not None and trigger.kind != "buyer":
        ends.append(period.begins_at + timedelta(minutes=trigger.minutes))
    return Period(period.begins_at, min((end for end in ends if end is not None), default=None))


def _beginning(trigger: Trigger, local: datetime, started: datetime) -> datetime:
    """The last beginning at or before a local moment.

    A play of some minutes that no clock begins has its hour, and its day of the week, from whoever started it.
    """
    is_theirs = trigger.at is None and trigger.minutes is not None
    minute = started.hour * 60 + started.minute if is_theirs else minute_of(trigger.at or "00:00")
    begins = datetime.combine(local.date(), time(), local.tzinfo) + timedelta(minutes=minute)
    match trigger.every:
        case "hour":
            return local.replace(minute=minute % 60, second=0, microsecond=0) - timedelta(
                hours=local.minute < minute % 60
            )
        case "week":
            begins -= timedelta(days=(begins.weekday() - (started.weekday() if is_theirs else 0)) % 7)
            return begins if begins <= local else begins - 7 * DAY
        case "month":
            begins = begins.replace(day=1)
            return begins if begins <= local else (begins - DAY).replace(day=1)
        case _:
            return begins if begins <= local else begins - DAY


def _next(trigger: Trigger, begins: datetime) -> datetime:
    match trigger.every:
        case "hour":
            return begins + timedelta(hours=1)
        case "week":
            return begins + 7 * DAY
        case "month":
            return (begins.replace(day=1) + 32 * DAY).replace(day=1)
        case _:
            return begins + DAY


def run_ends_at(definition: Definition, opened_at: datetime, campaign_ends: datetime | None) -> datetime | None:
    """When a run that a member opened is over."""
    minutes = definition.trigger.minutes
    own = opened_at + timedelta(minutes=minutes) if minutes else None
    return min((end for end in (own, campaign_ends) if end is not None), default=None)


def minute_at(at: datetime, zone: str) -> int:
    """The minute of a moment as the interpreter counts them: `on * 1440 + minute`."""
    local = at.astimezone(ZoneInfo(zone))
    return local.toordinal() * 1440 + local.hour * 60 + local.minute


def questions_at(campaign: CampaignView, at: datetime, zone: str) -> tuple[int, ...]:
    """The numbers of the questions that a campaign asks on the local day of a moment."""
    local = ZoneInfo(zone)
    day = at.astimezone(local).toordinal() - campaign.starts_at.astimezone(local).toordinal()
    return asked_on(campaign.definition, campaign.content, max(day, 0))


def fact_of(campaign: CampaignView, happening: Happening, unit: int, *, opener_id: int, zone: str) -> Fact | None:
    """What a campaign hears of a happening; None where it is about other goods."""
    lines = [line for line in happening.lines if not campaign.sku_ids or line.sku_id in campaign.sku_ids]
    if happening.lines and not lines:
        return None
    local = happening.at.astimezone(ZoneInfo(zone))
    names = {sku_id: name for name, sku_id in campaign.goods.items()}
    kinds = tuple(names.get(line.sku_id, str(line.sku_id)) for line in lines)
    return Fact(
        id=happening.key,
        kind=happening.kind,
        member=happening.member_id,
        unit=unit,
        on=local.toordinal(),
        minute=local.hour * 60 + local.minute,
        fen=happening.fen or sum(line.fen for line in lines),
        day_fen=happening.day_fen,
        is_own=happening.is_own,
        units=happening.units or sum(line.units for line in lines),
        points=happening.points,
        of=happening.of or kinds,
        nonce=happening.nonce,
        is_opener=happening.member_id == opener_id != 0,
        is_first_order=happening.is_first_order,
        is_on_time=happening.is_on_time,
    )
