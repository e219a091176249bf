"""What a leader earns, and resting."""

from __future__ import annotations

from collections.abc import Mapping

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import CATEGORY_NAMES, Category, SkuView
from lintuan.kernel.money import total
from lintuan.leaders.types import PointState, PointView
from lintuan.pages.compose import parts, place, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.doors import for_leaders
from lintuan.pages.tree import values
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.settlement import queries as settlement
from lintuan.settlement.types import LeaderStatementView, RateView

from . import keeping
from .evening import metrics

MOST_STATEMENTS = 5
MOST_LINES = 20


@for_leaders("commission", "佣金", "Earnings")
def commission(asking: Asking) -> Page:
    """Pending and booked, day by day."""
    found, t = settlement.leader_commission(asking.caller), asking.t
    sums = [
        values.Metric(
            label=t("待入账", "Pending"), value=words.yuan(found.pending.fen),
            note=t("取货并过售后期后入账", "booked after collection and the time for claims"),
        ),
        values.Metric(label=t("已入账", "Booked"), value=words.yuan(found.booked.fen)),
    ]  # fmt: skip
    to_withdraw = parts.go("withdraw", t("提现", "Withdraw"))
    body: list[Node] = [metrics(sums), parts.buttons(parts.button(to_withdraw, "main")), _rate(asking)]
    if found.days:
        rows = [
            values.Row(
                title=words.day(day.sale_on, asking.language),
                note=t(
                    f"{day.orders} 单，成交 {words.yuan(day.base.fen)}",
                    f"{day.orders} orders, sales of {words.yuan(day.base.fen)}",
                ),
                value=words.yuan((day.pending + day.booked).fen),
                badge=words.word("pending" if day.pending else "booked", asking.language),
                tone=words.tone("pending" if day.pending else "booked"),
            )
            for day in found.days
        ]
        body.append(parts.rows(rows, key="days"))
    else:
        line = t("有人付款后，这里按天列出佣金。", "Once somebody has paid, commission is listed here by day.")
        to = parts.go("post", t("今晚发什么", "What to post tonight"))
        body.append(parts.empty(t("还没有佣金", "No commission yet"), line, icon="coin", to=to))
    body += [_statement(asking, one) for one in settlement.leader_statements(asking.caller)[:MOST_STATEMENTS]]
    return parts.page(asking, ("commission", t("佣金", "Earnings")), body, tab="earnings", fresh_for=60)


def _rate(asking: Asking) -> Node:
    """What goods earn the leader today, and why."""
    t, seen = asking.t, settlement.leader_rate(asking.caller)
    facts = [(t("一般商品", "Goods in general"), words.percent(seen.bps))]
    if seen.levels > 1:
        facts += [
            (t("您的等级", "Your level"), t(f"{seen.level} 级，共 {seen.levels} 级", f"{seen.level} of {seen.levels}")),
            (t("近 30 个结算日成交", "Sales of 30 settled days"), words.yuan(seen.gmv.fen)),
        ]
    if seen.missing is not None and seen.next_bps is not None:
        more, rate = words.yuan(seen.missing.fen), words.percent(seen.next_bps)
        facts.append((t("距下一级", "To the next level"), t(f"再 {more}，费率 {rate}", f"{more} more, then {rate}")))
    skus = catalog.skus({one.sku_id for one in seen.own if one.sku_id})
    facts += [(_goods(asking, one, skus), words.percent(one.bps)) for one in seen.own[:MOST_LINES]]
    if seen.levels > 1:
        facts += [
            (
                words.day(step.from_on, asking.language),
                t(f"起 {step.level} 级（成交 {words.yuan(step.gmv.fen)}）",
                  f"level {step.level} from then on, for sales of {words.yuan(step.gmv.fen)}"),
            )
            for step in seen.history
        ]  # fmt: skip
    return parts.section(t("今天的佣金率", "Rate of commission today"), [parts.facts(*facts)])


def _goods(asking: Asking, rate: RateView, skus: Mapping[int, SkuView]) -> str:
    """What goods a rate is for."""
    if rate.sku_id:
        return skus[rate.sku_id].name_in(asking.language)
    return asking.t(*CATEGORY_NAMES[Category(rate.category)])


def _statement(asking: Asking, view: LeaderStatementView) -> Node:
    """What a night stated: its first lines with their reasons, and what is left."""
    t, account = asking.t, view.account
    day = words.day(view.sale_on, asking.language)
    rows = [
        values.Row(title=t(line.zh, line.en), value=words.yuan(line.amount.fen)) for line in view.lines[:MOST_LINES]
    ]
    if len(view.lines) > MOST_LINES:
        rest = total(line.amount for line in view.lines[MOST_LINES:])
        lines = len(view.lines) - MOST_LINES
        rows.append(values.Row(title=t(f"另外 {lines} 笔", f"{lines} more"), value=words.yuan(rest.fen)))
    sums = [(t("本期应得", "Due"), words.yuan(account.total.fen))]
    if account.carried_in:
        sums.insert(0, (t("上期结转待扣", "To be taken from before"), words.yuan(account.carried_in.fen)))
    if account.carried_on:
        sums.append((t("结转下期再扣", "To be taken from the next"), words.yuan(account.carried_on.fen)))
    return parts.section(t(f"{day} 对账单", f"Statement of {day}"), [parts.rows(rows), parts.facts(*sums)])


@for_leaders("point", "自提点与休息", "Pickup point and resting")
def point(asking: Asking) -> Page:
    """Each point with its hours, and the switch to rest."""
    head = ("point", asking.t("自提点与休息", "Pickup point and resting"))
    kept = [view for view in keeping.points(asking) if asking.get("point") in ("", place.point_id(view))]
    if not kept:
        told = asking.t("您还没有自提点", "You keep no pickup point yet")
        return parts.page(asking, head, [parts.empty(told, icon="building-store")], tab="me")
    return parts.page(asking, head, [_point(asking, view) for view in kept], tab="me")


def _point(asking: Asking, view: PointView) -> Node:
    here, t = place.at_point(asking, view), asking.t
    zone = here.province.zone
    hours = f"{words.hour(here.at('collect_from'), zone)}-{words.hour(here.at('collect_until'), zone)}"
    facts = parts.facts(
        (t("地址", "Address"), view.address),
        (t("取货时间", "Collecting hours"), hours),
        (t("截单", "Cut-off"), words.hour(here.at("cutoff"), zone)),
        (t("状态", "State"), words.word(view.state, asking.language)),
    )
    return parts.section(here.name, [facts, *_switch(asking, view)])


def _switch(asking: Asking, view: PointView) -> list[Node]:
    path, again = f"/points/{place.point_id(view)}", [parts.refresh(asking)]
    if view.state is PointState.OPEN:
        rest = parts.call(
            "POST", f"{path}/rest", asking.t("休息，暂不接单", "Rest: take no orders for now"), done=again,
            ask=asking.t(
                "休息后不再接新单；已订的照常到货、发货。",
                "No new orders then; what is ordered still comes and is handed out.",
            ),
        )  # fmt: skip
        return [parts.buttons(parts.button(rest, "danger"))]
    if view.state is PointState.RESTING:
        resume = parts.call("POST", f"{path}/resume", asking.t("恢复接单", "Take orders again"), done=again)
        return [parts.buttons(parts.button(resume, "main"))]
    return []
