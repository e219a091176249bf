"""Faults and reasons in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from .problem import Reason
from .schedule import Fault, Limit

_FAULTS: Mapping[Limit, tuple[str, str]] = {
    Limit.CRATES: ("{vehicle} 超出 {excess} 箱", "{vehicle} has {excess} crates too many"),
    Limit.GRAMS: ("{vehicle} 超重 {kilos} 公斤", "{vehicle} is {kilos} kg too heavy"),
    Limit.STOPS: ("{vehicle} 多出 {excess} 个停靠点", "{vehicle} has {excess} stops too many"),
    Limit.WINDOW: ("{vehicle} 到 {stop} 晚 {minutes} 分钟", "{vehicle} is {minutes} minutes late at {stop}"),
    Limit.SHIFT: ("{vehicle} 超出班次 {minutes} 分钟", "{vehicle} is back {minutes} minutes after its shift"),
    Limit.DEPOT: ("{vehicle} 在仓库关门后 {minutes} 分钟", "{vehicle} is {minutes} minutes past the depot's hours"),
    Limit.TRIPS: ("{vehicle} 多出 {excess} 趟", "{vehicle} has {excess} trips too many"),
    Limit.LOCKED: ("{vehicle} 的线路已锁定", "{vehicle}'s route is locked"),
}
_REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.TOO_BIG: ("没有一辆车装得下", "no van is large enough"),
    Reason.TOO_LATE: ("直接开过去也赶不上时间窗", "even a van going straight there would be late"),
    Reason.OFF_SHIFT: ("班次内来回不了", "no driver could be back within the shift"),
    Reason.NO_VEHICLE: ("没有可用车辆", "there is no van"),
    Reason.NO_ROOM: ("所有车辆的容量或时间已满", "all vans are full or out of time"),
    Reason.BY_HAND: ("人工移出线路", "taken off by hand"),
}


def fault_words(fault: Fault, *, vehicle: str, stop: str = "") -> tuple[str, str]:
    """A fault as sentences, Chinese and English; kilograms and minutes are rounded up."""
    figures = {
        "vehicle": vehicle, "stop": stop, "excess": fault.excess, "kilos": -(-fault.excess // 1000),
        "minutes": -(-fault.excess // 60),
    }  # fmt: skip
    chinese, english = _FAULTS[fault.limit]
    return chinese.format(**figures), english.format(**figures)


def reason_words(reason: Reason) -> tuple[str, str]:
    """Why a stop is left over, Chinese and English."""
    return _REASONS[reason]
