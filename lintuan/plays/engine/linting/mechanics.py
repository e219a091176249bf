"""What a play asks of those it is shown to, in the words of the channels, and where that is written."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lintuan.plays.engine.definition import Counting, Definition
from lintuan.plays.engine.progress import Collect, Draw, Fall, Haggle
from lintuan.plays.engine.rewards import Goods, Rebate
from lintuan.sharing.types import Mechanic

#: The lawful play of the catalogue that stands in for a mechanic.
REWRITES: Mapping[Mechanic, str] = MappingProxyType(
    {
        Mechanic.CUT: "counter-help",
        Mechanic.HELP: "counter-help",
        Mechanic.HELP_DRAW: "lucky-wheel",
        Mechanic.BEG: "vegetable-album",
        Mechanic.LOTTERY_GROUP: "neighbours-group",
        Mechanic.CHECK_IN: "on-time-streak",
    }
)


def mechanics_of(play: Definition) -> Mapping[Mechanic, str]:
    """The mechanics of a play, each with its place."""
    found: dict[Mechanic, str] = {}
    for index, counting in enumerate(play.counts):
        mechanic = _of_counting(play, counting)
        if mechanic is not None:
            found.setdefault(mechanic, f"counts[{index}].fact")
    if is_lottery_group(play):
        found[Mechanic.LOTTERY_GROUP] = "progress"
    elif _is_group(play):
        found[Mechanic.GROUP] = "participants.reach"
    return found


def is_lottery_group(play: Definition) -> bool:
    """Whether many pay and a draw says who gets the goods: in a buyer's group, or with refunds for all others."""
    if not isinstance(play.progress, Draw) or all(one.fact != "paid" for one in play.counts):
        return False
    refunded = {one.level for one in play.rewards if isinstance(one, Rebate) and one.share_bps == 10_000}
    with_goods = {one.level for one in play.rewards if isinstance(one, Goods)}
    return _is_group(play) or bool(refunded and with_goods - refunded)


def _is_group(play: Definition) -> bool:
    others_pay = any(one.fact == "paid" and one.by != "opener" for one in play.counts)
    return play.trigger.kind == "buyer" and others_pay and play.participants.seats != 1


def _of_counting(play: Definition, counting: Counting) -> Mechanic | None:
    match counting.fact:
        case "helped":
            return _of_help(play)
        case "joined" | "voted" | "watered" | "answered" | "played" | "walked" if _gains_by_others(play, counting):
            return _of_help(play)
        case "arrived":
            return Mechanic.INVITATION
        case "checked_in":
            return Mechanic.CHECK_IN
        case _:
            return None


def _gains_by_others(play: Definition, counting: Counting) -> bool:
    """Help under another name: others do what costs nothing, and whoever opened it gains."""
    opened = play.trigger.kind == "buyer" and play.participants.seats != 1 and counting.by != "opener"
    return opened and any(one.to in {"opener", "both"} for one in play.rewards)


def _of_help(play: Definition) -> Mechanic:
    match play.progress:
        case Fall() | Haggle():
            return Mechanic.CUT
        case Collect():
            return Mechanic.BEG
        case Draw():
            return Mechanic.HELP_DRAW
        case _:
            return Mechanic.HELP
