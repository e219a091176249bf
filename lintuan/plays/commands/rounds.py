"""Runs in hand: locked in the order of their ids, with what was read of them, written back at once."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from msgspec.structs import replace

from lintuan.plays.engine import facts
from lintuan.plays.engine.facts import Fact, Person, Tally
from lintuan.plays.engine.interpreter import Play
from lintuan.plays.models import Run
from lintuan.plays.papers import LETTERS
from lintuan.plays.playbook import play_of
from lintuan.plays.rules import Period, minute_at
from lintuan.plays.types import CampaignView, RunState
from lintuan.provinces.queries import province

from .columns import TEXTS, numbers, texts

CODE_LENGTH = 8
SEED_BYTES = 32


@dataclass(slots=True, eq=False)
class Round:
    """A run that this transaction holds."""

    campaign: CampaignView
    play: Play
    id: int
    scope: int
    opener_id: int
    ends_at: datetime | None
    state: RunState
    run: facts.Run
    tallies: dict[int, Tally] = field(default_factory=dict)
    persons: dict[tuple[int, int], Person] = field(default_factory=dict)
    changed_units: set[int] = field(default_factory=set)
    changed_persons: set[tuple[int, int]] = field(default_factory=set)
    is_changed: bool = False
    is_full: bool = False

    @property
    def province_id(self) -> int:
        return self.campaign.province_id

    def tally(self, unit: int) -> Tally:
        return self.tallies.get(unit) or Tally(unit, is_opener=unit == self.opener_id != 0)

    def person(self, fact: Fact) -> Person:
        unit = self.play.unit_of_record(fact)
        return self.persons.get((unit, fact.member)) or Person(fact.member, unit)

    def keep(self, step: facts.Step) -> None:
        """What one fact changed."""
        self.keep_run(step.run)
        self.keep_tally(step.tally)
        key = (step.person.unit, step.person.member)
        if self.persons.get(key) != step.person:
            self.persons[key] = step.person
            self.changed_persons.add(key)

    def keep_run(self, run: facts.Run) -> None:
        if run is not self.run:
            self.run, self.is_changed = run, True

    def keep_tally(self, tally: Tally) -> None:
        if self.tallies.get(tally.unit) is not tally:
            self.tallies[tally.unit] = tally
            self.changed_units.add(tally.unit)


#: A campaign, what of it the run is of, and when it begins.
Beginning = tuple[int, int, datetime]


def open_rounds(province_id: int, wanted: Mapping[Beginning, tuple[CampaignView, Period]]) -> dict[Beginning, int]:
    """The ids of these runs, made where they are missing."""
    found = _find(province_id, wanted)
    missing = {key: wanted[key] for key in wanted if key not in found}
    if missing:
        Run.objects.bulk_create(
            [_fresh(campaign, scope, period) for (_, scope, _), (campaign, period) in sorted(missing.items())],
            ignore_conflicts=True,
        )
        found |= _find(province_id, missing)
    return found


def _find(province_id: int, wanted: Iterable[Beginning]) -> dict[Beginning, int]:
    keys = list(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.campaign_id, r.scope, r.begins_at, r.id"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS w (campaign_id, scope, begins_at)"
            " JOIN plays_run AS r ON r.province_id = %s AND r.campaign_id = w.campaign_id AND r.scope = w.scope"
            " AND r.opener_id = 0 AND r.begins_at = w.begins_at",
            [
                [campaign_id for campaign_id, _, _ in keys],
                [scope for _, scope, _ in keys],
                [begins_at for _, _, begins_at in keys],
                province_id,
            ],
        )
        return {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}


def _fresh(campaign: CampaignView, scope: int, period: Period) -> Run:
    return new_run(campaign, scope, period.begins_at, period.ends_at)


def new_run(
    campaign: CampaignView, scope: int, begins_at: datetime, ends_at: datetime | None, *, opener_id: int = 0
) -> Run:
    """A row nobody has counted anything in; its seed is drawn before anybody can."""
    play, began = play_of(campaign), minute_at(begins_at, province(campaign.province_id).zone)
    return Run(
        province_id=campaign.province_id,
        campaign_id=campaign.id,
        scope=scope,
        opener_id=opener_id,
        begins_at=begins_at,
        ends_at=ends_at,
        code="".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)),
        seed=secrets.token_bytes(SEED_BYTES),
        body=msgspec.to_builtins(play.run(began=began, answer=campaign.content.answer)),
    )


def lock_rounds(province_id: int, run_ids: Collection[int], campaigns: Mapping[int, CampaignView]) -> dict[int, Round]:
    """These runs by their ids, locked in that order; those of campaigns that are not among these are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, campaign_id, scope, opener_id, ends_at, state, seed, body::text FROM plays_run"
            " WHERE province_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
            [province_id, sorted(run_ids)],
        )
        rows = cursor.fetchall()
    return {row[0]: _round(campaigns[row[1]], row) for row in rows if row[1] in campaigns}


def _round(campaign: CampaignView, row: Sequence[Any]) -> Round:
    run_id, _, scope, opener_id, ends_at, state, seed, body = row
    run = replace(msgspec.json.decode(body, type=facts.Run), id=run_id, seed=bytes(seed))
    return Round(campaign, play_of(campaign), run_id, scope, opener_id, ends_at, RunState(state), run)


def read_units(rounds: Mapping[int, Round], heard: Collection[tuple[int, Fact]]) -> None:
    """What the members and units of these facts, each with its run, have counted so far."""
    if not heard:
        return
    province_id = next(iter(rounds.values())).province_id
    units = {(run_id, fact.unit) for run_id, fact in heard}
    keys = {(run_id, rounds[run_id].play.unit_of_record(fact), fact.member) for run_id, fact in heard}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.run_id, t.body::text FROM unnest(%s::bigint[], %s::bigint[]) AS w (run_id, unit)"
            " JOIN plays_tally AS t ON t.province_id = %s AND t.run_id = w.run_id AND t.unit = w.unit",
            [[run_id for run_id, _ in units], [unit for _, unit in units], province_id],
        )
        for run_id, body in cursor.fetchall():
            tally = msgspec.json.decode(body, type=Tally)
            rounds[run_id].tallies.setdefault(tally.unit, tally)
        cursor.execute(
            "SELECT p.run_id, p.body::text FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])"
            " AS w (run_id, unit, member_id) JOIN plays_person AS p ON p.province_id = %s"
            " AND p.run_id = w.run_id AND p.unit = w.unit AND p.member_id = w.member_id",
            [*(list(column) for column in zip(*keys, strict=True)), province_id],
        )
        for run_id, body in cursor.fetchall():
            person = msgspec.json.decode(body, type=Person)
            rounds[run_id].persons.setdefault((person.unit, person.member), person)


def read_all(game: Round) -> None:
    """Every unit and member of a run; what this transaction changed stays as it is in hand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT body::text FROM plays_tally WHERE province_id = %s AND run_id = %s ORDER BY unit",
            [game.province_id, game.id],
        )
        for (body,) in cursor.fetchall():
            tally = msgspec.json.decode(body, type=Tally)
            game.tallies.setdefault(tally.unit, tally)
        cursor.execute(
            "SELECT body::text FROM plays_person WHERE province_id = %s AND run_id = %s ORDER BY member_id",
            [game.province_id, game.id],
        )
        for (body,) in cursor.fetchall():
            person = msgspec.json.decode(body, type=Person)
            game.persons.setdefault((person.unit, person.member), person)


def write_rounds(rounds: Iterable[Round]) -> None:
    """Write what changed: runs, units and members, each in one statement."""
    changed = [one for one in rounds if one.is_changed or one.changed_units or one.changed_persons]
    if not changed:
        return
    province_id = changed[0].province_id
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE plays_run AS r SET body = w.body::jsonb, state = w.state"
            f" FROM unnest(%s::bigint[], {TEXTS}, %s::text[]) AS w (id, body, state)"
            " WHERE r.province_id = %s AND r.id = w.id",
            [
                [one.id for one in changed],
                texts(_written(replace(one.run, id=0, seed=b"")) for one in changed),
                [one.state.value for one in changed],
                province_id,
            ],
        )
        units = [(one.id, unit, one.tallies[unit]) for one in changed for unit in sorted(one.changed_units)]
        cursor.execute(
            "INSERT INTO plays_tally (province_id, run_id, unit, body)"
            " SELECT %s, w.run_id, w.unit, w.body::jsonb"
            f" FROM unnest(%s::bigint[], %s::bigint[], {TEXTS}) AS w (run_id, unit, body)"
            " ON CONFLICT (province_id, run_id, unit) DO UPDATE SET body = excluded.body",
            [province_id, *_columns(units)],
        )
        persons = [(one.id, *key, one.persons[key]) for one in changed for key in sorted(one.changed_persons)]
        cursor.execute(
            "INSERT INTO plays_person (province_id, run_id, unit, member_id, body)"
            " SELECT %s, w.run_id, w.unit, w.member_id, w.body::jsonb"
            f" FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], {TEXTS})"
            " AS w (run_id, unit, member_id, body)"
            " ON CONFLICT (province_id, run_id, unit, member_id) DO UPDATE SET body = excluded.body",
            [province_id, *_columns(persons, 4)],
        )
    for one in changed:
        one.changed_units.clear()
        one.changed_persons.clear()
        one.is_changed = False


def _columns(rows: Sequence[tuple[Any, ...]], width: int = 3) -> list[str]:
    """The columns of rows whose last part is written as JSON."""
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
    *keys, bodies = columns
    return [*map(numbers, keys), texts(map(_written, bodies))]


def _written(body: object) -> str:
    return msgspec.json.encode(body).decode()
