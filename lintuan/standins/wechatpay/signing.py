import base64
import binascii
import re
import secrets
import time
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from lintuan.standins.wechatpay.keys import Keys
from lintuan.standins.wechatpay.refusals import bad_parameter, bad_signature

SCHEME = "WECHATPAY2-SHA256-RSA2048"
CLOCK_TOLERANCE = 300
FIELDS = ("mchid", "nonce_str", "signature", "timestamp", "serial_no")


def check_request(keys: Keys, *, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
    """Refuse what the merchant's key did not sign within the last minutes, over exactly these bytes."""
    fields = _authorization(headers.get("authorization", ""))
    if fields["mchid"] != keys.merchant_id or fields["serial_no"] != keys.merchant_serial:
        raise bad_signature("merchant or serial is unknown")
    if not _is_recent(fields["timestamp"]):
        raise bad_signature("timestamp has expired")
    head = f"{method}\n{target}\n{fields['timestamp']}\n{fields['nonce_str']}\n"
    if not is_signed(keys, fields["signature"], head.encode() + body + b"\n"):
        raise bad_signature("sign not match")
    known = (None, keys.platform_serial, keys.certificate_serial)
    if headers.get("wechatpay-serial") not in known:
        raise bad_parameter("Wechatpay-Serial is not the platform's")


def check_phone(keys: Keys, fields: Mapping[str, str], *, prepay_id: str) -> None:
    """Refuse a payment sheet that the merchant did not sign for this prepay_id."""
    names = ("appId", "timeStamp", "nonceStr")
    message = "".join(f"{fields.get(name, '')}\n" for name in names) + f"prepay_id={prepay_id}\n"
    if fields.get("appId") != keys.app_id or not is_signed(keys, fields.get("paySign", ""), message.encode()):
        raise bad_signature("paySign not match")


def is_signed(keys: Keys, signature: str, message: bytes) -> bool:
    try:
        keys.merchant_public.verify(base64.b64decode(signature, validate=True), message, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def signed_headers(keys: Keys, body: bytes, *, timestamp: int | None = None, serial: str = "") -> dict[str, str]:
    """The headers by which a merchant knows the platform; the time is now unless a fault wants another."""
    moment = int(time.time()) if timestamp is None else timestamp
    nonce = secrets.token_hex(16)
    serial, key = keys.signing(serial)
    signature = key.sign(f"{moment}\n{nonce}\n".encode() + body + b"\n", padding.PKCS1v15(), SHA256())
    return {
        "Wechatpay-Timestamp": str(moment),
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
        "Wechatpay-Signature-Type": SCHEME,
    }


def sealed(keys: Keys, plain: bytes, *, kind: str) -> dict[str, str]:
    """The encrypted resource of a callback."""
    nonce = secrets.token_hex(6)
    ciphertext = AESGCM(keys.api_v3_key).encrypt(nonce.encode(), plain, kind.encode())
    return {
        "original_type": kind,
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(ciphertext).decode(),
        "associated_data": kind,
        "nonce": nonce,
    }


def _authorization(header: str) -> dict[str, str]:
    scheme, _, rest = header.partition(" ")
    fields = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    if scheme != SCHEME or not all(fields.get(name) for name in FIELDS):
        raise bad_signature("Authorization is incomplete")
    return fields


def _is_recent(timestamp: str) -> bool:
    is_number = re.fullmatch(r"[0-9]{1,12}", timestamp) is not None
    return is_number and abs(time.time() - int(timestamp)) <= CLOCK_TOLERANCE
