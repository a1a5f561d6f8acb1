"""That nothing about a person is anywhere but in landing and quarantine, however a run ends.

Names of files are published, as are the words of columns that dataset.yaml maps as statuses,
channels and the like; neither is a place for a person, and no canary is in one.
"""

import gzip
import os
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets import cli
from pipelines import runs
from pipelines.catalogue import Accepted, load_catalogue
from pipelines.runs import Run, RunRequest
from tests.integration.small_shop import Job, Row, find_state, open_shop, write_rows

pytestmark = pytest.mark.long

KILLED = -9
# What no output may hold: parts of every phone, e-mail, name, address and remark of the data set.
PHONE = "139000"
WORDS = ("云雀", "feldlerche")
SETTINGS = """\
name: lark_shop
timezone: Asia/Shanghai
currency: CNY
languages: [zh, en]
files:
  orders:
    path: "orders*.csv"
    columns:
      {order_id: 订单号, paid_at: 付款时间, paid_amount: 金额, member_id: 手机号, status: 状态,
      currency: 币种}
    personal: [手机号, 收货人, 邮箱]
  refunds: {path: "refunds*.csv"}
  members:
    path: "members*"
    columns: {member_id: 手机号, registered_at: 注册时间, tier: 等级}
    personal: [手机号, 姓名, 邮箱]
clusters: {count: 2}
"""
ORDER_COLUMNS = {
    "订单号": "order_id",
    "付款时间": "paid_at",
    "金额": "paid_amount",
    "状态": "status",
}


def name_phone(number: str) -> str:
    """Return the phone of a member."""
    return f"{PHONE}{number:0>5}" if number else ""


@dataclass
class Shop:
    """The rows of a shop that is full of people, and its settings."""

    orders: list[Row]
    members: list[Row]
    refunds: list[Row]
    settings: str = SETTINGS
    rest: dict[str, bytes] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write the data set's folder and return it; orders are in GB18030."""
        folder.mkdir(parents=True)
        write_rows(folder / "refunds.csv", self.refunds)
        write_rows(folder / "orders.csv", self.orders)
        orders = (folder / "orders.csv").read_text(encoding="utf-8")
        # Text after the last column, and a mark that no such file has but spreadsheets write.
        (folder / "orders.csv").write_text(
            orders + "云雀,feldlerche,一,二,三,四,五,六,七,八,九\n", encoding="gb18030", newline=""
        )
        write_rows(folder / "members.csv", self.members)
        for name, data in self.rest.items():
            (folder / name).write_bytes(data)
        (folder / "dataset.yaml").write_text(self.settings, encoding="utf-8")
        return folder


def open_lark_shop() -> Shop:
    """Return a shop with canaries in keys, masked keys, unread columns and rejected rows."""
    small = open_shop()
    orders = [
        {
            **{column: row[canonical] for column, canonical in ORDER_COLUMNS.items()},
            "手机号": name_phone(row["member_id"]),
            "币种": "CNY",
            "收货人": f"云雀{row['order_id']}",
            "地址": f"云雀路{row['order_id']}号",
            "邮箱": f"{row['order_id']}@feldlerche.example",
            "备注": f"请打电话给云雀 {name_phone('77')}",
        }
        for row in small.orders
    ]
    masked = {**orders[1], "订单号": "90001", "手机号": f"{PHONE}****1"}
    rejected = {**orders[2], "订单号": "90002", "金额": "云雀的金额"}
    members = [
        {
            "手机号": name_phone(row["member_id"]),
            "姓名": f"云雀{row['member_id']}",
            "邮箱": f"{row['member_id']}@feldlerche.example",
            "注册时间": row["registered_at"],
            "等级": row["tier"],
        }
        for row in small.members
    ]
    return Shop([*orders, masked, rejected], members, small.refunds)


@pytest.fixture(autouse=True)
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a home of Dagster and a folder of keys."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    monkeypatch.setenv("REGULARS_KEYS", str(tmp_path / "keys"))


@dataclass
class Ground:
    """Where a test runs, and how it looks for what must not be there."""

    root: Path
    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]
    log: pytest.LogCaptureFixture
    said: str = ""

    @property
    def output(self) -> Path:
        return self.root / "output"

    def run(self, shop: Shop, name: str = "shop") -> int:
        """Run as from the shell and return the exit code; what is said is kept."""
        folder = shop.write(self.root / name)
        self.patch.setattr(
            sys,
            "argv",
            ["regulars", "--traceback", "run", str(folder), "--output", str(self.output)],
        )
        code = cli.execute()
        self.listen()
        return code

    def listen(self) -> None:
        """Keep what was printed and logged."""
        printed = self.capture.readouterr()
        self.said += printed.out + printed.err + self.log.text

    def find_canaries(self) -> list[str]:
        """Return where a canary is, of all that is printed, logged and written."""
        found = [f"said: {line}" for line in self.said.splitlines() if has_canary(line.encode())]
        for folder in (self.output, self.root / "dagster"):
            for path in sorted(folder.rglob("*")):
                place = path.relative_to(folder).parts[0]
                if folder == self.output and place in ("landing", "quarantine"):
                    continue
                if path.is_file() and any(map(has_canary, read_pieces(path))):
                    found.append(str(path.relative_to(self.root)))
        return found


@pytest.fixture
def ground(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Ground:
    """Return where a test runs."""
    return Ground(tmp_path, monkeypatch, capsys, caplog)


def has_canary(data: bytes) -> bool:
    """Whether bytes hold a canary in any encoding of text, or escaped as in JSON."""
    texts = [(word, codec) for word in WORDS for codec in ("utf-8", "gb18030", "utf-16-le")]
    escaped = [word.encode("unicode_escape") for word in WORDS]
    needles = [*escaped, *(text.encode(codec) for text, codec in [*texts, (PHONE, "ascii")])]
    return any(needle in data for needle in needles)


def read_pieces(path: Path) -> Iterator[bytes]:
    """Yield a file's name, its bytes, and what is in it compressed or in pages."""
    data = path.read_bytes()
    yield path.name.encode()
    yield data
    if data.startswith(b"PAR1"):
        table = pq.read_table(path)
        yield str(table.schema.metadata).encode()
        for column in table.columns:
            yield " ".join(map(str, column.to_pylist())).encode()
    elif data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data)
    elif data.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name)
    elif data.startswith(b"SQLite format 3"):
        with sqlite3.connect(path) as database:
            tables = database.execute("select name from sqlite_master where type = 'table'")
            for (name,) in tables.fetchall():
                for row in database.execute(f'select * from "{name}"'):
                    yield repr(row).encode()
        database.close()


def test_canaries_are_found_where_they_are(ground: Ground) -> None:
    for text in ("云雀", "x feldlerche", "13900012345"):
        for codec in ("utf-8", "gb18030", "utf-16-le"):
            if text.isascii() and codec == "utf-16-le":
                continue
            assert has_canary(text.encode(codec))
    assert not has_canary("黄雀 lerche 138001".encode())
    open_lark_shop().write(ground.output / "tables")
    with sqlite3.connect(ground.output / "runs.db") as database:
        database.execute("create table events (text)")
        database.execute("insert into events values ('云雀')")
    database.close()
    assert ground.find_canaries() == [
        "output/runs.db",
        *(f"output/tables/{name}.csv" for name in ("members", "orders")),
    ]


def test_success_and_missing_key(ground: Ground) -> None:
    assert ground.run(open_lark_shop()) == 0
    assert ground.find_canaries() == []
    find_state(ground.output)
    members = pq.read_table(next(ground.output.glob("snapshots/*/tables/members.parquet")))
    assert len(members) > 10
    assert all(len(member) == 32 for member in members.column("member_id").to_pylist())
    for name in ("quarantine", "keys"):
        place = ground.output / name if name == "quarantine" else ground.root / name
        assert all(p.stat().st_mode & 0o077 == 0 for p in place.rglob("*") if p.is_file())
    listed = "".join(p.read_text("utf-8") for p in ground.output.glob("quarantine/*.csv"))
    assert "云雀的金额" in listed
    next((ground.root / "keys").glob("*.key")).unlink()
    assert ground.run(open_lark_shop(), "without_key") == 1
    assert ground.find_canaries() == []


def spoil_dates(shop: Shop) -> None:
    """Put remarks where dates should be."""
    for row in shop.orders:
        row["付款时间"] = row["备注"]


def reject_many(shop: Shop) -> None:
    """Put names where some of the amounts should be."""
    for row in shop.orders[::3]:
        row["金额"] = row["收货人"]


def cut_archive(shop: Shop) -> None:
    """Add a compressed member file that was not copied to its end."""
    data = gzip.compress("手机号,姓名\n".encode() + os.urandom(64) + "云雀".encode() * 99)
    shop.rest["members_2.csv.gz"] = data[:-20]


def misfit_many(shop: Shop) -> None:
    """Add a file of rows with more cells than columns."""
    header = ",".join(shop.orders[0])
    lines = [header, *(",".join([*row.values(), "云雀"]) for row in shop.orders)]
    shop.rest["orders_2.csv"] = "\n".join(lines).encode()


def open_quote(shop: Shop) -> None:
    """Add a file in which a quote swallows the rows below it."""
    header = ",".join(shop.orders[0])
    lines = [header, *(",".join(row.values()) for row in shop.orders)]
    lines[5] = '"' + lines[5]
    shop.rest["orders_2.csv"] = "\n".join(lines).encode()


def mix_currencies(shop: Shop) -> None:
    """Have two currencies."""
    for row in shop.orders[::2]:
        row["币种"] = "USD"


def map_a_name(shop: Shop) -> None:
    """Map a column that is personal as something that is no id."""
    shop.settings = shop.settings.replace("tier: 等级", "tier: 姓名")


def map_a_name_as_a_date(shop: Shop) -> None:
    """Map a column of names as times, which nobody has declared personal."""
    shop.settings = shop.settings.replace("注册时间", "姓名").replace("手机号, 姓名, ", "手机号, ")


def break_settings(shop: Shop) -> None:
    """Leave dataset.yaml unreadable."""
    shop.settings += "scopes: [store\n"


FAILURES: dict[str, tuple[Callable[[Shop], None], int]] = {
    "bad date column": (spoil_dates, 1),
    "failing gate": (reject_many, 3),
    "damaged archive": (cut_archive, 1),
    "misfit rows": (misfit_many, 3),
    "open quote": (open_quote, 1),
    "two currencies": (mix_currencies, 1),
    "mapped name": (map_a_name, 1),
    "names for dates": (map_a_name_as_a_date, 3),
    "unreadable settings": (break_settings, 1),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_failure(ground: Ground, failure: str) -> None:
    spoil, code = FAILURES[failure]
    shop = open_lark_shop()
    spoil(shop)
    assert (ground.run(shop), ground.find_canaries()) == (code, [])
    assert ground.said.count("regulars: ") == 1


def test_names_for_currencies(ground: Ground) -> None:
    shop = open_lark_shop()
    for row in shop.orders[::2]:
        row["币种"] = row["收货人"]
    assert ground.run(shop) == 1
    # What is read as a currency, by the mapping, is in the copy that only runs read.
    found = [place for place in ground.find_canaries() if not place.startswith("output/parsed/")]
    assert found == []


def test_failing_check(ground: Ground) -> None:
    catalogue = load_catalogue()
    model = catalogue.models["marts.members"]
    checks = [*model.header.checks, Accepted(accepted={"tier": ["platinum"]})]
    header = model.header.model_copy(update={"checks": checks})
    models = {**catalogue.models, model.name: replace(model, header=header)}
    ground.patch.setattr(runs, "load_catalogue", lambda: replace(catalogue, models=models))
    ground.patch.setattr(
        "assets.definitions.load_catalogue", lambda: replace(catalogue, models=models)
    )
    assert ground.run(open_lark_shop()) == 3
    assert ground.find_canaries() == []


def test_engine_error(ground: Ground) -> None:
    def build(run: Run, name: str) -> int:
        paths = ", ".join(f"'{file.path}'" for file in run.files if file.table == "members")
        return run.engine.create(
            "staging.members",
            f"select cast(姓名 as integer) as n from read_csv([{paths}], all_varchar=true)",
        )

    ground.patch.setattr(Run, "build", build)
    assert ground.run(open_lark_shop()) == 70
    assert ground.find_canaries() == []


@pytest.mark.parametrize("point", ["files_parsed", "tables_exported"])
def test_killed_run(ground: Ground, point: str) -> None:
    folder = open_lark_shop().write(ground.root / "shop")
    job = Job(
        RunRequest(folder, output=ground.output),
        {"REGULARS_FAULT": point, "REGULARS_KEYS": os.environ["REGULARS_KEYS"]},
    )
    assert job.finish() == KILLED
    ground.listen()
    assert ground.find_canaries() == []
