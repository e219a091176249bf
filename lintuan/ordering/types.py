"""What ordering takes and gives.

What every order passes through is a Struct: made in a tenth of a frozen dataclass's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from lintuan.kernel.money import ZERO, Money

from .bill import Bill

#: Why money of a paid order goes back where a play gave a reward for it.
PLAY_REWARD: Final = "play_reward"


class State(StrEnum):
    """Where an order stands; docs/algorithms/orders.md has the moves."""

    UNPAID = "unpaid"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    COLLECTED = "collected"
    UNCLAIMED = "unclaimed"
    REFUNDED = "refunded"


class BasketState(StrEnum):
    """A closed basket takes neither people nor goods nor orders any more."""

    OPEN = "open"
    CLOSED = "closed"


class Cause(StrEnum):
    """Why units of a paid order are not delivered; a shortage names the step that found it."""

    EDITED = "edited"
    CANCELLED = "cancelled"
    SUPPLIER_SHORT = "supplier_short"
    NOT_RECEIVED = "not_received"
    SHORT_PICK = "short_pick"
    SHORT_AT_POINT = "short_at_point"
    DAMAGED = "damaged"


BY_MEMBER = frozenset({Cause.EDITED, Cause.CANCELLED})


class ShortageRule(StrEnum):
    """How scarce goods are shared; docs/algorithms/shortage.md."""

    FIRST_PAID_FIRST_SERVED = "first_paid_first_served"
    PROPORTIONAL = "proportional"


class WantedLine(Struct, frozen=True):
    """Units of one offer at the price the member saw and agrees to."""

    offer_id: int
    quantity: int
    price_fen: int


class OrderRequest(Struct, frozen=True):
    """What a member asks for tonight.

    One that names a basket asks for what the member put into it and has not ordered yet, or `together` for what
    everybody put in. `run_id` is the run of a play that the order takes a seat in, `saved_fen` what its buyer saw that
    plays and coupons save.
    """

    point_id: int
    lines: tuple[WantedLine, ...]
    basket_id: int = 0
    together: bool = False
    run_id: int = 0
    saved_fen: int = 0

    @property
    def goes_apart(self) -> bool:
        """Whether it is decided by more than what all orders share, so that no batch takes it."""
        return bool(self.basket_id or self.together or self.run_id or self.saved_fen)


@dataclass(frozen=True, slots=True)
class BasketWish:
    """Units of an offer to lie in a basket; nothing is reserved and no price agreed."""

    offer_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class LineRefund:
    """Value of a delivered line to give back: why, and who bears it. Of it the member gets what they had paid."""

    order_id: int
    line_id: int
    amount: Money
    cause: str
    fault: str


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """What the rules must know of an offer; `is_open` is false for drafts and withdrawn ones."""

    id: int
    sku_id: int
    sale_on: date
    price: Money
    per_order_limit: int
    per_day_limit: int
    is_open: bool = True
    per_life_limit: int = 0


@dataclass(frozen=True, slots=True)
class OpenLine:
    """Units that a member put into a basket and that no standing order holds."""

    id: int
    member_id: int
    offer_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class BasketFacts:
    """What the rules must know of a basket; `lines` are those still to be ordered."""

    id: int
    point_id: int
    sale_on: date
    is_open: bool
    members: frozenset[int]
    lines: tuple[OpenLine, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """All that the decision over an order depends on.

    `sale_on` is the sale day now open, None between cut-off and opening; `bought` are the units per offer that the
    member's other live orders of that day hold, `bought_ever` the units per SKU that their other orders of any day
    hold or delivered (asked for only where an offer limits them); `basket` is the one that the wish names.
    """

    province_id: int
    now: datetime
    sale_on: date | None
    cutoff_at: datetime
    opens_next_at: datetime
    most_lines: int
    most_units_per_line: int
    offers: Mapping[int, OfferFacts]
    bought: Mapping[int, int] = field(default_factory=dict)
    bought_ever: Mapping[int, int] = field(default_factory=dict)
    member_id: int = 0
    basket: BasketFacts | None = None


class AgreedLine(Struct, frozen=True):
    """A line both sides agree on."""

    offer_id: int
    sku_id: int
    quantity: int
    price: Money
    amount: Money


class Agreement(Struct, frozen=True):
    """The decision: what is sold, for how much, on which sale day."""

    sale_on: date
    lines: tuple[AgreedLine, ...]
    amount: Money


@dataclass(frozen=True, slots=True)
class Availability:
    """Units of a SKU there are, at one point or (point_id None) in the whole province."""

    sku_id: int
    point_id: int | None
    available: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Units of a SKU due to a paid line, and when that was paid."""

    line_id: int
    sku_id: int
    point_id: int
    units: int
    paid_at: datetime


class Funded(Struct, frozen=True):
    """Which campaign a saving is of, and by which weights platform, leader and suppliers fund it."""

    campaign_id: int = 0
    leader_id: int = 0
    platform: int = 1
    leader: int = 0
    supplier: int = 0


class LineView(Struct, frozen=True):
    """A line as its readers see it; `due` units are still to be handed out or were.

    Of the units cut, `given_up` are those the member gave up before cut-off: they went back to the stock.
    """

    id: int
    order_id: int
    offer_id: int
    sku_id: int
    quantity: int
    cut: int
    given_up: int
    price: Money
    amount: Money
    refunded: Money

    @property
    def due(self) -> int:
        return self.quantity - self.cut


class OrderView(Struct, frozen=True):
    """An order with its lines."""

    id: int
    province_id: int
    number: str
    member_id: int
    point_id: int
    sale_on: date
    collect_on: date
    state: State
    amount: Money
    refunded: Money
    charge_id: int
    placed_at: datetime
    paid_at: datetime | None
    pay_by: datetime
    lines: tuple[LineView, ...] = ()
    basket_id: int = 0
    saved: Money = ZERO
    saved_later: Money = ZERO

    @property
    def bill(self) -> Bill:
        return Bill(self.amount, self.refunded, self.saved, self.saved_later)

    @property
    def net(self) -> Money:
        """The value of what was or will be delivered."""
        return self.amount - self.refunded


@dataclass(frozen=True, slots=True)
class BasketLineView:
    """Units that somebody put in, at the present price; `state` is of the order that holds them, None while open."""

    id: int
    offer_id: int
    sku_id: int
    quantity: int
    price: Money
    state: State | None


@dataclass(frozen=True, slots=True)
class BasketPerson:
    """A member of a basket as the others see them: the name is masked."""

    name: str
    is_me: bool
    is_opener: bool
    is_joint: bool
    joined_at: datetime
    lines: tuple[BasketLineView, ...]


@dataclass(frozen=True, slots=True)
class BasketView:
    """A basket as one of its members sees it."""

    id: int
    province_id: int
    point_id: int
    sale_on: date
    code: str
    state: BasketState
    people: tuple[BasketPerson, ...]

    @property
    def mine(self) -> BasketPerson:
        return next(person for person in self.people if person.is_me)


@dataclass(frozen=True, slots=True)
class Demand:
    """Units due of a SKU at a point, after cuts."""

    sku_id: int
    point_id: int
    quantity: int


class PaidOrder(Struct, frozen=True):
    """An order that was paid, for books and reconciliation; it may since have been collected or given back."""

    order_id: int
    number: str
    member_id: int
    point_id: int
    charge_id: int
    state: State
    amount: Money
    refunded: Money
    saved: Money = ZERO
    saved_later: Money = ZERO

    @property
    def bill(self) -> Bill:
        return Bill(self.amount, self.refunded, self.saved, self.saved_later)

    @property
    def net(self) -> Money:
        return self.amount - self.refunded


class SkuSales(Struct, frozen=True):
    """Units of a SKU sold at a point, less cuts, and their value less all that was given back."""

    point_id: int
    sku_id: int
    units: int
    net: Money


@dataclass(frozen=True, slots=True)
class SkuTotals:
    """Units of a sale day's paid orders: ordered = cut + due, and due = waiting + collected + unclaimed.

    `held` is what the stock must show as taken: units of unpaid orders, and of paid ones all that the member did not
    give up before cut-off.
    """

    sku_id: int
    offer_id: int
    ordered: int
    cut: int
    given_up: int
    waiting: int
    collected: int
    unclaimed: int
    held: int

    @property
    def due(self) -> int:
        return self.ordered - self.cut


@dataclass(frozen=True, slots=True)
class DayTotals:
    """One sale day in figures; `paid` and `refunded` are the goods' value of all orders ever paid.

    Of `paid`, plays bear `saved`.
    """

    sale_on: date
    is_closed: bool
    orders: Mapping[str, int]
    paid: Money
    refunded: Money
    saved: Money
    skus: tuple[SkuTotals, ...]


@dataclass(frozen=True, slots=True)
class Turnout:
    """Who came on one sale day: the members who paid, and the orders paid at each point that has any."""

    members: int
    orders_at: Mapping[int, int]
