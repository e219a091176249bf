"""What pricing tells other rooms, and what a publisher hands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from lintuan.kernel.money import Money

Input = int | str | list[str] | None


class OfferState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Ground(StrEnum):
    """The lawful grounds for selling below cost."""

    FRESH = "fresh"
    SEASONAL = "seasonal"
    OVERSTOCK = "overstock"
    NEAR_EXPIRY = "near_expiry"


class Severity(StrEnum):
    BLOCK = "B"
    APPROVE = "A"
    WARN = "W"


class Result(StrEnum):
    PASSED = "passed"
    APPROVED = "approved"
    WARNED = "warned"
    BLOCKED = "blocked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemption:
    """Why a price below cost is lawful, in the publisher's words; the publisher answers for it."""

    ground: Ground
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownDiscount:
    """A discount as the buyer reads it: `price_bps` 4300 is 4.3折 (57 % off), `cut` is 直降."""

    price_bps: int | None = None
    cut: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOffer:
    """An offer to publish; `cost` is the landed cost of one unit, `list_price` a compared (struck-out) price."""

    sku_id: int
    price: Money
    cost: Money
    capacity: int
    list_price: Money | None = None
    per_order_limit: int = 20
    per_day_limit: int = 40
    #: Units of the SKU that one member may ever buy, 0 for as many as they like.
    per_life_limit: int = 0
    discount: ShownDiscount | None = None
    exemption: Exemption | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What one rule of the price law says of one offer, from which version of which law, on which inputs."""

    rule: str
    version: int
    law: str
    law_en: str
    article: str
    severity: Severity
    result: Result
    inputs: Mapping[str, Input] = field(default_factory=dict)
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferVerdict:
    """How publishing an offer went: a blocked one keeps the state it had (draft when it is new)."""

    offer_id: int
    sku_id: int
    state: OfferState
    findings: tuple[Finding, ...] = ()

    @property
    def is_blocked(self) -> bool:
        return any(finding.result is Result.BLOCKED for finding in self.findings)


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferView:
    """An offer as other rooms see it; what it cost us stays inside."""

    id: int
    province_id: int
    sale_on: date
    sku_id: int
    price: Money
    list_price: Money | None
    per_order_limit: int
    per_day_limit: int
    state: OfferState
    per_life_limit: int = 0
    discount: ShownDiscount | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Costing:
    """An offer beside what a unit cost us, and the ground that its publisher gave for a price below that."""

    offer: OfferView
    cost: Money
    exemption: Exemption | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StockedOffer:
    """An offer and its stock."""

    offer: OfferView
    capacity: int
    taken: int

    @property
    def left(self) -> int:
        return self.capacity - self.taken


@dataclass(frozen=True, kw_only=True, slots=True)
class Deal:
    """At which unit prices a SKU was really sold on a sale day."""

    sku_id: int
    lowest: Money
    last: Money
