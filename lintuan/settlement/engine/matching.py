"""Orders, charges and books side by side, order by order; docs/algorithms/proof.md, section 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from lintuan.kernel.money import ZERO, Money, total
from lintuan.ordering.types import PaidOrder, State
from lintuan.payments.types import ChargeMoney

from . import accounts as a


class CaseKind(StrEnum):
    """What kind of difference a reconciliation found."""

    PAID_DIFFERS = "paid_differs"
    REFUND_DIFFERS = "refund_differs"
    REFUND_FAILED = "refund_failed"
    PREPAYMENT_DIFFERS = "prepayment_differs"
    GATEWAY_DIFFERS = "gateway_differs"
    REFUND_NOT_ASKED = "refund_not_asked"
    RECEIPT_UNMATCHED = "receipt_unmatched"
    SAVED_DIFFERS = "saved_differs"
    FUNDED_DIFFERS = "funded_differs"


class OrderMoney(Struct, frozen=True):
    """One paid order in the three rooms; `balances` are the ledger's by main account, positive on the debit side.

    `funded` is what leaders and suppliers are to bear of its savings, None while no night has charged them.
    """

    order: PaidOrder
    charge: ChargeMoney
    balances: Mapping[str, Money]
    funded: Money | None = None

    def held(self, account: str) -> Money:
        """What a liability account holds for this order."""
        return -self.balances.get(account, ZERO)

    @property
    def at_gateway(self) -> Money:
        """What payment providers hold of this order."""
        return total(self.balances.get(code, ZERO) for code in a.GATEWAYS)

    @property
    def subsidised(self) -> Money:
        return self.balances.get(a.SUBSIDIES, ZERO)

    @property
    def charged(self) -> Money:
        """What leaders and suppliers bear of the subsidies."""
        return self.held(a.SUPPLIERS_SUBSIDIES) + self.held(a.LEADERS_SUBSIDIES)

    @property
    def still_prepaid(self) -> Money:
        """What should be prepaid: all of an order that waits, nothing of one that has ended."""
        return self.order.net if self.order.state is State.PAID else ZERO


class Case(Struct, frozen=True):
    """Two figures that should be equal and are not."""

    kind: CaseKind
    subject: str
    order_id: int | None
    left: Money
    right: Money


def compare(orders: Iterable[OrderMoney]) -> list[Case]:
    """Every difference between the three rooms, order by order."""
    return [case for money in orders for case in _cases(money)]


def _cases(money: OrderMoney) -> Iterator[Case]:
    order, charge = money.order, money.charge
    for kind, left, right in (
        (CaseKind.PAID_DIFFERS, order.bill.charged, charge.paid),
        (CaseKind.REFUND_DIFFERS, order.bill.paid_back, charge.asked),
        (CaseKind.REFUND_FAILED, charge.failed, ZERO),
        (CaseKind.PREPAYMENT_DIFFERS, money.held(a.PREPAID), money.still_prepaid),
        (CaseKind.GATEWAY_DIFFERS, money.at_gateway, charge.received - charge.done),
        (CaseKind.REFUND_NOT_ASKED, money.held(a.REFUNDS_OWED), ZERO),
        (CaseKind.RECEIPT_UNMATCHED, money.held(a.UNMATCHED), ZERO),
        (CaseKind.SAVED_DIFFERS, money.subsidised, order.bill.borne),
        (CaseKind.FUNDED_DIFFERS, money.charged, money.charged if money.funded is None else money.funded),
    ):
        if left != right:
            yield Case(kind, order.number, order.order_id, left, right)


#: What most likely caused a difference, in Chinese and English.
CAUSES: Mapping[CaseKind, tuple[str, str]] = MappingProxyType(
    {
        CaseKind.PAID_DIFFERS: (
            "订单金额与实收不符：支付回调被重复处理，或改价后旧支付单被支付",
            "The order and the money received differ: an old charge was paid after a change of price",
        ),
        CaseKind.REFUND_DIFFERS: (
            "订单退款与支付退款不符：有人绕过订单直接退款，或订单减少后退款未发起",
            "Refunds of the order and of its charge differ: paid back without the order, or cut and not paid back",
        ),
        CaseKind.REFUND_FAILED: (
            "退款失败：会员账户异常或商户余额不足，需人工重试或转入会员余额",
            "A refund failed: the buyer's account is unusual or our balance too low; try again, or credit a balance",
        ),
        CaseKind.PREPAYMENT_DIFFERS: (
            "账簿预付款与订单状态不符：账务消费者滞后，或事件被搁置",
            "The prepayment in the books does not fit the order: the books lag behind, or an event is parked",
        ),
        CaseKind.GATEWAY_DIFFERS: (
            "账簿中支付机构应收款与收退款不符：收款或退款事件未入账",
            "The gateway's balance in the books differs from payments: a receipt or refund is not booked",
        ),
        CaseKind.REFUND_NOT_ASKED: (
            "已决定退款但未向支付机构发起，或发起了未经决定的退款",
            "A refund was decided and not asked for, or asked for and not decided",
        ),
        CaseKind.RECEIPT_UNMATCHED: (
            "收到款项但没有已支付订单：订单未能转为已支付",
            "Money came and no order became paid by it",
        ),
        CaseKind.SAVED_DIFFERS: (
            "账簿玩法补贴与订单玩法优惠不符：优惠或退款事件未入账",
            "The subsidies in the books differ from what plays pay of the order: a saving or a refund is not booked",
        ),
        CaseKind.FUNDED_DIFFERS: (
            "团长和供应商承担的补贴与约定不符：入账后批次或活动资料有变",
            "What leaders and suppliers bear differs from what they fund: lots changed after they were charged",
        ),
    }
)
