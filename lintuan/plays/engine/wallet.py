"""What rewards in hand save on a basket: the order in which they are taken, and the floors below which none goes.

First what plays give for these goods, then goods that were won, then one coupon, then money that plays gave: whatever
is good for less comes first, so that what is good for everything is left. Worked in docs/algorithms/rewards.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from lintuan.kernel.money import BASIS, Money

#: A charge of nothing cannot be paid.
LEAST_TO_PAY = 1

Kind = Literal["play", "goods", "coupon", "credit"]


class Priced(Struct, frozen=True):
    """A line of a basket: what its goods cost, and below which no reward brings them, in fen for all units."""

    offer_id: int
    sku_id: int
    units: int
    fen: int
    floor_fen: int = 0


class Held(Struct, frozen=True):
    """A reward in hand: `worth_fen` is what is left of it, `over_fen` from which amount of goods it is good.

    Of goods `sku_id` and `units` are what was won; `sku_ids` limit any reward to some goods (none: all), `floor_bps`
    is the part of their price below which it brings none, `price_fen` was agreed on for one unit. Of what runs out
    together the lower `turn` is used first.
    """

    id: int
    kind: Kind
    worth_fen: int
    over_fen: int = 0
    sku_id: int = 0
    units: int = 1
    floor_bps: int = 0
    price_fen: int = 0
    turn: int = 0
    sku_ids: tuple[int, ...] = ()
    expires_on: date | None = None


class Use(Struct, frozen=True):
    """What one reward saves of a basket, by offer."""

    id: int
    kind: Kind
    fen: int
    by_offer: Mapping[int, int]


class Savings(Struct, frozen=True):
    """All that is saved, step by step in the order in which it is taken."""

    uses: tuple[Use, ...] = ()

    @property
    def total(self) -> Money:
        return Money(sum(use.fen for use in self.uses))


class _Till:
    """A basket while rewards are taken off it."""

    def __init__(self, lines: Sequence[Priced]) -> None:
        self.lines = lines
        self.amount = sum(line.fen for line in lines)
        self.saved = dict.fromkeys((line.offer_id for line in lines), 0)
        self.uses: list[Use] = []

    def parts(self, one: Held) -> dict[int, int]:
        """What a reward saves of each offer, in proportion to what may still go; at least a fen stays to be paid."""
        rooms = {line.offer_id: room for line in self.lines if (room := self._room(one, line)) > 0}
        if self.amount < one.over_fen or not rooms:
            return {}
        left = self.amount - sum(self.saved.values()) - LEAST_TO_PAY
        fen = min(one.worth_fen, sum(rooms.values()), left)
        if fen <= 0:
            return {}
        parts = Money(fen).split(list(rooms.values()))
        return {offer_id: part.fen for offer_id, part in zip(rooms, parts, strict=True) if part.fen}

    def take(self, one: Held) -> None:
        parts = self.parts(one)
        for offer_id, fen in parts.items():
            self.saved[offer_id] += fen
        if parts:
            self.uses.append(Use(one.id, one.kind, sum(parts.values()), parts))

    def _room(self, one: Held, line: Priced) -> int:
        """What a reward may still save of a line: goods that were won are good for their own units only."""
        if one.kind == "goods" and line.sku_id != one.sku_id:
            return 0
        if one.sku_ids and line.sku_id not in one.sku_ids:
            return 0
        floor = max(line.floor_fen, -(-line.fen * one.floor_bps // BASIS))
        room = line.fen - floor - self.saved[line.offer_id]
        if one.price_fen:
            return min(room, line.fen // line.units - one.price_fen)
        return min(room, line.fen * min(one.units, line.units) // line.units) if one.kind == "goods" else room


def plan(lines: Sequence[Priced], held: Sequence[Held]) -> Savings:
    """The best use of what is in hand: of coupons the one that saves most, of the rest what runs out first."""
    till = _Till(lines)
    for one in (*_in_order(held, "play"), *_in_order(held, "goods")):
        till.take(one)
    coupons = _in_order(held, "coupon")
    if coupons:
        till.take(max(coupons, key=lambda one: sum(till.parts(one).values())))
    for one in _in_order(held, "credit"):
        till.take(one)
    return Savings(tuple(till.uses))


def _in_order(held: Sequence[Held], kind: Kind) -> list[Held]:
    """What runs out first is used first; a quote and the order after it agree on all of it."""
    own = (one for one in held if one.kind == kind)
    return sorted(own, key=lambda one: (one.expires_on or date.max, one.turn, one.id))
