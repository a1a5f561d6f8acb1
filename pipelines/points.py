"""What the points file's words mean, the tiers, and the six months in which points count.

How points and tiers are summed up stands in the models.
"""

import datetime
from typing import Any

from pipelines.dataset import Dataset, Tiers
from pipelines.windows import ONE_DAY, add_months, end_month

TIER_MONTHS = 6
# Words of loyalty systems that mean the same everywhere; data sets add their own.
POINT_WORDS = {
    "earn": (
        *("earn", "earned", "accrual", "issue", "issued", "award", "reversal", "reversed"),
        *("获得", "获取", "赚取", "发放", "增加", "消费获得", "消费积分", "签到", "赠送"),
        *("退货扣减", "退款扣减", "退货扣回", "退款扣回", "冲正"),
    ),
    "redeem": (
        *("redeem", "redeemed", "redemption", "burn", "spend", "spent"),
        *("使用", "兑换", "消耗", "抵扣", "核销", "积分兑换", "积分抵扣"),
    ),
    "expire": ("expire", "expired", "expiry", "expiration", "过期", "失效", "到期", "清零"),
    "adjust": ("adjust", "adjusted", "adjustment", "correction", "调整", "人工调整", "手工调整"),
}


def list_kinds(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the rows of raw.point_kinds; what the data set says goes before what is common."""
    words = {word: kind for kind, texts in POINT_WORDS.items() for word in texts}
    words |= {
        word.strip().lower(): kind for kind, texts in dataset.point_kinds.items() for word in texts
    }
    return [{"word": word, "point_kind": kind} for word, kind in sorted(words.items())]


def list_tiers(tiers: Tiers) -> list[dict[str, Any]]:
    """Return the rows of raw.tiers, the lowest first."""
    return [
        {"tier": place, "from_points": level.points, "tier_zh": level.zh, "tier_en": level.en}
        for place, level in enumerate(tiers.levels, start=1)
    ]


def list_tier_words(tiers: Tiers) -> list[dict[str, Any]]:
    """Return the rows of raw.tier_words: names and words of each tier, in small letters."""
    words = {
        name.strip().lower(): place
        for place, level in enumerate(tiers.levels, start=1)
        for name in (level.zh, level.en, *level.words)
    }
    return [{"word": word, "tier": place} for word, place in sorted(words.items())]


def list_cycles(tiers: Tiers, as_of: datetime.date) -> list[dict[str, Any]]:
    """Return the rows of raw.tier_cycles.

    A rolling cycle ends with the as-of date, a fixed one with the half-year that holds it.
    """
    if tiers.window == "fixed":
        start = datetime.date(as_of.year, 1 if as_of.month <= TIER_MONTHS else 7, 1)
        end = add_months(start, TIER_MONTHS) - ONE_DAY
    else:
        start, end = step_back(as_of + ONE_DAY), as_of
    return [
        {
            "cycle": "current",
            "cycle_start": start,
            "cycle_end": end,
            "is_ended": end <= as_of,
        },
        {
            "cycle": "previous",
            "cycle_start": step_back(start),
            "cycle_end": start - ONE_DAY,
            "is_ended": True,
        },
    ]


def step_back(date: datetime.date) -> datetime.date:
    """Return the date six months earlier, or the last of that month where it is shorter."""
    month = add_months(date.replace(day=1), -TIER_MONTHS)
    return month.replace(day=min(date.day, end_month(month).day))
