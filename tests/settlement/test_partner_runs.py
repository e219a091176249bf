"""Pay-out runs of traffic partners: the bank pays months that are settled for good, once."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.errors import CannotMove, Forbidden, NotFound, Refusal
from lintuan.kernel.money import ZERO, Money
from lintuan.settlement import commands, queries
from lintuan.settlement.engine.partners import Step, Terms, is_final, month_of
from lintuan.settlement.engine.paying import Banked, LineState, RunState, RunView
from lintuan.settlement.errors import FourEyes, NothingToPay, RunOpen
from lintuan.settlement.handlers import book
from lintuan.settlement.models import BankAccount, PayRun
from lintuan.settlement.partner_models import Contract
from lintuan.settlement.types import NewContract
from tests.make import leaders, provinces
from tests.make import partners as make
from tests.make import withdrawals as people
from tests.make.ordering import SALE_ON
from tests.make.provinces import HUBEI
from tests.make.settlement import ClockAt, Tale, balances, recorded
from tests.make.sourcing import supplier

PLACE = {"province_id": HUBEI}
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
END = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("until_on", "counted", "today", "is_so"),
    [
        (None, date(2026, 11, 30), date(2026, 12, 1), True),
        (None, date(2026, 11, 29), date(2026, 12, 5), False),
        (None, date(2026, 11, 30), date(2026, 11, 30), False),
        (None, date(2026, 12, 3), date(2026, 12, 8), True),
        (date(2026, 11, 10), date(2026, 11, 10), date(2026, 11, 30), False),
        (date(2026, 11, 10), date(2026, 11, 10), date(2026, 12, 1), True),
        (date(2026, 11, 10), date(2026, 11, 9), date(2026, 12, 1), False),
        (date(2026, 12, 10), date(2026, 11, 29), date(2026, 12, 1), False),
    ],
)
def test_when_a_month_is_settled_for_good(until_on: date | None, counted: date, today: date, is_so: bool) -> None:
    assert is_final(NOVEMBER, until_on, counted, today) is is_so


def seen(run_id: int) -> RunView:
    return queries.run(people.clerk(), **PLACE, run_id=run_id)


def prepared() -> int:
    return commands.prepare_partner_run(people.clerk(), **PLACE)


def approved() -> int:
    return commands.approve_run(people.treasurer(), **PLACE, run_id=prepared())


def paid() -> int:
    """What a run pays."""
    run_id = approved()
    commands.mark_paid(people.treasurer(), **PLACE, run_id=run_id, reference="CCB-1")
    return seen(run_id).total(LineState.PAID).fen


@pytest.mark.django_db
class TestRuns:
    def test_a_partners_months_one_after_the_other(self, clock_at: ClockAt) -> None:
        """The table of section 4."""
        clock_at("2026-11-30T12:00+08:00")
        partner = make.partner()
        contract, account = make.contract(partner), f"2103:{partner.id}"
        make.counted(contract, date(2026, 11, 25))
        make.shared(contract, NOVEMBER, 30_000)
        with pytest.raises(NothingToPay):
            prepared()
        clock_at("2026-12-06T12:00+08:00")
        make.counted(contract, date(2026, 12, 1))
        make.shared(contract, DECEMBER, 2_000)
        assert (balances()[account], paid(), balances()[account]) == (-32_000, 30_000, -2_000)
        with pytest.raises(NothingToPay):
            prepared()
        make.shared(contract, NOVEMBER, 25_000)
        with pytest.raises(NothingToPay):
            prepared()
        assert balances()[account] == 3_000
        clock_at("2027-01-05T12:00+08:00")
        make.counted(contract, date(2026, 12, 31))
        make.shared(contract, DECEMBER, 18_000)
        assert (balances()[account], paid(), balances().get(account)) == (-13_000, 13_000, None)
        make.shared(contract, NOVEMBER, 26_000)
        assert (paid(), balances()["1101"]) == (1_000, -44_000)

    def test_from_an_order_to_the_bank(self, clock_at: ClockAt) -> None:
        """An order of 12.00 of which a quarter of 11.04 is the partner's, until half of it is given back."""
        clock_at("2026-11-19T12:00+08:00")
        point = leaders.point()
        terms = NewContract("Riverside Homes", (point.id,), Terms((Step(ZERO, 2500),)), SALE_ON)
        drafter = provinces.staff("settlement.edit", phone="13900000021")
        contract_id = commands.draft_contract(drafter, **PLACE, contract=terms)
        signer = provinces.staff("settlement.edit", phone="13900000022")
        commands.sign_contract(signer, **PLACE, contract_id=contract_id)
        partner_id = Contract.objects.get(**PLACE).partner_id
        make.banked(partner_id)
        tale = Tale(point.id).paid().collected()
        book(recorded(tale.events))
        clock_at("2026-12-04T02:00+08:00")
        commands.settle_partners(SYSTEM, **PLACE, sale_on=date(2026, 11, 29))
        with pytest.raises(NothingToPay):
            prepared()
        commands.settle_partners(SYSTEM, **PLACE, sale_on=END)

        first = paid()
        book(recorded(Tale(point.id, order_id=tale.order_id).claimed(600).events))
        commands.settle_partners(SYSTEM, **PLACE, sale_on=date(2026, 12, 1))

        assert (first, balances()["1101"]) == (276, -276)
        assert balances()[f"2103:{partner_id}"] == 138
        with pytest.raises(NothingToPay):
            prepared()

    def test_who_gets_nothing_is_told_why(self, clock_at: ClockAt) -> None:
        clock_at("2026-12-06T12:00+08:00")
        fine, nowhere, running, minus, even = (make.partner(is_told=place != 1) for place in range(5))
        for partner, fen in ((fine, 30_000), (nowhere, 7_000), (minus, 500), (even, 400)):
            contract = make.contract(partner)
            make.counted(contract, END)
            make.shared(contract, NOVEMBER, fen)
        late = make.contract(running)
        make.counted(late, date(2026, 12, 1))
        make.shared(late, DECEMBER, 900)
        _pay_alone(minus.id, 500)
        _pay_alone(even.id, 400)
        make.shared(Contract.objects.get(**PLACE, partner=minus), NOVEMBER, 100)

        view = seen(prepared())

        assert {line.payee_id: (line.amount.fen, line.reason) for line in view.lines} == {
            fine.id: (30_000, ""),
            nowhere.id: (7_000, "no_bank"),
            running.id: (0, "nothing"),
            minus.id: (-400, "nothing"),
        }

    def test_a_partner_has_all_its_contracts_together(self, clock_at: ClockAt) -> None:
        clock_at("2026-12-06T12:00+08:00")
        partner = make.partner()
        ended, late = make.contract(partner, until_on=date(2026, 11, 10)), make.contract(partner)
        for contract, fen, upto in ((ended, 1_000, END), (late, 2_000, date(2026, 11, 29))):
            make.counted(contract, upto)
            make.shared(contract, NOVEMBER, fen)

        assert paid() == 1_000
        make.counted(late, END)
        assert paid() == 2_000

    def test_four_eyes(self, clock_at: ClockAt) -> None:
        _one_due(clock_at, 30_000)
        treasurer = people.treasurer()
        run_id = commands.prepare_partner_run(treasurer, **PLACE)

        with pytest.raises(FourEyes):
            commands.approve_run(treasurer, **PLACE, run_id=run_id)
        with pytest.raises(CannotMove):
            commands.mark_paid(treasurer, **PLACE, run_id=run_id, reference="CCB-1")
        with pytest.raises(RunOpen):
            prepared()
        with pytest.raises(Forbidden):
            commands.prepare_partner_run(provinces.staff("settlement.edit", phone="13900000021"), **PLACE)
        with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
            PayRun.objects.filter(**PLACE, id=run_id).update(
                state="approved", approved_by=treasurer.id, approved_at="2026-12-06T04:00Z"
            )

    def test_who_is_owed_less_when_it_is_approved_is_left_out(self, clock_at: ClockAt) -> None:
        contract, other = _one_due(clock_at, 30_000), _one_due(clock_at, 10_000)
        run_id = prepared()
        make.shared(contract, NOVEMBER, 29_999)
        make.shared(other, NOVEMBER, 10_001)

        commands.approve_run(people.treasurer(), **PLACE, run_id=run_id)

        told = {line.payee_id: (line.amount.fen, line.reason) for line in seen(run_id).lines}
        assert told == {contract.partner_id: (30_000, "uncovered"), other.partner_id: (10_000, "")}
        commands.mark_paid(people.treasurer(), **PLACE, run_id=run_id, reference="CCB-1")
        assert paid() == 30_000

    def test_a_run_of_which_nothing_is_left_is_over(self, clock_at: ClockAt) -> None:
        contract = _one_due(clock_at, 30_000)
        run_id = prepared()
        make.shared(contract, NOVEMBER, 0)

        commands.approve_run(people.treasurer(), **PLACE, run_id=run_id)

        assert seen(run_id).state is RunState.DONE

    def test_what_the_bank_refused_waits_for_the_next_run(self, clock_at: ClockAt) -> None:
        contract = _one_due(clock_at, 30_000)
        run_id = approved()
        (line,) = seen(run_id).lines

        commands.refuse_line(people.treasurer(), **PLACE, run_id=run_id, line_id=line.id)

        assert seen(run_id).state is RunState.DONE
        assert balances()[f"2103:{contract.partner_id}"] == -30_000
        assert paid() == 30_000

    def test_the_file_of_the_bank_has_the_account_as_it_was_approved(self, clock_at: ClockAt) -> None:
        contract = _one_due(clock_at, 30_000)
        run_id = approved()
        make.banked(contract.partner_id, ("别人", "6222", "工商银行"))

        rows = list(csv.reader(io.StringIO(queries.run_file(people.clerk(), **PLACE, run_id=run_id))))

        (line,) = seen(run_id).lines
        assert rows[1:] == [[*make.ACCOUNT, "300.00", f"分成 20261206-{line.id}"]]

    def test_a_supplier_and_a_partner_of_the_same_number_have_accounts_of_their_own(self) -> None:
        provinces.province()
        one, partner = supplier(), make.partner(is_told=False)
        make.Partner.objects.filter(**PLACE, id=partner.id).update(id=one.id)
        theirs = ("武汉鲜蔬有限公司", "6222000011112222333", "工商银行武汉分行")
        clerk = people.clerk()

        commands.set_bank_account(clerk, **PLACE, kind=Banked.SUPPLIER, payee_id=one.id, account=theirs)
        make.banked(one.id)

        assert queries.bank_accounts(clerk, **PLACE, kind=Banked.SUPPLIER) == {one.id: theirs}
        assert queries.bank_accounts(clerk, **PLACE, kind=Banked.PARTNER) == {one.id: make.ACCOUNT}
        with pytest.raises(NotFound):
            make.banked(one.id + 1)
        with pytest.raises(IntegrityError, match="bankaccount_payee"), transaction.atomic():
            BankAccount.objects.filter(**PLACE, kind="supplier").update(kind="partner")


STEPS = st.lists(
    st.sampled_from([
        *("next", "next", "next", "share", "share", "share", "run", "run"),
        *("prepare", "prepare", "approve", "approve", "mark", "mark", "refuse", "drop"),
    ]),
    min_size=8,
    max_size=24,
)  # fmt: skip
#: The night of each has counted what is five days old.
NOONS = [date(2026, 11, 25) + timedelta(days=days) for days in (0, 10, 10, 11, 20, 36, 40, 41, 50, 67, 72)]


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, numbers=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 50_000)), min_size=24, max_size=24))
def test_never_more_leaves_than_months_that_are_settled_came_to(
    steps: list[str], numbers: list[tuple[int, int]], clock_at: ClockAt
) -> None:
    """Two partners, one of two contracts; months are corrected at any time, before and after they were paid."""
    with transaction.atomic():
        clock_at(make.noon(NOONS[0]))
        world = _World(clock_at)
        for step, (which, fen) in zip(steps, numbers, strict=False):
            world.live(step, which, fen)
            world.check()
        world.end()
        transaction.set_rollback(True)


class _World:
    """What the law knows by itself: the share of each month, what may leave, and what left."""

    def __init__(self, clock_at: ClockAt) -> None:
        self.clock_at = clock_at
        one, other = make.partner(), make.partner()
        self.contracts = [make.contract(one), make.contract(one), make.contract(other)]
        self.partners = (one.id, other.id)
        self.shares: dict[tuple[int, date], int] = {}
        self.left: Counter[int] = Counter()
        self.place = -1
        self.next()

    def live(self, step: str, which: int, fen: int) -> None:
        """Do it where it can be done; what is refused leaves no trace."""
        run = PayRun.objects.filter(**PLACE).order_by("-id").first()
        about = {**PLACE, "run_id": run.id if run else 0}
        try:
            match step:
                case "next":
                    self.next()
                case "share":
                    self.share(which, fen)
                case "prepare":
                    prepared()
                case "drop":
                    commands.drop_run(people.clerk(), **about)
                case "approve":
                    self.approve(commands.approve_run(people.treasurer(), **about))
                case "refuse":
                    lines = [one.id for one in self.waiting(about["run_id"])] if run else []
                    commands.refuse_line(people.treasurer(), **about, line_id=lines[0] if lines else 0)
                case "mark":
                    self.mark(about["run_id"])
                case "run":
                    run_id = prepared()
                    commands.approve_run(people.treasurer(), **PLACE, run_id=run_id)
                    self.approve(run_id)
                    self.mark(run_id)
        except Refusal:
            pass

    def next(self) -> None:
        self.place = min(self.place + 1, len(NOONS) - 1)
        self.clock_at(make.noon(NOONS[self.place]))
        for contract in self.contracts:
            make.counted(contract, self.counted)

    @property
    def counted(self) -> date:
        return NOONS[self.place] - timedelta(days=5)

    def share(self, which: int, fen: int) -> None:
        contract = self.contracts[which % 3]
        months = [begins for begins in (NOVEMBER, DECEMBER, date(2027, 1, 1)) if begins <= self.counted]
        begins = months[which // 3 % len(months)]
        make.shared(contract, begins, fen)
        self.shares[contract.id, begins] = fen

    def settled(self, partner_id: int) -> int:
        """What the months came to of which all days are counted."""
        known = {one.id for one in self.contracts if one.partner_id == partner_id}
        return sum(
            fen
            for (contract_id, begins), fen in self.shares.items()
            if contract_id in known and month_of(begins + timedelta(days=31)) - timedelta(days=1) <= self.counted
        )

    def approve(self, run_id: int) -> None:
        """The bank's file is out: what is in it was owed at this moment, all that left before taken into account."""
        for line in self.waiting(run_id):
            assert 0 < line.amount.fen <= self.settled(line.payee_id) - self.left[line.payee_id]

    def mark(self, run_id: int) -> None:
        lines = self.waiting(run_id) if run_id else []
        commands.mark_paid(people.treasurer(), **PLACE, run_id=run_id, reference="CCB-1")
        for line in lines:
            self.left[line.payee_id] += line.amount.fen

    def waiting(self, run_id: int) -> list:
        return [line for line in seen(run_id).lines if line.state is LineState.WAITING]

    def check(self) -> None:
        found = balances()
        assert found.get("1101", 0) == -self.left.total()
        assert sum(found.values()) == 0
        for partner_id in self.partners:
            known = {one.id for one in self.contracts if one.partner_id == partner_id}
            came_to = sum(fen for (contract_id, _), fen in self.shares.items() if contract_id in known)
            assert found.get(f"2103:{partner_id}", 0) == self.left[partner_id] - came_to

    def end(self) -> None:
        """In the end everybody has all of it, or more by what was taken back after it was paid."""
        while self.place < len(NOONS) - 1:
            self.next()
        for step in ("approve", "mark", "run"):
            self.live(step, 0, 0)
            self.check()
        for partner_id in self.partners:
            assert self.left[partner_id] >= self.settled(partner_id)


def _one_due(clock_at: ClockAt, fen: int) -> Contract:
    """A contract whose November is settled."""
    clock_at("2026-12-06T12:00+08:00")
    contract = make.contract(make.partner())
    make.counted(contract, END)
    make.shared(contract, NOVEMBER, fen)
    return contract


def _pay_alone(partner_id: int, fen: int) -> None:
    """Pay one line of a run and let the bank refuse the others."""
    run_id = approved()
    for line in seen(run_id).lines:
        if line.payee_id == partner_id:
            assert line.amount == Money(fen)
            commands.mark_paid(people.treasurer(), **PLACE, run_id=run_id, reference="CCB-1", line_ids=(line.id,))
    for line in seen(run_id).lines:
        if line.state is LineState.WAITING:
            commands.refuse_line(people.treasurer(), **PLACE, run_id=run_id, line_id=line.id)
