"""What our pages allow a browser to do: nothing from other hosts, no script and no style written into a page."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse


def _policy(images: str) -> str:
    rules = (
        "default-src 'self'",
        f"img-src {images}",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
    return "; ".join(rules)


POLICY = _policy("'self' data:")
#: The client shows a photo before it is sent.
CLIENT_POLICY = _policy("'self' data: blob:")


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer with our content security policy; a page with what only its reader may see is not stored."""

    @functools.wraps(view)
    def run(*args: Any, **arguments: Any) -> HttpResponse:
        response = view(*args, **arguments)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return run
