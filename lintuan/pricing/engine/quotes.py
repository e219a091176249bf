"""How a price is worked out, every step visible (docs/algorithms/prices.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lintuan.kernel.money import ZERO, Money, divide_half_away, total

GRAMS = 500
#: A charge of nothing cannot be paid.
LEAST_TO_PAY = Money(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PricedLine:
    """So many units of an offer at its prices."""

    offer_id: int
    quantity: int
    price: Money
    list_price: Money | None = None
    net_grams: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotedLine:
    """A line with its amounts; without a compared price `list_amount` equals `amount`."""

    offer_id: int
    quantity: int
    price: Money
    list_price: Money | None
    price_per_500g: Money | None
    list_amount: Money
    amount: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step from the list amount to what is paid; reductions are negative.

    What a play saves names its campaign, and in `why` the play.
    """

    name: str
    amount: Money
    zh: str
    en: str
    campaign_id: int = 0
    why_zh: str = ""
    why_en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """What lines cost; the steps add up to `to_pay` exactly."""

    lines: tuple[QuotedLine, ...]
    steps: tuple[Step, ...]
    to_pay: Money

    @property
    def saved(self) -> Money:
        """What plays and rewards pay of it."""
        return -total(step.amount for step in self.steps if step.campaign_id)


def less(made: Quote, savings: Sequence[Step]) -> Quote:
    """A quote with what plays and rewards save, in their order; at least a fen stays to be paid."""
    if not savings:
        return made
    to_pay = made.to_pay + total(step.amount for step in savings)
    if to_pay < LEAST_TO_PAY or any(step.amount >= ZERO or not step.campaign_id for step in savings):
        raise ValueError("a saving lowers what is paid, and leaves something to pay")
    return Quote(lines=made.lines, steps=(*made.steps, *savings), to_pay=to_pay)


def quote(lines: Sequence[PricedLine]) -> Quote:
    """List amounts, less what the prices of the day save."""
    quoted = tuple(_line(line) for line in lines)
    listed = total(line.list_amount for line in quoted)
    to_pay = total(line.amount for line in quoted)
    steps = [Step(name="list", amount=listed, zh="商品总额", en="Goods")]
    if to_pay != listed:
        steps.append(Step(name="day_price", amount=to_pay - listed, zh="当日优惠", en="Today's price"))
    return Quote(lines=quoted, steps=tuple(steps), to_pay=to_pay)


def price_per_500g(price: Money, net_grams: int | None) -> Money | None:
    """What 500 g cost, rounded half away from zero; None for what is not sold by weight."""
    if net_grams is None:
        return None
    return Money(divide_half_away(price.fen * GRAMS, net_grams))


def _line(line: PricedLine) -> QuotedLine:
    if line.quantity < 1:
        raise ValueError("a quantity is at least one")
    return QuotedLine(
        offer_id=line.offer_id,
        quantity=line.quantity,
        price=line.price,
        list_price=line.list_price,
        price_per_500g=price_per_500g(line.price, line.net_grams),
        list_amount=(line.list_price or line.price) * line.quantity,
        amount=line.price * line.quantity,
    )
