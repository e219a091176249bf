"""The plays that ship: which are in order, which start where, which are told in words; and how fast they count.

Nothing here needs a database.
"""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from lintuan.kernel.money import Money
from lintuan.plays import catalogue
from lintuan.plays.engine.board import Board
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.facts import Fact
from lintuan.plays.engine.interpreter import Play
from lintuan.plays.engine.linter import lint
from lintuan.plays.engine.linting.verdict import GoodsPrice, Prices
from lintuan.plays.engine.progress import Collect
from lintuan.plays.engine.reading import read_toml
from lintuan.plays.engine.scenarios import differences, read_scenarios
from lintuan.plays.engine.soundness import faults
from lintuan.plays.engine.telling import Told, figures, fill, tell
from lintuan.plays.engine.values import Text
from lintuan.sharing.queries import channel_policy
from lintuan.sharing.types import Channel

FROZEN = Path(__file__).resolve().parent.parent / "tests" / "pages" / "frozen"
#: What a play is held against when it is about goods without saying which: bought for half of what they cost.
GOODS = Prices(goods=(GoodsPrice(goods="土豆", day=Money(1_000), cost=Money(500)),))

#: A stream: so many runs, each of so many events of so many members over a week; of a hundred events so many withdraw
#: an earlier one of the run. Units that are no members are so many.
RUNS, EVENTS, MEMBERS, UNITS, DAYS, WITHDRAWN = 40, 50, 40, 8, 7, 2
FIRST_DAY = date(2026, 6, 1).toordinal()
LATEST = 22 * 60
ANSWER = "50"

#: An ellipsis stands where nobody knew what to say.
_UNPASTABLE = re.compile(r"[{}…\x00-\x09\x0b-\x1f]")


def in_order() -> list[Definition]:
    """Those that can be read, are sound, and do what their scenarios say."""
    files = sorted(path for path in catalogue.HOME.glob("*.toml") if not path.name.endswith(".scenario.toml"))
    return [play for path in files if (play := _in_order(path)) is not None]


def _in_order(path: Path) -> Definition | None:
    try:
        play = read_toml(path.read_bytes())
        scenarios = read_scenarios(path.with_suffix(".scenario.toml").read_bytes())
    except (ValueError, OSError):
        return None
    is_told = bool(scenarios) and not any(differences(play, scenario) for scenario in scenarios)
    return play if is_told and not faults(play) else None


def startable(plays: Sequence[Definition], on: date) -> dict[str, set[str]]:
    """The codes of plays that the linter lets start that day, by channel."""
    verdicts = [lint(play, channels=channel_policy(), on=on, prices=GOODS) for play in plays]
    return {channel.value: {found.play for found in verdicts if found.may_start(channel)} for channel in Channel}


def has_text_form(play: Definition) -> bool:
    """Whether the words for a run of three can be pasted into a chat, in both languages: nothing is left open."""
    told = tell(play, Told(count=3))
    return all(_can_be_pasted(text) for text in (told.invite, told.progress, told.done))


def _can_be_pasted(text: Text) -> bool:
    return all(words.strip() and not _UNPASTABLE.search(words) for words in (text.zh, text.en))


def shown_by_frozen(plays: Sequence[Definition]) -> dict[str, dict[str, int]]:
    """By each client that people still have: how many of these plays it draws, and how many it tells in words."""
    return {folder.name: _shown(folder, plays) for folder in sorted(FROZEN.glob("h5-*"))}


def _shown(folder: Path, plays: Sequence[Definition]) -> dict[str, int]:
    script = b"".join(gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("*.js.gz")))
    drawn = [play for play in plays if re.search(rf'\b{play.skin.kind}["\':]'.encode(), script)]
    told = [play for play in plays if play not in drawn and has_text_form(play) and _can_be_pasted(_title(play))]
    return {"drawn": len(drawn), "told": len(told)}


def _title(play: Definition) -> Text:
    """As pages show it: a play's name where its title has a figure that nobody knows."""
    said = fill(play.skin.title, figures(play, Told(count=3)))
    return Text(zh=said.zh or play.name.zh, en=said.en or play.name.en)


def counted_per_s(play: Definition, rounds: int) -> float:
    """Events of its own stream that the engine takes in a second, on one core: the median of the rounds.

    The ends of the runs are events too.
    """
    ready, runs = Play(play), list(runs_of(play))
    return median(_rate(ready, runs) for _ in range(rounds))


def _rate(play: Play, runs: Sequence[Sequence[Fact | str]]) -> float:
    began = perf_counter()
    for number, events in enumerate(runs, 1):
        play_through(play, number, events)
    return RUNS * (EVENTS + 1) / (perf_counter() - began)


def play_through(play: Play, number: int, events: Iterable[Fact | str]) -> Board:
    """A whole run."""
    opener = 1 if play.definition.participants.reach == "opener" else 0
    board = Board(play, play.run(number, number.to_bytes(32), began=FIRST_DAY * 24 * 60), opener=opener)
    for event in events:
        if isinstance(event, str):
            board.withdraw(event)
        else:
            board.hear(event)
    board.end(ANSWER)
    return board


def runs_of(play: Definition) -> Iterator[list[Fact | str]]:
    """Facts that it counts, each kind as often as the others, and the ids of those that are withdrawn."""
    draw = random.Random(play.code)
    kinds = sorted({counting.fact for counting in play.counts})
    for _ in range(RUNS):
        told: list[str] = []
        events: list[Fact | str] = []
        for number in range(EVENTS):
            if told and draw.randrange(100) < WITHDRAWN:
                events.append(told.pop(draw.randrange(len(told))))
                continue
            on, minute = divmod(number * DAYS * LATEST // EVENTS, LATEST)
            told.append(f"fact:{number}")
            events.append(
                Fact(id=told[-1], kind=draw.choice(kinds), on=FIRST_DAY + on, minute=minute, **_by_somebody(play, draw))
            )
        yield events


def _by_somebody(play: Definition, draw: random.Random) -> dict[str, Any]:
    member, fen = draw.randint(1, MEMBERS), draw.randint(500, 6_000)
    return {
        "member": member,
        "unit": member if _counts_for_themselves(play) else member % UNITS + 1,
        "fen": fen,
        "units": draw.randint(1, 3),
        "points": draw.randint(1, 10),
        "of": _of(play, draw),
        "nonce": f"phone-{member}",
        "is_opener": play.participants.reach == "opener" and member == 1,
        "is_first_order": draw.random() < 0.1,
        "is_on_time": draw.random() < 0.9,
        "day_fen": fen * 10 // 9,
    }


def _counts_for_themselves(play: Definition) -> bool:
    return play.participants.unit == "member" and all(counting.by != "others" for counting in play.counts)


def _of(play: Definition, draw: random.Random) -> tuple[str, ...]:
    """One of the set that is collected; else any goods, which a guess is also among."""
    known = play.progress.of if isinstance(play.progress, Collect) else ()
    return (draw.choice(known or tuple(map(str, range(100)))),)
