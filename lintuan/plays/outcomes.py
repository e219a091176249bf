"""What came of plays, as far as plays themselves heard: orders less what rewards cost, and complaints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from msgspec import Struct

from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointState
from lintuan.provinces.queries import province

from .data import learning_rules
from .engine.learning.believing import Gain
from .engine.learning.comparing import Outcome
from .engine.learning.guarding import Harm
from .engine.learning.offering import Choice
from .models import Campaign, Offering

#: An order counts once for a campaign, however many of its runs and facts it is in, with the goods that it is about.
_ORDERS = """
SELECT o.campaign_id, sum(o.fen)::bigint, count(*) FROM (
    SELECT r.campaign_id, h.order_id, max((h.body->>'fen')::bigint) AS fen
    FROM plays_run AS r JOIN plays_heard AS h ON h.province_id = r.province_id AND h.run_id = r.id
    WHERE r.province_id = %s AND r.campaign_id = ANY(%s) AND h.order_id > 0 AND NOT h.is_withdrawn
    GROUP BY r.campaign_id, h.order_id
) AS o GROUP BY o.campaign_id
"""

#: What is given may still be used; of what lapsed only what was used was paid.
_COSTS = """
SELECT g.campaign_id, sum(CASE WHEN g.state = 'lapsed' THEN g.spent ELSE g.cost END)::bigint
FROM plays_grant AS g WHERE g.province_id = %s AND g.campaign_id = ANY(%s) AND g.state NOT IN ('denied', 'taken')
GROUP BY g.campaign_id
"""

#: Of a leader an order counts once, however many campaigns heard it.
_LEADERS_ORDERS = """
SELECT o.leader_id, o.on_day, sum(o.fen)::bigint FROM (
    SELECT c.leader_id, h.order_id, min((h.body->>'on')::bigint) AS on_day, max((h.body->>'fen')::bigint) AS fen
    FROM plays_campaign AS c
    JOIN plays_run AS r ON r.province_id = c.province_id AND r.campaign_id = c.id
    JOIN plays_heard AS h ON h.province_id = c.province_id AND h.run_id = r.id
    WHERE c.province_id = %s AND c.leader_id = ANY(%s) AND h.order_id > 0 AND NOT h.is_withdrawn
    GROUP BY c.leader_id, h.order_id
) AS o GROUP BY o.leader_id, o.on_day
"""

_LEADERS_COSTS = """
SELECT c.leader_id, g.given_on, sum(CASE WHEN g.state = 'lapsed' THEN g.spent ELSE g.cost END)::bigint
FROM plays_campaign AS c JOIN plays_grant AS g ON g.province_id = c.province_id AND g.campaign_id = c.id
WHERE c.province_id = %s AND c.leader_id = ANY(%s) AND g.state NOT IN ('denied', 'taken')
GROUP BY c.leader_id, g.given_on
"""

_HARMS = """
SELECT n.campaign_id, n.guard, count(*) FROM plays_harmcount AS n
WHERE n.province_id = %s AND n.campaign_id = ANY(%s) GROUP BY n.campaign_id, n.guard
"""


class Group(Struct, frozen=True):
    """The members who collect at the points that a leader keeps."""

    leader_id: int
    members: int
    group_type: str


class Ended(Struct, frozen=True):
    """A campaign that is over: its gain, the days it ran on, its cost in fen, and what was expected of it."""

    campaign_id: int
    gain: Gain
    days: int
    cost: int
    expected: float | None


def groups(province_id: int) -> dict[int, Group]:
    """The groups of leaders who have an open point, by leader; the first point by code says which kind of place."""
    sizes, districts, members = leaders.group_sizes(province_id), dict[int, str](), dict[int, int]()
    for point in leaders.points(province_id):
        if point.state is PointState.OPEN:
            districts.setdefault(point.leader_id, point.district_code)
            members[point.leader_id] = members.get(point.leader_id, 0) + sizes.get(point.id, 0)
    rules = learning_rules()
    return {one: Group(one, members[one], rules.group_type(members[one], code)) for one, code in districts.items()}


def local_day(province_id: int, at: datetime) -> date:
    return at.astimezone(ZoneInfo(province(province_id).zone)).date()


def gains(province_id: int, since: datetime, until: datetime) -> list[Gain]:
    """What campaigns of leaders that ended in that time brought, a member and day."""
    return [one.gain for one in ended(province_id, since, until)]


def ended(province_id: int, since: datetime, until: datetime) -> list[Ended]:
    """Campaigns of leaders that ended in that time, in the order in which they were started, with what they brought."""
    over = Campaign.objects.filter(province_id=province_id, leader_id__gt=0, ends_at__gt=since, ends_at__lte=until)
    rows = list(over.order_by("id"))
    ids = [row.id for row in rows]
    earned, cost = _by_campaign(_ORDERS, province_id, ids), _by_campaign(_COSTS, province_id, ids)
    offerings = {one.campaign_id: one for one in Offering.objects.filter(province_id=province_id, campaign_id__in=ids)}
    present = groups(province_id)
    found = []
    for row in rows:
        group, offering = present.get(row.leader_id), offerings.get(row.id)
        members = offering.members if offering else group.members if group else 0
        if group is not None and members:
            fen, days = earned.get(row.id, 0) - cost.get(row.id, 0), _days(province_id, row)
            tired = _tired(offering, row.code) if offering else 0.0
            gain = Gain(group.group_type, row.code, fen / members / days, members, tired)
            found.append(Ended(row.id, gain, days, cost.get(row.id, 0), _expected(offering, row.code)))
    return found


def _days(province_id: int, row: Campaign) -> int:
    """Local days that a campaign ran on, the broken ones counted whole."""
    ends_at = row.ends_at or row.starts_at
    return (local_day(province_id, ends_at) - local_day(province_id, row.starts_at)).days + 1


def _expected(offering: Offering | None, code: str) -> float | None:
    choices = choices_of(offering) if offering else ()
    return next((one.expected for one in choices if one.play == code), None)


def _tired(offering: Offering, code: str) -> float:
    return next((one.tired for one in choices_of(offering) if one.play == code), 0.0)


def choices_of(offering: Offering) -> tuple[Choice, ...]:
    return tuple(Choice(**one) for one in offering.shown["choices"])


def harms(province_id: int, since: datetime) -> list[Harm]:
    """For each play and guard how many orders it heard, and of how many somebody complained."""
    rows = Campaign.objects.filter(province_id=province_id, starts_at__gt=since).values_list("id", "code")
    codes = dict(rows)
    reached: dict[str, int] = {}
    hits: dict[tuple[str, str], int] = {}
    for campaign_id, _, orders in _rows(_ORDERS, province_id, codes):
        reached[codes[campaign_id]] = reached.get(codes[campaign_id], 0) + orders
    for campaign_id, guard, count in _rows(_HARMS, province_id, codes):
        key = (codes[campaign_id], guard)
        hits[key] = hits.get(key, 0) + count
    # An order that was withdrawn after the complaint reached nobody any more, but it hurt.
    return [Harm(play, guard, max(reached.get(play, 0), count), count) for (play, guard), count in hits.items()]


def outcomes(province_id: int, days: Mapping[int, tuple[date, date]]) -> list[Outcome]:
    """What came of leaders between two local days, both included: fen, and members times days."""
    totals = dict.fromkeys(days, 0)
    for sign, sql in ((1, _LEADERS_ORDERS), (-1, _LEADERS_COSTS)):
        for leader_id, on, fen in _rows(sql, province_id, days):
            first, last = days[leader_id]
            day = date.fromordinal(on) if isinstance(on, int) else on
            totals[leader_id] += sign * fen if first <= day <= last else 0
    present = groups(province_id)
    return [
        Outcome(leader_id, float(totals[leader_id]), present[leader_id].members * ((last - first).days + 1))
        for leader_id, (first, last) in days.items()
        if leader_id in present and present[leader_id].members and last >= first
    ]


def _by_campaign(sql: str, province_id: int, ids: Collection[int]) -> dict[int, int]:
    return {row[0]: row[1] for row in _rows(sql, province_id, ids)}


def _rows(sql: str, province_id: int, ids: Iterable[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [province_id, list(ids)])
        return list(cursor.fetchall())
