"""The words of the console, Chinese and English beside each other."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language

#: States, causes and kinds as people read them.
WORDS: Mapping[str, tuple[str, str]] = {
    # orders
    "unpaid": ("待支付", "Unpaid"),
    "paid": ("已支付", "Paid"),
    "cancelled": ("已取消", "Cancelled"),
    "expired": ("超时未付", "Expired"),
    "collected": ("已自提", "Collected"),
    "unclaimed": ("逾期未提", "Unclaimed"),
    "refunded": ("已退款", "Refunded"),
    # points and provinces
    "open": ("营业中", "Open"),
    "resting": ("休息中", "Resting"),
    "closed": ("已关闭", "Closed"),
    "draft": ("筹备中", "Draft"),
    "suspended": ("暂停营业", "Suspended"),
    # purchase orders
    "sent": ("待确认", "To confirm"),
    "confirmed": ("已确认", "Confirmed"),
    "received": ("已收货", "Received"),
    "main": ("主供应商", "Main supplier"),
    "second": ("备用供应商", "Second supplier"),
    # sorting, routes, drops
    "planned": ("已计划", "Planned"),
    "sorting": ("分拣中", "Being sorted"),
    "done": ("已完成", "Done"),
    "departed": ("已发车", "Departed"),
    "on_the_way": ("配送中", "On the way"),
    "delivered": ("已送达", "Delivered"),
    "signed": ("已签收", "Signed"),
    "waiting": ("待自提", "To collect"),
    # plays
    "clear": ("可用", "Clear"),
    "risky": ("有风险", "Risky"),
    "banned": ("禁止", "Banned"),
    "allowed": ("可以", "Allowed"),
    "tried": ("试行", "On trial"),
    "unknown": ("没有依据", "No basis"),
    "law": ("法律", "Law"),
    "contract": ("渠道规则", "Channel's rules"),
    "technique": ("技术限制", "Technique"),
    "choice": ("自定", "Our choice"),
    "live": ("进行中", "Live"),
    "stopped": ("已停止", "Stopped"),
    "over": ("已结束", "Over"),
    "unfilled": ("未成团", "Unfilled"),
    "given": ("可用", "Given"),
    "held": ("待核", "Held"),
    "denied": ("未发放", "Denied"),
    "used": ("已使用", "Used"),
    "taken": ("已收回", "Taken back"),
    "lapsed": ("已过期", "Lapsed"),
    "budget.play": ("总预算", "Budget"),
    "budget.leader": ("团长预算", "Leader"),
    "budget.day": ("当天预算", "Day"),
    "budget.stock": ("份数", "Stock"),
    # guards
    "claims": ("售后投诉占订单", "Claims per order"),
    # claims
    "granted": ("已同意", "Granted"),
    "declined": ("已拒绝", "Declined"),
    "quality": ("质量问题", "Quality"),
    "short": ("少货", "Short"),
    "late": ("迟到", "Late"),
    "wrong": ("错发", "Wrong goods"),
    "service": ("服务问题", "Service"),
    "damaged": ("破损", "Damaged"),
    "supplier": ("供应商", "Supplier"),
    "centre": ("中心仓", "Centre"),
    "grid": ("网格仓", "Grid warehouse"),
    "driver": ("司机", "Driver"),
    "leader": ("团长", "Leader"),
    "platform": ("平台", "Platform"),
    # causes of cuts and refunds
    "edited": ("邻居修改", "Edited"),
    "supplier_short": ("供应商缺货", "Supplier short"),
    "not_received": ("未到货", "Not received"),
    "no_supplier": ("无供应商", "No supplier"),
    "short_pick": ("分拣缺货", "Short pick"),
    "short_at_point": ("到点少货", "Short at the point"),
    "late_payment": ("关闭后到账", "Paid after closing"),
    # money
    "invoice.asked": ("售后期内", "Claims open"),
    "invoice.issued": ("已开具", "Issued"),
    "invoice.reddened": ("已冲红", "Taken back"),
    "invoice.refused": ("已拒绝", "Refused"),
    "claim.open": ("待处理", "To decide"),
    "task.open": ("待分拣", "To sort"),
    "task.waiting": ("等上一级", "Waits for level 1"),
    "reported": ("已上报", "Reported"),
    "empty": ("无货", "Nothing left"),
    "lost": ("未签收", "Never signed"),
    "purchase.closed": ("已结束", "Over"),
    "pending": ("待入账", "Pending"),
    "booked": ("已入账", "Booked"),
    "reversed": ("已冲回", "Reversed"),
    "charge_paid": ("收款", "Charge paid"),
    "charge_paid_late": ("关闭后收款", "Paid after closing"),
    "order_paid": ("订单支付", "Order paid"),
    "lines_cut": ("缺货退款", "Lines cut"),
    "refund_asked": ("申请退款", "Refund asked"),
    "refund_done": ("退款完成", "Refund done"),
    "order_collected": ("订单自提", "Order collected"),
    "order_unclaimed": ("逾期未提", "Order unclaimed"),
    "line_refunded": ("售后退款", "Line refunded"),
    "unclaimed_refunded": ("未提退款", "Unclaimed refunded"),
    "order_saved": ("玩法返还", "Saved by plays later"),
    "goods_received": ("收货", "Goods received"),
    "goods_booked": ("货物入账", "Goods booked"),
    "commission_booked": ("佣金入账", "Commission booked"),
    "commission_raised": ("玩法加佣", "Commission raised"),
    "subsidy_funded": ("补贴分担", "Subsidy funded"),
    "reversal": ("冲回", "Reversal"),
    "gateway_fee": ("支付手续费", "Gateway fee"),
    "gateway_withdrawn": ("渠道提现", "Paid out by the gateway"),
    "correction": ("更正", "Correction"),
    "wechatpay": ("微信支付", "WeChat Pay"),
    "alipay": ("支付宝", "Alipay"),
    # cases of a reconciliation
    "case.open": ("待处理", "To be taken"),
    "case.in_hand": ("处理中", "In hand"),
    "case.explained": ("已说明", "Explained"),
    "case.corrected": ("已更正", "Corrected"),
    "case.closed": ("已关闭", "Closed"),
    "step.found": ("发现", "Found"),
    "step.changed": ("金额变化", "Figures changed"),
    "step.taken": ("领取", "Taken"),
    "step.asked": ("向渠道查询", "Asked the channel"),
    "step.explained": ("说明", "Explained"),
    "step.corrected": ("更正", "Corrected"),
    "step.closed": ("关闭", "Closed"),
    "step.vanished": ("差异消失，系统关闭", "Gone: closed by the system"),
    "remedy.ask": ("向渠道查询，以渠道答复为准", "Ask the channel and take its word"),
    "remedy.pay_back": ("核实后退款", "Look into it, then pay back"),
    "remedy.correct": ("用更正凭证入账", "Correct the books by a journal"),
    "remedy.call": ("联系渠道", "Call the channel"),
    "remedy.look": ("人工核实", "Look into it"),
    "payout_sent": ("付款发出", "Payout sent"),
    "payout_done": ("付款到账", "Payout received"),
    "payout_back": ("付款退回", "Payout came back"),
    "supplier_paid": ("货款已付", "Supplier paid"),
    "partner_shared": ("伙伴分成", "Partner's share"),
    "partner_paid": ("伙伴分成已付", "Partner paid"),
    "leaders": ("团长提现", "Leaders' withdrawals"),
    "suppliers": ("供应商货款", "Suppliers' goods"),
    "partners": ("伙伴分成", "Partners' shares"),
    "payrun.prepared": ("待审批", "To approve"),
    "payrun.approved": ("已审批", "Approved"),
    "payrun.done": ("已完成", "Done"),
    "payrun.dropped": ("已作废", "Given up"),
    "payout.waiting": ("待付", "Waits"),
    "payout.asked": ("已申请", "Asked"),
    "payout.sent": ("打款中", "On its way"),
    "payout.waiting_confirm": ("待收款确认", "To be confirmed"),
    "payout.done": ("已到账", "Received"),
    "payout.returned": ("已退回", "Returned"),
    "payout.skipped": ("不付", "Left out"),
    "goods": ("货款", "Goods"),
    "deduction": ("扣款", "Deduction"),
    "subsidy": ("优惠分担", "Share of savings"),
    "commission": ("佣金", "Commission"),
    "change": ("佣金调整", "Commission changed"),
    "raised": ("玩法加佣", "Commission raised"),
    "fen": ("元", "yuan"),
    "units": ("件", "units"),
    "orders": ("单", "orders"),
    "events": ("事件", "events"),
    "journals": ("凭证", "journals"),
    "failed": ("失败", "Failed"),
    "due": ("未到时间", "Not yet due"),
    "late_duty": ("已到时间，未执行", "Due, not done"),
}

#: Which badge a state wears.
COLOURS: Mapping[str, str] = {
    "green": "paid collected open confirmed received done delivered signed granted booked reported purchase.closed"
    " case.explained case.corrected"
    " clear allowed live given payrun.done payout.done invoice.issued",
    "orange": "unpaid sent pending waiting claim.open task.open late_duty on_the_way departed sorting resting short"
    " risky tried held case.open case.in_hand invoice.asked"
    " payrun.prepared payout.waiting payout.asked payout.sent payout.waiting_confirm",
    "red": "failed declined expired unclaimed closed suspended lost banned denied unfilled payout.returned"
    " invoice.refused",
    "azure": "refunded reversed used invoice.reddened",
}


def reads_english() -> bool:
    return (get_language() or "").startswith("en")


def spoken(zh: str, en: str) -> str:
    """The text of the reader's language."""
    return en if en and reads_english() else zh


def word(name: object, of: str = "") -> str:
    """A state or cause in the reader's language; what we have no word for is shown as it is.

    `of` is the thing whose state it is, where its word is not everyone's.
    """
    text = str(name)
    return spoken(*(WORDS.get(f"{of}.{text}") or WORDS.get(text) or (text, text.replace("_", " "))))


def colour(name: object, of: str = "") -> str:
    """The badge colour of a state; `of` as for its word."""
    wanted = f"{of}.{name}" if f"{of}.{name}" in WORDS else str(name)
    return next((paint for paint, states in COLOURS.items() if wanted in states.split()), "secondary")
