"""The services by which money leaves this installation, and by which it is told of goods."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path

from django.conf import settings

from lintuan.payments.errors import GatewayNotSetUp
from lintuan.payments.gateways import HOSTS, real_time
from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.merchants import read_merchant
from lintuan.payments.gateways.open_platform import OpenPlatform, read_account
from lintuan.payments.gateways.sharing import Sharing
from lintuan.payments.gateways.transfers import Transfers


def transfers() -> Transfers:
    """Merchant transfers of the merchant whom the manifest at settings.GATEWAY_KEYS names."""
    return Transfers(_exchange(*_manifest()))


def sharing() -> Sharing:
    """Profit sharing of the same merchant."""
    return Sharing(_exchange(*_manifest()))


def open_platform() -> OpenPlatform | None:
    """Our mini-program's platform; None where the manifest names no mini-program."""
    manifest = Path(settings.GATEWAY_KEYS)
    if not settings.GATEWAY_KEYS or not manifest.is_file():
        return None
    return _platform(manifest, manifest.stat().st_mtime_ns)


def merchant_id() -> str:
    return _exchange(*_manifest()).merchant.merchant_id


def _manifest() -> tuple[Path, int]:
    manifest = Path(settings.GATEWAY_KEYS)
    if not settings.GATEWAY_KEYS or not manifest.is_file():
        raise GatewayNotSetUp
    return manifest, manifest.stat().st_mtime_ns


@cache
def _exchange(manifest: Path, _changed: int) -> Exchange:
    # `_changed` makes a manifest that the operator replaced be read anew.
    merchant, base_url = read_merchant(manifest)
    second = HOSTS[1] if base_url.rstrip("/") == HOSTS[0] else None
    exchange = Exchange(merchant, base_url=base_url, second_url=second, real_time=real_time)
    atexit.register(exchange.close_connections)
    return exchange


@cache
def _platform(manifest: Path, _changed: int) -> OpenPlatform | None:
    found = read_account(manifest)
    if found is None:
        return None
    account, base_url = found
    platform = OpenPlatform(account, base_url=base_url, real_time=real_time)
    atexit.register(platform.close_connections)
    return platform
