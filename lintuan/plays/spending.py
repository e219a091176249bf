"""What rewards cost which budgets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from .engine.rewards import Goods, Reward
from .models import Budget, Grant
from .types import CampaignView

#: Of budgets that are not of a day.
ALL_DAYS = date(1970, 1, 1)


class Line(NamedTuple):
    """One budget: `kind` is play, leader, day (in fen) or stock (in pieces)."""

    campaign_id: int
    kind: str
    subject: int
    on_day: date


def lines_of(campaign: CampaignView, reward: Reward, *, leader_id: int, on: date, cost: int) -> dict[Line, int]:
    """What giving a reward takes of which budgets, in fen and pieces."""
    limits, takes = campaign.definition.limits, {}
    if cost and limits.budget_fen is not None:
        takes[Line(campaign.id, "play", 0, ALL_DAYS)] = cost
    if cost and limits.leader_budget_fen is not None and leader_id:
        takes[Line(campaign.id, "leader", leader_id, ALL_DAYS)] = cost
    if cost and limits.day_budget_fen is not None:
        takes[Line(campaign.id, "day", 0, on)] = cost
    if limits.stock is not None and (isinstance(reward, Goods) or not _gives_goods(campaign)):
        takes[Line(campaign.id, "stock", 0, ALL_DAYS)] = reward.units if isinstance(reward, Goods) else 1
    return takes


def has_room(campaign: CampaignView, takes: Mapping[Line, int]) -> bool:
    """Whether budgets could pay so much now; nothing is locked."""
    rows = Budget.objects.filter(province_id=campaign.province_id, campaign_id=campaign.id)
    spent = {Line(row.campaign_id, row.kind, row.subject, row.on_day): row.spent for row in rows}
    return all(spent.get(line, 0) + amount <= most_of(campaign, line) for line, amount in takes.items())


def lines_held(grant: Grant, campaign: CampaignView, fen: int) -> dict[Line, int]:
    """What of a grant's budgets so many fen of it are, without its stock."""
    reward = campaign.definition.rewards[grant.reward]
    lines = lines_of(campaign, reward, leader_id=grant.leader_id, on=grant.given_on, cost=fen)
    return {line: amount for line, amount in lines.items() if line.kind != "stock"}


def _gives_goods(campaign: CampaignView) -> bool:
    return any(isinstance(reward, Goods) for reward in campaign.definition.rewards)


def most_of(campaign: CampaignView, line: Line) -> int:
    """What a budget allows altogether."""
    limits = campaign.definition.limits
    most = {
        "play": limits.budget_fen,
        "leader": limits.leader_budget_fen,
        "day": limits.day_budget_fen,
        "stock": limits.stock,
    }
    return most[line.kind] or 0
