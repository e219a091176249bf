from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from lintuan.payments import commands
from lintuan.payments.gateways import OPENERS, Gateway
from lintuan.payments.gateways.notices import Prepayment
from lintuan.payments.types import PayMethod, Provider
from tests.make import payments as make
from tests.stand_ins import Addresses, Ear, Received, listen, run_standins


@dataclass(frozen=True)
class Outside:
    """The world around the room: the gateway, the buyer's phone, and an ear at our callback address."""

    addresses: Addresses
    ear: Ear
    phone: httpx.Client
    second: Addresses

    def press_pay(self, fields: Mapping[str, str]) -> httpx.Response:
        return self.phone.post(f"{self.addresses.wechatpay}/phone/pay", json=dict(fields))

    def press_pay_at_second(self, fields: Mapping[str, str]) -> httpx.Response:
        """The same at the second service."""
        return self.phone.post(f"{self.second.wechatpay}/phone/pay", json=dict(fields))

    def expect_faults(self, *modes: object) -> None:
        self.phone.post(f"{self.addresses.wechatpay}/faults", json={"modes": modes}).raise_for_status()

    def hear(self, callbacks: int = 1) -> None:
        for _ in range(callbacks):
            received = self.ear.next()
            commands.hear_notice(received.headers, received.body, self.teller(received))

    @staticmethod
    def teller(received: Received) -> Provider:
        return next(provider for provider in Provider if provider.notify_path == received.path)


@pytest.fixture(scope="session")
def gateway_addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    with run_standins(tmp_path_factory.mktemp("outside"), "--retry", "0.05,0.1") as addresses:
        yield addresses


@pytest.fixture(scope="session")
def second_addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Another service with other keys, which speaks WeChat Pay's language too."""
    with run_standins(tmp_path_factory.mktemp("second"), "--retry", "0.05,0.1") as addresses:
        yield addresses


@pytest.fixture(scope="session")
def both_manifests(
    gateway_addresses: Addresses, second_addresses: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("both")
    _write_both(folder, gateway_addresses.manifest, second_addresses.manifest)
    return folder / "manifest.json"


class Second:
    """A service under the second provider's name: its own method is what that service calls a sheet over the page."""

    def __init__(self, service: Gateway) -> None:
        self._service = service

    def prepay(self, order: Prepayment) -> str:
        return self._service.prepay(replace(order, method=PayMethod.WECHAT_JSAPI))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)


@pytest.fixture
def second_opener(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second provider, spoken to as the first one is: what holds for two holds whatever their languages are."""
    opener = OPENERS[Provider.WECHATPAY]
    monkeypatch.setitem(
        OPENERS, Provider.ALIPAY, lambda manifest: Second(opener(manifest.parent / "second" / "manifest.json"))
    )


@pytest.fixture
def two_by_hand(second_opener: None, settings, tmp_path: Path) -> None:
    """Both providers, with the keys by which callbacks are written by hand."""
    _write_both(tmp_path, make.manifest(), make.manifest())
    settings.GATEWAY_KEYS = str(tmp_path / "manifest.json")


def _write_both(folder: Path, first: Path, second: Path) -> None:
    shutil.copytree(first.parent, folder, dirs_exist_ok=True)
    shutil.copytree(second.parent, folder / "second")
    told = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(told | {"alipay": {}}))


@pytest.fixture
def empty_queue(transactional_db) -> Iterator[None]:
    """No jobs before and after a test that commits: Django does not flush the queue's tables."""
    ProcrastinateJob.objects.all().delete()
    yield
    ProcrastinateJob.objects.all().delete()


@pytest.fixture
def outside(
    gateway_addresses: Addresses, second_addresses: Addresses, both_manifests: Path, second_opener: None, settings
) -> Iterator[Outside]:
    with contextlib.ExitStack() as stack:
        ear = stack.enter_context(listen())
        phone = stack.enter_context(httpx.Client(trust_env=False))
        parts = urlsplit(ear.url)
        settings.GATEWAY_KEYS = str(both_manifests)
        settings.PUBLIC_ADDRESS = f"{parts.scheme}://{parts.netloc}"
        yield Outside(gateway_addresses, ear, phone, second_addresses)
