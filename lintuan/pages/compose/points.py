"""The choice of a pickup point."""

from __future__ import annotations

from lintuan.catalog.types import spoken
from lintuan.kernel.errors import Invalid
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointState, PointView
from lintuan.pages.tree import nodes
from lintuan.pages.tree.actions import Action, ChoosePoint, Place, Several
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.pages.tree.values import PickPoint, Row
from lintuan.provinces import queries as provinces
from lintuan.provinces.types import ProvinceState, ProvinceView

from . import parts, place, words
from .asking import Asking

#: More than anybody reads; who has their place found sees the nearest.
MOST = 200


def points(asking: Asking) -> Page:
    """Where one can collect: by name, or the nearest first; `q` are words to look for."""
    title = asking.t("您在哪里取货？", "Where will you collect?")
    markets = [view for view in provinces.provinces() if view.state is ProvinceState.OPEN]
    if not markets:
        told = asking.t("目前没有营业的省份", "No province is open at present")
        return parts.page(
            asking,
            ("points", title),
            [parts.empty(told, asking.t("请稍后再来看看。", "Please come back later."), icon="map-pin")],
        )
    market = _market(asking, markets)
    if market is None:
        return parts.page(asking, ("points", title), [_markets(asking, markets)], tab="tonight")
    body: list[Node] = [_picker(asking, market)]
    if len(markets) > 1:
        body.append(parts.buttons(parts.button(parts.go("points", asking.t("换一个省份", "Another province")))))
    return parts.page(asking, ("points", title), body, tab="tonight", fresh_for=60)


def _market(asking: Asking, markets: list[ProvinceView]) -> ProvinceView | None:
    """The province asked for, or the only one."""
    asked = {str(view.id): view for view in markets}.get(asking.get("province"))
    return asked or (markets[0] if len(markets) == 1 else None)


def _markets(asking: Asking, markets: list[ProvinceView]) -> Node:
    named = [(view, spoken(asking.language, view.name, view.name_en)) for view in markets]
    return parts.rows([Row(title=name, tap=parts.go("points", name, province=str(view.id))) for view, name in named])


def _picker(asking: Asking, market: ProvinceView) -> Node:
    sought = asking.get("q").strip()
    found = leaders.choosable(market.id, sought, spot=_spot(asking), limit=MOST)
    chosen = [_point(asking, view, metres) for view, metres in found]
    lines = [_in_words(asking, one) for one in chosen]
    nothing = (
        asking.t("没有找到，换个词试试", "Nothing found; try another word")
        if sought
        else asking.t("这里还没有自提点", "There is no pickup point here yet")
    )
    asked = {"province": str(market.id)} | ({"q": sought} if sought else {})
    nearest = Place(text=asking.t("按距离排序", "Nearest first"), page="points", with_=asked)
    return nodes.PointPicker(
        text="\n".join(lines) or nothing, key="points", points=chosen, asks_place=True, place=nearest
    )


def _in_words(asking: Asking, one: PickPoint) -> str:
    far = "" if one.metres is None else words.distance(one.metres)
    return words.told(one.name, one.address, one.note, far, one.why, language=asking.language)


def _spot(asking: Asking) -> tuple[float, float] | None:
    if not asking.get("lat") and not asking.get("lng"):
        return None
    try:
        lat, lng = float(asking.get("lat")), float(asking.get("lng"))
    except ValueError:
        raise Invalid(reason="lat + lng") from None
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        raise Invalid(reason="lat + lng")
    return lat, lng


def _point(asking: Asking, view: PointView, metres: int | None) -> PickPoint:
    is_open = view.state is PointState.OPEN
    leader = asking.t(f"团长{view.leader_name}", f"leader {view.leader_name}")
    return PickPoint(
        id=place.point_id(view),
        name=place.point_name(view, asking.language),
        address=view.address,
        metres=metres,
        open=is_open,
        why="" if is_open else words.word(view.state, asking.language),
        note=leader,
        tap=choose(asking, view) if is_open else None,
    )


def choose(asking: Asking, view: PointView) -> Action:
    """Remembered on the device, and of a member here too."""
    chosen, name = place.point_id(view), place.point_name(view, asking.language)
    text = asking.t(f"在{name}取货", f"Collect at {name}")
    steps: list[Action] = [
        ChoosePoint(text=text, point=chosen, name=name),
        parts.go("shelf", text, replace=True, point=chosen),
    ]
    if asking.is_member and asking.caller.province_id == view.province_id:
        steps.insert(0, parts.call("PUT", "/me/point", text, {"point_id": chosen}))
    return Several(text=text, actions=steps)
