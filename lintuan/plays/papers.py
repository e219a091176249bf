"""Codes on paper: the one at the counter of a point, and gift codes that are good once each.

They follow from the campaign and the server's secret, so none is kept: whoever wants to print them asks again.
"""

from __future__ import annotations

from hmac import compare_digest

from django.utils.crypto import salted_hmac

from .types import CampaignView

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 6
_SALT = "lintuan.plays.papers"


def counter_code(campaign: CampaignView, point_id: int) -> str:
    """What the paper at a point's counter says."""
    return _code(f"counter:{campaign.province_id}:{campaign.id}:{point_id}")


def gift_code(campaign: CampaignView, number: int) -> str:
    """The code of a card by its number, from 1."""
    return f"{number}-{_code(f'gift:{campaign.province_id}:{campaign.id}:{number}')}"


def is_counter_code(campaign: CampaignView, point_id: int, text: str) -> bool:
    return compare_digest(counter_code(campaign, point_id), _typed(text))


def number_of_gift(campaign: CampaignView, text: str) -> int:
    """The card's number; 0 for what is no code of ours."""
    number, _, _ = _typed(text).partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return 0
    return int(number) if compare_digest(gift_code(campaign, int(number)), _typed(text)) else 0


def _code(of: str) -> str:
    digest = salted_hmac(_SALT, of, algorithm="sha256").digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:LENGTH])


def _typed(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isascii() and not sign.isspace())
