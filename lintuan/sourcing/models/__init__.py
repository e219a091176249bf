"""The tables of the room."""

from __future__ import annotations

from .orders import PurchaseLine, PurchaseOrder
from .receipts import Lot, Shortage
from .suppliers import Supplier, SupplierSku

__all__ = ["Lot", "PurchaseLine", "PurchaseOrder", "Shortage", "Supplier", "SupplierSku"]
