from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection

from lintuan.kernel.callers import NOBODY, SYSTEM, Caller, Kind
from lintuan.kernel.errors import Forbidden, SignInNeeded
from lintuan.members import commands, queries
from lintuan.members.jobs import drop_spent
from lintuan.members.models import Session
from lintuan.members.types import NOTICE_VERSION, PRIVACY, OpenSession
from tests.make import members as make
from tests.make.provinces import ANHUI, HUBEI

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]
NEIGHBOUR = Caller(Kind.MEMBER, 7, HUBEI)


def test_a_session_goes_on_with_a_new_token_each_time() -> None:
    first = commands.open_session(NEIGHBOUR)

    second = commands.refresh_session(first.refresh)
    third = commands.refresh_session(second.refresh)

    assert (third.kind, third.subject_id, third.province_id) == ("member", 7, HUBEI)
    assert len({first.refresh, second.refresh, third.refresh}) == 3
    assert Session.objects.count() == 1


def test_only_hashes_of_refresh_tokens_are_kept() -> None:
    session = commands.open_session(NEIGHBOUR)

    row = Session.objects.get()
    assert session.refresh not in (row.refresh_hash, row.spent_hash)


def test_a_token_shown_twice_was_copied_and_ends_the_session() -> None:
    first = commands.open_session(NEIGHBOUR)
    second = commands.refresh_session(first.refresh)

    with pytest.raises(SignInNeeded):
        commands.refresh_session(first.refresh)

    with pytest.raises(SignInNeeded):
        commands.refresh_session(second.refresh)
    assert Session.objects.get().ended_at is not None


def test_a_made_up_token_is_refused_and_harms_nobody() -> None:
    session = commands.open_session(NEIGHBOUR)

    for token in ("", "x", session.refresh[:-1]):
        with pytest.raises(SignInNeeded):
            commands.refresh_session(token)

    assert commands.refresh_session(session.refresh)


def test_a_session_lasts_thirty_days_from_its_last_use(clock_at: ClockAt) -> None:
    clock_at("2026-11-01T12:00:00+00:00")
    first = commands.open_session(NEIGHBOUR)
    clock_at("2026-11-30T12:00:00+00:00")
    second = commands.refresh_session(first.refresh)

    clock_at("2026-12-30T12:00:01+00:00")
    with pytest.raises(SignInNeeded):
        commands.refresh_session(second.refresh)

    assert abs(second.expires_at - datetime(2026, 12, 30, 12, tzinfo=UTC)).total_seconds() < 1


def test_signing_out_ends_this_session_and_no_other() -> None:
    here, there = commands.open_session(NEIGHBOUR), commands.open_session(NEIGHBOUR)

    assert commands.end_session(here.refresh) == 1
    assert commands.end_session(here.refresh) == 0

    with pytest.raises(SignInNeeded):
        commands.refresh_session(here.refresh)
    assert commands.refresh_session(there.refresh)


def test_signing_out_everywhere_spares_others_with_the_same_number() -> None:
    mine = [commands.open_session(NEIGHBOUR) for _ in range(2)]
    others = [
        commands.open_session(Caller(kind, 7, province_id))
        for kind, province_id in ((Kind.LEADER, HUBEI), (Kind.MEMBER, ANHUI))
    ]

    assert commands.end_sessions_of(NEIGHBOUR, of=NEIGHBOUR) == 2

    for session in mine:
        with pytest.raises(SignInNeeded):
            commands.refresh_session(session.refresh)
    assert all(commands.refresh_session(session.refresh) for session in others)


def test_nobody_signs_another_out() -> None:
    commands.open_session(NEIGHBOUR)

    for stranger in (NOBODY, Caller(Kind.MEMBER, 8, HUBEI), Caller(Kind.STAFF, 7)):
        with pytest.raises(Forbidden):
            commands.end_sessions_of(stranger, of=NEIGHBOUR)

    assert Session.objects.get().ended_at is None
    assert commands.end_sessions_of(SYSTEM, of=NEIGHBOUR) == 1


def test_the_system_and_nobody_have_no_sessions() -> None:
    for caller in (SYSTEM, NOBODY):
        with pytest.raises(Forbidden):
            commands.open_session(caller)


def test_ended_and_expired_sessions_are_dropped_a_day_later(clock_at: ClockAt) -> None:
    clock_at("2026-11-01T12:00:00+00:00")
    ended, _, going_on = (commands.open_session(NEIGHBOUR) for _ in range(3))
    commands.end_session(ended.refresh)
    clock_at("2026-11-30T12:00:00+00:00")
    commands.refresh_session(going_on.refresh)
    clock_at("2026-12-02T13:00:00+00:00")

    assert drop_spent() == 2

    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_devices_that_use_one_token_at_once_only_one_goes_on() -> None:
    token = commands.open_session(NEIGHBOUR).refresh

    def use(_: int) -> OpenSession | None:
        try:
            return commands.refresh_session(token)
        except SignInNeeded:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(use, range(2)))

    assert sum(answer is not None for answer in answers) == 1


def test_a_device_is_known_by_a_digest_and_only_to_whoever_agreed() -> None:
    asked, silent = make.members(2)
    make.on_device("made-up", asked)
    commands.open_session(silent, device="made-up")
    commands.open_session(Caller(Kind.LEADER, 7, HUBEI), device="made-up")

    (digest,) = queries.devices_around(HUBEI, [asked.id, silent.id])[asked.id]
    assert (len(digest), "made-up" in digest) == (64, False)
    assert sorted(Session.objects.values_list("device", flat=True)) == ["", "", digest]
    assert queries.export_member(asked, HUBEI, asked.id).devices == (digest,)


def test_a_session_learns_its_device_when_it_goes_on() -> None:
    member = make.member()
    session = commands.open_session(member)
    commands.record_consent(member, province_id=HUBEI, member_id=member.id, item=PRIVACY, version=NOTICE_VERSION)

    commands.refresh_session(commands.refresh_session(session.refresh, device="one").refresh, device="another")

    make.on_device("one", other := make.member())
    assert queries.devices_around(HUBEI, [member.id]).keys() == {member.id, other.id}


def test_those_around_are_of_the_province_and_share_a_device() -> None:
    lin, neighbour, stranger = make.members(3)
    elsewhere = make.member(ANHUI)
    make.on_device("tablet", lin, neighbour, elsewhere)
    make.on_device("own", lin)
    make.on_device("other", stranger)

    around = queries.devices_around(HUBEI, [lin.id])

    assert around.keys() == {lin.id, neighbour.id}
    assert len(around[lin.id]) == 2
    # The last one in front.
    assert around[lin.id][1:] == around[neighbour.id]


def test_forgetting_a_member_takes_their_devices_along() -> None:
    lin = make.member()
    make.on_device("tablet", lin)

    commands.forget_member(lin, province_id=HUBEI, member_id=lin.id)

    assert queries.devices_around(HUBEI, [lin.id]) == {}
    assert set(Session.objects.values_list("device", flat=True)) == {""}
