"""That `regulars doctor` counts exactly what is wrong in a folder, and leaves no trace of itself.

How it is said is tested in `tests/unit/test_doctor.py`.
"""

import csv
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assets import cli
from pipelines.ingest.discovery.first_dataset import write_first_dataset
from pipelines.ingest.doctor.examination import examine
from pipelines.ingest.doctor.findings import Examination, FileReport, Overlap, Rejects, TableReport
from pipelines.ingest.doctor.rendering import render

SETTINGS = """\
name: clinic
timezone: Asia/Shanghai
currency: CNY
files:
  orders:
    path: "orders_*.csv"
    columns:
      {order_id: 订单号, paid_at: 付款时间, paid_amount: 实付, member_id: 手机, status: 状态,
       order_kind: 类型, currency: 币种}
    personal: [手机, 姓名]
    order_kinds: {gift_card: [礼品卡]}
  refunds: {path: refunds.csv}
  members: {path: members.csv, columns: {member_id: 手机}, personal: [手机]}
gates: {rejected: warn}
"""
HEADER = ["订单号", "付款时间", "实付", "手机", "姓名", "状态", "类型", "币种", "备注"]
CANARY = "13912340000"


def write_orders(path: Path, *rows: list[str], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([HEADER, *rows])


def order(
    number: str,
    day: str = "2024-05-01",
    paid: str = "10.00",
    phone: str = "13900000001",
    status: str = "已完成",
    kind: str = "",
) -> list[str]:
    return [number, f"{day} 10:00:00", paid, phone, "王小明", status, kind, "CNY", "x"]


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of files with known defects."""
    monkeypatch.setenv("REGULARS_KEYS", str(tmp_path / "keys"))
    folder = tmp_path / "clinic"
    folder.mkdir()
    (folder / "dataset.yaml").write_text(SETTINGS, encoding="utf-8")
    write_orders(
        folder / "orders_a.csv",
        order("A1"),
        order("A2", paid="12.345"),
        order("A3", phone="139****0001"),
        order("A4", phone=""),
        order("3.5E+17", phone=CANARY),
        order("1.2E+17"),
        order("A5", kind="礼品卡"),
        order("A6", kind="神秘"),
        order("A7", status="风控中"),
        order("A8", status="已取消"),
        order("A1"),
        order("A9", day="2019-01-01"),
        *(order(f"B{number}", phone="13900000002") for number in range(200)),
        encoding="gb18030",
    )
    write_orders(
        folder / "orders_b.csv",
        order("A7", status="已完成"),
        order("A8", status="已取消"),
        *(
            order(f"C{day}{n}", f"2024-05-0{day}", phone="13900000009")
            for day in "345"
            for n in "12345"
        ),
    )
    (folder / "refunds.csv").write_text(
        "order_id,refunded_at,amount\nA1,2024-05-03,1.00\nZ9,2024-05-03,2.00\nA5,2024-05-03,-1\n",
        encoding="utf-8",
    )
    (folder / "members.csv").write_text("手机\n13900000001\n13900000002\n", encoding="utf-8")
    (folder / "notes.txt").write_text("not named\n", encoding="utf-8")
    return folder


@pytest.fixture
def regulars(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a way to run the command in this process: exit code, standard output and error."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["regulars", *map(str, words)])
        code = cli.execute()
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def look(examination: Examination, name: str) -> tuple[FileReport, TableReport]:
    """Return the report of a file, and that of its table."""
    report = next(report for report in examination.files if report.name == name)
    return report, report.tables[0]


def list_traces(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of everything below a folder, and of itself."""
    paths = [folder, *folder.rglob("*")]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}


def test_every_defect_is_counted(clinic: Path) -> None:
    found = examine(clinic)
    report, orders = look(found, "orders_a.csv")
    assert (report.kind, report.encoding, report.delimiter) == ("text", "gb18030", ",")
    counts = orders.counts
    assert (counts.row_count, counts.accepted_count, counts.quarantined_count) == (212, 209, 3)
    assert str(counts.accepted_amount) == "2090.00"
    assert orders.rejects == (
        Rejects("订单号", "damaged_id", 2, (6, 7)),
        Rejects("实付", "too_many_decimals", 1, (3,)),
    )
    assert (orders.duplicates, orders.versions) == (1, 0)
    assert orders.overlaps == (Overlap("orders_b.csv", 2, 1),)
    assert orders.orders_without_member == 2
    assert report.masked == 1
    assert (orders.far, str(orders.far_from[0]) if orders.far_from else "") == (1, "2024-05-01")
    meanings = {word.word: (word.count, word.meaning, word.is_paid) for word in orders.statuses}
    assert meanings == {
        "已完成": (207, "done", True),
        "风控中": (1, None, False),
        "已取消": (1, "cancelled", False),
    }
    kinds = {word.word: (word.count, word.meaning) for word in orders.kinds}
    assert kinds == {"礼品卡": (1, "gift_card"), "神秘": (1, None)}
    assert orders.currencies == (("CNY", 209),)
    assert (report.ignored, report.unread) == (("备注",), ("姓名",))
    assert orders.tokens == ("member_id",)
    _, refunds = look(found, "refunds.csv")
    assert refunds.rejects == (Rejects("amount", "negative_amount", 1, (4,)),)
    across = found.across
    assert (across.refunds, across.orphans) == (2, 1)
    assert (across.identified, across.unregistered, across.asks_unregistered) == (221, 15, True)
    assert across.orders == 208 + 15
    assert [(each.date_count, each.ticket_count) for each in across.proposed] == [(3, 15)]
    assert found.unused == ("notes.txt",)
    assert (found.is_ready, found.is_throw_away) == (True, True)
    text = "\n".join(render(found, "zh") + render(found, "en"))
    for value in (CANARY, "13900000001", "139****0001", "王小明", "12.345", "3.5E"):
        assert value not in text


def test_no_trace_is_left(
    clinic: Path, regulars: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = clinic.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.chdir(clinic.parent)
    before = list_traces(clinic)
    code, out, err = regulars("doctor", clinic)
    assert (code, err) == (0, "")
    assert out.startswith("clinic：按运行方式读取 4 个文件，不写入任何内容。")
    assert "本次在内存中使用临时密钥" in out
    assert list_traces(clinic) == before
    assert list(temporary.iterdir()) == []
    assert sorted(path.name for path in clinic.parent.iterdir()) == ["clinic", "temporary"]


def test_all_that_would_be_refused_is_listed(
    clinic: Path, regulars: Callable[..., tuple[int, str, str]]
) -> None:
    text = SETTINGS.replace(
        "gates: {rejected: warn}", "gates: {rejected_share: 0.001, rejected_rows: 0}"
    )
    text = text.replace("members.csv", "nobody.csv")
    (clinic / "dataset.yaml").write_text(text, encoding="utf-8")
    (clinic / "refunds.csv").write_text("order_id,when\n1,2\n", encoding="utf-8")
    (clinic / "orders_c.csv").write_bytes(b"")
    write_orders(clinic / "orders_d.csv", [*order("D1")[:7], "USD", ""])
    code, out, err = regulars("doctor", clinic, "--language", "en")
    assert code == 1
    assert err.startswith("regulars: A run of ") and err.count("\n") == 1
    problems = out[out.index("A run would not publish:") :]
    for part in (
        "orders, orders_a.csv: 1.4% of the rows cannot be read",
        "orders, orders_c.csv: the file holds no row",
        "no file matches 'nobody.csv'",
        "refunds.csv, line 1: there is no column for refunded_at",
        "The orders hold amounts in USD, but dataset.yaml says currency CNY",
    ):
        assert part in problems, part


def test_the_key_of_the_data_set_is_used_where_it_is(clinic: Path) -> None:
    (clinic / "dataset.yaml").unlink()
    lines = write_first_dataset(clinic, force=False)
    assert any("clinic.key" in line for line in lines)
    keys = list_traces(clinic.parent / "keys")
    found = examine(clinic)
    assert not found.is_throw_away
    assert found.key_id is not None
    assert list_traces(clinic.parent / "keys") == keys


def test_a_folder_without_settings_is_one_sentence(
    tmp_path: Path, regulars: Callable[..., tuple[int, str, str]]
) -> None:
    code, out, err = regulars("doctor", tmp_path)
    assert (code, out) == (1, "")
    assert "regulars init" in err
