"""What a simulation takes for granted, and what it cannot say, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lintuan.plays.engine.definition import FactKind
from lintuan.plays.engine.interpreter import Play
from lintuan.plays.engine.rewards import Chance, Coupon, Points, Price, Rebate, Uplift
from lintuan.plays.engine.values import Text

from .past import Ask
from .replay import days_of_run, is_met

NO_LIFT = Text(
    zh="按过去的行为推算：没有算玩法带来的增加，也没有算它带来的减少。",
    en="What past behaviour would have earned: nobody is assumed to buy more, or less, because of the play.",
)
ALONE = Text(
    zh="额度按只有这些团长参加来算。",
    en="Budgets are as if only the leaders of these evenings took part.",
)
MET = Text(
    zh="同一自提点先后下单的人算作同一团，谁先到谁开团；真实情况里有人会单独买，所以成团数偏高。",
    en="Whoever bought at the same point one after another counts as one group, opened by the first; in truth some stay"
    " alone, so groups are rather too many.",
)
TRIGGERED = Text(
    zh="当作每一轮的开始条件都发生了。",
    en="As if what begins a run had happened in every round.",
)
TICKETS = Text(
    zh="送到别的玩法里的机会没有算钱，见那个玩法自己的推算。",
    en="Tickets of other plays are not priced here: the simulation of those plays does that.",
)
NEWCOMERS = Text(
    zh="新人只按首单来认，没有核对是否同一人。",
    en="Newcomers are told by their first order; whether they are new as people is not checked.",
)
BOUGHT = Text(
    zh="优惠价、返还和佣金按过去真实付的钱来算，一场里记到的都算是玩法说的货。",
    en="Prices, rebates and commission are reckoned on what was really paid; all that a run heard of counts as the"
    " goods of the play.",
)
CUT = Text(
    zh="一场比推算的天数长，到最后一天就当作结束。",
    en="A run is longer than the days that were asked for, and is taken as ended on the last of them.",
)
NEVER = Text(
    zh="每一次推算都没有发出奖励；这不等于以后一定不会发。",
    en="No round gave a single reward, which does not show that it cannot happen.",
)
NOTHING_COUNTED = Text(
    zh="过去没有一件这个玩法要记的事，说不出数字。",
    en="Nothing that the play counts happened in that time: not enough to say.",
)
_KINDS: dict[FactKind, Text] = {
    "joined": Text(zh="占位", en="places taken"),
    "paid": Text(zh="付款", en="orders"),
    "collected": Text(zh="自提", en="collections"),
    "reviewed": Text(zh="评价", en="opinions"),
    "checked_in": Text(zh="签到", en="check-ins"),
    "helped": Text(zh="点链接助力", en="taps on links"),
    "scanned": Text(zh="到店扫码", en="scans at the counter"),
    "arrived": Text(zh="新人到来", en="newcomers who were brought"),
    "voted": Text(zh="投票", en="votes"),
    "answered": Text(zh="答题", en="answers"),
    "played": Text(zh="游戏", en="games"),
    "walked": Text(zh="步数", en="steps"),
    "watered": Text(zh="浇水", en="waterings"),
    "offered": Text(zh="出价", en="offers"),
    "came_of_age": Text(zh="生日和久未下单", en="birthdays and long absences"),
    "redeemed": Text(zh="兑换", en="redemptions"),
}
#: What begins by itself, or by what is counted anyway.
_BY_ITSELF = {"leader", "buyer", "paid", "collected", "clock", "check_in", "review"}


def of(play: Play, ask: Ask, *, is_ever_given: bool) -> Iterator[Text]:
    """What holds for this play; that no lift is claimed comes first and always."""
    definition = play.definition
    kinds = tuple(type(reward) for reward in definition.rewards)
    yield NO_LIFT
    if definition.limits.budget_fen is not None or definition.limits.stock is not None:
        yield ALONE
    if definition.participants.reach == "opener" and is_met(play):
        yield MET
    if days_of_run(definition, ask.days) > ask.days:
        yield CUT
    if definition.trigger.kind not in _BY_ITSELF:
        yield TRIGGERED
    if definition.participants.who == "newcomers" or definition.limits.once_for_newcomers:
        yield NEWCOMERS
    if {Price, Rebate, Uplift} & set(kinds):
        yield BOUGHT
    if Chance in kinds:
        yield TICKETS
    yield from (_used(ask, name) for name, kind in (("coupon", Coupon), ("points", Points)) if kind in kinds)
    if not is_ever_given:
        yield NEVER


def not_shown(kinds: Sequence[FactKind]) -> Text:
    """The play counts what nobody recorded."""
    zh, en = "、".join(_KINDS[kind].zh for kind in kinds), ", ".join(_KINDS[kind].en for kind in kinds)
    return Text(
        zh=f"过去没有记录{zh}，推算不了这个玩法。", en=f"The past does not show {en}: this play cannot be told."
    )


def few_evenings(has: int, needs: int) -> Text:
    return Text(
        zh=f"只有 {has} 个可比的晚上，至少要 {needs} 个，说不出数字。",
        en=f"{has} comparable evenings of {needs} needed: not enough to say.",
    )


def few_circles(has: int, needs: int) -> Text:
    return Text(
        zh=f"只有 {has} 户人家，至少要 {needs} 户，说不出数字。",
        en=f"{has} households of {needs} needed: not enough to say.",
    )


def _used(ask: Ask, of_what: str) -> Text:
    thing = Text(zh="券", en="coupons") if of_what == "coupon" else Text(zh="积分", en="points")
    for one in ask.redemption:
        if one.of == of_what:
            share = f"{one.share_bps / 100:g} %"
            return Text(
                zh=f"{thing.zh}按 {share} 会被用掉来算，依据：{one.source}。",
                en=f"{share} of {thing.en} are taken as used, by: {one.source}.",
            )
    return Text(
        zh=f"没有给出{thing.zh}的使用比例，所以不说大概花多少，只说最多花多少。",
        en=f"No share of {thing.en} that is used was stated, so only the most that it may cost is told.",
    )
