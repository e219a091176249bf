"""What others may ask fulfilment."""

from __future__ import annotations

from .claims import claim, claims, claims_of_member
from .handout import drops_of_leader, handouts_of_leader, pickups_of_member
from .night import routes, sort_tasks, warehouses
from .photos import photo
from .proxies import proxied_pickup
from .totals import goods_totals

__all__ = [
    "claim", "claims", "claims_of_member", "drops_of_leader", "goods_totals", "handouts_of_leader",
    "photo", "pickups_of_member", "proxied_pickup", "routes", "sort_tasks", "warehouses",
]  # fmt: skip
