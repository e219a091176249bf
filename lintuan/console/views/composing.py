"""The composer: new plays from primitives, checked while one writes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.drafts import (
    DEFINITION,
    Draft,
    add_row,
    begin,
    read_draft,
    read_file,
    remove_row,
    rewrite,
    trial_form,
    try_out,
)
from lintuan.console.forms import LONG, Control, Group, Part, flat, form_of, show_issues
from lintuan.console.show import show
from lintuan.console.verdicts import channels_of, found_in
from lintuan.console.words import spoken
from lintuan.kernel import clock
from lintuan.plays import commands, queries

from .playbook import EDIT, definition_file

LARGEST_FILE = 200_000


@require_http_methods(["GET", "POST"])
@staff_page(EDIT)
def compose(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form; after a post what its button says, and without one only what is wrong."""
    on = clock.today(visit.province.zone)
    if request.method == "GET":
        return _page(request, visit, begin(visit.province_id, request.GET.get("from", ""), on))
    deed, _, place = request.POST.get("do", "check").partition(":")
    if deed == "import":
        return _page(request, visit, read_file(visit.province_id, _text_of(request), on))
    return _answer(request, visit, read_draft(visit.province_id, request.POST, on), f"{deed}:{place}")


def _answer(request: HttpRequest, visit: Visit, draft: Draft, wish: str) -> HttpResponse:
    """What a button of the form leads to."""
    deed, _, place = wish.partition(":")
    match deed:
        case "save":
            return _save(request, visit, draft)
        case "export":
            return definition_file(draft.written, draft.code)
        case "try":
            return _try(request, visit, draft)
        case "check":
            return _check(request, visit, draft)
        case _:
            return _body(request, visit, _changed(draft, deed, place, clock.today(visit.province.zone)))


def _changed(draft: Draft, deed: str, place: str, on: date) -> Draft:
    match deed:
        case "add":
            return add_row(draft, place, on)
        case "remove":
            return remove_row(draft, place, on)
        case "rewrite":
            return rewrite(draft, place, on)
        case _:
            return draft


def _save(request: HttpRequest, visit: Visit, draft: Draft) -> HttpResponse:
    """A new version, unless something keeps the play from running at all."""
    if draft.play is None or draft.verdict is None:
        return _page(request, visit, draft)
    version = commands.write_design(visit.caller, province_id=visit.province_id, definition=draft.written)
    tell(request, spoken(f"已保存为第 {version} 版。", f"Saved as version {version}."))
    return redirect("console:play", code=draft.play.code)


def _try(request: HttpRequest, visit: Visit, draft: Draft) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return _page(request, visit, draft)
    return show(request, visit, "part_tried.html", tried=try_out(draft))


def _check(request: HttpRequest, visit: Visit, draft: Draft) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return _page(request, visit, draft)
    shown = _shown(draft)
    return show(request, visit, "part_check.html", **shown, slots=list(flat(shown["parts"])))


def _body(request: HttpRequest, visit: Visit, draft: Draft) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return _page(request, visit, draft)
    return show(request, visit, "part_composer.html", **_shown(draft), is_part=True)


def _page(request: HttpRequest, visit: Visit, draft: Draft) -> HttpResponse:
    tried = try_out(draft) if request.POST.get("do") == "try" else None
    plays = sorted(queries.catalogue(visit.province_id).values(), key=lambda play: (play.number, play.code))
    return show(request, visit, "compose.html", **_shown(draft), tried=tried, plays=plays)


def _shown(draft: Draft) -> dict[str, Any]:
    """The form with every issue beside its field."""
    parts = form_of(DEFINITION, draft.written)
    left = show_issues(parts, draft.issues)
    basics = [part for part in parts if _is_basic(part)]
    return {
        "draft": draft,
        "parts": parts,
        "basics": basics,
        "sections": [part for part in parts if part not in basics],
        "left": left,
        "refusals": sum(issue.is_refusal for issue in draft.issues),
        "trial": trial_form(draft),
        "channels": channels_of(draft.verdict) if draft.verdict else [],
        "found": found_in(draft.verdict) if draft.verdict else [],
    }


def _is_basic(part: Part) -> bool:
    return isinstance(part, Control) or (isinstance(part, Group) and part.is_text and part.name not in LONG)


def _text_of(request: HttpRequest) -> str:
    """A file, or what was pasted."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("json", "")
    text: str = file.read(LARGEST_FILE).decode("utf-8", "replace")
    return text
