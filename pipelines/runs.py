"""One run: landed files in, a published snapshot out, step by step.

The steps are called in order by the Dagster assets; how a step is done stands in its own module.
"""

import datetime
import hashlib
import json
import logging
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines import publishing
from pipelines.catalogue import SQL_ROOT, Catalogue, load_catalogue
from pipelines.clustering import fit_centres, list_centres
from pipelines.conventions import describe_conventions
from pipelines.cycles import PromotedCycles, load_promoted
from pipelines.dataset import Dataset, load_dataset
from pipelines.engines.duckdb import DuckDBEngine, open_duckdb, write_metadata
from pipelines.erasure import finish_pending, keep_out, load_erasures
from pipelines.errors import GateError, InputError
from pipelines.faults import reach_fault_point
from pipelines.gates import explain_finding
from pipelines.ingest.identities import Key, load_same_key, make_key
from pipelines.ingest.landing import LandedFile, land_files
from pipelines.ingest.outcomes import ParsedFile, Room, make_room
from pipelines.ingest.quarantine import write_list
from pipelines.ingest.tables import fill_raw_tables, list_given, needs_key, parse_files
from pipelines.locking import hold_lock
from pipelines.machine import choose_engine_memory
from pipelines.merges import follow_merges
from pipelines.prior import write_prior
from pipelines.quality import CheckResult, DuckDBInspector
from pipelines.raw import RAW_TABLES
from pipelines.report.content import ReportInput
from pipelines.report.reading import read_tables
from pipelines.settings import write_dates, write_settings
from pipelines.snapshots import Pointer, Snapshot

ENGINES = ("duckdb",)
VERSIONED = (
    "duckdb",
    "pyarrow",
    "scikit-learn",
    "numpy",
    "altair",
    "vl-convert-python",
    "xlsxwriter",
    "holidays",
)
LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunRequest:
    """What a run is asked for: a data set's folder, an as-of date or `latest`, where to publish."""

    dataset: Path
    as_of: str = "latest"
    output: Path | None = None
    engine: str = "duckdb"


@dataclass
class Run:
    """A run under way; its tables live in `engine` until it ends."""

    dataset: Dataset
    folder: Path
    output: Path
    as_of_asked: str
    catalogue: Catalogue
    engine: DuckDBEngine
    base: Pointer
    work: Path
    files: list[LandedFile] = field(default_factory=list)
    parsed: list[ParsedFile] = field(default_factory=list)
    key: Key | None = None
    idle: frozenset[str] = frozenset()
    promoted: PromotedCycles | None = None
    erased: str | None = None
    as_of: datetime.date = datetime.date.min
    knowledge_date: datetime.date = datetime.date.min
    fingerprint: str = ""
    checks: dict[str, list[CheckResult]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    snapshot: Snapshot | None = None
    warnings: list[str] = field(default_factory=list)

    def land(self) -> list[LandedFile]:
        """Copy the source files by content."""
        erasures = load_erasures(self.output)
        self.erased = None if erasures.is_empty else erasures.people_hash
        landed = land_files(self.folder, self.dataset, self.output / "landing", erasures.find_kept)
        self.files = keep_out(landed, self.output, self.dataset)
        reach_fault_point("landing_copied")
        return self.files

    def fill(self) -> dict[str, int]:
        """Parse the landed files and fill the raw tables; return rejected rows by table.

        Files that no model reads are parsed too, so that every row of every file is accounted for.
        """
        used = {name.split(".")[1] for m in self.catalogue.models.values() for name in m.depends_on}
        unused = {file.table for file in self.files} - used
        room = make_room(self.output / "parsed", self.output / "quarantine")
        self.key = self.find_key(self.files, room)
        self.parsed = parse_files(self.files, self.dataset, replace(room, key=self.key), unused)
        reach_fault_point("files_parsed")
        refuse_no_orders(self.parsed)
        rejected = fill_raw_tables(self.engine, self.parsed)
        check_currency(self.engine, self.dataset)
        given = list_given(self.parsed, room)
        self.idle = self.catalogue.find_idle(given)
        write_settings(self.engine, self.dataset, self.catalogue, given)
        self.as_of, self.knowledge_date = write_dates(
            self.engine, self.dataset, self.as_of_asked, self.promoted
        )
        self.keep_quarantine()
        self.write_prior()
        self.fingerprint = self.sign()
        return rejected

    def write_prior(self) -> None:
        """Fill the tables of what the snapshot before published."""
        name = publishing.find_prior(self.output, self.base, self.as_of)
        prior = Snapshot(self.output / "snapshots" / name) if name is not None else None
        write_prior(self.engine, prior, self.dataset, self.erased)

    def find_key(self, files: list[LandedFile], room: Room) -> Key | None:
        """Return the key of the tokens, where an id is personal; the first run makes it.

        Raises InputError where earlier snapshots were made with a key that is not there.
        """
        if not needs_key(files, room):
            return None
        used = publishing.list_key_ids(self.output, self.base)
        name = self.dataset.name
        return load_same_key(name, used) if used else make_key(name)

    def find_unchanged(self) -> Snapshot | None:
        """Return the published snapshot if these inputs have made it before."""
        self.snapshot = publishing.find_unchanged(
            self.output, self.base, self.as_of, self.fingerprint
        )
        return self.snapshot

    def build(self, name: str) -> int:
        """Make one table of the catalogue and return its rows.

        Raises InputError where what it reads was not made in this run.
        """
        missing = [s for s in self.catalogue.find_sources(name) if not self.is_made(s)]
        if missing:
            raise InputError(f"{name} needs {missing[0]}; launch the whole job, nightly.")
        started = time.monotonic()
        if name in ("raw.canonical_ids", "raw.circular_ids"):
            rows = self.resolve_merges(name)
        elif name == "raw.cluster_centres":
            rows = self.fit_clusters()
        elif name in self.idle:
            query = self.catalogue.models[name].query
            rows = self.engine.create(name, f"select * from ({query}) as idle limit 0")
        else:
            rows = self.engine.create(name, self.catalogue.models[name].query)
        if name == "staging.repeated_orders":
            self.keep_quarantine(self.list_conflicts())
        self.seconds[name] = time.monotonic() - started
        LOGGER.info("%-36s %12s rows %7.1f s", name, f"{rows:,}", self.seconds[name])
        self.release_sources(name)
        return rows

    def is_made(self, name: str) -> bool:
        """Whether a table exists in this run, or did until its last reader was done."""
        is_given = name in self.catalogue.raw and not self.catalogue.raw[name].depends_on
        return bool(self.fingerprint) if is_given else name in self.seconds

    def release_sources(self, name: str) -> None:
        """Drop the tables that no model reads any more, now that `name` is made."""
        for source in self.catalogue.find_sources(name):
            readers = self.catalogue.find_readers(source)
            is_published = source in self.catalogue.published
            if (
                source in self.catalogue.models
                and not is_published
                and readers <= set(self.seconds)
            ):
                self.engine.drop(source)

    def resolve_merges(self, name: str) -> int:
        """Follow the chains of merges; keep the numbers merged away, or those in a circle."""
        pairs = self.engine.read(self.catalogue_query("staging.merge_pairs")).to_pylist()
        resolved, circular = follow_merges(tuple(pair.values()) for pair in pairs)
        if name == "raw.canonical_ids":
            rows = [
                {"member_id": old, "canonical_id": new} for old, new in sorted(resolved.items())
            ]
        else:
            rows = [{"member_id": member} for member in sorted(circular)]
        self.engine.write(name, pa.Table.from_pylist(rows, schema=RAW_TABLES[name].schema))
        return len(rows)

    def fit_clusters(self) -> int:
        """Fit the clusters on the sample and return how many there are."""
        sample = self.engine.read(
            self.catalogue_query("intermediate.cluster_sample") + " order by member_hash"
        )
        centres = list_centres(fit_centres(sample, self.dataset.clusters.count))
        self.engine.write("raw.cluster_centres", centres)
        return int(centres.num_rows)

    def read_headline(self, name: str) -> float | None:
        """Return a KPI's value for the latest complete month and the whole data set."""
        rows = self.engine.read(
            "select cast(numerator as double) / coalesce(cast(denominator as double), 1) as value"
            f" from {name} as kpi inner join raw.windows as windows"
            " on kpi.window_type = windows.window_type and kpi.window_start = windows.window_start"
            " where kpi.scope_type = 'all' and kpi.window_type = 'month' and windows.is_complete"
            " order by kpi.window_start desc limit 1"
        ).to_pylist()
        return rows[0]["value"] if rows else None

    def catalogue_query(self, name: str) -> str:
        """Return a query for the columns of a model that is already made."""
        return f"select {', '.join(self.catalogue.models[name].header.columns)} from {name}"

    @cached_property
    def inspector(self) -> DuckDBInspector:
        """The checker of tables, made when first needed for it is slow to import."""
        return DuckDBInspector(self.engine.connection)

    def inspect(self, *names: str) -> dict[str, list[CheckResult]]:
        """Run the checks of the headers of some tables of one layer, all together."""
        found = self.inspector.inspect([self.catalogue.models[name] for name in names])
        if "marts.gates" in found:
            found["marts.gates"] = [self.explain_gates(r) for r in found["marts.gates"]]
        self.checks |= found
        return found

    def explain_gates(self, result: CheckResult) -> CheckResult:
        """Return a failing check of the gates with what was found; log what only warns."""
        language = self.dataset.languages[0]
        closed = self.engine.read(
            "select * from marts.gates where is_closed order by verdict, position"
        ).to_pylist()
        self.warnings = [file.refusal for file in self.parsed if file.refusal is not None]
        self.warnings += [explain_finding(g, language) for g in closed if g["verdict"] == "warn"]
        stops = [explain_finding(gate, language) for gate in closed if gate["verdict"] == "stop"]
        if result.passed or not stops:
            return result
        return replace(result, sentence=" ".join(stops))

    @property
    def building(self) -> Path:
        """The folder in which the snapshot is built."""
        return self.output / "snapshots" / publishing.BUILDING

    def export(self) -> dict[str, int]:
        """Write the published tables as Parquet and return their rows."""
        reach_fault_point("models_built")
        building = publishing.start_snapshot(self.output)
        rows = {}
        for name in self.catalogue.published:
            model = self.catalogue.models[name]
            rows[model.table] = self.engine.export(
                name,
                building / "tables" / f"{model.table}.parquet",
                model.header.grain,
                write_metadata(model.header.describe(), model.header.explain_columns()),
            )
        reach_fault_point("tables_exported")
        return rows

    def keep_quarantine(self, conflicts: list[str] | None = None) -> None:
        """List the rejected rows with their text where only the owner may look."""
        rejected = [
            (file.file.table, file.file.name, file.rejected)
            for file in self.parsed
            if file.rejected is not None and file.counts.quarantined_count
        ]
        path = self.output / "quarantine" / f"{self.as_of.isoformat()}.csv"
        write_list(rejected, path, conflicts or [])

    def list_conflicts(self) -> list[str]:
        """Return the versions of orders that contradict each other, each as text."""
        rows = self.engine.read(
            "select versions.* from staging.repeated_orders as versions"
            " inner join staging.repeated_orders as winners"
            " on versions.order_id = winners.order_id and winners.version = 1"
            " where winners.is_tied order by versions.order_id"
        ).to_pylist()
        filled = [{key: cell for key, cell in row.items() if cell is not None} for row in rows]
        return sorted(json.dumps(row, ensure_ascii=False, default=str) for row in filled)

    def write_reports(self) -> list[Path]:
        """Write the report and the workbook in each of the data set's languages."""
        from pipelines.report.html import write_html
        from pipelines.report.workbook import write_workbook

        names = [model.split(".")[1] for model in self.catalogue.published]
        report = ReportInput(
            dataset=self.dataset.name,
            as_of=self.as_of,
            knowledge_date=self.knowledge_date,
            currency=self.dataset.currency,
            timezone=self.dataset.timezone,
            conventions=describe_conventions(self.dataset),
            tables=read_tables(set(names), lambda query: self.engine.read(query).to_pandas()),
            columns={
                name: self.catalogue.models[f"marts.{name}"].header.explain_columns()
                for name in names
            },
            proposal_count=self.engine.read(
                "select count(*) as proposal_count from marts.exclusion_proposals"
            ).to_pylist()[0]["proposal_count"],
        )
        paths = []
        for language in self.dataset.languages:
            html = self.building / f"report.{language}.html"
            workbook = self.building / f"report.{language}.xlsx"
            write_html(report, language, html)
            write_workbook(report, language, workbook)
            paths += [html, workbook]
        reach_fault_point("report_written")
        return paths

    def publish(self) -> Snapshot:
        """Write the manifest and move the pointer.

        Raises GateError where a check failed.
        """
        refuse_failed_checks(self.checks)
        publishing.refuse_zombie(self.output, self.base)
        publishing.write_json(self.building / "run.json", {"seconds": self.seconds})
        publishing.write_manifest(self.building, self.describe_inputs() | self.describe_checks())
        self.snapshot = publishing.publish(
            self.output, self.building, self.as_of, self.fingerprint, self.base
        )
        return self.snapshot

    def describe_inputs(self) -> dict[str, Any]:
        """Return all that the snapshot is a function of."""
        return {
            "dataset": self.dataset.model_dump(mode="json"),
            "as_of": self.as_of.isoformat(),
            "knowledge_date": self.knowledge_date.isoformat(),
            "prior": publishing.find_prior(self.output, self.base, self.as_of),
            "promoted": None if self.promoted is None else self.promoted.model_dump(mode="json"),
            "inputs": [
                {"table": f.table, "name": f.name, "bytes": f.size_bytes, "sha256": f.sha256}
                for f in self.files
            ],
            "code": hash_code(),
            "versions": {name: metadata.version(name) for name in VERSIONED},
            "key_id": self.key.id if self.key is not None else None,
            "erased": self.erased,
            "fingerprint": self.fingerprint,
        }

    def describe_checks(self) -> dict[str, Any]:
        """Return the results of all checks."""
        return {
            "checks": [
                {"table": table, "check": result.name, "failing_count": result.failing_count}
                for table, results in sorted(self.checks.items())
                for result in results
            ]
        }

    def sign(self) -> str:
        """Return the sha256 of all inputs; equal inputs make equal snapshots."""
        inputs = self.describe_inputs() | {"fingerprint": ""}
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


@contextmanager
def start_run(request: RunRequest) -> Iterator[Run]:
    """Hold the data set's lock and a scratch engine for one run; both are gone afterwards.

    Raises InputError for a data set that cannot be used, LockedError where another run is at work.
    """
    if request.engine not in ENGINES:
        raise InputError(f"There is no engine {request.engine!r}; choose {' or '.join(ENGINES)}.")
    dataset = load_dataset(request.dataset)
    output = request.output or publishing.OUTPUT_ROOT / dataset.name
    with hold_lock(output):
        publishing.clear_leftovers(output)
        finish_pending(request.dataset, output, dataset)
        work = output / "work" / "run"
        work.mkdir(parents=True)
        engine = open_duckdb(
            work / "spill",
            readable=[output / "landing", output / "parsed"],
            writable=[output / "snapshots"],
            memory_bytes=choose_engine_memory(),
        )
        try:
            yield Run(
                dataset=dataset,
                folder=request.dataset,
                output=output,
                as_of_asked=request.as_of,
                catalogue=load_catalogue(),
                engine=engine,
                base=publishing.read_published(output),
                work=work,
                promoted=load_promoted(request.dataset),
            )
        finally:
            engine.close()
            shutil.rmtree(output / "work", ignore_errors=True)


def refuse_no_orders(files: list[ParsedFile]) -> None:
    """Raise InputError where every file of orders is empty, naming the first of them."""
    orders = [file for file in files if file.file.table == "orders"]
    if all(file.file.size_bytes == 0 for file in orders):
        raise InputError(f"{orders[0].file.name} is empty; export it again.")


def refuse_failed_checks(checks: dict[str, list[CheckResult]]) -> None:
    """Raise GateError with the first failing check's sentence, if any failed."""
    failed = [result for results in checks.values() for result in results if not result.passed]
    if failed:
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        raise GateError(f"Not published: {failed[0].sentence}{more}")


def check_currency(engine: DuckDBEngine, dataset: Dataset) -> None:
    """Raise InputError where orders are in another currency than the data set's.

    Texts that are no code are not quoted: the column may be another one, of names or phones.
    """
    found = engine.read(
        "select distinct currency from raw.orders where currency is not null order by currency"
    )
    others = [row for row in found.column("currency").to_pylist() if row != dataset.currency]
    codes = [text for text in others if re.fullmatch("[A-Z]{3}", text)]
    if codes:
        raise InputError(
            f"The orders hold amounts in {', '.join(codes)}, but dataset.yaml says currency "
            f"{dataset.currency}; export one currency per data set."
        )
    if others:
        raise InputError(
            "The currency column of the orders holds texts that are no code of three letters; "
            "correct its mapping in dataset.yaml."
        )


def hash_code() -> str:
    """Return the sha256 of the code and models that make a snapshot."""
    digest = hashlib.sha256()
    root = SQL_ROOT.parent
    for path in sorted([*root.glob("pipelines/**/*"), *SQL_ROOT.glob("**/*.sql")]):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
