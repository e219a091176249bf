"""Trials among leaders, what keeps a play from being offered, and the log of what was offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
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
from lintuan.plays.engine.learning.assigning import AS_NOW
from lintuan.plays.types import NewTrial, Offered, TrialView

from .playbook import EDIT

#: That the form has room for.
MOST_ARMS = 4
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
    plays = queries.catalogue(visit.province_id)
    found = [_trial(visit, one, plays) for one in queries.trials(visit.province_id)]
    return show(
        request,
        visit,
        "trials.html",
        plays=sorted((code, _name(plays, code)) for code in plays),
        arms=range(1, MOST_ARMS + 1),
        as_now=AS_NOW,
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
    """Its arms act no more."""
    commands.stop_trial(visit.caller, province_id=visit.province_id, code=trial)
    tell(request, spoken("已停止，各组马上照旧。", "Stopped; nothing is changed for any leader any more."))
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


def _trial(visit: Visit, trial: TrialView, plays: Mapping[str, Definition]) -> dict[str, Any]:
    control, *_ = trial.arms
    decisions = queries.look(visit.province_id, trial.code)
    most = reach((one.look for one in decisions.values()), trial.matters)
    arms = [
        {
            "name": _arm(plays, name),
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
    compared = {"control": (_arm(plays, control), trial.leaders[control]), "arms": arms}
    about = _name(plays, trial.about)
    groups = list(_groups(visit, trial, plays))
    return {"trial": trial, "state": state, "about": about, "groups": groups, **compared, **named}


def _groups(visit: Visit, trial: TrialView, plays: Mapping[str, Definition]) -> Iterator[dict[str, Any]]:
    """Who is in each arm, who left it, and what came of those who started what it is about."""
    started = queries.as_started(visit.province_id, trial.code)
    for arm in trial.arms:
        one = started[arm]
        yield {
            "name": _arm(plays, arm),
            "leaders": trial.leaders[arm],
            "declined": trial.declined[arm],
            "started": one.leaders,
            "mean": "–" if one.mean is None else f"{one.mean:.1f}",
        }


def _arm(plays: Mapping[str, Definition], arm: str) -> str:
    return spoken("照旧", "As now") if arm == AS_NOW else _name(plays, arm)


def _new(sent: QueryDict) -> NewTrial:
    wrong = _figure(sent, "wrong", spoken("看错的机会", "chance of an error"))
    return NewTrial(
        code=sent.get("code", "").strip(),
        about=sent.get("about", ""),
        arms=tuple(arm for arm in sent.getlist("arms") if arm),
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
