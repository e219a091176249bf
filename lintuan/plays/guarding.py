"""What the database knows of members whose rewards may be suspicious."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime


def suspicions(province_id: int, member_ids: Collection[int], now: datetime) -> dict[int, list[dict[str, str]]]:
    """Why rewards of which members should wait for a person; members without any reason are left out."""
    return {}
