"""That erasing someone takes their rows and cells out of a file of any kind, and nothing else."""

import gzip
import io
import json
import stat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from pipelines.dataset import Dataset, FileSource
from pipelines.erasure import (
    LEDGER,
    PENDING,
    Erasures,
    Settled,
    erase,
    finish_pending,
    keep_out,
    load_erasures,
    write_erasures,
)
from pipelines.errors import InputError, LockedError
from pipelines.ingest.identities import Key, make_key, tokenise
from pipelines.ingest.landing import LandedFile, land_files
from pipelines.ingest.rewriting import Sieve, Use, empty_row, rewrite, split_cells
from pipelines.locking import hold_lock

KEY = Key(b"k" * 32)
PHONE, OTHER = "13800138000", "13900139000"
MEMBERS = Use("members", FileSource(path="m", personal=["phone"]))
ORDERS = Use("orders", FileSource(path="o"))
LINES = Use("order_lines", FileSource(path="l"))


def sift(*members: str, orders: tuple[str, ...] = ()) -> Sieve:
    def tokenise_all(texts: tuple[str, ...]) -> frozenset[str]:
        return frozenset(str(tokenise(text, KEY)) for text in texts)

    return Sieve(tokenise_all(members), tokenise_all(orders), KEY)


def rewrite_bytes(tmp_path: Path, data: bytes, use: Use, sieve: Sieve) -> bytes | None:
    """Return a file's bytes without the people of the sieve, or None where it has none."""
    path, target = tmp_path / "file", tmp_path / "target"
    path.write_bytes(data)
    return target.read_bytes() if rewrite(path, "file", [use], sieve, target) else None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_rows_of_members_go_and_every_other_byte_stays(
    tmp_path: Path, encoding: str, end: str
) -> None:
    rows = [
        "member_id,city,note",
        '0017,"上海, 浦东","two' + end + 'lines"',
        '"0018",北京,',
        "",
        " 0018 ,x,\U00020000",
        '="0018",x,y',
        '00181,"0018",0018',
    ]
    kept = [rows[0], rows[1], rows[3], rows[6]]
    found = rewrite_bytes(tmp_path, (end.join(rows) + end).encode(encoding), MEMBERS, sift("0018"))
    assert found == (end.join(kept) + end).encode(encoding)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_orders_stay_without_member_and_without_what_nobody_reads(
    tmp_path: Path, delimiter: str
) -> None:
    def write(*rows: list[str]) -> bytes:
        return "\r\n".join(delimiter.join(row) for row in rows).encode("gb18030")

    header = ["收货人", "order_id", "paid_at", "paid_amount", "member_id", "地址", "city"]
    data = write(
        header,
        ["王五", '"1,001"', "2024-05-01", '"1,234.50"', "0018", '"路""1""号"', "上海"],
        ["赵六", "1002", "2024-05-01", "5.00", "0017", "路", "上海"],
    )
    expected = write(
        header,
        ["", '"1,001"', "2024-05-01", '"1,234.50"', "", "", "上海"],
        ["赵六", "1002", "2024-05-01", "5.00", "0017", "路", "上海"],
    )
    assert rewrite_bytes(tmp_path, data, ORDERS, sift("0018")) == expected


def test_file_without_the_person_is_not_written(tmp_path: Path) -> None:
    assert rewrite_bytes(tmp_path, b"member_id\n0017\n", MEMBERS, sift("0018")) is None
    products = Use("products", FileSource(path="p"))
    assert rewrite_bytes(tmp_path, b"sku\n0018\n", products, sift("0018")) is None


def test_compressed_file_is_compressed_again_to_the_same_bytes(tmp_path: Path) -> None:
    data = gzip.compress(b"member_id,city\n0017,a\n0018,b\n", mtime=1)
    first = rewrite_bytes(tmp_path, data, MEMBERS, sift("0018"))
    assert first is not None
    assert gzip.decompress(first) == b"member_id,city\n0017,a\n"
    later = gzip.compress(b"member_id,city\n0017,a\n0018,b\n", mtime=2)
    assert rewrite_bytes(tmp_path, later, MEMBERS, sift("0018")) == first


def test_lines_and_refunds_are_found_by_the_order(tmp_path: Path) -> None:
    data = b"order_id,sku,receiver\n1001,A,Wang\n1002,B,Li\n"
    found = rewrite_bytes(tmp_path, data, LINES, sift("0018", orders=("1001",)))
    assert found == b"order_id,sku,receiver\n1001,A,\n1002,B,Li\n"
    refunds = Use("refunds", FileSource(path="r"))
    data = b"order_id,refunded_at,amount,account\n1001,2024-05-01,1.00,62220000\n"
    found = rewrite_bytes(tmp_path, data, refunds, sift("0018", orders=("1001",)))
    assert found == b"order_id,refunded_at,amount,account\n1001,2024-05-01,1.00,\n"


def test_rows_that_continue_an_order_are_emptied_too_whatever_their_place(tmp_path: Path) -> None:
    data = (
        b"order_id,paid_at,paid_amount,member_id,ship_to\n"
        b"1,,,,Wang\n1,2024-05-01,5.00,0018,Wang\n2,2024-05-01,5.00,0017,Li\n"
    )
    sieve = sift("0018")
    assert rewrite_bytes(tmp_path, data, ORDERS, sieve) == (
        b"order_id,paid_at,paid_amount,member_id,ship_to\n"
        b"1,,,,\n1,2024-05-01,5.00,,\n2,2024-05-01,5.00,0017,Li\n"
    )
    assert sieve.list_order_tokens() == {tokenise("1", KEY)}


def test_order_of_somebody_else_stays_theirs_where_numbers_come_again(tmp_path: Path) -> None:
    data = b"order_id,paid_at,paid_amount,member_id,ship_to\n1,2024-05-02,5.00,0017,Li\n"
    assert rewrite_bytes(tmp_path, data, ORDERS, sift("0018", orders=("1",))) is None


def test_mentions_in_rows_of_others_are_emptied(tmp_path: Path) -> None:
    data = b"member_id,referrer_id,merged_into,tier\n0017,0018,,0018\n0016,0017,0018,x\n"
    assert rewrite_bytes(tmp_path, data, MEMBERS, sift("0018")) == (
        b"member_id,referrer_id,merged_into,tier\n0017,,,0018\n0016,0017,,x\n"
    )


def test_personal_columns_are_looked_at_though_no_run_reads_them(tmp_path: Path) -> None:
    data = f"member_id,phone,invited_by\n0017,{PHONE},{OTHER}\n".encode()
    use = Use("members", FileSource(path="m", personal=["phone", "invited_by"]))
    assert rewrite_bytes(tmp_path, data, use, sift(OTHER)) == (
        f"member_id,phone,invited_by\n0017,{PHONE},\n".encode()
    )


def test_a_phone_is_one_however_it_is_written(tmp_path: Path) -> None:
    data = f"member_id\n'{PHONE}\n+86 138-0013-8000\n{OTHER}\n138****8000\n".encode()
    found = rewrite_bytes(tmp_path, data, MEMBERS, sift(PHONE))
    assert found == f"member_id\n{OTHER}\n138****8000\n".encode()


def test_misfits_go_if_any_cell_names_the_person(tmp_path: Path) -> None:
    data = b"member_id,city\n0017,a,b\n0016,x,0018\n0015\n0014,y\n"
    assert rewrite_bytes(tmp_path, data, MEMBERS, sift("0018")) == (
        b"member_id,city\n0017,a,b\n0015\n0014,y\n"
    )


def test_file_that_no_layout_fits_loses_every_row_that_names_the_person(tmp_path: Path) -> None:
    assert rewrite_bytes(tmp_path, b"a,b\n1,0018\n2,3\n", MEMBERS, sift("0018")) == b"a,b\n2,3\n"


def test_cells_are_split_as_a_reader_splits_them() -> None:
    assert split_cells('a,"b,""c",,"d"e,f"g', ",") == ["a", '"b,""c"', "", '"d"e', 'f"g']
    assert empty_row('a,"b\nc",d\r\n', ",", frozenset({1})) == "a,,d\r\n"


@pytest.mark.parametrize("codec", ["zstd", "snappy", "none"])
def test_parquet_keeps_schema_groups_and_compression(tmp_path: Path, codec: str) -> None:
    schema = pa.schema(
        [
            pa.field("order_id", pa.int64(), nullable=False),
            pa.field("paid_at", pa.timestamp("ms")),
            pa.field("paid_amount", pa.decimal128(12, 2)),
            pa.field("member_id", pa.int32()),
            pa.field("tags", pa.list_(pa.string())),
            pa.field("ship_to", pa.dictionary(pa.int8(), pa.string())),
        ],
        {"made_by": "till"},
    )
    columns: list[list[Any]] = [
        [1, 2, 3, 4],
        [None, None, None, None],
        [None, None, None, None],
        [18, 17, None, 18],
        [["a"], ["b"], None, []],
        ["Wang", "Li", None, "Wang"],
    ]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    buffer = io.BytesIO()
    pq.write_table(
        pa.Table.from_arrays(arrays, schema=schema), buffer, row_group_size=2, compression=codec
    )
    found = rewrite_bytes(tmp_path, buffer.getvalue(), ORDERS, sift("18"))
    assert found is not None
    file = pq.ParquetFile(io.BytesIO(found))
    assert file.schema_arrow.types == schema.types
    assert file.schema_arrow.metadata == schema.metadata
    assert file.metadata.num_row_groups == 2
    assert file.metadata.row_group(0).column(0).compression.lower().startswith(codec[:4]) or (
        codec == "none"
    )
    read = file.read()
    assert read.column("order_id").to_pylist() == [1, 2, 3, 4]
    assert read.column("member_id").to_pylist() == [None, 17, None, None]
    assert read.column("tags").to_pylist() == [None, ["b"], None, None]
    assert read.column("ship_to").to_pylist() == [None, "Li", None, None]


def test_parquet_loses_rows_of_members_and_groups_that_are_empty(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    table = pa.table({"member_id": ["0018", "0018", "0017"], "city": ["a", "b", "c"]})
    pq.write_table(table, buffer, row_group_size=2)
    found = rewrite_bytes(tmp_path, buffer.getvalue(), MEMBERS, sift("0018"))
    assert found is not None
    file = pq.ParquetFile(io.BytesIO(found))
    assert file.metadata.num_row_groups == 1
    assert file.read().to_pylist() == [{"member_id": "0017", "city": "c"}]


@pytest.mark.parametrize("encoding", ["auto", "gb18030", "utf-16"])
def test_workbook_becomes_the_text_that_was_read_from_it(tmp_path: Path, encoding: str) -> None:
    path, target = tmp_path / "file", tmp_path / "target"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("会员")
        for row, cells in enumerate((["member_id", "备注"], ["0017", "a,b"], ["0018", "c"])):
            sheet.write_row(row, 0, cells)
        book.add_worksheet("别的").write(0, 0, "0018")
    source = {"path": "m", "sheet": "会员", "encoding": encoding}
    use = Use("members", FileSource.model_validate(source))
    assert rewrite(path, "file", [use], sift("0018"), target)
    codec = "utf-8" if encoding == "auto" else encoding
    assert target.read_bytes().decode(codec) == 'member_id,备注\n0017,"a,b"\n'


def test_page_becomes_csv(tmp_path: Path) -> None:
    page = (
        "<html><table><tr><th>member_id</th><th>city</th></tr><tr><td>0018</td><td>x</td></tr>"
        "<tr><td>0017</td><td>上海</td></tr></table></html>"
    )
    found = rewrite_bytes(tmp_path, page.encode(), MEMBERS, sift("0018"))
    assert found == "member_id,city\n0017,上海\n".encode()


# The ledger and the landed files


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REGULARS_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


FILES = {
    "orders.csv": "order_id,paid_at,paid_amount,member_id,ship_to\n"
    "1,2024-05-01,5.00,0018,Wang\n2,2024-05-01,6.00,0017,Li\n3,2024-05-02,7.00,0020,Wang\n",
    "lines.csv": "order_id,sku,receiver\n1,A,Wang\n2,B,Li\n3,C,Wang\n",
    "members.csv": "member_id,city\n0017,a\n0018,b\n0019,c\n0020,d\n",
    "merges.csv": "member_id,merged_into,merged_at\n0018,0019,2024-05-02\n0019,0020,2024-05-03\n"
    "0016,0018,2024-05-01\n",
}


def describe(**files: Any) -> Dataset:
    sources = {"orders": "orders*.csv", "order_lines": "lines*.csv", "members": "members*.csv"}
    sources["member_merges"] = "merges*.csv"
    return Dataset.model_validate(
        {
            "name": "shop",
            "timezone": "Asia/Shanghai",
            "currency": "CNY",
            "files": {table: {"path": path} for table, path in sources.items()} | files,
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def output(tmp_path: Path, folder: Path) -> Path:
    output = tmp_path / "output"
    land(folder, output)
    return output


def land(folder: Path, output: Path, dataset: Dataset | None = None) -> list[LandedFile]:
    dataset = dataset or describe()
    find_kept = load_erasures(output).find_kept
    landed = land_files(folder, dataset, output / "landing", find_kept)
    return keep_out(landed, output, dataset)


def read_landed(files: list[LandedFile]) -> dict[str, str]:
    return {file.name: file.path.read_text(encoding="utf-8") for file in files}


ERASED = {
    "orders.csv": "order_id,paid_at,paid_amount,member_id,ship_to\n"
    "1,2024-05-01,5.00,,\n2,2024-05-01,6.00,0017,Li\n3,2024-05-02,7.00,,\n",
    "lines.csv": "order_id,sku,receiver\n1,A,\n2,B,Li\n3,C,\n",
    "members.csv": "member_id,city\n0017,a\n",
    "merges.csv": "member_id,merged_into,merged_at\n",
}


@pytest.mark.parametrize("number", ["0016", "0018", "0020"])
def test_a_person_is_all_numbers_that_were_merged_into_one(
    folder: Path, output: Path, number: str
) -> None:
    erased = erase(folder, output, describe(), [number])
    assert (erased.member_count, erased.file_count) == (4, 4)
    assert read_landed(land(folder, output)) == ERASED
    assert (folder / "members.csv").read_text(encoding="utf-8") == FILES["members.csv"]


def test_merges_are_not_followed_where_the_data_set_ignores_them(
    folder: Path, output: Path
) -> None:
    dataset = Dataset.model_validate(
        describe().model_dump() | {"conventions": {"merges": "ignore"}}
    )
    assert erase(folder, output, dataset, ["0018"]).member_count == 1


def test_same_files_land_as_they_were_kept_and_the_old_ones_are_gone(
    folder: Path, output: Path
) -> None:
    before = {path.name for path in (output / "landing").iterdir()}
    (output / "parsed").mkdir()
    caches = [output / "parsed" / f"{sha256}-0.parquet" for sha256 in before]
    for cache in caches:
        cache.touch()
    erase(folder, output, describe(), ["0018"])
    after = {path.name for path in (output / "landing").iterdir()}
    assert before.isdisjoint(after)
    assert not any(cache.exists() for cache in caches)
    ledger = (output / LEDGER).read_bytes()
    files = land(folder, output)
    assert {file.sha256 for file in files} == after
    assert {path.name for path in (output / "landing").iterdir()} == after
    assert (output / LEDGER).read_bytes() == ledger
    for file in files:
        assert file.path.stat().st_size == file.size_bytes


def test_new_files_come_without_them(folder: Path, output: Path) -> None:
    erase(folder, output, describe(), ["0018"])
    (folder / "orders_2.csv").write_text(
        "order_id,paid_at,paid_amount,member_id,ship_to\n"
        "9,2024-06-01,5.00,0016,Wang\n10,2024-06-01,6.00,0017,Li\n",
        encoding="utf-8",
    )
    (folder / "lines_2.csv").write_text("order_id,sku,receiver\n9,A,Wang\n", encoding="utf-8")
    landed = read_landed(land(folder, output))
    assert landed["orders_2.csv"].endswith("\n9,2024-06-01,5.00,,\n10,2024-06-01,6.00,0017,Li\n")
    assert landed["lines_2.csv"] == "order_id,sku,receiver\n9,A,\n"
    for path in (output / "landing").iterdir():
        assert b"Wang" not in path.read_bytes()


def test_second_erasure_resolves_the_chain(folder: Path, output: Path) -> None:
    erase(folder, output, describe(), ["0018"])
    erase(folder, output, describe(), ["0017"])
    landed = {path.name for path in (output / "landing").iterdir()}
    files = load_erasures(output).files
    assert {settled.kept_as for settled in files.values()} == landed
    assert read_landed(land(folder, output))["members.csv"] == "member_id,city\n"


def test_files_that_differed_in_the_person_only_are_one(folder: Path, output: Path) -> None:
    text = FILES["members.csv"].replace("0018,b\n", "")
    (folder / "members_2.csv").write_text(text, encoding="utf-8")
    erase(folder, output, describe(), ["0018"])
    assert [file.table for file in land(folder, output)].count("members") == 1


def test_a_copy_that_a_killed_run_left_is_removed(folder: Path, output: Path) -> None:
    erase(folder, output, describe(), ["0018"])
    (output / "landing" / ("0" * 64)).write_text("member_id\n0018\n", encoding="utf-8")
    assert not finish_pending(folder, output, describe())
    assert not (output / "landing" / ("0" * 64)).exists()


def test_ledger_holds_tokens_only_and_is_its_owners(folder: Path, output: Path) -> None:
    erase(folder, output, describe(), ["0018"])
    text = (output / LEDGER).read_text(encoding="ascii")
    for number in ("0016", "0018", "0019", "0020"):
        assert f'"{number}"' not in text
    assert stat.S_IMODE((output / LEDGER).stat().st_mode) == 0o600
    assert not (output / PENDING).exists()
    key = make_key("shop")
    assert tokenise("0019", key) in load_erasures(output).members
    assert json.loads(text)["key_id"] == key.id


def test_number_that_nothing_holds_is_refused_without_naming_it(folder: Path, output: Path) -> None:
    with pytest.raises(InputError, match="holds number 2 of the 2 given") as error:
        erase(folder, output, describe(), ["0018", "777888"])
    assert "777888" not in str(error.value)
    assert not (output / LEDGER).exists()
    assert read_landed(land(folder, output)) == FILES


def test_number_that_nothing_holds_yet_is_kept_out_always(folder: Path, output: Path) -> None:
    assert erase(folder, output, describe(), ["777888"], always=True).file_count == 0
    (folder / "members_2.csv").write_text("member_id,city\n777888,x\n", encoding="utf-8")
    assert read_landed(land(folder, output))["members_2.csv"] == "member_id,city\n"


def test_masked_number_is_refused(folder: Path, output: Path) -> None:
    with pytest.raises(InputError, match="empty or masked"):
        erase(folder, output, describe(), ["138****8000"])


def test_personal_number_may_be_given_as_its_token(folder: Path, tmp_path: Path) -> None:
    columns = {"member_id": "member_id"}
    source = {"path": "members*.csv", "columns": columns, "personal": ["member_id"]}
    dataset = describe(members=source)
    (folder / "members.csv").write_text(f"member_id,city\n{PHONE},a\n{OTHER},b\n")
    output = tmp_path / "output"
    land(folder, output, dataset)
    token = str(tokenise(PHONE, make_key("shop")))
    assert erase(folder, output, dataset, [token]).member_count == 1
    found = read_landed(land(folder, output, dataset))["members.csv"]
    assert found == f"member_id,city\n{OTHER},b\n"


def test_numbers_like_tokens_do_not_reach_the_ledger(folder: Path, tmp_path: Path) -> None:
    number = "0123456789abcdef" * 2
    (folder / "members.csv").write_text(f"member_id,city\n{number},a\n0017,b\n")
    output = tmp_path / "output"
    land(folder, output)
    erase(folder, output, describe(), [number])
    assert number not in (output / LEDGER).read_text(encoding="ascii")
    assert read_landed(land(folder, output))["members.csv"] == "member_id,city\n0017,b\n"


def test_damaged_ledger_stops_before_anybody_comes_back(folder: Path, output: Path) -> None:
    for text in ("{", '{"format": 1}', "[]", '{"format": 1, "key_id": "", "members": 1}'):
        (output / LEDGER).write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="erased people would come back"):
            land(folder, output)


def test_another_key_is_refused(folder: Path, output: Path, keys: Path) -> None:
    erase(folder, output, describe(), ["0018"])
    (keys / "shop.key").unlink()
    with pytest.raises(InputError, match="is not there"):
        land(folder, output)
    make_key("shop")
    with pytest.raises(InputError, match="bring back that key"):
        land(folder, output)


def test_nothing_is_done_beside_a_run(folder: Path, output: Path) -> None:
    with hold_lock(output), pytest.raises(LockedError):
        erase(folder, output, describe(), ["0018"])


def test_unreadable_copy_is_not_kept(folder: Path, output: Path) -> None:
    copy = output / "landing" / ("a" * 64)
    copy.write_bytes(b"PAR1 and nothing else, 0018")
    erase(folder, output, describe(), ["0018"])
    assert not copy.exists()


def test_file_that_cannot_be_looked_through_stays_for_the_run_that_refuses_it(
    folder: Path, output: Path
) -> None:
    erase(folder, output, describe(), ["0018"])
    (folder / "members_2.csv").write_bytes(b'member_id\n"0018\n')
    (folder / "members_3.csv").touch()
    files = {file.name: file for file in land(folder, output)}
    assert files["members_2.csv"].path.read_bytes() == b'member_id\n"0018\n'
    assert files["members_3.csv"].size_bytes == 0
    finish_pending(folder, output, describe())
    assert not files["members_2.csv"].path.exists()
    assert files["members.csv"].path.exists()


def test_known_file_is_not_even_copied(folder: Path, output: Path) -> None:
    erase(folder, output, describe(), ["0018"])
    find_kept = load_erasures(output).find_kept
    before = {path.name for path in (output / "landing").iterdir()}
    land_files(folder, describe(), output / "landing", find_kept)
    assert {path.name for path in (output / "landing").iterdir()} == before


def test_ledger_is_written_as_it_was_read(output: Path) -> None:
    erasures = Erasures("k", frozenset("a"), frozenset("b"), {"x": Settled("y", "z")})
    write_erasures(output, erasures)
    assert load_erasures(output) == erasures
