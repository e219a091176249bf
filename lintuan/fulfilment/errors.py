"""What fulfilment refuses."""

from __future__ import annotations

from lintuan.kernel.errors import Conflict, Invalid, NotFound, Refusal


class CentreMissing(Conflict):
    """This province has no centre or no grid warehouse, so its goods cannot be sorted."""

    zh = "本省尚未设置中心仓或网格仓，无法分拣。"


class SecondCentre(Conflict):
    """This province already has a centre, {code}."""

    zh = "本省已有中心仓 {code}。"


class SortingNotOpen(Conflict):
    """This task waits until the centre has finished sorting."""

    zh = "中心仓分拣尚未完成，该任务暂不能上报。"


class SortingClosed(Conflict):
    """Sorting is closed; task {task} takes no more reports."""

    zh = "分拣已结束，任务 {task} 不再接受上报。"


class SortedTooMuch(Conflict):
    """Task {task} wants {planned} units; {quantity} are too many."""

    zh = "任务 {task} 只需 {planned} 件，不能上报 {quantity} 件。"


class MoreThanSent(Conflict):
    """Of SKU {sku_code}, {sent} units were sent; {missing} cannot be short or damaged."""

    zh = "商品 {sku_code} 只发了 {sent} 件，不能报缺损 {missing} 件。"


class SignedAlready(Conflict):
    """This drop was signed for at {at}."""

    zh = "该到货已于 {at} 签收。"


class NotDelivered(Conflict):
    """These goods have not been delivered yet."""

    zh = "货物尚未送达，不能签收。"


class CodeUnknown(NotFound):
    """Nothing waits here under this code."""

    zh = "本点没有该取货码对应的待取货物。"


class CollectedAlready(Conflict):
    """These goods were handed out at {at}."""

    zh = "该取货码已于 {at} 核销。"


class CollectionOver(Conflict):
    """These goods were not collected in time and are no longer held."""

    zh = "超过保管期限，货物已不再保留。"


class NotCollected(Conflict):
    """A claim can be made once the order has been collected."""

    zh = "取货后才能申请售后。"


class ClaimTooLate(Conflict):
    """Claims for this order could be made until {until}."""

    zh = "该订单的售后申请截止于 {until}。"


class ClaimTooMuch(Conflict):
    """At most {most} units of this line can still be claimed."""

    zh = "该商品最多还可申请 {most} 件售后。"


class NothingToRefund(Conflict):
    """All that was paid for this line has been refunded."""

    zh = "该商品已全额退款。"


class ClaimOpenAlready(Conflict):
    """There already is an open claim for this line."""

    zh = "该商品已有处理中的售后申请。"


class ClaimDecided(Conflict):
    """This claim was decided at {at}."""

    zh = "该售后申请已于 {at} 处理。"


class AmountTooHigh(Conflict):
    """At most {most} yuan can be granted for this claim."""

    zh = "该售后申请最多可退 {most} 元。"


class ReasonMissing(Invalid):
    """To decline a claim, give a reason."""

    zh = "驳回售后申请须填写理由。"


class PhotoTooLarge(Refusal):
    """A photo may have at most {most} MB."""

    zh = "照片最大 {most} MB。"
    status = 413


class PhotoUnreadable(Invalid):
    """This file is no photo we can read; send a JPEG, PNG or WebP."""

    zh = "无法识别的照片，请使用 JPEG、PNG 或 WebP。"


class PhotoTooWide(Invalid):
    """A photo may have at most {most} million pixels."""

    zh = "照片最多 {most} 百万像素。"


class TooManyPhotos(Invalid):
    """At most {most} photos belong to one thing."""

    zh = "每项最多 {most} 张照片。"


class PhotosWaiting(Conflict):
    """{most} of your photos were not used yet; finish what they are for first."""

    zh = "您有 {most} 张照片还没有用上，请先提交。"


class RouteLocked(Conflict):
    """Route {number} is locked or has left."""

    zh = "线路 {number} 已锁定或已出发。"


class MoveBreaks(Conflict):
    """This move cannot be kept: {reasons}."""

    zh = "不能这样调整：{reasons_zh}。"
