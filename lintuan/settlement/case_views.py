"""Cases and bill days as their readers see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Max

from lintuan.kernel.errors import NotFound
from lintuan.provinces import queries as provinces

from .engine.causes import ALL
from .models import BillRun, CaseFile, CaseStep
from .types import BillDayCompared, CaseFileView, CaseStepView, FileState, StepKind


def of_files(rows: Iterable[CaseFile]) -> Sequence[CaseFileView]:
    """Without their steps."""
    known = list(rows)
    names = _names({row.staff_id for row in known})
    return [_file(row, names) for row in known]


def with_steps(row: CaseFile) -> CaseFileView:
    """One case, its steps in their order."""
    steps = list(CaseStep.objects.filter(province_id=row.province_id, file_id=row.id).order_by("id"))
    names = _names({row.staff_id, *(step.staff_id for step in steps)})
    told = tuple(
        CaseStepView(StepKind(step.kind), names.get(step.staff_id, ""), step.at, step.why, step.journal_id)
        for step in steps
    )
    return _file(row, names, told)


def of_days(province_id: int, most: int) -> Sequence[BillDayCompared]:
    """What the newest comparison of each bill day told, the newest days first."""
    runs = BillRun.objects.filter(province_id=province_id)
    newest = runs.values("provider", "on_day").annotate(Max("id")).order_by("-on_day", "provider")[:most]
    rows = runs.filter(id__in=[run["id__max"] for run in newest]).order_by("-on_day", "provider")
    return [
        BillDayCompared(
            provider=row.provider,
            on_day=row.on_day,
            at=row.at,
            payments=row.payments,
            paid=row.paid,
            refunds=row.refunds,
            back=row.back,
            our_payments=row.our_payments,
            our_paid=row.our_paid,
            our_refunds=row.our_refunds,
            our_back=row.our_back,
            booked=row.booked,
            fees=row.fees,
            withdrawn=row.withdrawn,
            cases=row.cases,
        )
        for row in rows
    ]


def _names(staff_ids: Iterable[int | None]) -> dict[int | None, str]:
    names: dict[int | None, str] = {}
    for staff_id in filter(None, set(staff_ids)):
        try:
            names[staff_id] = provinces.staff(staff_id).name
        except NotFound:
            names[staff_id] = f"#{staff_id}"
    return names


def _file(row: CaseFile, names: dict[int | None, str], steps: tuple[CaseStepView, ...] = ()) -> CaseFileView:
    cause = ALL[row.kind]
    return CaseFileView(
        id=row.id,
        scope=row.scope,
        on_day=row.on_day,
        kind=row.kind,
        subject=row.subject,
        number=row.number,
        order_id=row.order_id,
        left=row.left,
        right=row.right,
        state=FileState(row.state),
        staff_id=row.staff_id,
        who=names.get(row.staff_id, "") if row.staff_id else "",
        found_at=row.found_at,
        closed_at=row.closed_at,
        zh=cause.zh,
        en=cause.en,
        remedy=cause.remedy,
        steps=steps,
    )
