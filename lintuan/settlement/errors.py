"""What settlement refuses."""

from __future__ import annotations

from lintuan.kernel.errors import Conflict, Forbidden, Refusal


class AppendOnly(Conflict):
    """The books are only ever added to; correct by a reversal."""

    zh = "账簿只能追加，更正请用冲销凭证。"


class ReversedAlready(Conflict):
    """This journal has been reversed already."""

    zh = "该凭证已被冲销。"


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
