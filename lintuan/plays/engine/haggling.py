"""What a leader's limit, set before, takes of the prices that a buyer names.

The limit of a run lies between the floor and the day's price. It follows from the run's seed, whose hash was shown
before the first price was named, so nobody can move it while somebody haggles; worked in docs/algorithms/plays.md.
"""

from __future__ import annotations

import hashlib
import hmac

WHOLE = 10_000


def floor_of(day_fen: int, floor_bps: int) -> int:
    """The lowest price of the band in fen, rounded up."""
    return -(-day_fen * floor_bps // WHOLE)


def reserve_of(seed: bytes, day_fen: int, floor_bps: int) -> int:
    """The lowest price that is taken: from the floor up to the whole fen below the day's price, each alike."""
    lowest = floor_of(day_fen, floor_bps)
    digest = hmac.digest(seed, f"reserve:{day_fen}:{floor_bps}".encode(), hashlib.sha256)
    return lowest + int.from_bytes(digest, "big") % max(day_fen - lowest, 1)


def is_in_band(price_fen: int, day_fen: int, floor_bps: int) -> bool:
    """Whether a price may be named at all."""
    return floor_of(day_fen, floor_bps) <= price_fen <= day_fen


def is_taken(price_fen: int, reserve_fen: int, day_fen: int) -> bool:
    """Whether a price is agreed on; nobody is held to more than the day's price."""
    return reserve_fen <= price_fen <= day_fen
