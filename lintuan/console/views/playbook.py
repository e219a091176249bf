"""The catalogue of plays, and each play's page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from lintuan.console.access import Visit, staff_page
from lintuan.console.play_told import gives, prizes_of, sections_of
from lintuan.console.play_words import value_word
from lintuan.console.show import show
from lintuan.console.verdicts import channel_name, channels_of, flag_of, found_in, verdict_of
from lintuan.kernel import clock
from lintuan.plays import queries
from lintuan.plays.engine.definition import Aim, Definition, TriggerKind
from lintuan.plays.engine.rewards import most_cost_fen
from lintuan.plays.errors import PlayUnknown
from lintuan.sharing.types import Channel

EDIT = "plays.edit"
FLAGS = ("clear", "risky", "banned")
FILTERS = ("aim", "trigger", "flag", "channel")


@require_GET
@staff_page(EDIT)
def plays(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All plays of the province, filtered, with what channels say of them today."""
    asked = {name: request.GET.get(name, "") for name in FILTERS}
    today = clock.today(visit.province.zone)
    rows = [_row(one, today) for one in queries.catalogue(visit.province_id).values()]
    shown = sorted((row for row in rows if _fits(row, asked)), key=lambda row: (row["play"].number, row["play"].code))
    choices = {
        "aim": [(one, value_word("Definition", "aim", one)) for one in get_args(Aim)],
        "trigger": [(one, value_word("Trigger", "kind", one)) for one in get_args(TriggerKind)],
        "channel": [(one.value, channel_name(one)) for one in Channel],
    }
    found = {"rows": shown, "all": len(rows), "playable": sum(row["flag"] != "banned" for row in rows)}
    return show(request, visit, "plays.html", **found, asked=asked, choices=choices, flags=FLAGS)


@require_GET
@staff_page(EDIT)
def play(request: HttpRequest, visit: Visit, code: str) -> HttpResponse:
    """What a play is, what it costs at most, its words, and where it may start today."""
    one, today = definition_of(visit, code), clock.today(visit.province.zone)
    verdict, language = verdict_of(one, today), get_language() or "zh-hans"
    texts = [(name, getattr(one.texts, name)) for name in ("invite", "progress", "done")]
    return show(
        request,
        visit,
        "play.html",
        play=one,
        name=one.name.in_(language),
        today=today,
        aim=value_word("Definition", "aim", one.aim),
        sections=sections_of(one),
        rewards=[(reward.level, gives(reward), most_cost_fen(reward)) for reward in one.rewards],
        prizes=prizes_of(one),
        funders=[(value_word("Funder", "payer", part.payer), f"{part.share_bps / 100:g}%") for part in one.funding],
        texts=[(name, text.zh, text.en) for name, text in texts],
        channels=channels_of(verdict),
        found=found_in(verdict),
    )


@require_GET
@staff_page(EDIT)
def play_file(request: HttpRequest, visit: Visit, code: str) -> HttpResponse:
    """The definition as JSON, to keep or to change elsewhere."""
    return definition_file(msgspec.to_builtins(definition_of(visit, code)), code)


def definition_of(visit: Visit, code: str) -> Definition:
    """A play of the province by its code."""
    try:
        return queries.catalogue(visit.province_id)[code]
    except KeyError:
        raise PlayUnknown(thing="play") from None


def definition_file(written: Any, code: str) -> HttpResponse:
    """What is written, as a file to keep."""
    body = msgspec.json.format(msgspec.json.encode(written), indent=1)
    return HttpResponse(
        body, content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{code}.json"'}
    )


def _row(one: Definition, today: date) -> dict[str, Any]:
    verdict = verdict_of(one, today)
    return {
        "play": one,
        "name": one.name.in_(get_language() or "zh-hans"),
        "aim": value_word("Definition", "aim", one.aim),
        "trigger": value_word("Trigger", "kind", one.trigger.kind),
        "progress": value_word("", "kind", type(one.progress).__struct_config__.tag),
        "flag": flag_of(verdict),
        "channels": [channel for channel in Channel if verdict.may_start(channel)],
        "closed": [channel_name(channel) for channel in Channel if not verdict.may_start(channel)],
    }


def _fits(row: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    one: Definition = row["play"]
    return (
        asked["aim"] in ("", one.aim)
        and asked["trigger"] in ("", one.trigger.kind)
        and asked["flag"] in ("", row["flag"])
        and (not asked["channel"] or asked["channel"] in row["channels"])
    )
