"""The invariants of a day in words; docs/algorithms/proof.md says what each proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lintuan.settlement.types import Topic, Unit


@dataclass(frozen=True, slots=True)
class Text:
    """What an invariant is about, what it counts and what it says."""

    topic: Topic
    unit: Unit
    zh: str
    en: str


_S, _M, _G, _O, _E = Topic.STOCK, Topic.MONEY, Topic.GOODS, Topic.ORDERS, Topic.EVENTS
_FEN, _UNITS, _ORDERS = Unit.FEN, Unit.UNITS, Unit.ORDERS

TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "stock_taken": Text(_S, _UNITS, "已占库存 = 有效订单行件数", "stock taken = units that orders hold"),
        "stock_capacity": Text(_S, _UNITS, "没有超卖", "nothing is oversold"),
        "orders_in_books": Text(_O, _FEN, "已付订单 = 账簿中的已付订单", "paid orders = paid orders in the books"),
        "orders_accounted": Text(
            _O, _ORDERS, "每个已付订单都有着落：已提、逾期、取消或退款（收货期内可待提）",
            "every paid order is collected, unclaimed, cancelled or refunded; before the day is over it may wait",
        ),
        "orders_given_back": Text(_O, _FEN, "取消或全退订单已全额退款", "orders given up are refunded in full"),
        "orders_add_up": Text(_O, _ORDERS, "订单金额 = 各行之和", "an order's amounts are the sums of its lines"),
        "charges_paid": Text(
            _M, _FEN, "实收 = 已付订单金额 − 玩法优惠", "money received = amounts of paid orders − what plays paid"
        ),
        "refunds_asked": Text(_M, _FEN, "发起的退款 = 订单应退会员款", "refunds asked for = what orders give back"),
        "refunds_arrived": Text(_M, _FEN, "发起的退款 = 到账的退款", "refunds asked for = refunds that arrived"),
        "gateway_balance": Text(
            _M, _FEN, "账簿支付机构余额 = 实收 − 已到账退款", "gateway balance in the books = received − paid back"
        ),
        "prepayments": Text(
            _M, _FEN, "预付款余额 = 待提订单净额（结束后为零）",
            "prepayments = net of orders that wait; zero when the day is over",
        ),
        "refunds_decided": Text(_M, _FEN, "应退款均已发起", "every refund owed was asked for"),
        "refunds_on_their_way": Text(
            _M, _FEN, "账簿在途退款 = 支付在途退款", "refunds on their way in the books = in payments"
        ),
        "receipts_matched": Text(_M, _FEN, "没有待认领收款", "every receipt belongs to a paid order"),
        "subsidies": Text(
            _M, _FEN, "账簿玩法补贴 = 各单玩法承担额", "subsidies in the books = what plays pay of the orders' net"
        ),
        "funders": Text(
            _M, _FEN, "团长与供应商承担的补贴 = 按出资约定应承担额",
            "subsidies borne by leaders and suppliers = what they fund of the orders' net",
        ),
        "unpaid_hold_nothing": Text(
            _M, _FEN, "没有为未支付订单留存的款项", "no money is held for an order that was not paid"
        ),
        "journals_balanced": Text(_M, Unit.JOURNALS, "没有不平的凭证", "no journal is out of balance"),
        "trial_balance": Text(_M, _FEN, "试算平衡：借方 = 贷方", "trial balance: debit = credit"),
        "sales": Text(
            _M, _FEN, "销售收入 − 售后退款 = 已提订单净额", "sales − refunds after sale = net of collected orders"
        ),
        "forfeited": Text(_M, _FEN, "逾期未提收入 = 逾期订单净额", "forfeited = net of unclaimed orders"),
        "goods_cost": Text(_M, _FEN, "商品成本 = 收货量 × 进价", "cost of goods = units received × cost"),
        "suppliers_owed": Text(
            _M, _FEN, "应付供应商 + 供应商承担 = 收货成本", "owed to suppliers + borne by them = cost of goods received"
        ),
        "goods_left": Text(_M, _FEN, "结转后在库商品为零", "no goods are left on hand once they are booked"),
        "statements": Text(_M, _FEN, "供应商对账单货款 = 收货成本", "goods on the statements = cost of goods received"),
        "suppliers_told": Text(
            _M, _FEN, "对账单扣款与分担 = 供应商承担售后与补贴",
            "deductions and shares on the statements = claims and subsidies borne by suppliers",
        ),
        "commission_exact": Text(
            _M, _FEN, "每单佣金 = 净额 × 佣金率（逾期单为零）",
            "each order's commission = its share of the net; none for unclaimed orders",
        ),
        "commission_cost": Text(_M, _FEN, "佣金费用 = 各单佣金之和", "commission in the books = sum over orders"),
        "commission_raised": Text(_M, _FEN, "账簿玩法加佣 = 玩法所给加佣", "commission raised in the books = by plays"),
        "commission_owed": Text(
            _M, _FEN, "应付与待结佣金 = 佣金费用 + 玩法加佣", "owed to leaders = commission, raised commission included"
        ),
        "leaders_told": Text(
            _M, _FEN, "团长对账单各行 = 应付团长佣金变动", "lines of leaders' statements = payable in the books"
        ),
        "units_ordered": Text(
            _G, _UNITS, "订购 = 减少 + 待提 + 已提 + 逾期", "ordered = cut + waiting + collected + unclaimed"
        ),
        "units_bought": Text(
            _G, _UNITS, "采购需求 = 订购 − 截单前放弃", "asked of suppliers = ordered − given up before cut-off"
        ),
        "lots_recorded": Text(_G, _UNITS, "批次记录 = 收货量", "intake records add up to the units received"),
        "units_sorted": Text(
            _G, _UNITS, "收货 = 发往网格 + 中心余货 + 中心缺失", "received = to grids + surplus + short at the centre"
        ),
        "units_to_points": Text(
            _G, _UNITS, "到网格 = 发往自提点 + 网格缺失", "at grids = sent to points + short at grids"
        ),
        "units_signed": Text(
            _G, _UNITS, "发往自提点 = 签收 + 缺少 + 损坏", "sent to points = signed + short + damaged"
        ),
        "units_handed_over": Text(_G, _UNITS, "签收 = 已提 + 逾期", "signed = collected + unclaimed"),
        "cuts_explained": Text(
            _G, _UNITS, "减少的件数都有原因：缺货、未到、分拣缺失、到点缺损",
            "every unit cut was found short or damaged at some step",
        ),
        "units_received": Text(
            _G, _UNITS, "收货 = 余货 + 损失 + 已提 + 逾期", "received = surplus + losses + collected + unclaimed"
        ),
        "no_parked_events": Text(_E, Unit.EVENTS, "没有搁置的事件", "no event is parked"),
        "consumers_caught_up": Text(_E, Unit.EVENTS, "所有消费者均已跟上", "every consumer has read the whole log"),
    }
)  # fmt: skip
