"""In which coding a reader takes an answer."""

from __future__ import annotations

from functools import lru_cache

#: Of a header worth keeping: what browsers send is shorter, and a thousand long ones would fill the memory.
LONGEST_KEPT = 200


def accepts_gzip(accepted: bytes) -> bool:
    """Whether an Accept-Encoding header takes gzip, and takes it no less gladly than plain bytes."""
    return _accepts_gzip(accepted) if len(accepted) <= LONGEST_KEPT else _accepts_gzip.__wrapped__(accepted)


@lru_cache(maxsize=1024)
def _accepts_gzip(accepted: bytes) -> bool:
    weights: dict[bytes, float] = {}
    for part in accepted.lower().split(b","):
        coding, _, parameters = part.partition(b";")
        weights[coding.strip()] = _weight(parameters)
    gzip = weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", 0.0)))
    return gzip > 0 and gzip >= weights.get(b"identity", 0.0)


def _weight(parameters: bytes) -> float:
    name, _, value = parameters.partition(b"=")
    try:
        return float(value) if name.strip() == b"q" else 1.0
    except ValueError:
        return 0.0
