import json
import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from lintuan.standins.files import write_private

FOLDER = "wechatpay"
CERTIFICATE = "platform_certificate.pem"
VALID = timedelta(days=5 * 365)


@dataclass(frozen=True)
class Keys:
    """The identities of one merchant and of the platform; the merchant's private key stays in its file.

    The platform signs with either of two keys: one that merchants know by its id, one by a certificate's serial number.
    """

    app_id: str
    merchant_id: str
    merchant_serial: str
    merchant_public: rsa.RSAPublicKey
    platform_serial: str
    platform_private: rsa.RSAPrivateKey
    certificate_serial: str
    certificate_private: rsa.RSAPrivateKey
    api_v3_key: bytes
    app_secret: str

    def signing(self, serial: str) -> tuple[str, rsa.RSAPrivateKey]:
        """The platform's key of a serial with that serial; the one known by its id for any other."""
        if serial == self.certificate_serial:
            return serial, self.certificate_private
        return self.platform_serial, self.platform_private

    def for_the_merchant(self) -> dict[str, object]:
        """What the platform hands to a merchant on the day of contract."""
        return {
            "app_id": self.app_id,
            "merchant_id": self.merchant_id,
            "merchant_serial": self.merchant_serial,
            "merchant_private_key": f"{FOLDER}/merchant_private.pem",
            "api_v3_key": f"{FOLDER}/api_v3.key",
            "platform_public_keys": {self.platform_serial: f"{FOLDER}/platform_public.pem"},
            "platform_certificates": [f"{FOLDER}/{CERTIFICATE}"],
        }

    def for_the_mini_program(self) -> dict[str, object]:
        return {"app_id": self.app_id, "secret": f"{FOLDER}/app_secret"}


def open_keys(state: Path) -> Keys:
    """Read the keys of an earlier start, or make them."""
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # The identity is written last: where it is missing, an earlier first start was cut short.
    if not (folder / "identity.json").exists():
        _make(folder)
    if not (folder / CERTIFICATE).exists():
        _make_certificate(folder)
    if not (folder / "app_secret").exists():
        write_private(folder / "app_secret", secrets.token_hex(16).encode())
    certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    identity = json.loads((folder / "identity.json").read_text())
    merchant = serialization.load_pem_public_key((folder / "merchant_public.pem").read_bytes())
    if not isinstance(merchant, rsa.RSAPublicKey):
        raise TypeError(f"The merchant's key in {folder} is not an RSA key.")
    return Keys(
        **identity,
        merchant_public=merchant,
        platform_private=_private(folder / "platform_private.pem"),
        certificate_serial=f"{certificate.serial_number:X}",
        certificate_private=_private(folder / "certificate_private.pem"),
        api_v3_key=(folder / "api_v3.key").read_bytes(),
        app_secret=(folder / "app_secret").read_text(),
    )


def _private(path: Path) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} is not an RSA key.")
    return key


def _make(folder: Path) -> None:
    for owner in ("merchant", "platform"):
        _make_pair(folder, owner)
    letters = string.ascii_letters + string.digits
    write_private(folder / "api_v3.key", "".join(secrets.choice(letters) for _ in range(32)).encode())
    identity = {
        "app_id": f"wx{secrets.token_hex(8)}",
        "merchant_id": f"16{secrets.randbelow(10**8):08d}",
        "merchant_serial": secrets.token_hex(20).upper(),
        "platform_serial": f"PUB_KEY_ID_0116{secrets.randbelow(10**20):020d}",
    }
    write_private(folder / "identity.json", json.dumps(identity, indent=2).encode())


def _make_certificate(folder: Path) -> None:
    key = _make_pair(folder, "certificate")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com stand-in")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + VALID)
        .sign(key, SHA256())
    )
    # Written after its key: where it is there, so is the key.
    write_private(folder / CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM))


def _make_pair(folder: Path, owner: str) -> rsa.RSAPrivateKey:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    write_private(folder / f"{owner}_private.pem", private)
    write_private(folder / f"{owner}_public.pem", public)
    return key
