"""What a play gives, how likely it is and who pays for it, in words."""

from __future__ import annotations

from lintuan.pages.compose import words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.tree import plays as kinds
from lintuan.plays import queries
from lintuan.plays.engine import gifts as told
from lintuan.plays.engine.gifts import WHOLE, called, credit, fold, percent
from lintuan.plays.engine.progress import Draw, Prize
from lintuan.plays.engine.rewards import Cash, Chance, Coupon, Goods, Points, Pot, Price, Rebate, Reward
from lintuan.plays.engine.values import Text
from lintuan.plays.types import CampaignView, GrantView, RunView

SHORTEST = 5
_PAYERS = {
    "platform": ("平台", "the platform"),
    "leader": ("团长", "the leader"),
    "supplier": ("供应商", "the supplier"),
}


def gift(asking: Asking, campaign: CampaignView, reward: Reward) -> str:
    """What a reward is, by the names that its goods and plays have here."""
    known: dict[str, Text] = {}
    named = called(campaign.definition, queries.goods_of(campaign)) if isinstance(reward, Goods) else {}
    if isinstance(reward, Chance) and (fed := queries.catalogue(campaign.province_id).get(reward.play)):
        known[reward.play] = fed.name
    return told.gift(reward, named, plays=known).in_(asking.language)


def gifts(asking: Asking, campaign: CampaignView, level: int) -> str:
    """All that a level gives."""
    found = [gift(asking, campaign, one) for one in campaign.definition.rewards if one.level == level]
    return words.listed(dict.fromkeys(found), asking.language)


def granted(asking: Asking, campaign: CampaignView, grant: GrantView) -> str:
    """What somebody was given; of a pot their share."""
    reward = campaign.definition.rewards[grant.reward]
    if isinstance(reward, Pot):
        return credit(grant.worth.fen).in_(asking.language)
    return gift(asking, campaign, reward)


def short(asking: Asking, name: str, rewards: tuple[Reward, ...]) -> str:
    """Where there is room for a few signs; empty where the name is short itself."""
    if len(name) <= SHORTEST or not rewards:
        return ""
    t, compact = asking.t, name.replace(" ", "")
    if len(compact) <= SHORTEST:
        return compact
    match rewards[0]:
        case Coupon(off_fen=fen) | Cash(fen=fen):
            text = words.yuan(fen)
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
