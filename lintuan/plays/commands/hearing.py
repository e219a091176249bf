"""What happened elsewhere, brought to the runs that count it: once each, and taken back when it is not so any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.plays.engine import facts
from lintuan.plays.engine.facts import Fact, Full, Given, Levelled, Taken
from lintuan.plays.engine.interpreter import count, settle, uncount
from lintuan.plays.models import Grant, Side
from lintuan.plays.playbook import campaigns as campaigns_by_id
from lintuan.plays.playbook import live_campaigns
from lintuan.plays.types import CampaignView, GrantState, Happening, RunState
from lintuan.provinces.queries import province

from . import earning
from .columns import TEXTS, numbers, texts
from .ending import finish
from .granting import Change, carry_out, moment_of
from .matching import Heard, match
from .rounds import Round, lock_rounds, read_all, read_units, write_rounds


@command
def hear(caller: Caller, *, province_id: int, happenings: tuple[Happening, ...], key: str | None = None) -> int:
    """Let everything that runs there hear what happened, each only once; answers how many facts counted."""
    caller.require_kind(Kind.SYSTEM)
    return len(hear_among(province_id, happenings, live_campaigns(province_id)))


@command
def withdraw(caller: Caller, *, province_id: int, order_ids: tuple[int, ...], key: str | None = None) -> int:
    """What these orders counted is not so any more: it is as if it had never been. Answers how many facts went."""
    caller.require_kind(Kind.SYSTEM)
    return withdraw_where(province_id, "order_id = ANY(%s)", [sorted(order_ids)])


@command
def correct(caller: Caller, *, province_id: int, happenings: tuple[Happening, ...], key: str | None = None) -> int:
    """Let orders of which a part went back count as what they are now, where it is not decided yet."""
    caller.require_kind(Kind.SYSTEM)
    gone = withdraw_where(
        province_id,
        "key = ANY(%s) AND run_id IN (SELECT id FROM plays_run WHERE province_id = %s AND state = 'open')",
        [[one.key for one in happenings], province_id],
    )
    if gone:
        hear_among(province_id, happenings, live_campaigns(province_id))
    return gone


def hear_among(
    province_id: int, happenings: Sequence[Happening], campaigns: Mapping[int, CampaignView]
) -> list[tuple[Heard, list[Grant]]]:
    """The facts that counted, each with the grants that followed from it; prices earned alone are paid back at once."""
    rounds, counted = count_among(province_id, happenings, campaigns)
    earning.pay_at_once(province_id, rounds, [grant for _, grants in counted for grant in grants])
    return counted


def count_among(
    province_id: int, happenings: Sequence[Happening], campaigns: Mapping[int, CampaignView]
) -> tuple[dict[int, Round], list[tuple[Heard, list[Grant]]]]:
    """The same, with no price paid back: an order that is being placed takes its own off itself."""
    zone = province(province_id).zone
    heard = match(province_id, zone, happenings, campaigns) if campaigns else []
    if not heard:
        return {}, []
    rounds = lock_rounds(province_id, {one.run_id for one in heard}, campaigns)
    fresh = _write_heard(province_id, [one for one in heard if _is_open(rounds[one.run_id], one)])
    read_units(rounds, [(one.run_id, one.fact) for one in fresh])
    counted, changes = _count(rounds, fresh)
    write_rounds(rounds.values())
    grants = carry_out(province_id, changes, moment_of(province_id))
    _take_sides(rounds, counted)
    for game in rounds.values():
        if game.is_full and game.state is RunState.OPEN:
            finish(game)
    by_unit: dict[tuple[int, int], list[Grant]] = defaultdict(list)
    for grant in grants:
        by_unit[grant.run_id, grant.unit].append(grant)
    return rounds, [(one, by_unit.pop((one.run_id, one.fact.unit), [])) for one in counted]


def _is_open(game: Round, heard: Heard) -> bool:
    ended = game.ends_at is not None and heard.happening.at >= game.ends_at
    return game.state is RunState.OPEN and not ended


def _write_heard(province_id: int, heard: Sequence[Heard]) -> list[Heard]:
    """Those that their runs have not heard before, in their order."""
    if not heard:
        return []
    by_key: dict[tuple[int, str], Heard] = {}
    for one in heard:
        by_key.setdefault((one.run_id, one.fact.id), one)
    with connection.cursor() as cursor:
        # What was withdrawn and is true again counts from now on, behind what was heard meanwhile.
        cursor.execute(
            f"DELETE FROM plays_heard AS h USING unnest(%s::bigint[], {TEXTS}) AS w (run_id, key)"
            " WHERE h.province_id = %s AND h.run_id = w.run_id AND h.key = w.key AND h.is_withdrawn",
            [numbers(run_id for run_id, _ in by_key), texts(key for _, key in by_key), province_id],
        )
        cursor.execute(
            "INSERT INTO plays_heard (province_id, run_id, key, unit, member_id, order_id, body, is_withdrawn)"
            " SELECT %s, w.run_id, w.key, w.unit, w.member_id, w.order_id, w.body::jsonb, false"
            f" FROM unnest(%s::bigint[], {TEXTS}, %s::bigint[], %s::bigint[], %s::bigint[], {TEXTS})"
            " AS w (run_id, key, unit, member_id, order_id, body)"
            " ON CONFLICT (province_id, run_id, key) DO NOTHING RETURNING run_id, key",
            [
                province_id,
                numbers(run_id for run_id, _ in by_key),
                texts(key for _, key in by_key),
                numbers(one.fact.unit for one in by_key.values()),
                numbers(one.fact.member for one in by_key.values()),
                numbers(one.happening.order_id for one in by_key.values()),
                texts(msgspec.json.encode(one.fact).decode() for one in by_key.values()),
            ],
        )
        new = {(run_id, key) for run_id, key in cursor.fetchall()}
    return [one for one in heard if (one.run_id, one.fact.id) in new and by_key[one.run_id, one.fact.id] is one]


def _count(rounds: Mapping[int, Round], heard: Iterable[Heard]) -> tuple[list[Heard], list[Change]]:
    counted, changes = [], []
    for one in heard:
        game, fact = rounds[one.run_id], one.fact
        before = game.tally(fact.unit)
        step = count(game.play, game.run, before, game.person(fact), fact)
        if step.tally is before:
            continue
        counted.append(one)
        changes += kept(game, step)
    return counted, changes


def kept(game: Round, step: facts.Step) -> list[Change]:
    """Keep what a step changed; where the whole run reached another level, all its units are settled."""
    game.keep(step)
    game.is_full = game.is_full or any(isinstance(effect, Full) for effect in step.effects)
    effects = list(step.effects)
    if any(isinstance(effect, Levelled) for effect in step.effects):
        read_all(game)
        for unit, tally in sorted(game.tallies.items()):
            if unit != step.tally.unit:
                settled, more = settle(game.play, game.run, tally)
                game.keep_tally(settled)
                effects += more
        effects += _openers_share(game, step.tally.unit)
    return [(game, effect) for effect in effects if isinstance(effect, Given | Taken)]


def _openers_share(game: Round, but: int) -> Sequence[facts.Effect]:
    """An opener has a share before they count anything themselves."""
    opener = game.opener_id
    if not opener or opener == but or opener in game.tallies:
        return ()
    settled, effects = settle(game.play, game.run, game.tally(opener))
    if effects:
        game.keep_tally(settled)
    return effects


def _take_sides(rounds: Mapping[int, Round], counted: Iterable[Heard]) -> None:
    """Whoever arrived through somebody plays for them from now on."""
    for one in counted:
        if one.fact.kind == "arrived" and one.fact.unit != one.fact.member:
            stand_by(rounds[one.run_id].campaign, one.fact.member, one.fact.unit)


def stand_by(campaign: CampaignView, member_id: int, unit: int) -> None:
    """Let a member play for somebody in a campaign, unless they play for another already."""
    Side.objects.get_or_create(
        province_id=campaign.province_id,
        campaign_id=campaign.id,
        member_id=member_id,
        defaults={"unit": unit, "label": ""},
    )


def withdraw_where(province_id: int, condition: str, values: Sequence[Any]) -> int:
    """Withdraw the facts that fulfil a condition on `plays_heard`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT run_id FROM plays_heard WHERE province_id = %s AND NOT is_withdrawn AND {condition}",
            [province_id, *values],
        )
        run_ids = [run_id for (run_id,) in cursor.fetchall()]
    if not run_ids:
        return 0
    rounds = lock_rounds(province_id, run_ids, _campaigns_of(province_id, run_ids))
    gone = _mark_withdrawn(province_id, condition, values)
    read_units(rounds, gone)
    changes = [change for run_id, fact in gone for change in _uncount(rounds[run_id], fact)]
    write_rounds(rounds.values())
    carry_out(province_id, changes, moment_of(province_id))
    return len(gone)


def _campaigns_of(province_id: int, run_ids: Collection[int]) -> dict[int, CampaignView]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT campaign_id FROM plays_run WHERE province_id = %s AND id = ANY(%s)",
            [province_id, list(run_ids)],
        )
        return campaigns_by_id(province_id, {campaign_id for (campaign_id,) in cursor.fetchall()})


def _mark_withdrawn(province_id: int, condition: str, values: Sequence[Any]) -> list[tuple[int, Fact]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE plays_heard SET is_withdrawn = true WHERE province_id = %s AND NOT is_withdrawn"
            f" AND {condition} RETURNING id, run_id, body::text",
            [province_id, *values],
        )
        rows = sorted(cursor.fetchall())
    return [(run_id, msgspec.json.decode(body, type=Fact)) for _, run_id, body in rows]


def _uncount(game: Round, gone: Fact) -> list[Change]:
    """By all other facts of the unit, and where members have one record for the whole run by all of theirs."""
    of_members = (
        " OR member_id IN (SELECT o.member_id FROM plays_heard AS o"
        " WHERE o.province_id = %s AND o.run_id = %s AND o.unit = %s)"
    )
    is_once = game.play.is_once_over_run
    place = [game.province_id, game.id, gone.unit]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT body::text FROM plays_heard WHERE province_id = %s AND run_id = %s AND (unit = %s"
            f"{of_members if is_once else ''}) AND NOT is_withdrawn ORDER BY id",
            place * 2 if is_once else place,
        )
        others = [msgspec.json.decode(body, type=Fact) for (body,) in cursor.fetchall()]
    return kept(game, uncount(game.play, game.run, game.tally(gone.unit), others, gone))


@command
def lapse(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Let go of rewards whose time is over, and of what their budgets kept for them."""
    caller.require_kind(Kind.SYSTEM)
    moment = moment_of(province_id)
    rows = Grant.objects.filter(province_id=province_id, state=GrantState.GIVEN.value, expires_on__lt=moment.on)
    return earning.lapse(province_id, list(rows.select_for_update(skip_locked=True).order_by("id")[:1000]))
