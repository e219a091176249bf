"""A member's balance: what it came from, where it went, and having all of it paid."""

from __future__ import annotations

from collections.abc import Mapping

from lintuan.kernel.money import ZERO
from lintuan.ordering import queries as ordering
from lintuan.pages.tree import values
from lintuan.pages.tree.actions import ConfirmTransfer
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.provinces.queries import province
from lintuan.settlement import queries as settlement
from lintuan.settlement.engine.paying import BalanceView, BalanceWithdrawalView, WithdrawalState

from . import parts, words
from .asking import Asking
from .doors import for_members

PATH = "/me/balance"
#: What a line is called, by the kind of its journal.
NAMES: Mapping[str, tuple[str, str]] = {
    "refund_credited": ("退款转入", "Refund"),
    "payout_sent": ("提现", "Withdrawn"),
    "payout_back": ("提现退回", "Withdrawal returned"),
}
_OTHER = ("更正", "Correction")
_HEAD = ("余额", "Balance")


@for_members("balance", *_HEAD)
def page(asking: Asking) -> Page:
    """The sum, what waits for the reader, the way to have it, and the lines."""
    view, t = settlement.balance(asking.caller), asking.t
    if not view.lines:
        told = t("没有余额", "No balance")
        line = t("退款无法原路退回时，会转到这里。", "A refund that cannot go back to where you paid from comes here.")
        return parts.page(asking, ("balance", t(*_HEAD)), [parts.empty(told, line, icon="coin")], tab="me")
    body: list[Node] = [_sum(asking, view)]
    if view.newest:
        body += _standing(asking, view.newest)
    body += _form(asking, view)
    body += [parts.heading(t("明细", "Lines")), _lines(asking, view)]
    return parts.page(asking, ("balance", t(*_HEAD)), body, tab="me")


def kept(asking: Asking) -> list[Node]:
    """For who thinks of leaving: what they are owed is paid out best while they can still ask for it."""
    view = settlement.balance(asking.caller)
    if view.amount <= ZERO and not view.is_open:
        return []
    amount = words.yuan(view.amount.fen)
    told = asking.t(f"您有余额 {amount}", f"You have a balance of {amount}")
    line = asking.t(
        "请先提现。注销后余额仍是您的，但须凭订单向客服索取。",
        "Withdraw it first. It stays yours when you are forgotten, but you would have to prove your orders to us.",
    )
    way = parts.button(parts.go("balance", asking.t(*_HEAD)))
    return [parts.notice(told, line, tone="warn"), parts.buttons(way)]


def _sum(asking: Asking, view: BalanceView) -> Node:
    note = asking.t("退款无法原路退回而转入", "of refunds that could not go back to where you paid from")
    return parts.facts(
        (asking.t("余额", "Balance"), words.yuan(view.amount.fen)), (asking.t("来源", "What it is"), note)
    )


def _standing(asking: Asking, newest: BalanceWithdrawalView) -> list[Node]:
    """What becomes of the withdrawal: to be confirmed on the phone, on its way, or not arrived."""
    t, amount = asking.t, words.yuan(newest.amount.fen)
    if newest.to_confirm:
        act = ConfirmTransfer(
            text=t(f"在微信中确认收款 {amount}", f"Confirm {amount} in WeChat"), path=f"{parts.API}{PATH}/confirmation"
        )
        line = t("24 小时内未确认会退回余额。", "What is not confirmed within 24 hours comes back to your balance.")
        title = t(f"{amount} 待您确认收款", f"{amount} are yours to confirm")
        return [parts.section(title, [parts.plain(line), parts.buttons(parts.button(act, "main"))])]
    if newest.state is WithdrawalState.PAYING:
        line = t("稍后请在这里确认收款。", "You will confirm it here shortly.")
        return [parts.notice(t(f"{amount} 提现中", f"{amount} are on their way"), line)]
    if newest.state is WithdrawalState.FAILED:
        line = t(
            "钱已回到余额，请核对姓名和微信账户后再提。", "It is back in your balance: check your name and account."
        )
        return [parts.notice(t("上次提现未成功", "The last withdrawal failed"), line, tone="warn")]
    return []


def _form(asking: Asking, view: BalanceView) -> list[Node]:
    """All of it, where there is enough; WeChat wants the name for great sums only."""
    if view.is_open or view.amount < view.least:
        return []
    t, told = asking.t, words.yuan(view.name_from.fen)
    done = [parts.tell(t("已提交，请稍后确认收款。", "Asked for: confirm it shortly.")), parts.refresh(asking)]
    ask = parts.call("POST", f"{PATH}/withdrawals", t("全部提现到微信", "Withdraw all of it to WeChat"), {}, done=done)
    if view.amount < view.name_from:
        return [parts.buttons(parts.button(ask, "main"))]
    name = values.Field(
        name="name", label=t("真实姓名", "Your real name"), type="text", required=True, max=64,
        help=t(f"{told} 及以上须与微信实名一致，付款后即删除", f"From {told} on, as WeChat has it; deleted once paid"),
    )  # fmt: skip
    return [parts.form([name], ask, "balance")]


def _lines(asking: Asking, view: BalanceView) -> Node:
    province_id = asking.caller.province_id
    zone = province(province_id).zone
    orders = ordering.orders(province_id, {line.order_id for line in view.lines if line.order_id})
    rows = [
        values.Row(
            title=asking.t(*NAMES.get(line.kind, _OTHER)),
            note=words.told(
                words.moment(line.at, zone, asking.language),
                orders[line.order_id].number if line.order_id in orders else "",
                language=asking.language,
            ),
            value=words.yuan(line.amount.fen),
        )
        for line in view.lines
    ]
    return parts.rows(rows, key="lines")
