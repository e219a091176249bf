from __future__ import annotations

from lintuan.kernel import changes, clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Invalid, NotFound, SignInNeeded
from lintuan.kernel.events import announce, announce_all
from lintuan.members import rules
from lintuan.members.events import ConsentGiven, MemberForgotten, MemberJoined
from lintuan.members.models import Consent, Member, Session, SignInCode
from lintuan.members.types import MemberState, NewMember
from lintuan.provinces.errors import ProvinceClosed
from lintuan.provinces.queries import province
from lintuan.provinces.types import ProvinceState

from .sessions import end_sessions_of

MOST_PEOPLE = 1000


@command
def enter(caller: Caller, *, province_id: int, phone: str, name: str = "", key: str | None = None) -> int:
    """The member of a proved phone, created on their first visit; the system vouches for the proof."""
    caller.require_kind(Kind.SYSTEM)
    _require_market(province_id)
    phone = rules.read_phone(phone)
    member, is_new = Member.objects.get_or_create(
        province_id=province_id,
        phone=phone,
        defaults={"name": rules.member_name(name, phone), "joined_at": clock.now()},
    )
    if is_new:
        announce(MemberJoined(province_id=province_id, member_id=member.id))
    return member.id


@command
def import_members(caller: Caller, *, province_id: int, people: tuple[NewMember, ...], key: str | None = None) -> int:
    """Bring over people of another list, 1000 at most; known phones stay as they are. Answers how many were new."""
    caller.require("members.import", province_id)
    _require_market(province_id)
    if len(people) > MOST_PEOPLE:
        raise Invalid(reason=f"people <= {MOST_PEOPLE}")
    by_phone = {rules.read_phone(person.phone): person for person in people}
    known = Member.objects.filter(province_id=province_id, phone__in=by_phone).values_list("phone", flat=True)
    fresh = by_phone.keys() - set(known)
    now = clock.now()
    Member.objects.bulk_create(
        [
            Member(province_id=province_id, phone=phone, name=rules.member_name(person.name, phone), joined_at=now)
            for phone, person in by_phone.items()
            if phone in fresh
        ],
        ignore_conflicts=True,
    )
    joined = Member.objects.filter(province_id=province_id, phone__in=fresh).values_list("id", flat=True)
    announce_all(MemberJoined(province_id=province_id, member_id=member_id) for member_id in joined)
    return len(fresh)


@command
def record_consent(
    caller: Caller, *, province_id: int, member_id: int, item: str, version: str, key: str | None = None
) -> int:
    """Keep the proof that a member agreed to this version of a notice; agreeing again changes nothing."""
    member = _own_member(caller, province_id, member_id)
    if not 1 <= len(item) <= 20 or not 1 <= len(version) <= 20:
        raise Invalid(reason="item, version: 1-20")
    consent, is_new = Consent.objects.get_or_create(
        province_id=province_id, member=member, item=item, version=version, defaults={"given_at": clock.now()}
    )
    if is_new:
        announce(ConsentGiven(province_id=province_id, member_id=member_id, item=item, version=version))
    return consent.id


@command
def forget_member(caller: Caller, *, province_id: int, member_id: int, key: str | None = None) -> int:
    """Erase who a member is and sign them out everywhere; their orders stay in the books without a name."""
    member = _own_member(caller, province_id, member_id)
    SignInCode.objects.filter(phone=member.phone).delete()
    member.phone, member.name, member.state = None, rules.FORGOTTEN_NAME, MemberState.FORGOTTEN
    member.save()
    end_sessions_of(SYSTEM, of=Caller(Kind.MEMBER, member_id, province_id))
    Session.objects.filter(kind=Kind.MEMBER.value, province=province_id, subject_id=member_id).update(device="")
    changes.tell("members", province_id)
    announce(MemberForgotten(province_id=province_id, member_id=member_id))
    return member_id


def _require_market(province_id: int) -> None:
    view = province(province_id)
    if view.state is ProvinceState.DRAFT:
        raise ProvinceClosed(province=view.code)


def _own_member(caller: Caller, province_id: int, member_id: int) -> Member:
    if caller.kind is Kind.NOBODY:
        raise SignInNeeded
    member = (
        Member.objects.select_for_update()
        .filter(province_id=province_id, id=member_id, state=MemberState.ACTIVE.value)
        .first()
    )
    if member is None or not (caller.is_member(province_id, member_id) or caller.kind is Kind.SYSTEM):
        raise NotFound(thing="member")
    return member
