"""How a leader withdraws, and what became of it."""

from __future__ import annotations

from lintuan.kernel.ids import public_id
from lintuan.kernel.money import Money
from lintuan.pages.compose import parts, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.doors import for_leaders
from lintuan.pages.tree import values
from lintuan.pages.tree.actions import Call, ConfirmTransfer
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.settlement import queries as settlement
from lintuan.settlement.engine.paying import Purse, WithdrawalState, WithdrawalView

from . import keeping
from .evening import metrics

PATH = "/leader/withdrawals"
YUAN = 100


@for_leaders("withdraw", "提现", "Withdraw")
def withdraw(asking: Asking) -> Page:
    """What is free, the form, what waits to be confirmed, and what was."""
    purse, t = settlement.purse(asking.caller), asking.t
    body: list[Node] = [_sums(asking, purse)]
    body += [_confirm(asking, view) for view in purse.withdrawals if view.to_confirm]
    body += _form(asking, purse)
    if purse.withdrawals:
        rows = parts.rows([_row(asking, view) for view in purse.withdrawals], key="withdrawals")
        body.append(parts.section(t("提现记录", "Withdrawals"), [rows, *_take_back(asking, purse)]))
    return parts.page(asking, ("withdraw", t("提现", "Withdraw")), body, tab="earnings")


def _sums(asking: Asking, purse: Purse) -> Node:
    t = asking.t
    notes = []
    if purse.unstated:
        amount = words.yuan(purse.unstated.fen)
        notes.append(t(f"另有 {amount} 待出对账单", f"{amount} more wait for a statement"))
    if purse.contested:
        amount = words.yuan(purse.contested.fen)
        notes.append(t(f"{amount} 因售后处理中暂不可提", f"{amount} wait for claims to be decided"))
    free = values.Metric(
        label=t("可提现", "To withdraw"), value=words.yuan(purse.free.fen), note=t("；", "; ").join(notes)
    )
    tax = values.Metric(
        label=t("全部提现预扣个税", "Tax withheld of all of it"),
        value=words.yuan(purse.tax.fen),
        note=t("劳务报酬累计预扣；隔月未提则重新累计", "of the year's pay; added up anew after a month without any"),
    )
    return metrics([free, tax])


def _form(asking: Asking, purse: Purse) -> list[Node]:
    """The form, or why there is none."""
    t = asking.t
    if purse.blocked == "frozen":
        line = t("有一件事正在核查，请联系客服。", "A matter is being looked into; please contact us.")
        return [parts.notice(t("提现已暂停", "Withdrawals are suspended"), line, tone="warn")]
    if purse.blocked:
        line = t("完成后才能再提。", "Another can be asked for once it is over.")
        return [parts.notice(t("上一笔提现尚未完成", "An earlier withdrawal is under way"), line)]
    if purse.free < purse.least:
        least = words.yuan(purse.least.fen)
        line = t(f"满 {least} 可以提现。", f"From {least} on you can withdraw.")
        return [parts.empty(t("暂时没有可提现的佣金", "Nothing to withdraw yet"), line, icon="coin")]
    most = purse.free.fen // YUAN
    amount = values.Field(
        name="amount_yuan", label=t("提现金额（整元）", "Amount, in whole yuan"), type="number", required=True,
        value=most, min=-(-purse.least.fen // YUAN), max=most,
        help=t("在微信里确认后到账", "It arrives once you confirm it in WeChat"),
    )  # fmt: skip
    fields = [amount, *_name(asking, purse)]
    return [parts.form(fields, _ask(asking), "withdraw")]


def _name(asking: Asking, purse: Purse) -> list[values.Field]:
    """WeChat checks who gets a great sum; smaller ones need no name, and it is not asked for."""
    if purse.free < purse.name_from:
        return []
    from_here = words.yuan(purse.name_from.fen)
    told = asking.t(
        f"{from_here} 及以上必填，须与微信实名一致；付款后即删除",
        f"Needed from {from_here} on, as WeChat knows you; deleted once it is paid",
    )
    return [values.Field(name="name", label=asking.t("真实姓名", "Your real name"), type="text", max=64, help=told)]


def _ask(asking: Asking) -> Call:
    told = asking.t("已申请，审批后打款。", "Asked for: it is paid once it is approved.")
    return parts.call("POST", PATH, asking.t("申请提现", "Withdraw"), done=[parts.tell(told), parts.refresh(asking)])


def _confirm(asking: Asking, view: WithdrawalView) -> Node:
    """In plain words too, for clients that cannot hand it to WeChat."""
    net, t = words.yuan(view.net.fen), asking.t
    act = ConfirmTransfer(
        text=t(f"在微信中确认收款 {net}", f"Confirm {net} in WeChat"),
        path=f"{parts.API}{PATH}/{_id(view)}/confirmation",
    )
    line = t(
        "24 小时内未确认会退回，可重新申请。", "What is not confirmed within 24 hours comes back to be asked for anew."
    )
    title = t(f"{net} 待您确认收款", f"{net} are yours to confirm")
    return parts.section(title, [parts.plain(line), parts.buttons(parts.button(act, "main"))])


def _row(asking: Asking, view: WithdrawalView) -> values.Row:
    state = "to_confirm" if view.to_confirm else view.state.value
    when = words.moment(view.asked_at, keeping.zone(asking), asking.language)
    kept = words.yuan(view.tax.fen)
    return values.Row(
        title=when,
        note=asking.t(f"预扣个税 {kept}", f"tax withheld {kept}") if view.tax > Money(0) else "",
        value=words.yuan(view.net.fen),
        badge=words.word(state, asking.language, of="withdrawal"),
        tone=words.tone(state, of="withdrawal"),
    )


def _take_back(asking: Asking, purse: Purse) -> list[Node]:
    waiting = [view for view in purse.withdrawals if view.state is WithdrawalState.ASKED]
    if not waiting:
        return []
    call = parts.call(
        "POST", f"{PATH}/{_id(waiting[0])}/cancel", asking.t("撤回申请", "Take it back"), done=[parts.refresh(asking)]
    )
    return [parts.buttons(parts.button(call))]


def _id(view: WithdrawalView) -> str:
    return public_id("withdrawal", view.province_id, view.id)
