from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice

from django.db.models import QuerySet

from lintuan.kernel import clock
from lintuan.kernel.ids import public_id
from lintuan.settlement import invoice_views
from lintuan.settlement.engine.sheets import Cell
from lintuan.settlement.invoice_models import Invoice
from lintuan.settlement.types import InvoiceKind, InvoiceLine, InvoiceState, InvoiceView

from .scope import Scope
from .tables import Found

#: Invoices read at once, with their orders.
PORTION = 200


def invoices(scope: Scope) -> Found:
    """Every line of what was issued between two days."""
    head = (
        "开票时间 Issued", "发票代码 Code", "发票号码 Number", "类型 Kind", "状态 State", "订单 Order", "抬头 Title",
        "纳税人识别号 Taxpayer", "商品 Goods", "规格 Spec", "数量 Units", "税收编码 Tax code", "税率 Rate",
        "金额 Amount", "税额 Tax", "冲红号码 Corrects",
    )  # fmt: skip
    rows = Invoice.objects.filter(province_id=scope.province_id, **scope.between("closed_at", moments=True))
    issued = rows.filter(state__in=[InvoiceState.ISSUED.value, InvoiceState.REDDENED.value])
    return head, (
        _issued(scope, view, line) for view in _views(scope, issued.order_by("closed_at", "id")) for line in view.lines
    )


def to_invoice(scope: Scope) -> Found:
    """Every line of what may be issued now, with all that a platform asks for; red ones name what they take back."""
    head = (
        "发票流水号", "发票种类", "是否含税", "购买方类型", "购买方名称", "购买方纳税人识别号", "购买方邮箱",
        "项目名称", "商品和服务税收编码", "规格型号", "单位", "数量", "单价", "金额 Amount", "税率", "优惠政策类型",
        "税额 Tax", "原发票号码", "最晚开票时间",
    )  # fmt: skip
    rows = Invoice.objects.filter(province_id=scope.province_id, state=InvoiceState.ASKED.value)
    ready = rows.filter(ready_at__lte=clock.now()).order_by("due_at", "id")
    return head, (_waiting(scope, view, line) for view in _views(scope, ready) for line in view.lines)


def _views(scope: Scope, rows: QuerySet[Invoice]) -> Iterator[InvoiceView]:
    found = rows.iterator(chunk_size=PORTION)
    while portion := list(islice(found, PORTION)):
        yield from invoice_views.views(scope.province_id, portion)


def _issued(scope: Scope, view: InvoiceView, line: InvoiceLine) -> Sequence[Cell]:
    return (
        scope.local(view.closed_at) if view.closed_at else None, view.code, view.number, view.kind.value,
        view.state.value, view.order_number, scope.name(view.title.title),
        view.title.number if scope.sees_names else "", line.name, line.spec, line.quantity, line.tax_code,
        _rate(line), line.amount, line.tax, view.corrects_number,
    )  # fmt: skip


def _waiting(scope: Scope, view: InvoiceView, line: InvoiceLine) -> Sequence[Cell]:
    return (
        public_id("invoice", view.province_id, view.id),
        "红字普通发票" if view.kind is InvoiceKind.RED else "普通发票", "是",
        "企业" if view.title.kind.value == "company" else "个人", view.title.title, view.title.number,
        view.title.email, line.name, line.tax_code, line.spec, line.unit, line.quantity, _price(line), line.amount,
        _rate(line), "免税" if line.is_exempt else "", line.tax, view.corrects_number, scope.local(view.due_at),
    )  # fmt: skip


def _rate(line: InvoiceLine) -> str:
    if line.is_exempt:
        return "免税"
    return "" if line.rate_bps is None else f"{Decimal(line.rate_bps).scaleb(-2).normalize():f}%"


def _price(line: InvoiceLine) -> str:
    """Of one unit with its tax, to eight places: units times this is the amount to the fen."""
    return f"{Decimal(line.amount.fen) / Decimal(line.quantity * 100):.8f}"
