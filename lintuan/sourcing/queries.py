"""What others may ask sourcing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import F, QuerySet, Sum

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import Money

from .models import Lot, PurchaseLine, PurchaseOrder, Shortage, Supplier
from .types import (
    Cause,
    LotView,
    OrderKind,
    OrderState,
    PurchaseLineView,
    PurchaseOrderView,
    ShortageView,
    SupplierView,
    SupplyTotals,
)

MOST_ORDERS = 60


def supplier(province_id: int, supplier_id: int) -> SupplierView:
    """One supplier."""
    row = Supplier.objects.filter(province_id=province_id, id=supplier_id).first()
    if row is None:
        raise NotFound(thing="supplier")
    return _supplier_view(row)


def supplier_by_phone(province_id: int, phone: str) -> SupplierView | None:
    """Whose phone this is, for signing in."""
    row = Supplier.objects.filter(province_id=province_id, phone=phone).first()
    return _supplier_view(row) if row else None


def suppliers(province_id: int) -> tuple[SupplierView, ...]:
    """All suppliers of a province by code."""
    return tuple(map(_supplier_view, Supplier.objects.filter(province_id=province_id).order_by("code")))


def purchase_order(caller: Caller, *, province_id: int, purchase_order_id: int) -> PurchaseOrderView:
    """One purchase order, for its supplier or staff of sourcing; to others it does not exist."""
    views = _views(_visible(caller, province_id).filter(id=purchase_order_id), province_id)
    if not views:
        raise NotFound(thing="purchase order")
    return views[0]


def purchase_orders(caller: Caller, *, province_id: int, sale_on: date) -> tuple[PurchaseOrderView, ...]:
    """A sale day's purchase orders by number: all for staff of sourcing, its own for a supplier."""
    return _views(_visible(caller, province_id).filter(sale_on=sale_on).order_by("number"), province_id)


def latest_purchase_orders(caller: Caller) -> tuple[PurchaseOrderView, ...]:
    """The calling supplier's newest purchase orders, the latest first."""
    caller.require_kind(Kind.SUPPLIER)
    newest = _visible(caller, caller.province_id).order_by("-sale_on", "-id")[:MOST_ORDERS]
    return _views(newest, caller.province_id)


def received(province_id: int, sale_on: date) -> dict[int, int]:
    """Units of each SKU that came for a sale day; SKUs of which nothing came are absent."""
    return {item.sku_id: item.received for item in supply_totals(province_id, sale_on) if item.received}


def supply_totals(province_id: int, sale_on: date) -> tuple[SupplyTotals, ...]:
    """What was needed, ordered, promised and received of each SKU of a sale day, by SKU."""
    rows = _lines_of_day(province_id, sale_on).values("sku_id").annotate(
        units_ordered=Sum("ordered"), units_confirmed=Sum("confirmed"), units_received=Sum("received"),
        fen=Sum(F("received") * F("cost")),
    )  # fmt: skip
    needed = _needed(province_id, sale_on)
    found = {
        row["sku_id"]: SupplyTotals(
            row["sku_id"], needed.get(row["sku_id"], 0), row["units_ordered"], row["units_confirmed"] or 0,
            row["units_received"], Money(_fen(row["fen"])),
        )
        for row in rows
    }  # fmt: skip
    unsupplied = {sku: SupplyTotals(sku, units) for sku, units in needed.items() if sku not in found}
    return tuple(sorted((*found.values(), *unsupplied.values()), key=lambda item: item.sku_id))


def shortages(province_id: int, sale_on: date) -> tuple[ShortageView, ...]:
    """What each step of a night found missing and had cut."""
    rows = Shortage.objects.filter(province_id=province_id, sale_on=sale_on).order_by("id")
    return tuple(ShortageView(row.sku_id, Cause(row.cause), row.needed, row.available) for row in rows)


def lots(province_id: int, sale_on: date) -> tuple[LotView, ...]:
    """The intake records of a sale day, in the order they came."""
    rows = Lot.objects.filter(
        province_id=province_id, line__province_id=province_id, line__order__province_id=province_id,
        line__order__sale_on=sale_on,
    )  # fmt: skip
    return tuple(map(_lot_view, rows.select_related("line__order").order_by("id")))


def units_brought(province_id: int, sale_on: date, sku_ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """Units of each of these SKUs that each supplier brought for a sale day."""
    rows = Lot.objects.filter(
        province_id=province_id, line__province_id=province_id, line__order__province_id=province_id,
        line__order__sale_on=sale_on, sku_id__in=list(sku_ids),
    )  # fmt: skip
    found: dict[int, dict[int, int]] = {}
    for sku_id, supplier_id, units in rows.values_list("sku_id", "line__order__supplier_id").annotate(Sum("quantity")):
        found.setdefault(sku_id, {})[supplier_id] = units
    return found


def latest_lots(province_id: int, sku_id: int, *, limit: int = 3) -> tuple[LotView, ...]:
    """The newest intake records of a SKU, the latest first."""
    rows = Lot.objects.filter(
        province_id=province_id, line__province_id=province_id, line__order__province_id=province_id, sku_id=sku_id
    )  # fmt: skip
    return tuple(map(_lot_view, rows.select_related("line__order").order_by("-id")[:limit]))


def _visible(caller: Caller, province_id: int) -> QuerySet[PurchaseOrder]:
    orders = PurchaseOrder.objects.filter(province_id=province_id)
    if caller.kind is Kind.SUPPLIER:
        return orders.filter(supplier_id=caller.id) if caller.province_id == province_id else orders.none()
    if not caller.may("sourcing.receive", province_id):
        caller.require("sourcing.edit", province_id)
    return orders


def _lines_of_day(province_id: int, sale_on: date) -> QuerySet[PurchaseLine]:
    return PurchaseLine.objects.filter(province_id=province_id, order__province_id=province_id, order__sale_on=sale_on)


def _needed(province_id: int, sale_on: date) -> dict[int, int]:
    asked = _lines_of_day(province_id, sale_on).filter(order__kind=OrderKind.MAIN.value)
    unsupplied = Shortage.objects.filter(province_id=province_id, sale_on=sale_on, cause=Cause.NO_SUPPLIER.value)
    return {**dict(unsupplied.values_list("sku_id", "needed")), **dict(asked.values_list("sku_id", "needed"))}


def _fen(amount: Money | int) -> int:
    return amount.fen if isinstance(amount, Money) else int(amount)


def _views(orders: QuerySet[PurchaseOrder], province_id: int) -> tuple[PurchaseOrderView, ...]:
    rows = list(orders.select_related("supplier"))
    lines: dict[int, list[PurchaseLine]] = {row.id: [] for row in rows}
    for line in PurchaseLine.objects.filter(province_id=province_id, order_id__in=list(lines)).order_by("id"):
        lines[line.order_id].append(line)
    return tuple(_order_view(row, lines[row.id]) for row in rows)


def _order_view(row: PurchaseOrder, lines: Iterable[PurchaseLine]) -> PurchaseOrderView:
    return PurchaseOrderView(
        id=row.id, province_id=row.province_id, number=row.number, kind=OrderKind(row.kind),
        state=OrderState(row.state), sale_on=row.sale_on, supplier_id=row.supplier_id,
        supplier_code=row.supplier.code, supplier_name=row.supplier.name, supplier_name_en=row.supplier.name_en,
        sent_at=row.sent_at, confirm_by=row.confirm_by, receive_by=row.receive_by, confirmed_at=row.confirmed_at,
        lines=tuple(map(_line_view, lines)),
    )  # fmt: skip


def _line_view(row: PurchaseLine) -> PurchaseLineView:
    return PurchaseLineView(
        row.id, row.sku_id, row.needed, row.pack_units, row.ordered, row.confirmed, row.received, row.cost
    )


def _supplier_view(row: Supplier) -> SupplierView:
    return SupplierView(
        row.id, row.province_id, row.code, row.name, row.name_en, row.phone, row.city_code, row.address, row.licence
    )


def _lot_view(row: Lot) -> LotView:
    order = row.line.order
    return LotView(
        row.id, order.id, order.supplier_id, row.sku_id, row.code, row.quantity, row.produced_on, row.expires_on,
        row.certificate, row.temperature_tenths, row.received_at,
    )  # fmt: skip
