"""What can be wrong with plays."""

from __future__ import annotations

from typing import ClassVar

from lintuan.kernel.errors import NotFound, Refusal


class PlayMalformed(Refusal):
    """The play cannot be read at {place}: {reason}"""

    zh: ClassVar[str] = "玩法的 {place} 写得不对：{reason}"
    status: ClassVar[int] = 422


class PlayUnsound(Refusal):
    """The play cannot run, {place}: {reason}"""

    zh: ClassVar[str] = "玩法无法运行，{place}：{reason_zh}"
    status: ClassVar[int] = 422


class PlayRefused(Refusal):
    """The play may not start on this channel: {reason}"""

    zh: ClassVar[str] = "这个玩法不能在这个渠道发起：{reason_zh}"
    status: ClassVar[int] = 422


class ContentMissing(Refusal):
    """This play has to be filled in before it starts: {reason}"""

    zh: ClassVar[str] = "这个玩法要先填好内容：{reason_zh}"
    status: ClassVar[int] = 422


class ContentWrong(Refusal):
    """The content cannot be used, {place}: {reason}"""

    zh: ClassVar[str] = "内容有误，{place_zh}：{reason_zh}"
    status: ClassVar[int] = 422


class TrialUnsound(Refusal):
    """The trial cannot begin: {reason}"""

    zh: ClassVar[str] = "试验不能开始：{reason_zh}"
    status: ClassVar[int] = 422


class PlayUnknown(NotFound):
    """There is no such play."""

    zh: ClassVar[str] = "没有这个玩法。"


class RunClosed(Refusal):
    """This round is over."""

    zh: ClassVar[str] = "这一场已经结束了。"
    status: ClassVar[int] = 409


class RunsTooMany(Refusal):
    """You have {most} open rounds of this already."""

    zh: ClassVar[str] = "您已经有 {most} 场在进行了。"
    status: ClassVar[int] = 409


class NotForYou(Refusal):
    """You cannot take part in this: {reason}"""

    zh: ClassVar[str] = "您不能参加：{reason_zh}"
    status: ClassVar[int] = 409


class NotCounted(Refusal):
    """This does not count here now; today's or this round's turns may be used up."""

    zh: ClassVar[str] = "这次不算数：今天或这一场的次数可能用完了。"
    status: ClassVar[int] = 409


class SavingChanged(Refusal):
    """What plays and coupons save has changed: now {saved} yuan. Please look at the price again."""

    zh: ClassVar[str] = "优惠有变化，现在一共减 {saved} 元，请重新确认价格。"
    status: ClassVar[int] = 409


class GrantUnusable(Refusal):
    """This coupon or gift cannot be used now."""

    zh: ClassVar[str] = "这张券或礼品现在不能用。"
    status: ClassVar[int] = 409


class PointsShort(Refusal):
    """You have {points} points, {needed} are needed."""

    zh: ClassVar[str] = "您有 {points} 积分，需要 {needed}。"
    status: ClassVar[int] = 409


class PlayCodeUnknown(Refusal):
    """This code is not known here."""

    zh: ClassVar[str] = "没有这个口令或兑换码。"
    status: ClassVar[int] = 409


class CodesLocked(Refusal):
    """Too many wrong codes; you may try again here after {until}."""

    zh: ClassVar[str] = "连着填错太多次，{until} 后才能再填。"
    status: ClassVar[int] = 429


class PriceOutOfBand(Refusal):
    """Name a price from {lowest} to {highest} yuan."""

    zh: ClassVar[str] = "请出 {lowest} 元到 {highest} 元之间的价。"
    status: ClassVar[int] = 422


class RoundsUsedUp(Refusal):
    """All {most} prices have been named; the day's price stands."""

    zh: ClassVar[str] = "{most} 次出价已经用完，可以按当日价购买。"
    status: ClassVar[int] = 409
