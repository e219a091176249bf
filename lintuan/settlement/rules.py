"""What the books decide before they write; docs/algorithms/ledger.md."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from lintuan.kernel.money import ZERO, Money, total

from .engine import partners
from .engine.rates import MOST_LEVELS
from .errors import ContractRefused, LevelsRefused, RateRefused, TooSoon
from .types import LeaderAccount, LeaderLineKind, NewContract, NewRate

#: What a rate may be at most, as a province's own.
MOST_BPS = 5000
MOST_POINTS = 1000
#: Digits of a city's and of a district's code.
AREAS = frozenset({4, 6})

#: A cause that ordering gives when it pays back a part of an order that nobody collected.
UNCLAIMED = "unclaimed"


def from_event(event_id: int) -> str:
    """The source of a journal that an event caused."""
    return f"event:{event_id}"


def from_duty(name: str, mark: date | int | str) -> str:
    """The source of a journal that a night's duty wrote; the mark makes it the only one."""
    return f"{name}:{mark}"


def ripe_until(now: datetime, *, claim_hours: int) -> datetime:
    """Orders collected at or before this moment can no longer be claimed for."""
    return now - timedelta(hours=claim_hours)


def check_begins(from_on: date, today: date) -> None:
    """What leaders earn changes from tomorrow's sale day on at the earliest."""
    earliest = today + timedelta(days=1)
    if from_on < earliest:
        raise TooSoon(earliest=earliest)


def check_rate(province_id: int, rate: NewRate, *, categories: Container[str]) -> None:
    """Refuse a rate that says of goods, area, level or days what cannot be."""
    area = rate.area
    is_area = len(area) in AREAS and area.isascii() and area.isdigit() and area.startswith(str(province_id))
    faults = {
        f"bps: 0-{MOST_BPS}": not 0 <= rate.bps <= MOST_BPS,
        f"level: 0-{MOST_LEVELS}": not 0 <= rate.level <= MOST_LEVELS,
        "sku / category": bool(rate.sku_id and rate.category),
        f"category: {rate.category}": bool(rate.category) and rate.category not in categories,
        f"area: {province_id}...": bool(area) and not is_area,
        "until_on >= from_on": rate.until_on is not None and rate.until_on < rate.from_on,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise RateRefused(reason=reason)


def check_contract(contract: NewContract) -> None:
    """Refuse terms, points or days that cannot be."""
    faults = partners.faults(contract.terms)
    faults += [
        reason
        for reason, is_so in {
            "partner: 1-60": not 1 <= len(contract.partner.strip()) <= 60,
            f"points: 1-{MOST_POINTS}": not 1 <= len(contract.point_ids) <= MOST_POINTS,
            "until_on >= from_on": contract.until_on is not None and contract.until_on < contract.from_on,
        }.items()
        if is_so
    ]
    if faults:
        raise ContractRefused(reason="; ".join(faults))


def check_thresholds(thresholds: Sequence[Money]) -> None:
    """Levels are reached one after the other."""
    if len(thresholds) >= MOST_LEVELS or any(one >= other for one, other in pairwise((ZERO, *thresholds))):
        raise LevelsRefused


def explain_goods(quantity: int, price: Money) -> tuple[str, str]:
    """Why a supplier is credited, in Chinese and English."""
    return f"收货 {quantity} 件 × {price} 元", f"{quantity} units received at {price}"


def explain_deduction(sale_on: date, cause: str, order: str) -> tuple[str, str]:
    """Why a supplier is charged, in Chinese and English."""
    zh = CLAIM_CAUSES.get(cause, cause)
    return f"{sale_on} 订单 {order} 售后（{zh}）", f"claim ({cause}) for order {order} of {sale_on}"


def explain_subsidy(sale_on: date, play: tuple[str, str], order: str, amount: Money) -> tuple[str, str]:
    """Why a supplier or leader bears a part of what a play saved, or of a negative amount no more."""
    zh, en = play
    if amount < ZERO:
        return (
            f"{sale_on} 订单 {order} 有退款，退回“{zh}”分担",
            f"given back of {en}: refund of order {order} of {sale_on}",
        )
    return f"{sale_on} 订单 {order} 优惠分担（{zh}）", f"share of {en}, order {order} of {sale_on}"


def explain_commission(sale_on: date, orders: int) -> tuple[str, str]:
    """What a leader's commission of a sale day is of."""
    return f"{sale_on} 佣金，{orders} 单", f"commission on {orders} orders of {sale_on}"


def explain_change(sale_on: date, order: str) -> tuple[str, str]:
    """Why commission that was booked already changed."""
    return f"{sale_on} 订单 {order} 售后，佣金调整", f"commission after a claim for order {order} of {sale_on}"


def explain_raise(sale_on: date, play: tuple[str, str]) -> tuple[str, str]:
    """Which play let a leader earn more."""
    zh, en = play
    return f"{sale_on} 玩法加佣（{zh}）", f"commission raised by {en}, {sale_on}"


def settle_leader(amounts: Iterable[tuple[LeaderLineKind, Money]], carried: Money) -> LeaderAccount:
    """A leader's statement: what plays take comes out of its commission, and waits for the next where that is less."""
    known = list(amounts)
    funded = -total(amount for kind, amount in known if kind is LeaderLineKind.SUBSIDY)
    earned = total(amount for kind, amount in known if kind is not LeaderLineKind.SUBSIDY)
    return LeaderAccount(earned, funded, carried, max(ZERO, carried + funded - earned))


CLAIM_CAUSES: Mapping[str, str] = {
    "quality": "质量问题",
    "short": "缺件",
    "wrong": "发错商品",
    "late": "迟到",
    "service": "服务问题",
}
