"""What most likely caused a difference, and what a person is proposed to do: docs/algorithms/reconciliation.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lintuan.payments.types import DifferenceKind as D
from lintuan.settlement.types import FileState, Remedy

from .matching import CAUSES, CaseKind


@dataclass(frozen=True, slots=True)
class Cause:
    """In Chinese and English, with the remedy."""

    zh: str
    en: str
    remedy: Remedy


_BILLS: Mapping[D, Cause] = {
    D.STRANGER: Cause("其他商户系统的交易", "A line of another system of the same merchant", Remedy.LOOK),
    D.UNKNOWN_NUMBER: Cause(
        "单号像本系统所开，但没有对应支付单：数据库曾被恢复到更早的时点",
        "The number looks like ours and we have no charge of it: the database was set back to an earlier moment",
        Remedy.PAY_BACK,
    ),
    D.PAID_UNHEARD: Cause(
        "回调丢失：渠道已收款，支付单仍待支付；向渠道查询即可入账",
        "The callback was lost: the charge is open and the channel has the money; asking it settles the charge",
        Remedy.ASK,
    ),
    D.PAID_CLOSED: Cause(
        "支付单关闭后，或已用另一种方式付清后才付款，且未收到回调；向渠道查询后自动退款",
        "Paid after the charge was closed or paid by another method, callback lost; asking the channel pays it back",
        Remedy.ASK,
    ),
    D.AMOUNT_DIFFERS: Cause(
        "渠道实收金额与支付单不同：回调因此被拒绝",
        "The channel took another amount than the charge asks; its callback was refused for that",
        Remedy.PAY_BACK,
    ),
    D.PAID_TWICE: Cause("同一支付单在渠道有两笔收款", "The channel took money twice for one charge", Remedy.PAY_BACK),
    D.NOT_AT_CHANNEL: Cause(
        "本系统记为已付，但到次日账单为止渠道均无此笔：由他处入账，或渠道漏记",
        "We hold it for paid and no bill up to the next day's has it: settled from elsewhere, or the channel forgot it",
        Remedy.CALL,
    ),
    D.REFUND_UNKNOWN: Cause(
        "在渠道后台手工退款，本系统没有退款单",
        "Paid back by hand at the channel: we have no such refund",
        Remedy.CORRECT,
    ),
    D.REFUND_TWICE: Cause("同一退款单在渠道退了两次", "The channel paid one refund back twice", Remedy.CALL),
    D.REFUND_AMOUNT: Cause(
        "渠道退款金额与退款单不同", "The channel paid back another amount than was asked", Remedy.CORRECT
    ),
    D.REFUND_UNHEARD: Cause(
        "退款回调丢失，或失败后在渠道后台完成；向渠道查询即可",
        "The callback of a refund was lost, or it was finished by hand at the channel; asking it settles the refund",
        Remedy.ASK,
    ),
    D.REFUND_CREDITED: Cause(
        "失败的退款已转入会员余额，渠道后来又退了款：余额未提则从余额扣回，已提则与会员协商",
        "A failed refund was credited as a balance, and then the channel paid it after all: take the balance back where"
        " it is still there, else talk to the member",
        Remedy.CORRECT,
    ),
    D.REFUND_NOT_DONE: Cause(
        "本系统记为已退，渠道退款失败", "We hold it for paid back and the channel says that it failed", Remedy.CALL
    ),
    D.REFUND_NOT_AT_CHANNEL: Cause(
        "本系统记为已退，渠道账单没有此笔", "We hold it for paid back and no bill of the channel has it", Remedy.CALL
    ),
    D.FEE_DIFFERS: Cause(
        "手续费与约定费率不符：渠道调整了费率，或退款未退手续费",
        "Another fee than agreed: the channel changed its rate, or kept the fee of a refund",
        Remedy.CALL,
    ),
    D.FLOW_DIFFERS: Cause(
        "交易账单与资金账单不符：款项未入账，或扣除了其他费用",
        "The trade bill and the fund flow differ: the money did not arrive, or something else was kept of it",
        Remedy.CALL,
    ),
    D.FLOW_UNKNOWN: Cause(
        "资金账单中有交易账单未提及的变动", "Money moved that no line of a trade bill tells of", Remedy.CORRECT
    ),
}
_REMEDIES: Mapping[CaseKind, Remedy] = {
    CaseKind.REFUND_FAILED: Remedy.PAY_BACK,
    CaseKind.RECEIPT_UNMATCHED: Remedy.PAY_BACK,
    CaseKind.GATEWAY_DIFFERS: Remedy.CORRECT,
    CaseKind.PREPAYMENT_DIFFERS: Remedy.CORRECT,
}

#: Of every kind of difference, by its word.
ALL: Mapping[str, Cause] = MappingProxyType(
    {kind.value: cause for kind, cause in _BILLS.items()}
    | {kind.value: Cause(zh, en, _REMEDIES.get(kind, Remedy.LOOK)) for kind, (zh, en) in CAUSES.items()}
)

#: Refunds have numbers of their own at the channel.
OF_REFUNDS = frozenset(
    {
        D.REFUND_UNKNOWN,
        D.REFUND_TWICE,
        D.REFUND_AMOUNT,
        D.REFUND_UNHEARD,
        D.REFUND_CREDITED,
        D.REFUND_NOT_DONE,
        D.REFUND_NOT_AT_CHANNEL,
    }
)

#: Found by the comparison with a channel's bill.
OF_CHANNELS = frozenset(D)
#: The channel knows nothing of them by a number of ours.
NOT_ASKED = frozenset({D.STRANGER, D.UNKNOWN_NUMBER, D.FLOW_UNKNOWN})

F = FileState
#: How people move a case; the system closes one from everywhere when its difference is gone.
MOVES: Mapping[FileState, frozenset[FileState]] = {
    F.OPEN: frozenset({F.IN_HAND}),
    F.IN_HAND: frozenset({F.IN_HAND, F.EXPLAINED, F.CORRECTED}),
    F.EXPLAINED: frozenset({F.IN_HAND, F.CLOSED}),
    F.CORRECTED: frozenset({F.IN_HAND, F.CLOSED}),
    F.CLOSED: frozenset(),
}
