"""Writes the exports of an invented Chinese tea chain: any number of orders, the same every time.

How the chain lives from day to day is in `almanac.py`; reading the exports does not belong here.
"""

import codecs
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import yaml

from pipelines.errors import InputError
from pipelines.generator import almanac

FileFormat = Literal["parquet", "csv"]
Encoding = Literal["utf-8", "gb18030"]
Job = tuple[str, Callable[[], None]]

# What a listed chain reports of itself; the measured figures are fitted to these.
MEMBER_ORDER_SHARE = 0.494
REPURCHASE_RATE = 0.298
MEMBER_GROWTH = 3

MEMBERS_MINIMUM = 500
ORDERS_MINIMUM = 1_000
# Above this many orders the repurchase rate is fitted on a smaller chain of the same shape.
FITTING_ORDERS = 2_000_000
# Few members buy very often, most once or twice; a steeper chain leans on fewer of them.
STEEPNESS, STEEPNESS_MAXIMUM = 1_300, 3_000
ENROLMENT_SHARE, ENROLMENT_SHARE_MAXIMUM = 3_000, 40_000
CLOSE_ENOUGH = 0.0003
CHUNK_BYTES = 1 << 22
MEMORY_LIMIT = "900MB"
WORKERS_MAXIMUM = 4

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Chain:
    """Everything the SQL needs to know of one data set.

    `steepness` is the exponent of the members' activity in thousandths; `enrolment_share` is
    how many of 65,536 orders with an id are a new member's on the day of registration.
    """

    members: int
    orders: int
    seed: int
    steepness: int
    enrolment_share: int
    days: tuple[almanac.Day, ...]
    early_members: int

    @property
    def member_ids(self) -> int:
        """Ids ever issued: the members of the file and the one id in 51 that the file lacks."""
        return self.members + self.members // 50

    @property
    def store_count(self) -> int:
        """Stores at the end of the data."""
        return count_stores(self.orders)

    @property
    def orders_per_unit(self) -> int:
        """Orders in one unit of time, the grain at which the calendar is looked up."""
        return almanac.count_orders_per_unit(self.orders)

    @property
    def block_size(self) -> int:
        """Members in one block, each of them in another slot of activity."""
        return next(size for size in (1000, 100, 20) if size * 50 <= self.members or size == 20)


def generate(
    folder: Path,
    members: int,
    orders: int,
    seed: int,
    file_format: FileFormat = "parquet",
    encoding: Encoding = "utf-8",
    progress: Callable[[str], None] | None = None,
) -> None:
    """Write the data set tea_house into FOLDER: dataset.yaml and 24 months of exports.

    `members` are the rows of the member file at the end (at least 500), `orders` the rows of
    the order files (at least 1,000). With one DuckDB release the same arguments give the same
    bytes, whatever the machine and its threads. From a few ten thousand orders on, and with 0.15
    to 2 members an order, the figures are those of the listed chain; elsewhere the repurchase
    rate comes as close as it can. `file_format` and `encoding` change no value. `progress` is
    called with one line for each file written. Raises InputError when an argument is out of
    range, FOLDER already holds files or cannot be written.
    """
    say = progress or (lambda _: None)
    if members < MEMBERS_MINIMUM:
        raise InputError(f"members must be at least {MEMBERS_MINIMUM}, not {members}.")
    if orders < ORDERS_MINIMUM:
        raise InputError(f"orders must be at least {ORDERS_MINIMUM}, not {orders}.")
    if not 0 <= seed < 2**63:
        raise InputError(f"seed must be between 0 and 2^63 - 1, not {seed}.")
    if file_format == "parquet" and encoding != "utf-8":
        raise InputError(f"Parquet has no encoding; leave out {encoding} or write csv.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is not an empty folder; name a new one.")
    chain = fit_repurchase(plan_chain(members, orders, seed), say)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        run_jobs(Writer(chain, folder, file_format, encoding).plan_jobs(), say)
        text = describe_dataset(file_format, encoding)
        (folder / "dataset.yaml").write_text(text, encoding="utf-8", newline="\n")
    except (OSError, duckdb.IOException) as error:
        raise InputError(f"{folder} cannot be written: {error}") from error


def run_jobs(jobs: list[Job], say: Callable[[str], None]) -> None:
    """Run named jobs, as many at once as there are workers, until all are done or one fails."""
    with ThreadPoolExecutor(count_workers()) as pool:
        futures = {pool.submit(job): name for name, job in jobs}
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                say(f"{done} of {len(jobs)}: {futures[future]}")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def count_workers() -> int:
    """Return how many files are written at once; no byte depends on it."""
    return min(WORKERS_MAXIMUM, os.cpu_count() or 1)


def count_stores(orders: int) -> int:
    """Return the stores at the end of the data: one for 20,000 orders, from 4 to 500."""
    return min(500, max(4, orders // 20_000))


def plan_chain(members: int, orders: int, seed: int) -> Chain:
    """Return a chain with its calendar, not yet fitted to a repurchase rate."""
    ids = members + members // 50
    early = ids * 3 // 20
    days = almanac.plan_days(
        orders=orders,
        stores=count_stores(orders),
        early_members=early,
        members_a_year_ago=ids // MEMBER_GROWTH,
        members=ids,
        id_share=MEMBER_ORDER_SHARE * 51 / 50,
    )
    return Chain(members, orders, seed, STEEPNESS, ENROLMENT_SHARE, days, early)


def fit_repurchase(chain: Chain, say: Callable[[str], None]) -> Chain:
    """Return the chain whose last quarter has the repurchase rate of the listed chain.

    The rate falls with the share of newcomers among the orders and rises with the steepness of
    the members' activity. One of them is found by bisection, on the chain itself or, when it is
    large, on a smaller one of the same shape.
    """
    scale = -(-chain.orders // FITTING_ORDERS)
    model = chain
    if scale > 1:
        model = plan_chain(
            max(MEMBERS_MINIMUM, chain.members // scale),
            chain.orders // scale,
            chain.seed,
        )
    with open_database(model) as database:
        fitted, rate = model, measure_repurchase(database, model)
        needs_newcomers = rate > REPURCHASE_RATE
        low, high = (
            (ENROLMENT_SHARE, ENROLMENT_SHARE_MAXIMUM)
            if needs_newcomers
            else (STEEPNESS, STEEPNESS_MAXIMUM)
        )
        while low <= high and abs(rate - REPURCHASE_RATE) > CLOSE_ENOUGH:
            middle = (low + high) // 2
            if needs_newcomers:
                tried = replace(model, enrolment_share=middle)
            else:
                tried = replace(model, steepness=middle)
            measured = measure_repurchase(database, tried)
            if abs(measured - REPURCHASE_RATE) < abs(rate - REPURCHASE_RATE):
                fitted, rate = tried, measured
            if (measured > REPURCHASE_RATE) == needs_newcomers:
                low = middle + 1
            else:
                high = middle - 1
    say(
        f"{rate:.1%} of the last quarter's buyers come back "
        f"(steepness {fitted.steepness}, newcomers {fitted.enrolment_share})"
    )
    return replace(chain, steepness=fitted.steepness, enrolment_share=fitted.enrolment_share)


def measure_repurchase(database: duckdb.DuckDBPyConnection, chain: Chain) -> float:
    """Return the share of the last quarter's buyers with a purchase on a second date."""
    load_table(database, "slots", tabulate_slots(chain))
    database.execute(f"set variable enrolment_share = {chain.enrolment_share}::bigint")
    [(rate,)] = database.execute(read_sql("repurchase_rate")).fetchall()
    return float(rate or 0)


def weigh_slots(steepness: int, block_size: int) -> list[int]:
    """Return the slot of each of 65,536 entries: a few slots hold many, most hold few."""
    weights = [
        ((slot + 0.5) / block_size + 0.004) ** (-steepness / 1000) for slot in range(block_size)
    ]
    total, reached = sum(weights), 0.0
    entries: list[int] = []
    for slot, weight in enumerate(weights):
        reached += weight
        entries += [slot] * (round(65536 * reached / total) - len(entries))
    return entries


def read_sql(name: str) -> str:
    """Return the text of one of the queries beside this module."""
    return (HERE / f"{name}.sql").read_text(encoding="utf-8")


def load_table(database: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Make a small table from Arrow rows."""
    database.register("given", rows)
    database.execute(f"create or replace table {name} as select * from given")
    database.unregister("given")


def open_database(
    chain: Chain,
    first_day: int | None = None,
    last_day: int | None = None,
    refunds_only: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Return a database of one thread that knows the chain and can make its rows.

    One thread writes one file from first to last row: that is what makes its bytes certain. The
    days given bound the orders (default: the last quarter's).
    """
    first_day = almanac.LAST_QUARTER_DAY if first_day is None else first_day
    last_day = len(chain.days) - 1 if last_day is None else last_day
    database = duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": MEMORY_LIMIT,
            # Joins stay as written: the rows of the left side, in their order.
            "disabled_optimizers": "join_order,build_side_probe_side",
        }
    )
    block, half = chain.block_size, chain.block_size // 2
    per_unit = chain.orders_per_unit
    first, last = chain.days[first_day], chain.days[last_day]
    variables = {
        "seed": chain.seed,
        "first_day": max(0, first_day - 1),
        "last_day": last_day,
        "first_row": first.first_unit * per_unit,
        "last_row": min(chain.orders, (last.first_unit + last.unit_count) * per_unit),
        "orders_per_unit": per_unit,
        "member_ids": chain.member_ids,
        "early_members": chain.early_members,
        "early_days": almanac.EARLY_DAYS,
        "starts_at_s": almanac.STARTS_AT_S,
        "ends_at_s": almanac.ENDS_AT_S,
        "block_size": block,
        "slot_step": 387 % half,
        "slot_step_back": pow(387, -1, half),
        "block_step": 773 % block,
        "block_step_back": pow(773, -1, block),
        "enrolment_share": chain.enrolment_share,
        "staff_cards": min(8, 2 + chain.orders // 4_000_000),
        "staff_step": 7,
    }
    settings = [f"set variable {name} = {value}::bigint" for name, value in variables.items()]
    database.execute("; ".join([*settings, f"set variable refunds_only = {refunds_only}"]))
    database.execute(read_sql("macros"))
    for name, rows in tabulate_chain(chain).items():
        load_table(database, name, rows)
    database.execute(f"create table units as {read_sql('units')}")
    for view in ("order_rows", "member_rows"):
        database.execute(f"create view {view} as {read_sql(view)}")
    return database


@lru_cache(maxsize=4)
def tabulate_chain(chain: Chain) -> dict[str, pa.Table]:
    """Return the small tables that the rows of a chain are looked up in."""
    return {
        "days": pa.Table.from_pylist([vars(day) for day in chain.days]),
        "hours": pa.Table.from_pylist(almanac.profile_hours()),
        "stores": pa.Table.from_pylist(almanac.plan_stores(chain.store_count)),
        "areas": pa.Table.from_pylist(plan_areas(chain)),
        "slots": tabulate_slots(chain),
    }


def tabulate_slots(chain: Chain) -> pa.Table:
    """Return the slot of activity that each of 65,536 entries leads to."""
    entries = weigh_slots(chain.steepness, chain.block_size)
    return pa.table({"entry": list(range(65536)), "slot": entries})


def plan_areas(chain: Chain) -> list[dict[str, int]]:
    """Return the stores open when a 4,096th of the members, by registration, began to register."""
    areas, day, last, ids = [], 0, len(chain.days) - 1, chain.member_ids
    for area in range(4096):
        member = -(-area * ids // 4096)
        while day < last and chain.days[day + 1].members_before <= member:
            day += 1
        areas.append({"area": area, "store_count": chain.days[day].store_count})
    return areas


@dataclass(frozen=True)
class Writer:
    """Writes the files of one chain, each by itself, from any thread."""

    chain: Chain
    folder: Path
    file_format: FileFormat
    encoding: Encoding

    def plan_jobs(self) -> list[Job]:
        """Return the jobs that write all files, the longest first, so that no core idles long."""
        months = sorted({day.month for day in self.chain.days}, reverse=True)
        return [
            ("members", self.write_members),
            ("refunds", self.write_refunds),
            *((f"orders of {month}", partial(self.write_month, month)) for month in months),
            ("stores, guides, merges and exclusions", self.write_small_files),
        ]

    def write_month(self, month: str) -> None:
        """Write the orders of one month (`2026-06`) and the points that they moved."""
        numbers = [number for number, day in enumerate(self.chain.days) if day.month == month]
        with open_database(self.chain, numbers[0], numbers[-1]) as database:
            orders = self.copy(database, read_sql("orders"), f"orders_{month}")
            quoted = str(orders).replace("'", "''")
            database.execute(f"create view exported as select * from read_parquet('{quoted}')")
            points = self.copy(database, read_sql("points"), f"points_{month}")
            for path in (orders, points):
                self.render(database, path)

    def write_refunds(self) -> None:
        """Write the refunds of all orders, in the order in which they happened."""
        with open_database(self.chain, 0, refunds_only=True) as database:
            self.render(database, self.copy(database, read_sql("refunds"), "refunds"))

    def write_members(self) -> None:
        """Write the member file."""
        with open_database(self.chain, 0) as database:
            self.render(database, self.copy(database, read_sql("members"), "members"))

    def write_small_files(self) -> None:
        """Write stores, guides, merges of members and exclusions."""
        with open_database(self.chain) as database:
            for name in ("stores", "guides", "member_merges", "exclusions"):
                self.render(database, self.copy(database, read_sql(name), name))

    def copy(self, database: duckdb.DuckDBPyConnection, query: str, name: str) -> Path:
        """Write the rows of a query as NAME.parquet."""
        path = self.folder / f"{name}.parquet"
        quoted = str(path).replace("'", "''")
        database.execute(f"copy ({query}) to '{quoted}' (format parquet, compression zstd)")
        return path

    def render(self, database: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Turn a Parquet export into CSV where that is asked for."""
        if self.file_format == "parquet":
            return
        source = str(path).replace("'", "''")
        target = path.with_suffix(".csv")
        plain = target if self.encoding == "utf-8" else path.with_suffix(".utf8")
        quoted = str(plain).replace("'", "''")
        database.execute(
            f"copy (from read_parquet('{source}')) to '{quoted}' "
            "(format csv, header, timestampformat '%Y-%m-%d %H:%M:%S')"
        )
        path.unlink()
        if plain != target:
            transcode(plain, target, self.encoding)
            plain.unlink()


def transcode(source: Path, target: Path, encoding: str) -> None:
    """Write a UTF-8 file in another encoding, a few megabytes at a time."""
    encoder = codecs.getincrementalencoder(encoding)()
    with source.open("rb") as read, target.open("wb") as write:
        for text in codecs.iterdecode(iter(lambda: read.read(CHUNK_BYTES), b""), "utf-8"):
            write.write(encoder.encode(text))
        write.write(encoder.encode("", final=True))


def describe_dataset(file_format: FileFormat, encoding: Encoding) -> str:
    """Return the text of dataset.yaml."""
    columns = {
        "orders": {
            "order_id": "订单编号",
            "paid_at": "支付时间",
            "paid_amount": "实付金额",
            "member_id": "会员号",
            "status": "订单状态",
            "coupon_amount": "优惠券金额",
            "store_id": "门店编号",
            "channel": "渠道",
            "brand": "品牌",
            "city": "城市",
            "guide_id": "导购编号",
            "units": "件数",
        },
        "refunds": {
            "refund_id": "退款编号",
            "order_id": "订单编号",
            "refunded_at": "退款时间",
            "amount": "退款金额",
        },
        "members": {
            "member_id": "会员号",
            "registered_at": "注册时间",
            "home_store_id": "所属门店",
            "channel": "注册渠道",
            "tier": "等级",
            "city": "城市",
            "referrer_id": "推荐人",
        },
        "member_merges": {
            "member_id": "旧会员号",
            "merged_into": "新会员号",
            "merged_at": "合并时间",
        },
        "stores": {
            "store_id": "门店编号",
            "store": "门店名称",
            "city": "城市",
            "region": "区域",
            "brand": "品牌",
            "store_type": "门店类型",
            "opened_on": "开业日期",
        },
        "guides": {"guide_id": "导购编号", "store_id": "门店编号"},
        "points": {
            "member_id": "会员号",
            "at": "发生时间",
            "kind": "类型",
            "points": "积分",
            "order_id": "订单编号",
        },
        "exclusions": {"member_id": "会员号", "reason": "原因"},
    }
    files = {}
    for table, mapping in columns.items():
        stem = f"{table}_*" if table in ("orders", "points") else table
        entry: dict[str, object] = {"path": f"{stem}.{file_format}"}
        if file_format == "csv":
            entry["encoding"] = encoding
        files[table] = entry | {"columns": mapping}
    settings = {
        "name": "tea_house",
        "timezone": "Asia/Shanghai",
        "currency": "CNY",
        "languages": ["zh", "en"],
        "trade": "frequent",
        "files": files,
        "conventions": {"paid_statuses": ["已完成"]},
        "scopes": ["store", "channel"],
        "rfm": {
            "method": "fixed",
            "window_days": 730,
            "frequency": "occasions",
            "monetary": "sum",
            # Fitted once to 4 million orders by the rules for a purchase cycle of 59 days.
            "cuts": {
                "recency_days": [60, 120, 180, 270],
                "frequency": [2, 3, 6, 14],
                "monetary": [19, 34, 57, 120],
            },
        },
        "segments": "eleven_groups",
        "clusters": {"count": "auto"},
    }
    return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False, width=100)
