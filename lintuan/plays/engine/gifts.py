"""What a play gives, in words."""

from __future__ import annotations

from collections.abc import Mapping

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


def yuan(fen: int) -> str:
    """3.99, and 5 for whole ones."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def money(fen: int) -> Text:
    return Text(zh=f"{yuan(fen)} 元", en=f"{yuan(fen)} yuan")


def gift(reward: Reward, goods: Mapping[str, Text], day_fen: int = 0) -> Text:
    """One reward; `goods` says what its goods are called, `day_fen` what the play's goods cost today, 0 if many."""
    match reward:
        case Coupon(off_fen=off, over_fen=over):
            return _coupon(off, over)
        case Price(price_bps=bps, most_fen=most):
            return price(bps, most, day_fen)
        case Rebate(share_bps=bps, most_fen=most):
            return _rebate(bps, most)
        case Goods(sku=sku, units=units):
            named = goods.get(sku, Text(zh="礼品", en="a gift"))
            return named if units == 1 else Text(zh=f"{named.zh} {units} 份", en=f"{units} × {named.en}")
        case _:
            return _besides(reward)


def _coupon(off: int, over: int) -> Text:
    if not over:
        return Text(zh=f"{yuan(off)} 元券", en=f"a coupon of {yuan(off)} yuan")
    return Text(zh=f"满 {yuan(over)} 减 {yuan(off)} 元券", en=f"a coupon of {yuan(off)} yuan off {yuan(over)}")


def _rebate(bps: int, most: int) -> Text:
    if bps == WHOLE:
        return Text(zh=f"返最多 {yuan(most)} 元", en=f"up to {yuan(most)} yuan back")
    return Text(zh=f"返 {_percent(bps)}（最多 {yuan(most)} 元）", en=f"{_percent(bps)} back (up to {yuan(most)} yuan)")


def _besides(reward: Reward) -> Text:
    """What is neither off a price nor goods."""
    match reward:
        case Privilege(name=name) | Honour(name=name) | Perk(name=name):
            return name
        case Cash(fen=fen):
            zh, en = f"{yuan(fen)} 元余额", f"{yuan(fen)} yuan of credit"
        case Points(points=points):
            zh, en = f"{points} 积分", f"{points} points"
        case Chance(tickets=tickets):
            zh, en = f"{tickets} 次抽奖机会", "a draw" if tickets == 1 else f"{tickets} draws"
        case Uplift(bps=bps):
            zh, en = f"佣金加 {_percent(bps)}", f"{_percent(bps)} more commission"
        case Pot(most_fen=most):
            zh, en = f"瓜分奖池（最多 {yuan(most)} 元）", f"a share of a pot of up to {yuan(most)} yuan"
        case _:
            raise TypeError(reward)
    return Text(zh=zh, en=en)


def price(bps: int, most_fen: int, day_fen: int) -> Text:
    """A price in parts of the day's: in yuan where the day's is known, rounded as a saving is."""
    if day_fen:
        return money(max(day_fen - min(-(-day_fen * (WHOLE - bps) // WHOLE), most_fen), 0))
    tenths = f"{bps / 1000:g}"
    return Text(zh=f"{tenths} 折", en=f"{_percent(WHOLE - bps)} off")


def prize(play: Definition, level: int, goods: Mapping[str, Text], day_fen: int = 0) -> Text:
    """What a level gives, all of it; of a draw the name in its prize table. Empty levels give what the nearest does."""
    if isinstance(play.progress, Draw):
        return play.progress.prizes[min(level, len(play.progress.prizes) - 1)].name
    levels = [one.level for one in play.rewards]
    nearest = min(levels, key=lambda one: abs(one - level), default=0)
    found = [gift(one, goods, day_fen) for one in play.rewards if one.level == nearest]
    return together(found) if found else Text(zh="一起乐", en="the fun of it")


def gifts(play: Definition, goods: Mapping[str, Text]) -> Text:
    """Everything that it may give, each thing once."""
    return together([gift(one, goods) for one in play.rewards]) if play.rewards else prize(play, 0, goods)


def names_needed(play: Definition) -> tuple[str, ...]:
    """The names of goods that must stand for something before it can count or give them."""
    given = [one.sku for one in play.rewards if isinstance(one, Goods)]
    bought = any(one.measure == "kinds" and one.fact in {"paid", "collected"} for one in play.counts)
    collected = play.progress.of if bought and isinstance(play.progress, Collect) else ()
    return tuple(dict.fromkeys((*given, *collected)))


def together(found: list[Text]) -> Text:
    once = list(dict.fromkeys((one.zh, one.en) for one in found))
    return Text(zh="、".join(zh for zh, _ in once), en=", ".join(en for _, en in once))


def _percent(bps: int) -> str:
    return f"{bps / 100:g}%"
