"""What others may ask fulfilment."""

from __future__ import annotations

from .claims import claim, claims, claims_of_member, contested_orders
from .handout import drop_on_its_way, drops_of_leader, handouts_of_leader, pickups_of_member
from .kept import Kept, PickupKept, kept_of_member
from .night import routes, sort_tasks, unserved_drops, vehicles, warehouses
from .photos import photo
from .proxies import proxied_pickup
from .totals import goods_totals

__all__ = [
    "Kept", "PickupKept", "claim", "claims", "claims_of_member", "contested_orders", "drop_on_its_way",
    "drops_of_leader", "goods_totals", "handouts_of_leader", "kept_of_member", "photo", "pickups_of_member",
    "proxied_pickup", "routes", "sort_tasks", "unserved_drops", "vehicles", "warehouses",
]  # fmt: skip
