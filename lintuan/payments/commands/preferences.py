from __future__ import annotations

from datetime import date

from lintuan.kernel import changes, clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Invalid
from lintuan.payments.engine.methods import check_market
from lintuan.payments.models import Preference
from lintuan.payments.types import Provider
from lintuan.provinces.queries import province


@command
def prefer_providers(
    caller: Caller,
    *,
    province_id: int,
    city_code: str,
    from_on: date,
    providers: tuple[Provider, ...],
    key: str | None = None,
) -> None:
    """Offer these providers first, in their order, from today or a later day on; no city means the whole province."""
    caller.require("provinces.edit", province_id)
    check_market(province_id, city_code, providers)
    if from_on < clock.today(province(province_id).zone):
        raise Invalid(reason="from_on: not in the past")
    Preference.objects.update_or_create(
        province_id=province_id, city_code=city_code, from_on=from_on, defaults={"providers": list(providers)}
    )
    changes.tell("payments", province_id)
