"""What the goods of a campaign cost on a day."""

from __future__ import annotations

from datetime import datetime

from lintuan.kernel.money import Money
from lintuan.pricing import queries as pricing
from lintuan.provinces.queries import coming_day, province

from .types import CampaignView


def price_today(campaign: CampaignView, at: datetime) -> Money | None:
    """The price of the one SKU that a campaign is about; None where it is about more, or it is not on the shelf."""
    if len(campaign.sku_ids) != 1:
        return None
    shelf = pricing.offers_of_day(campaign.province_id, coming_day(province(campaign.province_id), at))
    prices = (one.offer.price for one in shelf if one.offer.sku_id in campaign.sku_ids)
    return min(prices, default=None)
