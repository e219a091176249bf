import time
from datetime import datetime, timedelta, timezone

import msgspec

from lintuan.standins.wechatpay.faults import Mode
from lintuan.standins.wechatpay.keys import Keys
from lintuan.standins.wechatpay.signing import sealed, signed_headers
from lintuan.standins.wechatpay.store import Notice

BEIJING = timezone(timedelta(hours=8))
STALE_BY = 3600
#: How the platform marks signatures that are wrong on purpose, to see whether merchants check them.
PROBE = "WECHATPAY/SIGNTEST/"
SUMMARIES = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "MCHTRANSFER.BILL.FINISHED": "商家转账单据终态通知",
}


def beijing_now() -> str:
    return datetime.now(BEIJING).isoformat(timespec="seconds")


def letter(keys: Keys, notice: Notice, mode: Mode) -> tuple[dict[str, str], bytes]:
    """Headers and body of one callback, sealed and signed anew, with the fault worked in."""
    content = _with_wrong_amount(notice.content) if mode is Mode.WRONG_AMOUNT else notice.content
    body = msgspec.json.encode(
        {
            "id": notice.id,
            "create_time": beijing_now(),
            "resource_type": "encrypt-resource",
            "event_type": notice.event_type,
            "summary": SUMMARIES[notice.event_type],
            "resource": sealed(keys, content, kind=notice.kind),
        }
    )
    signed = b"other bytes" if mode is Mode.BAD_SIGNATURE else body
    timestamp = int(time.time()) - (STALE_BY if mode is Mode.STALE_TIMESTAMP else 0)
    serial = keys.certificate_serial if mode is Mode.BY_CERTIFICATE else ""
    headers = signed_headers(keys, signed, timestamp=timestamp, serial=serial)
    if mode is Mode.PROBE:
        headers["Wechatpay-Signature"] = PROBE + headers["Wechatpay-Signature"]
    return {"Content-Type": "application/json", "Accept": "*/*", **headers}, body


def _with_wrong_amount(content: bytes) -> bytes:
    told = msgspec.json.decode(content)
    if "transfer_amount" in told:
        told["transfer_amount"] += 1
    else:
        told["amount"] = {name: fen + 1 if isinstance(fen, int) else fen for name, fen in told["amount"].items()}
    return msgspec.json.encode(told)
