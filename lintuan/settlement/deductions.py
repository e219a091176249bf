"""What suppliers bear of the claims in a batch of events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from lintuan.fulfilment.types import ClaimFault
from lintuan.kernel.money import Money
from lintuan.ordering.events import LineRefunded
from lintuan.sourcing import queries as sourcing

from .engine import books
from .engine.books import Entries
from .engine.funding import shares_of_goods
from .models import StatementLine
from .types import LineKind


class Deductions:
    """Who brought the goods of the sale days in hand, and the statement lines that follow."""

    def __init__(self, province_id: int, refunds: Sequence[LineRefunded]) -> None:
        self._province_id = province_id
        skus: dict[date, set[int]] = defaultdict(set)
        for refund in filter(by_supplier, refunds):
            skus[refund.sale_on].add(refund.sku_id)
        self._brought = {day: sourcing.units_brought(province_id, day, ids) for day, ids in skus.items()}
        self._lines: list[StatementLine] = []

    def hear(self, refund: LineRefunded) -> Entries:
        """The postings of a refund that suppliers bear; none for one that is ours."""
        if not by_supplier(refund):
            return ()
        shares = shares_of_goods(Money(refund.amount_fen), self._brought[refund.sale_on].get(refund.sku_id, {}))
        self._lines += [self._line(refund, supplier, share) for supplier, share in shares.items()]
        return tuple(entry for supplier, share in shares.items() for entry in books.deduct(supplier, share))

    def save(self) -> None:
        if self._lines:
            StatementLine.objects.bulk_create(self._lines)

    def _line(self, refund: LineRefunded, supplier_id: int, share: Money) -> StatementLine:
        return StatementLine(
            province_id=self._province_id,
            kind=LineKind.DEDUCTION.value,
            supplier_id=supplier_id,
            sale_on=refund.sale_on,
            sku_id=refund.sku_id,
            quantity=1,
            price=share,
            amount=share,
            order_id=refund.order_id,
            cause=refund.cause,
        )


def by_supplier(refund: LineRefunded) -> bool:
    """Whether a supplier bears this refund."""
    return refund.fault == ClaimFault.SUPPLIER
