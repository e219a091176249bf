"""The policy as it is written: TOML, refused with the place and the reason."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator

import msgspec

from lintuan.sharing.errors import PolicyMalformed, PolicyUnsound
from lintuan.sharing.types import Channel, Wording

from .policy import Policy


def read_policy(text: str | bytes) -> Policy:
    """The rows of a file; PolicyMalformed and PolicyUnsound name the first place that is wrong."""
    try:
        written = tomllib.loads(text.decode() if isinstance(text, bytes) else text)
    except ValueError as wrong:
        raise PolicyMalformed(place="$", reason=str(wrong)) from wrong
    try:
        policy = msgspec.convert(written, Policy)
    except msgspec.ValidationError as wrong:
        reason, _, place = str(wrong).partition(" - at ")
        raise PolicyMalformed(place=place.strip("`") or "$", reason=reason) from wrong
    for place, contradiction in _contradictions(policy):
        raise PolicyUnsound(place=place, reason=contradiction.en, reason_zh=contradiction.zh)
    return policy


def _contradictions(policy: Policy) -> Iterator[tuple[str, Wording]]:
    named = Counter(one.code for one in policy.channels)
    if sorted(named.elements()) != sorted(Channel):
        yield "channels", Wording(zh="每个渠道要有且只有一个名称", en="each channel needs one name, and only one")
    seen: set[str] = set()
    for index, row in enumerate(policy.rows):
        place = f"rows[{index}]"
        if row.id in seen:
            yield f"{place}.id", Wording(zh=f"{row.id} 写了两次", en=f"{row.id} is there twice")
        seen.add(row.id)
        if row.since and row.until and row.until < row.since:
            yield f"{place}.until", Wording(zh="结束早于开始", en="it ends before it begins")
        if row.mechanics and row.says == "allowed":
            yield (
                f"{place}.says",
                Wording(zh="玩法形式只能限制，不能放行", en="rows about mechanics can only make it stricter"),
            )
