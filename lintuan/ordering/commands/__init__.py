"""Place, change, close, cut, save on and hand out orders; fill baskets; turn relay lists into orders."""

from .baskets import (
    close_basket,
    close_baskets,
    collect_alone,
    collect_jointly,
    drop_baskets,
    join_basket,
    leave_basket,
    open_basket,
    put_in_basket,
)
from .changes import cancel_order, edit_order, give_up_orders
from .cutoff import close_day, expire_orders
from .cuts import cut_goods
from .handing_out import mark_collected, mark_unclaimed, refund_line, refund_lines
from .intake import place_order
from .missing import tell_missing
from .relays import confirm_draft, drop_relays, find_draft, lapse_relays, paste_relay, settle_draft
from .savings import save_later

__all__ = [
    "cancel_order",
    "close_basket",
    "close_baskets",
    "close_day",
    "collect_alone",
    "collect_jointly",
    "confirm_draft",
    "cut_goods",
    "drop_baskets",
    "drop_relays",
    "edit_order",
    "expire_orders",
    "find_draft",
    "give_up_orders",
    "join_basket",
    "lapse_relays",
    "leave_basket",
    "mark_collected",
    "mark_unclaimed",
    "open_basket",
    "paste_relay",
    "place_order",
    "put_in_basket",
    "refund_line",
    "refund_lines",
    "save_later",
    "settle_draft",
    "tell_missing",
]
