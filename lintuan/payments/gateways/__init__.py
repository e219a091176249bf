"""Outside payment services, spoken to in their own protocols; a manifest says which of them are set up here."""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

import msgspec
from django.conf import settings

from lintuan.payments.errors import GatewayNotSetUp
from lintuan.payments.gateways import alipay
from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.merchants import read_merchant
from lintuan.payments.gateways.notices import Notice, Prepayment, Refund, RefundRequest, Transaction
from lintuan.payments.gateways.wechatpay import WechatPay
from lintuan.payments.types import Provider

HOSTS = ("https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com")

#: Signatures are compared with the other side's clock, so business time has no say here.
real_time = time.time


class Gateway(Protocol):
    """What we need of a payment service; every call may be repeated with the same numbers."""

    def prepay(self, order: Prepayment) -> str: ...

    def phone_parameters(self, handle: str) -> dict[str, str]: ...

    def query(self, out_trade_no: str) -> Transaction: ...

    def close(self, out_trade_no: str) -> None: ...

    def refund(self, request: RefundRequest) -> Refund: ...

    def query_refund(self, out_refund_no: str, out_trade_no: str) -> Refund: ...

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: float) -> Notice: ...

    def close_connections(self) -> None: ...


def gateway(provider: Provider) -> Gateway:
    """The service by the keys in the manifest at settings.GATEWAY_KEYS; refused where they are not there."""
    manifest = Path(settings.GATEWAY_KEYS)
    if not settings.GATEWAY_KEYS or not manifest.is_file():
        raise GatewayNotSetUp
    return _opened(provider, manifest, manifest.stat().st_mtime_ns)


def set_up() -> frozenset[Provider]:
    """The services whose keys the manifest names."""
    manifest = Path(settings.GATEWAY_KEYS)
    if not settings.GATEWAY_KEYS or not manifest.is_file():
        return frozenset()
    sections = _sections(manifest, manifest.stat().st_mtime_ns)
    return frozenset(provider for provider in OPENERS if provider in sections)


def notify_url(provider: Provider) -> str:
    """Where a gateway brings its callbacks."""
    return settings.PUBLIC_ADDRESS.rstrip("/") + provider.notify_path


def _wechatpay(manifest: Path) -> Gateway:
    merchant, base_url = read_merchant(manifest)
    second = HOSTS[1] if base_url.rstrip("/") == HOSTS[0] else None
    return WechatPay(Exchange(merchant, base_url=base_url, second_url=second, real_time=real_time))


def _alipay(manifest: Path) -> Gateway:
    account = alipay.read_account(manifest)
    if account is None:
        raise GatewayNotSetUp
    opened, base_url = account
    exchange = alipay.Exchange(opened, base_url=base_url, real_time=real_time)
    return alipay.Alipay(exchange, return_url=settings.PUBLIC_ADDRESS)


#: How each service is opened with its section of a manifest.
OPENERS: dict[Provider, Callable[[Path], Gateway]] = {Provider.WECHATPAY: _wechatpay, Provider.ALIPAY: _alipay}


@cache
def _sections(manifest: Path, _changed: int) -> frozenset[str]:
    return frozenset(msgspec.json.decode(manifest.read_bytes(), type=dict[str, object]))


@cache
def _opened(provider: Provider, manifest: Path, changed: int) -> Gateway:
    # `changed` makes a manifest that the operator replaced be read anew.
    if provider not in OPENERS or provider not in _sections(manifest, changed):
        raise GatewayNotSetUp
    service = OPENERS[provider](manifest)
    atexit.register(service.close_connections)
    return service
