"""What channels let a shop show, on a day."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from lintuan.console.access import Visit, staff_page
from lintuan.console.play_words import value_word
from lintuan.console.show import show
from lintuan.console.verdicts import channel_name
from lintuan.console.words import spoken
from lintuan.kernel import clock
from lintuan.sharing.engine.policy import showing
from lintuan.sharing.queries import channel_policy
from lintuan.sharing.types import Channel, Form, Mechanic

MECHANICS = {
    Mechanic.GROUP: ("拼团", "Group buying"),
    Mechanic.LOTTERY_GROUP: ("抽奖拼团", "Lottery group"),
    Mechanic.CUT: ("砍价", "Cutting a price"),
    Mechanic.HELP: ("助力", "Help by tap"),
    Mechanic.HELP_DRAW: ("助力抽奖", "Help for a draw"),
    Mechanic.BEG: ("讨卡", "Begging for cards"),
    Mechanic.LIKES: ("集赞", "Collecting likes"),
    Mechanic.SHARE_REWARD: ("转发有礼", "Reward for sharing"),
    Mechanic.CHECK_IN: ("签到打卡", "Check-in"),
    Mechanic.INVITATION: ("邀请新人", "Invitation"),
}


@require_GET
@staff_page("plays.edit")
def channels(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Each form in each channel on a day, with or without a mechanic, and the rows that say so."""
    policy, language = channel_policy(), get_language() or "zh-hans"
    on = _day(request.GET.get("on", "")) or clock.today(visit.province.zone)
    chosen = next((one for one in Mechanic if one == request.GET.get("mechanic")), None)
    mechanics = (chosen,) if chosen else ()
    table = [(channel_name(one), showing(policy, one, on=on, mechanics=mechanics)) for one in Channel]
    rows = [
        {
            "row": row,
            "holds": row.holds(on),
            "channels": [channel_name(one) for one in row.channels],
            "forms": [value_word("", "share", one) for one in row.forms],
            "mechanics": [spoken(*MECHANICS[one]) for one in row.mechanics],
            "rule": row.rule.in_(language),
            "reason": row.reason.in_(language),
        }
        for row in policy.rows
    ]
    return show(
        request,
        visit,
        "channels.html",
        on=on,
        chosen=chosen,
        table=table,
        rows=rows,
        forms=[value_word("", "share", one) for one in Form],
        mechanics=[(one, spoken(*words)) for one, words in MECHANICS.items()],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
