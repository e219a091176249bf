"""Household baskets: several neighbours fill one together, pay apart or together, and collect once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import queries as leaders
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import BasketLineView, BasketPerson, BasketState, BasketView
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import Copy, EmptyBasket, OrderLine, PlaceOrder, Share
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page

from . import parts, paying, place, shelf, words
from .asking import Asking
from .doors import for_members
from .place import Here

Skus = Mapping[int, SkuView]


@for_members("household", "搭伴篮", "Household basket")
def household(asking: Asking) -> Page:
    """The baskets I am in and how to join one, or one of them."""
    if asking.get("basket"):
        return _one(asking, ordering.basket(asking.caller, *read_public_id("basket", asking.get("basket"))))
    head = ("household", asking.t("搭伴篮", "Household basket"))
    found = ordering.baskets_of_member(asking.caller)
    body: list[Node] = [_what_it_is(asking), *([] if found else [_how_it_goes(asking)])]
    if found:
        body.append(parts.rows([_row(asking, view) for view in found], key="baskets"))
    return parts.page(asking, head, [*body, *_ways_in(asking, found)], tab="tonight")


def _one(asking: Asking, view: BasketView) -> Page:
    here = place.at_point(asking, leaders.point(view.province_id, view.point_id))
    skus = catalog.skus({line.sku_id for person in view.people for line in person.lines})
    is_open = here.is_open and _is_tonight(view, here)
    body: list[Node] = [_state(asking, view, here, is_open=is_open)]
    body += [_person(asking, person, skus) for person in view.people]
    if is_open:
        body += [*_put_in(asking, view), *_mine(asking, view, skus), _who_collects(asking, view)]
        body.append(_leave(asking, view))
    head = ("household", asking.t("搭伴篮", "Household basket"))
    foot = _to_order(asking, view, here) if is_open else []
    return parts.page(asking, head, body, tab="tonight", foot=foot, fresh_for=3, basket=asking.seen is None)


def _is_tonight(view: BasketView, here: Here) -> bool:
    return view.sale_on == here.sale_on and view.state is BasketState.OPEN


def _id(view: BasketView) -> str:
    return public_id("basket", view.province_id, view.id)


def _what_it_is(asking: Asking) -> Node:
    return parts.notice(
        asking.t("几个人合买一篮", "Several people, one basket"),
        asking.t("各付各的或一起付，凭一个码一次取完。", "Pay apart or together, collect everything with one code."),
    )


def _how_it_goes(asking: Asking) -> Node:
    t = asking.t
    steps = (
        (t("开一个篮", "Open a basket"), t("把篮号发给邻居。", "Send its letters to your neighbours.")),
        (t("各自放进来", "Everybody puts in"), t("截单前都可以改。", "Until orders close it can be changed.")),
        (t("付款", "Pay"), t("各付各的，或一个人一起付。", "Each for themselves, or one for all.")),
        (t("一次取完", "Collect once"), t("谁去取都可以，只要一个码。", "Any of you goes, with one code.")),
    )
    items = [values.Hint(title=title, note=note) for title, note in steps]
    text = "\n".join(f"{number}. {one.title}: {one.note}" for number, one in enumerate(items, 1))
    return nodes.Steps(text=text, key="how", items=items)


def _row(asking: Asking, view: BasketView) -> values.Row:
    people = len(view.people)
    title = words.day(view.sale_on, asking.language)
    point = place.point_name(leaders.point(view.province_id, view.point_id), asking.language)
    return values.Row(
        title=title,
        note=words.told(
            point,
            asking.t(f"{people} 人", f"{people} {'person' if people == 1 else 'people'}"),
            language=asking.language,
        ),
        badge=words.word(view.state, asking.language, of="basket"),
        tone=words.tone(view.state, of="basket"),
        tap=parts.go("household", asking.t(f"看 {title} 的搭伴篮", f"See the basket of {title}"), basket=_id(view)),
    )


def _ways_in(asking: Asking, found: Sequence[BasketView]) -> list[Node]:
    """Who was sent the letters of a basket may always enter them; a basket of one's own needs a point that is open."""
    here, code = place.here(asking), asking.get("code").strip().upper()
    if here is not None and any(_is_tonight(view, here) for view in found):
        return [_join(asking)] if code and all(view.code != code for view in found) else []
    ways = [_join(asking)] if code or (here is not None and here.is_open) else []
    if here is None:
        to = parts.go("points", asking.t("选择自提点", "Choose a pickup point"))
        return [*ways, parts.buttons(parts.button(to))]
    return [*ways, _open(asking, here)] if here.is_open else [*ways, *shelf.deadline(asking, here)]


def _join(asking: Asking) -> Node:
    label = asking.t("邻居给您的 8 位篮号", "The eight letters a neighbour gave you")
    code = values.Field(name="code", label=label, type="text", required=True, max=20, value=asking.get("code") or None)
    to = parts.go("household", asking.t("看搭伴篮", "See the basket"), replace=True, basket="$id")
    submit = parts.call("POST", "/baskets/join", asking.t("加入", "Join"), done=[to])
    return parts.form([code], submit, "join")


def _open(asking: Asking, here: Here) -> Node:
    to = parts.go("household", asking.t("看搭伴篮", "See the basket"), replace=True, basket="$id")
    begin = parts.call("POST", "/baskets", asking.t("开一个搭伴篮", "Open a basket"), {"point": here.id}, done=[to])
    return parts.buttons(parts.button(begin, "main"))


def _state(asking: Asking, view: BasketView, here: Here, *, is_open: bool) -> Node:
    if not is_open:
        return parts.notice(words.word(BasketState.CLOSED, asking.language, of="basket"))
    title = asking.t(f"篮号 {view.code}", f"Basket {view.code}")
    line = asking.t(f"告诉邻居篮号，在{here.name}一起取。", f"Tell neighbours its letters; collected at {here.name}.")
    copy = Copy(text=asking.t("复制篮号", "Copy the letters"), content=view.code)
    invitation = asking.t(f"来和我一起买菜，邻团搭伴篮 {view.code}", f"Shop with me on Lintuan: basket {view.code}")
    share = Share(
        text=asking.t("请邻居加入", "Invite a neighbour"), form="card", title=invitation, content=invitation,
        page="household", with_={"code": view.code, "point": here.id},
    )  # fmt: skip
    return parts.section(title, [parts.plain(line), parts.buttons(parts.button(share, "main"), parts.button(copy))])


def _person(asking: Asking, person: BasketPerson, skus: Skus) -> Node:
    who = asking.t("我", "Me") if person.is_me else person.name
    opener = asking.t("发起人", "opened it") if person.is_opener else ""
    alone = "" if person.is_joint else asking.t("自己取", "collects alone")
    title = words.told(who, opener, alone, language=asking.language)
    lines = [_line(asking, line, skus[line.sku_id]) for line in person.lines]
    nothing = asking.t("还没有放东西", "Nothing put in yet")
    return parts.section(title, [parts.rows(lines) if lines else parts.plain(nothing)])


def _line(asking: Asking, line: BasketLineView, sku: SkuView) -> values.Row:
    state = words.word(line.state, asking.language) if line.state else asking.t("未下单", "Not ordered yet")
    return values.Row(
        title=f"{sku.name_in(asking.language)} × {line.quantity}",
        note=words.told(sku.spec_in(asking.language), words.yuan(line.price.fen), language=asking.language),
        value=words.yuan(line.price.fen * line.quantity),
        badge=state,
    )


def _open_lines(people: Iterable[BasketPerson]) -> list[BasketLineView]:
    return [line for person in people for line in person.lines if line.state is None]


def _put_in(asking: Asking, view: BasketView) -> list[Node]:
    """What lies in the basket of the device, moved over."""
    units = Counter({line.offer_id: line.quantity for line in _open_lines([view.mine])})
    for wish in asking.basket:
        try:
            of_province, offer_id = read_public_id("offer", wish.offer)
        except NotFound:
            continue
        if of_province == view.province_id:
            units[offer_id] += wish.quantity
    shelf = parts.button(parts.go("shelf", asking.t("去货架挑", "Choose on the shelf")))
    if not asking.basket or not units:
        return [parts.buttons(shelf)]
    lines = [
        {"offer": public_id("offer", view.province_id, offer_id), "quantity": count}
        for offer_id, count in units.items()
    ]
    kinds = len(asking.basket)
    move = parts.call(
        "PUT", f"/baskets/{_id(view)}/lines",
        asking.t(f"把购物篮里的 {kinds} 种放进来", f"Put in what lies in my basket ({kinds})"), {"lines": lines},
        done=[EmptyBasket(text=asking.t("清空购物篮", "Empty the basket")), parts.refresh(asking)],
    )  # fmt: skip
    return [parts.buttons(parts.button(move, "main"), shelf)]


def _mine(asking: Asking, view: BasketView, skus: Skus) -> list[Node]:
    """My lines that nobody has ordered, to be changed; none of something takes it out."""
    lines = _open_lines([view.mine])
    if not lines:
        return []
    fields = [
        values.Field(
            name=f"lines.{number}.quantity", label=skus[line.sku_id].name_in(asking.language), type="number",
            required=True, value=line.quantity, min=0, max=99, help=skus[line.sku_id].spec_in(asking.language),
        )
        for number, line in enumerate(lines)
    ]  # fmt: skip
    wanted = [
        {"offer": public_id("offer", view.province_id, line.offer_id), "quantity": line.quantity} for line in lines
    ]
    save = parts.call(
        "PUT", f"/baskets/{_id(view)}/lines", asking.t("保存我的数量", "Save my quantities"), {"lines": wanted},
        done=[parts.tell(asking.t("已保存。", "Saved.")), parts.refresh(asking)],
    )  # fmt: skip
    # Another basket is another form: what was typed for one line must not be sent for the next one.
    key = "-".join(("mine", *(f"{one['offer']}x{one['quantity']}" for one in wanted)))
    return [parts.form(fields, save, key)]


def _who_collects(asking: Asking, view: BasketView) -> Node:
    is_joint = view.mine.is_joint
    told = asking.t("我的货，篮里的人都能代取", "Anyone in the basket may collect mine")
    alone = asking.t("我的货我自己取", "I collect mine myself")
    text = (
        asking.t("改成自己取", "Collect mine myself")
        if is_joint
        else asking.t("改成大家都能取", "Let the others collect")
    )
    change = parts.call(
        "PUT", f"/baskets/{_id(view)}/collection", text, {"joint": not is_joint}, done=[parts.refresh(asking)]
    )
    return parts.section(told if is_joint else alone, [parts.buttons(parts.button(change))])


def _leave(asking: Asking, view: BasketView) -> Node:
    home = parts.go("household", asking.t("搭伴篮", "Household baskets"), replace=True)
    leave = parts.call(
        "POST", f"/baskets/{_id(view)}/leave", asking.t("退出搭伴篮", "Leave the basket"), done=[home],
        ask=asking.t("确定退出？未下单的会一起带走。", "Leave? What you have not ordered goes with you."),
    )  # fmt: skip
    close = parts.call(
        "POST", f"/baskets/{_id(view)}/close", asking.t("结束搭伴篮", "Close the basket"), done=[parts.refresh(asking)],
        ask=asking.t("确定结束？不能再加人和商品。", "Close it? Nobody can join and nothing can be added."),
    )  # fmt: skip
    items = [parts.button(leave, "danger")]
    if view.mine.is_opener:
        items.append(parts.button(close, "danger"))
    return parts.buttons(*items)


def _to_order(asking: Asking, view: BasketView, here: Here) -> list[Node]:
    mine, everybodys = _open_lines([view.mine]), _open_lines(view.people)
    items = []
    if everybodys and len(everybodys) > len(mine):
        amount = _amount(everybodys)
        text = asking.t(f"一起付 {words.yuan(amount)}", f"Pay for all {words.yuan(amount)}")
        items.append(parts.button(_order(asking, (view, here), text, everybodys, together=True)))
    if mine:
        amount = _amount(mine)
        text = asking.t(f"付我的 {words.yuan(amount)}", f"Pay for mine {words.yuan(amount)}")
        items.append(parts.button(_order(asking, (view, here), text, mine, together=False), "main"))
    return [parts.buttons(*items)] if items else []


def _amount(lines: Sequence[BasketLineView]) -> int:
    return sum(line.price.fen * line.quantity for line in lines)


def _order(
    asking: Asking, of: tuple[BasketView, Here], text: str, lines: Sequence[BasketLineView], *, together: bool
) -> PlaceOrder:
    view, here = of
    units: Counter[int] = Counter()
    for line in lines:
        units[line.offer_id] += line.quantity
    prices = {line.offer_id: line.price.fen for line in lines}
    wanted = [
        OrderLine(offer=public_id("offer", view.province_id, offer_id), quantity=count, price_fen=prices[offer_id])
        for offer_id, count in units.items()
    ]
    done = [paying.pay(asking, "$id", _amount(lines), here.point)]
    return PlaceOrder(text=text, point=here.id, basket=_id(view), together=together, lines=wanted, done=list(done))
