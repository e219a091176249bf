"""The books, the proof of a day, commission and statements over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from lintuan.catalog import queries as catalog
from lintuan.kernel.ids import public_id
from lintuan.settlement import queries
from lintuan.settlement.types import (
    AccountBalance,
    CaseView,
    CommissionView,
    DayProof,
    EntryView,
    Invariant,
    LeaderStatementView,
    StatementLineView,
    StatementView,
)

from .days import SaleOn
from .http import caller_of

router = Router(tags=["settlement"])

ProvinceId = Annotated[int, Query(examples=[42])]
Fen = Annotated[int, Field(examples=[1280])]


class InvariantOut(Schema):
    name: str = Field(examples=["prepayments"])
    topic: str = Field(examples=["money"], description="stock, money, goods, orders, events")
    zh: str = Field(examples=["预付款余额 = 待提订单净额"])
    en: str = Field(examples=["prepayments = net of orders that wait"])
    unit: str = Field(examples=["fen"], description="fen, units, orders, events, journals")
    left: int = Field(examples=[0])
    right: int = Field(examples=[0])
    holds: bool = Field(examples=[True])
    offending: list[str] = Field(description="up to five things that differ", examples=[["1120K7M2QX: 1280 ≠ 0"]])


class ProofOut(Schema):
    province_id: int = Field(examples=[42])
    sale_on: date
    is_over: bool = Field(description="whether nothing may wait any more", examples=[True])
    holds: bool = Field(examples=[True])
    proved_at: datetime
    invariants: list[InvariantOut]


class AccountOut(Schema):
    code: str = Field(examples=["2001"])
    zh: str = Field(examples=["会员预付款"])
    en: str = Field(examples=["Members' prepayments"])
    debit_fen: Fen
    credit_fen: Fen
    balance_fen: int = Field(description="positive on the debit side", examples=[0])


class TrialBalanceOut(Schema):
    accounts: list[AccountOut]
    debit_fen: Fen
    credit_fen: Fen
    journals: int = Field(examples=[24120])
    unsound_journals: int = Field(description="whose postings contradict them", examples=[0])


class EntryOut(Schema):
    journal: str = Field(examples=["Tq8vRk3Z"])
    kind: str = Field(examples=["order_paid"])
    at: datetime
    sale_on: date | None
    order: str | None = Field(examples=["Rk3vTq9Z"])
    memo: str = Field(examples=["supplier_short"])
    account: str = Field(examples=["2101:17"])
    zh: str = Field(examples=["应付供应商款"])
    en: str = Field(examples=["Suppliers payable"])
    amount_fen: int = Field(description="positive on the debit side", examples=[-1280])


class CaseOut(Schema):
    kind: str = Field(examples=["refund_differs"])
    subject: str = Field(description="an order number", examples=["1120K7M2QX"])
    order: str | None = Field(examples=["Rk3vTq9Z"])
    left_fen: Fen
    right_fen: Fen
    zh: str = Field(examples=["订单退款与支付退款不符"])
    en: str = Field(examples=["Refunds of the order and of its charge differ"])
    sale_on: date
    found_at: datetime


class CommissionDayOut(Schema):
    sale_on: date
    orders: int = Field(examples=[31])
    base_fen: int = Field(description="net amount of these orders", examples=[98_700])
    pending_fen: Fen
    booked_fen: Fen


class CommissionOut(Schema):
    pending_fen: Fen
    booked_fen: Fen
    days: list[CommissionDayOut]


class StatementLineOut(Schema):
    kind: str = Field(examples=["goods"], description="goods, deduction or subsidy")
    sale_on: date
    sku_code: str = Field(examples=["VEG-0012"])
    quantity: int = Field(examples=[120])
    price_fen: Fen
    amount_fen: Fen
    zh: str = Field(examples=["收货 120 件 × 2.35 元"])
    en: str = Field(examples=["120 units received at 2.35"])


class StatementOut(Schema):
    id: str = Field(examples=["Rk3vTq9Z"])
    supplier: str = Field(examples=["Lw8mNd2K"])
    sale_on: date
    goods_fen: Fen
    deductions_fen: Fen
    subsidies_fen: int = Field(description="what it funds of plays", examples=[300])
    total_fen: Fen
    made_at: datetime
    lines: list[StatementLineOut]


class LeaderLineOut(Schema):
    kind: str = Field(examples=["subsidy"], description="commission, change, raised or subsidy")
    sale_on: date
    amount_fen: int = Field(description="in the leader's favour", examples=[-120])
    zh: str = Field(examples=["2026-11-20 订单 1120K7M2QX 优惠分担（邻里团）"])
    en: str = Field(examples=["share of Neighbours' group, order 1120K7M2QX of 2026-11-20"])


class LeaderStatementOut(Schema):
    sale_on: date
    earned_fen: int = Field(examples=[440])
    funded_fen: int = Field(description="what it funds of plays", examples=[240])
    carried_in_fen: int = Field(description="still to be taken from before", examples=[0])
    carried_on_fen: int = Field(description="to be taken from the next", examples=[0])
    total_fen: int = Field(examples=[200])
    made_at: datetime
    lines: list[LeaderLineOut]


@router.get("/settlement/days/{sale_on}/proof", response=ProofOut, summary="Proof of a sale day, as of now")
def proof(request: HttpRequest, sale_on: SaleOn, province_id: ProvinceId) -> ProofOut:
    """Staff with `settlement.read`. Stock, money, goods, orders and events, each figure found in two ways."""
    caller_of(request).require(queries.MAY_READ, province_id)
    return _proof(queries.prove_day(province_id, sale_on))


@router.get("/settlement/trial-balance", response=TrialBalanceOut, summary="All accounts of a province")
def trial_balance(request: HttpRequest, province_id: ProvinceId) -> TrialBalanceOut:
    """Staff with `settlement.read`. Sub-accounts of suppliers and leaders are added up."""
    view = queries.trial_balance(caller_of(request), province_id=province_id)
    return TrialBalanceOut(
        accounts=[_account(account) for account in view.accounts],
        debit_fen=view.debit.fen,
        credit_fen=view.credit.fen,
        journals=view.journals,
        unsound_journals=view.unsound_journals,
    )


@router.get("/settlement/entries", response=list[EntryOut], summary="Postings of a sale day, the latest first")
def entries(
    request: HttpRequest,
    province_id: ProvinceId,
    sale_on: SaleOn,
    account: Annotated[str, Query(max_length=30, examples=["2101"], description="an account or a sub-account")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[EntryOut]:
    """Staff with `settlement.read`."""
    views = queries.entries(caller_of(request), province_id=province_id, sale_on=sale_on, account=account, limit=limit)
    return [_entry(province_id, view) for view in views]


@router.get("/settlement/cases", response=list[CaseOut], summary="What the latest reconciliations found")
def cases(request: HttpRequest, province_id: ProvinceId, sale_on: SaleOn | None = None) -> list[CaseOut]:
    """Staff with `settlement.read`. Of each sale day the newest run counts."""
    views = queries.cases(caller_of(request), province_id=province_id, sale_on=sale_on)
    return [_case(province_id, view) for view in views]


@router.get("/settlement/statements", response=list[StatementOut], summary="Suppliers' statements of a sale day")
def statements(request: HttpRequest, province_id: ProvinceId, sale_on: SaleOn) -> list[StatementOut]:
    """Staff with `settlement.read`."""
    return _statements(queries.statements(caller_of(request), province_id=province_id, sale_on=sale_on))


@router.get("/leader/commission", response=CommissionOut, summary="The calling leader's commission")
def leader_commission(request: HttpRequest) -> CommissionOut:
    """Pending until the claim window of an order is over, then booked; the newest sale days first."""
    return _commission(queries.leader_commission(caller_of(request)))


@router.get("/leader/statements", response=list[LeaderStatementOut], summary="The calling leader's statements")
def leader_statements(request: HttpRequest) -> list[LeaderStatementOut]:
    """One per sale day with which anything changed, the newest first, every line explained."""
    return [_leader_statement(view) for view in queries.leader_statements(caller_of(request))]


@router.get("/supplier/statements", response=list[StatementOut], summary="The calling supplier's statements")
def supplier_statements(request: HttpRequest) -> list[StatementOut]:
    """One per sale day, the newest first, every line explained."""
    return _statements(queries.supplier_statements(caller_of(request)))


def _proof(view: DayProof) -> ProofOut:
    return ProofOut(
        province_id=view.province_id,
        sale_on=view.sale_on,
        is_over=view.is_over,
        holds=view.holds,
        proved_at=view.proved_at,
        invariants=[_invariant(invariant) for invariant in view.invariants],
    )


def _invariant(view: Invariant) -> InvariantOut:
    return InvariantOut(
        name=view.name,
        topic=view.topic,
        zh=view.zh,
        en=view.en,
        unit=view.unit,
        left=view.left,
        right=view.right,
        holds=view.holds,
        offending=list(view.offending),
    )


def _account(view: AccountBalance) -> AccountOut:
    return AccountOut(
        code=view.code,
        zh=view.zh,
        en=view.en,
        debit_fen=view.debit.fen,
        credit_fen=view.credit.fen,
        balance_fen=view.balance.fen,
    )


def _entry(province_id: int, view: EntryView) -> EntryOut:
    return EntryOut(
        journal=public_id("journal", province_id, view.journal_id),
        kind=view.kind,
        at=view.at,
        sale_on=view.sale_on,
        order=_order(province_id, view.order_id),
        memo=view.memo,
        account=view.account,
        zh=view.zh,
        en=view.en,
        amount_fen=view.amount.fen,
    )


def _case(province_id: int, view: CaseView) -> CaseOut:
    return CaseOut(
        kind=view.kind,
        subject=view.subject,
        order=_order(province_id, view.order_id),
        left_fen=view.left.fen,
        right_fen=view.right.fen,
        zh=view.zh,
        en=view.en,
        sale_on=view.sale_on,
        found_at=view.found_at,
    )


def _order(province_id: int, order_id: int | None) -> str | None:
    return None if order_id is None else public_id("order", province_id, order_id)


def _commission(view: CommissionView) -> CommissionOut:
    return CommissionOut(
        pending_fen=view.pending.fen,
        booked_fen=view.booked.fen,
        days=[
            CommissionDayOut(
                sale_on=day.sale_on,
                orders=day.orders,
                base_fen=day.base.fen,
                pending_fen=day.pending.fen,
                booked_fen=day.booked.fen,
            )
            for day in view.days
        ],
    )


def _statements(views: Sequence[StatementView]) -> list[StatementOut]:
    skus = catalog.skus({line.sku_id for view in views for line in view.lines})
    codes = {sku_id: sku.code for sku_id, sku in skus.items()}
    return [_statement(view, codes) for view in views]


def _statement(view: StatementView, codes: dict[int, str]) -> StatementOut:
    return StatementOut(
        id=public_id("statement", view.province_id, view.id),
        supplier=public_id("supplier", view.province_id, view.supplier_id),
        sale_on=view.sale_on,
        goods_fen=view.goods.fen,
        deductions_fen=view.deductions.fen,
        subsidies_fen=view.subsidies.fen,
        total_fen=view.total.fen,
        made_at=view.made_at,
        lines=[_line(line, codes) for line in view.lines],
    )


def _leader_statement(view: LeaderStatementView) -> LeaderStatementOut:
    return LeaderStatementOut(
        sale_on=view.sale_on,
        earned_fen=view.account.earned.fen,
        funded_fen=view.account.funded.fen,
        carried_in_fen=view.account.carried_in.fen,
        carried_on_fen=view.account.carried_on.fen,
        total_fen=view.account.total.fen,
        made_at=view.made_at,
        lines=[
            LeaderLineOut(kind=line.kind, sale_on=line.sale_on, amount_fen=line.amount.fen, zh=line.zh, en=line.en)
            for line in view.lines
        ],
    )


def _line(view: StatementLineView, codes: dict[int, str]) -> StatementLineOut:
    return StatementLineOut(
        kind=view.kind,
        sale_on=view.sale_on,
        sku_code=codes[view.sku_id],
        quantity=view.quantity,
        price_fen=view.price.fen,
        amount_fen=view.amount.fen,
        zh=view.zh,
        en=view.en,
    )
