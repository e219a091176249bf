"""Addresses that are given only to whom they concern: photos, what a sent person may collect, relay drafts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id

_signer = Signer(salt="lintuan.photos")
_drafts = Signer(salt="lintuan.drafts")
_PHOTOS = "/api/v1/photos/"
#: Addresses made within an hour are the same, so that a page does not change by being asked for again.
_HOUR = 3600
_GOOD_HOURS = 3
_PROVINCE = re.compile(r"[0-9]{1,4}")
_TOKEN = re.compile(r"[0-9A-Za-z_-]{1,40}")


def photo_address(province_id: int, key: str) -> str:
    """Where a photo is to be seen for the next hours."""
    until = (int(clock.now().timestamp()) // _HOUR + _GOOD_HOURS) * _HOUR
    name = f"{province_id}-{key}"
    return f"{_PHOTOS}{name}?{urlencode({'until': until, 'proof': _proof(name, until)})}"


def photo_addresses(province_id: int, keys: Iterable[str]) -> list[str]:
    return [photo_address(province_id, key) for key in keys]


def read_photo_address(name: str, until: int, proof: str) -> tuple[int, str]:
    """(province, key) of a photo whose address is ours and still good; NotFound otherwise."""
    try:
        _signer.unsign(f"{name}:{until}:{proof}")
    except BadSignature:
        raise NotFound(thing="photo") from None
    if until <= clock.now().timestamp():
        raise NotFound(thing="photo")
    province, _, key = name.partition("-")
    return int(province), key


def proxy_token(province_id: int, token: str) -> str:
    """A token with the province whose it is."""
    return f"{province_id}-{token}"


def read_proxy_token(text: str) -> tuple[int, str]:
    """(province, token); NotFound for what is none of ours."""
    province, _, token = text.partition("-")
    if not (_PROVINCE.fullmatch(province) and _TOKEN.fullmatch(token)):
        raise NotFound(thing="pickup")
    return int(province), token


def draft_ticket(caller: Caller, draft_id: int) -> str:
    """What shows a draft to the one member who typed its code."""
    return _drafts.sign(f"{public_id('draft', caller.province_id, draft_id)}-{_of(caller)}")


def read_draft_ticket(caller: Caller, text: str) -> int:
    """The draft; NotFound for what is none of ours, or another member's."""
    try:
        draft, _, whose = _drafts.unsign(text).partition("-")
    except BadSignature:
        raise NotFound(thing="draft") from None
    if whose != _of(caller):
        raise NotFound(thing="draft")
    return read_public_id("draft", draft)[1]


def _of(caller: Caller) -> str:
    return public_id(caller.kind, caller.province_id, caller.id)


def _proof(name: str, until: int) -> str:
    return _signer.signature(f"{name}:{until}")
