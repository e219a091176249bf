"""Members for tests."""

from __future__ import annotations

import itertools

from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.members import commands
from lintuan.members.types import NOTICE_VERSION, PRIVACY
from tests.make.provinces import HUBEI, province

_numbers = itertools.count(1)


def phone() -> str:
    """A phone that no other test person has."""
    return f"138{next(_numbers):08d}"


def member(province_id: int = HUBEI, *, phone_number: str | None = None, name: str = "李雷") -> Caller:
    """A signed-in member of a trading province."""
    province(province_id)
    member_id = commands.enter(SYSTEM, province_id=province_id, phone=phone_number or phone(), name=name)
    return Caller(Kind.MEMBER, member_id, province_id)


def members(count: int, province_id: int = HUBEI) -> list[Caller]:
    """Several members at once."""
    return [member(province_id, name=f"邻居{number}") for number in range(count)]


def on_device(mark: str, *people: Caller) -> None:
    """Let members agree to the notice and sign in, one after another, on a client that has this mark."""
    for person in people:
        about = {"province_id": person.province_id, "member_id": person.id}
        commands.record_consent(person, **about, item=PRIVACY, version=NOTICE_VERSION)
        commands.open_session(person, device=mark)
