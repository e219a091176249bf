"""Neighbours by the thousand: entered by staff, each with a token signed with the site's own key instead of a code.

python -m tests.journeys.torture.multitude    reads {"ids", "expires_at"} and prints the tokens, as JSON
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from lintuan.kernel import tokens
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.ids import read_public_id
from tests.journeys.phones import fresh_numbers
from tests.journeys.province import PROVINCE

from .arena import Arena
from .waiting import insist

PEOPLE = 1000
AT_ONCE = 500
TOKEN_LIFE = timedelta(hours=24)


async def bring(arena: Arena) -> range:
    """The places of the multitude among the crowd's tokens, behind those who signed in themselves."""
    crowd = arena.crowd
    while len(crowd.others) < PEOPLE:
        crowd.others += await _enter(arena, list(itertools.islice(fresh_numbers, AT_ONCE)))
    expires_at = await insist(arena.site.town.now) + TOKEN_LIFE
    crowd.tokens = crowd.tokens[: len(crowd.numbers)] + await asyncio.to_thread(
        _signed, arena, crowd.others, expires_at
    )
    return range(len(crowd.numbers), len(crowd.tokens))


async def _enter(arena: Arena, numbers: Sequence[str]) -> list[int]:
    wish = {"province_id": PROVINCE, "people": [{"phone": number, "name": "邻居"} for number in numbers]}
    entered = await insist(arena.site.town.staff.post, "/members/import", wish)
    return [read_public_id("member", entered["ids"][number])[1] for number in numbers]


def _signed(arena: Arena, ids: Sequence[int], expires_at: datetime) -> list[str]:
    """By a process of its own: the site's key is not this one's."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lintuan.config.settings",
        "LINTUAN_SECRET_KEY": (arena.site.house.state / "secret").read_text(),
    }
    wish = json.dumps({"ids": list(ids), "expires_at": expires_at.isoformat()})
    signing = subprocess.run(
        [sys.executable, "-m", __name__],
        cwd=Path(__file__).parents[3],
        env=environment,
        input=wish,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    signed: list[str] = json.loads(signing.stdout)
    return signed


def main() -> None:
    wish = json.load(sys.stdin)
    expires_at = datetime.fromisoformat(wish["expires_at"])
    callers = [Caller(Kind.MEMBER, member_id, PROVINCE) for member_id in wish["ids"]]
    json.dump([tokens.sign(caller, expires_at=expires_at) for caller in callers], sys.stdout)


if __name__ == "__main__":
    main()
