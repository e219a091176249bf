"""A process that settles one province's sale day as the worker does, and says in one line of JSON how that went.

python -m bench.settling PROVINCE SALE-DAY BILLS         BILLS is JSON: what bench/money_bills.py wrote
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from datetime import time as time_of_day

import django

#: Duties of the night in their order; what follows the settlement is told apart.
SETTLING = (
    "settlement.book_commission", "settlement.book_goods", "settlement.charge_funders",
    "settlement.grade_leaders", "settlement.settle_partners", "settlement.make_statements",
    "settlement.make_leader_statements",
)  # fmt: skip
#: After so many batches of the books.
WARM = frozenset(4 << power for power in range(12))
BILLS = "settlement.compare_bills"
CLOSING, RECONCILING = "settlement.close_books", "settlement.reconcile"


def main(province_id: int, sale_on: date, bills: Mapping[str, list[list[str]]]) -> None:
    django.setup()
    from django.db import connection, transaction

    from lintuan.kernel.delivery import deliver
    from lintuan.kernel.duties import DUTIES
    from lintuan.kernel.events import CONSUMERS
    from lintuan.settlement.queries import prove_day

    took: dict[str, float] = {}
    told: dict[str, str] = {}
    peak: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> object:
        began = time.perf_counter()
        answer = work()
        took[name] = round(time.perf_counter() - began, 2)
        peak[name] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
        return answer

    def carry_out(name: str) -> None:
        with transaction.atomic():
            told[name] = DUTIES[name].work(province_id, sale_on)

    def hear() -> None:
        books, batches = CONSUMERS["settlement.books"], 0
        while deliver(books):
            batches += 1
            # The tables begin empty, and autovacuum looks too seldom; those of a site that lives have statistics.
            if batches in WARM:
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE settlement_transfer, settlement_commission")

    def compare() -> None:
        cases = [_compare_bills(province_id, date.fromisoformat(day), *files) for day, files in bills.items()]
        told[BILLS] = f"{sum(lines for lines, _ in cases)} lines of bills, {sum(found for _, found in cases)} cases"

    timed("booking", hear)
    for name in (*SETTLING, RECONCILING, CLOSING):
        timed(name, lambda name=name: carry_out(name))  # type: ignore[misc]
    timed(BILLS, compare)
    proof = timed("proof", lambda: prove_day(province_id, sale_on))
    wrong = [
        (one.name, one.topic.value, one.left, one.right, one.offending)
        for one in proof.invariants  # type: ignore[attr-defined]
        if not one.holds
    ]
    print(json.dumps({"took": took, "told": told, "peak_mib": peak, "wrong": wrong}))


def _compare_bills(province_id: int, day: date, trades: list[str], flows: list[str]) -> tuple[int, int]:
    """Keep a past day's bills as the product does when they came, and compare them; how many lines, how many cases."""
    from lintuan.kernel.callers import SYSTEM
    from lintuan.payments.commands import keep_bill
    from lintuan.payments.gateways.bills import BEIJING, FlowReader, TradeReader
    from lintuan.payments.types import BillDayView, Provider
    from lintuan.settlement.commands import compare_bill

    from .money_bills import lines_of

    ends = datetime.combine(day + timedelta(days=1), time_of_day(0), BEIJING)
    kept = keep_bill(
        SYSTEM,
        day=BillDayView(Provider.WECHATPAY, day, 0, True, ends + timedelta(hours=10), None, ends),
        rows=lines_of(*trades, TradeReader),
        flows=lines_of(*flows, FlowReader),
    )
    return kept.rows, compare_bill(SYSTEM, province_id=province_id, provider=Provider.WECHATPAY, on_day=day)


if __name__ == "__main__":
    main(int(sys.argv[1]), date.fromisoformat(sys.argv[2]), json.loads(sys.argv[3]))
