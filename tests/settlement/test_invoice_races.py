"""Two at once: of twins that ask or issue one is refused, and no refund slips past an invoice that is being issued."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.money import Money
from lintuan.ordering import commands as ordering_commands
from lintuan.ordering.types import LineRefund, OrderView
from lintuan.settlement import errors
from lintuan.settlement.commands.invoices import correct_invoices
from tests.make import fulfilment, invoices, leaders, ordering, pricing
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI
from tests.side_by_side import aside, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)

ClockAt = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def evening(clock_at: ClockAt, transactional_db: None) -> Iterator[None]:
    """Leaves no jobs behind: Django does not flush the queue's tables."""
    clock_at(EVENING)
    yield
    ProcrastinateJob.objects.all().delete()


def an_order() -> OrderView:
    """Greens 4 x 3.00, collected."""
    order = fulfilment.buy(leaders.point(), (pricing.offer(300), 4))
    ordering_commands.mark_collected(SYSTEM, province_id=HUBEI, order_ids=(order.id,))
    return ordering.now(order)


def states(order: OrderView) -> list[tuple[str, str, int]]:
    return [(one.kind.value, one.state.value, one.amount.fen) for one in invoices.seen(order)]


def test_of_two_who_ask_at_once_one_is_refused() -> None:
    order = an_order()

    with transaction.atomic():
        invoices.ask(order)
        second = aside(lambda: invoices.ask(order))
        until_waiting()

    assert second.result(20) is errors.InvoiceAskedFor
    assert states(order) == [("blue", "asked", 1200)]


def test_of_two_invoices_that_get_one_number_at_once_one_is_refused(clock_at: ClockAt) -> None:
    orders = [an_order(), an_order()]
    first, second = (invoices.ask(order) for order in orders)
    clock_at(invoices.READY)

    with transaction.atomic():
        number = invoices.issue(first).number
        twin = aside(lambda: invoices.issue(second, number=number))
        until_waiting()

    assert twin.result(20) is errors.NumberUsed
    assert [states(order) for order in orders] == [[("blue", "issued", 1200)], [("blue", "asked", 1200)]]


def test_who_hears_of_a_refund_waits_for_the_invoice_that_is_being_issued(clock_at: ClockAt) -> None:
    order = an_order()
    invoice_id = invoices.ask(order)
    clock_at(invoices.READY)
    back = LineRefund(order.id, order.lines[0].id, Money(300), "quality", "platform")

    with transaction.atomic():
        invoices.issue(invoice_id)
        refunded = aside(lambda: ordering_commands.refund_lines(SYSTEM, province_id=HUBEI, refunds=(back,)))
        refunded.result(20)
        hearing = aside(lambda: correct_invoices_at_once(order))
        until_waiting()

    assert hearing.result(20) == 1
    assert states(order) == [("blue", "issued", 1200), ("red", "asked", -1200)]


def correct_invoices_at_once(order: OrderView) -> int:
    with transaction.atomic():
        return correct_invoices(HUBEI, {order.id})
