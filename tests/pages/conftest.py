from __future__ import annotations

from tests.browser import chromium, desktop, phone
from tests.payments.conftest import both_manifests, gateway_addresses, outside, second_addresses, second_opener

__all__ = [
    "both_manifests", "chromium", "desktop", "gateway_addresses", "outside", "phone", "second_addresses",
    "second_opener",
]  # fmt: skip
