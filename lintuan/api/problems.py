"""Refusals as problem documents (RFC 9457), the same for every face of the API."""

from __future__ import annotations

import json
from typing import Any

from lintuan.kernel.errors import Refusal, TooMany, Unavailable

MEDIA_TYPE = "application/problem+json"


def problem_document(refusal: Refusal, language: str, **more: Any) -> str:
    """The document as JSON text; `more` are members beside the standard ones."""
    document = {
        "type": f"urn:lintuan:problem:{refusal.code}",
        "title": refusal.message(language),
        "status": refusal.status,
        "code": refusal.code,
        "facts": {name: _plain(value) for name, value in refusal.facts.items()},
        **more,
    }
    return json.dumps(document, ensure_ascii=False)


def retry_after(refusal: Refusal) -> str | None:
    """The seconds after which it is worth trying again; None where time alone changes nothing."""
    if isinstance(refusal, TooMany):
        return str(refusal.facts.get("seconds", 60))
    return "2" if isinstance(refusal, Unavailable) else None


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | bool | list | dict | None) else str(value)
