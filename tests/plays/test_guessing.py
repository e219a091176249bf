"""Wrong gift codes: five in a row lock a member out of a campaign for a day, however they are typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from lintuan.kernel.callers import Caller
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.members import commands as member_commands
from lintuan.plays import commands
from lintuan.plays.catalogue import plays as catalogue
from lintuan.plays.errors import CodesLocked, NotCounted, PlayCodeUnknown
from lintuan.plays.models import CodeTries, Grant
from lintuan.plays.papers import gift_code
from lintuan.plays.types import CampaignView, Deed
from tests.make import campaigns as make
from tests.make import leaders, members
from tests.make.provinces import HUBEI, province
from tests.side_by_side import aside

pytestmark = pytest.mark.django_db(transaction=True)

Clock = Callable[[str], datetime]
WRONG = "1-AAAAAA"


@pytest.fixture(autouse=True)
def evening(clock_at: Clock, transactional_db: None) -> None:
    clock_at("2026-11-20T19:00+08:00")
    province()


@pytest.fixture
def card() -> CampaignView:
    return make.running(catalogue()["gift-code"])


@pytest.fixture
def lin() -> Caller:
    return neighbour()


def neighbour() -> Caller:
    one = members.member()
    leaders.choose(one, leaders.point())
    return one


def send(one: Caller, card: CampaignView, code: str, key: str | None = None) -> None:
    commands.act(one, province_id=HUBEI, deed=Deed(card.id, "redeemed", code=code), key=key)


def guess(one: Caller, card: CampaignView, times: int) -> None:
    for _ in range(times):
        with pytest.raises(PlayCodeUnknown):
            send(one, card, WRONG)


def test_the_fifth_wrong_code_locks_the_right_one_out_for_a_day(
    card: CampaignView, lin: Caller, clock_at: Clock
) -> None:
    guess(lin, card, 4)
    for code in (WRONG, gift_code(card, 1), WRONG):
        with pytest.raises(CodesLocked) as locked:
            send(lin, card, code, key="the same")
    assert locked.value.message("en") == "Too many wrong codes; you may try again here after 2026-11-21 19:00."
    assert locked.value.message("zh-hans") == "连着填错太多次，2026-11-21 19:00 后才能再填。"
    assert not Grant.objects.exists()

    clock_at("2026-11-21T18:59+08:00")
    with pytest.raises(CodesLocked):
        send(lin, card, gift_code(card, 1))
    clock_at("2026-11-21T19:00+08:00")
    guess(lin, card, 4)
    send(lin, card, gift_code(card, 1))
    assert Grant.objects.get().member_id == lin.id


def test_only_that_member_in_that_campaign_is_locked(card: CampaignView, lin: Caller) -> None:
    other = make.running(catalogue()["gift-code"])
    guess(lin, card, 4)
    with pytest.raises(CodesLocked):
        send(lin, card, WRONG)

    send(neighbour(), card, gift_code(card, 1))
    guess(lin, other, 1)


def test_a_card_that_was_used_ends_no_row_of_wrong_codes_and_is_none(card: CampaignView, lin: Caller) -> None:
    send(neighbour(), card, gift_code(card, 1))
    guess(lin, card, 4)
    with pytest.raises(NotCounted):
        send(lin, card, gift_code(card, 1))
    with pytest.raises(CodesLocked):
        send(lin, card, WRONG)


def test_a_card_that_is_redeemed_ends_a_row_of_wrong_codes(card: CampaignView, lin: Caller) -> None:
    guess(lin, card, 4)
    send(lin, card, gift_code(card, 1))

    guess(lin, card, 4)


def test_of_many_tries_at_once_five_are_judged(card: CampaignView, lin: Caller) -> None:
    def trying() -> str:
        try:
            send(lin, card, WRONG)
        except (PlayCodeUnknown, CodesLocked) as refused:
            return refused.code
        return "taken"

    tries = [aside(trying) for _ in range(12)]

    said = sorted(one.result(60) for one in tries)
    assert said == ["codes_locked"] * 8 + ["play_code_unknown"] * 4


def test_whoever_is_forgotten_leaves_no_count(card: CampaignView, lin: Caller) -> None:
    guess(lin, card, 1)
    assert CodeTries.objects.get().wrong == 1

    member_commands.forget_member(lin, province_id=HUBEI, member_id=lin.id)
    catch_up(Horizon.OWN)

    assert not CodeTries.objects.exists()
