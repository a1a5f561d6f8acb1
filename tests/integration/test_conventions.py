"""That each convention of a data set changes the number that it is about, and how.

The numbers are worked by hand on the golden orders; how a model applies a convention is tested in
`tests/sql`.
"""

import datetime
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.dataset import Conventions
from pipelines.runs import RunRequest
from tests.integration.building import ask_tables

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
AS_OF = "2024-03-31"
FEBRUARY, MARCH = datetime.date(2024, 2, 1), datetime.date(2024, 3, 1)


@dataclass(frozen=True)
class Choice:
    """A setting other than the default, the number to look at, and what it is with and without."""

    setting: str
    value: Any
    table: str
    columns: str
    default: tuple[Any, ...]
    changed: tuple[Any, ...]
    month: datetime.date = MARCH
    condition: str = "scope_type = 'all' and window_type = 'month' and window_start = '{month}'"
    leaves_out: str = ""
    order_columns: dict[str, str] = field(default_factory=dict)
    event: str = ""

    def __str__(self) -> str:
        return f"{self.setting}-{self.value}"


PARTS = "numerator, denominator"
CHOICES = [
    Choice("purchase_unit", "order", "kpis.repurchase_rate", PARTS, (3, 5), (4, 5)),
    # The order of nothing, and with it a sixth buyer.
    Choice("zero_amount_orders", "keep", "kpis.orders_per_buyer", PARTS, (9, 5), (10, 6)),
    Choice("refunds", "ignore", "kpis.net_sales", "numerator", (678,), (878,)),
    Choice("merges", "ignore", "kpis.active_members", "numerator", (5,), (6,)),
    Choice("knowledge", "latest", "kpis.net_sales", "numerator", (678,), (653,)),
    Choice("knowledge", datetime.date(2024, 3, 7), "kpis.net_sales", "numerator", (678,), (878,)),
    # M9 buys and is not in the member file.
    Choice(
        "unregistered_ids",
        "member",
        "kpis.member_order_share",
        PARTS,
        (8, 11),
        (9, 11),
        leaves_out="M9",
    ),
    Choice(
        "unregistered_ids", "guest", "kpis.orders_per_buyer", PARTS, (9, 5), (8, 4), leaves_out="M9"
    ),
    # The first half hour of March belongs to the night before.
    Choice("day_starts_at", "02:00", "kpis.orders", "numerator", (3,), (4,), month=FEBRUARY),
    Choice("paid_statuses", ["paid", "cancelled"], "kpis.orders", "numerator", (11,), (12,)),
    # February is 31 days old: old enough after 15 days, not after 60.
    Choice(
        "return_window_days",
        60,
        "kpis.refund_rate",
        "null_reason",
        (None,),
        ("immature",),
        month=FEBRUARY,
    ),
    Choice(
        "small_number",
        5,
        "marts.kpi",
        "bool_or(is_small) filter (where metric = 'repurchase_rate')",
        (True,),
        (False,),
    ),
    # Only the first store is a shop; two members enrol in March, one of them there.
    Choice(
        "offline_channels",
        ["S1"],
        "kpis.enrolment_rate",
        PARTS,
        (2, 4),
        (1, 3),
        order_columns={"channel": "store"},
    ),
    Choice(
        "guide_channels",
        ["S1"],
        "kpis.guide_sales_share",
        PARTS,
        (678, 678),
        (468, 468),
        order_columns={"channel": "store", "guide_id": "status"},
    ),
    # Six Saturdays before, one of them the Spring Festival.
    Choice(
        "holidays",
        "none",
        "intermediate.day_baselines",
        "baseline_day_count",
        (5,),
        (6,),
        condition="business_date = '2024-03-02'",
        event="2024-03-02",
    ),
    # The history begins in January; a cycle is 30 days.
    Choice(
        "history_is_complete",
        True,
        "marts.kpi",
        "bool_or(is_censored) filter (where metric = 'new_buyers')",
        (True,),
        (False,),
    ),
]


def ask(choice: Choice, folder: Path, conventions: dict[str, Any]) -> tuple[Any, ...]:
    """Return the columns of the whole shop's month, under some conventions."""
    shutil.copytree(GOLDEN, folder)
    path = folder / "dataset.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["conventions"] |= conventions
    content["files"]["orders"]["columns"] |= choice.order_columns
    if choice.event:
        content["files"]["events"] = {"path": "events.csv"}
        (folder / "events.csv").write_text(f"date,event\n{choice.event},会员日\n", encoding="utf-8")
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    if choice.leaves_out:
        members = folder / "members.csv"
        lines = members.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(f"{choice.leaves_out},")]
        members.write_text("".join(kept), encoding="utf-8")
    condition = choice.condition.format(month=choice.month)
    question = f"select {choice.columns} from {choice.table} where {condition}"
    request = RunRequest(dataset=folder, as_of=AS_OF, output=folder / "output")
    (row,) = ask_tables(request, {choice.table: question})[choice.table]
    return tuple(row.values())


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_a_convention_changes_its_number(choice: Choice, tmp_path: Path) -> None:
    assert ask(choice, tmp_path / "default", {}) == choice.default
    assert ask(choice, tmp_path / "changed", {choice.setting: choice.value}) == choice.changed


def test_every_convention_is_shown_to_matter() -> None:
    assert {choice.setting for choice in CHOICES} == set(Conventions.model_fields)
