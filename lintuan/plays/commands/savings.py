"""What plays, coupons and won goods save on an order: planned, taken with the order, and given back with it."""

from __future__ import annotations

from collections.abc import Mapping

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.events import announce_all
from lintuan.kernel.money import ZERO, Money
from lintuan.plays.engine.earning import funded
from lintuan.plays.engine.wallet import Held, Priced, Savings, plan
from lintuan.plays.errors import SavingChanged
from lintuan.plays.events import RewardSpent
from lintuan.plays.foretelling import at_once, price_held
from lintuan.plays.models import Grant, Use
from lintuan.plays.playbook import campaigns as campaigns_by_id
from lintuan.plays.playbook import live_campaigns
from lintuan.plays.types import CampaignView, GrantState, Happening
from lintuan.plays.wallets import held_by, usable

from .budgets import free
from .granting import moment_of
from .hearing import count_among


@command
def take_savings(
    caller: Caller, *, province_id: int, order: Happening, lines: tuple[Priced, ...], agreed: Money | None
) -> Money:
    """Use what the member has in hand on an order that is being placed, and take the places that its prices need.

    SavingChanged where it comes to something else than was agreed; None agrees to anything. Call it in the transaction
    that places the order.
    """
    caller.require_kind(Kind.SYSTEM)
    prices = _prices(province_id, order)
    grants = list(usable(province_id, order.member_id, moment_of(province_id).on).select_for_update().order_by("id"))
    campaigns = campaigns_by_id(province_id, {grant.campaign_id for grant in (*grants, *prices)})
    held = [held_by(grant, campaigns[grant.campaign_id]) for grant in grants]
    found = plan(lines, [*prices.values(), *held])
    if agreed is not None and found.total != agreed:
        raise SavingChanged(saved=str(found.total), saved_fen=found.total.fen)
    used = {use.id for use in found.uses}
    touched = {grant.id: grant for grant in (*grants, *prices) if grant.id in used or grant in prices}
    _use(province_id, order, found, touched, campaigns)
    return found.total


def _prices(province_id: int, order: Happening) -> dict[Grant, Held]:
    """The prices and rebates that this order earns by being placed."""
    campaigns = at_once(live_campaigns(province_id))
    _, heard = count_among(province_id, [order], campaigns)
    found: dict[Grant, Held] = {}
    for one, grants in heard:
        for grant in grants:
            if grant.kind not in ("price", "rebate") or grant.state != GrantState.GIVEN:
                continue
            campaign = campaigns[grant.campaign_id]
            found[grant] = price_held(campaign, grant.reward, grant.id, one.fact.fen)
    return found


def _use(
    province_id: int,
    order: Happening,
    found: Savings,
    grants: Mapping[int, Grant],
    campaigns: Mapping[int, CampaignView],
) -> None:
    planned = {use.id: use.fen for use in found.uses}
    spares = []
    for grant in grants.values():
        # A price that nothing was left to take off of is used up as well.
        if grant.kind in ("price", "rebate") and not grant.price:
            saved = Money(planned.get(grant.id, 0))
            spares.append((grant, campaigns[grant.campaign_id], (grant.cost - saved).fen))
            grant.worth = grant.cost = saved
            grant.state = GrantState.USED.value
    free(province_id, spares)
    for use in found.uses:
        grant = grants[use.id]
        grant.spent = grant.spent + Money(use.fen)
        grant.order_id = order.order_id
        if use.kind != "credit" or grant.spent >= grant.worth:
            grant.state = GrantState.USED.value
    Grant.objects.filter(province_id=province_id).bulk_update(
        grants.values(), ["cost", "worth", "spent", "order_id", "state"]
    )
    Use.objects.bulk_create(
        Use(province_id=province_id, grant_id=use.id, order_id=order.order_id, fen=use.fen) for use in found.uses
    )
    announce_all(
        _spent(grants[use.id], order.order_id, use.fen, campaigns[grants[use.id].campaign_id]) for use in found.uses
    )


def _spent(grant: Grant, order_id: int, fen: int, campaign: CampaignView) -> RewardSpent:
    sign = -1 if fen < 0 else 1
    parts = funded(Money(abs(fen)), campaign.definition.funding)
    return RewardSpent(
        province_id=grant.province_id,
        campaign_id=grant.campaign_id,
        grant_id=grant.id,
        member_id=grant.member_id,
        order_id=order_id,
        fen=fen,
        platform_fen=sign * parts.get("platform", ZERO).fen,
        leader_fen=sign * parts.get("leader", ZERO).fen,
        supplier_fen=sign * parts.get("supplier", ZERO).fen,
        leader_id=grant.leader_id,
    )


@command
def release_savings(caller: Caller, *, province_id: int, order_ids: tuple[int, ...], key: str | None = None) -> int:
    """Give back what orders used that are given up whole; answers how many rewards."""
    caller.require_kind(Kind.SYSTEM)
    uses = list(
        Use.objects.filter(province_id=province_id, order_id__in=order_ids, is_released=False)
        .select_for_update()
        .order_by("grant_id")
    )
    grants = {
        grant.id: grant
        for grant in Grant.objects.filter(province_id=province_id, id__in={use.grant_id for use in uses})
        .select_for_update()
        .order_by("id")
    }
    campaigns = campaigns_by_id(province_id, {grant.campaign_id for grant in grants.values()})
    for use in uses:
        grant = grants[use.grant_id]
        use.is_released = True
        grant.spent = grant.spent - Money(use.fen)
        if grant.state == GrantState.USED:
            grant.state = GrantState.GIVEN.value
    Use.objects.filter(province_id=province_id).bulk_update(uses, ["is_released"])
    Grant.objects.filter(province_id=province_id).bulk_update(grants.values(), ["spent", "state"])
    announce_all(
        _spent(grants[use.grant_id], use.order_id, -use.fen, campaigns[grants[use.grant_id].campaign_id])
        for use in uses
    )
    return len(uses)
