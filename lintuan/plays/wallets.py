"""What members have in hand."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Q, QuerySet

from .engine.rewards import Coupon, Goods
from .engine.wallet import Held, Kind
from .models import Grant
from .types import CampaignView, GrantState

_KINDS: dict[str, Kind] = {"coupon": "coupon", "goods": "goods", "cash": "credit", "pot": "credit"}


def usable(province_id: int, member_id: int, on: date) -> QuerySet[Grant]:
    """What a member can use on an order now; of prices those that were agreed on before anything was ordered."""
    return Grant.objects.filter(
        Q(expires_on=None) | Q(expires_on__gte=on),
        Q(kind__in=list(_KINDS)) | Q(kind="price", price__gt=0),
        province_id=province_id,
        member_id=member_id,
        state=GrantState.GIVEN.value,
        worth__gt=F("spent"),
    )


def kind_of(reward: str) -> Kind:
    """As what a reward is used: a price or a rebate as what a play gives for its goods."""
    return _KINDS.get(reward, "play")


def held_by(grant: Grant, campaign: CampaignView) -> Held:
    """A reward as something to use; goods that no SKU was named for save nothing on an order."""
    reward = campaign.definition.rewards[grant.reward]
    return Held(
        id=grant.id,
        kind=kind_of(grant.kind),
        worth_fen=(grant.worth - grant.spent).fen,
        over_fen=reward.over_fen if isinstance(reward, Coupon) else 0,
        sku_id=campaign.goods.get(reward.sku, 0) if isinstance(reward, Goods) else 0,
        units=reward.units if isinstance(reward, Goods) else 1,
        price_fen=grant.price.fen,
        sku_ids=tuple(sorted(campaign.sku_ids)) if grant.price else (),
        expires_on=grant.expires_on,
    )
