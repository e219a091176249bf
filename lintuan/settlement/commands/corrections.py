from __future__ import annotations

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.settlement import ledger, purses, rules
from lintuan.settlement.engine import accounts, books
from lintuan.settlement.engine.books import Entry, Kind
from lintuan.settlement.errors import ReversedAlready
from lintuan.settlement.models import Transfer
from lintuan.settlement.types import MAY_CORRECT


@command
def reverse_journal(caller: Caller, *, province_id: int, journal_id: int, memo: str, key: str | None = None) -> int:
    """Take a journal back by its mirror image, once; answers the new journal's id."""
    caller.require(MAY_CORRECT, province_id)
    legs = _locked(province_id, journal_id)
    source = rules.from_duty("reversal", legs[0].id)
    if ledger.known_sources(province_id, [source]):
        raise ReversedAlready
    draft = ledger.Draft(
        source=source,
        kind=Kind.REVERSAL,
        at=clock.now(),
        entries=books.reverse(entry for leg in legs for entry in _entries(leg)),
        sale_on=legs[0].sale_on,
        order_id=legs[0].order_id,
        memo=memo,
    )
    purses.require_covered(province_id, draft.entries)
    ledger.write(province_id, [draft])
    written = Transfer.objects.filter(province_id=province_id).filter(source=source, leg=0)
    return int(written.get().id)


def _locked(province_id: int, journal_id: int) -> list[Transfer]:
    """All legs of the journal that one of them names, the first locked."""
    named = Transfer.objects.filter(province_id=province_id, id=journal_id).values("source")
    rows = Transfer.objects.select_for_update().filter(province_id=province_id, source__in=named)
    if not (found := list(rows.order_by("leg"))):
        raise NotFound(thing="journal")
    return found


def _entries(leg: Transfer) -> tuple[Entry, Entry]:
    debit, credit = accounts.code(leg.debit, leg.debit_of), accounts.code(leg.credit, leg.credit_of)
    return Entry(debit, leg.amount), Entry(credit, -leg.amount)
