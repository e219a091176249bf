"""Alipay's open API, the pure core: what is signed and how it is checked (RSA2: SHA256 with RSA, PKCS #1 v1.5).

No clock and no network of its own. Moments are seconds since 1970 in the real world; Alipay writes them as the
time in Beijing, without a zone.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from lintuan.payments.gateways.alipay.accounts import Account
from lintuan.payments.gateways.faults import ForgedCallback, StaleCallback

BEIJING = timezone(timedelta(hours=8))
MOMENT = "%Y-%m-%d %H:%M:%S"
SIGN_TYPE = "RSA2"
#: The last of the documented repeats comes within 25 hours.
FRESH = timedelta(hours=25, minutes=5)
AHEAD = timedelta(minutes=5)
MOST_FIELDS = 200


def beijing(moment: float) -> str:
    return datetime.fromtimestamp(moment, BEIJING).strftime(MOMENT)


def read_beijing(text: str) -> datetime:
    """A moment with its zone; ValueError for another form. A fraction of a second, which some fields have, is cut."""
    return datetime.strptime(text.partition(".")[0], MOMENT).replace(tzinfo=BEIJING)


def signed_text(fields: Mapping[str, str]) -> bytes:
    """``a=1&b=2`` in the order of names, nothing encoded; which fields belong in it is the caller's to know."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields)).encode()


def sign(key: RSAPrivateKey, message: bytes) -> str:
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def is_signed(key: RSAPublicKey, signature: str, message: bytes) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def request(account: Account, method: str, content: object, *, moment: float, **more: str) -> dict[str, str]:
    """The signed fields of a request; ``more`` are further common ones (``notify_url``), empty ones are not sent."""
    fields = {
        "app_id": account.app_id,
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": SIGN_TYPE,
        "timestamp": beijing(moment),
        "version": "1.0",
        "biz_content": msgspec.json.encode(content).decode(),
        **more,
    }
    sent = {name: value for name, value in fields.items() if value}
    return sent | {"sign": sign(account.app_private_key, signed_text(sent))}


def open_notice(account: Account, body: bytes, *, now: float) -> dict[str, str]:
    """The fields of a callback that Alipay signed for this account within the last 25 hours.

    Unlike in requests, empty fields are signed. An older one than that, or one of the future, is StaleCallback.
    """
    fields = _form(body)
    signed = {name: value for name, value in fields.items() if name not in ("sign", "sign_type")}
    if fields.get("sign_type") != SIGN_TYPE:
        raise ForgedCallback("Not signed with RSA2.")
    if not is_signed(account.alipay_public_key, fields.get("sign", ""), signed_text(signed)):
        raise ForgedCallback("The signature does not fit.")
    if (fields.get("app_id"), fields.get("seller_id")) != (account.app_id, account.seller_id):
        raise ForgedCallback("The callback is for another account.")
    _check_fresh(fields.get("notify_time", ""), now)
    return fields


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as problem:
        raise ForgedCallback(f"No form: {problem}") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise ForgedCallback("A field is there twice.")
    return dict(pairs)


def _check_fresh(sent: str, now: float) -> None:
    try:
        age = datetime.fromtimestamp(now, UTC) - read_beijing(sent)
    except ValueError:
        raise ForgedCallback("It does not say when it was sent.") from None
    if not -AHEAD <= age <= FRESH:
        raise StaleCallback(f"Sent at {sent}.")
