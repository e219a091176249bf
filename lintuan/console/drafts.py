"""A play that is being composed: what is written so far, what is wrong with it, and what it would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
from django.http import QueryDict
from django.utils.translation import get_language

from lintuan.kernel.errors import Invalid
from lintuan.plays import queries
from lintuan.plays.engine.contradictions import Fault
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.facts import Given
from lintuan.plays.engine.linting.verdict import Verdict
from lintuan.plays.engine.malformed import ROOT, malformations, shape_of
from lintuan.plays.engine.scenarios import Scenario, played
from lintuan.plays.engine.soundness import circles, faults

from .forms import Issue, form_of, read_form, steps
from .play_told import effects_told
from .verdicts import found_in, verdict_of
from .words import spoken

DEFINITION = shape_of(Definition)
SCENARIO = shape_of(Scenario)
#: Names of the scenario's controls begin with it; no field of a definition does.
TRIAL = "try"
TRIED_ON = date(2026, 6, 1)
EMPTY: Mapping[str, Any] = {
    "schema": 1,
    "counts": [{}],
    "share": ["code"],
    "funding": [{"payer": "platform", "share_bps": 10_000}],
}


@dataclass(slots=True)
class Draft:
    """`play` is there once it can be read, `verdict` once it could run."""

    province_id: int
    written: Any
    scenario: Any
    issues: list[Issue] = field(default_factory=list)
    play: Definition | None = None
    verdict: Verdict | None = None

    @property
    def code(self) -> str:
        code = self.written.get("code") if isinstance(self.written, Mapping) else None
        return code if isinstance(code, str) and code else "play"


def begin(province_id: int, code: str, on: date) -> Draft:
    """A draft of a play of the catalogue, or of nothing."""
    play = queries.catalogue(province_id).get(code)
    written = msgspec.to_builtins(play) if play else dict(EMPTY)
    return checked(Draft(province_id, written, _some_facts(written)), on)


def read_draft(province_id: int, posted: QueryDict, on: date) -> Draft:
    """What the form holds."""
    written = read_form(DEFINITION, posted)
    known = queries.catalogue(province_id).get(str(written.get("code")))
    if known is None or known.number != written.get("number"):
        # Under another code it is another play than that of the catalogue.
        written["number"] = known.number if known else 0
    return checked(Draft(province_id, written, read_form(SCENARIO, posted, TRIAL)), on)


def read_file(province_id: int, text: str, on: date) -> Draft:
    """What a file holds, however wrong; Invalid where it is no JSON at all."""
    try:
        written = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise Invalid(reason=spoken(f"不是 JSON：{wrong}", f"no JSON: {wrong}")) from wrong
    return checked(Draft(province_id, written, _some_facts(written)), on)


def add_row(draft: Draft, place: str, on: date) -> Draft:
    """One row more at a place."""
    rows = _at(draft, place)
    if not isinstance(rows, list):
        raise Invalid(reason=place)
    rows.append({})
    return checked(draft, on)


def remove_row(draft: Draft, place: str, on: date) -> Draft:
    """A row less."""
    rows, index = _at(draft, place.rpartition("[")[0]), steps(place)[-1]
    if not isinstance(rows, list) or not isinstance(index, int) or index >= len(rows):
        raise Invalid(reason=place)
    del rows[index]
    return checked(draft, on)


def rewrite(draft: Draft, number: str, on: date) -> Draft:
    """The draft as a finding would have it."""
    found = draft.verdict.findings if draft.verdict else ()
    changed = found[int(number)].changed if number.isdecimal() and int(number) < len(found) else None
    if changed is None:
        raise Invalid(reason=number)
    return checked(Draft(draft.province_id, msgspec.to_builtins(changed), draft.scenario), on)


@dataclass(frozen=True, slots=True)
class Tried:
    """What followed from each happening of a scenario; nothing followed where `issues` say why not."""

    follows: list[tuple[int, list[str]]]
    total: int
    given: int
    issues: list[Issue]


def try_out(draft: Draft) -> Tried:
    """Let the scenario happen in memory."""
    written = {**draft.scenario, "tells": TRIAL, "total": 0}
    wrong = [_issue(one, TRIAL) for one in malformations(written, Scenario)]
    if draft.play is None or draft.verdict is None:
        text = spoken("玩法还不完整，先改好标红的地方", "The play is not complete yet: see the places in red first")
        wrong.append(Issue(TRIAL, text))
    if wrong or draft.play is None:
        return Tried([], 0, 0, wrong)
    follows, total = played(draft.play, msgspec.convert(written, Scenario))
    told = [(index, effects_told(draft.play, effects)) for index, effects in enumerate(follows, 1)]
    given = sum(isinstance(effect, Given) for effects in follows for effect in effects)
    return Tried(told, total, given, [])


def trial_form(draft: Draft) -> Any:
    """The controls of the scenario."""
    return form_of(SCENARIO, draft.scenario, TRIAL)


def checked(draft: Draft, on: date) -> Draft:
    """The draft with everything that is wrong: what cannot be read, else what cannot run, else what may not start."""
    draft.issues, draft.play, draft.verdict = [], None, None
    if wrong := malformations(draft.written):
        draft.issues = [_issue(one) for one in wrong]
        return draft
    draft.play = play = msgspec.convert(draft.written, Definition)
    others = queries.catalogue(draft.province_id)
    round_about = [one for one in circles({**others, play.code: play}) if play.code in one.reason.en]
    if unsound := faults(play):
        draft.issues = [_issue(one) for one in unsound]
        return draft
    draft.verdict = verdict_of(play, on)
    draft.issues = [Issue("rewards", one.reason.in_(_language())) for one in round_about]
    for found in found_in(draft.verdict):
        where = spoken("、", ", ").join(found.channels)
        text = f"{where}{spoken('：', ': ') if where else ''}{found.reason} ({found.finding.rule}, {found.law})"
        draft.issues.append(Issue(found.finding.place, text, found.is_refusal))
    return draft


def _issue(fault: Fault, within: str = "") -> Issue:
    place = "" if fault.place == ROOT else fault.place
    return Issue(f"{within}.{place}" if within else place, fault.reason.in_(_language()))


def _at(draft: Draft, place: str) -> Any:
    here: Any = {**draft.written, TRIAL: draft.scenario}
    for key in steps(place):
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            raise Invalid(reason=place) from None
    return here


def _some_facts(written: Any) -> dict[str, Any]:
    """Three neighbours who do what the first rule counts, and the end."""
    rules = written.get("counts") if isinstance(written, Mapping) else None
    first = rules[0] if isinstance(rules, list | tuple) and rules and isinstance(rules[0], Mapping) else {}
    reach = written.get("participants") if isinstance(written, Mapping) else None
    is_opened = isinstance(reach, Mapping) and reach.get("reach") == "opener"
    of_opener = {"unit": 1} if is_opened and first.get("by") == "others" else {}
    fact = {"do": first.get("fact", "paid"), "on": TRIED_ON, "fen": 3000, "units": 1, "points": 1, **of_opener}
    happens: list[dict[str, Any]] = [{**fact, "by": member} for member in (1, 2, 3)]
    return {"opener": int(is_opened), "happens": [*happens, {"do": "end", "on": TRIED_ON}]}


def _language() -> str:
    return get_language() or "zh-hans"
