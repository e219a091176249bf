"""What a leader is told of trials that they are in, and the way out."""

from __future__ import annotations

from collections.abc import Mapping

from lintuan.kernel.ids import public_id
from lintuan.pages.compose import parts, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.tree.actions import Action
from lintuan.pages.tree.nodes import Node
from lintuan.plays import queries
from lintuan.plays.engine.definition import Definition
from lintuan.plays.types import InTrial


def told(asking: Asking, plays: Mapping[str, Definition]) -> list[Node]:
    """That a trial goes on, what the lot changed for this leader, and a button that leaves it."""
    body: list[Node] = []
    for one in queries.trials_of_leader(asking.caller.province_id, asking.caller.id):
        t = asking.t
        compared = t(
            "比的是各组每位成员每天带来的钱（订单减奖励）。不想参加，随时可以退出。",
            "Compared is what comes in a member and day, orders less rewards. You may leave whenever you like.",
        )
        title = t("正在做一个对照试验，各团长抽签分组", "A trial is running, in which leaders are dealt out by lot")
        body.append(parts.notice(title, _changed(asking, one, plays), compared))
        body.append(parts.buttons(parts.button(_leave(asking, one))))
    return body


def _changed(asking: Asking, one: InTrial, plays: Mapping[str, Definition]) -> str:
    t, until = asking.t, words.day(one.ends_on, asking.language)
    shown = plays.get(one.shows)
    if shown is None:
        return t(f"到 {until}，您这里一切照旧。", f"Until {until} nothing is changed for you.")
    name = shown.name.in_(asking.language)
    if one.about:
        return t(
            f"到 {until}，这个玩法您用的是“{name}”这一版，别的团长可能不同。",
            f"Until {until} you start “{name}” as this form of the play; other leaders may have another.",
        )
    return t(f"到 {until}，给您的推荐里“{name}”排第一。", f"Until {until} “{name}” comes first in what is recommended.")


def _leave(asking: Asking, one: InTrial) -> Action:
    trial = public_id("trial", asking.caller.province_id, one.id)
    return parts.call(
        "POST", f"/leader/trials/{trial}/decline", asking.t("退出试验", "Leave the trial"),
        done=[parts.tell(asking.t("已退出，一切照旧。", "You left; all is as usual.")), parts.refresh(asking)],
    )  # fmt: skip
