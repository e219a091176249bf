"""What was earned and is settled in money: prices and rebates on orders, commission, and what lapsed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from lintuan.kernel import clock
from lintuan.kernel.events import Event, announce_all
from lintuan.kernel.money import ZERO, Money, total
from lintuan.plays.engine.earning import funded, savings
from lintuan.plays.engine.rewards import Price, Rebate, Uplift
from lintuan.plays.events import CommissionRaised, RewardGiven, SavingEarned
from lintuan.plays.models import Grant
from lintuan.plays.playbook import campaigns as campaigns_by_id
from lintuan.plays.types import CampaignView, GrantState
from lintuan.provinces.queries import province

from .budgets import free
from .granting import CREDIT_DAYS, taken_event
from .rounds import Round


def pay_at_once(province_id: int, rounds: Mapping[int, Round], grants: Sequence[Grant]) -> None:
    """Prices and rebates that one unit earned alone; those of a whole run are settled when it is over."""
    alone = [grant for grant in grants if not rounds[grant.run_id].play.way.is_shared and not grant.price]
    _pay(province_id, rounds, alone)


def pay_at_end(province_id: int, game: Round) -> None:
    """Everything of a run that waits for its end."""
    grants = list(
        Grant.objects.filter(
            province_id=province_id, run_id=game.id, state=GrantState.GIVEN.value, kind__in=("price", "rebate"), price=0
        )
        .select_for_update()
        .order_by("id")
    )
    _pay(province_id, {game.id: game}, grants)
    _raise_commission(province_id, game)


def _pay(province_id: int, rounds: Mapping[int, Round], grants: Iterable[Grant]) -> None:
    open_ones = [grant for grant in grants if grant.state == GrantState.GIVEN and grant.kind in ("price", "rebate")]
    if not open_ones:
        return
    orders = _orders(province_id, open_ones)
    events: list[Event] = []
    spares = []
    for grant in open_ones:
        campaign = rounds[grant.run_id].campaign
        saved = savings(_reward(grant, campaign), _mine(orders, grant))
        amount = total(saved.values())
        spares.append((grant, campaign, (grant.cost - amount).fen))
        grant.cost = grant.worth = grant.spent = amount
        grant.state = GrantState.USED.value
        events += [_earned(grant, campaign, order_id, less) for order_id, less in saved.items()]
    free(province_id, spares)
    _write_paid(province_id, open_ones)
    announce_all(events)


_Orders = dict[tuple[int, int, int], list[tuple[int, int]]]

_PAID = """
SELECT h.run_id, h.unit, h.member_id, h.order_id, (h.body->>'fen')::bigint
FROM unnest(%s::bigint[], %s::bigint[]) AS w (run_id, unit)
JOIN plays_heard AS h ON h.province_id = %s AND h.run_id = w.run_id AND h.unit = w.unit
WHERE h.order_id > 0 AND NOT h.is_withdrawn AND h.body->>'kind' = 'paid'
ORDER BY h.id
"""


def _orders(province_id: int, grants: Iterable[Grant]) -> _Orders:
    """The orders (id, fen) that members paid for a unit of a run, in the order in which they were heard."""
    units = {(grant.run_id, grant.unit) for grant in grants}
    found: _Orders = {}
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [[run_id for run_id, _ in units], [unit for _, unit in units], province_id])
        for run_id, unit, member_id, order_id, fen in cursor.fetchall():
            found.setdefault((run_id, unit, member_id), []).append((order_id, fen))
    return found


def _mine(orders: _Orders, grant: Grant) -> Sequence[tuple[int, int]]:
    """The orders that a grant is about: what is earned again is of the order that earned it again."""
    mine = orders.get((grant.run_id, grant.unit, grant.member_id), [])
    return mine[-1:] if grant.nth else mine


def _write_paid(province_id: int, grants: Sequence[Grant]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE plays_grant AS g SET state = 'used', cost = w.fen, worth = w.fen, spent = w.fen"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS w (id, fen) WHERE g.province_id = %s AND g.id = w.id",
            [[grant.id for grant in grants], [grant.spent.fen for grant in grants], province_id],
        )


def _reward(grant: Grant, campaign: CampaignView) -> Price | Rebate:
    reward = campaign.definition.rewards[grant.reward]
    assert isinstance(reward, Price | Rebate)
    return reward


def _earned(grant: Grant, campaign: CampaignView, order_id: int, amount: Money) -> SavingEarned:
    parts = funded(amount, campaign.definition.funding)
    return SavingEarned(
        province_id=grant.province_id,
        campaign_id=grant.campaign_id,
        run_id=grant.run_id,
        grant_id=grant.id,
        order_id=order_id,
        fen=amount.fen,
        platform_fen=parts.get("platform", ZERO).fen,
        leader_fen=parts.get("leader", ZERO).fen,
        supplier_fen=parts.get("supplier", ZERO).fen,
        leader_id=grant.leader_id,
    )


def _raise_commission(province_id: int, game: Round) -> None:
    """Uplifts: of what each unit counted in fen, at most what the reward says; to members in money for their orders.

    Nobody can be paid out but leaders: paying members commission would make us withhold their income tax.
    """
    rows = Grant.objects.filter(
        province_id=province_id, run_id=game.id, state=GrantState.GIVEN.value, kind="uplift"
    ).select_for_update()
    events: list[Event] = []
    spares = []
    for grant in rows.order_by("id"):
        raised = _uplift(grant, game)
        spares.append((grant, game.campaign, (grant.cost - raised).fen))
        grant.cost = grant.worth = raised
        events += _pay_out(grant, game, raised)
        grant.save(update_fields=["kind", "state", "cost", "worth", "spent", "expires_on"])
    free(province_id, spares)
    announce_all(events)


def _uplift(grant: Grant, game: Round) -> Money:
    reward = game.campaign.definition.rewards[grant.reward]
    assert isinstance(reward, Uplift)
    if not grant.member_id and not _leader_id(grant, game):
        return ZERO
    return min(Money(game.tally(grant.unit).total).share(reward.bps), Money(reward.most_fen))


def _leader_id(grant: Grant, game: Round) -> int:
    """Which leader earns it; none where a member does."""
    if game.campaign.definition.participants.unit == "leader":
        return grant.unit
    return 0 if grant.member_id else grant.leader_id


def _pay_out(grant: Grant, game: Round, raised: Money) -> list[Event]:
    leader_id = _leader_id(grant, game)
    if raised and not leader_id:
        zone = province(grant.province_id).zone
        grant.kind = "cash"
        grant.expires_on = clock.now().astimezone(ZoneInfo(zone)).date() + timedelta(days=CREDIT_DAYS)
        return [_credited(grant)]
    grant.state, grant.spent = GrantState.USED.value, raised
    return [_raised(grant, game, leader_id)] if raised else []


def _credited(grant: Grant) -> RewardGiven:
    return RewardGiven(
        province_id=grant.province_id,
        campaign_id=grant.campaign_id,
        run_id=grant.run_id,
        grant_id=grant.id,
        member_id=grant.member_id,
        kind=grant.kind,
        cost_fen=grant.cost.fen,
    )


def _raised(grant: Grant, game: Round, leader_id: int) -> CommissionRaised:
    reward = game.campaign.definition.rewards[grant.reward]
    assert isinstance(reward, Uplift)
    return CommissionRaised(
        province_id=grant.province_id,
        campaign_id=grant.campaign_id,
        run_id=grant.run_id,
        grant_id=grant.id,
        leader_id=leader_id,
        level=reward.commission_level,
        fen=grant.worth.fen,
    )


def lapse(province_id: int, grants: Sequence[Grant]) -> int:
    """Rewards whose time is over; what their budgets kept for them is free again."""
    if not grants:
        return 0
    campaigns = campaigns_by_id(province_id, {grant.campaign_id for grant in grants})
    free(province_id, [(one, campaigns[one.campaign_id], (one.cost - one.spent).fen) for one in grants])
    for grant in grants:
        grant.state = GrantState.LAPSED.value
    Grant.objects.filter(province_id=province_id).bulk_update(grants, ["state"])
    announce_all(taken_event(grant) for grant in grants)
    return len(grants)
