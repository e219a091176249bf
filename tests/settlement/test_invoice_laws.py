"""However refunds, wishes and issuing follow each other, invoices say what was paid and not given back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.errors import Refusal
from lintuan.kernel.money import Money, total
from lintuan.ordering import commands as ordering_commands
from lintuan.ordering.types import LineRefund, OrderView
from lintuan.settlement import commands
from lintuan.settlement.types import InvoiceKind, InvoiceState
from tests.make import fulfilment, invoices, leaders, ordering, pricing, settlement
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]

refunds = st.tuples(st.integers(0, 1), st.integers(1, 700))
rounds = st.permutations(["ask", "issue", "hear"]) | st.just(["ask", "refuse"])
sequences = st.lists(st.tuples(rounds, refunds), min_size=1, max_size=4).map(
    lambda found: [step for words, refund in found for step in (*words, refund)]
)


@pytest.fixture
def ready(clock_at: ClockAt) -> OrderView:
    """Two goods, 12.00 and 20.00, of which plays paid 1.01, collected, when claims are over."""
    clock_at(EVENING)
    order = fulfilment.buy(leaders.point(), (pricing.offer(300), 4), (pricing.offer(1000), 2), saved=101)
    ordering_commands.mark_collected(SYSTEM, province_id=HUBEI, order_ids=(order.id,))
    settlement.hear()
    clock_at(invoices.READY)
    return ordering.now(order)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequences)
def test_invoices_add_up_to_what_was_paid_less_refunds(ready: OrderView, taken: list[str | tuple[int, int]]) -> None:
    with _undone():
        for step in taken:
            _take(ready, step)
            _check(ready)
        settlement.hear()
        while waiting := _waiting(ready):
            invoices.issue(waiting[0])

        found, paid = invoices.seen(ready), ordering.now(ready).bill.paid
        issued = [one for one in found if one.state is not InvoiceState.REFUSED]
        blue = [one for one in found if one.kind is InvoiceKind.BLUE]
        due = [paid] if paid and blue and blue[-1].state is not InvoiceState.REFUSED else []
        assert [one.amount for one in blue if one.state is InvoiceState.ISSUED] == due
        assert total(one.amount for one in issued) == total(due)


def _take(order: OrderView, step: str | tuple[int, int]) -> None:
    """A step that cannot be taken now is refused and changes nothing."""
    match step:
        case "hear":
            settlement.hear()
        case "ask":
            _tried(lambda: invoices.ask(order))
        case "issue" | "refuse":
            for invoice_id in _waiting(order)[:1]:
                _tried(lambda: _close(invoice_id, step))  # noqa: B023  called at once
        case (line, fen):
            back = LineRefund(order.id, order.lines[line].id, Money(fen), "quality", "platform")
            _tried(lambda: ordering_commands.refund_lines(SYSTEM, province_id=HUBEI, refunds=(back,)))


def _close(invoice_id: int, step: object) -> None:
    if step == "issue":
        invoices.issue(invoice_id)
    else:
        commands.refuse_invoice(SYSTEM, province_id=HUBEI, invoice_id=invoice_id, reason="抬头有误")


def _check(order: OrderView) -> None:
    """At most one blue one stands, every red one is a whole blue one, and none says more than was charged."""
    found = invoices.seen(order)
    blue = {one.id: one for one in found if one.kind is InvoiceKind.BLUE}
    assert len([one for one in blue.values() if one.state in (InvoiceState.ASKED, InvoiceState.ISSUED)]) <= 1
    for one in found:
        if one.kind is InvoiceKind.RED:
            assert one.amount == blue[one.corrects_id or 0].amount * -1
        assert total(line.amount for line in one.lines) <= order.bill.charged


def _waiting(order: OrderView) -> list[int]:
    """What waits, the oldest first."""
    return [one.id for one in invoices.seen(order) if one.state is InvoiceState.ASKED]


def _tried(step: Callable[[], object]) -> None:
    try:
        step()
    except Refusal:
        return


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
