"""The tickets of a draw, from what its run heard: the same for whoever drew one and for whoever checks it later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from .engine.draws import number_of, prize_of, ticket_name, winners
from .engine.facts import Fact, Person, Run, Tally
from .engine.interpreter import Play, count
from .engine.progress import Draw
from .models import Heard
from .playbook import play_of
from .types import CampaignView, Ticket


def ticket_of(campaign: CampaignView, run_id: int, fact: Fact) -> str:
    """The ticket that a fact, the last one of its unit, drew at once; empty where it made none."""
    progress = campaign.definition.progress
    if not isinstance(progress, Draw) or progress.when != "at_once":
        return ""
    rows = Heard.objects.filter(province_id=campaign.province_id, run_id=run_id, unit=fact.unit)
    bodies = rows.filter(is_withdrawn=False).order_by("id").values_list("body", flat=True)
    facts = [msgspec.convert(body, Fact) for body in bodies]
    made = list(_made(play_of(campaign), Run(id=run_id), facts))
    return made[-1][0] if made and made[-1][1].id == fact.id else ""


def tickets(campaign: CampaignView, run: Run, facts: Iterable[Fact]) -> tuple[Ticket, ...]:
    """All tickets in the order in which they were earned, with what the run's seed made of them."""
    progress = campaign.definition.progress
    if not isinstance(progress, Draw):
        return ()
    play = play_of(campaign)
    if progress.when == "at_once":
        return tuple(_at_once(play, progress, run, facts))
    names = {name: fact.unit for name, fact in _made(play, run, facts)}
    won = {}
    if len(names) >= progress.least:
        won = winners(run.seed, names, progress.prizes, names if progress.one_each else None)
    return tuple(Ticket(name, unit, prize=won.get(name)) for name, unit in names.items())


def _at_once(play: Play, progress: Draw, run: Run, facts: Iterable[Fact]) -> Iterator[Ticket]:
    left = list(play.way.left())
    for name, fact in _made(play, run, facts):
        number = number_of(run.seed, name)
        prize = prize_of(number, progress.prizes, left)
        if prize is not None and progress.prizes[prize].stock is not None:
            left[prize] -= 1
        yield Ticket(name, fact.unit, number, prize)


def _made(play: Play, run: Run, facts: Iterable[Fact]) -> Iterator[tuple[str, Fact]]:
    """Each ticket with the fact that earned it; of draws at the end they are named without a nonce."""
    progress = play.definition.progress
    assert isinstance(progress, Draw)
    bare = play.run(run.id)
    tallies: dict[int, Tally] = {}
    persons: dict[tuple[int, int], Person] = {}
    for fact in facts:
        key = (play.unit_of_record(fact), fact.member)
        before = tallies.get(fact.unit) or Tally(fact.unit)
        step = count(play, bare, before, persons.get(key) or Person(fact.member, key[0]), fact)
        bare, tallies[fact.unit], persons[key] = step.run, step.tally, step.person
        nonce = fact.nonce if progress.when == "at_once" else ""
        for number in range(before.tickets, step.tally.tickets):
            yield ticket_name(run.id, fact.unit, number, nonce), fact
