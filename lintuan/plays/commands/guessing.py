"""Gift codes that members type: whoever is wrong too often is locked out for a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from lintuan.kernel import clock
from lintuan.plays.errors import CodesLocked, PlayCodeUnknown
from lintuan.plays.models import CodeTries
from lintuan.plays.papers import number_of_gift
from lintuan.plays.types import CampaignView
from lintuan.provinces.queries import province

MOST_WRONG = 5
LOCKED = timedelta(days=1)


def require_code(campaign: CampaignView, member_id: int, code: str) -> None:
    """PlayCodeUnknown for what is no code of the campaign, CodesLocked whatever is typed while a member is locked out.

    It comes before the command that uses the code, as a refusal would undo the count too. Tries of one member queue at
    their row, so of many at once five are judged.
    """
    until, is_known = _tried(campaign, member_id, code)
    if until is not None:
        local = until.astimezone(ZoneInfo(province(campaign.province_id).zone))
        raise CodesLocked(until=f"{local:%Y-%m-%d %H:%M}")
    if not is_known:
        raise PlayCodeUnknown


@transaction.atomic
def _tried(campaign: CampaignView, member_id: int, code: str) -> tuple[datetime | None, bool]:
    now, is_known = clock.now(), bool(number_of_gift(campaign, code))
    row, _ = CodeTries.objects.select_for_update().get_or_create(
        province_id=campaign.province_id, campaign_id=campaign.id, member_id=member_id
    )
    if row.locked_until is not None and now < row.locked_until:
        return row.locked_until, is_known
    if is_known:
        return None, True
    row.wrong += 1
    row.locked_until = now + LOCKED if row.wrong >= MOST_WRONG else None
    row.wrong %= MOST_WRONG
    row.save(update_fields=["wrong", "locked_until"])
    return row.locked_until, False


def forget_wrong(campaign: CampaignView, member_id: int) -> None:
    """A card that was redeemed ends a row of wrong codes; one that was used before does not, or it would be a key."""
    CodeTries.objects.filter(province_id=campaign.province_id, campaign_id=campaign.id, member_id=member_id).delete()
