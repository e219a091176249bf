"""What prices and rebates save on orders that earned them, and who pays which fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lintuan.kernel.money import BASIS, Money

from .definition import Funder
from .rewards import Price, Rebate


def saving(reward: Price | Rebate, fen: int) -> int:
    """What it takes off goods of so many fen, in fen."""
    share = BASIS - reward.price_bps if isinstance(reward, Price) else reward.share_bps
    return min(Money(fen).share(share).fen, reward.most_fen)


def savings(reward: Price | Rebate, orders: Sequence[tuple[int, int]]) -> dict[int, Money]:
    """What each order (id, fen) of a unit costs less, in their order and together at most `most_fen`."""
    left, saved = reward.most_fen, {}
    for order_id, fen in orders:
        less = min(saving(reward, fen), left)
        if less > 0:
            saved[order_id] = Money(less)
            left -= less
    return saved


def funded(amount: Money, funding: Sequence[Funder]) -> Mapping[str, Money]:
    """Who pays which fen of an amount; without any funders the platform does."""
    if not funding:
        return {"platform": amount}
    parts = amount.split([funder.share_bps for funder in funding])
    return {funder.payer: part for funder, part in zip(funding, parts, strict=True)}
