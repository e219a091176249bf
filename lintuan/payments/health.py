"""Whether the gateway's keys, clock, hosts and our callback address are right: each looked at alone."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from .gateways import HOSTS, real_time
from .gateways.connections import Connections
from .gateways.exchange import Exchange
from .gateways.faults import GatewayFault, GatewayRefused, GatewayUnreachable
from .gateways.merchants import MerchantManifest, read_merchant
from .gateways.open_platform import OpenPlatform, read_account
from .gateways.protocol import FRESH_SECONDS
from .types import Provider, Symptom

API_V3_KEY_BYTES = 32
LEAST_KEY_BITS = 2048
SECONDS = 5.0
#: Beside the merchant's key, under the name that the platform's own tool gives it.
CERTIFICATE = "apiclient_cert.pem"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_UNREADABLE = (OSError, ValueError, TypeError, UnsupportedAlgorithm)


class _Manifest(msgspec.Struct):
    wechatpay: MerchantManifest


@dataclass(frozen=True)
class Patient:
    """An installation as its manifest and its public address describe it."""

    manifest: Path
    address: str
    told: MerchantManifest

    def file(self, name: str) -> Path:
        return self.manifest.parent / name

    @property
    def is_rehearsal(self) -> bool:
        return urlsplit(self.told.base_url).hostname in LOOPBACK


def examine(manifest: Path, address: str) -> Sequence[Symptom]:
    """Everything that can be looked at from here; a few requests are made, nothing is changed."""
    try:
        told = msgspec.json.decode(manifest.read_bytes(), type=_Manifest).wechatpay
    except (OSError, msgspec.DecodeError) as wrong:
        words = _words(wrong)
        yours = ("改正 LINTUAN_GATEWAY_KEYS 或该文件", "correct LINTUAN_GATEWAY_KEYS or the file")
        return [Symptom("manifest", False, (f"清单不可读：{words}", f"the manifest cannot be read: {words}"), yours)]
    patient = Patient(manifest, address, told)
    checks: tuple[Callable[[Patient], Iterator[Symptom]], ...] = (
        _modes,
        _merchant_key,
        _platform_keys,
        _api_v3_key,
        _hosts,
        _signature,
        _callback,
        _mini_program,
    )
    return [symptom for check in checks for symptom in check(patient)]


def _modes(patient: Patient) -> Iterator[Symptom]:
    told = patient.told
    names = [told.merchant_private_key, told.api_v3_key]
    files = [patient.manifest, *(patient.file(name) for name in names)]
    open_ones = [str(file) for file in files if file.exists() and file.stat().st_mode & 0o077]
    shown = ", ".join(open_ones)
    yield _found(
        "file modes",
        not open_ones,
        ("密钥文件仅所有者可读", "key files are their owner's alone"),
        ((f"他人可读：{shown}", f"others can read {shown}"), (f"chmod 600 {shown}",) * 2),
    )


def _merchant_key(patient: Patient) -> Iterator[Symptom]:
    fine = ("商户私钥可用", "the merchant's key is readable")
    remedy = ("从商户平台重新下载 API 证书", "download the API certificate anew from the merchant platform")
    try:
        key = load_pem_private_key(patient.file(patient.told.merchant_private_key).read_bytes(), password=None)
        if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_KEY_BITS:
            raise ValueError(f"no RSA key of {LEAST_KEY_BITS} bits")
    except _UNREADABLE as wrong:
        words = _words(wrong)
        yield Symptom("merchant key", False, (f"商户私钥不可用：{words}", f"unusable: {words}"), remedy)
        return
    yield Symptom("merchant key", True, fine)
    path = patient.file(patient.told.merchant_private_key).with_name(CERTIFICATE)
    if path.exists():
        yield _certificate(path, key, patient.told.merchant_serial)


def _certificate(path: Path, key: RSAPrivateKey, serial: str) -> Symptom:
    try:
        certificate = load_pem_x509_certificate(path.read_bytes())
    except _UNREADABLE as wrong:
        problem = _words(wrong)
        return Symptom("certificate", False, (f"商户证书不可读：{problem}", f"cannot be read: {problem}"))
    is_pair = certificate.public_key() == key.public_key()
    is_named = f"{certificate.serial_number:X}" == serial.upper().lstrip("0")
    if not is_pair:
        words = ("商户私钥与证书不是一对", "the merchant's key does not fit the certificate")
        return Symptom("certificate", False, words, ("使用同一次下载的两个文件", "use the two files of one download"))
    if not is_named:
        right = f"{certificate.serial_number:X}"
        words = ("merchant_serial 与证书不符", "merchant_serial is not the certificate's")
        return Symptom(
            "certificate", False, words, (f"merchant_serial 应为 {right}", f"merchant_serial should be {right}")
        )
    is_fresh = certificate.not_valid_after_utc.timestamp() > real_time()
    end = certificate.not_valid_after_utc.date()
    return _found(
        "certificate",
        is_fresh,
        (f"私钥、证书与序列号相符，有效至 {end}", f"key, certificate and serial fit, good until {end}"),
        (
            (f"商户证书已于 {end} 过期", f"it ended on {end}"),
            ("在商户平台申请新证书", "ask the merchant platform for a new one"),
        ),
    )


def _platform_keys(patient: Patient) -> Iterator[Symptom]:
    keys = patient.told.platform_public_keys
    wrong = [f"{serial}: {problem}" for serial, path in keys.items() if (problem := _wrong_public(patient.file(path)))]
    shown = "; ".join(wrong)
    trouble = (f"不可用：{shown}", f"unusable: {shown}") if keys else ("清单中没有", "the manifest names none")
    yield _found(
        "platform keys",
        bool(keys) and not wrong,
        (f"{len(keys)} 把微信支付公钥可用", f"{len(keys)} readable"),
        (trouble, ("从商户平台下载微信支付公钥", "download WeChat Pay's public key from the merchant platform")),
    )


def _wrong_public(path: Path) -> str:
    try:
        is_fine = isinstance(load_pem_public_key(path.read_bytes()), RSAPublicKey)
    except _UNREADABLE as wrong:
        return _words(wrong)
    return "" if is_fine else "no RSA key"


def _api_v3_key(patient: Patient) -> Iterator[Symptom]:
    try:
        size = len(patient.file(patient.told.api_v3_key).read_bytes().strip())
    except OSError as wrong:
        words = _words(wrong)
        yield Symptom("APIv3 key", False, (f"不可读：{words}", f"cannot be read: {words}"))
        return
    yield _found(
        "APIv3 key",
        size == API_V3_KEY_BYTES,
        ("32 字节", "32 bytes"),
        (
            (f"应为 32 字节，实为 {size} 字节", f"it has {size} bytes where 32 are right"),
            ("在商户平台查看或重设 APIv3 密钥", "look it up, or set it anew, on the merchant platform"),
        ),
    )


def _hosts(patient: Patient) -> Iterator[Symptom]:
    first = patient.told.base_url.rstrip("/")
    date = yield from _host("gateway", first)
    if date is not None:
        drift = abs(real_time() - date)
        yield _found(
            "clock",
            drift <= FRESH_SECONDS,
            (f"与支付服务相差 {drift:.0f} 秒", f"{drift:.0f} s from the gateway's"),
            (
                (
                    f"与支付服务相差 {drift:.0f} 秒，超过 {FRESH_SECONDS} 秒",
                    f"{drift:.0f} s from the gateway's, {FRESH_SECONDS} are allowed",
                ),
                ("校准时钟（NTP）", "set the clock (NTP)"),
            ),
        )
    if first == HOSTS[0]:
        yield from _host("second host", HOSTS[1])


def _host(subject: str, address: str) -> Generator[Symptom, None, float | None]:
    """Whether a host answers; its clock, in seconds since 1970, is what the generator returns."""
    try:
        connections = Connections(address, timeout=SECONDS)
        answer = connections.ask("GET", urlsplit(address).path or "/", headers={}, body=b"")
        connections.close()
    except (GatewayUnreachable, ValueError) as wrong:
        words = _words(wrong)
        remedy = ("检查网络与防火墙", "check the network and its firewall")
        yield Symptom(subject, False, (f"{address} 无法连接：{words}", f"{address} does not answer: {words}"), remedy)
        return None
    yield Symptom(subject, True, (f"{address} 可连接", f"{address} answers"))
    told = {name.lower(): value for name, value in answer.headers.items()}.get("date", "")
    try:
        return parsedate_to_datetime(told).timestamp()
    except ValueError:
        return None


def _signature(patient: Patient) -> Iterator[Symptom]:
    """The gateway itself says whether key and serial fit: it is asked for an order that nobody has."""
    try:
        merchant, base_url = read_merchant(patient.manifest)
    except _UNREADABLE:
        return
    if not merchant.platform_keys:
        return
    exchange = Exchange(merchant, base_url=base_url, timeout=SECONDS, real_time=real_time)
    words, remedy = (
        ("", ""),
        ("核对商户号、序列号、私钥与平台公钥", "compare merchant id, serial, key and platform keys"),
    )
    try:
        exchange.send("GET", f"/v3/pay/transactions/out-trade-no/DOCTOR0000?mchid={merchant.merchant_id}")
    except GatewayRefused as refusal:
        if refusal.code in ("SIGN_ERROR", "MCH_NOT_EXISTS", "NO_AUTH", "PARAM_ERROR"):
            words = (f"支付服务不认可我们的签名：{refusal.code}", f"the gateway refuses our signature: {refusal.code}")
    except GatewayFault as wrong:
        words = (f"无法与支付服务互认：{_words(wrong)}", f"no trusted answer: {_words(wrong)}")
    finally:
        exchange.close_connections()
    yield _found(
        "signature", not words[0], ("双方签名互认", "both sides believe each other's signature"), (words, remedy)
    )


def _callback(patient: Patient) -> Iterator[Symptom]:
    url = patient.address.rstrip("/") + Provider.WECHATPAY.notify_path
    parts = urlsplit(patient.address)
    is_https = parts.scheme == "https" and not parts.query and not parts.fragment
    if not (is_https or (patient.is_rehearsal and parts.scheme == "http" and not parts.query)):
        words = (f"{url} 不是无查询串的 HTTPS 地址", f"{url} is no HTTPS address without a query")
        yield Symptom("callback address", False, words, ("改正 LINTUAN_ADDRESS", "correct LINTUAN_ADDRESS"))
        return
    remedy = ("检查域名、证书与反向代理", "check the name, the certificate and the proxy")
    try:
        answer = httpx.post(url, content=b"{}", timeout=SECONDS, trust_env=False)
    except httpx.HTTPError as wrong:
        words = (f"{url} 无法访问：{_words(wrong)}", f"{url} cannot be reached: {_words(wrong)}")
        yield Symptom("callback address", False, words, remedy)
        return
    is_ours = answer.status_code == 401 and "forged_notice" in answer.text
    yield _found(
        "callback address",
        is_ours,
        (f"{url} 可访问，并拒绝未签名的通知", f"{url} answers and refuses what nobody signed"),
        (
            (
                f"{url} 回答 {answer.status_code}，不是我们的站点",
                f"{url} answers {answer.status_code}, not as our site does",
            ),
            remedy,
        ),
    )


def _mini_program(patient: Patient) -> Iterator[Symptom]:
    subject = "mini-program"
    remedy = ("核对清单中的 wechatopen", "compare the manifest's wechatopen")
    try:
        found = read_account(patient.manifest)
    except (OSError, msgspec.DecodeError) as wrong:
        words = _words(wrong)
        yield Symptom(subject, False, (f"不可读：{words}", f"cannot be read: {words}"), remedy)
        return
    if found is None:
        none = "未设置；货款由平台冻结的小程序需要它", "none; one whose money is frozen until delivery needs it"
        yield Symptom(subject, True, none)
        return
    platform = OpenPlatform(found[0], base_url=found[1], timeout=SECONDS, real_time=real_time)
    try:
        platform.token()
    except (GatewayFault, ValueError) as wrong:
        yield Symptom(subject, False, (f"拿不到令牌：{_words(wrong)}", f"gets no token: {_words(wrong)}"), remedy)
    else:
        yield Symptom(subject, True, ("令牌可用", "its token is good"))
    finally:
        platform.close_connections()


def _found(
    subject: str, is_fine: bool, fine: tuple[str, str], wrong: tuple[tuple[str, str], tuple[str, str]]
) -> Symptom:
    return Symptom(subject, True, fine) if is_fine else Symptom(subject, False, *wrong)


def _words(wrong: Exception) -> str:
    return (wrong.strerror if isinstance(wrong, OSError) and wrong.strerror else str(wrong)) or type(wrong).__name__
