import base64
import binascii
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from lintuan.standins.alipay import refusals
from lintuan.standins.alipay.keys import Keys

COMMON = ("app_id", "method", "charset", "sign_type", "timestamp", "version")


def check_request(keys: Keys, fields: Mapping[str, str]) -> None:
    """Refuse what the application's key did not sign; whose application it is, is looked at first."""
    if fields.get("app_id") != keys.app_id:
        raise refusals.unknown_app()
    for name in COMMON:
        if not fields.get(name):
            raise refusals.missing(name)
    if fields["sign_type"] != "RSA2":
        raise refusals.bad_common("signature_type")
    if fields["charset"].lower() != "utf-8":
        raise refusals.bad_common("charset")
    signed = {name: value for name, value in fields.items() if name != "sign" and value}
    if not _fits(keys, fields.get("sign", ""), _text(signed)):
        raise refusals.bad_signature()


def sign(keys: Keys, message: bytes) -> str:
    return base64.b64encode(keys.alipay_private.sign(message, padding.PKCS1v15(), SHA256())).decode()


def signed_form(keys: Keys, fields: Mapping[str, str], *, signed: Mapping[str, str] | None = None) -> dict[str, str]:
    """The fields of a callback with their signature; ``signed`` are others, where a fault wants the wrong one."""
    signature = sign(keys, _text(fields if signed is None else signed))
    return {**fields, "sign_type": "RSA2", "sign": signature}


def _text(fields: Mapping[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in sorted(fields.items())).encode()


def _fits(keys: Keys, signature: str, message: bytes) -> bool:
    try:
        keys.app_public.verify(base64.b64decode(signature, validate=True), message, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
