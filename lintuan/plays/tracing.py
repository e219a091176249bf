"""What plays themselves know of members: who stands behind a reward, who brought whom, who was rewarded, who shops
together. Each is one statement for a whole batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from itertools import pairwise

from django.db import connection
from msgspec import Struct

from lintuan.plays.models import Companion, Grant
from lintuan.plays.types import GrantState

MINUTES_A_DAY = 1440
HAD = [GrantState.GIVEN.value, GrantState.HELD.value, GrantState.USED.value, GrantState.LAPSED.value]

_BEHIND = """
SELECT h.run_id, h.unit, h.member_id, h.body->>'kind', (h.body->>'on')::bigint, (h.body->>'minute')::bigint
FROM unnest(%s::bigint[], %s::bigint[]) AS w (run_id, unit)
JOIN plays_heard AS h ON h.province_id = %s AND h.run_id = w.run_id AND h.unit = w.unit
WHERE NOT h.is_withdrawn AND (h.body->>'kind' = 'arrived' OR (h.body->>'is_first_order')::boolean) ORDER BY h.id
"""

_CHAINS = """
SELECT a.campaign_id, a.member_id, a.unit, b.unit, c.unit, d.unit FROM plays_side AS a
LEFT JOIN plays_side AS b ON b.province_id = a.province_id AND b.campaign_id = a.campaign_id
    AND b.member_id = a.unit AND b.label = ''
LEFT JOIN plays_side AS c ON c.province_id = a.province_id AND c.campaign_id = a.campaign_id
    AND c.member_id = b.unit AND c.label = ''
LEFT JOIN plays_side AS d ON d.province_id = a.province_id AND d.campaign_id = a.campaign_id
    AND d.member_id = c.unit AND d.label = ''
WHERE a.province_id = %s AND a.campaign_id = ANY(%s) AND a.member_id = ANY(%s) AND a.label = ''
"""


class Brought(Struct, frozen=True):
    """A newcomer who counted for a unit in a run, and when, in minutes; `inviter_id` is 0 for who came alone."""

    member_id: int
    inviter_id: int
    minute: int


def newcomers_behind(province_id: int, units: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[Brought]]:
    """The newcomers of units, by run and unit: who was brought, or ordered for the first time."""
    if not units:
        return defaultdict(list)
    found: dict[tuple[int, int], dict[int, Brought]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, [[run_id for run_id, _ in units], [unit for _, unit in units], province_id])
        for run_id, unit, member_id, kind, on, minute in cursor.fetchall():
            known = found[run_id, unit].get(member_id)
            inviter = unit if kind == "arrived" and unit != member_id else known.inviter_id if known else 0
            found[run_id, unit][member_id] = Brought(member_id, inviter, on * MINUTES_A_DAY + minute)
    return defaultdict(list, {key: list(ones.values()) for key, ones in found.items()})


def brought_by(
    province_id: int, campaign_ids: Collection[int], member_ids: Collection[int]
) -> dict[tuple[int, int], int]:
    """By campaign and member who brought them, and who brought those, four steps up."""
    if not campaign_ids:
        return {}
    found: dict[tuple[int, int], int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CHAINS, [province_id, list(campaign_ids), list(member_ids)])
        for campaign_id, *chain in cursor.fetchall():
            found |= {(campaign_id, one): by for one, by in pairwise(chain) if by is not None}
    return found


def rewarded(province_id: int, campaign_ids: Collection[int], member_ids: Collection[int]) -> dict[int, set[int]]:
    """Who of these has or had a reward, by campaign."""
    rows = Grant.objects.filter(
        province_id=province_id, campaign_id__in=campaign_ids, member_id__in=member_ids, state__in=HAD
    )
    found: dict[int, set[int]] = defaultdict(set)
    for campaign_id, member_id in rows.values_list("campaign_id", "member_id").distinct():
        found[campaign_id].add(member_id)
    return found


def shared_baskets(province_id: int, member_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """The household baskets that members were in lately."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Companion.objects.filter(province_id=province_id, member_id__in=member_ids)
    for member_id, basket_id in rows.values_list("member_id", "basket_id"):
        found[member_id].add(basket_id)
    return {member_id: frozenset(baskets) for member_id, baskets in found.items()}
