"""What the other rooms know of a province: its times, its terms, its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from lintuan.kernel.timeline import LocalMoment

ALL_RIGHTS = (
    "provinces.edit",
    "members.import",
    "leaders.edit",
    "catalog.edit",
    "pricing.publish",
    "ordering.read",
    "plays.edit",
    "sourcing.edit",
    "sourcing.receive",
    "fulfilment.edit",
    "fulfilment.sort",
    "fulfilment.drive",
    "fulfilment.decide_claims",
    "settlement.read",
    "settlement.prepare",
    "settlement.pay",
    "payments.pay_out",
    "settlement.names",
    "settlement.invoice",
    "settlement.edit",
    "payments.refund",
    "settlement.correct",
    "kernel.rehearse",
)

DEFAULT_ZONE = "Asia/Shanghai"

#: In the order in which they must follow each other.
DEFAULT_TIMETABLE: Mapping[str, str] = MappingProxyType(
    {
        "opens": "00:05",
        "last_call": "22:30",
        "cutoff": "23:00",
        "purchase": "23:05",
        "confirm_by": "23:45",
        "receive_by": "+1 03:30",
        "sort_by": "+1 04:30",
        "grid_sort_by": "+1 05:30",
        "route_at": "+1 05:40",
        "depart": "+1 06:00",
        "at_point_by": "+1 16:00",
        "collect_from": "+1 16:00",
        "collect_until": "+1 21:00",
        "unclaimed": "+3 21:00",
        "claims_until": "+4 21:00",
        "books": "+5 02:00",
        "statements": "+5 02:10",
        "reconcile": "+5 04:00",
    }
)


class ProvinceState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Timetable:
    """The steps of a sale day and its night; read it with `provinces.rules.read_timetable`, which checks the order."""

    steps: Mapping[str, LocalMoment]

    def at(self, step: str, sale_on: date, zone: str) -> datetime:
        """The moment of a step for one sale day, in UTC."""
        return self.steps[step].on(sale_on, zone)

    def texts(self) -> dict[str, str]:
        """As it is written and stored."""
        return {step: str(moment) for step, moment in self.steps.items()}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a province promises members and leaders; amounts in fen, shares in basis points."""

    unpaid_minutes: int = 15
    leader_bps: int = 800
    claim_hours: int = 24
    #: Claims up to this amount are granted at once.
    claim_auto_fen: int = 5000
    unclaimed_refund_bps: int = 0
    #: What payment channels keep of a payment, as agreed with them.
    wechatpay_fee_bps: int = 60
    alipay_fee_bps: int = 60
    #: Of the price: what must be left of it for us, and what is kept free for plays, whoever else has a share.
    profit_floor_bps: int = 0
    plays_floor_bps: int = 0
    shortage_rule: str = "first_paid_first_served"
    most_lines: int = 12
    most_units_per_line: int = 99
    #: Within how many days an invoice that was asked for is issued.
    invoice_days: int = 7
    #: Levied at the rate of small-scale taxpayers, not at those of general ones.
    small_taxpayer: bool = False


@dataclass(frozen=True, slots=True)
class ProvincePlan:
    """How a province is to trade; steps left out keep their default, empty names come from the places."""

    name: str = ""
    name_en: str = ""
    zone: str = DEFAULT_ZONE
    timetable: Mapping[str, str] = field(default_factory=dict)
    terms: Terms = Terms()


@dataclass(frozen=True, slots=True)
class ProvinceView:
    """A province as it trades now; `id` is the two-digit GB/T 2260 number, `code` the six-digit one."""

    id: int
    code: str
    name: str
    name_en: str
    state: ProvinceState
    zone: str
    timetable: Timetable
    terms: Terms
    first_sale_on: date | None


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A province, city or district by its GB/T 2260 code; a few young districts have no coordinates yet."""

    code: str
    name: str
    name_en: str
    level: str
    parent_code: str
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True, slots=True)
class StaffView:
    """A person who works for us."""

    id: int
    phone: str
    name: str
    rights: tuple[str, ...]
    provinces: tuple[int, ...]
