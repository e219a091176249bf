class Refused(Exception):
    """An answer with one of the platform's own error codes."""

    def __init__(self, code: str, sub_code: str, sub_msg: str, *, is_signed: bool = True) -> None:
        super().__init__(sub_code)
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg
        self.is_signed = is_signed

    def content(self) -> dict[str, object]:
        return {"code": self.code, "msg": MESSAGES[self.code], "sub_code": self.sub_code, "sub_msg": self.sub_msg}


MESSAGES = {
    "20000": "Service Currently Unavailable",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
    "40005": "Call Limited",
    "40006": "Insufficient Permissions",
}


def unknown_app() -> Refused:
    """Unsigned: the platform knows no key for whom it does not know."""
    return Refused("40002", "isv.invalid-app-id", "无效的AppID参数", is_signed=False)


def bad_signature() -> Refused:
    return Refused("40002", "isv.invalid-signature", "无效签名")


def missing(name: str) -> Refused:
    return Refused("40001", f"isv.missing-{name.replace('_', '-')}", f"缺少{name}参数")


def bad_common(name: str) -> Refused:
    return Refused("40002", f"isv.invalid-{name.replace('_', '-')}", f"无效的{name}参数")


def no_such_method() -> Refused:
    return Refused("40002", "isv.invalid-method", "不存在的方法名")


def too_often() -> Refused:
    return Refused("40005", "isv.app-call-limited", "应用调用次数超限，包含调用频率超限")


def unavailable() -> Refused:
    return Refused("20000", "isp.unknow-error", "服务暂不可用（业务系统不可用）")


def system_error() -> Refused:
    return Refused("40004", "ACQ.SYSTEM_ERROR", "系统异常")


def bad_parameter(issue: str) -> Refused:
    return Refused("40004", "ACQ.INVALID_PARAMETER", f"参数无效: {issue}")


def no_such_trade() -> Refused:
    return Refused("40004", "ACQ.TRADE_NOT_EXIST", "交易不存在")


def already_paid() -> Refused:
    return Refused("40004", "ACQ.TRADE_HAS_SUCCESS", "交易已被支付")


def already_closed() -> Refused:
    return Refused("40004", "ACQ.TRADE_HAS_CLOSE", "交易已经关闭")


def other_content() -> Refused:
    return Refused("40004", "ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")


def other_buyer() -> Refused:
    return Refused("40004", "ACQ.TRADE_BUYER_NOT_MATCH", "交易买家不匹配")


def not_waiting() -> Refused:
    return Refused("40004", "ACQ.TRADE_STATUS_ERROR", "交易状态不合法")


def nothing_paid() -> Refused:
    return Refused("40004", "ACQ.TRADE_STATUS_ERROR", "交易状态非法")


def more_than_paid() -> Refused:
    return Refused("40004", "ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")


def no_refund_number() -> Refused:
    return Refused("40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "撤销或退款金额与订单金额不一致")


def not_enough() -> Refused:
    return Refused("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")


def other_refund() -> Refused:
    return Refused("40004", "ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求")


def no_bill() -> Refused:
    return Refused("40004", "BILL_NOT_EXIST", "账单不存在")


def unbound_receiver() -> Refused:
    return Refused("40004", "ACQ.ROYALTY_RECEIVER_INVALID", "收入方不在分账关系内")


def more_than_may_be_shared() -> Refused:
    return Refused("40004", "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", "分账金额超过最大可分账金额")
