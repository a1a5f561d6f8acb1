"""That every row of a file is either a row of a table or a reject, with the values it had.

Text is counted by the csv module and Parquet by pyarrow; how a single cell is read is tested
elsewhere.
"""

import csv
import datetime
import io
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.dataset import Dataset
from pipelines.engines.duckdb import open_duckdb
from pipelines.errors import InputError
from pipelines.ingest import text_files
from pipelines.ingest.identities import Key, tokenise
from pipelines.ingest.landing import land_files
from pipelines.ingest.outcomes import make_room
from pipelines.ingest.tables import fill_raw_tables, list_reasons, needs_key, parse_files
from pipelines.raw import RAW_TABLES

HEADER = ["order_id", "member_id", "paid_at", "paid_amount", "channel"]
GOOD_ROW = ["o1", "m1", "2024-01-02 10:00:00", "1.50", "门店"]
NO_TIME = ("paid_at", "not_a_time")
MOMENT = datetime.datetime(2024, 1, 2, 10)
Rows = list[dict[str, Any]]


def describe(
    files: dict[str, Any] | None = None, timezone: str = "Asia/Shanghai", **more: Any
) -> Dataset:
    content = {"name": "shop", "timezone": timezone, "currency": "CNY", **more}
    return Dataset.model_validate({**content, "files": files or {"orders": {"path": "orders*"}}})


def ingest(folder: Path, dataset: Dataset, table: str = "orders") -> tuple[Rows, Rows]:
    """Return the rows of a raw table and its rejects."""
    landed = land_files(folder, dataset, folder / ".landing")
    parsed = parse_files(landed, dataset, make_room(folder / ".out", folder / ".quarantine"))
    engine = open_duckdb(readable=[folder])
    counts = fill_raw_tables(engine, parsed)
    rows = engine.read(f"select * from raw.{table}").to_pylist()
    rejects = engine.read("select * from raw.rejects order by file_name, line").to_pylist()
    assert sum(counts.values()) == len(rejects)
    engine.close()
    return rows, rejects


def write_csv(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


def make_orders(count: int = 3, **columns: pa.Array) -> pa.Table:
    whole = {
        "order_id": pa.array([f"o{number}" for number in range(count)]),
        "member_id": pa.array([f"m{number}" for number in range(count)], pa.string()),
        "paid_at": pa.array([MOMENT] * count, pa.timestamp("us")),
        "paid_amount": pa.array([Decimal("1.50")] * count, pa.decimal128(18, 2)),
    }
    return pa.table(whole | columns)


def make_decimals(second: str) -> pa.Array:
    return pa.array([Decimal(1), Decimal(second), Decimal(2)], pa.decimal128(38, 10))


def locate(rejects: Rows) -> list[tuple[int, str, str]]:
    return [(row["line"], row["column_name"], row["reason"]) for row in rejects]


# Text


CELLS = st.sampled_from(
    ["", " ", "o1", "000123", "1.5", "1.505", "x", "2024-01-02", "2024-02-30", 'a "b", c', "\n"]
)
TEXT_ROWS = st.lists(st.one_of(st.just(GOOD_ROW), st.lists(CELLS, max_size=6)), max_size=30)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(TEXT_ROWS)
def test_text_rows_are_accepted_or_rejected_and_never_lost(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_csv(folder / "orders.csv", [HEADER, *rows])
        text = (folder / "orders.csv").read_text(encoding="utf-8")
        accepted, rejects = ingest(folder, describe())
    reader = csv.reader(io.StringIO(text, newline=""))
    next(reader)
    read = []
    line = reader.line_num + 1
    for row in reader:
        if row:
            read.append((line, row))
        line = reader.line_num + 1
    assert len(read) == len(accepted) + len(rejects)
    lines_of_rejects = {reject["line"] for reject in rejects}
    assert len(lines_of_rejects) == len(rejects)
    kept = [row for line, row in read if line not in lines_of_rejects]
    assert Counter(row[0].strip() for row in kept) == Counter(row["order_id"] for row in accepted)
    assert sum(Decimal(row[3].strip()) for row in kept) == sum(
        row["paid_amount"] for row in accepted
    )
    for line, row in read:
        if len(row) != len(HEADER):
            assert line in lines_of_rejects


def test_rejects_say_line_column_reason_and_amount_but_no_value(tmp_path: Path) -> None:
    rows = [
        HEADER,
        GOOD_ROW,
        ["o2", "m2\n\n", "2024-02-30", "7.25", "x"],
        ["", "m3", "2024-01-02", "8.00", "x"],
        ["o4", "m4"],
        ["o5", "m5", "2024-01-02", "1.505", "x"],
        ["1.5E+17", "m6", "2024-01-02", "9.00", "x"],
        ["o7", "m7", "", "9.00", "x"],
    ]
    write_csv(tmp_path / "orders.csv", rows)
    accepted, rejects = ingest(tmp_path, describe())
    assert [row["order_id"] for row in accepted] == ["o1"]
    assert locate(rejects) == [
        (3, "paid_at", "not_a_time"),
        (6, "order_id", "missing"),
        (7, "", "wrong_column_count"),
        (8, "paid_amount", "too_many_decimals"),
        (9, "order_id", "damaged_id"),
        (10, "business_date", "missing"),
    ]
    amounts = [row["amount"] for row in rejects]
    assert amounts == [Decimal("7.25"), Decimal("8"), None, None, Decimal("9"), Decimal("9")]


def test_refund_below_zero_is_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "orders.csv", [HEADER, GOOD_ROW])
    refunds = [["order_id", "refunded_at", "amount"], ["o1", "2024-01-03", "-5.00"]]
    write_csv(tmp_path / "refunds.csv", refunds)
    files = {"orders": {"path": "orders.csv"}, "refunds": {"path": "refunds.csv"}}
    accepted, rejects = ingest(tmp_path, describe(files), "refunds")
    assert (accepted, len(rejects)) == ([], 1)


@pytest.mark.parametrize("start", ["00:00", "04:00"])
def test_business_date_begins_when_the_shop_says(tmp_path: Path, start: str) -> None:
    times = ["2024-01-02 03:59:59", "2024-01-02 04:00:00", "2024-01-01T16:00:00Z", "2024-01-02"]
    write_csv(tmp_path / "orders.csv", [HEADER, *(["o", "m", time, "1", "x"] for time in times)])
    accepted, _ = ingest(tmp_path, describe(conventions={"day_starts_at": start}))
    days = [row["business_date"].day for row in accepted]
    assert days == ([2, 2, 2, 2] if start == "00:00" else [1, 2, 1, 1])


def test_creation_stands_in_for_payment(tmp_path: Path) -> None:
    header = ["order_id", "paid_amount", "paid_at", "created_at"]
    times = [["2024-01-02", "2024-01-01"], ["", "2024-01-01"], ["", ""]]
    rows = [["o", "1", *pair] for pair in times]
    write_csv(tmp_path / "orders.csv", [header, *rows])
    accepted, rejects = ingest(tmp_path, describe())
    assert [row["business_date"].day for row in accepted] == [2, 1]
    assert locate(rejects) == [(4, "business_date", "missing")]


def test_file_without_any_time_is_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "orders1.csv", [HEADER, GOOD_ROW])
    write_csv(tmp_path / "orders2.csv", [["order_id", "paid_amount"], ["o2", "5"]])
    with pytest.raises(InputError, match=r"^orders2.csv, line 1: .*paid_at or created_at"):
        ingest(tmp_path, describe())


def test_files_with_other_columns_and_in_other_order_are_one_table(tmp_path: Path) -> None:
    write_csv(tmp_path / "orders1.csv", [HEADER, GOOD_ROW])
    write_csv(tmp_path / "orders2.csv", [["units", *HEADER[::-1]], ["3", *GOOD_ROW[::-1]]])
    pq.write_table(make_orders(1), tmp_path / "orders3.parquet")
    accepted, _ = ingest(tmp_path, describe())
    values = {(row["order_id"], row["paid_at"], row["units"]) for row in accepted}
    assert values == {("o1", MOMENT, None), ("o1", MOMENT, 3), ("o0", MOMENT, None)}
    assert len(accepted) == 3
    assert {name for row in accepted for name in row} == set(RAW_TABLES["raw.orders"].schema.names)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("order_id,paid_at", "line 1: there is no column for paid_amount; the columns are order_i"),
        ("order_id,paid_at,paid_amount,order_id", "line 1: 2 columns are called 'order_id', so or"),
        ("Order_ID,paid_at,paid_amount", "line 1: there is no column for order_id; the columns "),
    ],
)
def test_header_that_does_not_fit_is_explained(tmp_path: Path, header: str, message: str) -> None:
    (tmp_path / "orders.csv").write_text(f"{header}\n")
    with pytest.raises(InputError) as caught:
        ingest(tmp_path, describe())
    assert str(caught.value).startswith(f"orders.csv, {message}")


def test_mapped_column_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("a,b,c\n")
    columns = {"order_id": "a", "paid_at": "b", "paid_amount": "金额"}
    dataset = describe({"orders": {"path": "orders.csv", "columns": columns}})
    with pytest.raises(InputError, match=r"^orders.csv, line 1: there is no column '金额'"):
        ingest(tmp_path, dataset)


def test_mapping_may_name_a_column_with_or_without_its_outer_spaces(tmp_path: Path) -> None:
    (tmp_path / "orders1.csv").write_text("a ,b,c\n1,2024-01-02,3\n")
    orders = make_orders(1).rename_columns(["a ", "member_id", "b", "c"])
    pq.write_table(orders, tmp_path / "orders2.parquet")
    columns = {"order_id": "a ", "paid_at": "b", "paid_amount": "c"}
    dataset = describe({"orders": {"path": "orders*", "columns": columns}})
    assert {row["order_id"] for row in ingest(tmp_path, dataset)[0]} == {"1", "o0"}


def test_amount_of_a_reject_is_empty_where_the_amount_itself_is_at_fault(tmp_path: Path) -> None:
    orders = make_orders(order_id=pa.array([None, "o1", "o2"]), paid_amount=make_decimals("1.005"))
    pq.write_table(orders, tmp_path / "orders.parquet")
    _, rejects = ingest(tmp_path, describe())
    assert [(row["line"], row["amount"]) for row in rejects] == [(1, Decimal(1)), (2, None)]


def test_personal_column_is_never_read(tmp_path: Path) -> None:
    write_csv(tmp_path / "orders.csv", [HEADER, GOOD_ROW])
    files = {"orders": {"path": "orders.csv", "personal": ["channel"]}}
    accepted, _ = ingest(tmp_path, describe(files))
    assert accepted[0]["channel"] is None
    for path in (tmp_path / ".out").iterdir():
        assert "门店".encode() not in path.read_bytes()


# Typed files


@settings(derandomize=True, deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "", "o1", "000123"]),
            st.sampled_from([None, 1.0, 12.34, 1.005, -3.5, float("nan"), 0.1 + 0.2, 1e17]),
            st.sampled_from([None, MOMENT]),
        ),
        max_size=20,
    )
)
def test_typed_rows_are_accepted_or_rejected_and_never_lost(rows: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        orders = make_orders(
            len(rows),
            order_id=pa.array([row[0] for row in rows], pa.string()),
            paid_amount=pa.array([row[1] for row in rows], pa.float64()),
            paid_at=pa.array([row[2] for row in rows], pa.timestamp("us")),
        )
        pq.write_table(orders, folder / "orders.parquet", row_group_size=5)
        accepted, rejects = ingest(folder, describe())
    good = [row for row in rows if row[0] and row[1] in (1.0, 12.34, -3.5) and row[2]]
    values = Counter((row["order_id"], row["paid_amount"], row["paid_at"]) for row in accepted)
    assert values == Counter((order, Decimal(str(amount)), time) for order, amount, time in good)
    assert {row["line"] for row in rejects} == {
        number for number, row in enumerate(rows, start=1) if row not in good
    }


@pytest.mark.parametrize(
    ("columns", "column", "values"),
    [
        ({"order_id": pa.array([10**17 + 3, 7, 0])}, "order_id", [f"{10**17 + 3}", "7", "0"]),
        ({"order_id": pa.array(["a", "b", "a"]).dictionary_encode()}, "order_id", ["a", "b", "a"]),
        (
            {"order_id": pa.array(["00", "１", "c"], pa.large_string())},
            "order_id",
            ["00", "１", "c"],
        ),
        ({"member_id": pa.array(["m1", None, ""])}, "member_id", ["m1", None, None]),
        ({"member_id": pa.array([" m1", "m 2\u3000", "7e"])}, "member_id", ["m1", "m 2", "7e"]),
        (
            {"paid_at": pa.array([MOMENT] * 3, pa.timestamp("ms", "UTC"))},
            "paid_at",
            [MOMENT + datetime.timedelta(hours=8)] * 3,
        ),
        (
            {"paid_at": pa.array([MOMENT] * 3, pa.timestamp("us", "America/New_York"))},
            "paid_at",
            [MOMENT + datetime.timedelta(hours=8)] * 3,
        ),
        ({"paid_at": pa.array([MOMENT] * 3, pa.timestamp("ns"))}, "paid_at", [MOMENT] * 3),
        (
            {"paid_at": pa.array([MOMENT.date()] * 3, pa.date32())},
            "paid_at",
            [datetime.datetime(2024, 1, 2)] * 3,
        ),
        ({"paid_at": pa.array(["2024-01-02T02:00:00Z"] * 3)}, "paid_at", [MOMENT] * 3),
        ({"paid_amount": pa.array([1, 2, 3], pa.int16())}, "paid_amount", [1, 2, 3]),
        ({"paid_amount": pa.array(["1.5", "2", "￥3"])}, "paid_amount", [Decimal("1.5"), 2, 3]),
        (
            {"paid_amount": pa.array([Decimal("1.5000")] * 3, pa.decimal128(30, 4))},
            "paid_amount",
            [Decimal("1.5")] * 3,
        ),
        ({"is_test": pa.array([True, None, False])}, "is_test", [True, False, False]),
        ({"units": pa.array([1, None, -1], pa.int8())}, "units", [1, None, -1]),
    ],
)
def test_typed_column_keeps_its_values(
    tmp_path: Path, columns: dict[str, pa.Array], column: str, values: list[Any]
) -> None:
    pq.write_table(make_orders(**columns), tmp_path / "orders.parquet")
    accepted, rejects = ingest(tmp_path, describe())
    assert ([row[column] for row in accepted], rejects) == (values, [])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"order_id": pa.array([b"1", b"2", b"3"])}, "column 'order_id': type binary cannot hold"),
        ({"paid_at": pa.array([1, 2, 3])}, "column 'paid_at': type int64 cannot hold paid_at"),
        ({"paid_amount": pa.array([True] * 3)}, "column 'paid_amount': type bool cannot hold"),
        ({"units": pa.array([True] * 3)}, "column 'units': type bool cannot hold units"),
    ],
)
def test_type_that_cannot_hold_the_values_is_refused(
    tmp_path: Path, columns: dict[str, pa.Array], message: str
) -> None:
    pq.write_table(make_orders(**columns), tmp_path / "orders.parquet")
    with pytest.raises(InputError, match=f"^orders.parquet, {message}"):
        ingest(tmp_path, describe())


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ({"order_id": pa.array(["o1", None, "o3"])}, [(2, "order_id", "missing")]),
        ({"order_id": pa.array(["o1", "", "o3"])}, [(2, "order_id", "missing")]),
        ({"order_id": pa.array(["o1", " \u3000", "o3"])}, [(2, "order_id", "missing")]),
        ({"order_id": pa.array(["o1", "1.2E+17", "o3"])}, [(2, "order_id", "damaged_id")]),
        ({"order_id": pa.array(["o1", "1e17", "o3"])}, [(2, "order_id", "damaged_id")]),
        ({"paid_at": pa.array([MOMENT, datetime.datetime(1, 1, 1), MOMENT])}, [(2, *NO_TIME)]),
        ({"paid_at": pa.array([MOMENT, None, MOMENT])}, [(2, "business_date", "missing")]),
        ({"paid_amount": pa.array([1.0, None, 2.0])}, [(2, "paid_amount", "missing")]),
        ({"paid_amount": make_decimals("1.0000000001")}, [(2, "paid_amount", "too_many_decimals")]),
        (
            {"paid_amount": make_decimals("9999999999999.9900000001")},
            [(2, "paid_amount", "too_many_decimals")],
        ),
    ],
)
def test_typed_cell_that_cannot_be_read_is_rejected(
    tmp_path: Path, columns: dict[str, pa.Array], wanted: list[Any]
) -> None:
    pq.write_table(make_orders(**columns), tmp_path / "orders.parquet")
    accepted, rejects = ingest(tmp_path, describe())
    assert locate(rejects) == wanted
    assert len(accepted) == 3 - len(wanted)


def test_missing_cells_are_seen_beside_nested_columns(tmp_path: Path) -> None:
    nested = pa.array([{"a": 1, "b": 2}] * 3)
    orders = make_orders(order_id=pa.array(["o1", None, "o3"]))
    pq.write_table(orders.add_column(0, "extra", nested), tmp_path / "orders.parquet")
    assert locate(ingest(tmp_path, describe())[1]) == [(2, "order_id", "missing")]


def test_columns_that_differ_in_case_are_not_mixed_up(tmp_path: Path) -> None:
    orders = make_orders().add_column(0, "ORDER_ID", pa.array(["wrong"] * 3))
    pq.write_table(orders, tmp_path / "orders.parquet")
    try:
        accepted, _ = ingest(tmp_path, describe())
    except InputError:
        return
    assert [row["order_id"] for row in accepted] == ["o0", "o1", "o2"]


def test_column_of_the_reader_s_own_name_does_no_harm(tmp_path: Path) -> None:
    orders = make_orders(file_row_number=pa.array([7, 8, 9]))
    pq.write_table(orders, tmp_path / "orders.parquet")
    assert len(ingest(tmp_path, describe())[0]) == 3


@pytest.mark.parametrize("damage", ["cut", "flipped", "magic only"])
def test_damaged_parquet_is_refused_in_one_sentence(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "orders.parquet"
    pq.write_table(make_orders(5_000), path)
    content = path.read_bytes()
    flipped = content[:40] + b"\xff" * 360 + content[400:]
    path.write_bytes({"cut": content[:-20], "flipped": flipped, "magic only": b"PAR1"}[damage])
    with pytest.raises(InputError, match=r"^orders.parquet is not a readable Parquet file; "):
        ingest(tmp_path, describe())


def test_dates_beyond_the_calendar_are_rejected(tmp_path: Path) -> None:
    days = pa.array([2**31 - 1, 19_724, -(2**31)], pa.int32()).view(pa.date32())
    pq.write_table(make_orders(paid_at=days), tmp_path / "orders.parquet")
    accepted, rejects = ingest(tmp_path, describe())
    assert [row["order_id"] for row in accepted] == ["o1"]
    assert [row["reason"] for row in rejects] == ["not_a_time"] * 2


# The cache


def test_same_file_is_parsed_once_and_again_when_the_mapping_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_csv(tmp_path / "orders.csv", [HEADER, GOOD_ROW, ["bad"]])
    parsed: list[str] = []
    write = text_files.write_parsed

    def count(text: Any, *rest: Any) -> None:
        parsed.append(text.name)
        write(text, *rest)

    monkeypatch.setattr(text_files, "write_parsed", count)
    first = ingest(tmp_path, describe())
    assert ingest(tmp_path, describe()) == first
    assert len(parsed) == 1
    columns = {"order_id": "member_id", "paid_at": "paid_at", "paid_amount": "paid_amount"}
    dataset = describe({"orders": {"path": "orders.csv", "columns": columns}})
    assert ingest(tmp_path, dataset)[0][0]["order_id"] == "m1"
    assert ingest(tmp_path, describe(timezone="UTC"))[0] == first[0]
    assert len(parsed) == 3


def test_half_written_cache_is_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_csv(tmp_path / "orders.csv", [HEADER, GOOD_ROW, ["bad"]])

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(text_files, "write_outcome", fail)
        with pytest.raises(OSError, match="No space"):
            ingest(tmp_path, describe())
    rows, rejects = ingest(tmp_path, describe())
    assert (len(rows), len(rejects)) == (1, 1)


PROGRAM = """
import sys
from pathlib import Path
from pipelines.dataset import load_dataset
from pipelines.ingest.identities import Key, tokenise
from pipelines.ingest.landing import land_files
from pipelines.ingest.outcomes import make_room
from pipelines.ingest.tables import parse_files
folder, out = Path(sys.argv[1]), Path(sys.argv[2])
dataset = load_dataset(folder)
room = make_room(out / "parsed", out / "quarantine")
parse_files(land_files(folder, dataset, out / "landing"), dataset, room)
"""


def test_parsed_bytes_do_not_depend_on_the_machine_s_time_zone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    chance = random.Random(1)
    rows = [
        ["o", "m", f"2024-{chance.randint(1, 12)}-{chance.randint(1, 31)} 2:30{offset}", "1", "x"]
        for offset in ("", ":00Z", ":00 +0000", ":00-05:00")
        for _ in range(50)
    ]
    rows = [[cell.replace(" 2:30", " 02:30") for cell in row] for row in rows]
    write_csv(folder / "orders.csv", [HEADER, *rows])
    settings_text = "name: shop\ntimezone: America/New_York\ncurrency: USD\nfiles:\n"
    (folder / "dataset.yaml").write_text(settings_text + "  orders: {path: orders.csv}\n")
    outcomes = []
    for zone in ("Asia/Shanghai", "America/New_York"):
        out = tmp_path / zone.replace("/", "_")
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(folder), str(out)],
            env={**os.environ, "TZ": zone},
            cwd=Path(text_files.__file__).parents[2],
            capture_output=True,
            check=True,
        )
        outcomes.append({path.name: path.read_bytes() for path in (out / "parsed").iterdir()})
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0]) == 2


def test_every_reason_stands_in_the_table_of_reasons() -> None:
    rows = list_reasons()
    assert len({row["reason"] for row in rows}) == len(rows)
    assert set(rows[0]) == set(RAW_TABLES["raw.reasons"].schema.names)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_masked_phone_is_nobody(tmp_path: Path, kind: str) -> None:
    members = ["186******05", "A*1", "", "13800000001"]
    rows = [[f"o{at}", member, *GOOD_ROW[2:]] for at, member in enumerate(members)]
    if kind == "csv":
        write_csv(tmp_path / "orders.csv", [HEADER, *rows])
        write_csv(tmp_path / "members.csv", [["member_id"], *([cell] for cell in members if cell)])
    else:
        orders = make_orders(4, member_id=pa.array(members))
        pq.write_table(orders, tmp_path / "orders.parquet")
        pq.write_table(pa.table({"member_id": members}).slice(0, 2), tmp_path / "members.parquet")
    dataset = describe({"orders": {"path": "orders.*"}, "members": {"path": "members.*"}})
    found, _ = ingest(tmp_path, dataset)
    assert [row["member_id"] for row in found] == [None, "A*1", None, "13800000001"]
    kept, rejects = ingest(tmp_path, dataset, "members")
    assert "186******05" not in [row["member_id"] for row in kept]
    assert locate(rejects)[0][1:] == ("member_id", "masked_identity")


def test_personal_member_id_becomes_a_token_without_a_mapping(tmp_path: Path) -> None:
    write_csv(tmp_path / "orders.csv", [HEADER, GOOD_ROW])
    dataset = describe({"orders": {"path": "orders.csv", "personal": ["member_id", "channel"]}})
    key = Key(bytes(32))
    room = replace(make_room(tmp_path / "parsed", tmp_path / "quarantine"), key=key)
    landed = land_files(tmp_path, dataset, tmp_path / "landing")
    assert needs_key(landed, room)
    (parsed,) = parse_files(landed, dataset, room)
    query = f"select member_id, channel from ({parsed.query})".format(paths=[str(parsed.path)])
    assert duckdb.execute(query).fetchall() == [(tokenise("m1", key), None)]


def test_constant_goes_before_a_column_of_the_file(tmp_path: Path) -> None:
    write_csv(tmp_path / "orders.csv", [HEADER, GOOD_ROW])
    dataset = describe({"orders": {"path": "orders.csv", "constants": {"channel": "天猫"}}})
    assert [row["channel"] for row in ingest(tmp_path, dataset)[0]] == ["天猫"]
