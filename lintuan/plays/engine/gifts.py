"""What a play gives, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lintuan.kernel.money import Money

from .definition import Definition
from .progress import Collect, Draw
from .rewards import (
    Cash,
    Chance,
    Coupon,
    Goods,
    Honour,
    Perk,
    Points,
    Pot,
    Price,
    Privilege,
    Rebate,
    Reward,
    Uplift,
)
from .values import Text

WHOLE = 10_000
NO_NAMES: Mapping[str, Text] = MappingProxyType({})


def yuan(fen: int) -> str:
    """3.99, 5.00."""
    return str(Money(fen))


def money(fen: int) -> Text:
    return Text(zh=f"{yuan(fen)} 元", en=f"{yuan(fen)} yuan")


def credit(fen: int) -> Text:
    return Text(zh=f"{yuan(fen)} 元余额", en=f"{yuan(fen)} yuan of credit")


def percent(bps: int) -> str:
    """2.5%."""
    return f"{bps / 100:g}%"


def fold(bps: int) -> str:
    """8.8 of 8800: a price in tenths, as it is spoken in Chinese."""
    return f"{bps / 1000:g}"


def gift(
    reward: Reward, goods: Mapping[str, Text] = NO_NAMES, *, day_fen: int = 0, plays: Mapping[str, Text] = NO_NAMES
) -> Text:
    """One reward, the same words wherever it is told.

    `goods` and `plays` say what those that it names are called; `day_fen` what the play's goods cost today, 0 if many.
    """
    match reward:
        case Coupon(off_fen=off, over_fen=over):
            return _coupon(off, over)
        case Price(price_bps=bps, most_fen=most):
            told = price(bps, most, day_fen)
            return told if day_fen else _at_most(told, most, "最多减")
        case Rebate(share_bps=bps, most_fen=most):
            return _rebate(bps, most)
        case Uplift() | Pot() | Cash():
            return _credit(reward)
        case _:
            return _things(reward, goods, plays)


def _credit(reward: Uplift | Pot | Cash) -> Text:
    match reward:
        case Uplift(bps=bps, most_fen=most):
            return _at_most(Text(zh=f"佣金加 {percent(bps)}", en=f"{percent(bps)} more commission"), most)
        case Pot(most_fen=most):
            return Text(zh=f"瓜分奖池（最多 {yuan(most)} 元）", en=f"a share of a pot of up to {yuan(most)} yuan")
        case Cash(fen=fen):
            return credit(fen)


def _things(reward: Reward, goods: Mapping[str, Text], plays: Mapping[str, Text]) -> Text:
    """What is no money."""
    match reward:
        case Goods(sku=sku, units=units, worth_fen=worth):
            named = goods.get(sku)
            if named is None:
                worth_all = yuan(worth * units)
                return Text(zh=f"价值 {worth_all} 元的礼品", en=f"a gift worth {worth_all} yuan")
            return named if units == 1 else Text(zh=f"{named.zh} {units} 份", en=f"{units} × {named.en}")
        case Points(points=points):
            return Text(zh=f"{points} 积分", en=f"{points} points")
        case Chance(play=play, tickets=tickets):
            many = "a draw" if tickets == 1 else f"{tickets} draws"
            of = plays.get(play)
            return Text(zh=f"{of.zh if of else ''}抽奖机会 {tickets} 次", en=f"{many} of {of.en}" if of else many)
        case Privilege(name=name) | Honour(name=name) | Perk(name=name):
            return name
        case _:
            raise TypeError(reward)


def _at_most(told: Text, most: int, at_most: str = "最多") -> Text:
    return Text(zh=f"{told.zh}（{at_most} {yuan(most)} 元）", en=f"{told.en} (up to {yuan(most)} yuan)")


def _coupon(off: int, over: int) -> Text:
    if not over:
        return Text(zh=f"{yuan(off)} 元券", en=f"a coupon of {yuan(off)} yuan")
    return Text(zh=f"满 {yuan(over)} 减 {yuan(off)} 元券", en=f"a coupon of {yuan(off)} yuan off {yuan(over)}")


def _rebate(bps: int, most: int) -> Text:
    if bps == WHOLE:
        return Text(zh=f"返最多 {yuan(most)} 元", en=f"up to {yuan(most)} yuan back")
    return _at_most(Text(zh=f"返 {percent(bps)}", en=f"{percent(bps)} back"), most)


def price(bps: int, most_fen: int, day_fen: int) -> Text:
    """A price in parts of the day's: in yuan where the day's is known, rounded as a saving is."""
    if day_fen:
        return money(max(day_fen - min(-(-day_fen * (WHOLE - bps) // WHOLE), most_fen), 0))
    return Text(zh=f"{fold(bps)} 折", en=f"{percent(WHOLE - bps)} off")


def prize(play: Definition, level: int, goods: Mapping[str, Text], day_fen: int = 0) -> Text:
    """What a level gives, all of it; of a draw the name in its prize table. Empty levels give what the nearest does."""
    if isinstance(play.progress, Draw):
        return play.progress.prizes[min(level, len(play.progress.prizes) - 1)].name
    levels = [one.level for one in play.rewards]
    nearest = min(levels, key=lambda one: abs(one - level), default=0)
    found = [gift(one, goods, day_fen=day_fen) for one in play.rewards if one.level == nearest]
    return together(found) if found else Text(zh="一起乐", en="the fun of it")


def called(play: Definition, goods: Mapping[str, Text] = NO_NAMES) -> dict[str, Text]:
    """What its goods are called: those that nothing stands for yet, of a draw, by its prize table."""
    draw = play.progress
    if not isinstance(draw, Draw):
        return dict(goods)
    return {one.sku: draw.prizes[one.level].name for one in play.rewards if isinstance(one, Goods)} | dict(goods)


def gifts(play: Definition, goods: Mapping[str, Text] = NO_NAMES) -> Text:
    """Everything that it may give, each thing once."""
    named = called(play, goods)
    return together([gift(one, named) for one in play.rewards]) if play.rewards else prize(play, 0, goods)


def names_needed(play: Definition) -> tuple[str, ...]:
    """The names of goods that must stand for something before it can count or give them."""
    given = [one.sku for one in play.rewards if isinstance(one, Goods)]
    bought = any(one.measure == "kinds" and one.fact in {"paid", "collected"} for one in play.counts)
    collected = play.progress.of if bought and isinstance(play.progress, Collect) else ()
    return tuple(dict.fromkeys((*given, *collected)))


def together(found: list[Text]) -> Text:
    once = list(dict.fromkeys((one.zh, one.en) for one in found))
    return Text(zh="、".join(zh for zh, _ in once), en=", ".join(en for _, en in once))
