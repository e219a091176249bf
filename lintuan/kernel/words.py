"""The Chinese of words that stand in the facts of refusals; every one of them is the glossary's."""

from __future__ import annotations

from collections.abc import Mapping

#: What can be looked for.
THINGS: Mapping[str, str] = {
    "address": "地址",
    "basket": "搭伴篮",
    "campaign": "活动",
    "charge": "支付单",
    "case": "差异",
    "claim": "售后",
    "file": "文件",
    "invoice": "发票",
    "draft": "接龙草稿单",
    "entry": "投票选项",
    "drop": "到点货",
    "grid": "网格仓",
    "journal": "凭证",
    "leader": "团长",
    "line": "订单行",
    "member": "会员",
    "offer": "在售商品",
    "order": "订单",
    "page": "页面",
    "pay line": "付款行",
    "pay run": "付款批次",
    "payout": "打款单",
    "photo": "照片",
    "pickup": "取货",
    "place": "行政区划",
    "play": "玩法",
    "point": "自提点",
    "province": "省份",
    "rate": "费率",
    "contract": "合同",
    "partner": "流量伙伴",
    "purchase line": "采购行",
    "purchase order": "采购单",
    "refund": "退款单",
    "relay": "接龙",
    "rehearsal": "演练",
    "reward": "奖励",
    "route": "线路",
    "run": "场次",
    "sku": "规格品",
    "staff": "员工",
    "statement": "对账单",
    "stop": "停靠点",
    "supplier": "供应商",
    "task": "分拣任务",
    "trial": "对照试验",
    "vehicle": "车辆",
    "warehouse": "仓库",
    "withdrawal": "提现单",
}

#: States; where things differ in the word for a state, the name of the thing's enumeration stands before it.
STATES: Mapping[str, str] = {
    "unpaid": "待支付",
    "paid": "已支付",
    "cancelled": "已取消",
    "expired": "超时未付",
    "collected": "已自提",
    "unclaimed": "逾期未提",
    "refunded": "已退款",
    "BasketState.open": "进行中",
    "BasketState.closed": "已结束",
    "ChargeState.open": "待支付",
    "FileState.open": "待处理",
    "in_hand": "处理中",
    "explained": "已说明",
    "corrected": "已更正",
    "late": "关闭后到账",
    "asked": "已申请",
    "RefundState.sent": "退款中",
    "RefundState.done": "已到账",
    "credited": "已转余额",
    "failed": "失败",
    "PayoutState.sent": "打款中",
    "PayoutState.done": "已到账",
    "waiting_confirm": "待收款确认",
    "returned": "已退回",
    "told": "已告知",
    "paying": "打款中",
    "WithdrawalState.done": "已到账",
    "prepared": "待审批",
    "approved": "已审批",
    "dropped": "已作废",
    "OfferState.draft": "草稿",
    "published": "在售",
    "withdrawn": "下架",
    "draft": "筹备中",
    "open": "营业中",
    "suspended": "暂停营业",
    "resting": "休息中",
    "closed": "已关闭",
    "sent": "待确认",
    "confirmed": "已确认",
    "received": "已收货",
    "OrderState.closed": "已结束",
    "TaskState.waiting": "等上一级",
    "TaskState.open": "待分拣",
    "reported": "已上报",
    "TaskState.closed": "已结束",
    "planned": "已计划",
    "departed": "已发车",
    "done": "已完成",
    "on_the_way": "配送中",
    "delivered": "已送达",
    "signed": "已签收",
    "empty": "无货",
    "lost": "未签收",
    "waiting": "待自提",
    "ClaimState.open": "待处理",
    "granted": "已同意",
    "declined": "已拒绝",
    "live": "进行中",
    "stopped": "已停止",
    "RunState.open": "进行中",
    "over": "已结束",
    "unfilled": "未成团",
    "given": "可用",
    "held": "待核",
    "denied": "未发放",
    "used": "已使用",
    "taken": "已收回",
    "lapsed": "已过期",
    "pending": "待入账",
    "booked": "已入账",
    "reversed": "已冲回",
}

ROLES: Mapping[str, str] = {"member": "会员", "leader": "团长", "supplier": "供应商", "staff": "员工"}


def in_chinese(facts: Mapping[str, object]) -> dict[str, object]:
    """The same facts, with those that are words in Chinese; a word we lack stays as it is."""
    return {name: _READERS[name](value) if name in _READERS else value for name, value in facts.items()}


def _thing(value: object) -> str:
    """`sku egg-30` too: what it is, and which one."""
    text = str(value)
    known = THINGS.get(text.replace("_", " "))
    if known:
        return known
    kind, space, which = text.partition(" ")
    return f"{THINGS.get(kind, kind)}{space}{which}"


def _state(value: object) -> str:
    text = str(value)
    return STATES.get(f"{type(value).__name__}.{text}") or STATES.get(text, text)


def _role(value: object) -> str:
    return ROLES.get(str(value), str(value))


_READERS = {"thing": _thing, "state": _state, "to": _state, "role": _role}
