"""Money that leaves: paid once, whatever is repeated, silent or overtaken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.errors import CannotMove, Forbidden, Invalid, NotFound
from lintuan.kernel.models import EventRecord
from lintuan.kernel.money import Money
from lintuan.payments import commands, jobs_payouts, queries, rules
from lintuan.payments.errors import ForgedNotice, NothingToConfirm, PayoutExists, UnknownNumber, WrongAmount
from lintuan.payments.gateways.outgoing import transfers
from lintuan.payments.jobs import AskAgain
from lintuan.payments.models import Inbox, Payout
from lintuan.payments.types import NewPayout, Payee, PayoutState, PayoutView
from lintuan.standins.wechatpay.faults import Mode
from tests.make import payments as make
from tests.make import provinces
from tests.shop import answers_of

pytestmark = pytest.mark.django_db

HUBEI = make.HUBEI
P = PayoutState
STAFF = Caller(Kind.STAFF, 1, rights=frozenset({"payments.pay_out"}))
LEADER = Caller(Kind.LEADER, make.LEADER, HUBEI)
WISH = NewPayout("withdrawal", 1, Payee.LEADER, 5, "openid-1", Money(1990), "佣金")


def view(payout_id: int) -> PayoutView:
    return queries.payouts(HUBEI, [payout_id])[payout_id]


def state_of(payout_id: int) -> PayoutState:
    return view(payout_id).state


def told() -> list[str]:
    names = EventRecord.objects.filter(province_id=HUBEI, name__startswith="payments.Payout").order_by("id")
    return [name.removeprefix("payments.Payout") for name in names.values_list("name", flat=True)]


def send(payout_id: int) -> None:
    jobs_payouts.send_payouts(HUBEI, [payout_id])


def post(outside, path: str, content: object) -> None:
    outside.phone.post(outside.addresses.wechatpay + path, json=content).raise_for_status()


def expect(outside, *troubles: str) -> None:
    post(outside, "/faults", {"answers": answers_of(troubles)})


def confirm(outside, payout_id: int, **changes: str) -> None:
    fields = queries.confirmation(LEADER, province_id=HUBEI, payout_id=payout_id).fields
    post(outside, "/phone/confirm-transfer", dict(fields) | changes)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our side gives up on a silent gateway at once."""
    exchange = transfers()._exchange
    monkeypatch.setattr(exchange, "_timeout", 0.3)
    for connections in exchange._hosts.values():
        monkeypatch.setattr(connections, "_timeout", 0.3)
        connections.close()


class TestOnItsWay:
    def test_the_leader_confirms_and_has_the_money(self, outside):
        payout_id = make.payout()

        send(payout_id)
        waiting = state_of(payout_id)
        confirm(outside, payout_id)
        outside.hear()

        assert (waiting, state_of(payout_id)) == (P.WAITING_CONFIRM, P.DONE)
        assert told() == ["Asked", "ToConfirm", "Done"]
        assert Inbox.objects.filter(kind="MCHTRANSFER.BILL.FINISHED").count() == 1

    def test_sent_again_and_again_it_is_paid_once(self, outside):
        payout_id = make.payout()
        for _ in range(3):
            send(payout_id)
            Payout.objects.filter(province_id=HUBEI, id=payout_id).update(state="asked")
        send(payout_id)
        confirm(outside, payout_id)
        outside.hear()

        assert state_of(payout_id) is P.DONE
        assert outside.ear.is_quiet()

    def test_from_2000_yuan_the_name_goes_along_and_is_forgotten_after(self, outside):
        payout_id = make.payout(amount=Money(200_000), name="王小红")
        send(payout_id)
        kept = Payout.objects.get(province_id=HUBEI, id=payout_id).payee_name
        confirm(outside, payout_id)
        outside.hear()

        assert (kept, Payout.objects.get(province_id=HUBEI, id=payout_id).payee_name) == ("王小红", "")

    def test_a_name_that_nobody_asks_for_is_not_kept(self):
        payout_id = make.payout(amount=Money(199_999), name="王小红")

        assert Payout.objects.get(province_id=HUBEI, id=payout_id).payee_name == ""

    def test_an_answer_that_was_lost_is_asked_for_and_nothing_is_sent_again(self, outside, hasty):
        payout_id = make.payout()
        expect(outside, "lost")

        with pytest.raises(AskAgain):
            send(payout_id)
        silent = state_of(payout_id)
        # What would be sent now is refused; that it is known is asked first.
        expect(outside, "none", "500")
        send(payout_id)
        expect(outside)

        assert (silent, state_of(payout_id)) == (P.ASKED, P.WAITING_CONFIRM)

    def test_a_request_that_was_lost_is_sent_under_the_same_number(self, outside, hasty):
        payout_id = make.payout()
        number = view(payout_id).number
        expect(outside, "never")

        with pytest.raises(AskAgain):
            send(payout_id)
        send(payout_id)

        assert (view(payout_id).number, state_of(payout_id)) == (number, P.WAITING_CONFIRM)

    @pytest.mark.parametrize("trouble", ["429", "500", "503"])
    def test_silence_never_makes_it_fail(self, outside, trouble):
        payout_id = make.payout()
        for _ in range(rules.MOST_TRIES + 1):
            expect(outside, trouble)
            with pytest.raises(AskAgain):
                send(payout_id)

        assert state_of(payout_id) is P.ASKED
        assert view(payout_id).reason

    def test_an_empty_account_is_waited_for_and_then_for_a_person(self, outside):
        payout_id = make.payout()
        post(outside, "/till", {"fen": 1989})
        for _ in range(rules.MOST_TRIES - 1):
            with pytest.raises(AskAgain):
                send(payout_id)
        send(payout_id)
        failed = view(payout_id)
        post(outside, "/till", {"fen": 10**9})

        again = commands.retry_payout(STAFF, province_id=HUBEI, payout_id=payout_id)
        send(again)

        assert (failed.state, failed.reason[:10]) == (P.FAILED, "NOT_ENOUGH")
        assert (again, view(again).number, state_of(again)) == (payout_id, failed.number, P.WAITING_CONFIRM)
        assert told() == ["Asked", "Failed", "Asked", "ToConfirm"]

    def test_one_that_waits_holds_up_no_other(self, outside):
        dear, cheap = make.payout(amount=Money(5000)), make.payout(amount=Money(4000))
        post(outside, "/till", {"fen": 4500})

        with pytest.raises(AskAgain, match="1 payouts"):
            jobs_payouts.send_payouts(HUBEI, [dear, cheap])
        post(outside, "/till", {"fen": 10**9})

        assert (state_of(dear), state_of(cheap)) == (P.ASKED, P.WAITING_CONFIRM)

    def test_without_a_gateway_it_waits(self, settings):
        settings.GATEWAY_KEYS = ""
        payout_id = make.payout()

        with pytest.raises(AskAgain):
            send(payout_id)

        assert state_of(payout_id) is P.ASKED


class TestItsEnd:
    def test_what_the_gateway_ended_is_paid_by_another_payout(self, outside):
        payout_id = make.payout()
        send(payout_id)
        confirm(outside, payout_id, fail="ACCOUNT_FROZEN")
        outside.hear()

        another = commands.retry_payout(STAFF, province_id=HUBEI, payout_id=payout_id)
        send(another)

        assert (view(payout_id).state, view(payout_id).reason) == (P.FAILED, "ACCOUNT_FROZEN")
        assert another != payout_id
        assert view(another).number != view(payout_id).number
        assert state_of(another) is P.WAITING_CONFIRM
        with pytest.raises(PayoutExists):
            commands.retry_payout(STAFF, province_id=HUBEI, payout_id=payout_id)

    @pytest.mark.parametrize(
        ("state", "reason", "end", "event"),
        [
            ("SUCCESS", "", P.DONE, "Done"),
            ("FAIL", "ACCOUNT_FROZEN", P.FAILED, "Failed"),
            ("FAIL", "OVERDUE_CLOSE", P.RETURNED, "Returned"),
            ("CANCELLED", "", P.CANCELLED, "Cancelled"),
        ],
    )
    def test_a_callback_that_overtakes_the_answer_counts_once(self, state, reason, end, event):
        payout_id = make.payout()
        callback = make.payout_callback(payout_id, state=state, reason=reason)

        for _ in range(2):
            make.hear(callback)
        make.hear(make.payout_callback(payout_id, state=state, reason=reason))

        assert state_of(payout_id) is end
        assert told() == ["Asked", event]

    def test_a_wrong_amount_changes_nothing(self):
        payout_id = make.payout()

        with pytest.raises(WrongAmount):
            make.hear(make.payout_callback(payout_id, mode=Mode.WRONG_AMOUNT))

        assert state_of(payout_id) is P.ASKED
        assert not Inbox.objects.exists()

    @pytest.mark.parametrize("mode", [Mode.BAD_SIGNATURE, Mode.STALE_TIMESTAMP])
    def test_what_nobody_signed_changes_nothing(self, mode):
        payout_id = make.payout()

        with pytest.raises(ForgedNotice):
            make.hear(make.payout_callback(payout_id, mode=mode))

        assert state_of(payout_id) is P.ASKED

    def test_a_number_of_ours_that_we_never_gave_is_unknown(self):
        with pytest.raises(UnknownNumber):
            make.hear(make.payout_callback(make.payout(), number="42" + "0" * 26))

    def test_done_is_done(self):
        payout_id = make.payout()
        make.hear(make.payout_callback(payout_id))
        make.hear(make.payout_callback(payout_id, state="FAIL", reason="OVERDUE_CLOSE"))

        assert state_of(payout_id) is P.DONE
        with pytest.raises(CannotMove):
            commands.cancel_payout(SYSTEM, province_id=HUBEI, payout_id=payout_id)
        with pytest.raises(CannotMove):
            commands.retry_payout(SYSTEM, province_id=HUBEI, payout_id=payout_id)

    def test_when_no_callback_comes_the_gateway_is_asked(self, outside, clock_at):
        clock_at("2026-11-20T10:00+08:00")
        provinces.province(HUBEI)
        payout_id = make.payout()
        send(payout_id)
        outside.expect_faults("never")
        confirm(outside, payout_id)

        early = jobs_payouts.query_silent_payouts()
        clock_at("2026-11-20T10:31+08:00")
        asked = jobs_payouts.query_silent_payouts()

        assert (early, asked, state_of(payout_id)) == (0, 1, P.DONE)

    def test_a_job_that_was_lost_is_begun_again(self, outside, clock_at, empty_queue):
        clock_at("2026-11-20T10:00+08:00")
        provinces.province(HUBEI)
        payout_id = make.payout()

        clock_at("2026-11-20T13:01+08:00")

        assert jobs_payouts.query_silent_payouts() == 1
        assert state_of(payout_id) is P.ASKED


class TestCalledOff:
    def test_before_it_was_sent_it_is_over_at_once(self, outside):
        payout_id = make.payout()

        answer = commands.cancel_payout(STAFF, province_id=HUBEI, payout_id=payout_id)
        send(payout_id)

        assert (answer, state_of(payout_id)) == (P.CANCELLED, P.CANCELLED)
        assert told() == ["Asked", "Cancelled"]

    def test_on_the_phone_the_gateway_calls_it_off(self, outside):
        payout_id = make.payout()
        send(payout_id)

        answer = commands.cancel_payout(STAFF, province_id=HUBEI, payout_id=payout_id)
        with pytest.raises(NothingToConfirm):
            queries.confirmation(LEADER, province_id=HUBEI, payout_id=payout_id)
        jobs_payouts.cancel_payouts(HUBEI, [payout_id])
        outside.hear()

        assert (answer, state_of(payout_id)) == (P.WAITING_CONFIRM, P.CANCELLED)
        assert told() == ["Asked", "ToConfirm", "Cancelled"]

    def test_confirmed_meanwhile_it_is_paid(self, outside):
        payout_id = make.payout()
        send(payout_id)
        fields = queries.confirmation(LEADER, province_id=HUBEI, payout_id=payout_id).fields
        commands.cancel_payout(STAFF, province_id=HUBEI, payout_id=payout_id)
        post(outside, "/phone/confirm-transfer", dict(fields))

        jobs_payouts.cancel_payouts(HUBEI, [payout_id])

        assert state_of(payout_id) is P.DONE

    def test_sent_without_an_answer_it_may_still_arrive_so_it_is_waited_for(self, outside, hasty, clock_at):
        clock_at("2026-11-20T10:00+08:00")
        payout_id = make.payout()
        expect(outside, "never")
        with pytest.raises(AskAgain):
            send(payout_id)

        commands.cancel_payout(STAFF, province_id=HUBEI, payout_id=payout_id)
        with pytest.raises(AskAgain):
            jobs_payouts.cancel_payouts(HUBEI, [payout_id])
        early = state_of(payout_id)
        clock_at("2026-11-20T10:03+08:00")
        send(payout_id)
        jobs_payouts.cancel_payouts(HUBEI, [payout_id])

        assert (early, state_of(payout_id)) == (P.ASKED, P.CANCELLED)
        assert not queries.payouts_of(HUBEI, "withdrawal", [view(payout_id).subject_id])[view(payout_id).subject_id][
            0
        ].gateway_no

    def test_a_thing_whose_payout_was_called_off_is_paid_by_another(self):
        payout_id = make.payout(subject_id=9)
        commands.cancel_payout(STAFF, province_id=HUBEI, payout_id=payout_id)

        assert make.payout(subject_id=9) != payout_id


class TestAsking:
    def test_once_per_key(self):
        first = commands.pay_out(SYSTEM, province_id=HUBEI, wish=WISH, key="run-1")
        again = commands.pay_out(SYSTEM, province_id=HUBEI, wish=WISH, key="run-1")

        assert first == again
        assert told() == ["Asked"]

    def test_a_thing_is_paid_out_once(self):
        commands.pay_out(SYSTEM, province_id=HUBEI, wish=WISH)

        with pytest.raises(PayoutExists):
            commands.pay_out(SYSTEM, province_id=HUBEI, wish=WISH)

    def test_many_are_paid_all_or_none(self):
        bad = replace(WISH, subject_id=2, amount=Money(9))
        with pytest.raises(Invalid):
            commands.pay_out_many(STAFF, province_id=HUBEI, wishes=(WISH, bad))
        assert not Payout.objects.exists()

        ids = commands.pay_out_many(STAFF, province_id=HUBEI, wishes=(WISH, replace(WISH, subject_id=2)))

        assert [view(payout_id).subject_id for payout_id in ids] == [1, 2]

    @pytest.mark.parametrize(
        ("changes", "is_right"),
        [
            ({"amount": Money(10)}, True),
            ({"amount": Money(9)}, False),
            ({"amount": Money(0)}, False),
            ({"amount": Money(199_999)}, True),
            ({"amount": Money(200_000)}, False),
            ({"amount": Money(200_000), "name": "王小红"}, True),
            ({"openid": ""}, False),
            ({"openid": "o" * 65}, False),
            ({"remark": ""}, False),
            ({"remark": "字" * 32}, True),
            ({"remark": "字" * 33}, False),
            ({"name": "名" * 65}, False),
        ],
    )
    def test_what_the_gateway_would_refuse_is_refused(self, changes, is_right):
        wish = replace(WISH, **changes)
        if is_right:
            rules.check_payout(wish)
        else:
            with pytest.raises(Invalid):
                rules.check_payout(wish)

    @pytest.mark.parametrize("caller", [make.member(), LEADER, Caller(Kind.STAFF, 1)])
    def test_only_the_system_and_staff_with_the_right_pay_out(self, caller):
        payout_id = make.payout()

        with pytest.raises(Forbidden):
            commands.pay_out(caller, province_id=HUBEI, wish=WISH)
        with pytest.raises(Forbidden):
            commands.cancel_payout(caller, province_id=HUBEI, payout_id=payout_id)
        with pytest.raises(Forbidden):
            commands.retry_payout(caller, province_id=HUBEI, payout_id=payout_id)
        with pytest.raises(Forbidden):
            queries.waiting_payouts(caller, province_id=HUBEI)


class TestLooking:
    def test_a_leader_sees_their_own(self):
        mine, _ = make.payout(), make.payout(payee=(Payee.LEADER, 6))

        assert [one.id for one in queries.own_payouts(LEADER)] == [mine]

    def test_nobody_confirms_for_another(self, outside):
        payout_id = make.payout(payee=(Payee.LEADER, 6))
        send(payout_id)

        for caller in (LEADER, STAFF, SYSTEM):
            with pytest.raises(NotFound):
                queries.confirmation(caller, province_id=HUBEI, payout_id=payout_id)

    def test_staff_see_what_has_not_arrived(self):
        done, waiting = make.payout(), make.payout()
        make.hear(make.payout_callback(done))

        assert [one.id for one in queries.waiting_payouts(STAFF, province_id=HUBEI)] == [waiting]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "paid"},
        {"amount": Money(0)},
        {"payee_kind": "anybody"},
        {"state": "done"},
        {"ended_at": clock.now()},
        {"state": "done", "ended_at": clock.now(), "payee_name": "王小红"},
    ],
)
def test_the_database_holds_the_rules_too(changes):
    rows = Payout.objects.filter(province_id=HUBEI, id=make.payout())

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**changes)


NEWS = st.lists(st.sampled_from(list(P)), max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NEWS)
def test_whatever_is_told_money_arrives_at_most_once_and_stays(news):
    state, arrived = P.ASKED, 0
    for word in news:
        after = rules.after_payout(state, word)
        if after is not None:
            assert after is not P.ASKED
            arrived += after is P.DONE
            state = after

    assert arrived == (state is P.DONE)


@pytest.mark.parametrize("word", list(P))
@pytest.mark.parametrize("state", list(P))
def test_what_has_ended_by_the_gateways_word_is_no_news_again(state, word):
    if state in (P.DONE, P.CANCELLED, P.RETURNED):
        assert rules.after_payout(state, word) is None
    assert rules.after_payout(state, state) is None


def test_every_state_of_the_gateway_means_one_of_ours():
    from lintuan.payments.commands.payouts import STATES
    from lintuan.payments.gateways.transfers import TransferState

    assert set(STATES) == set(TransferState)


def test_an_hour_of_silence_is_longer_where_business_time_runs_faster():
    business, real = jobs_payouts.SILENCE

    assert rules.silence(business, real=real, rate=1) == timedelta(minutes=30)
    assert rules.silence(business, real=real, rate=720) == timedelta(hours=6)


def test_a_payout_tells_its_event_all_that_a_ledger_needs():
    payout_id = make.payout(amount=Money(777))
    record = EventRecord.objects.filter(province_id=HUBEI, name="payments.PayoutAsked").latest("id")

    assert record.body["payout_id"] == payout_id
    assert (record.body["amount_fen"], record.body["payee_kind"], record.body["payee_id"]) == (
        777,
        "leader",
        make.LEADER,
    )
