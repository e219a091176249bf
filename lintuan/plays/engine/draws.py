"""Draws that anybody can recompute: the hash of the seed is shown before, the seed itself after.

A ticket's number is HMAC-SHA256(seed, ticket), a ticket is `run:unit:n:nonce`. The nonce comes from the member's own
client with what earned the ticket, so whoever chose the seed could not choose for whom it is good.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence

from .progress import Prize

MILLION = 1_000_000
_WORD = 8
#: Numbers above are thrown away, or the low ones would come more often.
_FAIR = 2 ** (8 * _WORD) - 2 ** (8 * _WORD) % MILLION


def commitment(seed: bytes) -> str:
    """What is published before the first ticket."""
    return hashlib.sha256(seed).hexdigest()


def sealed(seed: bytes, answer: str) -> str:
    """What is published of an answer before the first guess; without the seed nobody can try all answers out."""
    return hashlib.sha256(seed + answer.encode()).hexdigest()


def ticket_name(run: int, unit: int, number: int, nonce: str) -> str:
    return f"{run}:{unit}:{number}:{nonce}"


def number_of(seed: bytes, ticket: str) -> int:
    """0 to 999,999, each as likely as any other."""
    digest = hmac.digest(seed, ticket.encode(), "sha256")
    while True:
        for at in range(0, len(digest), _WORD):
            drawn = int.from_bytes(digest[at : at + _WORD], "big")
            if drawn < _FAIR:
                return drawn % MILLION
        digest = hmac.digest(seed, digest, "sha256")


def prize_of(number: int, prizes: Sequence[Prize], left: Sequence[int]) -> int | None:
    """Which prize the number hits, None for none; one whose stock is used up is none any more.

    Prizes lie side by side from 0 on, each as wide as its odds.
    """
    edge = 0
    for index, prize in enumerate(prizes):
        edge += prize.odds_ppm or 0
        if number < edge:
            return index if prize.stock is None or left[index] > 0 else None
    return None


def winners(
    seed: bytes, tickets: Iterable[str], prizes: Sequence[Prize], owners: Mapping[str, int] | None = None
) -> dict[str, int]:
    """The prize of each ticket that won when a run ended; with `owners` each of them wins once, by their best ticket.

    All tickets are ordered by HMAC-SHA256(seed, digest of the whole list and the ticket); the first win the first
    prize, the next ones the second, and so on.
    """
    names = sorted(tickets)
    listed = hashlib.sha256("\n".join(names).encode()).hexdigest()
    ranked = sorted(names, key=lambda name: hmac.digest(seed, f"{listed}:{name}".encode(), "sha256"))
    if owners is not None:
        best: dict[int, str] = {}
        for name in ranked:
            best.setdefault(owners[name], name)
        ranked = list(best.values())
    won: dict[str, int] = {}
    at = 0
    for index, prize in enumerate(prizes):
        for name in ranked[at : at + (prize.winners or 0)]:
            won[name] = index
        at += prize.winners or 0
    return won
