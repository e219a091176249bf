from __future__ import annotations

from lintuan.fulfilment.models import Pickup, Proxy
from lintuan.fulfilment.types import PickupState, PickupView
from lintuan.kernel.errors import NotFound
from lintuan.ordering.queries import orders

from .handout import due_of


def proxied_pickup(province_id: int, token: str) -> PickupView:
    """What the holder of a token may collect, under the code of the token; NotFound once it was taken back.

    With a household basket that is all of it, as the leader hands it out together.
    """
    row = Proxy.objects.filter(province_id=province_id, token=token).first()
    if row is None or (row.ended_at is not None and not row.is_used):
        raise NotFound(thing="pickup")
    pickup = Pickup.objects.get(province_id=province_id, id=row.pickup_id)
    bags = _bags(pickup)
    known = orders(province_id, [order_id for bag in bags for order_id in bag.order_ids])
    return PickupView(
        id=pickup.id, province_id=province_id, member_id=pickup.member_id, point_id=pickup.point_id,
        sale_on=pickup.sale_on, code=row.code, state=PickupState(pickup.state), collected_at=pickup.collected_at,
        lines=due_of(bags, known), basket_id=pickup.basket_id,
    )  # fmt: skip


def _bags(pickup: Pickup) -> list[Pickup]:
    if not pickup.basket_id:
        return [pickup]
    rows = Pickup.objects.filter(
        province_id=pickup.province_id, sale_on=pickup.sale_on, point_id=pickup.point_id, basket_id=pickup.basket_id
    )
    return list(rows)
