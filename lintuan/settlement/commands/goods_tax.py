from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.settlement.errors import GoodsTaxRefused
from lintuan.settlement.invoice_models import GoodsTaxRow
from lintuan.settlement.types import MAY_INVOICE, GoodsTax

COLUMNS = ("product_code", "tax_code", "since", "rate")
_TAX_CODE = re.compile(r"\d{19}", re.ASCII)
MOST_PERCENT = 20


@command
def load_goods_tax(caller: Caller, *, province_id: int, text: str) -> int:
    """Take over the tax office's codes of products, and rates where they are not their category's, from CSV.

    Columns product_code, tax_code (19 digits), since (a day), rate (per cent, `exempt`, or empty: the category's).
    All of it or, with GoodsTaxRefused, nothing. Answers how many lines there are.
    """
    caller.require(MAY_INVOICE, province_id)
    found = list(read_goods_tax(text.removeprefix("\ufeff").splitlines()))
    GoodsTaxRow.objects.bulk_create(
        (
            GoodsTaxRow(
                province_id=province_id,
                product_code=one.product_code,
                since=one.since,
                tax_code=one.tax_code,
                rate_bps=one.rate_bps,
                is_exempt=one.is_exempt,
            )
            for one in {(one.product_code, one.since): one for one in found}.values()
        ),
        update_conflicts=True,
        unique_fields=["province_id", "product_code", "since"],
        update_fields=["tax_code", "rate_bps", "is_exempt"],
    )
    return len(found)


def read_goods_tax(lines: Iterable[str]) -> Iterator[GoodsTax]:
    """The lines of such a CSV; GoodsTaxRefused names the first that is wrong, the head being line 1."""
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise GoodsTaxRefused(line=1, reason=", ".join(COLUMNS))
    for number, row in enumerate(reader, start=2):
        yield _read(number, row)


def _read(number: int, row: Mapping[str, str | None]) -> GoodsTax:
    code, tax_code, since, rate = ((row[name] or "").strip() for name in COLUMNS)
    if not 0 < len(code) <= 32:
        raise GoodsTaxRefused(line=number, reason="product_code")
    if not _TAX_CODE.fullmatch(tax_code):
        raise GoodsTaxRefused(line=number, reason="tax_code")
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise GoodsTaxRefused(line=number, reason="since") from None
    bps = None if rate in ("", "exempt") else _bps(number, rate)
    return GoodsTax(code, tax_code, day, bps, is_exempt=rate == "exempt")


def _bps(number: int, rate: str) -> int:
    try:
        bps = Decimal(rate) * 100
    except InvalidOperation:
        raise GoodsTaxRefused(line=number, reason="rate") from None
    if not (bps.is_finite() and 0 < bps <= MOST_PERCENT * 100 and bps == int(bps)):
        raise GoodsTaxRefused(line=number, reason="rate")
    return int(bps)
