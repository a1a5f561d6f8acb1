"""Everything in a data set's files looked at, one file after the other and then all together.

How a file is read stands in `pipelines.ingest.tables`, as for a run; what is said of it in
`pipelines.ingest.doctor.rendering`.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import publishing
from pipelines.canonical import CANONICAL_TABLES
from pipelines.dataset import SETTINGS_FILES, Dataset, FileSource, load_dataset
from pipelines.errors import InputError
from pipelines.gates import explain_finding
from pipelines.ingest.doctor import questions
from pipelines.ingest.doctor.findings import (
    Across,
    Examination,
    FileReport,
    Rejects,
    TableReport,
    WordCount,
)
from pipelines.ingest.doctor.questions import ReadFile, count_masked
from pipelines.ingest.enabling import list_unmet
from pipelines.ingest.formats import FileKind, identify, open_table
from pipelines.ingest.identities import KEY_BYTES, Key, find_keys, load_key, load_same_key
from pipelines.ingest.landing import LandedFile, find_sources, land_file
from pipelines.ingest.outcomes import Room, make_room
from pipelines.ingest.profiles import list_filled_tables, list_kind_words
from pipelines.ingest.tables import parse_file
from pipelines.settings import list_statuses

SHOWN_LINES = 3
SHOWN_WORDS = 30
SHOWN_MEMBERS = 10
UNREGISTERED_SHARE = 0.05  # above it the convention must be chosen, C12 of the metric contract


@dataclass
class Work:
    """What an examination has read so far."""

    folder: Path
    dataset: Dataset
    room: Room
    reports: list[FileReport] = field(default_factory=list)
    read: list[ReadFile] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    seen: dict[tuple[str, str, str | None], str] = field(default_factory=dict)


def examine(folder: Path) -> Examination:
    """Return all that a run would find in a data set's files; nothing is left behind.

    Files are copied and parsed in a temporary folder that only its owner may look into and that is
    removed. Raises InputError where dataset.yaml cannot be used.
    """
    dataset = load_dataset(folder)
    problems: list[tuple[str, str]] = []
    key, is_throw_away = find_key(dataset, problems)
    with tempfile.TemporaryDirectory(prefix="regulars-") as place:
        room = make_room(Path(place) / "parsed", Path(place) / "quarantine", key)
        work = Work(folder, dataset, room, problems=problems)
        for table, sources in dataset.files.items():
            for source in sources:
                examine_source(work, table, source, Path(place) / "landing")
        return finish(work, Path(place), key, is_throw_away)


def find_key(dataset: Dataset, problems: list[tuple[str, str]]) -> tuple[Key, bool]:
    """Return the key of the data set's tokens, or one to throw away, and whether it is that.

    Where a run has published to the data set's own output folder, the key must be the same.
    """
    output = publishing.OUTPUT_ROOT / dataset.name
    used = publishing.list_key_ids(output, publishing.read_published(output))
    if used or (find_keys() / f"{dataset.name}.key").exists():
        try:
            key = load_same_key(dataset.name, used) if used else load_key(dataset.name)
        except InputError as error:
            problems.append((str(error), str(error)))
        else:
            return key, False
    return Key(bytes(KEY_BYTES)), True


def examine_source(work: Work, table: str, source: FileSource, landing: Path) -> None:
    """Examine the files of one source; what a run would refuse is a problem, not an end."""
    try:
        paths = find_sources(work.folder, table, source)
    except InputError as error:
        work.problems.append((str(error), str(error)))
        return
    landing.mkdir(exist_ok=True)
    for path in paths:
        name = path.relative_to(work.folder).as_posix()
        report = FileReport(name, table, source.sheet, path.stat().st_size, profile=source.profile)
        try:
            sha256, size_bytes = land_file(path, landing)
            place = (table, sha256, source.sheet)
            if place in work.seen:
                report = replace(report, same_as=work.seen[place])
            else:
                work.seen[place] = name
                files = [
                    LandedFile(each, table, source, name, sha256, size_bytes, landing / sha256)
                    for each in list_filled_tables(table, source)
                ]
                report = examine_file(work, report, files)
        except InputError as error:
            report = replace(report, problem=str(error))
        work.reports.append(report)


def examine_file(work: Work, report: FileReport, files: list[LandedFile]) -> FileReport:
    """Return what one file is and what is read of it; its rows are asked about later.

    `files` are the tables that it fills. Raises InputError where it cannot be read at all.
    """
    parsed = [parse_file(file, work.dataset, work.room) for file in files]
    refusal = next((file.refusal for file in parsed if file.refusal is not None), None)
    if refusal is not None:
        raise InputError(refusal)
    read = [ReadFile.of(file) for file in parsed if file.layout is not None]
    if not read:
        empty = TableReport(report.key_table, parsed[0].counts, {})
        return replace(report, kind="empty", tables=(empty,))
    work.read += read
    path, source, header = files[0].path, files[0].source, read[0].header
    kind = identify(path)
    keys = list(dict.fromkeys(key for file in read for key in file.keys))
    if kind is FileKind.PARQUET:
        masked = count_masked(pq.ParquetFile(path), keys)
    else:
        text = open_table(path, report.name, source)
        places = [header.index(key) for key in keys]
        masked = count_masked(text.read_batches(places), [str(place) for place in places])
        encoding, delimiter = getattr(text, "encoding", None), getattr(text, "delimiter", None)
        report = replace(report, encoding=encoding, delimiter=delimiter)
    used = {column for file in read for column in file.used}
    personal = {column for file in read for column in file.layout.personal}
    names = [column for column in dict.fromkeys(header) if column]
    return replace(
        report,
        kind=kind.value,
        tables=tuple(describe_table(file) for file in read),
        ignored=tuple(name for name in names if name not in {*used, *personal}),
        unread=tuple(name for name in names if name in personal and name not in used),
        masked=masked,
    )


def describe_table(file: ReadFile) -> TableReport:
    """Return what one file gave as rows of one table: counts, columns and rejected rows."""
    layout = file.layout
    tokens = [
        canonical
        for canonical, names in layout.columns.items()
        if any(name in layout.personal for name in names)
    ]
    rejected = pq.read_table(file.rejected, columns=["line", "column_name", "reason"])
    return TableReport(
        layout.table,
        file.counts,
        dict(layout.columns),
        tuple(tokens),
        tuple(summarise(rejected, layout.columns)),
    )


def summarise(rejected: pa.Table, columns: Mapping[str, tuple[str, ...]]) -> list[Rejects]:
    """Return rejected rows by column of the file and reason, the most frequent first."""
    with duckdb.connect() as connection:
        connection.register("rejected", rejected)
        rows = connection.execute(
            "select coalesce(column_name, ''), reason, count(*), min(line, $1) from rejected"
            " group by all order by 3 desc, 1, 2",
            [SHOWN_LINES],
        ).fetchall()
    return [
        Rejects(" / ".join(columns.get(column, (column,))), reason, count, tuple(lines))
        for column, reason, count, lines in rows
    ]


def finish(work: Work, place: Path, key: Key, is_throw_away: bool) -> Examination:
    """Return the examination with what shows only when the rows are asked, and all together."""
    dataset = work.dataset
    given: dict[str, set[str]] = {}
    for file in work.read:
        given.setdefault(file.table, set()).update(file.layout.columns, file.layout.constants)
    across = Across()
    with questions.open_questions(work.read, place) as connection:
        tables = ask_tables(work, connection)
        if "orders" in given:
            across = look_across(work, connection, given)
    reports = place_tables(work, tables)
    find_problems(work, reports, across)
    has_tokens = any(table.tokens for report in reports for table in report.tables)
    return Examination(
        dataset.name,
        tuple(dataset.languages),
        dataset.currency,
        tuple(reports),
        tuple(list_unused(work)),
        across,
        tuple(list_unmet(given)),
        tuple(work.problems),
        key.id if has_tokens else None,
        is_throw_away and has_tokens,
    )


def list_unused(work: Work) -> list[str]:
    """Return the names of the folder's files that no source names."""
    named = {*SETTINGS_FILES, *(report.name for report in work.reports)}
    return sorted(
        path.name for path in work.folder.iterdir() if path.is_file() and path.name not in named
    )


def ask_tables(work: Work, connection: duckdb.DuckDBPyConnection) -> list[TableReport]:
    """Return the report of each parsed file's table, with what its rows answer."""
    names = [file.name for file in work.read]
    tables = [describe_table(file) for file in work.read]
    for table in CANONICAL_TABLES:
        places = [place for place, file in enumerate(work.read) if file.table == table]
        if not places:
            continue
        repeats = questions.count_repeats(connection, table)
        overlaps = questions.find_overlaps(connection, table, names) if len(places) > 1 else {}
        far = questions.find_far_dates(connection, table)
        for place in places:
            duplicates, versions = repeats.get(place, (0, 0))
            count, usual = far.get(place, (0, None))
            tables[place] = replace(
                tables[place],
                duplicates=duplicates,
                versions=versions,
                overlaps=tuple(overlaps.get(place, ())),
                far=count,
                far_from=usual,
            )
    if any(file.table == "orders" for file in work.read):
        ask_orders(work, connection, tables)
    return tables


def ask_orders(
    work: Work, connection: duckdb.DuckDBPyConnection, tables: list[TableReport]
) -> None:
    """Add to the reports of orders what their words, members and currencies are."""
    statuses, kinds = list_meanings(work.dataset), list_kind_words(work.dataset)
    status_words = questions.count_words(connection, "status")
    kind_words = questions.count_words(connection, "order_kind")
    guests = questions.count_guests(connection)
    currencies: dict[int, list[tuple[str, int]]] = {}
    for place, currency, count in questions.list_currencies(connection):
        currencies.setdefault(place, []).append((currency, count))
    for place, table in enumerate(tables):
        if table.table != "orders":
            continue
        words = status_words.get(place, []) if "status" in table.columns else []
        tables[place] = replace(
            table,
            statuses=tuple(
                WordCount(word, count, *statuses.get(word, (None, False)))
                for word, count in words[:SHOWN_WORDS]
            ),
            kinds=tuple(
                WordCount(word, count, kinds.get(word))
                for word, count in kind_words.get(place, [])[:SHOWN_WORDS]
            ),
            word_overflow=max(0, len(words) - SHOWN_WORDS),
            orders_without_member=guests.get(place, 0),
            currencies=tuple(currencies.get(place, ())),
        )


def look_across(
    work: Work, connection: duckdb.DuckDBPyConnection, given: Mapping[str, set[str]]
) -> Across:
    """Return what shows only when all files are read together."""
    orders, first_on, last_on = questions.sum_orders(connection)
    across = Across(orders=orders, first_on=first_on, last_on=last_on)
    if "members" in given and "member_id" in given["orders"]:
        identified, unregistered = questions.count_unregistered(connection)
        is_open = "unregistered_ids" not in work.dataset.conventions.model_fields_set
        is_many = unregistered > UNREGISTERED_SHARE * identified
        across = replace(
            across,
            identified=identified,
            unregistered=unregistered,
            asks_unregistered=is_open and is_many,
        )
    if "refunds" in given:
        refunds, orphans = questions.count_orphans(connection)
        across = replace(across, refunds=refunds, orphans=orphans)
    count, proposed = questions.propose_exclusions(connection, SHOWN_MEMBERS)
    has_tokens = any(file.keys for file in work.read if file.table == "orders")
    return replace(across, proposed=tuple(proposed), proposed_count=count, has_tokens=has_tokens)


def place_tables(work: Work, tables: list[TableReport]) -> list[FileReport]:
    """Return the reports of the files with those of their tables in place."""
    rest = iter(tables)
    return [
        report
        if report.kind == "empty"
        else replace(report, tables=tuple(next(rest) for _ in report.tables))
        for report in work.reports
    ]


def find_problems(work: Work, reports: list[FileReport], across: Across) -> None:
    """Note what would stop a run beyond a file that cannot be read: gates, currencies, no order."""
    gates = work.dataset.gates
    for report in reports:
        if report.problem is not None and gates.refused_file == "stop":
            work.problems.append((report.problem, report.problem))
        for table in report.tables:
            counts, subject = table.counts, f"{table.table}, {report.name}"
            is_empty = counts.row_count == 0
            is_missed = table.table in ("orders", "members") or report.size_bytes == 0
            if is_empty and is_missed and gates.empty_file == "stop":
                add_gate(work, "empty_file", subject, 0, 0)
            elif counts.row_count and gates.rejected == "stop":
                share = counts.quarantined_count / counts.row_count
                is_many = counts.quarantined_count > gates.rejected_rows
                if share > gates.rejected_share and (is_many or counts.accepted_count == 0):
                    add_gate(work, "rejected", subject, share, gates.rejected_share)
    codes = {code for report in reports for table in report.tables for code, _ in table.currencies}
    others = sorted(codes - {work.dataset.currency})
    if others:
        listed, currency = ", ".join(others), work.dataset.currency
        work.problems.append(
            (
                f"订单含有 {listed} 的金额，而 dataset.yaml 的 currency 为 {currency}；"
                "一个数据集只能有一种币种。",
                f"The orders hold amounts in {listed}, but dataset.yaml says currency {currency}; "
                "export one currency per data set.",
            )
        )
    if across.orders == 0:
        work.problems.append(
            ("没有任何可读取的订单。", "The orders files hold no order that can be read.")
        )


def add_gate(work: Work, gate: str, subject: str, observed: float, expected: float) -> None:
    """Note a gate that would close."""
    row: dict[str, object] = {"gate": gate, "subject": subject, "observed": observed}
    row |= {"expected": expected, "finding_count": 1}
    work.problems.append((explain_finding(row, "zh"), explain_finding(row, "en")))


def list_meanings(dataset: Dataset) -> dict[str, tuple[str, bool]]:
    """Return what each known status word means, and whether such an order counts as paid."""
    return {row["status"]: (row["status_class"], row["is_paid"]) for row in list_statuses(dataset)}
