"""Merchant transfers: the platform's side, and the payee's thumb."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import secrets
import time
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA1
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from lintuan.standins.web import read_body
from lintuan.standins.wechatpay import wire
from lintuan.standins.wechatpay.calls import Answer, Call
from lintuan.standins.wechatpay.letters import beijing_now
from lintuan.standins.wechatpay.platform import Platform
from lintuan.standins.wechatpay.refusals import Refused, bad_parameter

BILLS = "/v3/fund-app/mch-transfer/transfer-bills"
BY_OUR_NO = f"{BILLS}/out-bill-no/{{out_bill_no}}"
NAME_FROM_FEN = 200_000
LEAST_FEN = 10
#: What must be told with a transfer of each scene, in this order.
SCENES = {"1000": ("活动名称", "奖励说明"), "1005": ("岗位类型", "报酬说明"), "1011": ("赔付原因",)}
#: Documented refusals of this interface (pay.weixin.qq.com, merchant transfer, error codes).
REFUSALS = {
    "NOT_FOUND": (404, "记录不存在"),
    "NOT_ENOUGH": (403, "资金不足"),
    "INVALID_REQUEST": (400, "请求参数符合参数格式，但不符合业务规则"),
    "ALREADY_EXISTS": (400, "商户单号已存在，但参数与原请求不一致"),
    "NO_AUTH": (403, "没有接口权限"),
    "FREQUENCY_LIMITED": (429, "频率超限"),
    "SYSTEM_ERROR": (500, "系统错误"),
}
#: Documented reasons of a transfer that failed.
FAIL_REASONS = frozenset(
    {
        "ACCOUNT_FROZEN",
        "REAL_NAME_CHECK_FAIL",
        "NAME_NOT_CORRECT",
        "OPENID_INVALID",
        "TRANSFER_QUOTA_EXCEED",
        "DAY_RECEIVED_QUOTA_EXCEED",
        "PAYEE_ACCOUNT_ABNORMAL",
        "PAYER_ACCOUNT_ABNORMAL",
        "TRANSFER_RISK",
        "OVERDUE_CLOSE",
    }
)
ENDED = frozenset({"SUCCESS", "FAIL", "CANCELLED"})
_OAEP = OAEP(mgf=MGF1(algorithm=SHA1()), algorithm=SHA1(), label=None)  # noqa: S303


class Report(Struct):
    info_type: str
    info_content: Annotated[str, Meta(min_length=1, max_length=32)]


class Transferring(Struct):
    appid: str
    out_bill_no: Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{1,32}$")]
    transfer_scene_id: Literal["1000", "1005", "1011"]
    openid: Annotated[str, Meta(min_length=1, max_length=64)]
    transfer_amount: Annotated[int, Meta(ge=LEAST_FEN)]
    transfer_remark: Annotated[str, Meta(min_length=1, max_length=32)]
    transfer_scene_report_infos: Annotated[list[Report], Meta(max_length=10)]
    user_name: str | None = None
    notify_url: wire.NotifyUrl | None = None
    user_recv_perception: str | None = None


class Bill(Struct):
    """A transfer as the platform keeps it; ``name`` is opened, ``content`` tells a repeat from another request."""

    out_bill_no: str
    transfer_bill_no: str
    content: str
    openid: str
    name: str
    amount: int
    remark: str
    scene: str
    notify_url: str | None
    package: str
    state: str
    created_at: str
    confirm_until: float
    updated_at: str
    fail_reason: str = ""


class Till(Struct):
    """What our account at the platform holds, in fen."""

    fen: int


def send(platform: Platform, call: Call) -> Answer:
    asked = wire.read(call.body, Transferring)
    if asked.appid != platform.keys.app_id:
        raise bad_parameter("appid")
    _check_reports(asked)
    name = _name(platform, asked)
    content = _content(asked, name)
    known = platform.papers.find(Bill, asked.out_bill_no)
    if known is None:
        known = _accept(platform, asked, name, content)
    if known.content != content:
        raise refused("ALREADY_EXISTS")
    return Answer(200, _brief(known))


def show(platform: Platform, call: Call) -> Answer:
    return Answer(200, _shown(platform, _bill(platform, call.path["out_bill_no"])))


def show_by_their_no(platform: Platform, call: Call) -> Answer:
    wanted = call.path["transfer_bill_no"]
    for bill in platform.papers.all(Bill):
        if bill.transfer_bill_no == wanted:
            return Answer(200, _shown(platform, bill))
    raise refused("NOT_FOUND")


def cancel(platform: Platform, call: Call) -> Answer:
    bill = _bill(platform, call.path["out_bill_no"])
    if bill.state == "WAIT_USER_CONFIRM":
        _end(platform, bill, "CANCELLED")
    elif bill.state != "CANCELLED":
        raise refused("INVALID_REQUEST")
    told = {"out_bill_no": bill.out_bill_no, "transfer_bill_no": bill.transfer_bill_no}
    return Answer(200, told | {"state": "CANCELING", "update_time": beijing_now()})


async def press_confirm(platform: Platform, request: Request) -> Response:
    """The payee's phone: ``wx.requestMerchantTransfer`` with its three fields, and `fail` to play another outcome."""
    try:
        fields = msgspec.json.decode(await read_body(request), type=dict[str, str])
        _confirm(platform, fields)
    except msgspec.DecodeError as problem:
        return _json(400, {"code": "PARAM_ERROR", "message": str(problem)})
    except Refused as refusal:
        return _json(refusal.status, {"code": refusal.code, "message": refusal.message})
    return _json(200, {"err_msg": "requestMerchantTransfer:ok"})


async def fill_till(platform: Platform, request: Request) -> Response:
    """Say how many fen our account holds; without this it is never empty."""
    platform.papers.keep("till", msgspec.json.decode(await read_body(request), type=Till))
    return _json(200, {})


def watch(platform: Platform) -> None:
    """Close what nobody confirms in time, also what waited when the platform was started."""
    for bill in platform.papers.all(Bill):
        if bill.state == "WAIT_USER_CONFIRM":
            _close_later(platform, bill)


def refused(code: str) -> Refused:
    status, message = REFUSALS[code]
    return Refused(status, code, message)


def _confirm(platform: Platform, fields: dict[str, str]) -> None:
    if (fields.get("mchId"), fields.get("appId")) != (platform.keys.merchant_id, platform.keys.app_id):
        raise bad_parameter("mchId, appId")
    waiting = [one for one in platform.papers.all(Bill) if one.package == fields.get("package")]
    if not waiting or waiting[0].state != "WAIT_USER_CONFIRM":
        raise bad_parameter("package")
    reason = fields.get("fail", "")
    if reason and reason not in FAIL_REASONS:
        raise bad_parameter("fail")
    _end(platform, waiting[0], "FAIL" if reason else "SUCCESS", reason)


def _accept(platform: Platform, asked: Transferring, name: str, content: str) -> Bill:
    till = platform.papers.find(Till, "till")
    if till is not None:
        if till.fen < asked.transfer_amount:
            raise refused("NOT_ENOUGH")
        platform.papers.keep("till", Till(till.fen - asked.transfer_amount))
    bill = Bill(
        out_bill_no=asked.out_bill_no,
        transfer_bill_no=f"13{time.time_ns():020d}{secrets.randbelow(10**16):016d}",
        content=content,
        openid=asked.openid,
        name=name,
        amount=asked.transfer_amount,
        remark=asked.transfer_remark,
        scene=asked.transfer_scene_id,
        notify_url=asked.notify_url,
        package=secrets.token_urlsafe(48),
        state="WAIT_USER_CONFIRM",
        created_at=beijing_now(),
        confirm_until=time.time() + platform.settings.confirm_within,
        updated_at=beijing_now(),
    )
    platform.papers.keep(bill.out_bill_no, bill)
    _close_later(platform, bill)
    return bill


def _close_later(platform: Platform, bill: Bill) -> None:
    left = max(bill.confirm_until - time.time(), 0)
    asyncio.get_running_loop().call_later(left, _close_unconfirmed, platform, bill.out_bill_no)


def _close_unconfirmed(platform: Platform, number: str) -> None:
    bill = platform.papers.find(Bill, number)
    if bill is not None and bill.state == "WAIT_USER_CONFIRM":
        _end(platform, bill, "FAIL", "OVERDUE_CLOSE")


def _end(platform: Platform, bill: Bill, state: str, reason: str = "") -> None:
    bill.state, bill.fail_reason, bill.updated_at = state, reason, beijing_now()
    platform.papers.keep(bill.out_bill_no, bill)
    till = platform.papers.find(Till, "till")
    if till is not None and state != "SUCCESS":
        platform.papers.keep("till", Till(till.fen + bill.amount))
    if bill.notify_url:
        told = {name: value for name, value in _shown(platform, bill).items() if name in _NOTICED}
        platform.courier.announce("MCHTRANSFER.BILL.FINISHED", kind="mch_payment", url=bill.notify_url, content=told)


_NOTICED = frozenset(
    {
        "mch_id",
        "out_bill_no",
        "transfer_bill_no",
        "state",
        "transfer_amount",
        "fail_reason",
        "openid",
        "create_time",
        "update_time",
    }
)


def _check_reports(asked: Transferring) -> None:
    told = tuple(report.info_type for report in asked.transfer_scene_report_infos)
    if told != SCENES[asked.transfer_scene_id]:
        raise Refused(400, "PARAM_ERROR", "未传入完整且对应的转账场景报备信息")


def _name(platform: Platform, asked: Transferring) -> str:
    if asked.user_name is None:
        if asked.transfer_amount >= NAME_FROM_FEN:
            raise bad_parameter("user_name")
        return ""
    return opened(platform, asked.user_name)


def opened(platform: Platform, sealed: str) -> str:
    """A name that was sealed for the platform."""
    try:
        return platform.keys.platform_private.decrypt(base64.b64decode(sealed, validate=True), _OAEP).decode()
    except (binascii.Error, ValueError):
        raise bad_parameter("敏感信息解密失败") from None


def _content(asked: Transferring, name: str) -> str:
    # The seal differs each time, the name does not.
    plain = msgspec.structs.replace(asked, user_name=name)
    return hashlib.sha256(msgspec.json.encode(plain)).hexdigest()


def _bill(platform: Platform, number: str) -> Bill:
    bill = platform.papers.find(Bill, number)
    if bill is None:
        raise refused("NOT_FOUND")
    return bill


def _brief(bill: Bill) -> dict[str, object]:
    told: dict[str, object] = {
        "out_bill_no": bill.out_bill_no,
        "transfer_bill_no": bill.transfer_bill_no,
        "create_time": bill.created_at,
        "state": bill.state,
    }
    if bill.state == "WAIT_USER_CONFIRM":
        told["package_info"] = bill.package
    return told | ({"fail_reason": bill.fail_reason} if bill.fail_reason else {})


def _shown(platform: Platform, bill: Bill) -> dict[str, object]:
    return _brief(bill) | {
        "mch_id": platform.keys.merchant_id,
        "appid": platform.keys.app_id,
        "transfer_amount": bill.amount,
        "transfer_remark": bill.remark,
        "openid": bill.openid,
        "update_time": bill.updated_at,
    }


def _json(status: int, content: object) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


SIGNED = (
    ("POST", BILLS, send),
    ("GET", BY_OUR_NO, show),
    ("GET", f"{BILLS}/transfer-bill-no/{{transfer_bill_no}}", show_by_their_no),
    ("POST", f"{BY_OUR_NO}/cancel", cancel),
)
UNSIGNED = (("POST", "/phone/confirm-transfer", press_confirm), ("POST", "/till", fill_till))
