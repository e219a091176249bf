"""What channels say: a play needs one form at least that its channel lets it be shown in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from msgspec.structs import replace

from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.soundness import faults
from lintuan.plays.engine.values import Text
from lintuan.sharing.engine.policy import Policy, ladder, ruling
from lintuan.sharing.types import Channel, Form, Mechanic, Ruling, Stance

from .mechanics import REWRITES, mechanics_of
from .verdict import Finding, Severity

RULE = "A10"


def forms_by_channel(play: Definition, policy: Policy, on: date) -> Mapping[Channel, tuple[Ruling, ...]]:
    """In which of its forms each channel lets the play be shown, the richest first."""
    mechanics, forms = mechanics_of(play), _forms(play)
    return {channel: ladder(policy, channel, forms, on=on, mechanics=mechanics) for channel in Channel}


def channel_findings(play: Definition, policy: Policy, on: date) -> Iterator[Finding]:
    """A refusal for each channel that takes none of its forms, a warning where the best one is only on trial."""
    for channel, open_forms in forms_by_channel(play, policy, on).items():
        if not open_forms:
            yield _refusal(play, policy, channel, on)
        elif open_forms[0].stance is Stance.TRIED:
            yield _of(open_forms[0], Severity.WARN, _place_of(play, open_forms[0]))


def _refusal(play: Definition, policy: Policy, channel: Channel, on: date) -> Finding:
    mechanics = mechanics_of(play)
    rulings = [ruling(policy, channel, form, on=on, mechanics=mechanics) for form in _forms(play)]
    banned = [one for one in rulings if one.stance is Stance.BANNED]
    if not banned:
        return _no_form(play, policy, channel)
    strongest = max(banned, key=lambda one: any(row.mechanics for row in one.rows))
    finding = _of(strongest, Severity.REFUSE, _place_of(play, strongest))
    named = {mechanic for row in strongest.rows for mechanic in row.mechanics} & set(mechanics)
    if not named:
        return finding
    rewrite = play.rewrite or next((REWRITES[one] for one in mechanics if one in named and one in REWRITES), None)
    return replace(finding, rewrite=rewrite, changed=_at_the_counter(play))


def _of(found: Ruling, severity: Severity, place: str) -> Finding:
    row = max(found.rows, key=lambda row: bool(row.mechanics))
    return Finding(
        rule=RULE,
        severity=severity,
        place=place,
        law=Text(zh=row.rule.zh, en=row.rule.en),
        reason=Text(zh=row.reason.zh, en=row.reason.en),
        channel=found.channel,
    )


def _no_form(play: Definition, policy: Policy, channel: Channel) -> Finding:
    name = policy.name_of(channel)
    return Finding(
        rule=RULE,
        severity=Severity.REFUSE,
        place="share",
        law=Text(zh="渠道规则", en="policy of channels"),
        reason=Text(
            zh=f"{name.zh}里没有这个玩法能用的形式（它有：{'、'.join(play.share)}）。",
            en=f"{name.en} takes none of its forms ({', '.join(play.share)}).",
        ),
        channel=channel,
    )


def _place_of(play: Definition, found: Ruling) -> str:
    mechanics = mechanics_of(play)
    named = [one for row in found.rows for one in row.mechanics if one in mechanics]
    return mechanics[named[0]] if named else f"share[{play.share.index(found.form.value)}]"


def _at_the_counter(play: Definition) -> Definition | None:
    """The same with neighbours who come and scan in place of those who tap; its words still have to follow."""
    helped = any(one.fact == "helped" for one in play.counts)
    if not helped or Mechanic.LOTTERY_GROUP in mechanics_of(play):
        return None
    counts = tuple(replace(one, fact="scanned") if one.fact == "helped" else one for one in play.counts)
    changed = replace(play, counts=counts, share=("paper", "code", "relay"), rewrite=None)
    return None if faults(changed) else changed


def _forms(play: Definition) -> tuple[Form, ...]:
    return tuple(Form(form) for form in play.share)
