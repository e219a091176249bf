"""Every error that the platform documents for the calls of paying, so that each can be switched on.

Sources, all pay.weixin.qq.com/doc/v3/merchant/...: orders 4012525153 and 4012525182, query 4013070356, close 4012556398
(the longest of the lists, and it stands for all three), refunds 4012556457, bills 4013071227 and 4013071235, the file
4013071238. ORDERPAID is answered though no list has it.
"""

from typing import NamedTuple

from lintuan.standins.wechatpay.refusals import Refused


class Documented(NamedTuple):
    status: int
    code: str
    when: str


ANY = (
    Documented(400, "PARAM_ERROR", "参数错误"),
    Documented(400, "INVALID_REQUEST", "请求不符合接口规则或业务规则"),
    Documented(401, "SIGN_ERROR", "验签不通过"),
    Documented(429, "FREQUENCY_LIMITED", "频率超限"),
    Documented(500, "SYSTEM_ERROR", "系统异常，请用相同参数重新调用"),
)
TRANSACTIONS = (
    *ANY,
    Documented(202, "USER_PAYING", "用户支付中，需要输入密码"),
    Documented(400, "APPID_MCHID_NOT_MATCH", "appid和mchid不匹配"),
    Documented(400, "MCH_NOT_EXISTS", "商户号不存在"),
    Documented(400, "ORDER_CLOSED", "订单已关闭"),
    Documented(400, "ORDERPAID", "该订单已支付"),
    Documented(403, "ACCOUNT_ERROR", "用户账号异常"),
    Documented(403, "NO_AUTH", "商户无权限"),
    Documented(403, "NOT_ENOUGH", "用户账号余额不足"),
    Documented(403, "OUT_TRADE_NO_USED", "商户订单号重复"),
    Documented(403, "RULE_LIMIT", "因业务规则限制请求频率"),
    Documented(403, "TRADE_ERROR", "因业务原因交易失败"),
    Documented(404, "ORDER_NOT_EXIST", "订单不存在"),
    Documented(500, "BANK_ERROR", "银行系统异常，请用相同参数重新调用"),
    Documented(500, "INVALID_TRANSACTIONID", "订单号非法"),
    Documented(500, "OPENID_MISMATCH", "openid和appid不匹配"),
)
REFUNDS = (
    *ANY,
    Documented(403, "NO_AUTH", "没有退款权限"),
    Documented(403, "NOT_ENOUGH", "商户可用退款余额不足"),
    Documented(403, "USER_ACCOUNT_ABNORMAL", "用户账户异常，退款申请失败"),
    Documented(404, "MCH_NOT_EXISTS", "商户号不存在"),
    Documented(404, "RESOURCE_NOT_EXISTS", "订单或退款单不存在"),
)
BILLS = (
    *ANY,
    Documented(400, "NO_STATEMENT_EXIST", "账单文件不存在"),
    Documented(400, "STATEMENT_CREATING", "账单生成中"),
    Documented(403, "NO_AUTH", "权限异常"),
)
ERRORS = {
    "prepay": TRANSACTIONS,
    "query": TRANSACTIONS,
    "close": TRANSACTIONS,
    "refund": REFUNDS,
    "query_refund": REFUNDS,
    "bill": BILLS,
}


def documented(call: str, code: str) -> Refused:
    """An error as the documents have it for a call; one they do not have is a system error."""
    known = {error.code: error for error in ERRORS.get(call, ANY)}
    status, code, when = known.get(code) or known["SYSTEM_ERROR"]
    return Refused(status, code, when)
