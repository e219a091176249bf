"""What settlement refuses."""

from __future__ import annotations

from lintuan.kernel.errors import Conflict


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
