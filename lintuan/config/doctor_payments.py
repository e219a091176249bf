"""The set-up of the payment gateway, looked at from where the product runs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from . import processes
from .environment import House

if TYPE_CHECKING:
    from lintuan.payments.types import Symptom


def examine_payments(house: House) -> Sequence[Symptom]:
    """What the environment names, or the stand-ins of a rehearsal in this state folder."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lintuan.config.settings")
    django.setup()
    from lintuan.payments.queries import gateway_health

    address = os.environ.get("LINTUAN_ADDRESS") or processes.address_of(house)
    named = os.environ.get("LINTUAN_GATEWAY_KEYS")
    return gateway_health(Path(named) if named else house.stand_ins / "manifest.json", address)


def written(findings: Sequence[Symptom], *, as_json: bool) -> str:
    """For people in both languages, or for programs."""
    if as_json:
        return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2)
    lines = []
    for finding in findings:
        lines.append(f"{'ok' if finding.is_fine else '!!'} {finding.subject}: {finding.words[1]} ({finding.words[0]})")
        if finding.remedy[1]:
            lines.append(f"   → {finding.remedy[1]} ({finding.remedy[0]})")
    return "\n".join(lines)
