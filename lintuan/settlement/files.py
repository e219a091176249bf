"""Cases as files: what a run found opens them, what it no longer finds closes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from msgspec import Struct

from lintuan.kernel.money import Money

from .models import CaseFile, CaseStep
from .types import FileState, StepKind


class Found(Struct, frozen=True):
    """A difference as a run found it."""

    kind: str
    subject: str
    number: str
    order_id: int | None
    left: Money
    right: Money

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.subject


def of_sale(sale_on: date) -> str:
    """The scope of a sale day's own reconciliation."""
    return f"sale:{sale_on}"


def of_bill(provider: str, on_day: date) -> str:
    """The scope of a channel's bill day."""
    return f"bill:{provider}:{on_day}"


def note(province_id: int, scope: str, on_day: date, found: Iterable[Found], now: datetime) -> int:
    """Bring the files of a scope up to date; answers how many are not closed.

    What a person has closed stays closed while its figures are the same.
    """
    rows = CaseFile.objects.select_for_update().filter(province_id=province_id, scope=scope).order_by("id")
    known = {(row.kind, row.subject): row for row in rows}
    steps: list[CaseStep] = []
    fresh: list[CaseFile] = []
    wanted = {one.key: one for one in found}
    for key, one in wanted.items():
        row = known.get(key)
        if row is None or (row.state == FileState.CLOSED and not _was_worked_off(row, one)):
            fresh.append(_file(province_id, scope, on_day, one, now))
        elif row.state != FileState.CLOSED:
            steps += _seen_again(row, one, now)
    gone = [row for key, row in known.items() if row.state != FileState.CLOSED and key not in wanted]
    for row in gone:
        row.state, row.staff_id, row.closed_at = FileState.CLOSED.value, None, now
        row.save(update_fields=["state", "staff_id", "closed_at"])
    steps += [_step(row, StepKind.VANISHED, now) for row in gone]
    steps += [_step(row, StepKind.FOUND, now) for row in CaseFile.objects.bulk_create(fresh)]
    CaseStep.objects.bulk_create(steps)
    return CaseFile.objects.filter(province_id=province_id, scope=scope).exclude(state=FileState.CLOSED.value).count()


def _was_worked_off(row: CaseFile, one: Found) -> bool:
    return row.staff_id is not None and (row.left, row.right) == (one.left, one.right)


def _seen_again(row: CaseFile, one: Found, now: datetime) -> list[CaseStep]:
    row.seen_at = now
    if (row.left, row.right) == (one.left, one.right):
        row.save(update_fields=["seen_at"])
        return []
    why = f"{row.left} / {row.right} → {one.left} / {one.right}"
    row.left, row.right = one.left, one.right
    row.save(update_fields=["seen_at", "left", "right"])
    return [_step(row, StepKind.CHANGED, now, why)]


def _file(province_id: int, scope: str, on_day: date, one: Found, now: datetime) -> CaseFile:
    return CaseFile(
        province_id=province_id,
        scope=scope,
        on_day=on_day,
        kind=one.kind,
        subject=one.subject,
        number=one.number,
        order_id=one.order_id,
        left=one.left,
        right=one.right,
        found_at=now,
        seen_at=now,
    )


def _step(row: CaseFile, kind: StepKind, now: datetime, why: str = "") -> CaseStep:
    return CaseStep(province_id=row.province_id, file=row, kind=kind.value, at=now, why=why)
