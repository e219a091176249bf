"""An evening's relay list of thirty messy lines, from the chat to paid orders."""

from __future__ import annotations

from typing import Any

from .phones import Phone
from .town import Evening, Town

#: As people type at night: other signs, other words, no spaces, courtesies, second thoughts.
LINES = """#接龙 今晚P1自提点
今晚的菜不错，要的接龙👇
1. 张姐 上海青2份 土鸡蛋1份
2、李哥：鸡蛋x2
3 王阿姨 豆腐两份，上海青一份
4）小陈 2份上海青 3份鸡蛋
5.刘姐豆腐3
6。周 鸡蛋 豆腐
⑦ 赵姐 砀山梨１份
8．吴🌸 上海青✖️2 谢谢团长
9-郑姐-鸡蛋*2-豆腐*1
10 冯：要上海青十二份
11.3栋陈姐 土鸡蛋2份、上海青1份
12,韩 老豆腐 两份 上海青三份
13.杨姐 鸡蛋+2
14、朱 我要一份砀山梨
15. 秦 上海青1份 再加上海青2份
16.许  豆腐２份
第17 何姐 鸡蛋俩
18楼 吕 上海青 2
19. 施姐 榴莲1个
20.张\u200b哥 老豆腐四份
21、孔(代收) 鸡蛋1份
22.曹 KT 上海青x3
23.严  砀山梨 要2份
24. 华姐 鸡蛋2斤
25. 金 东北大米一份
26. 魏 取消
27. 陶姐 上海青2份 螃蟹3只
28. 姜 豆腐1份
29. 戚姐 砀山梨3份
30. 谢 上海青1份 鸡蛋1份 豆腐1份"""
UNCLEAR = {"施姐", "华姐", "陶姐"}


def test_thirty_messy_lines_become_paid_orders(town: Town) -> None:
    evening, leader, address = town.next_evening(), town.leaders["P1"], f"/points/{town.points['P1']}/relay"
    before = evening.left()

    early = leader.put(address, {"text": "\n".join(LINES.splitlines()[:12])})
    assert [one["number"] for one in early["drafts"]] == list(range(1, 11))
    first = confirm(evening, early["drafts"][0])
    relay = leader.put(address, {"text": LINES})

    assert evening.left()["J-EGGS"] == before["J-EGGS"] - 1, "only what is confirmed is held"
    drafts = {one["name"]: one for one in relay["drafts"]}
    assert {name for name, one in drafts.items() if one["state"] == "unsettled"} == UNCLEAR
    assert (relay["confirmed"], len(relay["drafts"]), "魏" in drafts) == (1, 29, False)
    assert {one["code"] for one in early["drafts"]} <= {one["code"] for one in relay["drafts"]}
    settle(evening, drafts, leader)

    paid = [first, *(confirm(evening, one) for one in leader.get(address)["drafts"] if one["state"] == "ready")]
    now = leader.get(address)

    assert [one["state"] for one in paid] == ["paid"] * 28
    assert (now["confirmed"], now["drafts"][18]["state"]) == (28, "withdrawn")
    assert sum(one["amount_fen"] for one in paid) == sum(
        one["amount_fen"] for one in now["drafts"] if one["state"] == "confirmed"
    )
    again = {"point": town.points["P1"], "code": early["drafts"][0]["code"], "lines": []}
    assert town.neighbour().refused("POST", "/relay-drafts/confirm", again).code == "relay_confirmed"


def settle(evening: Evening, drafts: dict[str, dict[str, Any]], leader: Phone) -> None:
    """The leader knows who meant what: eggs are sold by the portion, crabs nobody sells, durian neither."""
    for name, units in (("施姐", {}), ("华姐", {"eggs": 2}), ("陶姐", {"greens": 2})):
        lines = [{"offer": one["offer"], "quantity": one["quantity"]} for one in evening.lines(**units)]
        settled = leader.put(f"/relay-drafts/{drafts[name]['id']}/lines", {"lines": lines})
        assert settled["state"] == ("ready" if units else "withdrawn")


def confirm(evening: Evening, draft: dict[str, Any]) -> dict[str, Any]:
    """Somebody types the code that stands behind their name, confirms what they see, and pays."""
    neighbour, point = evening.town.neighbour(), evening.town.points["P1"]
    found = neighbour.post("/relay-drafts/find", {"point": point, "code": draft["code"].lower()})
    lines = [{name: line[name] for name in ("offer", "quantity", "price_fen")} for line in found["lines"]]
    order = neighbour.post("/relay-drafts/confirm", {"point": point, "code": draft["code"], "lines": lines})
    assert order["amount_fen"] == found["amount_fen"]
    return evening.pay(neighbour, order)
