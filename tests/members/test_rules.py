from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.members import rules
from lintuan.members.errors import PhoneInvalid

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["13800008000", "138 0000 8000", "138-0000-8000", "+86 13800008000", "+8613800008000", "8613800008000"],
)
def test_a_phone_is_read_however_it_was_typed(text: str) -> None:
    assert rules.read_phone(text) == "13800008000"


@pytest.mark.parametrize(
    "text",
    ["", "1380000800", "138000080000", "12800008000", "1380000800a", "１3800008000", "<b>13800008000", "02787654321"],
)
def test_what_is_no_mobile_number_is_refused(text: str) -> None:
    with pytest.raises(PhoneInvalid):
        rules.read_phone(text)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_masked_phone_hides_its_middle(phone: str) -> None:
    masked = rules.mask_phone(phone)

    assert masked == f"{phone[:3]}****{phone[-4:]}"
    assert rules.read_phone(phone) == phone


def test_too_short_a_phone_is_hidden_whole() -> None:
    assert (rules.mask_phone(""), rules.mask_phone("1234567")) == ("****", "****")


@pytest.mark.parametrize(("name", "shown"), [("王小明", "王**"), ("李", "李**"), ("", "**")])
def test_lists_show_the_first_sign_of_a_name(name: str, shown: str) -> None:
    assert rules.mask_name(name) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("李雷", "李雷"), ("  李雷 ", "李雷"), ("", "邻居8000"), ("   ", "邻居8000"), ("很" * 41, "很" * 40)],
)
def test_every_member_has_a_name(name: str, shown: str) -> None:
    assert rules.member_name(name, "13800008000") == shown


@pytest.mark.parametrize(
    ("since_sent", "since_window", "sent", "seconds"),
    [
        (timedelta(0), timedelta(0), 1, 60),
        (timedelta(seconds=59, milliseconds=999), timedelta(minutes=1), 1, 1),
        (timedelta(seconds=60), timedelta(minutes=1), 1, 0),
        (timedelta(seconds=60), timedelta(hours=1), 9, 0),
        (timedelta(seconds=60), timedelta(hours=1), 10, 23 * 3600),
        (timedelta(seconds=10), timedelta(hours=24) - timedelta(seconds=20), 10, 50),
    ],
)
def test_how_long_to_wait_for_the_next_code(
    since_sent: timedelta, since_window: timedelta, sent: int, seconds: int
) -> None:
    wait = rules.seconds_until_code(
        NOON, sent_at=NOON - since_sent, window_from=NOON - since_window, sent_in_window=sent
    )

    assert wait == seconds
