"""What an order would save if it were placed now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.money import ZERO, Money
from lintuan.plays.engine.wallet import Kind as Saving
from lintuan.plays.engine.wallet import Priced
from lintuan.plays.queries import savings, uses_of_order
from lintuan.plays.types import Bought, CampaignView
from lintuan.pricing.engine.quotes import Quote, Step, less
from lintuan.pricing.queries import lawful_floors, offers

from .happenings import happening_of
from .models import Order
from .types import AgreedLine, LineView, OrderView

Line = AgreedLine | LineView

_LABELS: Mapping[Saving, tuple[str, str]] = {
    "play": ("玩法价", "Play price"),
    "goods": ("赠品", "Won goods"),
    "coupon": ("优惠券", "Coupon"),
    "credit": ("玩法红包", "Play money"),
}


def with_savings(caller: Caller, point_id: int, made: Quote) -> Quote:
    """A quote with what it would save the member who calls, in their own province, step by step as it is taken.

    Nothing is taken by asking, so somebody may be faster: whoever orders says what they saw. Others save nothing.
    """
    if caller.kind is not Kind.MEMBER:
        return made
    province_id, skus = caller.province_id, offers(caller.province_id, [line.offer_id for line in made.lines])
    lines = [
        AgreedLine(line.offer_id, skus[line.offer_id].sku_id, line.quantity, line.price, line.amount)
        for line in made.lines
    ]
    wish = Order(id=0, province_id=province_id, member_id=caller.id, point_id=point_id, key_hash=0)
    happening = happening_of(wish, clock.now(), bought(lines))
    found, campaigns = savings(happening, province_id, priced(province_id, lines))
    return less(made, [_step(use.kind, Money(use.fen), campaigns[use.id]) for use in found.uses])


def steps_of(order: OrderView) -> tuple[Step, ...]:
    """What an order saved when it was placed, step by step."""
    uses = uses_of_order(order.province_id, order.id) if order.saved else ()
    return tuple(_step(use.kind, use.saved, use.campaign) for use in uses)


def bought(lines: Iterable[Line]) -> tuple[Bought, ...]:
    """Lines as plays hear of them."""
    return tuple(Bought(line.sku_id, line.quantity, line.amount.fen) for line in lines)


def priced(province_id: int, lines: Sequence[Line]) -> tuple[Priced, ...]:
    """The lines with the floors below which no reward may bring them."""
    floors = lawful_floors(province_id, [line.offer_id for line in lines])
    return tuple(
        Priced(
            offer_id=line.offer_id,
            sku_id=line.sku_id,
            units=line.quantity,
            fen=line.amount.fen,
            floor_fen=(floors.get(line.offer_id, ZERO) * line.quantity).fen,
        )
        for line in lines
    )


def _step(kind: Saving, saved: Money, campaign: CampaignView) -> Step:
    (zh, en), name = _LABELS[kind], campaign.definition.name
    return Step(name=kind, amount=-saved, zh=zh, en=en, campaign_id=campaign.id, why_zh=name.zh, why_en=name.en)
