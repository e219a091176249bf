"""Why a payment, a refund or a callback is refused."""

from __future__ import annotations

from lintuan.kernel.errors import Conflict, NotFound, Refusal, SignInNeeded, Unavailable


class NotPayable(Conflict):
    """This cannot be paid any more."""

    zh = "该款项已不能支付。"


class AlreadyPaid(Conflict):
    """This has been paid."""

    zh = "该款项已支付。"


class ChargeExists(Conflict):
    """This is being paid already."""

    zh = "该款项已有支付单。"


class NothingPaid(Conflict):
    """Nothing was paid, so nothing can go back."""

    zh = "尚未支付，无法退款。"


class RefundTooLarge(Conflict):
    """At most {left_fen} fen can still go back."""

    zh = "最多还可退 {left_fen} 分。"


class TooManyRefunds(Conflict):
    """A payment can be paid back in at most {most} parts."""

    zh = "一笔支付最多分 {most} 次退款。"


class GatewaySaysNo(Conflict):
    """The payment service declines: {reason}."""

    zh = "支付服务未受理：{reason}"


class GatewaySilent(Unavailable):
    """The payment service does not answer just now; please try again shortly."""

    zh = "支付服务暂时没有响应，请稍后重试。"


class GatewayNotSetUp(Unavailable):
    """No payment service is set up here."""

    zh = "尚未配置支付服务。"


class ForgedNotice(SignInNeeded):
    """The payment service did not sign this."""

    zh = "回调签名无效。"


class UnknownSigner(ForgedNotice):
    """Key {serial} is not in our ring."""

    zh = "未知的回调密钥：{serial}"


class StaleNotice(ForgedNotice):
    """This was signed too long ago, or in the future."""

    zh = "回调时间戳已过期。"


class UnknownNumber(NotFound):
    """We have no payment, refund or payout with the number {number}."""

    zh = "没有对应的支付单、退款单或打款单：{number}"


class PayoutExists(Conflict):
    """This is being paid out already, was paid out, or failed and may be tried again."""

    zh = "该款项已有打款单；失败的请重试原单。"


class RefundUnderWay(Conflict):
    """The payment service still works on this refund, or has just paid it back."""

    zh = "支付机构仍在处理或刚刚完成该退款。"


class NothingToConfirm(Conflict):
    """This payout does not wait for its payee."""

    zh = "该打款单无需确认收款。"


class WrongAmount(Refusal):
    """The notice tells of {told_fen} fen where {expected_fen} fen is right."""

    zh = "回调金额 {told_fen} 分与应为金额 {expected_fen} 分不符。"


class NoBill(NotFound):
    """There is no bill for {day}: nothing happened on that day."""

    zh = "{day} 没有账单：当日无交易。"


class BillNotReady(Unavailable):
    """The bill for {day} is not written yet; ask again after ten o'clock of the next morning."""

    zh = "{day} 的账单尚未生成，请次日 10 点后再取。"


class BrokenBill(Refusal):
    """The bill is not what the payment service signed, or not as documented: {reason}."""

    zh = "账单与签名摘要或文档不符：{reason}"
