class Refused(Exception):
    """An answer with one of the platform's own error codes."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


def bad_signature(issue: str) -> Refused:
    return Refused(401, "SIGN_ERROR", f"错误的签名，验签失败: {issue}")


def bad_parameter(issue: str) -> Refused:
    return Refused(400, "PARAM_ERROR", f"参数错误: {issue}")


def wrong_merchant() -> Refused:
    return Refused(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")


def number_used() -> Refused:
    return Refused(403, "OUT_TRADE_NO_USED", "商户订单号重复")


def already_paid() -> Refused:
    return Refused(400, "ORDERPAID", "该订单已支付")


def order_closed() -> Refused:
    return Refused(400, "ORDER_CLOSED", "该订单已关闭")


def no_such_order() -> Refused:
    return Refused(404, "ORDER_NOT_EXIST", "订单不存在")


def nothing_to_refund() -> Refused:
    return Refused(404, "RESOURCE_NOT_EXISTS", "订单不存在")


def no_such_refund() -> Refused:
    return Refused(404, "RESOURCE_NOT_EXISTS", "退款单不存在")


def other_refund_content() -> Refused:
    return Refused(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试")


def more_than_paid() -> Refused:
    return Refused(400, "INVALID_REQUEST", "申请退款金额大于订单可退金额")


def too_many_refunds() -> Refused:
    return Refused(400, "INVALID_REQUEST", "订单部分退款次数超过50次")


def no_bill() -> Refused:
    return Refused(400, "NO_STATEMENT_EXIST", "账单文件不存在")


def bill_in_the_making() -> Refused:
    return Refused(400, "STATEMENT_CREATING", "账单生成中")


def bill_day_out_of_range() -> Refused:
    return Refused(400, "INVALID_REQUEST", "bill_date须为三个月内且早于今天的日期")


def bill_address_expired() -> Refused:
    return Refused(400, "INVALID_REQUEST", "账单下载地址已失效，请重新申请账单")
