"""Access tokens: signed, short-lived, read without the database.

A token is `claims.signature`, both in URL-safe base64 without padding; the signature is an HMAC-SHA256 of the claims
as written. Verified tokens are not remembered: at a peak each member's next request comes seconds later, and the tokens
of that while would have to be kept to save a few microseconds on each.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from functools import lru_cache

import msgspec
from django.conf import settings

from .callers import Caller, Kind
from .errors import SignInNeeded

#: What the key is derived for, so that nothing signed with SECRET_KEY for another use is a token.
PURPOSE = b"lintuan.access"


class _Claims(msgspec.Struct, array_like=True):
    kind: Kind
    id: int
    province_id: int
    rights: frozenset[str]
    provinces: frozenset[int]
    expires: int


_write = msgspec.json.Encoder(order="deterministic").encode
_read = msgspec.json.Decoder(_Claims).decode


def sign(caller: Caller, *, expires_at: datetime) -> str:
    """A token that speaks for the caller until the moment given."""
    expires = int(expires_at.timestamp())
    claims = _Claims(caller.kind, caller.id, caller.province_id, caller.rights, caller.provinces, expires)
    body = urlsafe_b64encode(_write(claims)).rstrip(b"=")
    return (body + b"." + _signature(body)).decode()


def read(token: str, *, now: datetime) -> Caller:
    """The caller a token speaks for; SignInNeeded when it is forged or past its time."""
    try:
        body, _, signature = token.encode().rpartition(b".")
        if not hmac.compare_digest(signature, _signature(body)):
            raise SignInNeeded
        claims = _read(urlsafe_b64decode(body + b"=="))
    except (msgspec.MsgspecError, ValueError) as wrong:
        raise SignInNeeded from wrong
    if claims.expires <= now.timestamp():
        raise SignInNeeded
    return Caller(claims.kind, claims.id, claims.province_id, claims.rights, claims.provinces)


def _signature(body: bytes) -> bytes:
    signing = _signing(settings.SECRET_KEY).copy()
    signing.update(body)
    return urlsafe_b64encode(signing.digest()).rstrip(b"=")


@lru_cache(4)
def _signing(secret: str) -> hmac.HMAC:
    """A signature that nothing was signed with yet: a copy of it is quicker than one made of the key."""
    key = hmac.digest(secret.encode(), PURPOSE, "sha256")
    return hmac.new(key, digestmod="sha256")
