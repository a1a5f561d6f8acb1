"""One published number explained: what it is, what it is made of, and by which queries.

The queries stand in `sql/kpis` and `sql/members`; what they are run on in `pipelines.member_lists`.
"""

import datetime
import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import ValidationError

from pipelines.catalogue import Model, load_catalogue
from pipelines.conventions import Convention, describe_conventions
from pipelines.dataset import Dataset
from pipelines.errors import InputError
from pipelines.ingest.enabling import explain_missing
from pipelines.member_lists import (
    IS_COUNTED,
    ask,
    load_lists,
    rebuild,
    write_members,
    write_query,
)
from pipelines.report.content import ReportInput
from pipelines.report.ledger import list_conventions as list_run_conventions
from pipelines.report.words import Language, Words
from pipelines.snapshots import Snapshot

Row = dict[str, Any]
LATEST = "latest"
# What is explained where no window is asked for: the first of these that the metric has.
WINDOW_TYPES = (
    *("month", "trailing_365d", "trailing_180d", "trailing_90d", "trailing_30d"),
    *("quarter", "half", "year", "week", "day"),
)
COMPARISONS = {"previous_period": "change_previous", "same_period_last_year": "change_last_year"}
# What tells how a run understood the conventions.
RUN_TABLES = ("order_statuses", "exclusions", "purchase_cycles")
FLAGS = {"is_complete": "mark_incomplete", "is_censored": "mark_censored", "is_small": "mark_small"}


@dataclass(frozen=True)
class Explanation:
    """A metric, its number, what it is compared with, its query and that of its members.

    `number` is empty where the metric has none, as its inputs are missing; `member_query` where no
    list of members is made for it.
    """

    metric: Row
    number: Row | None
    changes: Sequence[Row]
    conventions: Sequence[Convention]
    currency: str
    model: Model
    member_query: str | None


def explain(
    snapshot: Snapshot,
    metric: str,
    scope: str = "all",
    window: str = LATEST,
) -> Explanation:
    """Find a number of a snapshot and what is to be said of it.

    `scope` is all or TYPE:NAME; `window` is latest, TYPE, TYPE:latest or TYPE:START. Raises
    InputError where there is no such metric, scope or window.
    """
    rows = {row["metric"]: row for row in snapshot.arrow("metrics").to_pylist()}
    models = {model.table: model for model in load_catalogue().kpis}
    if metric not in rows or metric not in models:
        close = difflib.get_close_matches(metric, rows, n=3) or sorted(rows)
        raise InputError(f"There is no metric {metric!r}; did you mean {', '.join(close)}?")
    model, kpi = models[metric], models[metric].header.kpi
    number = None
    if not rows[metric].get("missing"):
        scope_type, _, name = scope.partition(":")
        numbers = read_numbers(snapshot, "kpi", metric, scope_type, name or scope_type)
        if not numbers:
            raise InputError(
                f"{metric} has no numbers for {scope}; a scope is all, or TYPE:NAME as in store:S1."
            )
        number = choose_window(numbers, window)
    query = None
    if number is not None and kpi is not None and kpi.members is not None:
        asked = ask(
            number["scope_type"],
            number["scope"],
            number["window_type"],
            number["window_start"],
            snapshot.as_of,
        )
        query = write_query(kpi.members, asked)
    return Explanation(
        metric=rows[metric],
        number=number,
        changes=find_changes(snapshot, number),
        conventions=gather_conventions(snapshot),
        currency=snapshot.manifest["dataset"]["currency"],
        model=model,
        member_query=query,
    )


def read_numbers(
    snapshot: Snapshot, table: str, metric: str, scope_type: str, scope: str
) -> list[Row]:
    """Return a metric's rows of one scope, of which there are few, whatever the table holds."""
    wanted = [("metric", "=", metric), ("scope_type", "=", scope_type), ("scope", "=", scope)]
    rows: list[Row] = pq.read_table(snapshot.path(table), filters=wanted).to_pylist()
    return rows


def choose_window(numbers: Sequence[Row], window: str) -> Row:
    """Return the number of a window; the latest one is complete where any is.

    Raises InputError where there is none.
    """
    kind, _, start = window.partition(":")
    kinds = {row["window_type"] for row in numbers}
    if kind == LATEST:
        kind = next((name for name in WINDOW_TYPES if name in kinds), kind)
    rows = sorted(
        (row for row in numbers if row["window_type"] == kind), key=lambda row: row["window_start"]
    )
    if not rows:
        known = ", ".join(name for name in WINDOW_TYPES if name in kinds)
        raise InputError(f"There is no window {kind!r}; there are {known}.")
    if start in ("", LATEST):
        return ([row for row in rows if row["is_complete"]] or rows)[-1]
    wanted = read_start(start)
    found = [row for row in rows if row["window_start"] == wanted]
    if not found:
        first, last = rows[0]["window_start"], rows[-1]["window_start"]
        raise InputError(f"No {kind} begins on {wanted}; they begin from {first} to {last}.")
    return found[0]


def read_start(text: str) -> datetime.date:
    """Return the first date of a window written as a date, a month or a year.

    Raises InputError where it is none of these.
    """
    parts = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text)
    try:
        if parts is None:
            raise ValueError
        return datetime.date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    except ValueError:
        raise InputError(f"A window begins on a date like 2026-03-01, not {text!r}.") from None


def find_changes(snapshot: Snapshot, number: Row | None) -> list[Row]:
    """Return how a number differs from that of the period before and of the year before."""
    if number is None:
        return []
    rows = read_numbers(
        snapshot, "kpi_change", number["metric"], number["scope_type"], number["scope"]
    )
    keys = ("window_type", "window_start")
    return [row for row in rows if all(row[key] == number[key] for key in keys)]


def render(explanation: Explanation, language: Language) -> list[str]:
    """Return the lines that explain a number in a language, without its queries."""
    words = Words(language, explanation.currency)
    row = explanation.metric
    facts = [*list_facts(explanation, words), *list_conventions(explanation, words)]
    return [f"{row[f'name_{language}']} ({row['metric']})", *facts]


def list_facts(explanation: Explanation, words: Words) -> Iterator[str]:
    """Yield what is to be said of a number, a line each."""
    row, number, say = explanation.metric, explanation.number, words.say
    if number is None:
        yield enter(say("value"), say("not_shown"))
        for sentence in explain_missing(row["missing"], words.language):
            yield enter("", sentence)
    else:
        yield from list_number(explanation, number, words)
    yield enter(say("definition"), row[f"definition_{words.language}"])
    if row[f"note_{words.language}"]:
        yield enter(say("note"), row[f"note_{words.language}"])
    version = str(row["version"])
    if number is not None and number["definition_version"] != explanation_version(explanation):
        version += f" ({say('version_since', version=explanation_version(explanation))})"
    yield enter(say("definition_version"), version)
    yield enter(say("source"), row["source"])
    if row.get("needs"):
        yield enter(say("needs"), row["needs"])


def list_number(explanation: Explanation, number: Row, words: Words) -> Iterator[str]:
    """Yield a number with its parts, its window, its scope, its marks and its changes."""
    row, say = explanation.metric, words.say
    if number["value"] is None:
        yield enter(say("value"), f"– {words.explain_null(number['null_reason'])}")
    else:
        yield enter(say("value"), words.format_value(number["value"], row["unit"]))
    for part in ("numerator", "denominator"):
        if number[part] is not None:
            yield enter(
                say(part), f"{show_exactly(words, number[part])}  {tell_part(row, part, words)}"
            )
    window = words.say_or(number["window_type"], number["window_type"])
    yield enter(say("window"), f"{window}, {number['window_start']} – {number['window_end']}")
    scope = number["scope"]
    if number["scope_type"] != "all":
        scope = f"{words.say_or(number['scope_type'], number['scope_type'])} {scope}"
    yield enter(say("scope_type"), scope if number["scope_type"] != "all" else say("all"))
    marks = [say(mark) for flag, mark in FLAGS.items() if number[flag] is (flag != "is_complete")]
    yield enter(say("remark"), " · ".join(marks) or say("mark_none"))
    for comparison, label in COMPARISONS.items():
        change = next((c for c in explanation.changes if c["comparison"] == comparison), None)
        if change is not None:
            text = words.format_change(change["change_amount"], change["change_rate"], row["unit"])
            compared = words.format_value(change["compared_value"], row["unit"])
            yield enter(say(label), f"{text} ({change['compared_window_start']}: {compared})")
    yield enter(say("as_of"), str(number["as_of_date"]))
    yield enter(say("knowledge_date"), str(number["knowledge_date"]))


def explanation_version(explanation: Explanation) -> int:
    """Return the version of the metric's definition as the installed models have it."""
    kpi = explanation.model.header.kpi
    return kpi.version if kpi is not None else 0


def list_conventions(explanation: Explanation, words: Words) -> Iterator[str]:
    """Yield the conventions in force."""
    yield f"{words.say('conventions')}:"
    for convention in explanation.conventions:
        yield enter(*convention.read(words.language))


def tell_part(metric: Row, part: str, words: Words) -> str:
    """Return what a metric's numerator or denominator is; "" where a snapshot does not tell."""
    return metric.get(f"{part}_{words.language}") or ""


def show_exactly(words: Words, value: float) -> str:
    """Return a numerator or denominator with all its digits."""
    if float(value).is_integer():
        return words.format_number(value)
    return words.format_number(value, 2 if round(value, 2) == value else 6)


def render_queries(explanation: Explanation, language: Language) -> list[str]:
    """Return the queries behind a number: the metric's own, and that of its members."""
    words = Words(language, explanation.currency)
    model = explanation.model
    lines = [
        f"-- {words.say('query_kpi')}: sql/kpis/{model.table}.sql",
        *model.query.strip().splitlines(),
        "",
        f"-- {words.say('query_members')}",
    ]
    if explanation.member_query is not None:
        return [*lines, *explanation.member_query.splitlines()]
    if explanation.number is None:
        return lines[:-2]
    numerator = tell_part(explanation.metric, "numerator", words)
    return [*lines, f"-- {words.say('query_members_none', numerator=numerator)}"]


def list_members(
    explanation: Explanation,
    snapshot: Snapshot,
    folder: Path,
    output: Path,
    path: Path,
    language: Language,
) -> str:
    """Write the members behind a number to a CSV file and return how many there are, in words.

    Raises InputError where no list is made for the metric, or it cannot be made.
    """
    if explanation.member_query is None or explanation.number is None:
        raise InputError(f"No list of members is made for {explanation.metric['metric']}.")
    members = explanation.model.header.kpi.members if explanation.model.header.kpi else None
    lists = [load_lists()[members.of]] if members is not None else []
    with rebuild(snapshot, folder, output, lists) as run:
        rows = run.engine.read(explanation.member_query)
    write_members(rows, path)
    words = Words(language, explanation.currency)
    counted = sum(rows.column(IS_COUNTED).to_pylist())
    found = words.say(
        "members_listed",
        count=words.format_number(rows.num_rows),
        counted=words.format_number(counted),
        path=path,
    )
    published = explanation.number[members.part] if members is not None else None
    if published is not None and published != counted:
        published = words.format_number(published)
        found += "\n" + words.say("members_differ", counted=counted, published=published)
    return found


def gather_conventions(snapshot: Snapshot) -> list[Convention]:
    """Return the conventions that were in force when a snapshot was made."""
    try:
        stated = describe_conventions(Dataset.model_validate(snapshot.manifest["dataset"]))
    except ValidationError:
        stated = []
    tables = {name: snapshot.table(name) for name in RUN_TABLES if name in snapshot.tables}
    report = ReportInput(
        dataset=snapshot.manifest["dataset"]["name"],
        as_of=snapshot.as_of,
        knowledge_date=datetime.date.fromisoformat(snapshot.manifest["knowledge_date"]),
        currency=snapshot.manifest["dataset"]["currency"],
        timezone=snapshot.manifest["dataset"]["timezone"],
        conventions=stated,
        tables=tables,
        columns={},
    )
    return list_run_conventions(report)


def sum_up_metrics(snapshot: Snapshot, language: Language) -> str:
    """Return how many metrics a snapshot has, and which inputs the others wait for, in a line."""
    words = Words(language, snapshot.manifest["dataset"]["currency"])
    missing = [row.get("missing") or "" for row in snapshot.arrow("metrics").to_pylist()]
    available = words.say("metrics_available", available=missing.count(""))
    if not any(missing):
        return available
    names = [name for names in missing for name in names.replace("|", ",").split(",")]
    inputs = sorted({name.strip().partition(".")[0] for name in names} - {""})
    return words.say(
        "metrics_waiting",
        available=available,
        waiting=len(missing) - missing.count(""),
        inputs=", ".join(inputs),
    )


def enter(name: str, text: str) -> str:
    """Return a line of a name and what is said of it."""
    return f"  {name}: {text}" if name else f"    {text}"
