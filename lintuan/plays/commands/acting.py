"""What members do in plays themselves: join, check in, vote, answer, play, help at the counter, use points."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import blake2b

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, Invalid
from lintuan.leaders.queries import point_of_member
from lintuan.members.queries import active_member, member
from lintuan.plays import rules
from lintuan.plays.engine.definition import FactKind
from lintuan.plays.engine.progress import Collect, Haggle
from lintuan.plays.errors import NotCounted, NotForYou, PlayCodeUnknown, PlayUnknown, RunClosed
from lintuan.plays.models import Campaign, Heard, Run, Side
from lintuan.plays.papers import is_counter_code, number_of_gift
from lintuan.plays.tickets import ticket_of
from lintuan.plays.types import CampaignView, Deed, Happening, Outcome, RunState
from lintuan.provinces.queries import province

from .guessing import forget_wrong, require_code
from .haggling import named_price
from .hearing import hear_among, stand_by
from .purses import spend_points
from .running import live_campaign

#: What only other rooms know to be true.
NOT_DEEDS: frozenset[FactKind] = frozenset({"paid", "collected", "reviewed", "came_of_age"})
#: A phone's own claims, which nothing here can verify, are cut to what a person can do.
MOST_POINTS = 100
MOST_STEPS = 30_000
NEWCOMER_DAYS = timedelta(days=14)
LONGEST_NONCE = 64
TEAM_LETTERS = 40


def act(caller: Caller, *, province_id: int, deed: Deed, key: str | None = None) -> Outcome:
    """Let a member do something in a play, at the point where they collect; NotCounted where it changes nothing.

    CodesLocked after wrong gift codes, which are counted in a transaction of their own.
    """
    if deed.kind == "redeemed":
        campaign = _campaign(caller, province_id, deed)
        if not _takes_points(campaign):
            require_code(campaign, caller.id, deed.code)
    return _act(caller, province_id=province_id, deed=deed, key=key)


@command
def _act(caller: Caller, *, province_id: int, deed: Deed, key: str | None = None) -> Outcome:
    campaign = _campaign(caller, province_id, deed)
    run = _open_run(province_id, deed)
    happening = _happening(caller, province_id, campaign, deed, key)
    if deed.kind == "redeemed" and _takes_points(campaign):
        spend_points(province_id, caller.id, happening.points)
    left = 0
    if isinstance(campaign.definition.progress, Haggle):
        happening, left = named_price(campaign, run, happening, deed.fen)
        if not happening.fen:
            return Outcome(deed.run_id, left=left)
    counted = hear_among(province_id, [happening], {campaign.id: campaign})
    if not counted and deed.kind == "arrived":
        # Who brought them is kept until their first order, which some plays wait for.
        stand_by(campaign, caller.id, happening.unit)
        return Outcome(0)
    if not counted:
        raise NotCounted
    ((heard, grants),) = counted
    if deed.kind == "redeemed" and not _takes_points(campaign):
        forget_wrong(campaign, caller.id)
    return Outcome(
        heard.run_id,
        tuple(grant.id for grant in grants if grant.member_id in (0, caller.id)),
        ticket=ticket_of(campaign, heard.run_id, heard.fact),
        of=happening.of,
        points=happening.points,
        agreed_fen=happening.fen,
        left=left,
    )


@command
def take_side(caller: Caller, *, province_id: int, campaign_id: int, label: str, key: str | None = None) -> int:
    """Say which building, team or household one plays for; who says the same plays together. Answers its number."""
    caller.require_kind(Kind.MEMBER)
    campaign, name = live_campaign(province_id, campaign_id), " ".join(label.split()).upper()
    if not 1 <= len(name) <= TEAM_LETTERS:
        raise Invalid(reason=f"label: 1-{TEAM_LETTERS}")
    if campaign.definition.participants.unit not in ("household", "building", "team"):
        raise Invalid(reason="campaign")
    point = point_of_member(province_id, caller.id)
    label_here = f"{point.id if point else 0}:{name}"[:TEAM_LETTERS]
    same = Side.objects.filter(province_id=province_id, campaign_id=campaign.id, label=label_here).first()
    unit = same.unit if same else caller.id
    Side.objects.update_or_create(
        province_id=province_id,
        campaign_id=campaign.id,
        member_id=caller.id,
        defaults={"unit": unit, "label": label_here},
    )
    return unit


def _campaign(caller: Caller, province_id: int, deed: Deed) -> CampaignView:
    """The campaign that runs and has such deeds, for a member who may do them."""
    caller.require_kind(Kind.MEMBER)
    if caller.province_id != province_id:
        raise Forbidden
    active_member(province_id, caller.id)
    campaign = live_campaign(province_id, deed.campaign_id)
    # Tickets that other plays gave are redeemed by those, so what a draw hears beside its own rules is no deed.
    if deed.kind in NOT_DEEDS or all(deed.kind != one.fact for one in campaign.definition.counts):
        raise Invalid(reason=f"kind: {deed.kind}")
    _require_fit(campaign, deed)
    return campaign


def _require_fit(campaign: CampaignView, deed: Deed) -> None:
    who = campaign.definition.participants.who
    if who == "buyers" and not deed.has_bought:
        raise NotForYou(reason="it is for those who have bought here", reason_zh="买过菜的邻居才能参加")
    if (who == "newcomers" or deed.kind == "arrived") and deed.has_bought:
        raise NotForYou(reason="it is for newcomers", reason_zh="新邻居才能参加")
    if who == "leaders":
        raise NotForYou(reason="it is for leaders", reason_zh="这是团长之间的玩法")
    if len(deed.nonce) > LONGEST_NONCE:
        raise Invalid(reason=f"nonce: {LONGEST_NONCE}")


def _open_run(province_id: int, deed: Deed) -> Run | None:
    """The run that a deed names."""
    if not deed.run_id:
        return None
    run = Run.objects.filter(province_id=province_id, id=deed.run_id, campaign_id=deed.campaign_id).first()
    if run is None or run.state != RunState.OPEN or (run.ends_at is not None and run.ends_at <= clock.now()):
        raise RunClosed
    return run


def _happening(caller: Caller, province_id: int, campaign: CampaignView, deed: Deed, key: str | None) -> Happening:
    point = point_of_member(province_id, caller.id)
    return Happening(
        key=_key(campaign, deed, caller, point.id if point else 0, key),
        kind=deed.kind,
        member_id=caller.id,
        at=clock.now(),
        point_id=point.id if point else 0,
        units=min(max(deed.units, 0), MOST_STEPS),
        points=_points(campaign, deed),
        of=_said(campaign, deed),
        nonce=deed.nonce,
        run_id=deed.run_id,
        unit=_unit(caller, province_id, campaign, deed),
        campaign_id=campaign.id,
        is_first_order=not deed.has_bought,
    )


def _key(campaign: CampaignView, deed: Deed, caller: Caller, point_id: int, key: str | None) -> str:
    """What names the deed for ever; a gift code names it itself, so each is good once, as does a question."""
    if deed.kind == "scanned" and not is_counter_code(campaign, point_id, deed.code):
        raise PlayCodeUnknown
    if deed.kind == "redeemed" and not _takes_points(campaign):
        number = number_of_gift(campaign, deed.code)
        if not number:
            raise PlayCodeUnknown
        return _unused(campaign, f"gift:{number}")
    if deed.kind == "answered" and campaign.content.questions:
        return f"answered:{caller.id}:question:{(deed.of[0] if deed.of else '').partition(':')[0][:9]}"
    named = blake2b((key or secrets.token_hex(8)).encode(), digest_size=16).hexdigest()
    return f"{deed.kind}:{caller.id}:{named}"


def _unused(campaign: CampaignView, card: str) -> str:
    """The card, if no round of the campaign has heard it; who types one at the same time waits for the other."""
    of_campaign = {"province_id": campaign.province_id, "id": campaign.id}
    Campaign.objects.select_for_update(no_key=True).get(**of_campaign)
    heard = Heard.objects.filter(province_id=campaign.province_id, key=card, is_withdrawn=False)
    if heard.filter(run__province_id=campaign.province_id, run__campaign_id=campaign.id).exists():
        raise NotCounted
    return card


def _points(campaign: CampaignView, deed: Deed) -> int:
    """Right answers count one; what a game claims is cut; points to be used are what the levels ask for."""
    if deed.kind == "answered":
        questions, zone = campaign.content.questions, province(campaign.province_id).zone
        asked, _, said = (deed.of[0] if deed.of else "").partition(":")
        is_question = asked.isdecimal() and int(asked) < len(questions)
        if is_question and int(asked) not in rules.questions_at(campaign, clock.now(), zone):
            raise NotCounted
        return int(is_question and said == str(questions[int(asked)].answer)) if questions else 0
    if deed.kind == "redeemed":
        levels = getattr(campaign.definition.progress, "levels", (0,))
        return int(levels[0])
    return min(max(deed.points, 0), MOST_POINTS)


def _said(campaign: CampaignView, deed: Deed) -> tuple[str, ...]:
    """What a member says of it; which card a day turns up is not theirs to say."""
    progress = campaign.definition.progress
    if isinstance(progress, Collect):
        return (secrets.choice(progress.of),) if progress.of else ()
    return tuple(text[:40] for text in deed.of[:4])


def _unit(caller: Caller, province_id: int, campaign: CampaignView, deed: Deed) -> int:
    """For whom it is done; a vote goes to an entry, an arrival to who brought the newcomer."""
    if deed.kind in ("arrived", "scanned", "watered", "helped"):
        if deed.unit == caller.id or not deed.unit:
            if deed.kind in ("arrived", "helped"):
                raise NotForYou(reason="somebody else brings or helps you", reason_zh="不能给自己助力")
            return 0
        other = member(province_id, deed.unit)
        if deed.kind == "arrived" and member(province_id, caller.id).joined_at < clock.now() - NEWCOMER_DAYS:
            raise NotForYou(reason="it is for newcomers", reason_zh="新邻居才能参加")
        return other.id
    if campaign.definition.participants.unit == "entry":
        if deed.unit not in {number for number, _ in campaign.content.entries} | campaign.sku_ids:
            raise PlayUnknown(thing="entry")
        return deed.unit
    return 0


def _takes_points(campaign: CampaignView) -> bool:
    """Whether using points is what counts: a gift code costs none."""
    return any(one.fact == "redeemed" and one.measure == "points" for one in campaign.definition.counts)
