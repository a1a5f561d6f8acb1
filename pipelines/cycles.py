"""Purchase cycles: the trade's preset, the ones that a person promoted, and how they are promoted.

What a history proposes is fitted in SQL, in `marts.purchase_cycles`.
"""

import datetime
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.dataset import CUTS, Dataset
from pipelines.documents import explain_validation, read_yaml
from pipelines.errors import InputError
from pipelines.publishing import sync
from pipelines.scoring import LOST_AFTER_CYCLES, PRESET_CYCLE_DAYS
from pipelines.snapshots import Snapshot

CUTS_FORMAT = 1
TABLE = "purchase_cycles"
# Members with two occasions that a proposal rests on at least.
LEAST_REPEATERS = 500
WHOLE = ("all", "all")
# Calendar windows by their usual length; every scope has them.
LIFECYCLE_WINDOWS = (("month", 30), ("quarter", 90), ("half", 180), ("year", 365))
HEADING = (
    "# Written by `regulars cuts promote`: the purchase cycles in use, in days. Every run reads\n"
    "# them; nothing refits them.\n"
)


class Block(BaseModel):
    """Base of the file's blocks: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ScopeCycle(Block):
    """The purchase cycle of one scope, in days."""

    scope_type: str = Field(min_length=1)
    scope: str = Field(min_length=1)
    cycle_days: Decimal = Field(ge=1, le=36_500, decimal_places=2)

    @property
    def key(self) -> tuple[str, str]:
        """The scope."""
        return self.scope_type, self.scope


class PromotedCycles(Block):
    """The content of cuts.yaml: one version of the cycles, and the snapshot it was fitted on."""

    format: int = Field(ge=CUTS_FORMAT, le=CUTS_FORMAT)
    version: int = Field(ge=1, le=1_000_000)
    fitted_on: datetime.date
    snapshot: str
    cycles: list[ScopeCycle] = Field(min_length=1)

    @model_validator(mode="after")
    def name_each_scope_once(self) -> "PromotedCycles":
        """Refuse two cycles of one scope."""
        if len({cycle.key for cycle in self.cycles}) < len(self.cycles):
            raise ValueError("each scope has one cycle; remove the other")
        return self


def load_promoted(folder: Path) -> PromotedCycles | None:
    """Read FOLDER/cuts.yaml, or return nothing where no cycle was promoted.

    Raises InputError with file, line, key and what to do.
    """
    path = folder / CUTS
    if not path.is_file():
        return None
    content, nodes = read_yaml(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}, line 1: expected keys such as version and cycles.")
    try:
        return PromotedCycles.model_validate(content)
    except ValidationError as error:
        raise InputError(explain_validation(path, nodes, error)) from error


def list_cycles(dataset: Dataset, promoted: PromotedCycles | None) -> list[dict[str, Any]]:
    """Return the rows of raw.purchase_cycles: what was promoted, and always one of the whole."""
    rows: list[dict[str, Any]] = []
    if promoted is not None:
        rows += [
            {
                "scope_type": cycle.scope_type,
                "scope": cycle.scope,
                "cycle_days": cycle.cycle_days.quantize(Decimal("0.01")),
                "source": "promoted",
                "version": promoted.version,
            }
            for cycle in promoted.cycles
        ]
    if all((row["scope_type"], row["scope"]) != WHOLE for row in rows):
        preset = Decimal(PRESET_CYCLE_DAYS[dataset.trade]).quantize(Decimal("0.01"))
        scope_type, scope = WHOLE
        rows.append(
            {
                "scope_type": scope_type,
                "scope": scope,
                "cycle_days": preset,
                "source": "preset",
                "version": None,
            }
        )
    return sorted(rows, key=lambda row: (row["scope_type"], row["scope"]))


def find_cycle(dataset: Dataset, promoted: PromotedCycles | None) -> Decimal:
    """Return the days of the cycle in use for the whole data set."""
    for row in list_cycles(dataset, promoted):
        if (row["scope_type"], row["scope"]) == WHOLE:
            cycle: Decimal = row["cycle_days"]
            return cycle
    raise AssertionError("The whole data set always has a cycle.")


def choose_lifecycle_window(cycle_days: Decimal) -> str:
    """Return the shortest calendar window that is at least a cycle long, else the longest."""
    for window_type, days in LIFECYCLE_WINDOWS:
        if days >= cycle_days:
            return window_type
    return LIFECYCLE_WINDOWS[-1][0]


def promote(folder: Path, snapshot: Snapshot) -> PromotedCycles | None:
    """Write a snapshot's proposals to FOLDER/cuts.yaml as the next version, and return it.

    Nothing is written or returned where they are in use already. Raises InputError where the
    snapshot proposes none, or what is in use cannot be read.
    """
    former = load_promoted(folder)
    cycles = list_proposals(snapshot)
    if not cycles:
        raise InputError(
            f"{snapshot.folder.name} proposes no purchase cycle: that takes {LEAST_REPEATERS} "
            f"members with two occasions and a history of {LOST_AFTER_CYCLES} cycles."
        )
    if former is not None and cycles == sorted(former.cycles, key=lambda cycle: cycle.key):
        return None
    promoted = PromotedCycles(
        format=CUTS_FORMAT,
        version=former.version + 1 if former is not None else 1,
        fitted_on=snapshot.as_of,
        snapshot=snapshot.folder.name,
        cycles=cycles,
    )
    write_promoted(folder / CUTS, promoted)
    return promoted


def list_proposals(snapshot: Snapshot) -> list[ScopeCycle]:
    """Return the cycles that a snapshot proposes, by scope."""
    proposed = [row for row in read_cycles(snapshot) if row["is_proposed"]]
    cycles = [
        ScopeCycle(
            scope_type=row["scope_type"],
            scope=row["scope"],
            cycle_days=Decimal(str(row["fitted_cycle"])).quantize(Decimal("0.01")),
        )
        for row in proposed
    ]
    return sorted(cycles, key=lambda cycle: cycle.key)


def read_cycles(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return the rows of a snapshot's purchase_cycles, the whole first.

    Raises InputError where it was made before there were any.
    """
    if TABLE not in snapshot.tables:
        raise InputError(f"{snapshot.folder.name} has no purchase cycles; run again first.")
    rows: list[dict[str, Any]] = snapshot.arrow(TABLE).to_pylist()
    return sorted(
        rows, key=lambda row: (row["scope_type"] != "all", row["scope_type"], row["scope"])
    )


def write_promoted(path: Path, promoted: PromotedCycles) -> None:
    """Replace cuts.yaml at once, so that no run reads half of it."""
    content = promoted.model_dump() | {
        "cycles": [
            cycle.model_dump() | {"cycle_days": float(cycle.cycle_days)}
            for cycle in promoted.cycles
        ]
    }
    text = HEADING + yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    sync(part)
    part.replace(path)
    sync(path.parent)


def compare_cycles(folder: Path, dataset: Dataset, snapshot: Snapshot) -> Iterator[str]:
    """Yield a line for each scope of a snapshot: the cycle in use now, and what is proposed.

    Raises InputError where cuts.yaml cannot be read.
    """
    promoted = load_promoted(folder)
    in_use = {(row["scope_type"], row["scope"]): row for row in list_cycles(dataset, promoted)}
    for row in read_cycles(snapshot):
        own = in_use.get((row["scope_type"], row["scope"]))
        used = own or in_use[WHOLE]
        version = "" if used["version"] is None else f" {used['version']}"
        origin = f"{used['source']}{version}" + ("" if own else ", that of the whole")
        fitted = row["fitted_cycle"]
        fit = "none: nobody came back" if fitted is None else f"{fitted:.2f}"
        verdict = "may be promoted" if row["is_proposed"] else "not proposed"
        yield (
            f"{row['scope_type']} {row['scope']}: in use {used['cycle_days']} days ({origin}); "
            f"fitted {fit} ({verdict}: {row['repeater_count']:,} repeaters, "
            f"{row['history_days']:,} days)"
        )
