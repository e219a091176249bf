"""Outside payment services, spoken to in their own protocols; `gateway()` is the one this installation uses."""

from __future__ import annotations

import atexit
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

from lintuan.payments.errors import GatewayNotSetUp
from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.merchants import read_merchant
from lintuan.payments.gateways.notices import Notice, Prepayment, Refund, RefundRequest, Transaction
from lintuan.payments.gateways.wechatpay import WechatPay

PROVIDER = "wechatpay"
NOTIFY_PATH = "/api/v1/payments/wechatpay/notify"
HOSTS = ("https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com")

#: Signatures are compared with the other side's clock, so business time has no say here.
real_time = time.time


class Gateway(Protocol):
    """What we need of a payment service; every call may be repeated with the same numbers."""

    def prepay(self, order: Prepayment) -> str: ...

    def phone_parameters(self, prepay_id: str) -> dict[str, str]: ...

    def query(self, out_trade_no: str) -> Transaction: ...

    def close(self, out_trade_no: str) -> None: ...

    def refund(self, request: RefundRequest) -> Refund: ...

    def query_refund(self, out_refund_no: str) -> Refund: ...

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: float) -> Notice: ...


def gateway() -> Gateway:
    """The service whose keys the manifest at settings.GATEWAY_KEYS names; refused where there is none."""
    manifest = Path(settings.GATEWAY_KEYS)
    if not settings.GATEWAY_KEYS or not manifest.is_file():
        raise GatewayNotSetUp
    return _wechatpay(manifest, manifest.stat().st_mtime_ns)


def notify_url() -> str:
    """Where the gateway brings its callbacks."""
    return settings.PUBLIC_ADDRESS.rstrip("/") + NOTIFY_PATH


@cache
def _wechatpay(manifest: Path, _changed: int) -> WechatPay:
    # `_changed` makes a manifest that the operator replaced be read anew.
    merchant, base_url = read_merchant(manifest)
    second = HOSTS[1] if base_url.rstrip("/") == HOSTS[0] else None
    exchange = Exchange(merchant, base_url=base_url, second_url=second, real_time=real_time)
    service = WechatPay(exchange)
    atexit.register(service.close_connections)
    return service
