"""A play that a leader started: how it stands, what it costs, the words to post, and stopping it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.conf import settings

from lintuan.catalog import queries as catalog
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView
from lintuan.pages.compose import codes, parts, place, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.doors import for_leaders
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import Copy, SavePicture, Share
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.plays import queries
from lintuan.plays.engine.gifts import gift
from lintuan.plays.engine.telling import Told, tell
from lintuan.plays.engine.values import Text
from lintuan.plays.types import Account, CampaignView, RunView, Spending
from lintuan.pricing import queries as pricing
from lintuan.sharing.types import Channel, Form

from . import evening, keeping, plays, verdicts

#: Rounds whose words stand on the page.
MOST_TOLD = 3


@for_leaders("play_standing", "我的玩法", "My play")
def play_standing(asking: Asking) -> Page:
    """What it has come to so far, ready words for its rounds, and the way to end it."""
    one = _own(asking)
    title = one.definition.name.in_(asking.language)
    account, is_on = queries.account(one), plays.is_running(asking, one)
    body: list[Node] = [_in_short(asking, one, is_on=is_on), _metrics(asking, account)]
    body += _given(asking, one, account)
    body += [_budget(asking, line) for line in account.budgets]
    if is_on:
        for point in _points(asking, one):
            body += _words(asking, one, point)
        body += _stop(asking, one)
    body.append(parts.buttons(parts.button(parts.go("play_shelf", asking.t("看其他玩法", "See other plays")))))
    return parts.page(asking, ("play_standing", title), body, tab="tonight", fresh_for=15)


def _own(asking: Asking) -> CampaignView:
    """Of the leader who asks; others' are not there."""
    found = queries.campaign(*read_public_id("campaign", asking.get("campaign")))
    if not asking.caller.is_leader(found.province_id, found.leader_id):
        raise NotFound(thing="campaign")
    return found


def _in_short(asking: Asking, one: CampaignView, *, is_on: bool) -> Node:
    t, zone = asking.t, keeping.zone(asking)
    until = words.moment(one.ends_at, zone, asking.language) if one.ends_at else t("到我停止", "Until I stop it")
    skus = catalog.skus(one.sku_ids)
    named = [skus[sku_id].name_in(asking.language) for sku_id in sorted(one.sku_ids) if sku_id in skus]
    channel = Channel(one.channel)
    forms = verdicts.forms_told(asking, queries.forms_of(one))
    return parts.facts(
        (t("状态", "State"), t("进行中", "Running") if is_on else t("已结束", "Over")),
        (t("开始", "Since"), words.moment(one.starts_at, zone, asking.language)),
        (t("到", "Until"), until),
        (t("商品", "Goods"), words.listed(named, asking.language) or t("所有的货", "All goods")),
        (t("发在", "Posted in"), verdicts.channel_name(channel, asking.language)),
        (t("现在可用的形式", "Forms that may be used now"), forms if is_on else ""),
    )


def _metrics(asking: Asking, account: Account) -> Node:
    """What is counted; whether anybody bought more because of it nobody can see from here."""
    t = asking.t
    return evening.metrics(
        [
            values.Metric(
                label=t("本玩法里的订单", "Orders in this play"),
                value=str(account.orders),
                note=t("没有它也可能会下", "some would have come without it"),
            ),
            values.Metric(label=t("这些订单的金额", "What they come to"), value=words.yuan(account.sold.fen)),
            values.Metric(label=t("参加的人", "People"), value=str(account.people)),
            values.Metric(
                label=t("已花费", "Cost so far"),
                value=words.yuan(account.spent.fen),
                note=t(
                    f"承诺最多 {words.yuan(account.promised.fen)}",
                    f"promised at most {words.yuan(account.promised.fen)}",
                ),
            ),
            values.Metric(
                label=t("场数", "Rounds"),
                value=str(account.open_runs + account.over_runs + account.unfilled_runs),
                note=_rounds(asking, account),
            ),
        ]
    )


def _rounds(asking: Asking, account: Account) -> str:
    counted = (
        (account.open_runs, ("进行中", "open")),
        (account.over_runs, ("已结束", "over")),
        (account.unfilled_runs, ("未成团", "not filled")),
    )
    return words.told(*(f"{count} {asking.t(*name)}" for count, name in counted if count), language=asking.language)


def _given(asking: Asking, one: CampaignView, account: Account) -> list[Node]:
    t = asking.t
    named, rewards = queries.goods_of(one), one.definition.rewards
    rows = [
        values.Row(
            title=gift(rewards[given.reward], named).in_(asking.language),
            note=t(f"给了 {given.times} 次", f"given {given.times} times"),
            value=words.yuan(given.spent.fen),
        )
        for given in account.given
    ]
    if account.held:
        rows.append(
            values.Row(title=t("待人工核对", "Waiting for a person"), value=str(account.held), tone="warn"),
        )
    if not rows:
        return [parts.plain(t("还没有给出奖励。", "No reward was given yet."))]
    return [parts.heading(t("给出的奖励", "Rewards given")), parts.rows(rows, key="given")]


def _budget(asking: Asking, line: Spending) -> Node:
    t = asking.t
    names = {
        "play": t("总预算", "Budget in all"),
        "leader": t("团长预算", "Leader's budget"),
        "day": t("当日预算", "Budget of the day"),
        "stock": t("份数", "Pieces"),
    }
    label = names.get(line.kind, t("预算", "Budget"))
    if line.on is not None:
        label = f"{label} {words.day(line.on, asking.language)}"
    spent, most = (str(n) if line.kind == "stock" else words.yuan(n) for n in (line.spent, line.most))
    told = t(f"{label}：已用 {spent}，共 {most}", f"{label}: {spent} of {most} used")
    key = f"budget-{line.kind}-{line.on or ''}"
    return nodes.Progress(text=told, key=key, value=line.spent, of=max(line.most, 1), label=told)


def _points(asking: Asking, one: CampaignView) -> list[PointView]:
    return [view for view in keeping.points(asking) if view.id in one.point_ids]


def _words(asking: Asking, one: CampaignView, point: PointView) -> list[Node]:
    """Ready to paste, for the round of now or for those that members opened."""
    present = queries.present_run(one, point.id)
    opened = [] if present else queries.open_runs(one.province_id, one.id, limit=MOST_TOLD)
    runs: Sequence[RunView | None] = [present] if present or not opened else opened
    body: list[Node] = [parts.heading(asking.t("发到群里", "For the group"))]
    for run in runs:
        told = _told(asking, one, point, run)
        texts = tell(one.definition, told)
        forms = [
            _to_copy(asking, title, text.in_(asking.language))
            for title, text, is_due in (
                (("邀请", "invitation"), texts.invite, True),
                (("进度", "progress"), texts.progress, bool(told.count)),
                (("完成", "end"), texts.done, told.level > 0),
            )
            if is_due and text.zh
        ]
        invite = texts.invite.in_(asking.language)
        forms += _links(asking, one, point, invite)
        text = "\n".join(form.content for form in forms)
        body.append(nodes.SharePanel(text=text, key=f"words-{point.code}-{told.code}", forms=forms))
    return [*body, *_poster(asking, one, point)]


def _told(asking: Asking, one: CampaignView, point: PointView, run: RunView | None) -> Told:
    """What the words may say of a round to everybody."""
    ends_at = run.ends_at if run else one.ends_at
    zone, leader = keeping.zone(asking), leaders.point(point.province_id, point.id).leader_name
    until = Text(zh=words.moment(ends_at, zone, "zh-hans"), en=words.moment(ends_at, zone, "en")) if ends_at else None
    offer, day_fen = _about(asking, one)
    return Told(
        count=queries.counted(one, run) if run else 0,
        level=queries.reached(one, run) if run else 0,
        joined=queries.joined(one, run) if run else None,
        offer=offer,
        day_fen=day_fen,
        goods=queries.goods_of(one),
        until=until,
        point=Text(zh=place.point_name(point, "zh-hans"), en=place.point_name(point, "en")),
        leader=leader,
        code=run.code if run else "",
        pot_most=queries.pot_most(one, run),
    )


def _about(asking: Asking, one: CampaignView) -> tuple[Text | None, int]:
    """The one thing that it is about and what it costs today; nothing where it is about several."""
    if len(one.sku_ids) != 1:
        return None, 0
    (sku_id,) = one.sku_ids
    skus = catalog.skus(one.sku_ids)
    tonight = pricing.offers_of_day(one.province_id, keeping.selling_day(asking))
    price = next((each.offer.price.fen for each in tonight if each.offer.sku_id == sku_id), 0)
    sku = skus.get(sku_id)
    return (Text(zh=sku.name_in("zh-hans"), en=sku.name_in("en")) if sku else None), price


def _to_copy(asking: Asking, title: tuple[str, str], content: str) -> values.ShareForm:
    name = asking.t(*title)
    copy = Copy(text=asking.t(f"复制{name}", f"Copy the {name}"), content=content)
    return values.ShareForm(form="text", title=name, content=content, tap=copy)


def _links(asking: Asking, one: CampaignView, point: PointView, invite: str) -> list[values.ShareForm]:
    """A card and a link, where the channel of the play lets them be shown today."""
    allowed, title = {ruling.form for ruling in queries.forms_of(one)}, one.definition.name.in_(asking.language)
    found = []
    if Form.CARD in allowed:
        share = Share(
            text=asking.t("发到群里", "Send to the group"), form="card", title=title, content=invite, page="shelf",
            with_={"point": place.point_id(point)},
        )  # fmt: skip
        found.append(values.ShareForm(form="card", title=asking.t("卡片", "Card"), content=title, tap=share))
    if Form.LINK in allowed:
        link = _link(point)
        copy = Copy(text=asking.t("复制链接", "Copy the link"), content=link)
        found.append(values.ShareForm(form="link", title=asking.t("链接", "Link"), content=link, tap=copy))
    return found


def _poster(asking: Asking, one: CampaignView, point: PointView) -> list[Node]:
    """A picture for where posters may be shown, and the paper for the counter."""
    allowed = {ruling.form for ruling in queries.forms_of(one)}
    if not allowed & {Form.POSTER, Form.PAPER}:
        return []
    title, link = one.definition.name.in_(asking.language), _link(point)
    lines = [place.point_name(point, asking.language), plays.one_line(one.definition, asking.language)]
    save = SavePicture(text=asking.t("保存海报", "Keep the poster"))
    return [
        nodes.Poster(
            text="\n".join((title, *lines, link)), key=f"poster-{point.code}", tap=save, title=title, lines=lines,
            qr=codes.qr(link),
        )
    ]  # fmt: skip


def _link(point: PointView) -> str:
    return f"{settings.PUBLIC_ADDRESS}/?{urlencode({'page': 'shelf', 'point': place.point_id(point)})}"


def _stop(asking: Asking, one: CampaignView) -> list[Node]:
    t = asking.t
    stop = parts.call(
        "POST", f"/leader/campaigns/{public_id('campaign', one.province_id, one.id)}/stop", t("停止", "Stop it"),
        ask=t("确定停止？已得的奖励不变。", "Stop it? What was earned stays."),
        done=[parts.tell(t("已停止。", "Stopped.")), parts.refresh(asking)],
    )  # fmt: skip
    return [parts.buttons(parts.button(stop, "danger"))]
