from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key


@dataclass(frozen=True)
class Account:
    """Our application at Alipay, and the account (``seller_id``, 2088...) that its money goes to."""

    app_id: str
    seller_id: str
    app_private_key: RSAPrivateKey = field(repr=False)
    alipay_public_key: RSAPublicKey = field(repr=False)


class AccountManifest(msgspec.Struct):
    """The ``alipay`` part of a manifest; paths of keys are relative to the manifest's folder."""

    base_url: str
    app_id: str
    seller_id: str
    app_private_key: str
    alipay_public_key: str


class _Manifest(msgspec.Struct):
    alipay: AccountManifest | None = None


def read_account(manifest: Path) -> tuple[Account, str] | None:
    """The account that a manifest describes, and the address of its gateway; None where it names none."""
    told = msgspec.json.decode(manifest.read_bytes(), type=_Manifest).alipay
    if told is None:
        return None
    folder = manifest.parent
    ours = load_pem_private_key((folder / told.app_private_key).read_bytes(), password=None)
    theirs = load_pem_public_key((folder / told.alipay_public_key).read_bytes())
    if not isinstance(ours, RSAPrivateKey):
        raise TypeError(f"{told.app_private_key} is not an RSA key.")
    if not isinstance(theirs, RSAPublicKey):
        raise TypeError(f"{told.alipay_public_key} is not an RSA key.")
    return Account(told.app_id, told.seller_id, ours, theirs), told.base_url
