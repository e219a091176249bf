"""Channels' bills beside orders and books, and the differences between them, over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from lintuan.kernel.ids import public_id
from lintuan.settlement import queries

from .http import caller_of

router = Router(tags=["settlement"])

ProvinceId = Annotated[int, Query(examples=[42])]


class BillDayOut(Schema):
    provider: str = Field(examples=["wechatpay"])
    on_day: date = Field(description="a day of Beijing, in real time")
    compared_at: datetime
    orders_fen: int = Field(description="what our charges took in, less refunds that arrived", examples=[1800])
    bill_fen: int = Field(description="the same as the channel's bill tells it", examples=[1800])
    books_fen: int = Field(description="the same on the gateway's account in the books", examples=[1800])
    payments: int = Field(description="on the bill", examples=[4])
    refunds: int = Field(description="on the bill", examples=[2])
    fees_fen: int = Field(examples=[11])
    cases: int = Field(description="differences that are not closed", examples=[0])


class CaseFileOut(Schema):
    case: str = Field(examples=["Rk3vTq9Z"])
    on_day: date
    kind: str = Field(examples=["paid_unheard"])
    number: str = Field(description="ours, of the payment or refund", examples=["42019bb2f1c3d8a7e5b4c6d9f0a1"])
    state: str = Field(examples=["open"], description="open, in_hand, explained, corrected, closed")
    ours_fen: int = Field(examples=[0])
    theirs_fen: int = Field(examples=[1990])
    zh: str = Field(examples=["回调丢失：渠道已收款，支付单仍待支付；向渠道查询即可入账"])
    en: str = Field(examples=["The callback was lost: the charge is open and the channel has the money"])
    remedy: str = Field(examples=["ask"], description="ask, pay_back, correct, call, look")


@router.get("/settlement/bill-days", response=list[BillDayOut], summary="Orders, channels' bills and books by day")
def bill_days(request: HttpRequest, province_id: ProvinceId) -> list[BillDayOut]:
    """Staff with `settlement.read`. The latest days, each as its newest comparison told it."""
    return [
        BillDayOut(
            provider=day.provider,
            on_day=day.on_day,
            compared_at=day.at,
            orders_fen=day.ours.fen,
            bill_fen=day.billed.fen,
            books_fen=day.booked.fen,
            payments=day.payments,
            refunds=day.refunds,
            fees_fen=day.fees.fen,
            cases=day.cases,
        )
        for day in queries.bill_days(caller_of(request), province_id=province_id)
    ]


@router.get("/settlement/case-files", response=list[CaseFileOut], summary="Differences that are not closed")
def case_files(request: HttpRequest, province_id: ProvinceId) -> list[CaseFileOut]:
    """Staff with `settlement.read`, the newest first; they are worked off in the console."""
    return [
        CaseFileOut(
            case=public_id("case", province_id, one.id),
            on_day=one.on_day,
            kind=one.kind,
            number=one.number,
            state=one.state.value,
            ours_fen=one.left.fen,
            theirs_fen=one.right.fen,
            zh=one.zh,
            en=one.en,
            remedy=one.remedy.value,
        )
        for one in queries.case_files(caller_of(request), province_id=province_id)
    ]
