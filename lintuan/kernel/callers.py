"""Who calls: decided before what they may do."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from .errors import Forbidden, SignInNeeded


class Kind(StrEnum):
    NOBODY = "nobody"
    MEMBER = "member"
    LEADER = "leader"
    SUPPLIER = "supplier"
    STAFF = "staff"
    SYSTEM = "system"


class Caller(Struct, frozen=True):
    """A person or the system itself.

    `province_id` is where a member, leader or supplier belongs; staff carry rights (`room.verb`) and the provinces
    they hold for, and an empty `provinces` means headquarters: everywhere.
    """

    kind: Kind
    id: int = 0
    province_id: int = 0
    rights: frozenset[str] = frozenset()
    provinces: frozenset[int] = frozenset()

    @property
    def reference(self) -> str:
        """Stable text for logs and idempotency."""
        return f"{self.kind}:{self.province_id}:{self.id}"

    def may(self, right: str, province_id: int) -> bool:
        if self.kind is Kind.SYSTEM:
            return True
        in_scope = not self.provinces or province_id in self.provinces
        return self.kind is Kind.STAFF and right in self.rights and in_scope

    def require(self, right: str, province_id: int) -> None:
        """Refuse anyone but the system and staff who hold the right in this province."""
        if self.kind is Kind.NOBODY:
            raise SignInNeeded
        if not self.may(right, province_id):
            raise Forbidden

    def require_kind(self, kind: Kind) -> None:
        if self.kind is Kind.NOBODY:
            raise SignInNeeded
        if self.kind is not kind:
            raise Forbidden

    def is_member(self, province_id: int, member_id: int) -> bool:
        return (self.kind, self.province_id, self.id) == (Kind.MEMBER, province_id, member_id)

    def is_leader(self, province_id: int, leader_id: int) -> bool:
        return (self.kind, self.province_id, self.id) == (Kind.LEADER, province_id, leader_id)

    def is_supplier(self, province_id: int, supplier_id: int) -> bool:
        return (self.kind, self.province_id, self.id) == (Kind.SUPPLIER, province_id, supplier_id)


SYSTEM = Caller(Kind.SYSTEM)
NOBODY = Caller(Kind.NOBODY)
