"""Differences between orders, channels' bills and books, and what people do about them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.show import show
from lintuan.console.words import spoken, word
from lintuan.kernel.errors import Invalid
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import ZERO, Money
from lintuan.ordering import queries as ordering
from lintuan.settlement import commands, queries
from lintuan.settlement.engine import accounts, causes
from lintuan.settlement.types import MAY_CORRECT, BillDayCompared, CaseFileView, Correction, FileState

YUAN = re.compile(r"(\d{1,8})(?:\.(\d{1,2}))?", re.ASCII)


@require_GET
@staff_page("settlement.read")
def cases(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The differences to work off, by filters, and the latest bill days side by side."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    chosen = FileState(state) if state in set(FileState) else None
    found = queries.case_files(
        visit.caller, province_id=visit.province_id, state=chosen, kind=kind if kind in causes.ALL else ""
    )
    days = queries.bill_days(visit.caller, province_id=visit.province_id)
    return show(
        request,
        visit,
        "cases.html",
        rows=[(one, _address(visit, one), spoken(one.zh, one.en)) for one in found],
        days=days,
        chart={
            "days": _drawn(days),
            "names": [spoken("订单 − 账单（元）", "Orders − bill"), spoken("账簿 − 账单（元）", "Books − bill")],
        },
        states=[(one.value, word(one, "case"), one is chosen) for one in FileState],
        kinds=[(name, spoken(cause.zh, cause.en), name == kind) for name, cause in sorted(causes.ALL.items())],
    )


@require_GET
@staff_page("settlement.read")
def case(request: HttpRequest, visit: Visit, file: str) -> HttpResponse:
    """One difference: both sides, the likely cause, every step, and what can be done next."""
    province_id, file_id = read_public_id("case", file)
    found = queries.case_file(visit.caller, province_id=province_id, file_id=file_id)
    orders = ordering.orders(province_id, [found.order_id]) if found.order_id else {}
    return show(
        request,
        visit,
        "case.html",
        case=found,
        id=file,
        cause=spoken(found.zh, found.en),
        remedy=word(found.remedy, "remedy"),
        order=orders[found.order_id].number if found.order_id in orders else "",
        steps=[(word(step.kind, "step"), step) for step in found.steps],
        accounts=[(code, spoken(title.zh, title.en)) for code, title in accounts.CHART.items()],
        is_mine=found.staff_id == visit.caller.id,
        may_correct=visit.caller.may(MAY_CORRECT, province_id),
        can_ask=bool(found.number) and found.kind not in causes.NOT_ASKED and found.kind in causes.OF_CHANNELS,
    )


@require_POST
@staff_page(MAY_CORRECT)
def work(request: HttpRequest, visit: Visit, file: str) -> HttpResponse:
    """One step: take, ask, explain, correct or close."""
    province_id, file_id = read_public_id("case", file)
    about: dict[str, Any] = {"province_id": province_id, "file_id": file_id}
    why, said = request.POST.get("why", "")[:300], spoken("已记录。", "Noted.")
    match request.POST.get("step"):
        case "take":
            commands.take_case(visit.caller, **about, why=why)
        case "explain":
            commands.explain_case(visit.caller, **about, why=why)
        case "correct":
            commands.correct_case(visit.caller, **about, correction=_correction(request), why=why)
        case "close":
            commands.close_case(visit.caller, **about, why=why)
        case "ask":
            is_news = commands.ask_about_case(visit.caller, **about)
            said = (
                spoken("渠道的答复已入账。", "The channel's word was news and is taken.")
                if is_news
                else spoken("渠道没有新消息。", "The channel told nothing new.")
            )
        case _:
            raise Invalid(reason="step")
    tell(request, said)
    return redirect("console:case", file=file)


def _address(visit: Visit, found: CaseFileView) -> str:
    return public_id("case", visit.province_id, found.id)


def _drawn(days: Iterable[BillDayCompared]) -> list[tuple[str, float, float]]:
    """By how many yuan orders and books differ from all channels' bills, by day, the oldest first."""
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for day in days:
        sums[day.on_day][0] += (day.ours - day.billed).fen
        sums[day.on_day][1] += (day.booked - day.billed).fen
    return [(f"{on_day:%m-%d}", orders / 100, booked / 100) for on_day, (orders, booked) in sorted(sums.items())]


def _correction(request: HttpRequest) -> Correction:
    journal, amount = request.POST.get("journal", "").strip(), request.POST.get("amount", "").strip()
    if journal.isascii() and journal.isdecimal() and len(journal) < 19:
        return Correction(journal_id=int(journal))
    match = YUAN.fullmatch(amount.removeprefix("¥"))
    money = Money(int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))) if match else ZERO
    return Correction(debit=request.POST.get("debit", ""), credit=request.POST.get("credit", ""), amount=money)
