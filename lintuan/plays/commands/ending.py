"""How a run ends: decided, rewarded, paid, and its seed shown."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from lintuan.kernel.events import announce
from lintuan.plays.engine.endings import end
from lintuan.plays.engine.facts import Ended, Given, Taken
from lintuan.plays.events import RunEnded
from lintuan.plays.models import Heard
from lintuan.plays.types import RunState
from lintuan.pricing.queries import offers_of_day

from .earning import pay_at_end
from .granting import Moment, carry_out, moment_of
from .rounds import Round, read_all, write_rounds


def finish(game: Round) -> None:
    """End a run that is in hand: decide it, give what is due, and show its seed."""
    read_all(game)
    moment = moment_of(game.province_id)
    game.keep_run(replace(game.run, answer=game.run.answer or _price_guessed(game, moment)))
    ending = end(game.play, game.run, list(game.tallies.values()), list(game.persons.values()))
    game.keep_run(ending.run)
    for tally in ending.tallies:
        game.keep_tally(tally)
    (ended,) = [effect for effect in ending.effects if isinstance(effect, Ended)]
    game.state = RunState.UNFILLED if ended.how == "unfilled" else RunState.OVER
    game.is_changed = True
    write_rounds([game])
    changes = [(game, effect) for effect in ending.effects if isinstance(effect, Given | Taken)]
    carry_out(game.province_id, changes, moment)
    if game.state is RunState.OVER:
        pay_at_end(game.province_id, game)
    announce(
        RunEnded(
            province_id=game.province_id,
            campaign_id=game.campaign.id,
            run_id=game.id,
            how=ended.how,
            order_ids=_orders_of(game) if game.state is RunState.UNFILLED else (),
        )
    )


def _price_guessed(game: Round, moment: Moment) -> str:
    """What was to be guessed where it is a price: that of the goods the campaign is about, on the day that is sold now
    or next; empty where there is none.
    """
    if not any(rule.guessing for rules in game.play.counts.values() for rule in rules):
        return ""
    for sale_on in (moment.on, moment.on + timedelta(days=1)):
        for one in offers_of_day(game.province_id, sale_on):
            if one.offer.sku_id in game.campaign.sku_ids:
                return str(one.offer.price.fen)
    return ""


def _orders_of(game: Round) -> tuple[int, ...]:
    rows = Heard.objects.filter(
        province_id=game.province_id, run_id=game.id, order_id__gt=0, is_withdrawn=False
    ).order_by("id")
    return tuple(dict.fromkeys(rows.values_list("order_id", flat=True)))
