from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import BinaryIO

from lintuan.kernel import clock
from lintuan.kernel.ids import public_id
from lintuan.kernel.money import ZERO, Money, total
from lintuan.settlement import balances
from lintuan.settlement.engine import accounts, beancount
from lintuan.settlement.engine.sheets import Cell
from lintuan.settlement.models import Transfer
from lintuan.settlement.types import Exported

from .scope import PORTION, Scope

HEAD = (
    "时间 Time", "销售日 Sale day", "凭证 Journal", "分录 Leg", "事由 Kind", "订单 Order", "借方科目 Debit account",
    "借方名称 Debit name", "贷方科目 Credit account", "贷方名称 Credit name", "金额 Amount", "备注 Memo",
)  # fmt: skip


def ledger(scope: Scope) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    """Every transfer, in the order in which things happened."""
    return HEAD, (_row(scope, transfer) for transfer in _transfers(scope))


def write_beancount(scope: Scope, out: BinaryIO) -> Exported:
    """The journals, what was before them in one of its own, and at the end what every account holds."""
    before = balances.of_each(scope.province_id, scope.begins) if scope.begins else {}
    after = balances.of_each(scope.province_id, scope.ends)
    first = scope.wish.since or _first_day(scope)
    title = f"{scope.province.name} {scope.province.name_en}"
    for text in beancount.opening(title, first, after):
        out.write(text.encode())
    _write_opening(out, first, before)
    rows, amount, last = _write_journals(scope, out)
    out.write(b"\n")
    closes = scope.wish.until or max(last or first, clock.today(scope.province.zone))
    for code, sides in after.items():
        out.write(beancount.balance(closes + timedelta(days=1), code, sides.debit - sides.credit).encode())
    return Exported(rows, amount)


def _write_opening(out: BinaryIO, on: date, before: Mapping[str, balances.Sides]) -> None:
    held = [(code, sides.debit - sides.credit) for code, sides in before.items()]
    if any(amount for _, amount in held):
        out.write(beancount.transaction(on, ("期初 opening", ""), {}, held).encode())


def _write_journals(scope: Scope, out: BinaryIO) -> tuple[int, Money, date | None]:
    """How many transfers there are, what they add up to, and the last day with any."""
    rows, fen, on = 0, 0, None
    for source, group in groupby(_transfers(scope), key=lambda transfer: transfer.source):
        legs = list(group)
        at = scope.local(legs[0].at)
        on = at.date()
        facts = {"source": source, "time": f"{at:%H:%M:%S}", "order": _order(scope, legs[0])}
        postings = [posting for leg in legs for posting in _postings(leg)]
        out.write(beancount.transaction(on, (legs[0].kind, legs[0].memo), facts, postings).encode())
        rows += len(legs)
        fen += total(leg.amount for leg in legs).fen
    return rows, Money(fen), on


def _transfers(scope: Scope) -> Iterator[Transfer]:
    rows = Transfer.objects.filter(province_id=scope.province_id, **scope.between("at", moments=True))
    found: Iterator[Transfer] = rows.order_by("at", "source", "leg").iterator(chunk_size=PORTION)
    return found


def _first_day(scope: Scope) -> date:
    rows = Transfer.objects.filter(province_id=scope.province_id).order_by("at")
    first = rows.values_list("at", flat=True).first()
    return scope.local(first).date() if first else clock.today(scope.province.zone)


def _postings(leg: Transfer) -> tuple[tuple[str, Money], tuple[str, Money]]:
    debit, credit = accounts.code(leg.debit, leg.debit_of), accounts.code(leg.credit, leg.credit_of)
    return (debit, leg.amount), (credit, ZERO - leg.amount)


def _row(scope: Scope, leg: Transfer) -> Sequence[Cell]:
    (debit, _), (credit, _) = _postings(leg)
    return (
        scope.local(leg.at), leg.sale_on, leg.source, leg.leg, leg.kind, _order(scope, leg),
        debit, _both(debit), credit, _both(credit), leg.amount, leg.memo,
    )  # fmt: skip


def _both(code: str) -> str:
    title = accounts.title(code)
    return f"{title.zh} {title.en}"


def _order(scope: Scope, leg: Transfer) -> str:
    return public_id("order", scope.province_id, leg.order_id) if leg.order_id else ""
