"""Codes: sent through the real gateway protocol, good once, for five minutes and five tries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from lintuan.kernel.errors import TooMany, Unavailable
from lintuan.members import commands
from lintuan.members.errors import CodeExpired, CodeWrong, PhoneInvalid, PhoneUnreachable
from lintuan.members.jobs import drop_spent
from lintuan.members.models import SignInCode
from tests.make import members as make
from tests.make.phones import Phones, silent_gateway
from tests.side_by_side import aside, until_waiting

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]
EVENING = "2026-11-20T20:00:00+08:00"


@pytest.fixture(autouse=True)
def evening(clock_at: ClockAt) -> None:
    clock_at(EVENING)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_code_on_the_phone_proves_the_phone_once(phones: Phones) -> None:
    phone = make.phone()
    commands.send_code(f"+86 {phone}")
    code = phones.code_on(phone)

    assert commands.prove_phone(f"{phone[:3]} {phone[3:]}", code) == phone

    assert len(code) == 6
    with pytest.raises(CodeExpired):
        commands.prove_phone(phone, code)


def test_the_code_is_not_kept_in_the_clear(phones: Phones) -> None:
    phone = make.phone()

    commands.send_code(phone)

    row = SignInCode.objects.get(phone=phone)
    assert phones.code_on(phone) not in row.code_hash
    assert len(row.code_hash) == 64


def test_a_wrong_code_is_counted_and_after_five_the_right_one_is_worth_nothing(phones: Phones) -> None:
    phone = make.phone()
    commands.send_code(phone)
    code = phones.code_on(phone)

    for left in (4, 3, 2, 1, 0):
        with pytest.raises(CodeWrong) as refused:
            commands.prove_phone(phone, other_than(code))
        assert refused.value.facts == {"left": left}
    with pytest.raises(TooMany) as refused_for_good:
        commands.prove_phone(phone, code)

    assert refused_for_good.value.facts == {"seconds": 60}


def test_the_fifth_try_may_be_the_right_one(phones: Phones) -> None:
    phone = make.phone()
    commands.send_code(phone)
    code = phones.code_on(phone)

    for _ in range(4):
        with pytest.raises(CodeWrong):
            commands.prove_phone(phone, other_than(code))

    assert commands.prove_phone(phone, code) == phone


def test_a_code_is_good_for_five_minutes(phones: Phones, clock_at: ClockAt) -> None:
    early, late = make.phone(), make.phone()
    for phone in (early, late):
        commands.send_code(phone)

    clock_at("2026-11-20T20:04:59+08:00")
    assert commands.prove_phone(early, phones.code_on(early)) == early
    clock_at("2026-11-20T20:05:01+08:00")
    with pytest.raises(CodeExpired):
        commands.prove_phone(late, phones.code_on(late))


def test_another_phone_is_not_proved_by_the_code(phones: Phones) -> None:
    phone, other = make.phone(), make.phone()
    for one in (phone, other):
        commands.send_code(one)

    if phones.code_on(phone) != phones.code_on(other):
        with pytest.raises(CodeWrong):
            commands.prove_phone(other, phones.code_on(phone))
    with pytest.raises(CodeExpired):
        commands.prove_phone(make.phone(), phones.code_on(phone))


def test_a_second_code_within_a_minute_is_refused_with_the_seconds_to_wait(phones: Phones, clock_at: ClockAt) -> None:
    phone = make.phone()
    commands.send_code(phone)
    first = phones.code_on(phone)
    clock_at("2026-11-20T20:00:20+08:00")

    with pytest.raises(TooMany) as refused:
        commands.send_code(phone)

    assert refused.value.facts == {"seconds": 40}
    assert phones.code_on(phone) == first
    assert commands.prove_phone(phone, first) == phone


def test_a_new_code_replaces_the_old_one_and_its_tries(phones: Phones, clock_at: ClockAt) -> None:
    phone = make.phone()
    commands.send_code(phone)
    first = phones.code_on(phone)
    for _ in range(5):
        with pytest.raises(CodeWrong):
            commands.prove_phone(phone, other_than(first))

    clock_at("2026-11-20T20:01:01+08:00")
    commands.send_code(phone)

    assert SignInCode.objects.get(phone=phone).tries == 0
    assert commands.prove_phone(phone, phones.code_on(phone)) == phone


def test_a_phone_gets_at_most_ten_codes_a_day(phones: Phones, clock_at: ClockAt) -> None:
    phone = make.phone()
    for minute in range(10):
        clock_at(f"2026-11-20T20:{2 * minute:02d}:00+08:00")
        commands.send_code(phone)

    clock_at("2026-11-21T19:00:00+08:00")
    with pytest.raises(TooMany):
        commands.send_code(phone)
    clock_at("2026-11-21T20:00:01+08:00")
    commands.send_code(phone)

    assert commands.prove_phone(phone, phones.code_on(phone)) == phone


def test_what_is_no_phone_gets_no_code(phones: Phones) -> None:
    with pytest.raises(PhoneInvalid):
        commands.send_code("12345")

    assert not SignInCode.objects.exists()


def test_a_silent_gateway_is_said_and_the_next_try_need_not_wait(phones: Phones, tmp_path: Path) -> None:
    phone = make.phone()
    with silent_gateway(tmp_path), pytest.raises(Unavailable):
        commands.send_code(phone)

    commands.send_code(phone)

    assert commands.prove_phone(phone, phones.code_on(phone)) == phone


@pytest.mark.parametrize("keys", ["", "/nowhere/manifest.json"])
def test_an_installation_without_a_gateway_says_that_it_cannot_answer(keys: str) -> None:
    with override_settings(GATEWAY_KEYS=keys), pytest.raises(Unavailable):
        commands.send_code(make.phone())


def test_a_gateway_that_refuses_the_message_is_believed(phones: Phones, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(phones.addresses.manifest.read_text().replace('"secret": "', '"secret": "wrong'))

    with override_settings(GATEWAY_KEYS=str(manifest)), pytest.raises(PhoneUnreachable):
        commands.send_code(make.phone())


@pytest.mark.django_db(transaction=True)
def test_a_code_is_sent_while_the_old_one_is_dropped(phones: Phones, clock_at: ClockAt) -> None:
    phone = make.phone()
    commands.send_code(phone)
    clock_at("2026-11-21T20:00:01+08:00")

    with transaction.atomic():
        assert drop_spent() == 1
        sending = aside(lambda: commands.send_code(phone))
        until_waiting()

    assert sending.result() is None
    assert commands.prove_phone(phone, phones.code_on(phone)) == phone


def test_old_codes_are_dropped_and_open_ones_stay(phones: Phones, clock_at: ClockAt) -> None:
    old, fresh = make.phone(), make.phone()
    commands.send_code(old)
    clock_at("2026-11-21T20:00:01+08:00")
    commands.send_code(fresh)

    assert drop_spent() == 1

    assert [row.phone for row in SignInCode.objects.all()] == [fresh]
