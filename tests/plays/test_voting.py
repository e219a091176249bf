"""Votes taken back: by whoever gave them, and with the last order of somebody who could vote as they had bought."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
import pytest

from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.plays import commands, queries
from lintuan.plays.catalogue import plays as catalogue
from lintuan.plays.errors import NotCounted
from lintuan.plays.types import CampaignView, Content, Deed
from tests.make import campaigns as make
from tests.make import leaders, members
from tests.make.provinces import HUBEI, province

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
ENTRIES = ((7, "番茄炒蛋"), (8, "清炒藕带"))


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at("2026-11-02T19:00+08:00")
    province()


def contest(code: str = "dish-contest") -> CampaignView:
    return make.running(catalogue()[code], content=msgspec.to_builtins(Content(entries=ENTRIES)))


def neighbours(count: int) -> list[Caller]:
    point, found = leaders.point(), members.members(count)
    for one in found:
        leaders.choose(one, point)
    return found


def vote(member: Caller, campaign: CampaignView, entry: int) -> None:
    deed = Deed(campaign_id=campaign.id, kind="voted", unit=entry, has_bought=True)
    commands.act(member, province_id=HUBEI, deed=deed)


def votes() -> dict[int, int]:
    run = make.only_run()
    return {one.unit: one.total for one in queries.standings(HUBEI, run.id)}


def take_back(member: Caller, campaign: CampaignView) -> int:
    return commands.take_back_vote(member, province_id=HUBEI, campaign_id=campaign.id)


def test_a_vote_taken_back_is_free_to_be_given_again(clock_at: Clock) -> None:
    clock_at("2026-11-01T19:00+08:00")
    one, (lin, wang) = contest(), neighbours(2)
    vote(lin, one, 7)
    vote(wang, one, 7)
    with pytest.raises(NotCounted):
        vote(lin, one, 8)

    assert take_back(lin, one) == 1
    assert votes() == {7: 1}
    vote(lin, one, 8)

    assert votes() == {7: 1, 8: 1}
    with pytest.raises(NotCounted):
        vote(lin, one, 7)


def test_what_nobody_gave_or_is_decided_is_not_taken_back(clock_at: Clock) -> None:
    clock_at("2026-11-01T19:00+08:00")
    one, (lin, wang) = contest(), neighbours(2)
    vote(lin, one, 7)

    with pytest.raises(NotCounted):
        take_back(wang, one)
    clock_at("2026-11-09T19:00+08:00")
    make.end()

    with pytest.raises(NotCounted):
        take_back(lin, one)
    assert votes() == {7: 1}


@pytest.mark.parametrize(("code", "left"), [("dish-contest", {7: 1, 8: 0}), ("wish-list", {7: 1, 8: 1})])
def test_votes_of_who_has_not_bought_after_all_go_where_buyers_vote(
    clock_at: Clock, code: str, left: dict[int, int]
) -> None:
    clock_at("2026-11-01T19:00+08:00")
    one, (lin, wang) = contest(code), neighbours(2)
    vote(lin, one, 7)
    vote(wang, one, 8)

    commands.withdraw_votes(SYSTEM, province_id=HUBEI, member_ids=(wang.id,))

    assert votes() == left
