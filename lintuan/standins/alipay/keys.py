from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lintuan.standins.files import write_private

FOLDER = "alipay"


@dataclass(frozen=True)
class Keys:
    """One application, the account it sells for, and the platform; the application's private key stays in its file."""

    app_id: str
    seller_id: str
    app_public: rsa.RSAPublicKey
    alipay_private: rsa.RSAPrivateKey

    def for_the_merchant(self) -> dict[str, object]:
        """What the platform and the merchant exchange on the day of contract."""
        return {
            "app_id": self.app_id,
            "seller_id": self.seller_id,
            "app_private_key": f"{FOLDER}/app_private.pem",
            "alipay_public_key": f"{FOLDER}/alipay_public.pem",
        }


def open_keys(state: Path) -> Keys:
    """Read the keys of an earlier start, or make them."""
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # The identity is written last: where it is missing, an earlier first start was cut short.
    if not (folder / "identity.json").exists():
        _make(folder)
    identity = json.loads((folder / "identity.json").read_text())
    app = serialization.load_pem_public_key((folder / "app_public.pem").read_bytes())
    alipay = serialization.load_pem_private_key((folder / "alipay_private.pem").read_bytes(), password=None)
    if not isinstance(app, rsa.RSAPublicKey) or not isinstance(alipay, rsa.RSAPrivateKey):
        raise TypeError(f"The keys in {folder} are not RSA keys.")
    return Keys(**identity, app_public=app, alipay_private=alipay)


def _make(folder: Path) -> None:
    for owner in ("app", "alipay"):
        _make_pair(folder, owner)
    identity = {
        "app_id": f"2021{secrets.randbelow(10**12):012d}",
        "seller_id": f"2088{secrets.randbelow(10**12):012d}",
    }
    write_private(folder / "identity.json", json.dumps(identity, indent=2).encode())


def _make_pair(folder: Path, owner: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    write_private(folder / f"{owner}_private.pem", private)
    write_private(folder / f"{owner}_public.pem", public)
