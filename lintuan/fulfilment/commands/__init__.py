"""Everything that changes what fulfilment knows."""

from __future__ import annotations

from .claims import decide_claim, open_claim
from .drops import sign_drop
from .network import assign_points, put_warehouses
from .photos import drop_photos, keep_photo
from .pickups import close_unclaimed, collect
from .proxies import make_proxy, withdraw_proxy
from .routes import deliver_stop, depart_route, lock_route, move_drop, plan_routes, replan_routes, unlock_route
from .sorting import close_grid_sorting, close_sorting, plan_sorting, report_sorting
from .vehicles import put_vehicles

__all__ = [
    "assign_points", "close_grid_sorting", "close_sorting", "close_unclaimed", "collect", "decide_claim",
    "deliver_stop", "depart_route", "drop_photos", "keep_photo", "lock_route", "make_proxy", "move_drop", "open_claim",
    "plan_routes", "plan_sorting", "put_vehicles", "put_warehouses", "replan_routes", "report_sorting", "sign_drop",
    "unlock_route", "withdraw_proxy",
]  # fmt: skip
