"""The gateways' callback addresses of a real site, told everything but the truth: whatever comes is answered, never
with a fault of ours, and what nobody has signed makes us call nobody.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from lintuan.config.environment import House, Ports, free_port, variables
from lintuan.payments.types import Provider
from lintuan.standins.alipay.keys import open_keys as open_alipay
from lintuan.standins.alipay.signing import signed_form
from lintuan.standins.wechatpay.keys import open_keys as open_wechatpay
from lintuan.standins.wechatpay.signing import sealed, signed_headers
from tests.databases import fresh_database
from tests.stand_ins import run_standins

LINTUAN = str(Path(sys.executable).with_name("lintuan"))
MANY = settings(max_examples=100, suppress_health_check=list(HealthCheck))
QUIET = 500
TEXT = {"type": "string"}

#: The address as the gateways know it; our own document leaves it out, as it is nobody else's.
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "callbacks", "version": "1"},
    "paths": {
        "/api/v1/payments/{provider}/notify": {
            "post": {
                "parameters": [
                    {"name": "provider", "in": "path", "required": True, "schema": {"enum": [*Provider]}},
                    *(
                        {"name": f"Wechatpay-{name}", "in": "header", "required": False, "schema": TEXT}
                        for name in ("Serial", "Nonce", "Timestamp", "Signature", "Signature-Type")
                    ),
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["id", "event_type", "resource"],
                                "properties": {
                                    "id": TEXT,
                                    "event_type": {"enum": ["TRANSACTION.SUCCESS", "REFUND.SUCCESS", "?"]},
                                    "resource": {
                                        "type": "object",
                                        "required": ["algorithm", "ciphertext", "nonce"],
                                        "properties": {
                                            "algorithm": {"enum": ["AEAD_AES_256_GCM", ""]},
                                            "ciphertext": TEXT, "nonce": TEXT, "associated_data": TEXT,
                                        },
                                    },
                                },
                            }
                        },
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "properties": dict.fromkeys(
                                    ("notify_id", "notify_time", "app_id", "out_trade_no", "total_amount", "sign"), TEXT
                                ) | {"sign_type": {"enum": ["RSA2", "RSA"]}},
                            }
                        },
                    }
                },
                "responses": {"default": {"description": "whatever it is"}},
            }
        }
    },
}  # fmt: skip
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CALLBACK = SCHEMA["/api/v1/payments/{provider}/notify"]["POST"]
CASES = st.one_of(CALLBACK.as_strategy(generation_mode=mode) for mode in GenerationMode)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
#: What a payment is told with, each of them right, of another kind, or missing.
TOLD: dict[str, st.SearchStrategy[Any]] = {
    "appid": JSON,
    "mchid": st.none() | JSON,
    "out_trade_no": st.sampled_from(["42" + "0" * 26, "99" + "f" * 26, ""]) | JSON,
    "out_refund_no": st.sampled_from(["42f" + "0" * 25]) | JSON,
    "refund_status": st.sampled_from(["SUCCESS", "CLOSED"]) | JSON,
    "trade_state": st.sampled_from(["SUCCESS", "NOTPAY"]) | JSON,
    "transaction_id": st.just("4200") | JSON,
    "success_time": st.sampled_from(["2026-11-20T20:00:00+08:00", "2026-02-30T00:00:00+08:00"]) | JSON,
    "amount": st.fixed_dictionaries({}, optional={"total": JSON, "refund": JSON, "currency": JSON}) | JSON,
}


@dataclass
class Site:
    """Web processes and stand-ins, and nothing else that could call anybody."""

    address: str
    stand_ins: str
    state: Path
    environment: Mapping[str, str]
    line: httpx.Client

    def put(self, provider: Provider, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        return self.line.post(f"{self.address}{provider.notify_path}", content=body, headers=dict(headers))

    def count_from_now(self) -> None:
        for provider in Provider:
            self.line.post(f"{self._of(provider)}/faults", json={"answers": ["none"] * QUIET}).raise_for_status()

    def calls(self) -> int:
        """How often the site has called a gateway since."""
        left = (len(self.line.get(f"{self._of(one)}/faults").json()["answers"]) for one in Provider)
        return QUIET * len(Provider) - sum(left)

    def _of(self, provider: Provider) -> str:
        return f"{self.stand_ins}/{provider}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    house, port = House(tmp_path_factory.mktemp("fuzzed")), free_port(0)
    with ExitStack() as stack:
        line = stack.enter_context(httpx.Client(timeout=30, trust_env=False))
        environment = stack.enter_context(fresh_database())
        addresses = stack.enter_context(run_standins(house.stand_ins))
        keys = {"LINTUAN_GATEWAY_KEYS": str(addresses.manifest)}
        environment = environment | dict(variables(house, Ports(port, 0), environment["DATABASE_URL"])) | keys
        subprocess.run([LINTUAN, "migrate"], env=environment, check=True, capture_output=True, timeout=180)
        command = [LINTUAN, "web", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        web = stack.enter_context(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))
        stack.callback(web.terminate)
        site = Site(f"http://127.0.0.1:{port}", addresses.root, house.stand_ins, environment, line)
        until_it_answers(site, web)
        yield site


def until_it_answers(site: Site, web: subprocess.Popen[bytes]) -> None:
    transport = httpx.HTTPTransport(retries=8)
    deadline = time.monotonic() + 60
    with httpx.Client(transport=transport, timeout=30, trust_env=False) as line:
        while time.monotonic() < deadline:
            assert web.poll() is None
            try:
                assert line.get(f"{site.address}/api/v1/openapi.json").status_code == 200
            except httpx.TransportError:
                continue
            return
    raise AssertionError("the site does not come up")


@pytest.fixture(autouse=True)
def _counted(site: Site) -> None:
    site.count_from_now()


def is_refused(answer: httpx.Response) -> bool:
    return 400 <= answer.status_code < 500


@MANY
@given(case=CASES)
def test_what_the_address_allows_and_what_not_is_refused(site: Site, case: Case) -> None:
    answer = case.call(base_url=site.address)

    assert 400 <= answer.status_code < 500, answer.text
    assert site.calls() == 0


@MANY
@given(provider=st.sampled_from(Provider), body=st.binary(max_size=400), headers=st.dictionaries(
    st.sampled_from([f"Wechatpay-{name}" for name in ("Serial", "Nonce", "Timestamp", "Signature")] + ["Content-Type"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60),
))  # fmt: skip
def test_any_bytes_under_any_headers_are_refused(
    site: Site, provider: Provider, body: bytes, headers: dict[str, str]
) -> None:
    assert is_refused(site.put(provider, body, headers))
    assert site.calls() == 0


def wechat_letter(site: Site, content: bytes, event: str = "TRANSACTION.SUCCESS") -> tuple[dict[str, str], bytes]:
    """Sealed and signed as WeChat Pay would."""
    keys = open_wechatpay(site.state)
    kind = event.partition(".")[0].lower()
    body = json.dumps(
        {
            "id": "1", "create_time": "2026-11-20T20:00:00+08:00", "resource_type": "encrypt-resource",
            "event_type": event, "summary": "", "resource": sealed(keys, content, kind=kind),
        }
    ).encode()  # fmt: skip
    return dict(signed_headers(keys, body, timestamp=int(time.time()), serial="")), body


@MANY
@given(data=st.data())
def test_a_true_letter_with_one_thing_changed_is_refused(site: Site, data: st.DataObject) -> None:
    headers, body = wechat_letter(site, b'{"out_trade_no":"x"}')
    name = data.draw(st.sampled_from([*(one for one in headers if one.startswith("Wechatpay-")), "body"]))
    if name == "body":
        place, change = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(1, 255))
        body = body[:place] + bytes([body[place] ^ change]) + body[place + 1 :]
    else:
        changed = data.draw(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80))
        assume(changed != headers[name] and name != "Wechatpay-Signature-Type")
        headers[name] = changed

    assert is_refused(site.put(Provider.WECHATPAY, body, headers))
    assert site.calls() == 0


@MANY
@given(
    content=st.fixed_dictionaries({}, optional=TOLD) | JSON, event=st.sampled_from(
        ["TRANSACTION.SUCCESS", "REFUND.SUCCESS", "REFUND.CLOSED", "MCHTRANSFER.BILL.FINISHED", "COUPON.USE"]
    )
)  # fmt: skip
def test_what_wechat_signs_of_nothing_that_is_ours_is_no_fault_of_ours(site: Site, content: Any, event: str) -> None:
    headers, body = wechat_letter(site, json.dumps(content).encode(), event)

    assert site.put(Provider.WECHATPAY, body, headers).status_code < 500


@MANY
@given(fields=st.dictionaries(
    st.sampled_from(["notify_id", "notify_time", "notify_type", "app_id", "seller_id", "out_trade_no", "trade_status",
                     "total_amount", "gmt_payment", "refund_fee"]) | st.text(min_size=1, max_size=8),
    st.text(max_size=40) | st.sampled_from(["trade_status_sync", "TRADE_SUCCESS", "19.90", "2026-11-20 20:00:00"]),
))  # fmt: skip
def test_what_alipay_signs_of_nothing_that_is_ours_is_no_fault_of_ours(site: Site, fields: dict[str, str]) -> None:
    form = signed_form(open_alipay(site.state), {**fields, "charset": "utf-8"})

    answer = site.put(Provider.ALIPAY, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    assert answer.status_code < 500


def test_calls_of_the_site_would_be_seen(site: Site) -> None:
    subprocess.run([LINTUAN, "doctor", "payments"], env=site.environment, capture_output=True, timeout=60)

    assert site.calls() > 0
