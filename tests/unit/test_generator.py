"""The generated tea chain: the same bytes every time, and the figures it is calibrated to.

What the pipeline makes of such a data set is tested elsewhere.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.dataset import load_dataset
from pipelines.errors import InputError
from pipelines.generator import almanac, tea_house

MEMBERS, ORDERS = 56_000, 200_000
TABLES = (
    "orders_*",
    "points_*",
    "refunds",
    "members",
    "member_merges",
    "stores",
    "guides",
    "exclusions",
)


def hash_files(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def tea_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "tea_house"
    tea_house.generate(folder, MEMBERS, ORDERS, seed=7)
    return folder


@pytest.fixture(scope="module")
def tea(tea_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The exports as views, and `valid`: the valid orders by the metric contract."""
    with duckdb.connect() as database:
        for table in TABLES:
            database.execute(
                f"create view {table.removesuffix('_*')} as "
                f"select * from read_parquet('{tea_folder / table}.parquet')"
            )
        database.execute(
            """
            create table valid as
            select
                会员号 as member_id,
                支付时间::date as business_date,
                会员号 in (select 会员号 from members) as is_registered
            from (select distinct * from orders) as single
            left join (
                select 订单编号, sum(退款金额) as refunded_amount from refunds group by 订单编号
            ) as refunded using (订单编号)
            where
                订单状态 = '已完成'
                and 实付金额 - coalesce(refunded_amount, 0) > 0
                and (会员号 is null or 会员号 not in (select 会员号 from exclusions))
            """
        )
        yield database


def read_parquet(path: Path) -> tuple[list[str], list[tuple[str | None, ...]]]:
    """Return the column names and the rows of a file, each value as DuckDB prints it."""
    with duckdb.connect() as database:
        database.execute(f"select columns(*)::varchar from read_parquet('{path}')")
        names = [column[0] for column in database.description or []]
        return names, database.fetchall()


def ask(database: duckdb.DuckDBPyConnection, query: str) -> float:
    """Return the one number of a query."""
    [(value,)] = database.execute(query).fetchall()
    return float(value)


@pytest.fixture(scope="module")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "small"
    tea_house.generate(folder, 600, 3_000, seed=3)
    return folder


@pytest.mark.parametrize("workers", [1, 4])
def test_same_arguments_give_the_same_bytes_whatever_the_threads(
    small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr(tea_house, "count_workers", lambda: workers)
    monkeypatch.setenv("TZ", "America/New_York")
    tea_house.generate(tmp_path / "again", 600, 3_000, seed=3)
    assert hash_files(tmp_path / "again") == hash_files(small_folder)


def test_another_seed_gives_other_orders(small_folder: Path, tmp_path: Path) -> None:
    tea_house.generate(tmp_path / "other", 600, 3_000, seed=4)
    one, other = hash_files(small_folder), hash_files(tmp_path / "other")
    assert one.keys() == other.keys()
    assert one["orders_2026-06.parquet"] != other["orders_2026-06.parquet"]


def test_streams_of_one_number_are_independent() -> None:
    chain = tea_house.plan_chain(600, 3_000, seed=3)
    with tea_house.open_database(chain) as database:
        correlation = ask(
            database,
            """
            select max(abs(corr_of_streams)) from (
                select corr(bits(draw(a.s, n), 0), bits(draw(b.s, n), 0)) as corr_of_streams
                from range(20000) as numbers (n), range(1, 13) as a (s), range(1, 13) as b (s)
                where a.s < b.s
                group by a.s, b.s
            )
            """,
        )
    assert correlation < 0.04


def test_counts_are_those_asked_for(tea: duckdb.DuckDBPyConnection) -> None:
    assert ask(tea, "select count(*) from orders") == ORDERS
    assert ask(tea, "select count(*) from members") == MEMBERS
    assert ask(tea, "select count(distinct 会员号) from members") == MEMBERS
    distinct = ask(tea, "select count(distinct 订单编号) from orders")
    assert ORDERS * 0.9995 < distinct < ORDERS
    assert distinct == ask(tea, "select count(*) from (select distinct * from orders)")


def test_member_order_share_is_that_of_the_listed_chain(tea: duckdb.DuckDBPyConnection) -> None:
    share = ask(
        tea,
        """
        select avg((is_registered is true)::integer) from valid
        where business_date between date '2025-07-01' and date '2026-06-30'
        """,
    )
    assert share == pytest.approx(0.494, abs=0.005)


def test_repurchase_rate_is_that_of_the_listed_chain(tea: duckdb.DuckDBPyConnection) -> None:
    rate = ask(
        tea,
        """
        select avg((occasions >= 2)::integer) from (
            select coalesce(新会员号, member_id), count(distinct business_date) as occasions
            from valid left join member_merges on member_id = 旧会员号
            where member_id is not null
                and business_date between date '2026-04-01' and date '2026-06-30'
            group by 1
        )
        """,
    )
    assert rate == pytest.approx(0.298, abs=0.008)


def test_registered_members_triple_in_the_last_year(tea: duckdb.DuckDBPyConnection) -> None:
    growth = ask(
        tea,
        """
        select count(*) / count(*) filter (where 注册时间 < timestamp '2025-07-01') from members
        where 会员号 not in (select 旧会员号 from member_merges)
        """,
    )
    assert growth == pytest.approx(3, rel=0.02)


@pytest.mark.parametrize(("members", "orders"), [(14_000, 50_000), (10_000, 50_000)])
def test_small_chains_are_calibrated_too(tmp_path: Path, members: int, orders: int) -> None:
    chain = tea_house.fit_repurchase(tea_house.plan_chain(members, orders, 1), lambda _: None)
    with tea_house.open_database(chain) as database:
        rate = tea_house.measure_repurchase(database, chain)
    assert rate == pytest.approx(0.298, abs=0.005)


def test_rows_stand_in_the_order_of_time(tea_folder: Path, tea: duckdb.DuckDBPyConnection) -> None:
    times = {"orders_2026-06": "支付时间", "members": "注册时间", "refunds": "退款时间"}
    for name, time in times.items():
        backwards = tea.execute(
            f"""
            select count(*) from (
                select {time} as this, lag({time}) over (order by file_row_number) as before
                from read_parquet('{tea_folder / name}.parquet', file_row_number = true)
            ) where this < before
            """
        ).fetchall()
        assert backwards == [(0,)], name


def test_the_last_order_is_of_the_last_day(tea: duckdb.DuckDBPyConnection) -> None:
    days = tea.execute(
        """
        select min(支付时间)::date, max(支付时间)::date, count(distinct 支付时间::date)
        from orders
        """
    ).fetchall()
    assert days == [(almanac.STARTS_ON, almanac.ENDS_ON, 730)]


def test_order_numbers_have_18_digits_and_member_numbers_are_short(
    tea: duckdb.DuckDBPyConnection,
) -> None:
    assert ask(tea, r"select bool_and(regexp_full_match(订单编号, '\d{18}')) from orders") == 1
    assert ask(tea, r"select bool_and(regexp_full_match(会员号, 'M\d{10}')) from members") == 1


def test_few_buy_often_and_most_once_or_twice(tea: duckdb.DuckDBPyConnection) -> None:
    tea.execute(
        """
        create or replace temp view purchases as
        select member_id, count(distinct business_date) as occasions from valid
        where member_id is not null group by member_id
        """
    )
    assert ask(tea, "select avg((occasions <= 2)::integer) from purchases") > 0.6
    assert ask(tea, "select max(occasions) from purchases") > 80
    assert ask(tea, f"select count(*) / {MEMBERS} from purchases") < 0.6


def test_refunds_belong_to_paid_orders_and_come_after_them(tea: duckdb.DuckDBPyConnection) -> None:
    tea.execute(
        """
        create or replace temp view refunded as
        select * from refunds inner join (select distinct * from orders) as single
            using (订单编号)
        """
    )
    count = ask(tea, "select count(*) from refunds")
    assert 0.02 < count / ORDERS < 0.03
    assert ask(tea, "select count(*) from refunded where 订单状态 = '已完成'") == count
    assert ask(tea, "select count(distinct 退款编号) from refunds") == count
    assert ask(tea, "select count(*) from refunded where 退款时间 <= 支付时间") == 0
    assert (
        ask(tea, "select count(*) from refunded where 退款金额 not between 0.01 and 实付金额") == 0
    )
    assert ask(tea, "select count(*) from refunded where 退款金额 < 实付金额") > 0.3 * count
    late = "select count(*) from refunded where 退款时间 > 支付时间 + interval 14 day"
    assert ask(tea, late) > 0.02 * count
    assert ask(tea, "select max(退款时间) < timestamp '2026-07-01' from refunds") == 1


def test_members_lag_merge_and_register_before_they_buy(tea: duckdb.DuckDBPyConnection) -> None:
    missing = """
        select avg((会员号 not in (select 会员号 from members))::integer) from orders
        where 会员号 is not null
    """
    assert 0.01 < ask(tea, missing) < 0.03
    early = (
        "select count(*) from orders inner join members using (会员号) where 支付时间 < 注册时间"
    )
    assert ask(tea, early) == 0
    merges = ask(tea, "select count(*) from member_merges")
    assert merges / MEMBERS == pytest.approx(0.003, rel=0.2)
    for side in ("旧会员号", "新会员号"):
        unknown = f"select count(*) from member_merges anti join members on {side} = 会员号"
        assert ask(tea, unknown) == 0
        soon = f"""
            select count(*) from member_merges inner join members on {side} = 会员号
            where 合并时间 < 注册时间
        """
        assert ask(tea, soon) == 0
    assert ask(tea, "select count(*) from member_merges where 新会员号 >= 旧会员号") == 0
    chains = (
        "select count(*) from member_merges where 新会员号 in (select 旧会员号 from member_merges)"
    )
    assert ask(tea, chains) > 0


def test_stores_guides_and_points_are_known(tea: duckdb.DuckDBPyConnection) -> None:
    assert ask(tea, "select count(*) from stores") == ORDERS // 20_000
    assert ask(tea, "select count(*) from orders anti join stores using (门店编号)") == 0
    assert ask(tea, "select count(*) from members anti join stores on 所属门店 = 门店编号") == 0
    early = (
        "select count(*) from orders inner join stores using (门店编号) where 支付时间 < 开业日期"
    )
    assert ask(tea, early) == 0
    guides = """
        select count(*) from orders anti join guides using (门店编号, 导购编号)
        where 导购编号 is not null
    """
    assert ask(tea, guides) == 0
    assert ask(tea, "select count(*) from points semi join orders using (订单编号, 会员号)") == ask(
        tea, "select count(*) from points"
    )
    assert ask(tea, "select count(*) from exclusions anti join members using (会员号)") == 0


def test_the_description_is_a_valid_one(tea_folder: Path) -> None:
    dataset = load_dataset(tea_folder)
    assert (dataset.name, dataset.timezone, dataset.currency) == (
        "tea_house",
        "Asia/Shanghai",
        "CNY",
    )
    for (source,) in dataset.files.values():
        [path, *_] = tea_folder.glob(source.path)
        assert set(source.columns.values()) <= set(read_parquet(path)[0])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_csv_holds_what_parquet_holds(
    small_folder: Path, tmp_path: Path, encoding: tea_house.Encoding
) -> None:
    folder = tmp_path / "text"
    tea_house.generate(folder, 600, 3_000, seed=3, file_format="csv", encoding=encoding)
    assert load_dataset(folder).files["orders"][0].encoding == encoding
    typed = {path.stem: path for path in small_folder.glob("*.parquet")}
    assert typed.keys() == {path.stem for path in folder.glob("*.csv")}
    for name, path in typed.items():
        raw = (folder / f"{name}.csv").read_bytes()
        assert b"\r" not in raw
        header, *lines = raw.decode(encoding).splitlines()
        columns, rows = read_parquet(path)
        assert header.split(",") == columns
        assert lines == [",".join(value or "" for value in row) for row in rows]


@pytest.mark.parametrize(
    ("members", "orders", "seed", "file_format", "encoding", "says"),
    [
        (10, 5_000, 1, "csv", "utf-8", "members must be at least 500"),
        (600, 10, 1, "csv", "utf-8", "orders must be at least 1000"),
        (600, 5_000, -1, "csv", "utf-8", "seed must be between"),
        (600, 5_000, 1, "parquet", "gb18030", "Parquet has no encoding"),
    ],
)
def test_arguments_out_of_range_are_refused(
    tmp_path: Path,
    members: int,
    orders: int,
    seed: int,
    file_format: tea_house.FileFormat,
    encoding: tea_house.Encoding,
    says: str,
) -> None:
    with pytest.raises(InputError, match=says):
        tea_house.generate(tmp_path / "new", members, orders, seed, file_format, encoding)
    assert not (tmp_path / "new").exists()


def test_a_folder_with_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(InputError, match="not an empty folder"):
        tea_house.generate(tmp_path, 600, 3_000, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
