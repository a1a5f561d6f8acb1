"""That a shop's awkward orders come out as worked by hand, from files to published tables.

Each rule by itself is held by the cases of its model; here they meet in one small shop.
"""

import csv
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.runs import RunRequest, start_run

SETTINGS = """\
name: order_truth
timezone: Asia/Shanghai
currency: CNY
languages: [en]
files:
  orders:
    path: "orders*.csv"
    statuses: {done: [完成], cancelled: [关闭], refunded: [退款], test: [测试]}
    order_kinds: {sale: [销售], deposit: [定金], balance: [尾款], stored_value: [充值]}
  refunds: {path: refunds.csv}
  members: {path: members.csv}
  exclusions: {path: exclusions.csv}
  control_totals: {path: totals.csv}
scopes: [store]
clusters: {count: 2}
"""
FILES = {
    "orders_1.csv": """\
order_id,paid_at,paid_amount,member_id,status,order_kind,parent_order_id,store_id
A1,2024-03-02 10:00:00,100,M1,完成,销售,,S1
A2,2024-03-03 10:00:00,50,M2,完成,销售,,S1
A2,2024-03-03 10:00:00,50,M2,完成,销售,,S1
P1,2024-03-04 10:00:00,30,M1,完成,销售,W1,S1
P2,2024-03-05 10:00:00,40,M1,完成,销售,W1,S1
D1,2024-03-06 10:00:00,10,M2,完成,定金,,S1
B1,2024-03-20 10:00:00,90,M2,完成,尾款,D1,S1
D2,2024-03-07 10:00:00,11,M2,完成,定金,,S1
G1,2024-03-08 10:00:00,500,M1,完成,充值,,S1
R1,2024-03-09 10:00:00,-25,M1,完成,销售,,S1
R2,2024-03-10 10:00:00,-5,,完成,销售,,S2
T1,2024-03-11 10:00:00,7,M1,测试,销售,,S1
C1,2024-03-12 10:00:00,8,M1,关闭,销售,,S1
F1,2024-03-13 10:00:00,9,M1,退款,销售,,S1
U1,2024-03-14 10:00:00,13,M1,神秘,销售,,S1
Z1,2024-03-15 10:00:00,0,M1,完成,销售,,S1
X1,2024-03-16 10:00:00,60,M9,完成,销售,,S1
K1,2024-03-17 10:00:00,21,M1,完成,销售,,S1
Q1,2024-03-18 10:00:00,abc,M1,完成,销售,,S1
E1,2024-03-01 03:00:00,70,M1,完成,团购,,S1
""",
    "orders_2.csv": """\
order_id,paid_at,paid_amount,member_id,status,order_kind,parent_order_id,store_id
A1,2024-03-02 10:00:00,100,M1,完成,销售,,S1
K1,2024-03-17 10:00:00,22,M1,完成,销售,,S1
N1,2024-04-02 10:00:00,20,,完成,销售,,S1
N2,2024-04-03 10:00:00,15,M1,完成,销售,,S1
""",
    "refunds.csv": """\
refund_id,order_id,refunded_at,amount
F1,A1,2024-03-22 10:00:00,10
F1,A1,2024-03-22 10:00:00,10
F2,A2,2024-03-22 10:00:00,1
F2,A2,2024-03-22 10:00:00,2
""",
    "members.csv": """\
member_id,registered_at,deregistered_at,online_id
M1,2024-01-01 10:00:00,,o1
M1,2024-01-01 10:00:00,,o1
M2,2024-01-01 10:00:00,2024-03-15 10:00:00,
""",
    "exclusions.csv": "member_id,reason\nM9,staff\n",
    "totals.csv": "month,orders,net_sales\n2024-03,6,330\n2024-04,1,15.00\n",
}
BOXES = {
    "read": (24, 1196),
    "quarantined": (1, 0),
    "continuation": (0, 0),
    "duplicate": (2, 150),
    "conflicting": (2, 43),
    "after_as_of": (0, 0),
    "test": (1, 7),
    "unpaid": (2, 21),
    "exchange": (0, 0),
    "stored_value": (1, 500),
    "deposit": (1, 11),
    "return": (2, -30),
    "refunded": (1, 9),
    "zero": (1, 0),
    "excluded": (1, 60),
    "parcel": (2, 0),
    "guest": (1, 20),
    "identified": (1, 100),
    "registered": (5, 305),
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the folder of the tables that a run of the shop publishes; all their checks hold."""
    folder = tmp_path_factory.mktemp("order_truth")
    (folder / "data").mkdir()
    (folder / "data" / "dataset.yaml").write_text(SETTINGS, encoding="utf-8")
    for name, text in FILES.items():
        (folder / "data" / name).write_text(text, encoding="utf-8")
    with start_run(RunRequest(folder / "data", output=folder / "output")) as run:
        run.land()
        run.fill()
        for name in run.catalogue.order:
            run.build(name)
            if name in run.catalogue.published:
                assert [c.sentence for c in run.inspect(name)[name] if not c.passed] == []
        run.export()
        yield run.building / "tables"


def ask(tables: Path, table: str, columns: str, condition: str = "true") -> list[tuple[Any, ...]]:
    """Return rows of a published table, read by another program than the one that wrote it."""
    with duckdb.connect() as reader:
        return reader.execute(
            f"select {columns} from read_parquet('{tables / table}.parquet')"
            f" where {condition} order by all"
        ).fetchall()


def test_each_row_and_yuan_is_in_one_box(tables: Path) -> None:
    found = ask(tables, "population_waterfall", "step, row_count, gross_amount")
    boxes = {step: (rows, amount) for step, rows, amount in found}
    assert boxes == BOXES
    rows, amount = boxes.pop("read")
    assert rows == sum(count for count, _ in boxes.values())
    assert amount == sum(money for _, money in boxes.values())


def test_each_file_accounts_for_its_rows_and_money(tables: Path) -> None:
    counts = "row_count, accepted_count, quarantined_count, duplicate_count, continuation_count"
    amounts = "gross_amount, accepted_amount, quarantined_amount, duplicate_amount"
    rows = ask(tables, "input_files", f"file_name, {counts}, {amounts}")
    found = {name: values for name, *values in rows}
    assert found["orders_1.csv"] == [20, 17, 2, 1, 0, 1039, 968, 21, 50]
    assert found["orders_2.csv"] == [4, 2, 1, 1, 0, 157, 35, 22, 100]
    assert found["refunds.csv"] == [4, 1, 2, 1, 0, 23, 10, 3, 10]
    assert found["members.csv"][:5] == [3, 2, 0, 1, 0]
    assert all(row[0] == sum(row[1:5]) for row in found.values())


def test_contradictions_are_told_with_their_file(tables: Path) -> None:
    rows = ask(tables, "quarantine_summary", "file_name, reason, row_count, gross_amount")
    assert ("orders_1.csv", "conflicting_versions", 1, 21) in rows
    assert ("orders_2.csv", "conflicting_versions", 1, 22) in rows
    assert ("refunds.csv", "conflicting_refunds", 2, 3) in rows
    assert ("orders_1.csv", "not_money", 1, None) in rows


def test_returns_lower_the_sales_of_their_month_place_and_member(tables: Path) -> None:
    march = "window_type = 'month' and window_start = '2024-03-01'"
    found = {
        row[:2]: row[2:]
        for row in ask(tables, "kpi", "metric, scope, numerator, denominator", march)
    }
    assert found["orders", "all"] == (5, None)
    assert found["net_sales", "all"] == (350, None)
    assert found["net_sales", "S1"] == (355, None)
    assert found["net_sales", "S2"] == (-5, None)
    assert found["active_members", "all"] == (2, None)
    assert found["member_sales_share", "all"] == (255, 350)
    assert found["registered_members", "all"] == (1, None)
    spent = dict(ask(tables, "members", "member_id, lifetime_net_amount"))
    assert (spent["M1"], spent["M2"]) == (220, 150)
    left = ask(tables, "members", "is_registered, deregistered_on", "member_id = 'M2'")
    assert left == [(False, datetime.date(2024, 3, 15))]
    assert ask(tables, "members", "has_online_identity", "member_id = 'M1'") == [(True,)]


def test_totals_of_the_source_are_explained(tables: Path) -> None:
    rows = ask(
        tables, "control_reconciliation", "month, measure, source_value, own_value, explained_by"
    )
    march, april = datetime.date(2024, 3, 1), datetime.date(2024, 4, 1)
    assert rows == [
        (march, "net_sales", 330, 350, "unexplained"),
        (march, "orders", 6, 5, "zero_amounts"),
        (april, "net_sales", 15, 35, "guests"),
        (april, "orders", 1, 2, "guests"),
    ]


def test_what_words_were_taken_for_is_told(tables: Path) -> None:
    statuses = {
        row[0]: row[1:] for row in ask(tables, "order_statuses", "status, is_paid, status_class")
    }
    assert statuses["(other)"] == (False, None)
    assert statuses["完成"] == (True, "done")
    kinds = dict(ask(tables, "order_kinds", "word, order_kind"))
    assert (kinds["(other)"], kinds["定金"]) == ("sale", "deposit")
    assert ask(tables, "exclusions", "reason, member_count, order_count, net_amount") == [
        ("staff", 1, 1, 60)
    ]


def test_versions_that_contradict_each_other_can_be_found(tables: Path) -> None:
    (listed,) = tables.parents[2].glob("quarantine/*.csv")
    rows = list(csv.DictReader(listed.read_text(encoding="utf-8").splitlines()))
    texts = [row["row_text"] for row in rows if row["reason"] == "conflicting_versions"]
    assert sorted(json.loads(text)["paid_amount"] for text in texts) == ["21.00", "22.00"]
    assert listed.stat().st_mode & 0o077 == 0
