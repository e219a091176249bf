"""One member's orders break a constraint of the database, in the midst of everybody else's, which are not harmed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from .arena import Arena, Outcome
from .asking import prove
from .site import Site

POISONED = 0
WAVES = 4
#: A row that no constraint allows, and a row that the database itself stumbles over.
POISONS = {
    "constraint": (
        "ALTER TABLE ordering_order ADD CONSTRAINT torture_poison CHECK (member_id <> {member}) NOT VALID",
        "ALTER TABLE ordering_order DROP CONSTRAINT torture_poison",
    ),
    "trigger": (
        "CREATE FUNCTION torture_poison() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.member_id = {member} THEN RAISE EXCEPTION 'poison'; END IF; RETURN NEW; END $$;"
        " CREATE TRIGGER torture_poison BEFORE INSERT ON ordering_order"
        " FOR EACH ROW EXECUTE FUNCTION torture_poison()",
        "DROP FUNCTION torture_poison CASCADE",
    ),
}


@contextmanager
def poison(site: Site, member_id: int, kind: str) -> Iterator[None]:
    """What this member orders meanwhile cannot be stored."""
    give, take = POISONS[kind]
    with site.connect() as connection:
        connection.execute(give.format(member=member_id))  # type: ignore[arg-type]
        try:
            yield
        finally:
            connection.execute(take)  # type: ignore[arg-type]


async def one_in_many(arena: Arena, kind: str) -> Outcome:
    """Everybody orders at the same moment, several times over."""
    outcome, crowd, since = Outcome(f"poison by {kind}"), arena.crowd, len(arena.notes.wishes)
    await arena.restock()
    first = await crowd.settle(crowd.wish(POISONED))
    (member_id,) = arena.site.rows("SELECT member_id FROM ordering_order WHERE number = %s", first.order["number"])[0]
    with poison(arena.site, member_id, kind):
        for _ in range(WAVES):
            wishes = [crowd.wish(member) for member in crowd.everybody]
            await asyncio.gather(*map(crowd.ask, wishes))
            for wish in wishes:
                answer, is_poisoned = wish.answers[0], wish.member == POISONED
                if is_poisoned:
                    outcome.demand(answer.status >= 500 and answer.is_problem, f"the poisoned one: {wish}")
                else:
                    outcome.demand(answer.status in (201, 409), f"a neighbour of the poisoned one: {wish}")
    mine = arena.notes.since(since)
    outcome.figures |= {"placed": mine.placed} | mine.statuses()
    await prove(arena, outcome, since)
    return outcome
