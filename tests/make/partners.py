"""Traffic partners to whom the nights have posted shares, for tests."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

from lintuan.kernel import clock
from lintuan.kernel.money import ZERO, Money
from lintuan.settlement import commands, ledger
from lintuan.settlement.engine import books
from lintuan.settlement.engine.books import Kind
from lintuan.settlement.engine.partners import month_of
from lintuan.settlement.engine.paying import Banked
from lintuan.settlement.partner_models import Contract, ContractDay, ContractMonth, Partner
from tests.make import provinces, withdrawals
from tests.make.provinces import HUBEI

ACCOUNT = ("武汉江畔物业有限公司", "6222000099998888777", "建设银行武汉分行")
BEGAN = date(2026, 11, 1)
_names = itertools.count(1)
_sources = itertools.count(1)


def partner(*, is_told: bool = True) -> Partner:
    """A partner, who has told its bank account."""
    provinces.province()
    row = Partner.objects.create(province_id=HUBEI, name=f"Riverside Homes {next(_names)}")
    if is_told:
        banked(row.id)
    return row


def banked(partner_id: int, account: tuple[str, str, str] = ACCOUNT) -> None:
    commands.set_bank_account(
        withdrawals.clerk(), province_id=HUBEI, kind=Banked.PARTNER, payee_id=partner_id, account=account
    )


def contract(of: Partner, *, until_on: date | None = None) -> Contract:
    """A quarter of the margin, signed."""
    row = Contract(
        province_id=HUBEI, partner=of, point_ids=[1], since=[0], bps=[2500], from_on=BEGAN, until_on=until_on,
        drafted_at=clock.now(), drafted_by=1, signed_at=clock.now(), signed_by=2,
    )  # fmt: skip
    row.save()
    return row


def counted(row: Contract, upto: date) -> None:
    """The nights have counted every sale day up to one."""
    day = ContractDay.objects.filter(province_id=HUBEI, contract=row).order_by("-sale_on").first()
    first = day.sale_on + timedelta(days=1) if day else row.from_on
    last = min(upto, row.until_on or upto)
    ContractDay.objects.bulk_create(
        ContractDay(
            province_id=HUBEI, contract=row, sale_on=first + timedelta(days=number), sales=ZERO, margin=ZERO, upto=0
        )
        for number in range((last - first).days + 1)
    )


def shared(row: Contract, begins: date, fen: int) -> None:
    """A month comes to this share by now: the difference to what it was is posted."""
    month, _ = ContractMonth.objects.get_or_create(
        province_id=HUBEI,
        contract=row,
        begins=month_of(begins),
        defaults={
            "days": 1, "sales": ZERO, "margin": ZERO, "bps": 2500, "share": ZERO, "is_capped": False, "times": 0
        },
    )  # fmt: skip
    entries = books.share_with_partner(row.partner_id, Money(fen) - month.share)
    source = f"test-share:{next(_sources)}"
    ledger.write(HUBEI, [ledger.Draft(source=source, kind=Kind.PARTNER_SHARED, at=clock.now(), entries=entries)])
    month.share = Money(fen)
    month.save()


def noon(day: date) -> str:
    """As `clock_at` reads it."""
    return f"{datetime(day.year, day.month, day.day, 12):%Y-%m-%dT%H:%M}+08:00"
