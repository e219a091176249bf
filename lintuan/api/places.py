"""The places of China, and the provinces where we trade."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema

from lintuan.kernel import clock
from lintuan.provinces import commands, queries
from lintuan.provinces.types import DEFAULT_TIMETABLE, DEFAULT_ZONE, ProvincePlan, ProvinceView, Terms
from lintuan.settlement import commands as settlement

from .days import SaleOn
from .http import caller_of, key_of

router = Router(tags=["places"])

DEFAULTS = Terms()


class Place(Schema):
    code: str = Field(examples=["420100"])
    name: str = Field(examples=["武汉市"])
    name_en: str = Field(examples=["Wuhan"])
    level: str = Field(examples=["city"])
    parent_code: str = Field(examples=["420000"])
    longitude: float | None = Field(examples=[114.305469])
    latitude: float | None = Field(examples=[30.593175])


class TermsJson(Schema):
    unpaid_minutes: int = DEFAULTS.unpaid_minutes
    leader_bps: int = DEFAULTS.leader_bps
    claim_hours: int = DEFAULTS.claim_hours
    claim_auto_fen: int = DEFAULTS.claim_auto_fen
    unclaimed_refund_bps: int = DEFAULTS.unclaimed_refund_bps
    wechatpay_fee_bps: int = DEFAULTS.wechatpay_fee_bps
    alipay_fee_bps: int = DEFAULTS.alipay_fee_bps
    profit_floor_bps: int = DEFAULTS.profit_floor_bps
    plays_floor_bps: int = DEFAULTS.plays_floor_bps
    shortage_rule: str = DEFAULTS.shortage_rule
    most_lines: int = DEFAULTS.most_lines
    most_units_per_line: int = DEFAULTS.most_units_per_line
    invoice_days: int = DEFAULTS.invoice_days
    small_taxpayer: bool = DEFAULTS.small_taxpayer


class Province(Schema):
    id: int = Field(examples=[42])
    code: str = Field(examples=["420000"])
    name: str = Field(examples=["湖北省"])
    name_en: str = Field(examples=["Hubei"])
    state: str = Field(examples=["open"])
    zone: str = Field(examples=[DEFAULT_ZONE])
    timetable: dict[str, str] = Field(examples=[dict(DEFAULT_TIMETABLE)])
    terms: TermsJson
    first_sale_on: date | None = Field(examples=["2026-11-20"])
    selling: date | None = Field(description="the sale day that takes orders now", examples=["2026-11-20"])
    cutoff_at: datetime | None = Field(description="of that sale day", examples=["2026-11-20T15:00:00Z"])


class PlanWish(Schema):
    name: str = Field(default="", max_length=60, description="empty: as in the places", examples=["湖北省"])
    name_en: str = Field(default="", max_length=80, examples=["Hubei"])
    zone: str = Field(default=DEFAULT_ZONE, max_length=40, examples=[DEFAULT_ZONE])
    timetable: dict[str, str] = Field(
        default={}, description="steps that differ from the default", examples=[{"cutoff": "24:00"}]
    )
    terms: TermsJson = TermsJson()


class OpenWish(Schema):
    first_sale_on: SaleOn | None = Field(default=None, examples=["2026-11-20"])


@router.get("/places", auth=None, response=list[Place], summary="What lies in a place; without parent, the provinces")
def places(request: HttpRequest, parent: str = "") -> list[Place]:
    return [Place(**asdict(view)) for view in queries.places(parent[:6])]


@router.get("/provinces", auth=None, response=list[Province], summary="Where we trade")
def provinces(request: HttpRequest) -> list[Province]:
    return [_province(view) for view in queries.provinces()]


@router.get("/provinces/{province_id}", auth=None, response=Province, summary="One province")
def province(request: HttpRequest, province_id: int) -> Province:
    return _province(queries.province(province_id))


@router.put("/provinces/{province_id}", response=Province, summary="Plan a province: times and terms (staff)")
def set_province(request: HttpRequest, province_id: int, wish: PlanWish) -> Province:
    plan = ProvincePlan(wish.name, wish.name_en, wish.zone, wish.timetable, Terms(**wish.terms.dict()))
    settlement.set_province(caller_of(request), province_id=province_id, plan=plan, key=key_of(request))
    return _province(queries.province(province_id))


@router.post("/provinces/{province_id}/open", response=Province, summary="Begin to trade (staff)")
def open_province(request: HttpRequest, province_id: int, wish: OpenWish | None = None) -> Province:
    first_sale_on = wish.first_sale_on if wish else None
    commands.open_province(
        caller_of(request), province_id=province_id, first_sale_on=first_sale_on, key=key_of(request)
    )
    return _province(queries.province(province_id))


@router.post("/provinces/{province_id}/suspend", response=Province, summary="Take no orders for now (staff)")
def suspend_province(request: HttpRequest, province_id: int) -> Province:
    commands.suspend_province(caller_of(request), province_id=province_id, key=key_of(request))
    return _province(queries.province(province_id))


@router.post("/provinces/{province_id}/resume", response=Province, summary="Take orders again (staff)")
def resume_province(request: HttpRequest, province_id: int) -> Province:
    commands.resume_province(caller_of(request), province_id=province_id, key=key_of(request))
    return _province(queries.province(province_id))


def _province(view: ProvinceView) -> Province:
    selling = queries.selling_day(view, clock.now()) if view.state == "open" else None
    return Province(
        id=view.id,
        code=view.code,
        name=view.name,
        name_en=view.name_en,
        state=view.state,
        zone=view.zone,
        timetable=view.timetable.texts(),
        terms=TermsJson(**asdict(view.terms)),
        first_sale_on=view.first_sale_on,
        selling=selling,
        cutoff_at=view.timetable.at("cutoff", selling, view.zone) if selling else None,
    )
