"""P01: the deepest price that a play can make, with a coupon on top, against cost and its lawful grounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lintuan.kernel.money import Money
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.progress import Collect, Draw, Fall, Haggle, Quiz, Rank, Reach, Streak, Vote
from lintuan.plays.engine.rewards import Cash, Coupon, Pot, Price, Rebate, Reward
from lintuan.plays.engine.soundness import faults, levels_of
from lintuan.plays.engine.values import Text
from lintuan.pricing.engine.laws import Mark, OfferFacts, judge
from lintuan.pricing.types import Finding as PriceFinding
from lintuan.pricing.types import Result

from .laws import Bench
from .verdict import Finding, GoodsPrice, Prices, Severity

WHOLE = 10_000
#: P01 looks at price and cost alone; what a label states is not its business.
_MARK = Mark(name="-", unit="-", spec="-", origin_code="-")


class Deepest(Struct, frozen=True):
    """The price of one unit in the end, and where in the definition it comes from."""

    price: Money
    place: str


def floor_findings(play: Definition, prices: Prices, bench: Bench) -> Iterator[Finding]:
    """A refusal for goods that would fall below cost without a lawful ground, a warning with one."""
    if not prices.goods and _depths(play, Money(1)):
        yield bench.warn(
            "P01", "rewards", "没有给出商品的价格和成本，最低价没有核对。",
            "No price and cost of goods was given; the deepest price was not checked.",
        )  # fmt: skip
    judged = [(goods, *one) for goods in prices.goods for one in _judged(play, goods, prices, bench)]
    blocked = [goods for goods, _, found in judged if found.result is Result.BLOCKED]
    changed = _held(play, blocked, prices) if blocked else None
    for goods, deepest, found in judged:
        finding = _finding(goods, deepest, found)
        yield replace(finding, changed=changed) if goods in blocked else finding


def _judged(
    play: Definition, goods: GoodsPrice, prices: Prices, bench: Bench
) -> Iterator[tuple[Deepest, PriceFinding]]:
    """What the price law says of these goods at their deepest price, where it does not pass."""
    deepest = deepest_price(play, goods, prices)
    if deepest.price >= goods.day:
        return
    facts = OfferFacts(price=deepest.price, cost=goods.cost, mark=_MARK, exemption=goods.exemption)
    for found in judge(facts, on=bench.on):
        if found.rule == "P01" and found.result is not Result.PASSED:
            yield deepest, found


def deepest_price(play: Definition, goods: GoodsPrice, prices: Prices) -> Deepest:
    """What one unit costs at least: the play's own price, held by its floor, then the deepest single coupon.

    Savings are rounded up and floors down, so no way of rounding sells for less.
    """
    depths = _depths(play, goods.day)
    saving, place = max(depths, default=(0, "rewards"))
    own = max(goods.day.fen - saving, 0)
    if play.limits.price_floor_bps is not None:
        own = max(own, goods.day.fen * play.limits.price_floor_bps // WHOLE)
    coupons = [(prices.coupon_off.fen, prices.coupon_over.fen, place)]
    coupons += [
        (one.off_fen, one.over_fen, f"rewards[{index}]")
        for index, one in enumerate(play.rewards)
        if isinstance(one, Coupon)
    ]
    off, where = max((_part(off, own, max(over, own)), where) for off, over, where in coupons)
    return Deepest(Money(max(own - off, 0)), where if off > goods.day.fen - own else place)


def _depths(play: Definition, day: Money) -> list[tuple[int, str]]:
    """What the levels save on one unit, in fen, and the reward that saves it."""
    if isinstance(play.progress, Draw | Rank | Vote):
        # What is won is a prize, not a price: A03 looks at it.
        return []
    found = []
    for level in range(levels_of(play.progress)):
        order = max(_order_fen(play, level), day.fen)
        due = {
            f"rewards[{index}]": reward
            for index, reward in enumerate(play.rewards)
            if reward.level == level or (reward.level < level and _adds_up(play))
        }
        of_goods = {place: _off_goods(reward, day.fen) for place, reward in due.items()}
        of_order = {place: _off_order(play, reward, order) for place, reward in due.items()}
        saving = sum(of_goods.values()) + _part(sum(of_order.values()), day.fen, order)
        if saving:
            found.append((saving, max(due, key=lambda place: (of_goods[place], of_order[place]))))
    return found or _of_progress(play, day)


def _of_progress(play: Definition, day: Money) -> list[tuple[int, str]]:
    """A falling or a haggled price that no reward limits."""
    match play.progress:
        case Fall(price_bps=steps):
            return [(-(-day.fen * (WHOLE - steps[-1]) // WHOLE), "progress.price_bps")]
        case Haggle(floor_bps=floor):
            return [(-(-day.fen * (WHOLE - floor) // WHOLE), "progress.floor_bps")]
        case _:
            return []


def _off_goods(reward: Reward, day: int) -> int:
    if isinstance(reward, Price):
        return min(-(-day * (WHOLE - reward.price_bps) // WHOLE), reward.most_fen)
    return 0


def _off_order(play: Definition, reward: Reward, order: int) -> int:
    match reward:
        case Rebate(share_bps=bps, most_fen=most):
            return min(-(-order * bps // WHOLE), most)
        case Cash(fen=fen) if _is_of_money(play) and reward.to == "unit":
            return fen
        case Pot(fen=fen, share_bps=bps, most_fen=most) if _is_of_money(play):
            return min(fen + order * bps // WHOLE, most)
        case _:
            return 0


def _order_fen(play: Definition, level: int) -> int:
    """What must have been paid for a level at least."""
    least = max((one.least_fen or 0 for one in play.counts if one.fact == "paid"), default=0)
    levels = getattr(play.progress, "levels", ())
    if _is_of_money(play) and level < len(levels):
        return max(least, int(levels[level]))
    return least


def _is_of_money(play: Definition) -> bool:
    return any(one.fact in {"paid", "collected"} and one.measure == "fen" for one in play.counts)


def _adds_up(play: Definition) -> bool:
    return isinstance(play.progress, Reach | Collect | Quiz | Streak)


def _part(saving: int, day: int, order: int) -> int:
    """The part of a saving on a whole order that falls on goods of that price, rounded up."""
    return min(-(-saving * day // order), day) if order > 0 else 0


def _finding(goods: GoodsPrice, deepest: Deepest, found: PriceFinding) -> Finding:
    return Finding(
        rule="P01",
        severity=Severity.REFUSE if found.result is Result.BLOCKED else Severity.WARN,
        place=deepest.place,
        law=Text(zh=found.law, en=found.law_en),
        article=found.article,
        reason=Text(
            zh=f"“{goods.goods}”连同所有优惠最低会卖到 {deepest.price} 元：{found.zh}",
            en=f"“{goods.goods_en or goods.goods}” can fall to {deepest.price}, all reductions together. {found.en}",
        ),
    )


def _held(play: Definition, blocked: Sequence[GoodsPrice], prices: Prices) -> Definition | None:
    """The same with a floor that keeps all these goods from falling below cost, if there is one; its words still have
    to follow.
    """
    low, high = 1, WHOLE
    while low < high:
        middle = (low + high) // 2
        if _costs_less(_with_floor(play, middle), blocked, prices):
            low = middle + 1
        else:
            high = middle
    changed = _with_floor(play, low)
    return None if _costs_less(changed, blocked, prices) or faults(changed) else changed


def _with_floor(play: Definition, bps: int) -> Definition:
    return replace(play, limits=replace(play.limits, price_floor_bps=bps))


def _costs_less(play: Definition, blocked: Sequence[GoodsPrice], prices: Prices) -> bool:
    return any(deepest_price(play, goods, prices).price < goods.cost for goods in blocked)
