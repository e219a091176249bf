"""Invoices from the wish to the red letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from lintuan.catalog.types import Category
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.errors import CannotMove, Forbidden, NotFound, Refusal
from lintuan.kernel.money import Money
from lintuan.members import commands as members_commands
from lintuan.ordering import commands as ordering_commands
from lintuan.ordering.types import LineRefund, OrderView
from lintuan.settlement import commands, errors, queries
from lintuan.settlement.invoice_models import Invoice, InvoicedLine
from lintuan.settlement.types import InvoiceState, InvoiceTitle, Paper, TitleKind
from tests.make import catalog, fulfilment, invoices, leaders, members, ordering, pricing, provinces, settlement
from tests.make.invoices import COMPANY, PDF, PERSON, READY
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]


def goods(price: int, name: str, category: Category) -> object:
    sku = catalog.sku(product=catalog.new_product(name=name, category=category))
    return pricing.offer(price, sku=sku)


def an_order(clock_at: ClockAt, *, saved: int = 0, category: Category = Category.FRUIT) -> OrderView:
    """Greens 4 x 3.00, exempt, and fruit 2 x 10.00, collected; plays pay `saved` fen."""
    clock_at(EVENING)
    greens, fruit = goods(300, "上海青", Category.VEGETABLES), goods(1000, "苹果", category)
    order = fulfilment.buy(leaders.point(), (greens, 4), (fruit, 2), saved=saved)
    ordering_commands.mark_collected(SYSTEM, province_id=HUBEI, order_ids=(order.id,))
    return ordering.now(order)


def refund(order: OrderView, line: int, fen: int) -> OrderView:
    """Money of a line goes back, and everybody hears of it."""
    back = LineRefund(order.id, order.lines[line].id, Money(fen), "quality", "platform")
    ordering_commands.refund_lines(SYSTEM, province_id=HUBEI, refunds=(back,))
    settlement.hear()
    return ordering.now(order)


def lines(order: OrderView) -> list[list[tuple[str, int, int, int]]]:
    """Name, units, fen and tax of each line of each invoice."""
    return [
        [(line.name, line.quantity, line.amount.fen, line.tax.fen) for line in one.lines]
        for one in invoices.seen(order)
    ]


@pytest.mark.parametrize(
    ("saved", "back", "greens", "fruit"),
    [
        (0, (0, 0), (1200, 0), (2000, 165)),
        (0, (300, 0), (900, 0), (2000, 165)),
        (320, (0, 0), (1080, 0), (1800, 149)),
        (320, (300, 1000), (810, 0), (900, 74)),
        (100, (0, 500), (1163, 0), (1453, 120)),
    ],
)
def test_what_was_paid_and_not_given_back_is_invoiced(
    clock_at: ClockAt, saved: int, back: tuple[int, int], greens: tuple[int, int], fruit: tuple[int, int]
) -> None:
    order = an_order(clock_at, saved=saved)
    for line, fen in enumerate(back):
        order = refund(order, line, fen) if fen else order
    invoice_id = invoices.ask(order)
    clock_at(READY)

    made = invoices.issue(invoice_id)

    (view,) = invoices.seen(order)
    assert lines(order) == [[("上海青", 4, *greens), ("苹果", 2, *fruit)]]
    assert (view.state, view.number, view.amount) == (InvoiceState.ISSUED, made.number, order.bill.paid)
    assert [(line.is_exempt, line.rate_bps) for line in view.lines] == [(True, 0), (False, 900)]
    assert queries.invoice_file(ordering.buyer_of(order), province_id=HUBEI, invoice_id=invoice_id).content == PDF


def test_an_invoice_waits_until_no_claim_can_come_and_is_due_a_week_later(clock_at: ClockAt) -> None:
    order = an_order(clock_at)
    invoice_id = invoices.ask(order)
    ready = clock_at(READY)

    clock_at("2026-11-24T20:59:59+08:00")
    with pytest.raises(errors.InvoiceTooEarly):
        invoices.issue(invoice_id)

    (view,) = invoices.seen(order)
    assert (view.ready_at, view.due_at) == (ready, ready + timedelta(days=7))
    clock_at("2026-12-01T21:00+08:00")
    assert queries.overdue_invoices(HUBEI) == 0
    clock_at("2026-12-01T21:00:01+08:00")
    assert queries.overdue_invoices(HUBEI) == 1
    invoices.issue(invoice_id)
    assert queries.overdue_invoices(HUBEI) == 0


def test_money_that_goes_back_later_takes_the_invoice_back_and_asks_for_another(clock_at: ClockAt) -> None:
    order = an_order(clock_at)
    first = invoices.ask(order)
    clock_at(READY)
    number = invoices.issue(first).number

    order = refund(order, 1, 1000)
    blue, red = invoices.seen(order)
    assert (blue.state, red.state, red.corrects_number) == (InvoiceState.ISSUED, InvoiceState.ASKED, number)
    assert lines(order)[1] == [("上海青", -4, -1200, 0), ("苹果", -2, -2000, -165)]
    order = refund(order, 0, 300)
    assert len(invoices.seen(order)) == 2
    with pytest.raises(CannotMove):
        commands.refuse_invoice(SYSTEM, province_id=HUBEI, invoice_id=red.id, reason="no")
    invoices.issue(red.id)
    blue, red, again = invoices.seen(order)
    invoices.issue(again.id)

    states = [(one.kind.value, one.state.value, one.amount.fen) for one in invoices.seen(order)]
    assert states == [("blue", "reddened", 3200), ("red", "issued", -3200), ("blue", "issued", 1900)]
    assert again.title == COMPANY
    assert lines(order)[2] == [("上海青", 4, 900, 0), ("苹果", 2, 1000, 83)]


def test_an_order_given_back_whole_gets_no_other_invoice(clock_at: ClockAt) -> None:
    order = an_order(clock_at)
    first = invoices.ask(order)
    clock_at(READY)
    invoices.issue(first)

    order = refund(refund(order, 0, 1200), 1, 2000)
    invoices.issue(invoices.seen(order)[1].id)

    assert [(one.state.value, one.amount.fen) for one in invoices.seen(order)] == [
        ("reddened", 3200), ("issued", -3200),
    ]  # fmt: skip
    with pytest.raises(errors.NothingToInvoice):
        invoices.ask(order)


def test_a_refund_before_it_is_issued_only_lowers_it(clock_at: ClockAt) -> None:
    order = an_order(clock_at)
    invoice_id = invoices.ask(order)
    order = refund(order, 1, 2000)
    clock_at(READY)

    invoices.issue(invoice_id)
    settlement.hear()

    assert lines(order) == [[("上海青", 4, 1200, 0)]]


def test_what_waits_when_everything_goes_back_is_refused(clock_at: ClockAt) -> None:
    order = an_order(clock_at)
    invoices.ask(order)

    order = refund(refund(order, 0, 1200), 1, 2000)

    (view,) = invoices.seen(order)
    assert (view.state, view.reason) == (InvoiceState.REFUSED, "已全额退款 All was paid back")
    clock_at("2026-12-31T12:00+08:00")
    assert queries.overdue_invoices(HUBEI) == 0


def test_goods_of_unknown_tax_are_not_invoiced_until_it_is_said(clock_at: ClockAt) -> None:
    order = an_order(clock_at, category=Category.DAIRY_BAKERY)
    invoice_id = invoices.ask(order)
    clock_at(READY)
    with pytest.raises(errors.TaxUnknown, match="苹果"):
        invoices.issue(invoice_id)
    code = catalog.queries.sku(order.lines[1].sku_id).product_code
    head = "product_code,tax_code,since,rate\n"

    commands.load_goods_tax(
        SYSTEM,
        province_id=HUBEI,
        text=f"{head}{code},1030107010100000000,2026-01-01,13\n{code},1030107010200000000,2026-11-21,9\n",
    )
    invoices.issue(invoice_id)

    line = invoices.seen(order)[0].lines[1]
    assert (line.tax_code, line.rate_bps, line.tax.fen) == ("1030107010100000000", 1300, 230)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("product_code,tax_code,since\n", 1),
        ("product_code,tax_code,since,rate\n,1030107010100000000,2026-01-01,13\n", 2),
        ("product_code,tax_code,since,rate\nA,103,2026-01-01,13\n", 2),
        ("product_code,tax_code,since,rate\nA,1030107010100000000,someday,13\n", 2),
        (
            "product_code,tax_code,since,rate\nA,1030107010100000000,2026-01-01,\nB,1030107010100000000,2026-01-01,x\n",
            3,
        ),
        ("product_code,tax_code,since,rate\nA,1030107010100000000,2026-01-01,21\n", 2),
        ("product_code,tax_code,since,rate\nA,1030107010100000000,2026-01-01,0.005\n", 2),
        ("product_code,tax_code,since,rate\nA,1030107010100000000,2026-01-01,NaN\n", 2),
    ],
)
def test_taxes_of_goods_that_make_no_sense_are_refused_with_their_line(text: str, line: int) -> None:
    with pytest.raises(errors.GoodsTaxRefused) as refused:
        commands.load_goods_tax(SYSTEM, province_id=HUBEI, text=text)

    assert refused.value.facts["line"] == line


@pytest.mark.parametrize(
    ("title", "refusal"),
    [
        (InvoiceTitle(TitleKind.PERSONAL, ""), errors.TitleRefused),
        (InvoiceTitle(TitleKind.COMPANY, "某公司"), errors.TaxpayerNumberRefused),
        (InvoiceTitle(TitleKind.COMPANY, "某公司", "91350100M000100Y44"), errors.TaxpayerNumberRefused),
        (InvoiceTitle(TitleKind.PERSONAL, "个人", email="nobody"), errors.EmailRefused),
    ],
)
def test_a_title_that_cannot_be_is_refused(clock_at: ClockAt, title: InvoiceTitle, refusal: type[Refusal]) -> None:
    order = an_order(clock_at)

    with pytest.raises(refusal):
        invoices.ask(order, title)


@pytest.mark.parametrize(
    "given",
    [
        {"number": ""},
        {"number": "123"},
        {"number": "12345678"},
        {"code": "042001900111"},
        {"content": b""},
        {"content": b"<html>"},
        {"content": PDF + b"x" * (2 * 1024 * 1024)},
        {"content": b"", "link": "http://fapiao.example.com/1"},
        {"link": "https://a b"},
    ],
)
def test_an_answer_of_the_platform_that_cannot_be_is_refused(clock_at: ClockAt, given: dict[str, object]) -> None:
    order = an_order(clock_at)
    invoice_id = invoices.ask(order)
    clock_at(READY)

    with pytest.raises(errors.PaperRefused):
        invoices.issue(invoice_id, **given)

    assert invoices.seen(order)[0].state is InvoiceState.ASKED


def test_an_old_form_has_a_code_and_may_have_a_link(clock_at: ClockAt) -> None:
    order = an_order(clock_at)
    invoice_id = invoices.ask(order, PERSON)
    clock_at(READY)

    link = "https://fapiao.example.com/12345678"
    invoices.issue(invoice_id, number="12345678", code="042001900111", content=b"", link=link)

    (view,) = invoices.seen(order)
    assert (view.code, view.link, view.has_file) == ("042001900111", link, False)


def test_a_number_belongs_to_one_invoice(clock_at: ClockAt) -> None:
    first, second = an_order(clock_at), an_order(clock_at)
    asked = [invoices.ask(first), invoices.ask(second)]
    clock_at(READY)
    number = invoices.issue(asked[0]).number

    with pytest.raises(errors.NumberUsed):
        invoices.issue(asked[1], number=number)


def test_one_asks_once_and_after_a_refusal_again(clock_at: ClockAt) -> None:
    order = an_order(clock_at)
    first = invoices.ask(order)
    with pytest.raises(errors.InvoiceAskedFor):
        invoices.ask(order)

    commands.refuse_invoice(SYSTEM, province_id=HUBEI, invoice_id=first, reason="抬头有误")
    second = invoices.ask(order, PERSON)

    assert [(one.state.value, one.reason) for one in invoices.seen(order)] == [("refused", "抬头有误"), ("asked", "")]
    with pytest.raises(CannotMove):
        commands.refuse_invoice(SYSTEM, province_id=HUBEI, invoice_id=first, reason="again")
    assert second != first


def test_nobody_else_asks_sees_or_issues(clock_at: ClockAt) -> None:
    order = an_order(clock_at)
    stranger, keeper = members.member(), provinces.staff("settlement.read")
    with pytest.raises(NotFound):
        commands.ask_invoice(stranger, province_id=HUBEI, order_id=order.id, title=PERSON)
    leader = Caller(Kind.LEADER, leaders.queries.point(HUBEI, order.point_id).leader_id, HUBEI)
    with pytest.raises(Forbidden):
        commands.ask_invoice(leader, province_id=HUBEI, order_id=order.id, title=PERSON)
    invoice_id = invoices.ask(order)
    clock_at(READY)
    with pytest.raises(Forbidden):
        commands.issue_invoice(keeper, province_id=HUBEI, invoice_id=invoice_id, paper=Paper("1" * 20, content=PDF))
    invoices.issue(invoice_id)

    for caller in (stranger, leader, keeper):
        with pytest.raises(NotFound):
            queries.invoice_file(caller, province_id=HUBEI, invoice_id=invoice_id)


def test_who_is_forgotten_keeps_the_invoice_but_not_the_address(clock_at: ClockAt) -> None:
    order = an_order(clock_at)
    invoice_id = invoices.ask(order)
    clock_at(READY)
    invoices.issue(invoice_id)
    member = ordering.buyer_of(order)

    members_commands.forget_member(member, province_id=HUBEI, member_id=member.id)
    settlement.hear()

    row = Invoice.objects.get(province_id=HUBEI, id=invoice_id)
    assert (row.title, row.taxpayer_number, row.email) == (COMPANY.title, COMPANY.number, "")
    assert InvoicedLine.objects.filter(province_id=HUBEI, invoice=row).count() == 2
