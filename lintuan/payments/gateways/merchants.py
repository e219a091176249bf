from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate


@dataclass(frozen=True)
class Merchant:
    """Our account at WeChat Pay, with the ring of platform keys {serial: public key} that we trust."""

    app_id: str
    merchant_id: str
    serial: str
    private_key: RSAPrivateKey = field(repr=False)
    api_v3_key: bytes = field(repr=False)
    platform_keys: Mapping[str, RSAPublicKey]

    @property
    def platform_serial(self) -> str:
        """The key by which we ask the platform to sign; a public key before a certificate, as it never expires."""
        return min(self.platform_keys, key=lambda serial: (not serial.startswith("PUB_KEY_ID_"), serial))


class MerchantManifest(msgspec.Struct):
    """The ``wechatpay`` part of a manifest; paths of keys are relative to the manifest's folder.

    A certificate names its own serial, so certificates are a list; while the platform moves a merchant from one to
    the other, both are given and whatever either signed is believed.
    """

    base_url: str
    app_id: str
    merchant_id: str
    merchant_serial: str
    merchant_private_key: str
    api_v3_key: str
    platform_public_keys: dict[str, str] = {}
    platform_certificates: list[str] = []


class _Manifest(msgspec.Struct):
    wechatpay: MerchantManifest


def read_merchant(manifest: Path) -> tuple[Merchant, str]:
    """The merchant that a manifest describes, and the base URL of its gateway."""
    told = msgspec.json.decode(manifest.read_bytes(), type=_Manifest).wechatpay
    folder = manifest.parent
    private_key = load_pem_private_key((folder / told.merchant_private_key).read_bytes(), password=None)
    if not isinstance(private_key, RSAPrivateKey):
        raise TypeError(f"{told.merchant_private_key} is not an RSA key.")
    merchant = Merchant(
        app_id=told.app_id,
        merchant_id=told.merchant_id,
        serial=told.merchant_serial,
        private_key=private_key,
        api_v3_key=(folder / told.api_v3_key).read_bytes().strip(),
        platform_keys=_key_ring(told, folder),
    )
    return merchant, told.base_url


def _key_ring(told: MerchantManifest, folder: Path) -> dict[str, RSAPublicKey]:
    ring = {
        serial: _rsa(load_pem_public_key((folder / path).read_bytes()), path)
        for serial, path in told.platform_public_keys.items()
    }
    for path in told.platform_certificates:
        certificate = load_pem_x509_certificate((folder / path).read_bytes())
        ring[f"{certificate.serial_number:X}"] = _rsa(certificate.public_key(), path)
    if not ring:
        raise ValueError("The manifest names neither a public key nor a certificate of the platform.")
    return ring


def _rsa(key: object, path: str) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey):
        raise TypeError(f"{path} is not an RSA key.")
    return key
