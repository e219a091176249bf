"""What settlement refuses."""

from __future__ import annotations

from lintuan.kernel.errors import Conflict, Forbidden, Invalid, Refusal


class AppendOnly(Conflict):
    """The books are only ever added to; correct by a reversal."""

    zh = "账簿只能追加，更正请用冲销凭证。"


class ReversedAlready(Conflict):
    """This journal has been reversed already."""

    zh = "该凭证已被冲销。"


class FormNotOffered(Invalid):
    """{table} is not written as {form}."""

    zh = "{table} 不能导出为 {form}。"


class BooksBehind(Conflict):
    """The books still wait for an older transaction; try again shortly."""

    zh = "账簿仍在等待更早的事务，请稍后重试。"


class NotYours(Conflict):
    """Somebody else has taken this case, or nobody has yet: take it first."""

    zh = "该差异由他人处理或尚未领取，请先领取。"


class CannotAsk(Conflict):
    """There is no number in this case that the payment service could be asked about."""

    zh = "该差异没有可向支付机构查询的单号。"


class TooLittle(Refusal):
    """At least {least} yuan can be withdrawn at a time."""

    zh = "每次至少提现 {least} 元。"
    status = 422


class NotCovered(Conflict):
    """No more than {free} yuan can be withdrawn at present."""

    zh = "目前最多可提现 {free} 元。"


class NameNeeded(Refusal):
    """From {least} yuan on the bank-verified name of the WeChat account is needed."""

    zh = "提现 {least} 元及以上须填写微信实名姓名。"
    status = 422


class WithdrawalOpen(Conflict):
    """An earlier withdrawal is still under way."""

    zh = "上一笔提现尚未完成。"


class WithdrawnToday(Conflict):
    """No more withdrawals can be asked for today."""

    zh = "今日提现次数已用完。"


class WithdrawalsFrozen(Forbidden):
    """Withdrawals are suspended while a matter is looked into; please contact us."""

    zh = "提现已暂停，正在核查，请联系客服。"


class FourEyes(Forbidden):
    """Whoever prepared a run cannot approve it."""

    zh = "制单人不能审批自己的付款批次。"


class RunOpen(Conflict):
    """Another run of this kind is still open."""

    zh = "同类付款批次尚未完成。"


class RunStale(Conflict):
    """This run was prepared in an earlier month, whose tax it reckons with; prepare it anew."""

    zh = "该批次是上月编制的，个税按上月计算，请重新编制。"


class WithdrawalStale(Conflict):
    """This withdrawal failed in an earlier month, whose tax it reckons with; give it up to be asked for anew."""

    zh = "该提现在以前月份付款失败，个税按当月计算，请放弃后由团长重新申请。"


class NothingToPay(Conflict):
    """Nobody would get anything."""

    zh = "没有可付款的对象。"


class InvoiceAskedFor(Conflict):
    """An invoice of this order has been asked for already."""

    zh = "该订单已申请发票。"


class NothingToInvoice(Conflict):
    """Nothing that was paid of this order is left to be invoiced."""

    zh = "该订单没有可开票金额。"


class InvoiceTooEarly(Conflict):
    """Claims for this order can still come until {until}; invoices are issued after that."""

    zh = "该订单在 {until} 前仍可申请售后，之后方可开票。"


class TaxUnknown(Conflict):
    """The tax on these goods is not known: {goods}. Say it with `lintuan goods-tax`."""

    zh = "以下商品的税率未知：{goods}。请用 lintuan goods-tax 补充。"


class TitleRefused(Invalid):
    """An invoice cannot be made out to this title."""

    zh = "发票抬头不正确。"


class TaxpayerNumberRefused(Invalid):
    """This is no taxpayer's number: 18 signs with the right check sign, or 15 or 20 of the older forms."""

    zh = "纳税人识别号不正确：应为 18 位统一社会信用代码（含校验位），或旧版 15、20 位。"


class EmailRefused(Invalid):
    """This is no e-mail address."""

    zh = "邮箱地址不正确。"


class PaperRefused(Invalid):
    """An invoice needs its number (8 or 20 digits; code 10 or 12), and a PDF or OFD up to 2 MiB, or an https link."""

    zh = "请填写发票号码（8 或 20 位，代码 10 或 12 位），并上传 2 MiB 以内的 PDF 或 OFD，或填写 https 链接。"


class NumberUsed(Conflict):
    """Another invoice has this number."""

    zh = "该发票号码已被使用。"


class GoodsTaxRefused(Invalid):
    """Line {line} of goods' taxes is not as it should be: {reason}."""

    zh = "商品税目第 {line} 行有误：{reason}。"


class TooSoon(Refusal):
    """This can begin on {earliest} at the earliest: what sale days that have begun earn does not change."""

    zh = "最早从 {earliest} 起：已经开售的日子，费率不再改变。"
    status = 422


class RateTwice(Conflict):
    """A rate for the same level, goods and area holds on these days already, from {from_on} until {until_on}."""

    zh = "同一等级、商品和地区在这些日子已有费率（{from_on} 至 {until_on}）。"


class RateRefused(Refusal):
    """This rate cannot be kept: {reason}."""

    zh = "费率不符合要求：{reason}"
    status = 422


class RateEnded(Conflict):
    """This rate ended on {until_on} already."""

    zh = "该费率已于 {until_on} 结束。"


class LevelsRefused(Refusal):
    """Thresholds rise, are more than nothing, and are at most eight."""

    zh = "等级门槛须为正数、逐级升高，最多八个。"
    status = 422


class ContractRefused(Refusal):
    """This contract cannot be kept: {reason}."""

    zh = "合同不符合要求：{reason}"
    status = 422


class ContractSigned(Conflict):
    """This contract was signed already."""

    zh = "该合同已签。"


class OwnDraft(Refusal):
    """Who drafted a contract does not sign it: ask a colleague."""

    zh = "起草人不能签自己的合同，请同事来签。"
    status = 403


class ContractClash(Conflict):
    """{partner} has some of these points on some of these days already, from {from_on} until {until_on}."""

    zh = "部分自提点在部分日子已归 {partner}（{from_on} 至 {until_on}）。"


class ContractEnded(Conflict):
    """This contract ends on {until_on} already."""

    zh = "该合同已定于 {until_on} 结束。"


class SharesAboveMargin(Refusal):
    """A unit of {sku} at {price} leaves {margin} from {on} on, but {shares} would be shared out (area {area}, level \
{level}): commission {commission}, plays {plays}, partner {partner}, profit {profit}."""

    zh = (
        "{sku} 自 {on} 起：单价 {price}，毛利 {margin}，各方分成合计 {shares}：佣金 {commission}（{level} 级团长，"
        "地区 {area}）、玩法 {plays}、流量伙伴 {partner}、利润底线 {profit}。"
    )
    status = 422
