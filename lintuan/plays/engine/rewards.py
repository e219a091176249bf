"""What a play gives: the R codes of the catalogue. Each names the level that it is for, and what it costs at most."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lintuan.kernel.money import Money

from .values import Bps, Code, Count, Fen, Part, Text

To = Annotated[
    Literal["unit", "opener", "others", "both"],
    Meta(description="`unit`: whose count it is; `others`: all units but the opener; `both`: the opener as well"),
]


class _For(Part, frozen=True, tag_field="kind"):
    level: Annotated[int, Meta(ge=0, description="of the progress, from 0; of a draw: the prize")] = 0
    to: To = "unit"


class Coupon(_For, frozen=True, tag="coupon"):
    """R1: off the next order."""

    off_fen: Fen
    over_fen: Annotated[int, Meta(ge=0)] = 0
    days: Count = 7


class Price(_For, frozen=True, tag="price"):
    """R1: a price of its own for what the run is about, in parts of the day's price."""

    price_bps: Bps
    most_fen: Annotated[Fen, Meta(description="what it saves one unit at most")]


class Rebate(_For, frozen=True, tag="rebate"):
    """R1, R2, R3: a part of the order comes back; all of it is 10,000 bps."""

    share_bps: Bps
    most_fen: Fen


class Cash(_For, frozen=True, tag="cash"):
    """R2: to the member's balance."""

    fen: Fen


class Goods(_For, frozen=True, tag="goods"):
    """R3: goods of that value, handed out with the next pickup."""

    sku: Code
    units: Count = 1
    worth_fen: Fen


class Points(_For, frozen=True, tag="points"):
    """R4: points; `worth_fen` is what one may be exchanged for at most."""

    points: Count
    worth_fen_per_100: Annotated[int, Meta(ge=0)] = 0


class Chance(_For, frozen=True, tag="chance"):
    """R5: tickets of another play, or of this one."""

    play: Code
    tickets: Count = 1


class Uplift(_For, frozen=True, tag="uplift"):
    """R6: more commission for a leader, or commission of the first or second level for who sold."""

    bps: Bps
    most_fen: Fen
    commission_level: Annotated[int, Meta(ge=0, le=9, description="0: the leader's own")] = 0


class Privilege(_For, frozen=True, tag="privilege"):
    """R7: something others may not."""

    name: Text
    days: Count = 30


class Honour(_For, frozen=True, tag="honour"):
    """R8: a name on the board."""

    name: Text


class Pot(_For, frozen=True, tag="pot"):
    """R9: a sum for all who took part, shared when the run ends."""

    fen: Annotated[int, Meta(ge=0, description="what it holds from the beginning")] = 0
    share_bps: Annotated[int, Meta(ge=0, le=10_000, description="of what was counted in fen")] = 0
    most_fen: Fen
    split: Literal["equal", "by_count", "random"] = "equal"


class Perk(_For, frozen=True, tag="perk"):
    """R10: about collecting: earlier, delivered to the door, a truck of its own."""

    name: Text
    cost_fen: Annotated[int, Meta(ge=0)] = 0


Reward = Coupon | Price | Rebate | Cash | Goods | Points | Chance | Uplift | Privilege | Honour | Pot | Perk


def most_cost_fen(reward: Reward) -> int:
    """What giving it once costs at most, in whole fen; honours and privileges cost nothing."""
    match reward:
        case Coupon(off_fen=fen) | Cash(fen=fen) | Perk(cost_fen=fen):
            return fen
        case Price(most_fen=fen) | Rebate(most_fen=fen) | Uplift(most_fen=fen) | Pot(most_fen=fen):
            return fen
        case Goods(units=units, worth_fen=fen):
            return units * fen
        case Points(points=points, worth_fen_per_100=worth):
            return -(-points * worth // 100)
        case _:
            return 0


def pot_fen(pot: Pot, counted_fen: int) -> int:
    """What a pot holds when so much was counted, in whole fen."""
    return min(pot.fen + Money(counted_fen).share(pot.share_bps).fen, pot.most_fen)
