"""May a play start, and where? Every rule is asked; none decides for another (docs/algorithms/linter.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lintuan.sharing.engine.policy import Policy
from lintuan.sharing.types import Mechanic

from .definition import Definition
from .linting import costs, terms, words
from .linting.channels import channel_findings, forms_by_channel
from .linting.floor import floor_findings
from .linting.laws import Bench
from .linting.mechanics import REWRITES, is_lottery_group
from .linting.verdict import Finding, Prices, Verdict
from .soundness import faults

_RULES = (
    costs.commission_findings,
    costs.budget_findings,
    costs.prize_findings,
    costs.funding_findings,
    terms.terms_findings,
    terms.draw_findings,
    words.word_findings,
    words.prepaid_findings,
    words.children_findings,
)


def lint(definition: Definition, *, channels: Policy, on: date, prices: Prices) -> Verdict:
    """Everything that the rules say of a play on a day, for all channels at once."""
    bench = Bench(on)
    return Verdict(
        play=definition.code,
        on=on,
        findings=(
            *_unsound(definition, bench),
            *_lottery_groups(definition, bench),
            *channel_findings(definition, channels, on),
            *(finding for rule in _RULES for finding in rule(definition, bench)),
            *floor_findings(definition, prices, bench),
        ),
        forms=forms_by_channel(definition, channels, on),
    )


def _unsound(play: Definition, bench: Bench) -> Iterator[Finding]:
    for fault in faults(play):
        yield bench.refuse("S00", fault.place, fault.reason.zh, fault.reason.en)


def _lottery_groups(play: Definition, bench: Bench) -> Iterator[Finding]:
    if is_lottery_group(play):
        yield bench.refuse(
            "L12", "progress", "抽奖拼团：付了钱的人大多拿不到货，任何渠道都不做。",
            "A lottery group: most of those who paid get no goods, so it starts nowhere.",
            rewrite=play.rewrite or REWRITES[Mechanic.LOTTERY_GROUP],
        )  # fmt: skip
