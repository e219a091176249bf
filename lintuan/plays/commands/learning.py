"""What plays teach: a belief each night, and offers to leaders by it, logged whole before anybody sees them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import msgspec
from django.db import connection

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.plays import arms, offers, outcomes
from lintuan.plays.data import learning_rules
from lintuan.plays.engine.learning import believing
from lintuan.plays.engine.learning.guarding import breaches
from lintuan.plays.engine.learning.offering import Choice
from lintuan.plays.events import CampaignStarted
from lintuan.plays.models import Belief, Offering
from lintuan.plays.outcomes import choices_of, groups, local_day
from lintuan.plays.playbook import definitions

_HARM = """
INSERT INTO plays_harmcount (province_id, campaign_id, guard, order_id)
SELECT DISTINCT h.province_id, r.campaign_id, %s, h.order_id
FROM plays_heard AS h JOIN plays_run AS r ON r.province_id = h.province_id AND r.id = h.run_id
WHERE h.province_id = %s AND h.order_id = ANY(%s) AND h.order_id > 0
ON CONFLICT (province_id, campaign_id, guard, order_id) DO NOTHING
"""


@command
def learn(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Believe anew what plays bring, by all that came of them; once a local day. Answers the belief's number."""
    caller.require_kind(Kind.SYSTEM)
    now = clock.now()
    today, rules = local_day(province_id, now), learning_rules()
    known = Belief.objects.filter(province_id=province_id, on_day=today).first()
    if known is not None:
        return known.id
    since = now - timedelta(days=rules.window_days)
    in_trials = arms.forms_in_trials(province_id)
    plays = [code for code in offers.offerable(definitions(province_id)) if code not in in_trials]
    cells = believing.cells(outcomes.gains(province_id, since, now))
    spread = believing.fit(cells, rules.group_types, plays, rules.spread)
    refused = breaches(outcomes.harms(province_id, since), rules.guards)
    row = Belief(
        province_id=province_id,
        on_day=today,
        cells=msgspec.to_builtins(cells),
        spread=msgspec.to_builtins(spread),
        taste=msgspec.to_builtins(rules.taste),
        plays=plays,
        refused=msgspec.to_builtins(refused),
        learnt_at=now,
    )
    Belief.objects.bulk_create([row], ignore_conflicts=True)
    return Belief.objects.get(province_id=province_id, on_day=today).id


@command
def recommend(
    caller: Caller, *, province_id: int, leader_id: int, on: date | None = None, key: str | None = None
) -> tuple[Choice, ...]:
    """What a leader is offered on a local day, the first choice in front; the same however often it is asked."""
    caller.require_kind(Kind.SYSTEM)
    on = on or local_day(province_id, clock.now())
    _offer(province_id, {leader_id}, on)
    row = Offering.objects.filter(province_id=province_id, leader_id=leader_id, on_day=on).first()
    return choices_of(row) if row else ()


@command
def offer_all(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Offer today's plays to each leader who has an open point and no offer yet; answers how many."""
    caller.require_kind(Kind.SYSTEM)
    return _offer(province_id, groups(province_id).keys(), local_day(province_id, clock.now()))


def _offer(province_id: int, leader_ids: Collection[int], on: date) -> int:
    known = Offering.objects.filter(province_id=province_id, leader_id__in=leader_ids, on_day=on)
    missing = set(leader_ids) - set(known.values_list("leader_id", flat=True))
    belief = Belief.objects.filter(province_id=province_id, on_day__lte=on).order_by("-on_day").first()
    chosen = offers.offers_of(belief, on) if belief and missing else None
    if belief is None or chosen is None:
        return 0
    present, recent = groups(province_id), offers.recent(province_id, missing, on)
    rows = [
        Offering(
            province_id=province_id,
            leader_id=leader_id,
            on_day=on,
            belief_id=belief.id,
            members=present[leader_id].members,
            shown={
                **msgspec.to_builtins(offers.shown_to(chosen, present[leader_id], recent.get(leader_id, []))),
                "recent": recent.get(leader_id, []),
            },
        )
        for leader_id in sorted(missing & present.keys())
    ]
    Offering.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@command
def note_harm(
    caller: Caller, *, province_id: int, guard: str, order_ids: tuple[int, ...], key: str | None = None
) -> int:
    """Count orders that somebody complained of (`guard` claims) against the plays that heard them, each once."""
    caller.require_kind(Kind.SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute(_HARM, [guard, province_id, list(order_ids)])
        return int(cursor.rowcount)


def take_up(started: CampaignStarted, on: date) -> None:
    """Note the first play that a leader started of what they were offered that day."""
    row = (
        Offering.objects.select_for_update()
        .filter(province_id=started.province_id, leader_id=started.leader_id, on_day=on, campaign_id=0)
        .first()
    )
    if row is not None and started.code in {one.play for one in choices_of(row)}:
        row.campaign_id = started.campaign_id
        row.save(update_fields=["campaign_id"])
