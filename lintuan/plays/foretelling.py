"""What an order would earn by being placed: the prices that its buyer sees before they pay."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from . import guarding, rules
from .engine import facts
from .engine.earning import saving
from .engine.facts import Fact, Given, Person, Tally
from .engine.interpreter import count
from .engine.progress import Draw
from .engine.rewards import Price, Rebate, most_cost_fen
from .engine.wallet import Held
from .models import ONGOING, Grant, Side
from .models import Person as PersonRow
from .models import Run as RunRow
from .models import Tally as TallyRow
from .places import hears, place_of, unit_of
from .playbook import play_of
from .rules import Place
from .spending import has_room, lines_of
from .types import CampaignView, Happening, RunState


def at_once(campaigns: Mapping[int, CampaignView]) -> dict[int, CampaignView]:
    """The campaigns whose prices and rebates hang on one order alone, so that it can be placed at them.

    What is drawn is not among them: whoever was told before paying could draw again.
    """
    return {one.id: one for one in campaigns.values() if _is_at_once(one)}


def _is_at_once(campaign: CampaignView) -> bool:
    play = play_of(campaign)
    return (
        "paid" in play.counts
        and not play.way.is_shared
        and not isinstance(campaign.definition.progress, Draw)
        and campaign.definition.participants.reach != "opener"
        and any(isinstance(reward, Price | Rebate) for reward in campaign.definition.rewards)
    )


def price_held(campaign: CampaignView, reward_at: int, id: int, fen: int) -> Held:
    """A price or rebate as something in hand, good for goods of its campaign that cost so many fen."""
    reward = campaign.definition.rewards[reward_at]
    assert isinstance(reward, Price | Rebate)
    return Held(
        id=id,
        kind="play",
        turn=campaign.id,
        worth_fen=saving(reward, fen),
        floor_bps=campaign.definition.limits.price_floor_bps or 0,
        sku_ids=tuple(sorted(campaign.sku_ids)),
    )


def foretold(order: Happening, campaigns: Mapping[int, CampaignView], *, zone: str) -> list[tuple[CampaignView, Held]]:
    """What these campaigns would give for an order now; nothing is taken, so somebody may be faster."""
    among, found = at_once(campaigns), []
    sides = _sides(order, among)
    for campaign in among.values():
        place = place_of(campaign.province_id, order.point_id)
        scope, period = rules.scope_of(campaign, place), rules.period_of(campaign, order.at, zone)
        if scope is None or period is None or not hears(campaign, order, place):
            continue
        unit = unit_of(order, campaign, place, sides.get(campaign.id))
        fact = rules.fact_of(campaign, order, unit, opener_id=0, zone=zone) if unit else None
        if fact is not None:
            run = RunRow.objects.filter(
                province_id=campaign.province_id, campaign_id=campaign.id, scope=scope, opener_id=0,
                begins_at=period.begins_at,
            ).first()  # fmt: skip
            given = [
                reward
                for reward in _given(campaign, run, fact)
                if _is_within(campaign, reward, order, place, (zone, run.id if run else 0))
            ]
            found += [(campaign, price_held(campaign, reward, 0, fact.fen)) for reward in given]
    return found


def _sides(order: Happening, campaigns: Mapping[int, CampaignView]) -> dict[int, int]:
    """For whom the buyer plays, by campaign."""
    if not campaigns:
        return {}
    rows = Side.objects.filter(
        province_id=next(iter(campaigns.values())).province_id, campaign_id__in=campaigns, member_id=order.member_id
    )
    return dict(rows.values_list("campaign_id", "unit"))


def _is_within(campaign: CampaignView, reward_at: int, order: Happening, place: Place, of: tuple[str, int]) -> bool:
    """Whether budgets, limits and the guard still allow it, as far as that can be seen without taking it.

    `of` are the time zone and the run, 0 for one that nobody began yet.
    """
    zone, run_id = of
    limits, reward = campaign.definition.limits, campaign.definition.rewards[reward_at]
    on = order.at.astimezone(ZoneInfo(zone)).date()
    mine = Grant.objects.filter(
        province_id=campaign.province_id, campaign_id=campaign.id, member_id=order.member_id, state__in=ONGOING
    )
    if limits.per_member_day is not None and mine.filter(given_on=on).count() >= limits.per_member_day:
        return False
    if limits.per_member is not None and run_id and mine.filter(run_id=run_id).count() >= limits.per_member:
        return False
    if guarding.is_foreseen(campaign, order, run_id=run_id, fen=most_cost_fen(reward)):
        return False
    leader_id = campaign.leader_id or place.leader_id
    takes = lines_of(campaign, reward, leader_id=leader_id, on=on, cost=most_cost_fen(reward))
    return has_room(campaign, takes)


def _given(campaign: CampaignView, row: RunRow | None, fact: Fact) -> list[int]:
    """The prices and rebates, by their place in the definition, that would follow."""
    play = play_of(campaign)
    if row is None:
        run, tally, person = play.run(), Tally(fact.unit), Person(fact.member, fact.unit)
    elif row.state != RunState.OPEN:
        return []
    else:
        run = replace(msgspec.convert(row.body, facts.Run), id=row.id, seed=bytes(row.seed))
        tally, person = _counted(row, fact)
    effects = count(play, run, tally, person, fact).effects
    return [
        effect.reward
        for effect in effects
        if isinstance(effect, Given) and isinstance(campaign.definition.rewards[effect.reward], Price | Rebate)
    ]


def _counted(row: RunRow, fact: Fact) -> tuple[Tally, Person]:
    of_run = {"province_id": row.province_id, "run_id": row.id, "unit": fact.unit}
    tally = TallyRow.objects.filter(**of_run).values_list("body", flat=True).first()
    person = PersonRow.objects.filter(**of_run, member_id=fact.member).values_list("body", flat=True).first()
    return (
        msgspec.convert(tally, Tally) if tally else Tally(fact.unit),
        msgspec.convert(person, Person) if person else Person(fact.member, fact.unit),
    )
