"""Budgets: rows that everything which is given queues at, so that none is ever promised more than it allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection

from lintuan.plays.models import Grant
from lintuan.plays.spending import Line, lines_held, most_of
from lintuan.plays.types import CampaignView


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

    def left(self, lines: Iterable[Line]) -> int | None:
        """The least that any of these lines has left; none where there is none of them."""
        return min((self._left[line] for line in lines), default=None)

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
