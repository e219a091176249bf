"""Trials among leaders, what keeps a play from being offered, and the log of what was offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.intervals import picture, reach
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel.errors import Invalid
from lintuan.leaders import queries as leaders
from lintuan.plays import commands, queries
from lintuan.plays.engine.definition import Definition
from lintuan.plays.types import NewTrial, Offered, TrialView

from .playbook import EDIT

#: Of the log, and of the plays that a leader was offered in it.
MOST_LOGGED, MOST_CHOICES = 60, 3
WHY = {
    "better": ("更好，可以停了", "Better: it may stop"),
    "worse": ("更差，可以停了", "Worse: it may stop"),
    "too_small_to_matter": ("差得很小，可以停了", "Too small to matter: it may stop"),
    "not_known_yet": ("还看不出来，继续", "Not known yet: go on"),
    "time_is_over": ("时间到了，没有定论", "Its time is over, undecided"),
}
COLOURS = {"better": "green", "worse": "red", "too_small_to_matter": "azure"}


@require_http_methods(["GET", "POST"])
@staff_page(EDIT)
def trials(request: HttpRequest, visit: Visit) -> HttpResponse:
    """How each stands, whenever one looks; and a form that begins another."""
    if request.method == "POST":
        commands.begin_trial(visit.caller, province_id=visit.province_id, trial=_new(request.POST))
        tell(request, spoken("已开始，团长已抽签分组。", "Begun; leaders were dealt out by lot."))
        return redirect("console:trials")
    found = [_trial(visit, one) for one in queries.trials(visit.province_id)]
    plays = queries.catalogue(visit.province_id)
    return show(
        request,
        visit,
        "trials.html",
        running=[one for one in found if not one["trial"].is_over],
        past=[one for one in found if one["trial"].is_over],
        guards=[(one.name, f"{one.limit:.1%}", f"{one.credible:.0%}") for one in queries.guards()],
        breaches=[
            (_name(plays, one.play), one.guard, f"{one.chance:.1%}") for one in queries.refused_plays(visit.province_id)
        ],
    )


@require_POST
@staff_page(EDIT)
def stop(request: HttpRequest, visit: Visit, trial: str) -> HttpResponse:
    """Today is its last day."""
    commands.stop_trial(visit.caller, province_id=visit.province_id, code=trial)
    tell(request, spoken("已停止，今天是最后一天。", "Stopped; today is its last day."))
    return redirect("console:trials")


@require_GET
@staff_page(EDIT)
def offered(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The log of recommendations, each with the chances that it had."""
    log, plays = queries.offered(visit.province_id, limit=MOST_LOGGED), queries.catalogue(visit.province_id)
    taken = sum(bool(one.took) for one in log)
    names = {view.leader_id: view.leader_name for view in leaders.points(visit.province_id)}
    campaigns = queries.campaigns_by_id(visit.province_id, {one.took for one in log if one.took})
    rows = []
    for one in log:
        took = campaigns.get(one.took)
        rows.append(
            {
                "offer": one,
                "leader": names.get(one.leader_id, f"#{one.leader_id}"),
                "choices": list(_choices(one, plays)),
                "took": _name(plays, took.definition.code) if took else "",
            }
        )
    exploration = f"{log[0].exploration:.0%}" if log else ""
    return show(request, visit, "offered.html", rows=rows, taken=taken, exploration=exploration)


def _choices(one: Offered, plays: Mapping[str, Definition]) -> Iterator[tuple[str, str, str]]:
    """The first plays: their chance of being first, and what was expected of them."""
    for choice in one.choices[:MOST_CHOICES]:
        yield _name(plays, choice.play), f"{choice.propensity:.1%}", f"{choice.expected:.1f}"


def _trial(visit: Visit, trial: TrialView) -> dict[str, Any]:
    control, *_ = trial.arms
    decisions = queries.look(visit.province_id, trial.code)
    most = reach((one.look for one in decisions.values()), trial.matters)
    arms = [
        {
            "name": name,
            "leaders": trial.leaders[name],
            "why": spoken(*WHY[decision.why]),
            "colour": COLOURS.get(decision.why, "secondary"),
            "look": decision.look,
            "told": {end: f"{getattr(decision.look, end):+.1f}" for end in ("difference", "low", "high")},
            "picture": picture(decision.look, trial.matters, most),
        }
        for name, decision in decisions.items()
    ]
    state = "over" if trial.is_over else "live"
    named = {"matters": f"{trial.matters:g}", "sure": f"{1 - trial.wrong:.0%}"}
    return {"trial": trial, "state": state, "control": (control, trial.leaders[control]), "arms": arms, **named}


def _new(sent: Mapping[str, str]) -> NewTrial:
    arms = tuple(line.strip() for line in sent.get("arms", "").splitlines() if line.strip())
    wrong = _figure(sent, "wrong", spoken("看错的机会", "chance of an error"))
    return NewTrial(
        code=sent.get("code", "").strip(),
        arms=arms,
        matters=_figure(sent, "matters", spoken("多大的差别才算数", "difference that matters")),
        days=int(_figure(sent, "days", spoken("天数", "days"))),
        wrong=wrong / 100,
        least_leaders=int(_figure(sent, "least_leaders", spoken("每组至少几位团长", "leaders of an arm"))),
    )


def _figure(sent: Mapping[str, str], name: str, called: str) -> float:
    """A number above zero that a person may have typed."""
    try:
        figure = float(sent.get(name, ""))
    except ValueError:
        raise Invalid(reason=called) from None
    if not 0 < figure < 1_000_000:
        raise Invalid(reason=called)
    return figure


def _name(plays: Mapping[str, Definition], code: str) -> str:
    return plays[code].name.in_(get_language() or "zh-hans") if code in plays else code
