"""How pages write amounts, days, moments and states, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lintuan.pages.tree.values import Tone

#: States and causes as people read them; a thing's own word stands under its name.
WORDS: Mapping[str, tuple[str, str]] = {
    "unpaid": ("待支付", "To pay"),
    "paid": ("已支付", "Paid"),
    "cancelled": ("已取消", "Cancelled"),
    "expired": ("超时未付", "Not paid in time"),
    "collected": ("已自提", "Collected"),
    "unclaimed": ("逾期未提", "Not collected"),
    "refunded": ("已退款", "Refunded"),
    "open": ("营业中", "Open"),
    "resting": ("休息中", "Resting"),
    "closed": ("已关闭", "Closed"),
    "draft": ("筹备中", "Being prepared"),
    "suspended": ("暂停营业", "Suspended"),
    "basket.open": ("进行中", "Open"),
    "basket.closed": ("已结束", "Over"),
    "relay.unsettled": ("待核对", "To be settled"),
    "relay.ready": ("待确认", "To be confirmed"),
    "relay.confirmed": ("已确认", "Confirmed"),
    "relay.withdrawn": ("已撤回", "Taken back"),
    "relay.lapsed": ("未确认", "Never confirmed"),
    "relay.nothing": ("没看到要什么", "nothing named that is sold tonight"),
    "relay.unread": ("有没看懂的", "part of it was not understood"),
    "relay.unsure": ("数量或单位不确定", "quantity or unit not sure"),
    "reward.given": ("可用", "To use"),
    "reward.held": ("待核", "Being checked"),
    "reward.used": ("已使用", "Used"),
    "reward.lapsed": ("已过期", "Over"),
    "planned": ("已计划", "Planned"),
    "on_the_way": ("配送中", "On the way"),
    "delivered": ("已送达，待签收", "Delivered, to sign for"),
    "signed": ("已签收", "Signed"),
    "empty": ("无货", "Nothing came"),
    "lost": ("未签收", "Never signed for"),
    "waiting": ("待自提", "To collect"),
    "claim.open": ("待处理", "Being decided"),
    "granted": ("已同意", "Granted"),
    "declined": ("已拒绝", "Declined"),
    "refund.asked": ("退款已申请", "Refund asked for"),
    "refund.sent": ("退款中", "Refund on its way"),
    "refund.done": ("退款已到账", "Refund received"),
    "refund.failed": ("退款待人工处理", "Refund waits for a person"),
    "refund.credited": ("已转入余额", "In your balance"),
    "quality": ("质量问题", "Poor quality"),
    "short": ("少货", "Something missing"),
    "wrong": ("错发", "Wrong goods"),
    "late": ("迟到", "Too late"),
    "service": ("服务问题", "Service"),
    "withdrawal.asked": ("待打款", "Waits to be paid"),
    "withdrawal.paying": ("打款中", "On its way"),
    "withdrawal.to_confirm": ("待您确认收款", "Yours to confirm"),
    "withdrawal.failed": ("打款失败，待处理", "Failed, being looked into"),
    "withdrawal.done": ("已到账", "Received"),
    "withdrawal.returned": ("未确认，已退回", "Not confirmed, returned"),
    "pending": ("待入账", "Pending"),
    "booked": ("已入账", "Booked"),
}

_TONES: Mapping[Tone, str] = {
    "good": "paid collected open basket.open signed granted refund.done booked relay.confirmed reward.given"
    " withdrawal.done",
    "warn": "unpaid waiting resting delivered claim.open refund.asked refund.sent refund.failed pending suspended"
    " relay.unsettled reward.held withdrawal.asked withdrawal.paying withdrawal.to_confirm",
    "bad": "expired unclaimed declined lost relay.lapsed withdrawal.failed withdrawal.returned",
}

_WEEK = tuple(zip("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def word(name: str, language: str, *, of: str = "") -> str:
    """A state or cause; `of` is the thing whose it is, where its word is not everyone's."""
    known = WORDS.get(f"{of}.{name}") or WORDS.get(name) or (name, name.replace("_", " "))
    return known[1] if language.startswith("en") else known[0]


def tone(name: str, *, of: str = "") -> Tone:
    """How a state is to be taken."""
    wanted = f"{of}.{name}" if f"{of}.{name}" in WORDS else name
    return next((tone for tone, states in _TONES.items() if wanted in states.split()), "info")


def percent(bps: int) -> str:
    """Basis points as people read them: 850 is 8.5 %."""
    whole, part = divmod(bps, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + " %"


def yuan(fen: int) -> str:
    """¥3.99, -¥3.99."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100}.{abs(fen) % 100:02d}"


def day(on: date, language: str) -> str:
    """11月21日 周六, Sat 21 Nov."""
    zh, en = _WEEK[on.weekday()]
    if language.startswith("en"):
        return f"{en} {on.day} {_MONTHS[on.month - 1]}"
    return f"{on.month}月{on.day}日 周{zh}"


def month(text: str, language: str) -> str:
    """2026年11月, November 2026 in short, of 2026-11 or a day in it; what is none stays as it is."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(-\d\d)?", text)
    if found is None:
        return text
    year, number = int(found[1]), int(found[2])
    return f"{_MONTHS[number - 1]} {year}" if language.startswith("en") else f"{year}年{number}月"


def near_day(on: date, today: date, language: str) -> str:
    """今天, 明天, or the day by its date."""
    names = {today: ("今天", "today"), today + timedelta(days=1): ("明天", "tomorrow")}
    if on not in names:
        return day(on, language)
    zh, en = names[on]
    return en if language.startswith("en") else zh


def hour(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def moment(at: datetime, zone: str, language: str) -> str:
    """11月21日 周六 16:00."""
    return f"{day(at.astimezone(ZoneInfo(zone)).date(), language)} {hour(at, zone)}"


def listed(texts: Iterable[str], language: str) -> str:
    """One after the other, in one sentence."""
    return (", " if language.startswith("en") else "、").join(text for text in texts if text)


def told(*texts: str, language: str) -> str:
    """Parts of a sentence, the empty ones left out."""
    return (", " if language.startswith("en") else "，").join(text for text in texts if text)


def distance(metres: int) -> str:
    """420 m, 1.2 km."""
    tenths = (metres + 50) // 100
    return f"{metres} m" if metres < 1000 else f"{tenths // 10}.{tenths % 10} km"
