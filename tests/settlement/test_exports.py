"""Files of the books, read back."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.errors import Forbidden
from lintuan.kernel.ids import public_id
from lintuan.kernel.money import ZERO, Money
from lintuan.settlement import balances, commands, errors, queries
from lintuan.settlement.engine import beancount as writing
from lintuan.settlement.engine import sheets
from lintuan.settlement.models import LeaderLine, Transfer
from lintuan.settlement.types import Exported, Form, Table, Wish
from lintuan.sourcing.queries import suppliers
from tests.make import fulfilment, invoices, leaders, ordering, partners, pricing, provinces, settlement, withdrawals
from tests.make.ordering import EVENING, SALE_ON
from tests.make.provinces import HUBEI
from tests.settlement import beancount

ClockAt = Callable[[str], datetime]

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20)


def written(table: Table, form: Form, caller: Caller = SYSTEM, **given: object) -> tuple[Exported, bytes]:
    out = io.BytesIO()
    wish = Wish(table, form, **given)  # type: ignore[arg-type]
    return queries.write_export(caller, out, province_id=HUBEI, wish=wish), out.getvalue()


def table_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheets_of(content: bytes) -> list[list[list[str]]]:
    """The cells of every sheet of an XLSX file; a formula fails."""
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in sorted(one for one in book.namelist() if one.startswith("xl/worksheets/sheet")):
            root = ElementTree.fromstring(book.read(name))
            assert root.find(f".//{MAIN}f") is None
            found.append([[_cell(cell) for cell in row] for row in root.iter(f"{MAIN}row")])
    return found


def _cell(cell: ElementTree.Element) -> str:
    return "".join(part.text or "" for part in cell.iter() if part.tag in (f"{MAIN}t", f"{MAIN}v"))


def a_day(clock_at: ClockAt) -> tuple[int, int]:
    """An order of 4, one unit short, collected, a claim, and its books closed; supplier and leader."""
    clock_at(EVENING)
    point = leaders.point(leader_name="王阿姨")
    fulfilment.network([point])
    order = fulfilment.buy(point, (pricing.offer(300), 4), saved=100)
    fulfilment.collected(clock_at, order)
    fulfilment.claim(order)
    settlement.books_closed(clock_at)
    return suppliers(HUBEI)[0].id, point.leader_id


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("上海青", "上海青"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("", ""),
        ("a=1", "a=1"),
    ],
)
def test_no_text_becomes_a_formula(text: str, cell: str) -> None:
    assert sheets.guarded(text) == cell


@given(st.lists(st.lists(texts, min_size=2, max_size=2), max_size=5))
def test_csv_is_read_back_as_it_was_written(rows: list[list[str]]) -> None:
    out = io.BytesIO()
    sheet = sheets.CsvSheet(out, ("a", "b"), bom=True)
    for row in rows:
        sheet.row(row)
    sheet.close()

    assert out.getvalue().startswith(b"\xef\xbb\xbf")
    read = table_of(out.getvalue())
    assert read == [["a", "b"], *([sheets.guarded(cell) for cell in row] for row in rows)]
    assert not any(cell.startswith(sheets.FORMULA) for row in read for cell in row)


def test_cells_of_every_kind_in_both_forms() -> None:
    row = ["a", 7, Money(-1280), date(2026, 11, 20), datetime(2026, 11, 20, 20, 1, 2), None, "=1"]
    csv_file, xlsx_file = io.BytesIO(), io.BytesIO()

    for sheet in (sheets.CsvSheet(csv_file, ["x"] * 7, bom=False), sheets.XlsxSheet(xlsx_file, ["x"] * 7)):
        sheet.row(row)
        sheet.close()

    assert table_of(csv_file.getvalue())[1] == ["a", "7", "-12.80", "2026-11-20", "2026-11-20 20:01:02", "", "'=1"]
    ((_, cells),) = sheets_of(xlsx_file.getvalue())
    assert cells[:4] == ["a", "7", "-12.80", "46346"]
    assert cells[-1] == "'=1"


def test_no_text_begins_a_cell_in_the_middle_of_it_where_cells_end_at_semicolons() -> None:
    out = io.BytesIO()
    sheet = sheets.CsvSheet(out, ("名称 Name", "金额 Amount"), bom=False)
    sheet.row(["a;=1+1", Money(-5)])
    sheet.close()

    assert out.getvalue().decode() == '"名称 Name","金额 Amount"\r\n"a;=1+1",-0.05\r\n'


def test_a_sheet_that_is_full_goes_on_in_the_next() -> None:
    out = io.BytesIO()
    sheet = sheets.XlsxSheet(out, ("n",), most_rows=3)
    for number in range(5):
        sheet.row([number])
    sheet.close()

    assert sheets_of(out.getvalue()) == [
        [["n"], ["0"], ["1"]], [["n"], ["2"], ["3"]], [["n"], ["4"]],
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_ledger_in_every_form_adds_up_to_the_ledger(clock_at: ClockAt) -> None:
    a_day(clock_at)
    rows = Transfer.objects.filter(province_id=HUBEI)
    amount = sum(row.amount.fen for row in rows)

    (told, as_csv), (_, as_xlsx) = written(Table.LEDGER, Form.CSV), written(Table.LEDGER, Form.XLSX)

    assert told == Exported(rows.count(), Money(amount))
    read = table_of(as_csv)
    (sheet,) = sheets_of(as_xlsx)
    place = read[0].index("金额 Amount")
    assert len(read) == len(sheet) == rows.count() + 2
    assert read[-1][0] == sheet[-1][0] == "合计 Total"
    assert sum(Decimal(row[place]) for row in read[1:-1]) * 100 == amount
    assert Decimal(read[-1][place]) * 100 == amount


@pytest.mark.django_db
def test_beancount_holds_together_and_ends_with_the_balances(clock_at: ClockAt) -> None:
    supplier_id, _ = a_day(clock_at)

    told, content = written(Table.LEDGER, Form.BEANCOUNT)

    book = beancount.read(content.decode())
    held = {account: amount * 100 for account, (_, amount) in book.balances.items() if amount}
    assert held == {writing.account_name(code): fen for code, fen in settlement.balances().items()}
    assert len(book.entries) == settlement.journals()
    assert told.rows == Transfer.objects.filter(province_id=HUBEI).count()
    assert len({entry.facts["source"] for entry in book.entries}) == len(book.entries)
    supplier = f"Liabilities:2101-Suppliers-payable:{supplier_id}"
    assert book.names[supplier] == {"zh": "应付供应商款", "en": "Suppliers payable"}


@pytest.mark.django_db
@pytest.mark.parametrize("until", [date(2026, 11, 21), date(2026, 11, 24), None])
def test_a_part_of_the_ledger_begins_with_what_was_before(clock_at: ClockAt, until: date | None) -> None:
    a_day(clock_at)
    commands.close_books(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    _, content = written(Table.LEDGER, Form.BEANCOUNT, since=date(2026, 11, 21), until=until)

    book = beancount.read(content.decode())
    assert book.entries[0].words[0] == "期初 opening"
    assert book.entries[0].postings["Assets:1001-WeChat-Pay-receivable"] == Decimal("11.00")
    assert all(entry.on >= date(2026, 11, 21) for entry in book.entries)


@pytest.mark.django_db
def test_balances_are_those_of_the_books_now_and_of_a_day(clock_at: ClockAt) -> None:
    a_day(clock_at)
    commands.close_books(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    now = table_of(written(Table.BALANCES, Form.CSV)[1])
    evening = table_of(written(Table.BALANCES, Form.CSV, until=SALE_ON)[1])

    assert {row[0]: int(Decimal(row[5]) * 100) for row in now[1:-1] if row[5] != "0.00"} == settlement.balances()
    assert now[-1][3] == now[-1][4]
    assert now[-1][5] == "0.00"
    assert {row[0] for row in evening[1:-1]} >= {"1001", "2001", "5201"}
    assert not any(row[0] == "4001" for row in evening)


@pytest.mark.django_db
def test_statements_explain_every_line_and_add_up_to_what_is_owed(clock_at: ClockAt) -> None:
    supplier_id, leader_id = a_day(clock_at)
    held = settlement.balances()

    of_suppliers = table_of(written(Table.SUPPLIERS, Form.CSV)[1])
    of_leaders = table_of(written(Table.LEADERS, Form.CSV)[1])
    of_commission = table_of(written(Table.COMMISSION, Form.CSV)[1])

    assert Decimal(of_suppliers[-1][8]) * 100 == -held[f"2101:{supplier_id}"]
    assert {row[2]: row[8] for row in of_suppliers[1:-1]} == {"goods": "8.00", "deduction": "-3.00"}
    assert all(row[9] and row[10] for row in of_suppliers[1:-1])
    assert Decimal(of_leaders[-1][4]) * 100 == -held[f"2202:{leader_id}"]
    assert Decimal(of_commission[-1][6]) * 100 == held["5101"]


@pytest.mark.django_db
def test_a_leaders_statement_that_is_carried_on_adds_up_to_what_is_paid(clock_at: ClockAt) -> None:
    point = leaders.point()
    clock_at(settlement.BOOKS)
    for kind, fen, about in (("commission", 100, {"orders": 3}), ("subsidy", -250, {"order_id": 1, "campaign_id": 1})):
        LeaderLine.objects.create(
            province_id=HUBEI, kind=kind, leader_id=point.leader_id, sale_on=SALE_ON, amount=Money(fen), **about
        )
    commands.make_leader_statements(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    rows = table_of(written(Table.LEADERS, Form.CSV)[1])

    assert [(row[2], row[4]) for row in rows[1:-1]] == [
        ("commission", "1.00"), ("subsidy", "-2.50"), ("carried_on", "1.50"),
    ]  # fmt: skip
    assert rows[-1][4] == "0.00"


@pytest.mark.django_db
def test_names_are_masked_but_for_who_has_a_right_to_them_and_asks(clock_at: ClockAt) -> None:
    a_day(clock_at)
    keeper = provinces.staff("settlement.read")
    head = provinces.staff("settlement.read", "settlement.names")

    seen = [
        table_of(written(table, Form.CSV, caller, names=names)[1])[1][place]
        for table, place in ((Table.LEADERS, 1), (Table.COMMISSION, 2))
        for caller, names in ((keeper, False), (keeper, True), (head, False), (head, True))
    ]
    assert seen == ["王**", "王**", "王**", "王阿姨"] * 2


@pytest.mark.django_db
def test_invoices_that_wait_and_that_were_issued(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    order = fulfilment.buy(leaders.point(), (pricing.offer(300), 4), saved=100)
    invoice_id = invoices.ask(order)
    assert len(table_of(written(Table.TO_INVOICE, Form.CSV)[1])) == 2
    clock_at(invoices.READY)

    waiting = table_of(written(Table.TO_INVOICE, Form.CSV)[1])
    made = invoices.issue(invoice_id)
    issued = table_of(written(Table.INVOICES, Form.CSV, provinces.staff("settlement.read"))[1])

    row = dict(zip(waiting[0], waiting[1], strict=True))
    assert (row["购买方名称"], row["购买方纳税人识别号"]) == (invoices.COMPANY.title, invoices.COMPANY.number)
    assert (row["项目名称"], row["数量"], row["单价"], row["金额 Amount"]) == ("上海青", "4", "2.75000000", "11.00")
    assert (row["税率"], row["优惠政策类型"], row["税额 Tax"]) == ("免税", "免税", "0.00")
    assert issued[1][2] == made.number
    assert issued[1][6:8] == ["福**", ""]
    assert issued[-1][13] == "11.00"
    assert len(table_of(written(Table.TO_INVOICE, Form.CSV)[1])) == 2


@pytest.mark.django_db
def test_runs_say_who_prepared_and_approved_what_and_why_not_the_others(clock_at: ClockAt) -> None:
    clock_at("2026-12-06T12:00+08:00")
    fine, nowhere = partners.partner(), partners.partner(is_told=False)
    for one, fen in ((fine, 30_000), (nowhere, 7_000)):
        contract = partners.contract(one)
        partners.counted(contract, date(2026, 11, 30))
        partners.shared(contract, date(2026, 11, 1), fen)
    place = {"province_id": HUBEI, "run_id": commands.prepare_partner_run(withdrawals.clerk(), province_id=HUBEI)}
    commands.approve_run(withdrawals.treasurer(), **place)
    commands.mark_paid(withdrawals.treasurer(), **place, reference="CCB-1")

    done, content = written(Table.PAY_RUNS, Form.CSV, since=date(2026, 12, 6), until=date(2026, 12, 6))
    _, whole = written(
        Table.PAY_RUNS,
        Form.CSV,
        provinces.staff("settlement.read", "settlement.names", phone="13900000031"),
        names=True,
    )
    none, _ = written(Table.PAY_RUNS, Form.CSV, since=date(2026, 12, 7))

    run, at = public_id("pay run", HUBEI, place["run_id"]), "2026-12-06 12:00:00"
    assert [row[:4] for row in table_of(content)[1:3]] == [[run, "partners", "done", at]] * 2
    assert [row[6:] for row in table_of(whole)[1:3]] == [
        ["审批", fine.name, "300.00", "0.00", "paid", "", "CCB-1"],
        ["审批", nowhere.name, "0.00", "0.00", "skipped", "no_bank", ""],
    ]
    assert (done, none.rows) == (Exported(2, Money(30_000)), 0)


@pytest.mark.django_db
@pytest.mark.parametrize("table", list(Table))
def test_files_are_for_those_who_may_read_them(table: Table) -> None:
    provinces.province()
    for caller in (provinces.staff("ordering.read"), Caller(Kind.SUPPLIER, 7, HUBEI), Caller(Kind.MEMBER, 7, HUBEI)):
        with pytest.raises(Forbidden):
            written(table, Form.CSV, caller)


@pytest.mark.django_db
def test_only_the_ledger_is_written_as_beancount() -> None:
    provinces.province()
    with pytest.raises(errors.FormNotOffered):
        written(Table.BALANCES, Form.BEANCOUNT)


@pytest.mark.django_db
@pytest.mark.parametrize("form", list(Form))
def test_many_transfers_need_no_more_memory_than_few(form: Form, tmp_path: Path) -> None:
    provinces.province()
    fill(2_000)
    few = peak(form, tmp_path / "few")
    fill(20_000)

    assert peak(form, tmp_path / "many") < few * 2 + 2_000_000


def fill(count: int) -> None:
    start = Transfer.objects.filter(province_id=HUBEI).count()
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    Transfer.objects.bulk_create(
        (
            Transfer(
                province_id=HUBEI, debit=1001, credit=2004, amount=Money(1 + number % 999), at=at, leg=0, legs=1,
                source=f"event:{start + number}", kind="charge_paid", memo="",
            )
            for number in range(count)
        ),
        batch_size=2_000,
    )  # fmt: skip


def peak(form: Form, path: Path) -> int:
    """The most memory that writing the ledger to a file took, in bytes."""
    with path.open("wb") as out:
        tracemalloc.start()
        queries.write_export(SYSTEM, out, province_id=HUBEI, wish=Wish(Table.LEDGER, form))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("1001", "Assets:1001-WeChat-Pay-receivable"),
        ("2101:17", "Liabilities:2101-Suppliers-payable:17"),
        ("2001", "Liabilities:2001-Members-prepayments"),
        ("4001", "Income:4001-Sales"),
        ("5101", "Expenses:5101-Leaders-commission"),
    ],
)
def test_accounts_have_names_that_beancount_reads(code: str, name: str) -> None:
    assert writing.account_name(code) == name


@given(texts)
def test_any_words_are_one_string_of_beancount(text: str) -> None:
    assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', writing.quoted(text))


@given(st.lists(st.tuples(st.sampled_from(["1001", "2004", "2101:7"]), st.integers(-99, 99)), min_size=1, max_size=6))
def test_a_journal_is_one_transaction_with_a_posting_per_account(moves: Sequence[tuple[str, int]]) -> None:
    postings = [posting for code, fen in moves for posting in ((code, Money(fen)), ("1101", ZERO - Money(fen)))]

    text = writing.transaction(SALE_ON, ("kind", ""), {"source": "event:1"}, postings)

    found = [line for line in text.splitlines() if beancount.POSTING.fullmatch(line)]
    sums = [Decimal(beancount.POSTING.fullmatch(line)[2]) for line in found]  # type: ignore[index]
    assert sum(sums) == 0
    assert 0 not in sums


@pytest.mark.django_db
def test_every_account_is_the_same_from_closings_and_from_transfers(clock_at: ClockAt) -> None:
    a_day(clock_at)
    commands.close_books(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    ordering.paid_order()
    settlement.hear()

    assert balances.of_each(HUBEI) == balances.of_each(HUBEI, datetime(2027, 1, 1, tzinfo=UTC))
