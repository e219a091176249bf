"""One play, and one round of it by its code or link."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings

from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.pages.compose import parts, place, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import Action, Copy, Share
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.plays import queries
from lintuan.plays.types import RunState, RunView

from . import amounts, asked, deeds, known, skins
from .scene import Scene, campaign_of, scene

MOST_RUNS = 10


def play(asking: Asking) -> Page:
    """One play: its terms, how it stands, what the reader can do, the rounds that go on; or one of them."""
    if asking.get("run"):
        return run(asking)
    one = campaign_of(*read_public_id("campaign", asking.get("play")))
    return _page(scene(asking, one), "play")


def run(asking: Asking) -> Page:
    """One round, also for guests who were sent its link or code."""
    view = _run_of(asking)
    province_id = _province_of(asking)
    return _page(scene(asking, campaign_of(province_id, view.campaign_id), view), "run")


def _run_of(asking: Asking) -> RunView:
    if asking.get("run"):
        return queries.run(*read_public_id("run", asking.get("run")))
    if not asking.get("code"):
        raise NotFound(thing="run")
    return queries.run_by_code(_province_of(asking), asking.get("code"))


def _province_of(asking: Asking) -> int:
    """A link names its round with its province; a code is one of where the reader is."""
    if asking.get("run"):
        return read_public_id("run", asking.get("run"))[0]
    here = place.here(asking)
    if here is None:
        raise NotFound(thing="run")
    return here.province.id


def _page(seen: Scene, name: str) -> Page:
    asking = seen.asking
    title = seen.play.name.in_(asking.language)
    plain = asked.as_forms(seen) if asking.get("plain") else []
    body: list[Node] = [*(plain or [skins.node(seen)]), *deeds.forms(seen), *_rounds(seen), *_share(seen)]
    return parts.page(asking, (name, title), body, tab="tonight", fresh_for=5)


def _rounds(seen: Scene) -> list[Node]:
    """Of plays that neighbours open: the reader's own rounds, and those that they can join."""
    if seen.play.participants.reach != "opener" or seen.run is not None:
        return []
    one, t = seen.campaign, seen.asking.t
    found: list[Node] = []
    mine = queries.open_runs_of_member(one.province_id, one.id, seen.asking.caller.id) if seen.is_mine else []
    if mine:
        rows = [_round(seen, run) for run in mine]
        found += [parts.heading(t("我的场次", "My rounds")), parts.rows(rows, key="mine")]
    scope = seen.point_id if seen.play.participants.same_point else None
    if scope == 0:
        return found
    known = {run.id for run in mine}
    others = queries.open_runs(one.province_id, one.id, scope=scope, limit=MOST_RUNS)
    rows = [_round(seen, run) for run in others if run.id not in known and run.state is RunState.OPEN]
    if rows:
        found += [parts.heading(t("可以加入的", "Rounds to join")), parts.rows(rows, key="others")]
    return found


def _round(seen: Scene, run: RunView) -> values.Row:
    at = Scene(seen.asking, seen.campaign, run, seen.point_id)
    name = seen.masked([run.opener_id]).get(run.opener_id, "**")
    progress = amounts.progress_of(at)
    ends = words.moment(run.ends_at, seen.zone, seen.asking.language) if run.ends_at else ""
    note = seen.asking.t(f"{ends} 结束", f"until {ends}") if ends else ""
    tap = parts.go("run", seen.asking.t(f"看{name}开的这一场", f"See the round of {name}"), run=at.run_id)
    left = words.told(progress.label, progress.left, language=seen.asking.language) if progress else ""
    title = seen.asking.t(f"{name}开的", f"Opened by {name}")
    return values.Row(title=title, note=words.told(left, note, language=seen.asking.language), badge=run.code, tap=tap)


def _share(seen: Scene) -> list[Node]:
    """Its form for a bare chat, and what a tap hands over. Nothing is earned by it."""
    forms = set(seen.play.share) - {"none"}
    if not forms or seen.is_over or deeds.is_waiting(seen):
        return []
    t, text = seen.asking.t, known.chat_text(seen)
    title = seen.play.name.in_(seen.asking.language)
    found = [_form(seen, "text", t("口令文字", "Text with the code"), text)]
    if forms & {"link", "card", "poster", "message"}:
        found.append(_form(seen, "link", t("链接", "Link"), link_of(seen)))
    if forms & {"card", "message"}:
        share = Share(
            text=t("发给邻居", "Send to neighbours"),
            form="card",
            title=title,
            content=text,
            page=page_of(seen),
            with_=_named(seen),
        )
        found.append(values.ShareForm(form="card", title=t("卡片", "Card"), content=title, tap=share))
    heading = parts.heading(t("叫上邻居", "Tell neighbours"))
    words_of = "\n".join((heading.title, text))
    return [heading, nodes.SharePanel(text=words_of, key="forms", forms=found)]


def _form(seen: Scene, form: str, title: str, content: str) -> values.ShareForm:
    copy: Action = Copy(text=seen.asking.t(f"复制{title}", f"Copy: {title}"), content=content)
    return values.ShareForm(form=form, title=title, content=content, tap=copy)  # type: ignore[arg-type]


def _named(seen: Scene) -> dict[str, str]:
    """A round that somebody opened by its own id; others by their play, as the link outlives the round."""
    named = {"run": seen.run_id} if seen.run and seen.run.opener_id else {"play": seen.id}
    if deeds.facts_of(seen) & {"arrived", "watered", "scanned"} and seen.is_mine:
        named["by"] = public_id("member", seen.campaign.province_id, seen.asking.caller.id)
    if seen.point_id:
        named["point"] = public_id("point", seen.campaign.province_id, seen.point_id)
    return named


def page_of(seen: Scene) -> str:
    return "run" if "run" in _named(seen) else "play"


def link_of(seen: Scene) -> str:
    return f"{settings.PUBLIC_ADDRESS}/?{urlencode({'page': page_of(seen), **_named(seen)})}"
