"""That a night of bad files closes the gate it should, and that no clean night closes any.

A shop of three stores was published the night before; each bad night spoils its files in one way.
What a gate finds in given rows is held by the cases of its model.
"""

import datetime
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines import runs
from pipelines.catalogue import load_catalogue
from pipelines.errors import GateError
from pipelines.runs import Run, RunRequest, start_run
from tests.integration.small_shop import (
    Row,
    find_state,
    prepare,
    run_shop,
    write_rows,
    write_time,
)

SETTINGS = """\
name: three_stores
timezone: Asia/Shanghai
currency: CNY
languages: [en]
files:
  orders: {path: "orders_*.csv"}
  refunds: {path: "refunds.csv"}
  members: {path: "members.csv"}
scopes: [store]
clusters: {count: 2}
"""
FIRST_DAY = datetime.date(2024, 1, 1)
LAST_DAY = datetime.date(2024, 4, 29)
DAY_BEFORE = LAST_DAY - datetime.timedelta(days=1)
# The days before stand in one file, each of the last ten in a file of its own.
DAILY_SINCE = LAST_DAY - datetime.timedelta(days=9)
GATES = "marts.gates"
FINDINGS = "intermediate.gate_findings"


def make_orders() -> list[Row]:
    """Return about forty orders a day, more at weekends, by members and guests alike."""
    chance = random.Random(20240429)
    orders: list[Row] = []
    for place in range((LAST_DAY - FIRST_DAY).days + 1):
        date = FIRST_DAY + datetime.timedelta(days=place)
        usual = 50 if date.weekday() >= 5 else 36
        for _ in range(round(chance.gauss(usual, usual**0.5))):
            paid_at = datetime.datetime.combine(date, datetime.time(7))
            paid_at += datetime.timedelta(seconds=chance.randrange(16 * 3600))
            orders.append(
                {
                    "order_id": f"{date:%y%m%d}-{len(orders):06}",
                    "paid_at": write_time(paid_at),
                    "paid_amount": f"{chance.randrange(900, 12_000) / 100:.2f}",
                    "member_id": f"M{chance.randrange(400)}" if chance.random() < 0.7 else "",
                    "status": "paid",
                    "store_id": f"S{chance.randrange(3)}",
                }
            )
    return orders


def find_date(order: Row) -> datetime.date:
    """Return the date on which an order was paid."""
    return datetime.date.fromisoformat(order["paid_at"][:10])


def make_refunds(orders: list[Row], until: datetime.date) -> list[Row]:
    """Return a full refund of each thirtieth order, up to nine days late, until a date."""
    refunds = []
    for place, order in enumerate(orders[::30]):
        refunded_on = find_date(order) + datetime.timedelta(days=place % 10)
        if refunded_on <= until:
            refunds.append(
                {
                    "refund_id": f"R{place}",
                    "order_id": order["order_id"],
                    "refunded_at": f"{refunded_on} 12:00:00",
                    "amount": order["paid_amount"],
                }
            )
    return refunds


def write_night(folder: Path, until: datetime.date) -> Path:
    """Write the data set as it was exported in the night after a date."""
    folder.mkdir(parents=True)
    (folder / "dataset.yaml").write_text(SETTINGS, encoding="utf-8")
    orders = make_orders()
    parts: dict[str, list[Row]] = {}
    for order in orders:
        date = find_date(order)
        if date <= until:
            parts.setdefault("history" if date < DAILY_SINCE else str(date), []).append(order)
    for name, rows in parts.items():
        write_rows(folder / f"orders_{name}.csv", rows)
    write_rows(folder / "refunds.csv", make_refunds(orders, until))
    members = [{"member_id": f"M{n}", "registered_at": "2023-06-01"} for n in range(300)]
    write_rows(folder / "members.csv", members)
    return folder


@contextmanager
def reach_gates(folder: Path, output: Path, as_of: str = "latest") -> Iterator[Run]:
    """Yield a run that has made its gates, and nothing that they do not need."""
    with start_run(RunRequest(folder, as_of, output)) as run:
        run.land()
        run.fill()
        needed, open_names = set(), [GATES]
        while open_names:
            name = open_names.pop()
            if name not in needed:
                needed.add(name)
                open_names += run.catalogue.find_sources(name)
        for name in run.catalogue.order:
            if name in needed:
                run.build(name)
        yield run


def list_closed(run: Run) -> dict[str, str]:
    """Return the verdicts of the closed gates."""
    rows = run.engine.read(f"select gate, verdict from {GATES} where is_closed").to_pylist()
    return {row["gate"]: row["verdict"] for row in rows}


def list_closings(run: Run, first: datetime.date, step: int) -> set[tuple[str, str]]:
    """Return what the gates find on every step-th date from the first one on, were it the newest.

    Each date is compared with the night before it, which had the same history.
    """
    days = (
        "select sales_days.business_date, sales_days.order_count,"
        " cast(sales_days.net_amount as double) as net_amount"
        " from intermediate.sales_days as sales_days inner join intermediate.scopes as scopes"
        " on sales_days.scope_key = scopes.scope_key and scopes.scope_type = 'all'"
    )
    run.engine.create("raw.all_days", days)
    run.engine.create("raw.all_dates", "select * from raw.calendar")
    parameters = "select * replace (date '{}' as as_of_date) from raw.parameters"
    closings = set()
    for number in range(0, (run.as_of - first).days + 1, step):
        date = first + datetime.timedelta(days=number)
        before = date - datetime.timedelta(days=1)
        for table, query in {
            "raw.parameters": parameters.format(date),
            "raw.calendar": f"select * from raw.all_dates where date <= date '{date}'",
            "raw.prior_days": f"select * from raw.all_days where business_date < date '{before}'",
            FINDINGS: run.catalogue.models[FINDINGS].query,
        }.items():
            run.engine.create(table, query)
        found = run.engine.read(f"select gate, subject from {FINDINGS}").to_pylist()
        closings |= {(row["gate"], row["subject"]) for row in found}
    return closings


@pytest.fixture(scope="module", autouse=True)
def catalogue() -> Iterator[None]:
    """Have the models read once for all runs."""
    read = load_catalogue()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "load_catalogue", lambda: read)
        yield


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a clean night."""
    return write_night(tmp_path_factory.mktemp("clean") / "data", LAST_DAY)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an output folder where the two clean nights before are published."""
    folder = tmp_path_factory.mktemp("published")
    for date in (DAY_BEFORE - datetime.timedelta(days=1), DAY_BEFORE):
        data = write_night(folder / str(date), date)
        run_shop(RunRequest(data, output=folder / "output"), skips_checks=True)
    return folder / "output"


@pytest.fixture
def output(published: Path, tmp_path: Path) -> Path:
    """Return an output folder of its own for a test."""
    return shutil.copytree(published, tmp_path / "output")


@pytest.fixture
def data(clean: Path, tmp_path: Path) -> Path:
    """Return a folder of its own for a test, with the files of the clean night."""
    return shutil.copytree(clean, tmp_path / "data")


def test_no_gate_closes_on_a_clean_night(data: Path, output: Path) -> None:
    with reach_gates(data, output) as run:
        assert run.as_of == LAST_DAY
        assert run.engine.read("select * from raw.prior_days").num_rows > 100
        assert run.engine.read("select * from raw.prior_files").num_rows > 10
        assert list_closed(run) == {}
        assert list_closings(run, FIRST_DAY + datetime.timedelta(days=40), step=4) == set()


def test_the_only_finding_of_a_year_of_the_sample_is_christmas(
    sample_folder: Path, tmp_path: Path
) -> None:
    with reach_gates(sample_folder, tmp_path / "output") as run:
        # Six and seven have no divisor in common: every weekday has its turn.
        closings = list_closings(run, datetime.date(2017, 3, 1), step=6)
    assert closings == {("missing_day", "2017-12-25")}


Spoil = Callable[[Path], object]
NEWEST = f"orders_{LAST_DAY}.csv"


def rewrite(path: Path, change: Callable[[list[list[str]]], list[list[str]]]) -> None:
    """Change the rows of a CSV file below its header; no cell of the shop holds a comma."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    rows = change([line.split(",") for line in lines])
    text = "\n".join([header, *(",".join(row) for row in rows)]) + "\n"
    path.write_text(text, encoding="utf-8")


def spoil_newest(change: Callable[[list[list[str]]], list[list[str]]]) -> Spoil:
    """Return what spoils the newest file."""
    return lambda folder: rewrite(folder / NEWEST, change)


def spoil_all(change: Callable[[list[list[str]]], list[list[str]]]) -> Spoil:
    """Return what spoils every file of orders."""

    def spoil(folder: Path) -> None:
        for path in folder.glob("orders_*.csv"):
            rewrite(path, change)

    return spoil


def double(rows: list[list[str]]) -> list[list[str]]:
    return rows + [["again-" + row[0], *row[1:]] for row in rows]


def shift(hours: int) -> Callable[[list[list[str]]], list[list[str]]]:
    def change(rows: list[list[str]]) -> list[list[str]]:
        by = datetime.timedelta(hours=hours)
        return [
            [row[0], write_time(datetime.datetime.fromisoformat(row[1]) + by), *row[2:]]
            for row in rows
        ]

    return change


def count_in_cents(rows: list[list[str]]) -> list[list[str]]:
    return [[*row[:2], row[2].replace(".", ""), *row[3:]] for row in rows]


def lose_store(rows: list[list[str]]) -> list[list[str]]:
    return [row for row in rows if row[5] != "S1"]


def spoil_fifth(rows: list[list[str]]) -> list[list[str]]:
    return [[*row[:2], "¥?", *row[3:]] if place % 5 == 0 else row for place, row in enumerate(rows)]


STOPPED: dict[str, tuple[Spoil, set[str], str]] = {
    "an orders file without a row": (
        spoil_newest(lambda rows: []),
        {"empty_file", "shrunk_file"},
        f"orders, {NEWEST}: the file holds no row; export it again.",
    ),
    "an orders file without a byte": (
        lambda folder: (folder / NEWEST).write_bytes(b""),
        {"empty_file", "shrunk_file"},
        f"orders, {NEWEST}: the file holds no row; export it again.",
    ),
    "a doubled day": (
        spoil_newest(double),
        {"doubled_day", "unusual_day"},
        f"{LAST_DAY}: 100% of the orders have the moment, member, amount and store of another",
    ),
    "one of three stores doubled": (
        spoil_newest(lambda rows: rows + double([r for r in rows if r[5] == "S1"])),
        {"doubled_day"},
        f"{LAST_DAY}: 42% of the orders have the moment, member, amount and store of another",
    ),
    "a doubled history": (
        spoil_all(double),
        {"changed_history"},
        "100% of the dates until",
    ),
    "a day later": (spoil_all(shift(24)), {"changed_history"}, "of the dates until"),
    "a day earlier": (spoil_all(shift(-24)), {"changed_history"}, "of the dates until"),
    "eight hours later": (spoil_all(shift(8)), {"changed_history"}, "see the time zone"),
    "eight hours earlier": (spoil_all(shift(-8)), {"changed_history"}, "see the time zone"),
    "the newest day in cents": (
        spoil_newest(count_in_cents),
        {"unusual_amount"},
        "see whether amounts are in another unit.",
    ),
    "everything in cents": (
        spoil_all(count_in_cents),
        {"changed_history"},
        "100% of the dates until 2024-04-24 have other orders or amounts",
    ),
    "history gone": (
        lambda folder: (folder / "orders_history.csv").unlink(),
        {"lost_history", "changed_history"},
        "Until 2024-04-27 there are only",
    ),
    "a fifth unreadable": (
        lambda folder: rewrite(folder / "orders_history.csv", spoil_fifth),
        {"rejected", "lost_history", "changed_history"},
        "orders, orders_history.csv: 20.0% of the rows cannot be read (at most 5.0% may)",
    ),
}
WARNED: dict[str, tuple[Spoil, set[str], str]] = {
    "a store missing": (
        spoil_newest(lose_store),
        {"missing_store"},
        "Store S1 has no order on the newest date, where the same weekdays before had 1",
    ),
    "a day missing": (
        lambda folder: (folder / f"orders_{DAY_BEFORE}.csv").unlink(),
        {"missing_day"},
        f"{DAY_BEFORE} has no order, where the same weekdays before had",
    ),
    "a file cut to a third": (
        spoil_newest(lambda rows: rows[: len(rows) // 3]),
        {"shrunk_file", "unusual_day"},
        f"orders, {NEWEST}: only 1",
    ),
}


@pytest.mark.parametrize("case", STOPPED)
def test_a_bad_night_is_stopped_and_the_night_before_stays(
    data: Path, output: Path, case: str
) -> None:
    spoil, gates, sentence = STOPPED[case]
    before = find_state(output)
    spoil(data)
    with reach_gates(data, output) as run:
        assert set(list_closed(run)) == gates
        run.inspect(GATES)
        with pytest.raises(GateError) as caught:
            run.publish()
    assert sentence in str(caught.value)
    assert caught.value.exit_code == 3
    assert find_state(output) == before


def test_twins_that_a_shop_always_has_are_left_alone(data: Path, tmp_path: Path) -> None:
    spoil_all(double)(data)
    with reach_gates(data, tmp_path / "output") as run:
        assert list_closed(run) == {}


@pytest.mark.parametrize("case", WARNED)
def test_a_doubtful_night_warns(data: Path, output: Path, case: str) -> None:
    spoil, gates, sentence = WARNED[case]
    spoil(data)
    with reach_gates(data, output) as run:
        assert list_closed(run) == dict.fromkeys(gates, "warn")
        assert all(result.passed for result in run.inspect(GATES)[GATES])
        assert sentence in run.warnings[0]


def test_a_night_with_a_warning_is_published_with_it(data: Path, output: Path) -> None:
    WARNED["a store missing"][0](data)
    with start_run(RunRequest(data, output=output)) as run:
        prepare(run, skips_checks=True)
        run.inspect(GATES)
        snapshot = run.publish()
    assert find_state(output)[0] == snapshot.folder.name
    gates = snapshot.table("gates").set_index("gate")
    assert list(gates.index[gates["is_closed"]]) == ["missing_store"]
    assert gates.loc["missing_store", "subject"] == "S1"
    assert len(run.warnings) == 1
