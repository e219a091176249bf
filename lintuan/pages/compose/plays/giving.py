"""What a play gives, how likely it is and who pays for it, in words."""

from __future__ import annotations

from lintuan.catalog import queries as catalog
from lintuan.pages.compose import words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.tree import plays as kinds
from lintuan.plays import queries
from lintuan.plays.engine.progress import Draw, Prize
from lintuan.plays.engine.rewards import (
    Cash,
    Chance,
    Coupon,
    Goods,
    Honour,
    Perk,
    Points,
    Pot,
    Price,
    Privilege,
    Rebate,
    Reward,
    Uplift,
)
from lintuan.plays.types import CampaignView, GrantView, RunView

SHORTEST = 5
WHOLE = 10_000
_PAYERS = {
    "platform": ("平台", "the platform"),
    "leader": ("团长", "the leader"),
    "supplier": ("供应商", "the supplier"),
}


def gift(asking: Asking, campaign: CampaignView, reward: Reward) -> str:
    """What a reward is."""
    t = asking.t
    match reward:
        case Coupon(off_fen=off, over_fen=over):
            terms = t(f"（满 {yuan(over)} 元）", f" (from {yuan(over)} yuan)") if over else ""
            text = t(f"{yuan(off)} 元券{terms}", f"{yuan(off)} yuan coupon{terms}")
        case Price(price_bps=bps, most_fen=most):
            text = t(f"{fold(bps)} 折，最多减 {yuan(most)} 元", f"{percent(10_000 - bps)} off, up to {yuan(most)} yuan")
        case Rebate(share_bps=bps, most_fen=most):
            text = t(f"返还 {percent(bps)}，最多 {yuan(most)} 元", f"{percent(bps)} back, up to {yuan(most)} yuan")
        case Cash(fen=fen):
            text = t(f"{yuan(fen)} 元余额", f"{yuan(fen)} yuan of credit")
        case Points(points=points):
            text = t(f"{points} 积分", f"{points} points")
        case Uplift(bps=bps, most_fen=most):
            text = t(
                f"佣金加 {percent(bps)}，最多 {yuan(most)} 元",
                f"{percent(bps)} more commission, up to {yuan(most)} yuan",
            )
        case Pot():
            text = t(
                f"分奖池，最多 {yuan(reward.most_fen)} 元", f"a share of the pot of up to {yuan(reward.most_fen)} yuan"
            )
        case Privilege(name=name) | Honour(name=name) | Perk(name=name):
            text = name.in_(asking.language)
        case Chance():
            text = _tickets(asking, campaign, reward)
        case Goods():
            text = _goods(asking, campaign, reward)
    return text


def _tickets(asking: Asking, campaign: CampaignView, reward: Chance) -> str:
    known = queries.catalogue(campaign.province_id).get(reward.play)
    name = known.name.in_(asking.language) if known else ""
    many = "" if reward.tickets == 1 else "s"
    return asking.t(f"{name}抽奖机会 {reward.tickets} 次", f"{reward.tickets} ticket{many}: {name}".rstrip(": "))


def _goods(asking: Asking, campaign: CampaignView, reward: Goods) -> str:
    sku_id = campaign.goods.get(reward.sku, 0)
    known = catalog.skus({sku_id}).get(sku_id) if sku_id else None
    if known is not None:
        return f"{known.name_in(asking.language)} × {reward.units}"
    progress = campaign.definition.progress
    if isinstance(progress, Draw):
        return progress.prizes[reward.level].name.in_(asking.language)
    worth = yuan(reward.worth_fen * reward.units)
    return asking.t(f"价值 {worth} 元的礼品", f"a gift worth {worth} yuan")


def gifts(asking: Asking, campaign: CampaignView, level: int) -> str:
    """All that a level gives."""
    found = [gift(asking, campaign, one) for one in campaign.definition.rewards if one.level == level]
    return words.listed(dict.fromkeys(found), asking.language)


def granted(asking: Asking, campaign: CampaignView, grant: GrantView) -> str:
    """What somebody was given; of a pot their share."""
    reward = campaign.definition.rewards[grant.reward]
    if isinstance(reward, Pot):
        return asking.t(f"{yuan(grant.worth.fen)} 元余额", f"{yuan(grant.worth.fen)} yuan of credit")
    return gift(asking, campaign, reward)


def short(asking: Asking, name: str, rewards: tuple[Reward, ...]) -> str:
    """Where there is room for a few signs; empty where the name is short itself."""
    if len(name) <= SHORTEST or not rewards:
        return ""
    t, compact = asking.t, name.replace(" ", "")
    if len(compact) <= SHORTEST:
        return compact
    match rewards[0]:
        case Coupon(off_fen=off):
            text = t(f"{yuan(off)} 元券", f"¥{yuan(off)}")
        case Cash(fen=fen):
            text = t(f"{yuan(fen)} 元", f"¥{yuan(fen)}")
        case Points(points=points):
            text = t(f"{points} 积分", f"{points} pts")
        case Chance(tickets=tickets):
            text = t(f"抽奖 {tickets} 次", "ticket")
        case Rebate(share_bps=bps):
            text = t("免单" if bps == WHOLE else f"返 {percent(bps)}", f"{percent(bps)} back")
        case Price(price_bps=bps):
            text = t(f"{fold(bps)} 折", f"-{percent(WHOLE - bps)}")
        case _:
            text = t("礼品", "gift")
    return text


def prizes(asking: Asking, campaign: CampaignView, run: RunView | None) -> list[kinds.PlayPrize]:
    """The prize table with its odds."""
    progress = campaign.definition.progress
    if not isinstance(progress, Draw):
        return []
    rewards = campaign.definition.rewards
    return [
        kinds.PlayPrize(
            name=one.name.in_(asking.language),
            short=short(asking, one.name.in_(asking.language), tuple(r for r in rewards if r.level == at)),
            odds=odds(asking, one),
            left=_left(asking, one, run.prizes_left[at] if run else None),
        )
        for at, one in enumerate(progress.prizes)
    ]


def odds(asking: Asking, prize: Prize) -> str:
    """0.5%, or 3 名."""
    if prize.winners is not None:
        return asking.t(f"{prize.winners} 名", f"{prize.winners} winner{'' if prize.winners == 1 else 's'}")
    return f"{(prize.odds_ppm or 0) / 10_000:.4f}".rstrip("0").rstrip(".") + "%"


def _left(asking: Asking, prize: Prize, left: int | None) -> str:
    if prize.stock is None or left is None:
        return ""
    return asking.t(f"还剩 {left} 份", f"{left} left")


def funding(asking: Asking, campaign: CampaignView) -> str:
    """Who pays which part."""
    parts = campaign.definition.funding
    if not parts:
        return asking.t("平台承担", "the platform") if campaign.definition.rewards else ""
    if len(parts) == 1:
        return asking.t(*_PAYERS[parts[0].payer])
    told = [f"{asking.t(*_PAYERS[one.payer])} {percent(one.share_bps)}" for one in parts]
    return words.listed(told, asking.language)


def yuan(fen: int) -> str:
    """5, 0.5, 3.99."""
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".")


def percent(bps: int) -> str:
    return f"{bps / 100:.2f}".rstrip("0").rstrip(".") + "%"


def fold(bps: int) -> str:
    """88 of 8800, 8.5 as 85: a price in tenths as it is spoken."""
    return f"{bps / 1000:.3f}".rstrip("0").rstrip(".")
