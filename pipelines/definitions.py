"""The lock of the metrics' definitions: none is another without a higher version.

What a metric is stands in its file of `sql/kpis`; here stand its fingerprint and the rule.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.catalogue import SQL_ROOT, Catalogue, Model, parse_query

LOCK = SQL_ROOT / "kpis" / "definitions.lock"
COMMAND = "regulars check --lock"
TITLE = f"# Metric, version and sha256 of its definition; `{COMMAND}` writes it.\n"


@dataclass(frozen=True)
class Locked:
    """A version of a metric's definition and the fingerprint that it was locked with."""

    version: int
    fingerprint: str


def fingerprint(model: Model) -> str:
    """Return the sha256 of what defines a metric: query, definition, numerator, denominator, unit.

    The query counts as its syntax tree, so that layout and comments do not matter. The tables that
    it reads are not in it: they may be made faster, and what their values are is held by tests.
    Nor is the Chinese of numerator and denominator, which is a translation.
    """
    kpi, header = model.header.kpi, model.header
    columns = header.explain_columns("en")
    content = [
        parse_query(model.path, model.query, 1).sql(dialect="duckdb", comments=False),
        header.describe("en"),
        header.describe("zh"),
        columns.get("numerator"),
        columns.get("denominator"),
        kpi.unit if kpi is not None else None,
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def list_definitions(catalogue: Catalogue) -> dict[str, Locked]:
    """Return the version and fingerprint of every metric, by its code."""
    return {
        model.table: Locked(model.header.kpi.version, fingerprint(model))
        for model in sorted(catalogue.kpis, key=lambda model: model.table)
        if model.header.kpi is not None
    }


def read_lock(path: Path | None = None) -> dict[str, Locked]:
    """Return what is locked, by code; nothing where there is no lock yet."""
    path = path or LOCK
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {metric: Locked(int(version), digest) for metric, version, digest in rows}


def write_lock(definitions: Mapping[str, Locked], path: Path | None = None) -> None:
    """Write the lock, a line for each metric."""
    lines = [f"{name} {one.version} {one.fingerprint}\n" for name, one in definitions.items()]
    (path or LOCK).write_text(TITLE + "".join(lines), encoding="utf-8")


def check_definitions(catalogue: Catalogue, path: Path | None = None) -> list[str]:
    """Return one sentence for each metric whose definition is not the locked one."""
    now, locked = list_definitions(catalogue), read_lock(path)
    if not locked:
        return [f"No definition is locked; run `{COMMAND}`."]
    new = [
        f"kpis.{name}: version {one.version} is not in {LOCK.name}; run `{COMMAND}`."
        for name, one in now.items()
        if name not in locked or one.version > locked[name].version
    ]
    gone = [
        f"kpis.{name}: it is in {LOCK.name} and has no file; run `{COMMAND}`."
        for name in sorted(set(locked) - set(now))
    ]
    return [*list_silent_changes(now, locked), *new, *gone]


def list_silent_changes(
    now: Mapping[str, Locked], locked: Mapping[str, Locked], same: Collection[str] = ()
) -> Iterator[str]:
    """Yield a sentence for each definition that changed without a higher version.

    `same` names metrics of which a person says that only words or speed have changed.
    """
    for name, one in now.items():
        before = locked.get(name)
        if before is None or one.version > before.version:
            continue
        if one.version < before.version:
            yield f"kpis.{name}: version {one.version} is lower than {before.version}, the locked."
        elif one.fingerprint != before.fingerprint and name not in same:
            yield (
                f"kpis.{name}: its definition changed and its version is still {one.version}; "
                f"raise it to {one.version + 1} and run `{COMMAND}`, or, where every number stays "
                f"the same, run `{COMMAND} --same {name}`."
            )


def renew_lock(catalogue: Catalogue, same: Collection[str], path: Path | None = None) -> list[str]:
    """Lock the definitions as they are; return the silent changes that forbid it, if any."""
    now = list_definitions(catalogue)
    problems = list(list_silent_changes(now, read_lock(path), same))
    if not problems:
        write_lock(now, path)
    return problems
