"""Invoices that members ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from lintuan.kernel.ids import public_id, read_public_id
from lintuan.settlement import commands, queries
from lintuan.settlement.types import InvoiceTitle, InvoiceView, TitleKind

from .http import caller_of, key_of
from .photos import LOCKED

router = Router(tags=["invoices"])


class InvoiceIn(Schema):
    order: str = Field(max_length=40, examples=["Rk3vTq9Z"])
    kind: TitleKind = Field(description="personal or company", examples=["company"])
    title: str = Field(
        default="", max_length=100, description="of a person may be empty", examples=["武汉邻里有限公司"]
    )
    taxpayer_number: str = Field(default="", max_length=40, examples=["91350100M000100Y43"])
    email: str = Field(default="", max_length=120, examples=["lilei@example.com"])


class InvoiceLineOut(Schema):
    name: str = Field(examples=["上海青"])
    spec: str = Field(examples=["300g"])
    quantity: int = Field(examples=[4])
    amount_fen: int = Field(description="with the tax in it", examples=[1200])
    tax_fen: int = Field(examples=[0])
    is_exempt: bool = Field(examples=[True])


class InvoiceOut(Schema):
    id: str = Field(examples=["Rk3vTq9Z"])
    order: str = Field(examples=["Rk3vTq9Z"])
    order_number: str = Field(examples=["1120K7M2QX"])
    kind: str = Field(description="blue, or red: takes a blue one back", examples=["blue"])
    state: str = Field(description="asked, issued, refused, reddened", examples=["asked"])
    title_kind: str = Field(examples=["company"])
    title: str = Field(examples=["武汉邻里有限公司"])
    taxpayer_number: str = Field(examples=["91350100M000100Y43"])
    email: str = Field(examples=["lilei@example.com"])
    amount_fen: int = Field(description="of a red one negative; before it is issued, as of now", examples=[1200])
    tax_fen: int = Field(examples=[0])
    asked_at: datetime
    ready_at: datetime = Field(description="from when it can be issued")
    due_at: datetime = Field(description="when it is issued at the latest")
    closed_at: datetime | None
    number: str = Field(examples=["25422000000012345678"])
    code: str = Field(description="of old forms", examples=[""])
    link: str = Field(examples=[""])
    has_file: bool = Field(examples=[True])
    reason: str = Field(description="why it was refused", examples=[""])
    lines: list[InvoiceLineOut]


class InvoicesOut(Schema):
    invoices: list[InvoiceOut]


class Asked(Schema):
    id: str = Field(examples=["Rk3vTq9Z"])


@router.post("/me/invoices", response={201: Asked}, summary="Ask for an invoice of my order (member)")
def ask(request: HttpRequest, body: InvoiceIn) -> Status[Asked]:
    """It is issued once no claim can change the order, for what was paid and not given back."""
    province_id, order_id = read_public_id("order", body.order)
    title = InvoiceTitle(
        kind=body.kind,
        title=body.title.strip() or ("个人" if body.kind is TitleKind.PERSONAL else ""),
        number=body.taxpayer_number.strip().upper() if body.kind is TitleKind.COMPANY else "",
        email=body.email.strip(),
    )
    caller = caller_of(request)
    invoice_id = commands.ask_invoice(
        caller, province_id=province_id, order_id=order_id, title=title, key=key_of(request)
    )
    return Status(201, Asked(id=public_id("invoice", province_id, invoice_id)))


@router.get("/me/invoices", response=InvoicesOut, summary="My invoices, the newest first (member)")
def mine(request: HttpRequest) -> InvoicesOut:
    """The latest 200."""
    return InvoicesOut(invoices=invoices_json(queries.invoices_of_member(caller_of(request))))


@router.get("/me/invoices/{invoice_id}/file", response={200: None}, summary="The file of my invoice (member)")
def file(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """PDF or OFD."""
    province_id, row_id = read_public_id("invoice", invoice_id)
    found = queries.invoice_file(caller_of(request), province_id=province_id, invoice_id=row_id)
    response = HttpResponse(found.content, content_type=found.media)
    response["Content-Disposition"] = f'attachment; filename="{invoice_id}.{found.media.partition("/")[2]}"'
    response["Content-Security-Policy"] = LOCKED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def invoices_json(views: Sequence[InvoiceView]) -> list[InvoiceOut]:
    """Invoices as their members may see them."""
    return [_invoice(view) for view in views]


def _invoice(view: InvoiceView) -> InvoiceOut:
    return InvoiceOut(
        id=public_id("invoice", view.province_id, view.id),
        order=public_id("order", view.province_id, view.order_id),
        order_number=view.order_number,
        kind=view.kind.value,
        state=view.state.value,
        title_kind=view.title.kind.value,
        title=view.title.title,
        taxpayer_number=view.title.number,
        email=view.title.email,
        amount_fen=view.amount.fen,
        tax_fen=view.tax.fen,
        asked_at=view.asked_at,
        ready_at=view.ready_at,
        due_at=view.due_at,
        closed_at=view.closed_at,
        number=view.number,
        code=view.code,
        link=view.link,
        has_file=view.has_file,
        reason=view.reason,
        lines=[
            InvoiceLineOut(
                name=line.name,
                spec=line.spec,
                quantity=line.quantity,
                amount_fen=line.amount.fen,
                tax_fen=line.tax.fen,
                is_exempt=line.is_exempt,
            )
            for line in view.lines
        ],
    )
