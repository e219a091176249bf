"""Who bears which fen of what plays pay of an order; docs/algorithms/ledger.md, section 5.

Only the order as it stands decides, never the way there, so the order in which facts become known does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lintuan.kernel.money import ZERO, Money, total


@dataclass(frozen=True, slots=True)
class Part:
    """What one campaign had a leader and its goods' suppliers fund of the whole order; no `sku_ids`: all its goods."""

    campaign_id: int
    leader_id: int
    leader: Money
    supplier: Money
    sku_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of the order, what is left of it, and how many units of its SKU each supplier brought that night."""

    sku_id: int
    amount: Money
    net: Money
    brought: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Share:
    """Who bears something, a leader or a supplier of a SKU, and for which campaign."""

    campaign_id: int
    leader_id: int = 0
    supplier_id: int = 0
    sku_id: int = 0


Shares = Mapping[Share, Money]


def shares(saved: Money, borne: Money, parts: Sequence[Part], lines: Sequence[Sold]) -> Shares:
    """What leaders and suppliers bear of `borne`, which is what is left of `saved`; the platform bears the rest."""
    weights = [weight for part in parts for weight in (max(0, part.leader.fen), max(0, part.supplier.fen))]
    platform = max(0, saved.fen - sum(weights))
    if not any(weights):
        return {}
    _, *fens = borne.split([platform, *weights])
    found: Counter[Share] = Counter()
    for part, leader, supplier in zip(parts, fens[::2], fens[1::2], strict=True):
        found[Share(part.campaign_id, leader_id=part.leader_id)] += leader.fen
        for share, amount in _by_suppliers(part, supplier, lines):
            found[share] += amount.fen
    return {share: Money(fen) for share, fen in found.items() if fen}


def shares_of_goods(amount: Money, brought: Mapping[int, int]) -> dict[int, Money]:
    """What each supplier of a SKU bears, by the units it brought that night; nothing if none is known."""
    suppliers = sorted(supplier for supplier, units in brought.items() if units > 0)
    if not suppliers:
        return {}
    parts = amount.split([brought[supplier] for supplier in suppliers])
    return {supplier: part for supplier, part in zip(suppliers, parts, strict=True) if part}


def changes(due: Shares, told: Shares) -> Shares:
    """What to add to what was told already so that it becomes what is due."""
    found = {
        share: due.get(share, ZERO) - told.get(share, ZERO) for share in sorted(due.keys() | told.keys(), key=_key)
    }
    return {share: amount for share, amount in found.items() if amount}


def _by_suppliers(part: Part, amount: Money, lines: Sequence[Sold]) -> Iterator[tuple[Share, Money]]:
    """By what is left of the lines the campaign is about, and no more than in proportion to what is left of them."""
    about = [line for line in lines if not part.sku_ids or line.sku_id in part.sku_ids]
    net = total(line.net for line in about)
    if not net:
        return
    most = max(ZERO, part.supplier).prorate(net, total(line.amount for line in about))
    for line, of_line in zip(about, min(amount, most).split([line.net.fen for line in about]), strict=True):
        for supplier_id, fen in shares_of_goods(of_line, line.brought).items():
            yield Share(part.campaign_id, supplier_id=supplier_id, sku_id=line.sku_id), fen


def _key(share: Share) -> tuple[int, int, int, int]:
    return share.campaign_id, share.leader_id, share.supplier_id, share.sku_id
