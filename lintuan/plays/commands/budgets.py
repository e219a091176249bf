"""Budgets: rows that everything which is given queues at, so that none is ever promised more than it allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.db import connection

from lintuan.plays.engine.rewards import Goods, Reward
from lintuan.plays.models import Budget, Grant
from lintuan.plays.types import CampaignView

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


def free(province_id: int, spares: Iterable[tuple[Grant, CampaignView, int]]) -> None:
    """Give back what budgets keep for grants, so many fen of each, and is not needed."""
    wanted: dict[Line, int] = {}
    freed: dict[Line, int] = {}
    for grant, campaign, fen in spares:
        for line, amount in lines_held(grant, campaign, fen).items() if fen > 0 else ():
            wanted[line] = most_of(campaign, line)
            freed[line] = freed.get(line, 0) + amount
    budgets = Budgets(province_id, wanted)
    budgets.give_back(freed)
    budgets.write()


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


class Budgets:
    """Locked budget lines of one province; what is taken is written at the end."""

    def __init__(self, province_id: int, wanted: Mapping[Line, int]) -> None:
        """Lock these lines; `wanted` says what each allows where it is touched for the first time."""
        self._province_id = province_id
        self._left: dict[Line, int] = {}
        self._taken: dict[Line, int] = {}
        if wanted:
            self._make(wanted)
            self._lock(wanted)

    def take(self, takes: Mapping[Line, int]) -> bool:
        """Whether all of it could be taken; if not, none of it is."""
        if any(self._left[line] < amount for line, amount in takes.items()):
            return False
        for line, amount in takes.items():
            self._move(line, amount)
        return True

    def give_back(self, takes: Mapping[Line, int]) -> None:
        """What was promised and is not needed."""
        for line, amount in takes.items():
            self._move(line, -amount)

    def write(self) -> None:
        moved = {line: amount for line, amount in self._taken.items() if amount}
        if not moved:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE plays_budget AS b SET spent = greatest(b.spent + w.amount, 0)"
                " FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::date[], %s::bigint[])"
                " AS w (campaign_id, kind, subject, on_day, amount)"
                " WHERE b.province_id = %s AND b.campaign_id = w.campaign_id AND b.kind = w.kind"
                " AND b.subject = w.subject AND b.on_day = w.on_day",
                [*_columns(moved), list(moved.values()), self._province_id],
            )

    def _move(self, line: Line, amount: int) -> None:
        self._left[line] -= amount
        self._taken[line] = self._taken.get(line, 0) + amount

    def _make(self, wanted: Mapping[Line, int]) -> None:
        ordered = dict(sorted(wanted.items()))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO plays_budget (province_id, campaign_id, kind, subject, on_day, most, spent)"
                " SELECT %s, w.campaign_id, w.kind, w.subject, w.on_day, w.most, 0"
                " FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::date[], %s::bigint[])"
                " AS w (campaign_id, kind, subject, on_day, most)"
                " ON CONFLICT (province_id, campaign_id, kind, subject, on_day) DO NOTHING",
                [self._province_id, *_columns(ordered), list(ordered.values())],
            )

    def _lock(self, wanted: Iterable[Line]) -> None:
        lines = sorted(wanted)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT b.campaign_id, b.kind, b.subject, b.on_day, b.most - b.spent"
                " FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::date[])"
                " AS w (campaign_id, kind, subject, on_day)"
                " JOIN plays_budget AS b ON b.province_id = %s AND b.campaign_id = w.campaign_id AND b.kind = w.kind"
                " AND b.subject = w.subject AND b.on_day = w.on_day"
                " ORDER BY b.campaign_id, b.kind, b.subject, b.on_day FOR UPDATE OF b",
                [*_columns(lines), self._province_id],
            )
            self._left = {Line(*row[:4]): row[4] for row in cursor.fetchall()}


def _columns(lines: Iterable[Line]) -> list[list[object]]:
    return [list(column) for column in zip(*lines, strict=True)]
