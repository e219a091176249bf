"""A play before it starts: what it says and gives, what it would be about, what is against it, what it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lintuan.catalog import queries as catalog
from lintuan.kernel.ids import read_public_id
from lintuan.ordering.queries import past_evenings
from lintuan.pages.compose import offers, parts, place, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.doors import for_leaders
from lintuan.pages.compose.place import Here
from lintuan.pages.plans import MOST_GOODS, Plan, campaign_of, own_point, read_plan
from lintuan.pages.tree import values
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.plays import queries
from lintuan.plays.engine.contents import asked_of
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.gifts import gifts, names_needed, yuan
from lintuan.plays.engine.linting.verdict import Verdict
from lintuan.plays.engine.simulation import Ask
from lintuan.plays.engine.telling import Told, figures, fill, filled_up, tell
from lintuan.plays.engine.values import Text
from lintuan.plays.types import NewCampaign
from lintuan.pricing import queries as pricing

from . import filling, plays, verdicts

DAYS = 7
LENGTHS = (3, 7, 30)
#: Names that a page asks for one by one; whoever has more of them says it to the API.
MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Wish:
    """A play as it would be started."""

    play: Definition
    plan: Plan
    here: Here
    campaign: NewCampaign
    shown: Mapping[str, values.Offer]

    @property
    def missing(self) -> list[str]:
        """Names that stand for nothing yet."""
        return [name for name in names_needed(self.play) if not self.plan.goods.get(name)]

    @property
    def body(self) -> dict[str, Any]:
        """As the API is asked."""
        plan = self.plan
        until = plan.until.isoformat() if plan.until else ""
        return {
            "point": plan.point, "channel": plan.channel.value, "about": list(plan.about), "goods": dict(plan.goods),
            "until": until,
        }  # fmt: skip

    def at(self, **more: str) -> dict[str, str]:
        """As this page is asked."""
        return {name: value for name, value in self.plan.parameters().items() if value} | {
            "play": self.play.code, **more,
        }  # fmt: skip


@for_leaders("play_start", "发起玩法", "Start a play")
def play_start(asking: Asking) -> Page:
    """Everything a leader should see before they start it; nothing here starts but the last button."""
    wish = _wish(asking)
    verdict = queries.verdict(wish.here.province.id, wish.play.code, wish.campaign, asking.caller.id)
    body: list[Node] = [_in_short(asking, wish), *verdicts.notices(asking, verdict, wish.plan.channel)]
    body += _rewrite(asking, wish, verdict)
    body += [parts.heading(asking.t("关于哪些货", "What it is about")), *_chosen(asking, wish), _form(asking, wish)]
    body += _figures(asking, wish)
    if verdict.may_start(wish.plan.channel):
        body += _start(asking, wish)
    body += _texts(asking, wish)
    head = ("play_start", wish.play.name.in_(asking.language))
    return parts.page(asking, head, body, tab="tonight", fresh_for=600 if asking.get("rehearse") else 60)


def _wish(asking: Asking) -> Wish:
    names = ("point", "channel", "about", "goods", "until")
    plan, view = read_plan({name: asking.get(name) for name in names}), plays.chosen_point(asking)
    point = own_point(asking.caller, plan.point) if plan.point or view is None else view
    plan = Plan(place.point_id(point), plan.channel, plan.about, plan.goods, plan.until)
    found = queries.play(point.province_id, asking.get("play"), asking.caller.id)
    here = place.at_point(asking, point)
    tonight = offers.offers_of_day(here.province.id, here.sale_on, asking.language)
    return Wish(found, plan, here, campaign_of(asking.caller, plan), {offer.id: offer for offer in tonight})


def _in_short(asking: Asking, wish: Wish) -> Node:
    play, t = wish.play, asking.t
    payers = {"platform": t("平台", "platform"), "leader": t("团长", "leader"), "supplier": t("供应商", "supplier")}
    funding = [f"{payers[one.payer]} {one.share_bps / 100:g}%" for one in play.funding]
    budget = play.limits.budget_fen
    return parts.facts(
        (t("目的", "Aim"), t(*plays.AIMS[play.aim])),
        (t("怎么玩", "How"), plays.one_line(play, asking.language)),
        (t("给什么", "It gives"), gifts(play, _names(wish)).in_(asking.language)),
        (t("您要准备", "You bring"), filling.told(asking, play)),
        (t("总预算", "Budget in all"), t(f"{yuan(budget)} 元", f"{yuan(budget)} yuan") if budget else ""),
        (t("谁出钱", "Who pays"), words.listed(funding, asking.language)),
        (t("自提点", "Pickup point"), wish.here.name),
        (t("发在", "Posted in"), verdicts.channel_name(wish.plan.channel, asking.language)),
        (t("到", "Until"), _until(asking, wish.here, wish.plan.until)),
    )


def _rewrite(asking: Asking, wish: Wish, verdict: Verdict) -> list[Node]:
    """The way to the lawful play that does the same."""
    code = verdicts.rewrite_of(verdict, wish.plan.channel)
    instead = queries.catalogue(wish.here.province.id, asking.caller.id).get(code)
    if instead is None:
        return []
    name = instead.name
    text = asking.t(f"改用“{name.zh}”", f"Use this instead: {name.en}")
    go = parts.go("play_start", text, play=code, point=wish.plan.point, channel=wish.plan.channel.value)
    return [parts.buttons(parts.button(go, "main"))]


def _chosen(asking: Asking, wish: Wish) -> list[Node]:
    """What was chosen so far; an offer that has left the shelf is not there any more."""
    about = [wish.shown[offer].name for offer in wish.plan.about if offer in wish.shown]
    named = [(name, wish.shown[offer].name) for name, offer in wish.plan.goods.items() if offer in wish.shown]
    everything = asking.t("今晚所有的货", "All goods of tonight")
    told = words.listed(about, asking.language) or everything
    return [parts.facts((asking.t("商品", "Goods"), told), *named)]


def _form(asking: Asking, wish: Wish) -> Node:
    t, plan = asking.t, wish.plan
    choices = [
        values.Choice(value=offer.id, label=f"{offer.name} {words.yuan(offer.price_fen)}")
        for offer in wish.shown.values()
    ]
    fields = []
    if choices:
        most = t(f"最多 {MOST_GOODS} 样；不选就是所有的货。", f"At most {MOST_GOODS}; none of them means all goods.")
        fields.append(
            values.Field(
                name="about", label=t("只限这些货", "Only these goods"), type="choices", choices=choices, help=most,
                value=[offer for offer in plan.about if offer in wish.shown],
            )
        )  # fmt: skip
    names = names_needed(wish.play)
    fields += [
        values.Field(
            name=f"goods.{name}", label=t(f"“{name}”是哪样货", f"Which goods “{name}” stands for"), type="choice",
            choices=choices, value=plan.goods.get(name), required=True,
        )
        for name in (names if len(names) <= MOST_NAMES and choices else ())
    ]  # fmt: skip
    fields += [
        values.Field(
            name="channel", label=t("发在哪里", "Where you post"), type="choice", required=True,
            choices=[verdicts.choice(asking, channel) for channel in type(plan.channel)], value=plan.channel.value,
        ),
        values.Field(
            name="until", label=t("到什么时候", "Until when"), type="choice", choices=_lengths(asking, wish),
            value=plan.until.isoformat() if plan.until else "",
        ),
    ]  # fmt: skip
    answered = {name: f"${name}" for name in ("point", "channel", "about", "goods", "until")}
    title = t("核对这样行不行", "Check whether this may start")
    again = parts.go("play_start", title, replace=True, play=wish.play.code, **answered)
    path = f"/leader/plays/{wish.play.code}/check"
    return parts.form(fields, parts.call("POST", path, title, wish.body, idempotent=False, done=[again]), "plan")


def _lengths(asking: Asking, wish: Wish) -> list[values.Choice]:
    """Cut-offs that a play may end with."""
    here, found = wish.here, [values.Choice(value="", label=asking.t("到我停止", "Until I stop it"))]
    ends = [here.at("cutoff") + timedelta(days=days - 1) for days in (1, *LENGTHS)]
    if wish.plan.until and wish.plan.until not in ends:
        ends.append(wish.plan.until)
    return [*found, *(values.Choice(value=end.isoformat(), label=_until(asking, here, end)) for end in sorted(ends))]


def _until(asking: Asking, here: Here, until: datetime | None) -> str:
    if until is None:
        return asking.t("到我停止", "Until I stop it")
    return words.moment(until, here.province.zone, asking.language)


def _figures(asking: Asking, wish: Wish) -> list[Node]:
    """What past evenings would have given, once it is asked for; the evening is the seed, so all see the same."""
    if not asking.get("rehearse"):
        text = asking.t("推算花费和结果", "Work out cost and outcome")
        go = parts.go("play_start", text, replace=True, **wish.at(rehearse="1"))
        return [parts.buttons(parts.button(go))]
    here = wish.here
    evenings = past_evenings(here.province.id, wish.campaign.point_ids, before=here.sale_on)
    ask = Ask(days=DAYS, seed=here.sale_on.toordinal())
    found = queries.rehearsal(here.province.id, wish.play, wish.campaign, evenings, ask)
    return [verdicts.simulated(asking, wish.play, found)]


def _start(asking: Asking, wish: Wish) -> list[Node]:
    t, text = asking.t, asking.t("发起", "Start it")
    name = wish.play.name.in_(asking.language)
    # What the page shows of a running play is named by the answer.
    shown = parts.go("play_standing", name, replace=True, campaign="$id")
    call = parts.call(
        "POST", f"/leader/plays/{wish.play.code}/start", text, {**wish.body, "content": {}},
        ask=t(f"确定发起“{name}”？", f"Start “{name}”?"), done=[parts.tell(t("已发起。", "Started.")), shown],
    )  # fmt: skip
    why = ""
    if len(names_needed(wish.play)) > MOST_NAMES:
        why = t("这个玩法要运营先定好商品。", "Our staff must name its goods first.")
    elif wish.missing:
        why = t("请先选好商品并核对。", "Choose its goods and check first.")
    elif asked_of(wish.play).is_any:
        form = filling.form(asking, wish.play, call, wish.here.sale_on)
        return [*form, *filling.take_ready(asking, wish.play, wish.at())]
    return [parts.buttons(values.Button(label=text, style="main", tap=call, disabled=why))]


def _texts(asking: Asking, wish: Wish) -> list[Node]:
    """Its words and terms as neighbours will read them; what only a run knows stands in general words."""
    play, language = wish.play, asking.language
    told = _preview(wish)
    texts, ended = tell(play, told), tell(play, filled_up(play, told))
    lines = (
        (("邀请", "Invitation"), texts.invite),
        (("进度", "Progress"), texts.progress),
        (("完成", "At the end"), ended.done),
    )
    body: list[Node] = [parts.heading(asking.t("群里会看到的话", "What the group will read"))]
    body.append(parts.facts(*((asking.t(*title), text.in_(language)) for title, text in lines)))
    terms = fill(play.terms, figures(play, told)).in_(language)
    return [*body, parts.section(asking.t("规则", "Terms"), [parts.plain(terms)])]


def _preview(wish: Wish) -> Told:
    """What is known before there is a run."""
    only = wish.shown.get(wish.plan.about[0]) if len(wish.plan.about) == 1 else None
    until, zone = wish.plan.until, wish.here.province.zone
    return Told(
        offer=Text(zh=only.name, en=only.name) if only else None,
        day_fen=only.price_fen if only else 0,
        goods=_names(wish),
        until=Text(zh=words.moment(until, zone, "zh-hans"), en=words.moment(until, zone, "en")) if until else None,
        point=Text(zh=place.point_name(wish.here.point, "zh-hans"), en=place.point_name(wish.here.point, "en")),
    )


def _names(wish: Wish) -> dict[str, Text]:
    """What named goods are called."""
    ids = {name: read_public_id("offer", offer)[1] for name, offer in wish.plan.goods.items() if offer}
    views = pricing.offers(wish.here.province.id, ids.values())
    skus = catalog.skus({view.sku_id for view in views.values()})
    return {
        name: Text(zh=skus[views[id_].sku_id].name_in("zh-hans"), en=skus[views[id_].sku_id].name_in("en"))
        for name, id_ in ids.items()
        if id_ in views
    }
