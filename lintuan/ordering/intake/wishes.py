"""What the lane is asked for, and what it answers."""

from __future__ import annotations

import secrets
from hashlib import blake2b

from msgspec import Struct
from msgspec.structs import replace

from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import LONGEST_KEY
from lintuan.kernel.errors import Invalid, Refusal
from lintuan.ordering.types import OrderRequest, OrderView


class Wish(Struct, frozen=True):
    """An order somebody asks for; the hashes are of its key and of what is asked (63 bits each).

    What it saves is not of what is asked: whoever asks again because an answer was lost has spent their coupon by then.
    """

    caller: Caller
    request: OrderRequest
    key_hash: int
    content_hash: int

    @classmethod
    def of(cls, caller: Caller, request: OrderRequest, key: str | None) -> Wish:
        """Without a key nobody can ask for the same order again."""
        asked = replace(request, saved_fen=0) if request.saved_fen else request
        if key is None:
            return cls(caller, request, secrets.randbits(63), _hash(repr(asked).encode()))
        if not 1 <= len(key) <= LONGEST_KEY:
            raise Invalid(reason=f"Idempotency-Key: 1-{LONGEST_KEY}")
        return cls(caller, request, _hash(key.encode()), _hash(repr(asked).encode()))


class PlacedBefore(Struct, frozen=True):
    """The order that this key stands for already, as it may look by now; its readers look it up."""

    order_id: int


class TryAgain(Exception):
    """Something changed between looking and writing; what was decided must be decided anew."""


class BookOutdated(Exception):
    """What the batch was to be decided by has changed; it must be read anew."""


Outcome = OrderView | PlacedBefore | Refusal | TryAgain


def _hash(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 1
