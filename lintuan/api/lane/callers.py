"""Who sent a request to the lane."""

from __future__ import annotations

from datetime import datetime

from lintuan.kernel import tokens
from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import SignInNeeded

from .body import require_once
from .http import Scope, header

AUTHORIZATION = b"authorization"


def caller_of(scope: Scope, now: datetime) -> Caller:
    """Whom the access token speaks for; of staff, whether they still hold their rights was not asked."""
    require_once(scope, {AUTHORIZATION})
    scheme, _, token = header(scope, AUTHORIZATION).decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SignInNeeded
    return tokens.read(token, now=now)
