"""That every hostile file is refused in one sentence, or each of its rows is as expected.

The files, what is hostile about them and what must become of them stand in `make_corpus`.
"""

import time
from collections import Counter
from pathlib import Path

import pytest

from pipelines.errors import InputError
from pipelines.runs import RunRequest
from pipelines.snapshots import Snapshot
from tests.hostile.cases import COLUMNS, FIRST_ROW, LAST_ROW, Case
from tests.hostile.make_corpus import list_cases, write_case
from tests.hostile.reading import check_conservation, is_one_sentence, read_folder
from tests.integration.small_shop import SETTINGS, find_state, open_shop, run_shop

CASES = list_cases()
SLOWEST_SECONDS = 30


def test_corpus_is_as_large_as_promised() -> None:
    assert len(CASES) >= 160
    assert all(case.hostility for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_hostile_file_has_its_outcome(case: Case, tmp_path: Path) -> None:
    folder, started = write_case(case, tmp_path / "data"), time.monotonic()
    if case.refusal is not None:
        with pytest.raises(InputError) as caught:
            read_folder(folder, tmp_path / "work", case.table)
        assert is_one_sentence(str(caught.value))
        assert case.refusal in str(caught.value)
        assert time.monotonic() - started < SLOWEST_SECONDS
        return
    found = read_folder(folder, tmp_path / "work", case.table)
    rows = Counter(tuple(row[name] for name in case.columns) for row in found.rows)
    rejects = Counter((r["line"], r["column_name"], r["reason"]) for r in found.rejects)
    assert rejects == Counter((r.line, r.column, r.reason) for r in case.rejects)
    assert rows == Counter(case.rows)
    check_conservation(found)


# Whole runs


def is_of_good_orders(case: Case) -> bool:
    """Whether a case holds the first and last good order and rows to leave out, told by default."""
    rows = {row[: len(FIRST_ROW)] for row in case.rows}
    is_plain = not (case.source or case.settings or case.beside or case.arrange)
    return (
        bool(case.rejects)
        and is_plain
        and case.columns == COLUMNS
        and rows == {FIRST_ROW, LAST_ROW}
        and len(case.rows) == len(rows)
    )


def write_shop(folder: Path, cases: list[Case], gates: str) -> Path:
    """Write the small shop's files and, beside its orders, those of some cases."""
    open_shop().write(folder)
    (folder / "dataset.yaml").write_text(f"{SETTINGS}gates: {{{gates}}}\n", encoding="utf-8")
    for case in cases:
        (folder / f"orders {case.name}").write_bytes(case.make())
    return folder


def count_reasons(snapshot: Snapshot) -> Counter[tuple[str, str]]:
    """Return the published number of rows left out by file and reason."""
    rows = snapshot.arrow("quarantine_summary").to_pylist()
    return Counter({(row["file_name"], row["reason"]): row["row_count"] for row in rows})


def test_hostile_rows_are_counted_and_good_ones_published(tmp_path: Path) -> None:
    cases = [case for case in CASES if is_of_good_orders(case)]
    refused = [case for case in CASES if case.name in {"gzip_zeros", "book_bomb", "utf8_cut"}]
    assert len(cases) > 60 and len(refused) == 3
    gates = "rejected: ignore, missing_day: ignore, unusual_day: ignore, unusual_amount: ignore"
    folder = write_shop(tmp_path / "shop", cases + refused, f"{gates}, refused_file: warn")
    text = (folder / "dataset.yaml").read_text(encoding="utf-8").replace("orders*.csv", "orders*")
    (folder / "dataset.yaml").write_text(text, encoding="utf-8")
    snapshot, _ = run_shop(RunRequest(folder, output=tmp_path / "output"), skips_checks=True)
    wanted = Counter((f"orders {c.name}", r.reason) for c in cases for r in c.rejects)
    assert count_reasons(snapshot) == wanted
    files = {
        row["file_name"]: row
        for row in snapshot.arrow("input_files").to_pylist()
        if row["source_table"] == "orders"
    }
    assert sum(row["accepted_count"] for row in files.values()) == len(open_shop().orders) + 2
    for case in cases:
        row = files[f"orders {case.name}"]
        assert row["row_count"] == len(case.rows) + len(case.rejects)
        assert row["quarantined_count"] == len(case.rejects)
        assert row["accepted_count"] + row["duplicate_count"] == len(case.rows)


@pytest.mark.parametrize("name", ["gzip_one_line", "book_entities", "declared_utf8", "pdf"])
def test_refused_file_leaves_what_is_published(name: str, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == name)
    folder = write_shop(tmp_path / "shop", [], "")
    request = RunRequest(folder, output=tmp_path / "output")
    run_shop(request, skips_checks=True)
    before = find_state(tmp_path / "output")
    (folder / "orders_2.csv").write_bytes(case.make())
    encoding = case.source.get("encoding", "auto")
    text = SETTINGS.replace('"orders*.csv"', f'"orders*.csv", encoding: {encoding}')
    (folder / "dataset.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"orders_2\.csv") as caught:
        run_shop(request, skips_checks=True)
    assert (caught.value.exit_code, is_one_sentence(str(caught.value))) == (1, True)
    assert find_state(tmp_path / "output") == before


ORDER_TRUTHS = """\
order_id,paid_at,paid_amount,member_id,status
p1,2026-01-02 10:00:00,100.00,m1,created
p2,2026-01-02 11:00:00,200.00,m2,paid
p3,2026-01-02 12:00:00,300.00,186******05,paid
p4,2026-01-02 13:00:00,400.00,m1,paid
p5,2026-01-02 14:00:00,0.00,m1,paid
p6,2026-01-02 15:00:00,600.00,m2,cancelled
"""
LATER = """\
order_id,paid_at,paid_amount,member_id,status
p1,2026-01-02 10:00:00,100.00,m1,paid
p2,2026-01-02 11:00:00,200.00,m2,paid
p4,2026-01-02 13:00:00,401.00,m1,paid
p7,2026-01-05 13:00:00,700.00,m1,paid
"""
REFUNDS = """\
refund_id,order_id,refunded_at,amount
r1,p2,2026-01-03 10:00:00,250.00
r2,p3,2026-01-03 10:00:00,50.00
r2,p3,2026-01-03 10:00:00,50.00
"""


def write_truths(folder: Path, later: str = LATER, orders: str = "") -> Path:
    """Write orders that progress, repeat, contradict each other and are refunded beyond measure."""
    folder.mkdir()
    files = {"orders_1.csv": ORDER_TRUTHS, "orders_2.csv": later, "refunds.csv": REFUNDS}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "dataset.yaml").write_text(
        "name: truths\ntimezone: Asia/Shanghai\ncurrency: CNY\nlanguages: [en]\nfiles:\n"
        f'  orders: {{path: "orders*.csv"{orders}}}\n  refunds: {{path: "refunds.csv"}}\n',
        encoding="utf-8",
    )
    return folder


def test_orders_are_counted_once_and_contradictions_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGULARS_KEYS", str(tmp_path / "keys"))
    columns = ", ".join(f"{name}: {name}" for name in COLUMNS)
    personal = f", personal: [member_id], columns: {{{columns}}}"
    folder = write_truths(tmp_path / "shop", orders=personal)
    snapshot, _ = run_shop(RunRequest(folder, output=tmp_path / "output"), skips_checks=True)
    steps = {
        row["step"]: row["row_count"]
        for row in snapshot.arrow("population_waterfall").to_pylist()
        if row["row_count"]
    }
    assert steps == {
        "read": 10,
        "duplicate": 2,
        "conflicting": 2,
        "unpaid": 1,
        "refunded": 1,
        "zero": 1,
        "guest": 1,
        "registered": 2,
    }
    assert count_reasons(snapshot) == {
        ("orders_1.csv", "conflicting_versions"): 1,
        ("orders_2.csv", "conflicting_versions"): 1,
    }
    sales = {
        row["metric"]: row["value"]
        for row in snapshot.arrow("kpi").to_pylist()
        if (row["window_type"], row["scope_type"]) == ("month", "all")
    }
    assert (sales["net_sales"], sales["orders"]) == (100 + 300 - 50 + 700, 3)


def test_several_currencies_are_refused_with_the_list(tmp_path: Path) -> None:
    values = ("currency", "USD", "CNY", "EUR", "CNY")
    lines = [f"{a},{b}\n" for a, b in zip(LATER.splitlines(), values, strict=True)]
    folder = write_truths(tmp_path / "shop", "".join(lines))
    with pytest.raises(InputError, match=r"EUR, USD") as caught:
        run_shop(RunRequest(folder, output=tmp_path / "output"), skips_checks=True)
    assert is_one_sentence(str(caught.value))
