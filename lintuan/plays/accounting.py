"""What a campaign has come to, counted from what its runs heard and gave."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Count, Sum

from lintuan.kernel.money import ZERO, Money

from .models import ONGOING, Grant, Run
from .types import Account, CampaignView, GrantState, Rewarded, RunState, Spending

#: An order that several runs of a campaign heard is one order, and its goods are counted once.
_HEARD = """
SELECT count(*) FILTER (WHERE order_id > 0), coalesce(sum(fen) FILTER (WHERE order_id > 0), 0)::bigint
FROM (
    SELECT h.order_id, max((h.body ->> 'fen')::bigint) AS fen
    FROM plays_heard AS h JOIN plays_run AS r ON r.province_id = h.province_id AND r.id = h.run_id
    WHERE h.province_id = %s AND r.province_id = %s AND r.campaign_id = %s AND NOT h.is_withdrawn
    GROUP BY h.order_id
) AS heard
"""
_PEOPLE = """
SELECT count(DISTINCT h.member_id)
FROM plays_heard AS h JOIN plays_run AS r ON r.province_id = h.province_id AND r.id = h.run_id
WHERE h.province_id = %s AND r.province_id = %s AND r.campaign_id = %s AND NOT h.is_withdrawn
"""


def account_of(campaign: CampaignView, budgets: Iterable[Spending]) -> Account:
    """Runs, people, orders and rewards; of budgets what the caller read."""
    of_campaign = {"province_id": campaign.province_id, "campaign_id": campaign.id}
    runs = dict(Run.objects.filter(**of_campaign).values_list("state").annotate(Count("id")))
    orders, fen = _row(_HEARD, campaign)
    (people,) = _row(_PEOPLE, campaign)
    grants = Grant.objects.filter(**of_campaign)
    return Account(
        open_runs=runs.get(RunState.OPEN.value, 0),
        over_runs=runs.get(RunState.OVER.value, 0),
        unfilled_runs=runs.get(RunState.UNFILLED.value, 0),
        people=people,
        orders=orders,
        sold=Money(fen),
        given=tuple(
            Rewarded(reward, kind, times, promised or ZERO, spent or ZERO)
            for reward, kind, times, promised, spent in grants.filter(state__in=ONGOING)
            .values_list("reward", "kind")
            .annotate(Count("id"), Sum("cost"), Sum("spent"))
            .order_by("reward")
        ),
        held=grants.filter(state=GrantState.HELD.value).count(),
        budgets=tuple(budgets),
    )


def _row(statement: str, campaign: CampaignView) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [campaign.province_id, campaign.province_id, campaign.id])
        found: tuple[int, ...] = cursor.fetchone()
    return found
