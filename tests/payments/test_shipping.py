"""WeChat is told of goods once per payment, whatever is silent."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.delivery import Horizon, deliver
from lintuan.kernel.errors import Forbidden
from lintuan.kernel.events import CONSUMERS
from lintuan.payments import commands, jobs_payouts, queries, rules
from lintuan.payments.gateways.outgoing import open_platform
from lintuan.payments.jobs import AskAgain
from lintuan.payments.models import ShippingNote
from lintuan.payments.types import Arrived, Payer
from tests.make import fulfilment, leaders, ordering, pricing, provinces
from tests.make import payments as make
from tests.make.ordering import EVENING

pytestmark = pytest.mark.django_db

HUBEI = make.HUBEI


def a_paid_charge(outside) -> int:
    charge_id = make.charge()
    sheet = commands.pay_parameters(
        make.member(), province_id=HUBEI, charge_id=charge_id, payer=Payer(openid="openid-1")
    )
    outside.press_pay(sheet.fields).raise_for_status()
    outside.hear()
    return charge_id


def ask(*charge_ids: int, words: str = "土豆*2") -> int:
    goods = tuple(Arrived(charge_id, words) for charge_id in charge_ids)
    return commands.tell_shipped(SYSTEM, province_id=HUBEI, goods=goods)


def note(charge_id: int) -> ShippingNote:
    return ShippingNote.objects.get(province_id=HUBEI, charge_id=charge_id)


def tell(charge_id: int) -> None:
    jobs_payouts.tell_shipped(HUBEI, [note(charge_id).id])


def known(outside, charge_id: int) -> list[dict]:
    number = make.attempt(charge_id).number
    found = outside.phone.get(f"{outside.addresses.root}/wechatopen/shipped").json()
    return [one for one in found if one["out_trade_no"] == number]


def expect(outside, *troubles: str) -> None:
    address = f"{outside.addresses.root}/wechatopen/troubles"
    outside.phone.post(address, json={"troubles": troubles}).raise_for_status()


@pytest.fixture
def hasty(outside, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = open_platform()
    platform.token()
    monkeypatch.setattr(platform._connections, "_timeout", 0.3)
    platform._connections.close()


def test_goods_of_a_payment_are_told_once(outside):
    charge_id = a_paid_charge(outside)

    asked = [ask(charge_id), ask(charge_id)]
    for _ in range(2):
        tell(charge_id)

    (told,) = known(outside, charge_id)
    assert asked == [1, 0]
    assert (told["description"], told["logistics_type"], told["times"]) == ("土豆*2", 4, 1)
    assert (note(charge_id).state, note(charge_id).tries) == ("told", 1)


def test_an_answer_that_was_lost_is_asked_for_and_nothing_is_told_again(outside, hasty):
    charge_id = a_paid_charge(outside)
    ask(charge_id)
    expect(outside, "lost")

    with pytest.raises(AskAgain):
        tell(charge_id)
    waiting = note(charge_id).state
    tell(charge_id)

    assert (waiting, note(charge_id).state) == ("asked", "told")
    assert known(outside, charge_id)[0]["times"] == 1


@pytest.mark.parametrize("trouble", ["429", "500"])
def test_a_busy_platform_is_told_later_and_after_many_tries_a_person_looks(outside, trouble):
    charge_id = a_paid_charge(outside)
    ask(charge_id)
    open_platform().token()
    for _ in range(rules.MOST_TRIES - 1):
        expect(outside, trouble)
        with pytest.raises(AskAgain):
            tell(charge_id)
    expect(outside, trouble)
    tell(charge_id)
    failed = queries.untold_shipping(SYSTEM, province_id=HUBEI)

    again = ask(charge_id)
    tell(charge_id)

    assert list(failed) == [charge_id]
    assert (again, note(charge_id).state) == (1, "told")
    assert queries.untold_shipping(SYSTEM, province_id=HUBEI) == {}


def test_what_was_not_paid_is_not_told(outside):
    unpaid = make.charge()

    assert ask(unpaid) == 0


def test_where_no_mini_program_is_set_up_nothing_is_kept(settings):
    settings.GATEWAY_KEYS = ""

    assert ask(make.paid_charge()) == 0
    assert not ShippingNote.objects.exists()


def test_long_words_are_cut(outside):
    charge_id = a_paid_charge(outside)

    ask(charge_id, words="菜" * 500)
    tell(charge_id)

    assert known(outside, charge_id)[0]["description"] == "菜" * 120


def test_a_job_that_was_lost_is_begun_again(outside, clock_at, empty_queue):
    clock_at("2026-11-20T10:00+08:00")
    provinces.province(HUBEI)
    charge_id = a_paid_charge(outside)
    ask(charge_id)

    early = jobs_payouts.tell_lost_shipping()
    clock_at("2026-11-20T13:01+08:00")

    assert (early, jobs_payouts.tell_lost_shipping()) == (0, 1)


@pytest.mark.parametrize("caller", [make.member(), Caller(Kind.LEADER, 5, HUBEI), Caller(Kind.STAFF, 1)])
def test_only_the_system_and_staff_tell(caller):
    with pytest.raises(Forbidden):
        commands.tell_shipped(caller, province_id=HUBEI, goods=(Arrived(1, "菜"),))
    with pytest.raises(Forbidden):
        queries.untold_shipping(caller, province_id=HUBEI)


@pytest.mark.parametrize("changes", [{"state": "gone"}, {"state": "told"}])
def test_the_database_holds_the_rules_too(outside, changes):
    charge_id = a_paid_charge(outside)
    ask(charge_id)

    with pytest.raises(IntegrityError), transaction.atomic():
        ShippingNote.objects.filter(province_id=HUBEI, charge_id=charge_id).update(**changes)


def test_a_leaders_signature_has_every_order_at_their_point_told(outside, clock_at):
    clock_at(EVENING)
    point = leaders.point()
    fulfilment.network([point])
    kale, rice = pricing.offers(2)
    order = fulfilment.buy(point, (kale, 3), (rice, 1))
    gone = fulfilment.buy(point, (rice, 1))
    fulfilment.driven(clock_at)
    ordering.cut((rice.sku_id, point.id, 1))
    fulfilment.sign_all(clock_at)

    deliver(CONSUMERS["fulfilment.shipping"], Horizon.OWN)
    deliver(CONSUMERS["fulfilment.shipping"], Horizon.OWN)

    notes = ShippingNote.objects.filter(province_id=HUBEI)
    assert [one.charge_id for one in notes] == [order.charge_id]
    assert ordering.now(gone).state == "refunded"
    assert "*3" in notes[0].description
