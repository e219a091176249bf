"""What the database knows of members whose rewards may be suspicious: traces for the guard, a few statements a batch.

Nobody is looked at more closely who shares no device with anybody, and behind whose reward no newcomer stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct

from lintuan.members.queries import devices_around
from lintuan.plays.data import guard_rules
from lintuan.plays.engine.guard import Finding, Trace, Verdict, judge, judge_newcomer
from lintuan.plays.marking import Newcomer, earlier_marks, lock_devices, phone_digests, write_marks
from lintuan.plays.tracing import Brought, brought_by, newcomers_behind, rewarded, shared_baskets
from lintuan.plays.types import CampaignView, Happening

#: What people at the counter do is seen by the leader, and comes in bursts.
AT_COUNTER = frozenset({"scanned", "collected"})

Why = list[dict[str, str]]
#: Newcomers by the run and unit that they stand behind.
_Behind = dict[tuple[int, int], list[Brought]]


class Claim(Struct, frozen=True):
    """A member is about to get a reward that costs `fen`, for what a unit counted in a run."""

    campaign: CampaignView
    run_id: int
    unit: int
    member_id: int
    fen: int

    @property
    def key(self) -> tuple[int, int, int]:
        return (self.run_id, self.unit, self.member_id)

    @property
    def is_invitation(self) -> bool:
        return any(one.fact == "arrived" for one in self.campaign.definition.counts)

    @property
    def has_newcomers(self) -> bool:
        """Whether the guard asks who stands behind it; units that are no members may count thousands."""
        return self.unit == self.member_id and (self.is_invitation or self._is_once)

    @property
    def _is_once(self) -> bool:
        return self.campaign.definition.limits.once_for_newcomers

    @property
    def is_at_counter(self) -> bool:
        return all(one.fact in AT_COUNTER for one in self.campaign.definition.counts)

    @property
    def is_once(self) -> bool:
        return self.has_newcomers and self._is_once


class Suspicion(Struct, frozen=True):
    """Why a reward waits for a person, or that the same newcomer had it before."""

    why: Why
    is_again: bool = False


def suspicions(province_id: int, claims: Sequence[Claim], now: datetime) -> dict[tuple[int, int, int], Suspicion]:
    """What speaks against which rewards, by run, unit and member; those that nothing speaks against are left out.

    Newcomers behind rewards that are once for newcomers are remembered from now on.
    """
    asked: dict[tuple[int, int, int], Claim] = {}
    for one in claims:
        if one.member_id and one.fen > (asked[one.key].fen if one.key in asked else 0):
            asked[one.key] = one
    if not asked:
        return {}
    claims = list(asked.values())
    behind = newcomers_behind(province_id, {one.key[:2] for one in claims if one.has_newcomers})
    known = _look(province_id, claims, behind, is_real=True)
    found = {}
    for claim in asked.values():
        verdict = _judge(known, claim)
        if verdict is not None:
            found[claim.key] = Suspicion(_why(verdict), verdict.decision == "again")
    write_marks(province_id, known.fresh, now)
    return found


def is_foreseen(campaign: CampaignView, order: Happening, *, run_id: int, fen: int) -> bool:
    """Whether a reward for an order that is not placed yet would be held or refused; nothing is locked or kept."""
    unit = order.member_id if campaign.definition.participants.unit == "member" else 0
    claim = Claim(campaign, run_id, unit, order.member_id, fen)
    if not claim.member_id or not fen:
        return False
    behind = newcomers_behind(campaign.province_id, {claim.key[:2]} if claim.has_newcomers else set())
    if order.is_first_order and claim.member_id not in {one.member_id for one in behind[claim.key[:2]]}:
        behind[claim.key[:2]].append(Brought(claim.member_id, 0, 0))
    return _judge(_look(campaign.province_id, [claim], behind, is_real=False), claim) is not None


@dataclass(slots=True)
class _Known:
    """Everything that was looked up for a batch; whoever is judged first was rewarded before who comes later.

    `on` are members by the device that several of them are on, `marks` newcomers by each digest of theirs.
    """

    behind: _Behind
    devices: Mapping[int, Sequence[str]]
    on: dict[str, set[int]]
    inviters: dict[tuple[int, int], int]
    rewarded: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    baskets: dict[int, frozenset[int]] = field(default_factory=dict)
    phones: dict[int, str] = field(default_factory=dict)
    marks: dict[str, list[Newcomer]] = field(default_factory=lambda: defaultdict(list))
    judged: set[tuple[int, int, int]] = field(default_factory=set)
    fresh: list[Newcomer] = field(default_factory=list)

    def keep(self, mark: Newcomer) -> None:
        self.judged.add((mark.run_id, mark.unit, mark.member_id))
        for digest in {mark.phone, mark.device} - {""}:
            self.marks[digest].append(mark)


def _look(province_id: int, claims: Sequence[Claim], behind: _Behind, *, is_real: bool) -> _Known:
    """What is to be known of these claims and the newcomers behind them, with one statement each."""
    members = {one.member_id for one in claims} | {one.member_id for ones in behind.values() for one in ones}
    devices = devices_around(province_id, members)
    on = _shared(devices)
    if is_real:
        lock_devices(province_id, on.keys())
    inviters = brought_by(province_id, {one.campaign.id for one in claims if one.is_invitation}, members)
    for claim in claims:
        inviters |= {(claim.campaign.id, one.member_id): one.inviter_id for one in behind[claim.key[:2]]}
    known = _Known(behind, devices, on, {key: inviter for key, inviter in inviters.items() if inviter})
    around = {one for ones in on.values() for one in ones}
    if around:
        known.rewarded |= rewarded(province_id, {one.campaign.id for one in claims}, around)
    around |= {one for (_, member_id), inviter in known.inviters.items() for one in (member_id, inviter)}
    if around:
        known.baskets = shared_baskets(province_id, around)
    newcomers = {one.member_id for claim in claims if claim.is_once for one in behind[claim.key[:2]]}
    if newcomers:
        known.phones = phone_digests(province_id, newcomers)
        marks_of_devices = {mark for member_id in newcomers for mark in devices.get(member_id, ())}
        for mark in earlier_marks(province_id, newcomers, known.phones.values(), marks_of_devices):
            known.keep(mark)
    return known


def _shared(devices: Mapping[int, Sequence[str]]) -> dict[str, set[int]]:
    on: dict[str, set[int]] = defaultdict(set)
    for member_id, marks in devices.items():
        for mark in marks:
            on[mark].add(member_id)
    return {mark: members for mark, members in on.items() if len(members) > 1}


def _judge(known: _Known, claim: Claim) -> Verdict | None:
    """What speaks most against a claim, None where it passes."""
    behind = known.behind[claim.key[:2]] if claim.has_newcomers else []
    fresh = [one for one in behind if (*claim.key[:2], one.member_id) not in known.judged]
    verdicts = [_verdict(known, claim, member_id) for member_id in {claim.member_id, *(one.member_id for one in fresh)}]
    if claim.is_once:
        verdicts += [_judge_newcomer(known, claim, one.member_id) for one in fresh]
    known.rewarded[claim.campaign.id].add(claim.member_id)
    against = [one for one in verdicts if one.decision != "passes"]
    return max(against, key=lambda one: (one.decision == "again", one.points), default=None)


def _verdict(known: _Known, claim: Claim, member_id: int) -> Verdict:
    """By the device that speaks most against them."""
    devices = [mark for mark in known.devices.get(member_id, ()) if mark in known.on] or [""]
    return max((_judged_on(known, claim, member_id, device) for device in devices), key=lambda verdict: verdict.points)


def _judged_on(known: _Known, claim: Claim, member_id: int, device: str) -> Verdict:
    campaign_id, on = claim.campaign.id, known.on.get(device, set())
    at = {one.member_id: one.minute for one in known.behind[claim.key[:2]]}
    # Who only brought somebody, or was brought, was not rewarded, but may be them.
    others = (on & known.rewarded[campaign_id]) | set(_chain(known, campaign_id, member_id)) | at.keys()

    def trace(one: int) -> Trace:
        baskets = known.baskets.get(one, frozenset())
        is_home = one == member_id or bool(baskets & known.baskets.get(member_id, frozenset()))
        return Trace(
            member=one,
            device=device if one in on else "",
            household=member_id if is_home else 0,
            brought_by=known.inviters.get((campaign_id, one), 0),
            at=at.get(one, 0),
            baskets=baskets,
        )

    earlier = [trace(one) for one in sorted(others - {member_id})]
    rules = guard_rules()
    return judge(trace(member_id), earlier, rules, worth_fen=claim.fen, is_at_counter=claim.is_at_counter)


def _chain(known: _Known, campaign_id: int, member_id: int) -> list[int]:
    """Who brought them, who brought those, and so on."""
    found: list[int] = []
    while (member_id := known.inviters.get((campaign_id, member_id), 0)) and member_id not in found:
        found.append(member_id)
    return found


def _judge_newcomer(known: _Known, claim: Claim, member_id: int) -> Verdict:
    """In another campaign an account may be new once more; under another account nobody is."""
    phone, devices = known.phones.get(member_id, ""), known.devices.get(member_id, ())
    alike = dict.fromkeys(one for digest in (phone, *devices) if digest for one in known.marks.get(digest, ()))
    earlier = [
        Trace(member=one.member_id or -number, device=one.device, phone=one.phone)
        for number, one in enumerate(alike, 1)
        if one.member_id != member_id or one.campaign_id == claim.campaign.id
    ]
    verdicts = [judge_newcomer(Trace(member_id, device, phone), earlier, guard_rules()) for device in devices or ("",)]
    mark = Newcomer(member_id, claim.campaign.id, *claim.key[:2], phone, devices[0] if devices else "")
    known.keep(mark)
    known.fresh.append(mark)
    return max(verdicts, key=lambda verdict: verdict.points)


def _why(verdict: Verdict) -> Why:
    """A line for each signal, with its points."""
    return [_line(one) for one in verdict.findings]


def _line(one: Finding) -> dict[str, str]:
    return {"rule": one.signal, "zh": f"{one.text.zh}（{one.points} 分）", "en": f"{one.text.en} ({one.points} points)"}
