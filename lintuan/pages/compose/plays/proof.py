"""How anybody checks a draw: the hash before, the seed and every ticket after. The page computes nothing itself."""

from __future__ import annotations

from collections.abc import Sequence

from lintuan.kernel.ids import public_id, read_public_id
from lintuan.pages.compose import parts, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import SaveFile
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.plays import queries
from lintuan.plays.engine.progress import Draw
from lintuan.plays.types import CampaignView, RunView, Ticket

from . import giving
from .scene import campaign_of

MOST_TICKETS = 100

#: Titles and notes, each in both languages.
_STEPS: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (
        ("哈希对得上", "The hash fits"),
        (
            "种子（64 位十六进制，32 字节）的 SHA-256 等于开始前公布的哈希。",
            "SHA-256 of the seed (64 hexadecimal signs, 32 bytes) is the hash shown before.",
        ),
    ),
    (
        ("算出票的号码", "Work out a number"),
        (
            "HMAC-SHA256（密钥是种子，内容是票号文字）的前 8 字节按大端读成整数，除以 1000000 取余。",
            "The first 8 bytes of HMAC-SHA256 (the seed is the key, the ticket the message) as a big-endian integer,"
            " modulo 1000000.",
        ),
    ),
    (
        ("看落在哪一段", "See where it lies"),
        (
            "奖品从 0 起挨个排开，每个占中奖率乘 1000000 那么宽；落在谁那段就中谁，份数发完就不中。",
            "Prizes lie side by side from 0, each as wide as its odds times 1000000; one without stock left is none.",
        ),
    ),
    (
        ("结束时开的奖", "Drawn at the end"),
        (
            "所有票名排序后的列表先取 SHA-256，再用种子对“列表哈希:票名”做 HMAC-SHA256，从小到大，前几名依次中奖。",
            "SHA-256 of the sorted list of tickets, then HMAC-SHA256 with the seed of “hash of the list:ticket”; in"
            " rising order the first win the first prize, and so on.",
        ),
    ),
)


def proof(asking: Asking) -> Page:
    """The log of a round, so that anybody recomputes it."""
    province_id, run_id = read_public_id("run", asking.get("run"))
    view = queries.run(province_id, run_id)
    one = campaign_of(province_id, view.campaign_id)
    head = ("proof", asking.t("自己验算", "Check it yourself"))
    found = queries.tickets_of_run(province_id, run_id)
    body: list[Node] = [_hashes(asking, view), _steps(asking)]
    body += _tickets(asking, one, found) if view.seed else [_later(asking)]
    public = public_id("run", province_id, run_id)
    save = SaveFile(
        text=asking.t("下载 JSON", "Download the JSON"),
        path=f"{parts.API}/runs/{public}/log",
        name=f"lintuan-{view.code}.json",
    )
    back = parts.go("run", asking.t("看这一场", "See the round"), run=public)
    return parts.page(asking, head, [*body, parts.buttons(parts.button(save), parts.button(back))], tab="tonight")


def _hashes(asking: Asking, view: RunView) -> Node:
    t = asking.t
    return parts.facts(
        (t("开始前公布的哈希", "Hash shown before"), view.commitment),
        (t("结束后公布的种子", "Seed shown after"), view.seed),
        (t("封存的答案", "Sealed answer"), view.sealed),
        (t("答案", "Answer"), view.answer),
    )


def _later(asking: Asking) -> Node:
    title = asking.t("这一场还没结束", "The round goes on")
    line = asking.t(
        "结束后公布种子和每一张票，先把哈希记下来。", "Seed and tickets are shown after the end; keep the hash."
    )
    return parts.notice(title, line)


def _steps(asking: Asking) -> Node:
    items = [values.Hint(title=asking.t(*title), note=asking.t(*note)) for title, note in _STEPS]
    text = "\n".join(f"{number}. {one.title}: {one.note}" for number, one in enumerate(items, 1))
    return nodes.Steps(text=text, key="how", items=items)


def _tickets(asking: Asking, one: CampaignView, found: Sequence[Ticket]) -> list[Node]:
    t = asking.t
    if not isinstance(one.definition.progress, Draw):
        return []
    if not found:
        return [parts.plain(t("这一场没有票。", "There were no tickets."))]
    table = giving.prizes(asking, one, None)
    none = t("未中", "nothing")
    rows = [
        values.Row(
            title=each.name,
            value=str(each.number) if each.number is not None else "",
            badge=table[each.prize].name if each.prize is not None else none,
            tone="good" if each.prize is not None else "info",
        )
        for each in found[:MOST_TICKETS]
    ]
    prizes = words.listed([f"{each.name} {each.odds}" for each in table], asking.language)
    told = t(
        f"共 {len(found)} 张票；全部在 JSON 里。奖品：{prizes}",
        f"{len(found)} tickets, all in the JSON. Prizes: {prizes}",
    )
    return [parts.heading(t("每一张票", "Every ticket")), parts.plain(told), parts.rows(rows, key="tickets")]
