"""Prices that an opener names, and whether the limit of their run takes them."""

from __future__ import annotations

import msgspec
from django.db import connection
from msgspec.structs import replace

from lintuan.kernel.money import Money
from lintuan.plays.days import price_today
from lintuan.plays.engine.facts import Tally
from lintuan.plays.engine.haggling import floor_of, is_in_band, is_taken, reserve_of
from lintuan.plays.engine.progress import Haggle
from lintuan.plays.errors import NotForYou, PlayUnknown, PriceOutOfBand, RoundsUsedUp, RunClosed
from lintuan.plays.models import Run
from lintuan.plays.types import CampaignView, Happening, RunState


def named_price(campaign: CampaignView, run: Run | None, offered: Happening, fen: int) -> tuple[Happening, int]:
    """The offer with its price where that is taken, without one where it is not; and how many are left."""
    progress, day = campaign.definition.progress, price_today(campaign, offered.at)
    assert isinstance(progress, Haggle)
    if run is None or run.opener_id != offered.member_id:
        raise NotForYou(reason="whoever opened the round haggles", reason_zh="谁发起谁来还价")
    if day is None:
        raise PlayUnknown(thing="offer")
    if not is_in_band(fen, day.fen, progress.floor_bps):
        raise PriceOutOfBand(lowest=Money(floor_of(day.fen, progress.floor_bps)), highest=day)
    held = Run.objects.select_for_update().filter(province_id=run.province_id, id=run.id).first()
    if held is None or held.state != RunState.OPEN:
        raise RunClosed
    left = progress.rounds - _tried(run, offered.member_id, progress.rounds)
    taken = is_taken(fen, reserve_of(bytes(run.seed), day.fen, progress.floor_bps), day.fen)
    return replace(offered, fen=fen if taken else 0, day_fen=day.fen), left


def _tried(run: Run, unit: int, most: int) -> int:
    """How many prices were named, this one among them."""
    body = msgspec.json.encode(Tally(unit, is_opener=True)).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO plays_tally AS t (province_id, run_id, unit, tries, body) VALUES (%s, %s, %s, 1, %s::jsonb)"
            " ON CONFLICT (province_id, run_id, unit) DO UPDATE SET tries = t.tries + 1 WHERE t.tries < %s"
            " RETURNING tries",
            [run.province_id, run.id, unit, body, most],
        )
        row = cursor.fetchone()
    if row is None:
        raise RoundsUsedUp(most=most)
    return int(row[0])
