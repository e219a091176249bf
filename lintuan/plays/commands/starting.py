"""Plays started and stopped, and plays that operators compose."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from lintuan.catalog import queries as catalog
from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, Invalid, NotFound
from lintuan.kernel.events import announce
from lintuan.leaders.queries import points_of_leader
from lintuan.plays import arms, linting
from lintuan.plays.engine.contents import require_content
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.reading import read_definition
from lintuan.plays.engine.rewards import Goods
from lintuan.plays.errors import PlayUnknown
from lintuan.plays.events import CampaignStarted, CampaignStopped
from lintuan.plays.models import Campaign, Design, Run
from lintuan.plays.playbook import definition, definitions, written
from lintuan.plays.types import CampaignState, NewCampaign, RunState

EDIT = "plays.edit"
#: A play that is stopped before it began ends as it begins.
TICK = timedelta(microseconds=1)


@command
def start_play(caller: Caller, *, province_id: int, code: str, plan: NewCampaign, key: str | None = None) -> int:
    """Start a play as it is defined now; leaders at points of their own, staff anywhere. Answers the campaign's id.

    A leader in a trial of its forms starts the one of their arm, which the campaign keeps with the trial.
    PlayRefused where the linter finds against it, ContentMissing where it has not been filled in.
    """
    leader_id = _require_starter(caller, province_id, plan)
    play, now = arms.play_for(province_id, leader_id, code), clock.now()
    starts_at = max(plan.starts_at or now, now)
    if plan.ends_at is not None and plan.ends_at <= starts_at:
        raise Invalid(reason="ends_at")
    missing = {one.sku for one in play.rewards if isinstance(one, Goods)} - plan.goods.keys()
    if missing:
        raise Invalid(reason=f"goods: {', '.join(sorted(missing))}")
    unknown = {*plan.sku_ids, *plan.goods.values()} - catalog.skus({*plan.sku_ids, *plan.goods.values()}).keys()
    if unknown:
        raise NotFound(thing="sku")
    verdict = linting.require(province_id, play, plan, starts_at)
    require_content(play, plan.content, plan.sku_ids)
    row = Campaign(
        province_id=province_id,
        code=play.code,
        definition=written(play),
        leader_id=leader_id,
        point_ids=sorted(plan.point_ids),
        sku_ids=sorted(plan.sku_ids),
        goods=plan.goods,
        channel=plan.channel,
        started_by=caller.reference,
        starts_at=starts_at,
        ends_at=plan.ends_at,
        verdict=verdict,
        content=msgspec.to_builtins(plan.content),
        arms=_arms(province_id, leader_id),
    )
    row.save()
    announce(CampaignStarted(province_id=province_id, campaign_id=row.id, code=play.code, leader_id=leader_id))
    return row.id


@command
def stop_play(caller: Caller, *, province_id: int, campaign_id: int, key: str | None = None) -> int:
    """Let a play end now: what is open ends as it stands, and what was earned stays."""
    row = _own_campaign(caller, province_id, campaign_id)
    if row.state == CampaignState.STOPPED:
        return row.id
    now = clock.now()
    row.state, row.ends_at = CampaignState.STOPPED.value, max(now, row.starts_at + TICK)
    row.save(update_fields=["state", "ends_at"])
    Run.objects.filter(province_id=province_id, campaign_id=row.id, state=RunState.OPEN.value).update(ends_at=now)
    announce(CampaignStopped(province_id=province_id, campaign_id=row.id, code=row.code))
    return row.id


@command
def write_design(caller: Caller, *, province_id: int, definition: Any, key: str | None = None) -> int:
    """Keep a play that an operator composed, as a new version of its code; answers the version.

    PlayMalformed and PlayUnsound say what is wrong, and where; so do plays that would feed each other for ever.
    """
    caller.require(EDIT, province_id)
    play = read_definition(definition)
    latest = Design.objects.filter(province_id=province_id, code=play.code).order_by("-version").first()
    version = latest.version + 1 if latest else max(play.version, _shipped_version(play) + 1)
    play = msgspec.structs.replace(play, version=version)
    linting.require_no_circle(definitions(province_id) | {play.code: play}, play.code)
    Design.objects.create(
        province_id=province_id,
        code=play.code,
        version=version,
        definition=written(play),
        written_by=caller.reference,
        written_at=clock.now(),
    )
    return version


def _arms(province_id: int, leader_id: int) -> dict[str, str]:
    return {one.code: one.arm for one in arms.trials_of(province_id, leader_id)} if leader_id else {}


def _shipped_version(play: Definition) -> int:
    try:
        return definition(0, play.code).version
    except PlayUnknown:
        return 0


def _require_starter(caller: Caller, province_id: int, plan: NewCampaign) -> int:
    """The leader on whose account a play is started, 0 for the province."""
    if caller.kind is not Kind.LEADER:
        caller.require(EDIT, province_id)
        return 0
    if caller.province_id != province_id:
        raise Forbidden
    own = {point.id for point in points_of_leader(province_id, caller.id)}
    if not plan.point_ids or not set(plan.point_ids) <= own:
        raise NotFound(thing="point")
    return caller.id


def _own_campaign(caller: Caller, province_id: int, campaign_id: int) -> Campaign:
    row = Campaign.objects.select_for_update().filter(province_id=province_id, id=campaign_id).first()
    if row is None or not (caller.is_leader(province_id, row.leader_id) or caller.may(EDIT, province_id)):
        raise PlayUnknown(thing="campaign")
    return row
