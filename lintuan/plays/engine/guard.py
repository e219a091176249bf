"""The fraud guard: points with reasons, and from so many on a reward waits for a person (docs/algorithms/guard.md).

It never refuses a reward by itself, but the second one of the same newcomer. What families and neighbours do anyway,
living at one address, an elder's phone, one device for two, can never hold a reward alone or together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lintuan.plays.errors import PlayMalformed

from .values import Count, Part, Text, Words

Signal = Literal["device", "phone", "address", "circle", "velocity"]
Points = Annotated[int, Meta(ge=0, le=1000)]


class Weight(Part, frozen=True):
    """Points for one other, for each further one, and for all together at most."""

    first: Points
    more: Points
    most: Points

    def of(self, others: int) -> int:
        return min(self.most, self.first + self.more * (others - 1)) if others > 0 else 0


class NewcomerRules(Part, frozen=True):
    """What of a newcomer equals an earlier one: no single point of it is enough to hold."""

    phone: Points
    device: Points
    address: Points
    hold_at: Points
    again_at: Points


class GuardRules(Part, frozen=True):
    """The weights; `soft_most` bounds all signals that are normal among families and neighbours."""

    source: Words
    hold_at: Count
    soft_most: Points
    free_fen: Annotated[int, Meta(ge=0)]
    family_most: Count
    rush_minutes: Count
    rush_usual: Count
    device: Weight
    family: Weight
    phone: Weight
    address: Weight
    own_invitation: Weight
    loop: Weight
    household: Weight
    basket: Weight
    rush: Weight
    newcomer: NewcomerRules


class Trace(Struct, frozen=True):
    """A member as the guard sees them; device, phone and address are digests, empty where unknown.

    `brought_by` and `household` are 0 for none; `at` is when they were rewarded, in minutes of any one clock.
    """

    member: int
    device: str = ""
    phone: str = ""
    address: str = ""
    household: int = 0
    brought_by: int = 0
    at: int = 0
    baskets: frozenset[int] = frozenset()


class Finding(Struct, frozen=True):
    """Points of one signal with the reason; soft ones are normal among families and neighbours."""

    signal: Signal
    points: int
    text: Text
    is_soft: bool = False


class Verdict(Struct, frozen=True):
    """Whether a reward passes, waits for a person, or (newcomers only) was had before.

    `points` are those that count, which is less than the findings together where many are soft.
    """

    decision: Literal["passes", "held", "again"]
    points: int
    hold_at: int
    findings: tuple[Finding, ...] = ()


def read_guard(text: str | bytes) -> GuardRules:
    """The rules of a file; PlayMalformed names the place where they would hold families, or say nothing."""
    try:
        rules = msgspec.toml.decode(text, type=GuardRules)
    except (msgspec.ValidationError, msgspec.DecodeError) as wrong:
        reason, _, place = str(wrong).partition(" - at ")
        raise PlayMalformed(place=place.strip("`") or "$", reason=reason) from wrong
    newcomer = rules.newcomer
    if rules.soft_most >= rules.hold_at:
        raise PlayMalformed(place="$.soft_most", reason="what families do must stay below hold_at")
    if max(newcomer.phone, newcomer.device, newcomer.address) >= newcomer.hold_at:
        raise PlayMalformed(place="$.newcomer.hold_at", reason="no single point may be enough to hold")
    if not newcomer.hold_at <= newcomer.again_at <= newcomer.phone + newcomer.device + newcomer.address:
        raise PlayMalformed(place="$.newcomer.again_at", reason="lies between hold_at and all points together")
    return rules


def judge(
    trace: Trace, earlier: Sequence[Trace], rules: GuardRules, *, worth_fen: int, is_at_counter: bool = False
) -> Verdict:
    """Whether a reward passes: `earlier` are all whom this play rewarded before, and all who brought each other.

    Rewards given at the counter come in bursts, so nobody is too fast there.
    """
    others = [one for one in earlier if one.member != trace.member]
    findings = (
        *_devices(trace, others, rules),
        *_contacts(trace, others, rules),
        *_circles(trace, others, rules),
        *(() if is_at_counter else _rushes(trace, others, rules)),
    )
    found = tuple(finding for finding in findings if finding.points)
    soft = sum(finding.points for finding in found if finding.is_soft)
    points = min(soft, rules.soft_most) + sum(finding.points for finding in found if not finding.is_soft)
    is_held = points >= rules.hold_at and worth_fen > rules.free_fen
    return Verdict("held" if is_held else "passes", points, rules.hold_at, found)


def judge_newcomer(trace: Trace, earlier: Sequence[Trace], rules: GuardRules) -> Verdict:
    """Whether somebody is new: `earlier` are those who had a newcomer's reward; the one most alike decides."""
    weights = rules.newcomer
    if any(one.member == trace.member for one in earlier):
        same = Text(zh="这位会员已经领过新人奖励", en="this member had a newcomer's reward before")
        return Verdict("again", weights.again_at, weights.hold_at, (Finding("circle", weights.again_at, same),))
    alike = [_alike(trace, one, weights) for one in earlier]
    findings = max(alike, key=_sum, default=())
    points = _sum(findings)
    decision: Literal["passes", "held", "again"] = "passes"
    if points >= weights.hold_at:
        decision = "again" if points >= weights.again_at else "held"
    return Verdict(decision, points, weights.hold_at, findings)


def _sum(findings: Sequence[Finding]) -> int:
    return sum(finding.points for finding in findings)


def _alike(trace: Trace, other: Trace, weights: NewcomerRules) -> tuple[Finding, ...]:
    pairs: tuple[tuple[Signal, str, str, int, str, str], ...] = (
        ("phone", trace.phone, other.phone, weights.phone, "手机号", "phone"),
        ("device", trace.device, other.device, weights.device, "设备", "device"),
        ("address", trace.address, other.address, weights.address, "地址", "address"),
    )
    return tuple(
        Finding(signal, points, Text(zh=f"{zh}与领过的一位新人相同", en=f"the {en} of an earlier newcomer"))
        for signal, one, two, points, zh, en in pairs
        if one and one == two
    )


def _devices(trace: Trace, others: Sequence[Trace], rules: GuardRules) -> tuple[Finding, ...]:
    """Strangers on one device count in full; so does a household that is larger on it than families are."""
    same = [one for one in others if trace.device and one.device == trace.device]
    family = [one for one in same if trace.household and one.household == trace.household]
    if len(family) >= rules.family_most:
        family = []
    strangers = len(same) - len(family)
    return (
        Finding(
            "device",
            rules.device.of(strangers),
            Text(
                zh=f"同一台设备上另有 {strangers} 个账号领过",
                en=f"{strangers} other accounts were rewarded on this device",
            ),
        ),
        Finding(
            "device",
            rules.family.of(len(family)),
            Text(
                zh=f"同住的 {len(family)} 人用同一台设备领过，一家人共用很常见",
                en=f"{len(family)} of the same household were rewarded on this device, as families share them",
            ),
            is_soft=True,
        ),
    )


def _contacts(trace: Trace, others: Sequence[Trace], rules: GuardRules) -> tuple[Finding, ...]:
    phones = sum(1 for one in others if trace.phone and one.phone == trace.phone)
    addresses = sum(1 for one in others if trace.address and one.address == trace.address)
    return (
        Finding(
            "phone",
            rules.phone.of(phones),
            Text(
                zh=f"另有 {phones} 人留了同一个手机号，子女常留老人的号",
                en=f"{phones} others left the same phone number, as children leave their parents'",
            ),
            is_soft=True,
        ),
        Finding(
            "address",
            rules.address.of(addresses),
            Text(
                zh=f"另有 {addresses} 人住同一地址，单看地址不算问题",
                en=f"{addresses} others live at the same address, which alone means nothing",
            ),
            is_soft=True,
        ),
    )


def _circles(trace: Trace, others: Sequence[Trace], rules: GuardRules) -> tuple[Finding, ...]:
    inviter = next((one for one in others if trace.brought_by and one.member == trace.brought_by), None)
    if inviter is None:
        return ()
    at_home = bool(trace.household) and inviter.household == trace.household
    own = bool(trace.device) and inviter.device == trace.device and not at_home
    return (
        Finding(
            "circle",
            rules.own_invitation.of(own),
            Text(zh="邀请人用的是同一台设备", en="whoever brought them uses the same device"),
        ),
        Finding(
            "circle",
            rules.loop.of(_is_loop(trace, others)),
            Text(zh="互相邀请成了一圈", en="they were brought by somebody whom they brought themselves"),
        ),
        Finding(
            "circle",
            rules.household.of(at_home),
            Text(zh="邀请人是同住的家人", en="whoever brought them lives with them"),
            is_soft=True,
        ),
        Finding(
            "circle",
            rules.basket.of(bool(trace.baskets & inviter.baskets)),
            Text(zh="和邀请人拼过同一个篮子", en="they shared a basket with whoever brought them"),
            is_soft=True,
        ),
    )


def _is_loop(trace: Trace, others: Sequence[Trace]) -> bool:
    """Whether those who brought each other lead back to the member."""
    brought_by = {one.member: one.brought_by for one in others}
    seen: set[int] = set()
    at = trace.brought_by
    while at and at not in seen:
        seen.add(at)
        at = brought_by.get(at, 0)
        if at == trace.member:
            return True
    return False


def _rushes(trace: Trace, others: Sequence[Trace], rules: GuardRules) -> tuple[Finding, ...]:
    if not trace.brought_by:
        return ()
    quick = 1 + sum(
        1 for one in others if one.brought_by == trace.brought_by and 0 <= trace.at - one.at < rules.rush_minutes
    )
    minutes = rules.rush_minutes
    return (
        Finding(
            "velocity",
            rules.rush.of(quick - rules.rush_usual),
            Text(
                zh=f"同一邀请人 {minutes} 分钟内带来 {quick} 人",
                en=f"one inviter brought {quick} people within {minutes} minutes",
            ),
        ),
    )
