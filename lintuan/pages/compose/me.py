"""The reader: who they are here, what is kept of them, signing in."""

from __future__ import annotations

from django.conf import settings

from lintuan.catalog.types import spoken
from lintuan.leaders import queries as leaders
from lintuan.members import queries as members
from lintuan.members.types import NOTICE_VERSION, ConsentView
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import ChooseLanguage, ChooseSize, Enter, Open, SaveFile, SignOut
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.provinces import queries as provinces
from lintuan.provinces.types import ProvinceState

from . import balance, parts, place, words
from .asking import Asking
from .doors import for_members
from .notice import NOTICE

MEMBER_ROWS = (
    ("orders", "我的订单", "My orders"),
    ("plays", "玩法和奖品", "Plays and prizes"),
    ("household", "搭伴篮", "Household baskets"),
    ("draft", "接龙确认", "Confirm my relay line"),
    ("rewards", "优惠与积分", "Rewards and points"),
    ("claims", "售后", "Claims"),
    ("balance", "余额", "Balance"),
    ("points", "换一个自提点", "Another pickup point"),
    ("privacy", "隐私与个人信息", "Privacy and my data"),
)
LEADER_ROWS = (
    ("post", "今晚发什么", "What to post tonight"),
    ("relay", "接龙", "Relay list"),
    ("members", "团员与订单", "Members and orders"),
    ("picklists", "分货单", "Pick lists"),
    ("point", "自提点与休息", "Pickup point and resting"),
    ("privacy_notice", "隐私说明", "Privacy notice"),
)
GUEST_ROWS = (("points", "选择自提点", "Choose a pickup point"), ("privacy_notice", "隐私说明", "Privacy notice"))


def me(asking: Asking) -> Page:
    """Who I am here, and the ways to all that is mine."""
    head = ("me", asking.t("我的", "Me"))
    if not (asking.is_member or asking.is_leader):
        told = asking.t("您还没有登录", "You are not signed in")
        line = asking.t("登录后可以下单、取货和申请售后。", "Sign in to order, collect and claim.")
        body: list[Node] = [parts.empty(told, line, icon="user-circle", to=parts.sign_in(asking))]
        return parts.page(asking, head, [*body, *_ways(asking, GUEST_ROWS), *_settings(asking)], tab="me")
    ways = LEADER_ROWS if asking.is_leader else MEMBER_ROWS
    leave = SignOut(text=asking.t("退出登录", "Sign out"))
    body = [_who(asking), *_where(asking), *_ways(asking, ways), *_settings(asking)]
    return parts.page(asking, head, [*body, parts.buttons(parts.button(leave))], tab="me", fresh_for=60)


@for_members("privacy", "隐私与个人信息", "Privacy and my data")
def privacy(asking: Asking) -> Page:
    """What I agreed to, all that is kept of me, and being forgotten."""
    caller, t = asking.caller, asking.t
    kept = members.export_member(caller, caller.province_id, caller.id)
    zone = provinces.province(caller.province_id).zone
    given = [(_consented(asking, one), words.moment(one.given_at, zone, asking.language)) for one in kept.consents]
    save = SaveFile(
        text=t("导出我的全部数据", "Export all my data"), path=f"{parts.API}/me/export", name="lintuan.json"
    )
    forget = parts.call(
        "DELETE", "/me", t("注销并删除我的信息", "Forget me"), done=[SignOut(text=t("退出登录", "Sign out"))],
        ask=t(
            "确定注销？姓名和手机号会被删除，无法恢复；订单只留在账里，不带姓名。",
            "Forget you? Your name and phone are deleted for good; orders stay in the books without a name.",
        ),
    )  # fmt: skip
    body: list[Node] = [parts.heading(t("您同意过的", "What you agreed to"))]
    body.append(parts.facts(*given) if given else parts.plain(t("还没有同意记录。", "Nothing yet.")))
    body += _consent(asking, {one.version for one in kept.consents if one.item == "privacy"})
    body += balance.kept(asking)
    body += [parts.buttons(parts.button(save), parts.button(forget, "danger")), _notice(asking)]
    return parts.page(asking, ("privacy", t("隐私与个人信息", "Privacy and my data")), body, tab="me")


def privacy_notice(asking: Asking) -> Page:
    """The notice, for everybody."""
    return parts.page(asking, ("privacy_notice", asking.t("隐私说明", "Privacy notice")), [_notice(asking)], tab="me")


def sign_in(asking: Asking) -> Page:
    """By phone and a code, as a neighbour or as a leader."""
    t = asking.t
    fields = [_role(asking), *_province(asking)]
    fields += [
        values.Field(name="phone", label=t("手机号", "Mobile phone"), type="phone", required=True, max=20),
        values.Field(
            name="code", label=t("验证码", "Code"), type="code", required=True, max=6,
            send=f"{parts.API}/sign-in/codes", help=t("短信里的 6 位数字", "The six digits of the message"),
        ),
        values.Field(
            name="consent_version", label=t("我同意隐私说明", "I agree to the privacy notice"), type="consent",
            required=True, value=NOTICE_VERSION,
            more=parts.go("privacy_notice", t("看隐私说明", "Read the privacy notice")),
        ),
    ]  # fmt: skip
    home = parts.go("me", t("我的", "Me"), replace=True)
    enter = Enter(text=t("登录", "Sign in"), path=f"{parts.API}/sign-in", body=_sign_in_body(asking), then=[home])
    return parts.page(
        asking,
        ("sign_in", t("登录", "Sign in")),
        [parts.form(fields, enter, "sign_in"), *_inbox(asking)],
        fresh_for=3600,
    )


def _who(asking: Asking) -> Node:
    caller = asking.caller
    if asking.is_leader:
        leader = leaders.leader(caller.province_id, caller.id)
        name, phone = leader.name, leader.phone
    else:
        member = members.active_member(caller.province_id, caller.id)
        name, phone = member.name, member.phone
    role = asking.t("团长", "Leader") if asking.is_leader else asking.t("邻居", "Neighbour")
    return parts.rows([values.Row(title=name or role, note=members.mask_phone(phone), badge=role)], key="who")


def _where(asking: Asking) -> list[Node]:
    if asking.is_leader:
        kept = leaders.points_of_leader(asking.caller.province_id, asking.caller.id)
    else:
        own = leaders.point_of_member(asking.caller.province_id, asking.caller.id)
        kept = [own] if own else []
    rows = [
        values.Row(
            title=place.point_name(view, asking.language), note=view.address,
            badge=words.word(view.state, asking.language), tone=words.tone(view.state),
        )
        for view in kept
    ]  # fmt: skip
    return [parts.rows(rows, key="points")] if rows else []


def _ways(asking: Asking, ways: tuple[tuple[str, str, str], ...]) -> list[Node]:
    rows = [values.Row(title=asking.t(zh, en), tap=parts.go(page, asking.t(zh, en))) for page, zh, en in ways]
    return [parts.rows(rows, key="ways")]


def _settings(asking: Asking) -> list[Node]:
    languages = [values.Choice(value="zh-hans", label="中文"), values.Choice(value="en", label="English")]
    sizes = [
        values.Choice(value="normal", label=asking.t("标准", "Normal")),
        values.Choice(value="large", label=asking.t("大字", "Large")),
    ]
    other = (
        ChooseLanguage(text="中文", lang="zh-hans") if asking.is_english else ChooseLanguage(text="English", lang="en")
    )
    larger = ChooseSize(text=asking.t("大字", "Large type"), size="large")
    return [
        parts.heading(asking.t("语言和字号", "Language and size of type")),
        nodes.LanguageSwitch(
            text="中文 / English", tap=other, current="en" if asking.is_english else "zh-hans", choices=languages
        ),
        nodes.TextSize(
            text=asking.t("字的大小：标准或大字", "Size of type: normal or large"), tap=larger, choices=sizes
        ),
    ]


def _consent(asking: Asking, given: set[str]) -> list[Node]:
    """Whoever agreed to an older notice is asked again."""
    if NOTICE_VERSION in given:
        return []
    agree = parts.call(
        "PUT", "/me/consents", asking.t("同意新的隐私说明", "Agree to the new notice"),
        {"item": "privacy", "version": NOTICE_VERSION}, done=[parts.refresh(asking)],
    )  # fmt: skip
    return [parts.buttons(parts.button(agree, "main"))]


def _consented(asking: Asking, given: ConsentView) -> str:
    """隐私说明（2026年11月版）."""
    name = asking.t("隐私说明", "Privacy notice") if given.item == "privacy" else given.item
    version = words.month(given.version, asking.language)
    return asking.t(f"{name}（{version}版）", f"{name} of {version}")


def _notice(asking: Asking) -> Node:
    kinds = {"h": "h", "p": "p", "li": "li"}
    blocks = [nodes.Block(type=kinds[kind], text=asking.t(zh, en)) for kind, zh, en in NOTICE]  # type: ignore[arg-type]
    return nodes.RichText(text="\n".join(block.text for block in blocks), key="notice", blocks=blocks)


def _role(asking: Asking) -> values.Field:
    roles = [
        values.Choice(value="member", label=asking.t("我是邻居", "I am a neighbour")),
        values.Choice(value="leader", label=asking.t("我是团长", "I am a leader")),
    ]
    chosen = "leader" if asking.get("as") == "leader" else "member"
    return values.Field(
        name="role", label=asking.t("身份", "As"), type="choice", required=True, value=chosen, choices=roles
    )


def _province(asking: Asking) -> list[values.Field]:
    """Asked for only where the reader's point does not tell and there are several."""
    if "province_id" in _sign_in_body(asking):
        return []
    markets = [view for view in provinces.provinces() if view.state is not ProvinceState.DRAFT]
    choices = [
        values.Choice(value=str(view.id), label=spoken(asking.language, view.name, view.name_en)) for view in markets
    ]
    label = asking.t("省份", "Province")
    return [values.Field(name="province_id", label=label, type="choice", required=True, choices=choices)]


def _sign_in_body(asking: Asking) -> dict[str, object]:
    here = place.here(asking)
    if here is not None:
        return {"province_id": here.province.id}
    markets = [view for view in provinces.provinces() if view.state is not ProvinceState.DRAFT]
    return {"province_id": markets[0].id} if len(markets) == 1 else {}


def _inbox(asking: Asking) -> list[Node]:
    """In a demonstration the messages lie where everybody can read them."""
    if not (settings.DEMO and settings.STAND_INS):
        return []
    text = asking.t("演示环境：看短信", "Demonstration: read the messages")
    return [parts.buttons(parts.button(Open(text=text, url=f"{settings.STAND_INS}/messages")))]
