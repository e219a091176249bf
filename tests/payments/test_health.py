"""The doctor of payments finds what is broken, one thing at a time, and nothing where all is well."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from lintuan.payments import health
from lintuan.payments.queries import gateway_health
from lintuan.payments.types import Symptom
from tests.stand_ins import Addresses, free_port

KEY = "merchant_private.pem"


@pytest.fixture
def keys(gateway_addresses: Addresses, tmp_path: Path) -> Path:
    """A copy of what the platform gave us, to be broken."""
    copy = tmp_path / "keys"
    shutil.copytree(gateway_addresses.manifest.parent, copy)
    return copy


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """A site that refuses what nobody signed, as ours does."""
    with Site(401, b'{"code": "FAIL", "type": "forged_notice"}') as address:
        yield address


class Site:
    """A site of one answer."""

    def __init__(self, status: int, body: bytes) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def examine(keys: Path, site: str) -> dict[str, Symptom]:
    return {found.subject: found for found in gateway_health(keys / "manifest.json", site)}


def broken(keys: Path, site: str) -> dict[str, Symptom]:
    return {subject: found for subject, found in examine(keys, site).items() if not found.is_fine}


def change(keys: Path, part: str = "wechatpay", **changes: object) -> None:
    path = keys / "manifest.json"
    told = json.loads(path.read_text())
    told[part] |= changes
    path.write_text(json.dumps(told))


def write_key(path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def another_key(keys: Path) -> None:
    write_key(keys / "wechatpay" / KEY, rsa.generate_private_key(public_exponent=65537, key_size=2048))


def short_key(keys: Path) -> None:
    write_key(keys / "wechatpay" / KEY, rsa.generate_private_key(public_exponent=65537, key_size=1024))


def curved_key(keys: Path) -> None:
    write_key(keys / "wechatpay" / KEY, ec.generate_private_key(ec.SECP256R1()))


def strangers_platform_key(keys: Path) -> None:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (keys / "wechatpay" / "platform_public.pem").write_bytes(text)


def test_where_all_is_well_nothing_is_found(keys, site):
    found = examine(keys, site)

    assert {subject for subject, one in found.items() if one.is_fine} == {
        "file modes",
        "merchant key",
        "platform keys",
        "APIv3 key",
        "gateway",
        "clock",
        "signature",
        "callback address",
        "mini-program",
    }
    assert len(found) == 9


@pytest.mark.parametrize(
    ("harm", "subjects"),
    [
        (lambda keys: (keys / "wechatpay" / KEY).write_text("nonsense"), {"merchant key"}),
        (lambda keys: (keys / "wechatpay" / KEY).unlink(), {"merchant key"}),
        (short_key, {"merchant key", "signature"}),
        (curved_key, {"merchant key"}),
        (another_key, {"signature"}),
        (lambda keys: change(keys, merchant_serial="00AA"), {"signature"}),
        (lambda keys: change(keys, merchant_id="1"), {"signature"}),
        (lambda keys: (keys / "wechatpay" / "platform_public.pem").write_text("nonsense"), {"platform keys"}),
        (lambda keys: change(keys, platform_public_keys={}), {"platform keys"}),
        (strangers_platform_key, {"signature"}),
        (lambda keys: (keys / "wechatpay" / "api_v3.key").write_text("x" * 31), {"APIv3 key"}),
        (lambda keys: (keys / "wechatpay" / "api_v3.key").unlink(), {"APIv3 key"}),
        (lambda keys: (keys / "wechatpay" / "api_v3.key").chmod(0o644), {"file modes"}),
        (lambda keys: (keys / "wechatpay" / KEY).chmod(0o640), {"file modes"}),
        (lambda keys: change(keys, base_url=f"http://127.0.0.1:{free_port()}"), {"gateway", "signature"}),
        (lambda keys: change(keys, "wechatopen", app_id="wx0"), {"mini-program"}),
        (lambda keys: (keys / "wechatpay" / "app_secret").write_text("wrong"), {"mini-program"}),
        (lambda keys: (keys / "manifest.json").write_text("{"), {"manifest"}),
        (lambda keys: (keys / "manifest.json").unlink(), {"manifest"}),
    ],
)
def test_what_is_broken_is_named_with_what_to_do(keys: Path, site: str, harm: Callable[[Path], object], subjects):
    harm(keys)

    found = broken(keys, site)

    assert set(found) == subjects
    for one in found.values():
        assert all(one.words)


def test_a_clock_that_is_late_is_found(keys, site, monkeypatch):
    real = health.real_time
    monkeypatch.setattr(health, "real_time", lambda: real() - 303)

    assert "clock" in broken(keys, site)


@pytest.mark.parametrize(
    ("fits", "named", "days", "words"),
    [
        (True, True, 1, ""),
        (False, True, 1, "does not fit"),
        (True, False, 1, "merchant_serial"),
        (True, True, -1, "ended"),
    ],
)
def test_a_certificate_beside_the_key_must_fit_it(keys, site, *, fits, named, days, words):
    ours = load_pem_private_key((keys / "wechatpay" / KEY).read_bytes(), password=None)
    key = ours if fits else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    serial = json.loads((keys / "manifest.json").read_text())["wechatpay"]["merchant_serial"]
    number = int(serial, 16) % 2**158 + 1
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "16")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(number).not_valid_before(now - timedelta(days=9))
    certificate = builder.not_valid_after(now + timedelta(days=days)).sign(key, SHA256())
    (keys / "wechatpay" / health.CERTIFICATE).write_bytes(certificate.public_bytes(Encoding.PEM))
    change(keys, merchant_serial=f"{number:X}" if named else "00AA")

    found = examine(keys, site)["certificate"]

    assert found.is_fine == (words == "")
    assert words in found.words[1]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://shop.example", "no HTTPS address"),
        ("https://shop.example?from=here", "no HTTPS address"),
        ("shop.example", "no HTTPS address"),
        (f"https://127.0.0.1:{free_port()}", "cannot be reached"),
    ],
)
def test_a_callback_address_that_cannot_be_is_found(keys, address, words):
    change(keys, base_url="http://gateway.invalid")

    assert words in broken(keys, address)["callback address"].words[1]


@pytest.mark.parametrize(("status", "body"), [(200, b""), (404, b"nothing here"), (401, b"sign in")])
def test_a_site_that_answers_otherwise_is_not_ours(keys, status, body):
    with Site(status, body) as address:
        assert str(status) in broken(keys, address)["callback address"].words[1]


def test_a_manifest_without_a_mini_program_is_no_fault(keys, site):
    path = keys / "manifest.json"
    told = json.loads(path.read_text())
    del told["wechatopen"]
    path.write_text(json.dumps(told))

    assert "none" in examine(keys, site)["mini-program"].words[1]


class TestTheCommand:
    def ask(self, keys: Path, site: str, tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lintuan.config.cli", "doctor", "payments", "--state", str(tmp_path), *words]
        environment = {
            "PATH": "",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "LINTUAN_GATEWAY_KEYS": str(keys / "manifest.json"),
            "LINTUAN_ADDRESS": site,
        }
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)

    def test_well_it_exits_with_0(self, keys, site, tmp_path):
        asked = self.ask(keys, site, tmp_path)

        assert (asked.returncode, asked.stderr) == (0, "")
        assert "ok clock" in asked.stdout
        assert "双方签名互认" in asked.stdout

    def test_broken_it_exits_with_1_and_tells_programs_as_json(self, keys, site, tmp_path):
        another_key(keys)

        asked = self.ask(keys, site, tmp_path, "--json")

        assert asked.returncode == 1
        wrong = [one for one in json.loads(asked.stdout) if not one["is_fine"]]
        assert [one["subject"] for one in wrong] == ["signature"]
        assert "SIGN_ERROR" in wrong[0]["words"][1]

    def test_no_secret_is_printed(self, keys, site, tmp_path):
        told = self.ask(keys, site, tmp_path).stdout + self.ask(keys, site, tmp_path, "--json").stdout

        for name in ("api_v3.key", "app_secret"):
            assert (keys / "wechatpay" / name).read_text() not in told
        assert "PRIVATE KEY" not in told
