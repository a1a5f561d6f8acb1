"""The `regulars` command: one way in from the shell, the same job as everywhere.

Heavy libraries are imported by the commands that need them, so that the others answer at once.
"""

import datetime
import json
import logging
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from pipelines.errors import InputError, RegularsError
from pipelines.machine import explain_limit

if TYPE_CHECKING:
    from pipelines.dataset import Dataset, Language
    from pipelines.snapshots import Snapshot

SAMPLE = Path(__file__).resolve().parent.parent / "data_samples" / "complete_journey"
HEADLINES = (
    "active_members",
    "repurchase_rate",
    "member_order_share",
    "net_sales",
    "average_order_value",
)
Folder = click.Path(path_type=Path, file_okay=False)
Month = click.DateTime(["%Y-%m"])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--traceback", "show_traceback", is_flag=True, help="Show where in the program an error arose."
)
@click.version_option(package_name="regulars")
def cli(show_traceback: bool) -> None:
    """Tell a retailer who its regulars are, from the files that its systems export.

    \b
    regulars demo                               run on the bundled sample
    regulars init my_shop                       write my_shop/dataset.yaml by looking at its files
    regulars doctor my_shop                     tell what a run would find in them
    regulars run my_shop                        make segments, KPIs and the report
    regulars backfill my_shop --since 2025-01 --until 2025-12   as of the end of each month
    regulars explain repurchase_rate my_shop    tell what a number is made of, and of whom
    regulars ui my_shop                         open the Dagster UI on it
    regulars cuts promote my_shop               use the purchase cycles that the history proposes
    regulars erase NUMBER --dataset my_shop     take somebody out of everything retained

    Exit codes: 0 published or unchanged, 1 input or configuration, 2 usage, 3 refused by a gate,
    4 locked by another run.
    """  # noqa: D301 - click reads the backspace


def main() -> None:
    """Run the command; an error that a user can act on is one sentence and an exit code.

    The process ends without tearing down its native libraries: DuckDB's binding would print pages
    of warnings about objects that Great Expectations still holds.
    """
    code = execute()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def execute() -> int:
    """Run the command and return its exit code."""
    show_traceback = "--traceback" in sys.argv[1:]
    try:
        cli.main(standalone_mode=False)
    except RegularsError as error:
        return report(error, show_traceback)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:
        if (limit := explain_limit(error)) is not None:
            return report(limit, show_traceback)
        traceback.print_exc()
        return 70
    return 0


def report(error: RegularsError, show_traceback: bool) -> int:
    """Print an error's sentence, with the traceback if asked for, and return its exit code."""
    click.echo(f"regulars: {error}", err=True)
    if show_traceback:
        traceback.print_exc()
    return error.exit_code


@cli.command()
@click.argument("dataset", type=Folder)
@click.option("--as-of", default="latest", show_default=True, help="Last business date.")
@click.option("--output", type=Folder, help="Where to publish. [default: output/<data set>]")
@click.option("--engine", default="duckdb", show_default=True, help="Engine of the run.")
def run(dataset: Path, as_of: str, output: Path | None, engine: str) -> None:
    """Run the nightly job on DATASET, a folder with dataset.yaml and exported files."""
    run_dataset(dataset, as_of, output, engine)


@cli.command()
@click.argument("dataset", type=Folder)
@click.option("--since", type=Month, required=True, help="First month, like 2025-01.")
@click.option("--until", type=Month, required=True, help="Last month.")
@click.option("--output", type=Folder, help="Where to publish. [default: output/<data set>]")
def backfill(
    dataset: Path, since: datetime.datetime, until: datetime.datetime, output: Path | None
) -> None:
    """Publish a snapshot of DATASET as of the end of each month, oldest first.

    Each follows the one before it; what is current already never becomes an earlier one.
    """
    from pipelines.dataset import load_dataset
    from pipelines.runs import RunRequest
    from pipelines.windows import list_month_ends

    load_dataset(dataset)
    ends = list_month_ends(since.date(), until.date())
    if not ends:
        raise InputError(f"{since:%Y-%m} comes after {until:%Y-%m}; give the earlier month first.")
    show_progress()
    from assets.launching import launch_jobs

    requests = [RunRequest(dataset, end.isoformat(), output) for end in ends]
    for end, launched in zip(ends, launch_jobs(requests), strict=True):
        click.echo(f"{end}: {'published' if launched.is_published else 'unchanged'}.")


@cli.command()
@click.option("--output", type=Folder, help="Where to publish. [default: output/<data set>]")
def demo(output: Path | None) -> None:
    """Run the nightly job on the bundled sample, a year of a grocery chain's baskets."""
    run_dataset(SAMPLE, "latest", output, "duckdb")


def run_dataset(dataset: Path, as_of: str, output: Path | None, engine: str) -> None:
    """Run the job and print the headline KPIs and where the report is."""
    from pipelines.dataset import load_dataset
    from pipelines.runs import RunRequest

    settings = load_dataset(dataset)
    show_progress()
    from assets.launching import launch_job

    launched = launch_job(RunRequest(dataset, as_of, output, engine))
    summarise(launched.folder, settings.languages[0])
    click.echo("Published." if launched.is_published else "Unchanged: these inputs are published.")


def show_progress() -> None:
    """Print the steps of a run on a terminal; a log file gets none."""
    logger = logging.getLogger("pipelines.runs")
    if sys.stderr.isatty():
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    logger.propagate = False


def summarise(folder: Path, language: "Language") -> None:
    """Print the headline KPIs of the latest complete month, rejects, warnings, and the report."""
    from pipelines.gates import explain_finding
    from pipelines.report.explanation import sum_up_metrics
    from pipelines.snapshots import Snapshot

    snapshot = Snapshot(folder)
    kpi, metrics = snapshot.table("kpi"), snapshot.table("metrics").set_index("metric")
    months = kpi[(kpi.window_type == "month") & (kpi.scope_type == "all") & kpi.is_complete]
    click.echo(f"{snapshot.manifest['dataset']['name']}, {snapshot.as_of}")
    if len(months):
        latest = months[months.window_start == months.window_start.max()].set_index("metric")
        click.echo(f"{latest.window_start.iloc[0]:%Y-%m}:")
        for metric in HEADLINES:
            row = latest.loc[metric]
            is_empty = row.value != row.value
            value = row.null_reason if is_empty else show(row.value, metrics.unit[metric])
            click.echo(f"  {metrics[f'name_{language}'][metric]}: {value}")
    click.echo(sum_up_metrics(snapshot, language))
    for row in snapshot.arrow("quarantine_summary").to_pylist():
        where = ", ".join(filter(None, (row["source_table"], row["file_name"])))
        click.echo(f"! {where}: {row['row_count']:,} × {row[f'reason_{language}']}")
    for row in snapshot.arrow("gates").to_pylist():
        if row["is_closed"]:
            click.echo(f"! {explain_finding(row, language)}")
    click.echo(f"Report: {folder / snapshot.report_names[0]}")


def show(value: float, unit: str) -> str:
    """Return a number as a person reads it."""
    return {
        "share": f"{value:.1%}",
        "count": f"{value:,.0f}",
        "amount": f"{value:,.2f}",
        "ratio": f"{value:.2f}",
    }[unit]


@cli.command()
@click.argument("metric")
@click.argument("target", type=Folder, default=SAMPLE)
@click.option("--scope", default="all", show_default=True, help="all, or TYPE:NAME as in store:S1.")
@click.option(
    "--window",
    default="latest",
    show_default=True,
    help="TYPE:START as in month:2026-03, TYPE, or latest: the latest complete month.",
)
@click.option("--as-of", help="The snapshot of a date. [default: the current one]")
@click.option("--output", type=Folder, help="Where it is published. [default: output/<data set>]")
@click.option(
    "--members",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the members behind the number to this CSV file.",
)
@click.option(
    "--language", type=click.Choice(["zh", "en"]), help="[default: the data set's languages]"
)
def explain(
    metric: str,
    target: Path,
    scope: str,
    window: str,
    as_of: str | None,
    output: Path | None,
    members: Path | None,
    language: Literal["zh", "en"] | None,
) -> None:
    """Explain a published number: definition, numerator, denominator, queries, members.

    METRIC is a code as in the table metrics; TARGET is a data set, by default the sample, or an
    output folder. --members makes the list from the files that the snapshot was made from, and
    needs the data set's folder; the file is for its owner alone.
    """
    from pipelines.report.explanation import explain as explain_number
    from pipelines.report.explanation import list_members, render, render_queries
    from pipelines.snapshots import open_snapshot

    place = output or find_output(target)
    snapshot = open_snapshot(place, as_of)
    explanation = explain_number(snapshot, metric, scope, window)
    languages = [language] if language else snapshot.manifest["dataset"]["languages"]
    for spoken in languages:
        for line in (*render(explanation, spoken), ""):
            click.echo(line)
    for line in render_queries(explanation, languages[0]):
        click.echo(line)
    if members is not None:
        click.echo(list_members(explanation, snapshot, target, place, members, languages[0]))


@cli.command()
@click.option("--language", type=click.Choice(["zh", "en"]), help="[default: both]")
def dictionary(language: Literal["zh", "en"] | None) -> None:
    """Print the dictionary of all metrics as Markdown, made from the headers of their models."""
    from pipelines.dictionary import write_dictionary

    click.echo(write_dictionary([language] if language else ["en", "zh"]), nl=False)


@cli.command()
@click.argument("folder", type=Folder)
@click.option("--force", is_flag=True, help="Replace a dataset.yaml that is there.")
def init(folder: Path, force: bool) -> None:
    """Write FOLDER/dataset.yaml by looking at the files, and say why; a person corrects it."""
    from pipelines.ingest.discovery.first_dataset import write_first_dataset

    for line in write_first_dataset(folder, force):
        click.echo(line)


@cli.command()
@click.argument("folder", type=Folder)
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    help="Of what is said. [default: the data set's first language]",
)
def doctor(folder: Path, language: Literal["zh", "en"] | None) -> None:
    """Read everything in FOLDER as a run would, write nothing, and tell what is there.

    Exit code 1 where a run would not publish; then all that stands in its way is listed.
    """
    from pipelines.ingest.doctor.examination import examine
    from pipelines.ingest.doctor.rendering import render

    examination = examine(folder)
    for line in render(examination, language or examination.languages[0]):
        click.echo(line)
    if not examination.is_ready:
        raise InputError(f"A run of {folder} would not publish; what stands in its way is above.")


@cli.command()
@click.option("--lock", "locks", is_flag=True, help="Lock the metrics' definitions as they are.")
@click.option("--same", multiple=True, metavar="METRIC", help="Its numbers stay the same.")
def check(locks: bool, same: tuple[str, ...]) -> None:
    """Check every model: headers, columns, layers, cycles, portability, a test case for each.

    No definition of a metric may change without a higher version; --lock records new versions.
    """
    from pipelines.catalogue import load_catalogue
    from pipelines.contracts import check_catalogue
    from pipelines.definitions import check_definitions, renew_lock
    from pipelines.engines.duckdb import open_duckdb
    from pipelines.errors import CatalogueError

    catalogue = load_catalogue()
    engine = open_duckdb()
    problems = check_catalogue(catalogue, engine)
    engine.close()
    problems += renew_lock(catalogue, same) if locks else check_definitions(catalogue)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise CatalogueError(f"{len(problems)} of the contract's rules are broken.")
    click.echo(f"{len(catalogue.models)} models keep the contract.")


@cli.command()
@click.argument("datasets", nargs=-1, type=Folder)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=3000,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
def ui(datasets: tuple[Path, ...], port: int) -> None:
    """Open the Dagster UI on DATASETS, or on the sample, with their schedules and sensors."""
    from assets.web import serve

    serve([folder.resolve() for folder in datasets] or [SAMPLE], port)


@cli.command()
@click.argument("target", type=Folder)
@click.option("--as-of", help="The snapshot of a date. [default: the current one]")
def verify(target: Path, as_of: str | None) -> None:
    """Recompute every hash, row count and schema of TARGET's snapshot.

    TARGET is a data set or an output folder.
    """
    from pipelines.snapshots import find_damage, open_snapshot

    snapshot = open_snapshot(find_output(target), as_of)
    problems = find_damage(snapshot)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise InputError(f"{snapshot.folder} is damaged; run again or roll back.")
    files = len(snapshot.manifest["files"])
    click.echo(f"{snapshot.folder.name}: {files} files are as they were published.")


@cli.command()
@click.argument("target", type=Folder)
@click.option("--to", type=click.DateTime(["%Y-%m-%d"]), help="As-of date to go back to.")
def rollback(target: Path, to: datetime.datetime | None) -> None:
    """Make the snapshot before the current one current, or that of a date."""
    from pipelines.locking import hold_lock
    from pipelines.publishing import roll_back

    output = find_output(target)
    with hold_lock(output):
        snapshot = roll_back(output, to.date() if to else None)
    click.echo(f"Current is now {snapshot.folder.name}.")


@cli.command()
@click.argument("members", nargs=-1, required=True, metavar="MEMBER...")
@click.option("--dataset", type=Folder, required=True, help="Folder with dataset.yaml.")
@click.option("--output", type=Folder, help="Where it publishes. [default: output/<data set>]")
@click.option("--always", is_flag=True, help="Also keep out numbers that nothing holds yet.")
def erase(members: tuple[str, ...], dataset: Path, output: Path | None, always: bool) -> None:
    """Erase people from everything retained, and keep them out of files to come.

    MEMBER is a member number as the shop's files have it, or a phone or an e-mail where that is
    the number; - reads them from standard input, one a line, so that no shell remembers them.
    Orders stay, as guests' orders. The shop's own files are not changed.
    """
    from pipelines.dataset import load_dataset
    from pipelines.erasure import erase as erase_members
    from pipelines.publishing import OUTPUT_ROOT

    settings = load_dataset(dataset)
    given = [line.strip() for line in sys.stdin] if members == ("-",) else list(members)
    numbers = [number for number in given if number]
    if not numbers:
        raise InputError("No number was given; name at least one.")
    place = output or OUTPUT_ROOT / settings.name
    erased = erase_members(dataset, place, settings, numbers, always)
    click.echo(
        f"Erased; numbers: {erased.member_count}, merged ones among them; landed files written "
        f"anew: {erased.file_count}; snapshots written anew: {erased.snapshot_count}."
    )
    click.echo(f"Figures stay until the next run. The files in {dataset} are as they were.")


@cli.command()
@click.argument("target", type=Folder)
@click.option(
    "--expected",
    type=click.DateTime(["%Y-%m-%d"]),
    help="As-of date that must be published. [default: yesterday]",
)
def status(target: Path, expected: datetime.datetime | None) -> None:
    """Tell whether last night's run was published; exit code 1 if not, for alerts."""
    from zoneinfo import ZoneInfo

    from pipelines.report.explanation import sum_up_metrics
    from pipelines.snapshots import open_snapshot, read_pointer

    output = find_output(target)
    pointer, snapshot = read_pointer(output), open_snapshot(output)
    zone = ZoneInfo(snapshot.manifest["dataset"]["timezone"])
    yesterday = datetime.datetime.now(zone).date() - datetime.timedelta(days=1)
    wanted = expected.date() if expected else yesterday
    dates = len(pointer.by_as_of)
    click.echo(f"Current: {snapshot.folder.name}, one of {dates}; generation {pointer.generation}.")
    click.echo(sum_up_metrics(snapshot, snapshot.manifest["dataset"]["languages"][0]))
    if snapshot.as_of < wanted:
        raise InputError(f"The current snapshot ends {snapshot.as_of}; {wanted} is missing.")


@cli.group()
def cuts() -> None:
    """Show the purchase cycles in use and proposed, or promote what is proposed."""


@cuts.command("show")
@click.argument("dataset", type=Folder)
@click.option("--output", type=Folder, help="Where it publishes. [default: output/<data set>]")
def show_cuts(dataset: Path, output: Path | None) -> None:
    """Print the purchase cycles of DATASET: in use, and as its newest snapshot proposes them."""
    from pipelines.cycles import compare_cycles

    settings, snapshot = open_newest(dataset, output)
    for line in compare_cycles(dataset, settings, snapshot):
        click.echo(line)


@cuts.command("promote")
@click.argument("dataset", type=Folder)
@click.option("--output", type=Folder, help="Where it publishes. [default: output/<data set>]")
def promote_cuts(dataset: Path, output: Path | None) -> None:
    """Write what the newest snapshot of DATASET proposes to cuts.yaml; runs read it from then on.

    Churn, dormancy and NES hang on the cycles, so their numbers change with the next run.
    """
    from pipelines.cycles import promote
    from pipelines.dataset import CUTS

    _, snapshot = open_newest(dataset, output)
    promoted = promote(dataset, snapshot)
    if promoted is None:
        click.echo("Unchanged: these cycles are in use.")
        return
    click.echo(f"{dataset / CUTS}, version {promoted.version}, from {promoted.snapshot}:")
    for cycle in promoted.cycles:
        click.echo(f"  {cycle.scope_type} {cycle.scope}: {cycle.cycle_days} days")


def open_newest(dataset: Path, output: Path | None) -> "tuple[Dataset, Snapshot]":
    """Return a data set's settings and its newest snapshot.

    Raises InputError where either is not there.
    """
    from pipelines.dataset import load_dataset
    from pipelines.publishing import OUTPUT_ROOT
    from pipelines.snapshots import list_snapshots

    settings = load_dataset(dataset)
    return settings, list_snapshots(output or OUTPUT_ROOT / settings.name)[-1]


@cli.command()
def schema() -> None:
    """Print the JSON schema of dataset.yaml, for editors."""
    from pipelines.dataset import write_schema

    click.echo(json.dumps(write_schema(), ensure_ascii=False, indent=2))


@cli.command()
@click.argument("folder", type=Folder)
@click.option("--members", type=click.IntRange(min=500), required=True, help="How many.")
@click.option("--orders", type=click.IntRange(min=1_000), required=True, help="How many.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same gives the same files."
)
@click.option("--format", "file_format", type=click.Choice(["parquet", "csv"]), default="parquet")
@click.option("--encoding", type=click.Choice(["utf-8", "gb18030"]), default="utf-8")
def generate(
    folder: Path, members: int, orders: int, seed: int, file_format: str, encoding: str
) -> None:
    """Write the exports of an invented tea chain to FOLDER, of any size."""
    from pipelines.generator.tea_house import generate as write_tea_house

    write_tea_house(folder, members, orders, seed, file_format, encoding, click.echo)  # type: ignore[arg-type]


def find_output(target: Path) -> Path:
    """Return the output folder that a person means: the folder itself, or a data set's own."""
    from pipelines.dataset import load_dataset
    from pipelines.publishing import OUTPUT_ROOT
    from pipelines.snapshots import POINTER

    if (target / POINTER).exists() or not (target / "dataset.yaml").exists():
        return target
    return OUTPUT_ROOT / load_dataset(target).name


if __name__ == "__main__":
    main()
