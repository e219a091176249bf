"""What goes wrong at the channel leads to exactly the case that says so, and to the remedy that mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.delivery import Horizon, deliver
from lintuan.kernel.events import CONSUMERS
from lintuan.kernel.money import Money
from lintuan.payments import commands as payments
from lintuan.payments import comparing
from lintuan.payments import jobs as payments_jobs
from lintuan.payments import queries as payments_queries
from lintuan.payments.commands.notices import settle_refund
from lintuan.payments.gateways import gateway, notices, notify_url
from lintuan.payments.gateways.notices import RefundRequest
from lintuan.payments.types import AttemptState, ChargeState, Payer, PayMethod, Provider, RefundState
from lintuan.settlement import commands, jobs, queries
from lintuan.settlement.errors import NotCovered
from lintuan.settlement.handlers import BOOKS
from lintuan.settlement.types import Correction, FileState, Remedy
from tests.make import provinces
from tests.make.payments import charge, member
from tests.make.provinces import HUBEI
from tests.make.settlement import ClockAt, balances
from tests.stand_ins import Addresses, Ear, listen, run_standins

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Channel:
    """The channel that all orders of a test are paid at."""

    addresses: Addresses
    ear: Ear
    phone: httpx.Client

    def pays(self) -> int:
        """A member opens a charge and pays it; our side has heard nothing yet."""
        charge_id = charge()
        sheet = payments.pay_parameters(member(), province_id=HUBEI, charge_id=charge_id)
        self.phone.post(f"{self.addresses.wechatpay}/phone/pay", json=dict(sheet.fields)).raise_for_status()
        return charge_id

    def pays_by_alipay(self) -> int:
        """The same at Alipay, which tells nobody."""
        charge_id = charge()
        payer = Payer(PayMethod.ALIPAY_MINI, "0open-id-1")
        sheet = payments.pay_parameters(member(), province_id=HUBEI, charge_id=charge_id, payer=payer)
        self.phone.post(f"{self.addresses.alipay}/faults", json={"modes": ["never"]}).raise_for_status()
        self.phone.post(f"{self.addresses.alipay}/phone/pay", json=dict(sheet.fields)).raise_for_status()
        return charge_id

    def hear(self) -> None:
        received = self.ear.next()
        payments.hear_notice(received.headers, received.body)

    def expect(self, **faults: object) -> None:
        self.phone.post(f"{self.addresses.wechatpay}/faults", json=faults).raise_for_status()


@pytest.fixture
def channel(
    tmp_path_factory: pytest.TempPathFactory, settings, monkeypatch: pytest.MonkeyPatch, clock_at: ClockAt
) -> Iterator[Channel]:
    clock_at("2026-11-20T20:00+08:00")
    provinces.province()
    # What was paid this very second is on the bill, and no callback is on its way any more.
    monkeypatch.setattr(comparing, "YOUNG", timedelta(0))
    with (
        run_standins(tmp_path_factory.mktemp("outside"), "--bills-at-once", "--retry", "0.05") as addresses,
        listen() as ear,
        httpx.Client(trust_env=False) as phone,
    ):
        parts = urlsplit(ear.url)
        settings.GATEWAY_KEYS = str(addresses.manifest)
        settings.PUBLIC_ADDRESS = f"{parts.scheme}://{parts.netloc}"
        yield Channel(addresses, ear, phone)


@pytest.fixture
def staff(channel: Channel) -> Caller:
    return provinces.staff()


def cases(staff: Caller) -> list[tuple[str, int, int, Remedy]]:
    """Read the bills anew, compare, and tell what is open."""
    jobs.read_bills()
    found = queries.case_files(staff, province_id=HUBEI)
    return [(one.kind, one.left.fen, one.right.fen, one.remedy) for one in found]


def ask(staff: Caller) -> bool:
    (found,) = queries.case_files(staff, province_id=HUBEI)
    commands.take_case(staff, province_id=HUBEI, file_id=found.id)
    return commands.ask_about_case(staff, province_id=HUBEI, file_id=found.id)


def test_where_all_goes_well_there_is_no_case(channel: Channel, staff: Caller) -> None:
    charge_id = channel.pays()
    channel.hear()
    refund_id = payments.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(990), cause="short")
    payments_jobs.send_refunds(HUBEI, [refund_id])
    channel.hear()

    assert cases(staff) == []

    days = queries.bill_days(staff, province_id=HUBEI)
    today = next(day for day in days if day.provider == Provider.WECHATPAY)
    assert (today.our_payments, today.payments, today.our_refunds, today.refunds) == (1, 1, 1, 1)
    assert today.ours == today.billed == Money(1000)
    assert today.fees == Money(6)


@pytest.mark.parametrize("faults", [["duplicate"], ["by_certificate"], [{"mode": "delay", "calls": 1}, "none"]])
def test_a_fault_that_is_made_good_leaves_no_case(channel: Channel, staff: Caller, faults: list[object]) -> None:
    channel.expect(modes=faults)
    for _ in faults:
        channel.pays()
    for _ in range(2 if faults == ["duplicate"] else len(faults)):
        channel.hear()

    assert cases(staff) == []


def test_a_callback_that_never_comes_is_found_and_mended(channel: Channel, staff: Caller) -> None:
    channel.expect(modes=["never"])
    charge_id = channel.pays()

    assert cases(staff) == [("paid_unheard", 0, 1990, Remedy.ASK)]
    assert ask(staff)

    assert payments_queries.charge(HUBEI, charge_id).state is ChargeState.PAID
    assert cases(staff) == []
    (closed,) = queries.case_files(staff, province_id=HUBEI, state=FileState.CLOSED)
    steps = [step.kind for step in queries.case_file(staff, province_id=HUBEI, file_id=closed.id).steps]
    assert steps == ["found", "taken", "asked", "vanished"]


def test_what_only_the_bill_of_alipay_tells_is_asked_there_and_booked_as_its(channel: Channel, staff: Caller) -> None:
    charge_id = channel.pays_by_alipay()

    assert cases(staff) == [("paid_unheard", 0, 1990, Remedy.ASK)]
    assert ask(staff)
    refund_id = payments.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(990), cause="short")
    payments_jobs.send_refunds(HUBEI, [refund_id])
    deliver(CONSUMERS[BOOKS], Horizon.OWN)
    assert cases(staff) == []

    assert payments_queries.charge(HUBEI, charge_id).state is ChargeState.PAID
    (day, *_) = [one for one in queries.bill_days(staff, province_id=HUBEI) if one.provider == Provider.ALIPAY]
    assert (day.ours, day.billed, day.booked, day.fees) == (Money(1000), Money(1000), Money(1000), Money(6))
    assert balances()["1002"] == 1000 - 6
    assert "1001" not in balances()


def test_a_late_payment_that_nobody_told_of_is_found_and_paid_back(channel: Channel, staff: Caller) -> None:
    channel.expect(modes=["never"])
    charge_id = channel.pays()
    payments.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

    assert cases(staff) == [("paid_closed", 0, 1990, Remedy.ASK)]
    assert ask(staff)

    (attempt,) = payments_queries.attempts_of(HUBEI, [charge_id])[charge_id]
    assert (payments_queries.charge(HUBEI, charge_id).state, attempt.state) == (ChargeState.CLOSED, AttemptState.LATE)
    (refund,) = payments_queries.refunds_of(HUBEI, [charge_id])[charge_id]
    payments_jobs.send_refunds(HUBEI, [refund.id])
    channel.hear()
    assert cases(staff) == []


def test_a_callback_of_another_amount_is_refused_and_found(channel: Channel, staff: Caller) -> None:
    channel.expect(modes=["wrong_amount"])
    channel.pays()
    with pytest.raises(Exception, match="fen is right"):
        channel.hear()

    assert cases(staff) == [("paid_unheard", 0, 1990, Remedy.ASK)]


def test_a_refund_that_was_done_before_the_answer_was_lost(channel: Channel, staff: Caller) -> None:
    charge_id = channel.pays()
    channel.hear()
    refund_id = payments.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(990), cause="short")
    channel.expect(modes=["never"])
    payments_jobs.send_refunds(HUBEI, [refund_id])

    assert cases(staff) == [("refund_unheard", 0, 990, Remedy.ASK)]
    assert ask(staff)

    assert payments_queries.refunds(HUBEI, [refund_id])[refund_id].state is RefundState.DONE
    assert cases(staff) == []


def test_a_credited_refund_that_the_channel_pays_after_all_is_a_case_for_people(
    channel: Channel, staff: Caller
) -> None:
    """The merchant's own people finished it by hand at the channel, when it was a balance with us already."""
    charge_id = channel.pays()
    channel.hear()
    refund_id = payments.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(990), cause="short")
    (attempt,) = payments_queries.attempts_of(HUBEI, [charge_id])[charge_id]
    number = payments_queries.refunds(HUBEI, [refund_id])[refund_id].number
    told = notices.Refund(number, attempt.number, "50", notices.RefundState.CLOSED, 990, 1990)
    settle_refund(SYSTEM, provider=Provider.WECHATPAY, told=told)
    payments.credit_refund(SYSTEM, province_id=HUBEI, refund_id=refund_id)
    by_hand = RefundRequest(attempt.number, number, 990, 1990, notify_url=notify_url(Provider.WECHATPAY))
    gateway(Provider.WECHATPAY).refund(by_hand)
    channel.hear()

    assert cases(staff) == [("refund_credited", 0, 990, Remedy.CORRECT)]

    assert payments_queries.refunds(HUBEI, [refund_id])[refund_id].state is RefundState.CREDITED
    deliver(CONSUMERS[BOOKS], Horizon.OWN)
    (found,) = queries.case_files(staff, province_id=HUBEI)
    commands.take_case(staff, province_id=HUBEI, file_id=found.id)
    about = {"province_id": HUBEI, "file_id": found.id}
    too_much, take_back = (
        Correction(debit=f"2005:{member().id}", credit="1001", amount=Money(fen)) for fen in (991, 990)
    )
    with pytest.raises(NotCovered):
        commands.correct_case(staff, **about, correction=too_much, why="渠道已退")
    commands.correct_case(staff, **about, correction=take_back, why="渠道已退")
    assert balances().get(f"2005:{member().id}", 0) == 0
