"""WeChat Pay's merchant transfer: money to a person who confirms it on their phone (since 2025-01-15).

Source: pay.weixin.qq.com, merchant transfer with the payee's confirmation; states and reasons as documented there.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta, Struct

from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.faults import ForgedCallback
from lintuan.payments.gateways.sealing import seal

BILLS = "/v3/fund-app/mch-transfer/transfer-bills"
FINISHED = "MCHTRANSFER.BILL.FINISHED"

#: "Commission": to those who work for us, leaders among them. What must be told with it, in the platform's own words.
COMMISSION = "1005"
JOB, PAY = "岗位类型", "报酬说明"
#: "Compensation" (企业赔付): to whom we owe money without their working for us; the platform grants each scene apart.
COMPENSATION = "1011"
REASON = "赔付原因"
NAME_FROM_FEN = 200_000
LONGEST_REMARK = 32
#: Why a transfer failed that its payee did not confirm within 24 hours; the money is ours again.
UNCONFIRMED = "OVERDUE_CLOSE"


class TransferState(StrEnum):
    ACCEPTED = "ACCEPTED"
    PROCESSING = "PROCESSING"
    WAIT_USER_CONFIRM = "WAIT_USER_CONFIRM"
    TRANSFERRING = "TRANSFERING"
    SUCCEEDED = "SUCCESS"
    FAILED = "FAIL"
    CANCELLING = "CANCELING"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class TransferRequest:
    """Keep ``out_bill_no`` (letters and digits, 32 at most) on every retry; ``name`` is needed from 2000 yuan.

    Commission tells ``job`` and ``pay``, compensation its ``reason`` alone.
    """

    out_bill_no: str
    openid: str
    amount_fen: int
    remark: str
    job: str = ""
    pay: str = ""
    name: str = ""
    notify_url: str = ""
    reason: str = ""

    @property
    def scene(self) -> str:
        return COMPENSATION if self.reason else COMMISSION

    @property
    def reports(self) -> list[dict[str, str]]:
        """What the platform wants to be told in this scene, in its order."""
        told = {REASON: self.reason} if self.reason else {JOB: self.job, PAY: self.pay}
        return [{"info_type": kind, "info_content": words} for kind, words in told.items()]


@dataclass(frozen=True)
class Transfer:
    """What the gateway tells of a transfer; an answer to a request names no amount, a query and a callback do."""

    out_bill_no: str
    transfer_bill_no: str
    state: TransferState
    amount_fen: int | None = None
    fail_reason: str = ""
    package: str = ""

    @property
    def is_unconfirmed(self) -> bool:
        return self.state is TransferState.FAILED and self.fail_reason == UNCONFIRMED


class Transfers:
    """Transfers of one merchant; may be shared by threads."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._merchant = exchange.merchant

    def send(self, request: TransferRequest) -> Transfer:
        """Ask for a transfer; whatever comes but an answer, ask for its state before anything else."""
        check_request(request)
        asked: dict[str, object] = {
            "appid": self._merchant.app_id,
            "out_bill_no": request.out_bill_no,
            "transfer_scene_id": request.scene,
            "openid": request.openid,
            "transfer_amount": request.amount_fen,
            "transfer_remark": request.remark,
            "transfer_scene_report_infos": request.reports,
        }
        if request.amount_fen >= NAME_FROM_FEN:
            asked["user_name"] = seal(self._merchant, request.name)
        if request.notify_url:
            asked["notify_url"] = request.notify_url
        return self._exchange.ask("POST", BILLS, asked, read=_Told).transfer()

    def query(self, out_bill_no: str) -> Transfer:
        """By our number; known for 30 days."""
        path = f"{BILLS}/out-bill-no/{quote(out_bill_no, safe='')}"
        return self._exchange.ask("GET", path, read=_Told).transfer()

    def query_by_gateway_no(self, transfer_bill_no: str) -> Transfer:
        path = f"{BILLS}/transfer-bill-no/{quote(transfer_bill_no, safe='')}"
        return self._exchange.ask("GET", path, read=_Told).transfer()

    def cancel(self, out_bill_no: str) -> Transfer:
        """Take an unconfirmed transfer back; the answer says that it is being done, a query that it was."""
        path = f"{BILLS}/out-bill-no/{quote(out_bill_no, safe='')}/cancel"
        return self._exchange.ask("POST", path, read=_Told).transfer()

    def confirmation(self, package: str) -> dict[str, str]:
        """What a phone hands to ``wx.requestMerchantTransfer`` so that its owner confirms."""
        return {"mchId": self._merchant.merchant_id, "appId": self._merchant.app_id, "package": package}

    def read_notice(self, content: str) -> Transfer:
        """The opened resource of an authentic FINISHED callback."""
        try:
            told = msgspec.json.decode(content, type=_Noticed)
        except msgspec.DecodeError as problem:
            raise ForgedCallback(f"Signed, yet not as documented: {problem}") from None
        if self._merchant.merchant_id not in (told.mch_id, told.mchid):
            raise ForgedCallback("The callback is for another merchant.")
        return told.transfer()


def check_request(request: TransferRequest) -> None:
    """Refuse, before anything is sent, what the gateway would."""
    if not (request.out_bill_no.isalnum() and request.out_bill_no.isascii() and len(request.out_bill_no) <= 32):
        raise ValueError("out_bill_no: 1-32 letters and digits")
    if request.amount_fen <= 0:
        raise ValueError("amount_fen: more than 0")
    if not 1 <= len(request.remark) <= LONGEST_REMARK:
        raise ValueError(f"remark: 1-{LONGEST_REMARK} characters")
    if not request.reason and not (request.job and request.pay):
        raise ValueError("job and pay, or reason: what the scene reports")
    if request.amount_fen >= NAME_FROM_FEN and not request.name:
        raise ValueError("name: needed from 2000 yuan")


class _Told(Struct):
    out_bill_no: str
    state: TransferState
    transfer_bill_no: str = ""
    transfer_amount: int | None = None
    fail_reason: str | None = None
    package_info: str | None = None
    create_time: Annotated[datetime, Meta(tz=True)] | None = None

    def transfer(self) -> Transfer:
        return Transfer(
            out_bill_no=self.out_bill_no,
            transfer_bill_no=self.transfer_bill_no,
            state=self.state,
            amount_fen=self.transfer_amount,
            fail_reason=self.fail_reason or "",
            package=self.package_info or "",
        )


class _Noticed(_Told):
    # The documents name it both ways.
    mch_id: str = ""
    mchid: str = ""
