"""Cut points and segment rules: presets by kind of trade, the rule that fits cuts, rule sets.

Scores themselves are made in SQL, from the tables that these functions fill.
"""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from pipelines.dataset import Cuts, Dataset
from pipelines.errors import InputError

RULESETS = Path(__file__).parent / "rulesets"
RECENCY_LADDER_DAYS = (
    *(7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270),
    *(365, 540, 730, 1095, 1460),
)
# Typical days between two purchases of a member, by kind of trade: a start until history tells.
PRESET_CYCLE_DAYS = {"frequent": 30, "fashion": 120, "durable": 300}
PRESET_FREQUENCY = {
    "frequent": (2, 3, 6, 11),
    "fashion": (2, 3, 4, 6),
    "durable": (2, 3, 4, 5),
}
PRESET_MONETARY = {
    "frequent": (50, 100, 200, 500),
    "fashion": (300, 600, 1200, 2400),
    "durable": (1000, 2000, 4000, 8000),
}
LOST_AFTER_CYCLES = 4


def choose_cuts(dataset: Dataset) -> Cuts:
    """Return the data set's own cuts, or the preset of its trade."""
    if dataset.rfm.cuts is not None:
        return dataset.rfm.cuts
    return Cuts(
        recency_days=[float(cut) for cut in climb_ladder(PRESET_CYCLE_DAYS[dataset.trade])],
        frequency=[float(cut) for cut in PRESET_FREQUENCY[dataset.trade]],
        monetary=[float(cut) for cut in PRESET_MONETARY[dataset.trade]],
    )


def climb_ladder(cycle_days: float) -> list[int]:
    """Return the recency cuts of a purchase cycle: 1, 2, 3 and 4 cycles, up to the next rung.

    Where two would share a rung the later one takes the rung after, so that they rise strictly.
    """
    cuts: list[int] = []
    for multiple in range(1, LOST_AFTER_CYCLES + 1):
        floor = max(multiple * cycle_days, cuts[-1] + 1 if cuts else 0)
        rungs = [rung for rung in RECENCY_LADDER_DAYS if rung >= floor]
        cuts.append(rungs[0] if rungs else math.ceil(floor))
    return cuts


def fit_cuts(
    cycle_days: float,
    occasion_counts: npt.NDArray[np.int64],
    net_amounts: npt.NDArray[np.float64],
) -> Cuts:
    """Return the cuts that a history suggests.

    `occasion_counts` and `net_amounts` hold one entry per buyer of the RFM window. Frequency: 2,
    then the median, 75th and 90th percentile of those with at least two occasions, rounded up.
    Spend: the 20th, 40th, 60th and 80th percentile of all, rounded up to two digits.
    """
    repeaters = occasion_counts[occasion_counts >= 2]
    frequency = [2.0]
    for share in (50, 75, 90):
        percentile = math.ceil(np.percentile(repeaters, share)) if len(repeaters) else 0
        frequency.append(float(max(percentile, frequency[-1] + 1)))
    monetary: list[float] = []
    for share in (20, 40, 60, 80):
        quantile = round_up_to_two_digits(float(np.percentile(net_amounts, share)))
        while monetary and quantile <= monetary[-1]:
            quantile = round_up_to_two_digits(monetary[-1] * 1.01 + 1)
        monetary.append(quantile)
    return Cuts(
        recency_days=[float(cut) for cut in climb_ladder(cycle_days)],
        frequency=frequency,
        monetary=monetary,
    )


def round_up_to_two_digits(amount: float) -> float:
    """Return the smallest number with two leading digits that is not below `amount`."""
    if amount <= 0:
        return 1.0
    step = 10.0 ** max(math.floor(math.log10(amount)) - 1, 0)
    return math.ceil(amount / step) * step


def list_cuts(cuts: Cuts) -> list[dict[str, Any]]:
    """Return the rows of raw.rfm_cuts."""
    recency = zip((5, 4, 3, 2), cuts.recency_days, strict=True)
    rows = [make_cut("recency", score, "at_most", cut) for score, cut in recency]
    for measure, points in (("frequency", cuts.frequency), ("monetary", cuts.monetary)):
        for score, cut in zip((2, 3, 4, 5), points, strict=True):
            rows.append(make_cut(measure, score, "at_least", cut))
    return rows


def make_cut(measure: str, score: int, direction: str, cut: float) -> dict[str, Any]:
    """Return one row of raw.rfm_cuts."""
    exact = Decimal(str(cut)).quantize(Decimal("0.01"))
    return {"measure": measure, "score": score, "direction": direction, "cut": exact}


def load_ruleset(name: str) -> dict[str, Any]:
    """Return a rule set by name.

    Raises InputError where there is none of that name.
    """
    known = sorted(path.stem for path in RULESETS.glob("*.yaml"))
    if name not in known:
        raise InputError(f"dataset.yaml: segments: {name!r} is not one of {', '.join(known)}.")
    ruleset: dict[str, Any] = yaml.safe_load((RULESETS / f"{name}.yaml").read_text("utf-8"))
    return ruleset


def list_segments(ruleset: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of raw.segments: the rules' segments in order, then the one outside."""
    named = [*ruleset["rules"], ruleset["outside"]]
    return [
        {
            "position": position,
            "segment": rule["segment"],
            "segment_zh": rule["zh"],
            "segment_en": rule["en"],
        }
        for position, rule in enumerate(named, start=1)
    ]


def list_cells(ruleset: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of raw.segment_cells: the first rule that claims each of the 125 cells.

    Raises InputError where a cell is claimed by no rule.
    """
    rows = []
    for r_score, f_score, m_score in iterate_cells(ruleset["scale"]):
        fm_score = (f_score + m_score + 1) // 2
        position = find_rule(ruleset["rules"], r_score, fm_score)
        if position is None:
            raise InputError(f"The rule set claims no segment for R {r_score}, FM {fm_score}.")
        rows.append(
            {
                "r_score": r_score,
                "f_score": f_score,
                "m_score": m_score,
                "fm_score": fm_score,
                "rule_position": position,
                "segment": ruleset["rules"][position - 1]["segment"],
            }
        )
    return rows


def iterate_cells(scale: int) -> Iterator[tuple[int, int, int]]:
    """Yield every combination of the three scores."""
    scores = range(1, scale + 1)
    yield from ((r, f, m) for r in scores for f in scores for m in scores)


def find_rule(rules: Sequence[dict[str, Any]], r_score: int, fm_score: int) -> int | None:
    """Return the position of the first rule that claims a cell."""
    for position, rule in enumerate(rules, start=1):
        if [r_score, fm_score] in rule["cells_r_fm"]:
            return position
    return None
