from __future__ import annotations

from tests.payments.conftest import both_manifests, gateway_addresses, outside, second_addresses, second_opener

__all__ = ["both_manifests", "gateway_addresses", "outside", "second_addresses", "second_opener"]
