"""That each system's export becomes the orders, lines, refunds and members that it means.

The files are those of tests/data/profiles, invented rows in the real layout and encoding; what they
mean was worked by hand and stands in each expected.yaml.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.dataset import Dataset, load_dataset
from pipelines.engines.duckdb import open_duckdb
from pipelines.ingest.identities import Key, make_key
from pipelines.ingest.landing import land_files
from pipelines.ingest.outcomes import ParsedFile, make_room
from pipelines.ingest.profiles import list_kind_words, list_status_words
from pipelines.ingest.tables import fill_raw_tables, parse_files

SETS = Path(__file__).parents[1] / "data" / "profiles"
NAMES = sorted(path.parent.name for path in SETS.glob("*/dataset.yaml"))
Answer = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Parsed:
    """A data set whose files were parsed, what it should mean, and the rows that it gave."""

    dataset: Dataset
    expected: dict[str, Any]
    key: Key
    files: list[ParsedFile]
    rows: dict[str, list[dict[str, Any]]]

    def hide(self, member: str | None) -> str | None:
        """Return the token of a member, worked out without the code that is tested."""
        if member is None or not self.expected.get("has_tokens", True):
            return member
        return hmac.new(self.key.secret, member.encode(), "sha256").hexdigest()[:32]

    def expect(self, table: str) -> Answer:
        """Return the rows that were worked by hand, amounts as decimals."""
        return [tuple(row) for row in self.expected.get(table, [])]


def sort(rows: Answer) -> Answer:
    """Return rows in an order of their own; an empty cell has no order with others."""
    return sorted(rows, key=lambda row: [str(cell) for cell in row])


def read_amount(text: str | None) -> Decimal | None:
    """Return an amount as exactly as it was written."""
    return None if text is None else Decimal(text)


@pytest.fixture(scope="module", params=NAMES)
def parsed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Parsed]:
    folder, work = SETS / request.param, tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGULARS_KEYS", str(work / "keys"))
        dataset = load_dataset(folder)
        key = make_key(dataset.name)
        files = land_files(folder, dataset, work / "landing")
        room = replace(make_room(work / "parsed", work / "quarantine"), key=key)
        ready = parse_files(files, dataset, room)
        engine = open_duckdb(readable=[work])
        try:
            fill_raw_tables(engine, ready)
            names = ("orders", "order_lines", "refunds", "members", "rejects", "files")
            rows = {name: engine.read(f"select * from raw.{name}").to_pylist() for name in names}
        finally:
            engine.close()
        expected = yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8"))
        yield Parsed(dataset, expected, key, ready, rows)


def test_orders_are_as_worked_by_hand(parsed: Parsed) -> None:
    classes, kinds = list_status_words(parsed.dataset), list_kind_words(parsed.dataset)
    found = {
        (
            row["order_id"],
            row["business_date"],
            row["paid_amount"],
            row["refunded_amount"],
            classes[row["status"]],
            kinds.get(row["order_kind"], "sale"),
            row["parent_order_id"],
            row["member_id"],
        )
        for row in parsed.rows["orders"]
    }
    expected = {
        (number, day, read_amount(paid), read_amount(refunded), *rest, parsed.hide(member))
        for number, day, paid, refunded, *rest, member in parsed.expect("orders")
    }
    assert sort(list(found)) == sort(list(expected))


def test_lines_are_as_worked_by_hand(parsed: Parsed) -> None:
    columns = ("order_id", "sku", "quantity", "amount", "list_amount")
    found = {tuple(row[name] for name in columns) for row in parsed.rows["order_lines"]}
    expected = {
        (number, sku, pieces, read_amount(paid), read_amount(before))
        for number, sku, pieces, paid, before in parsed.expect("lines")
    }
    assert sort(list(found)) == sort(list(expected))


def test_refunds_are_as_worked_by_hand(parsed: Parsed) -> None:
    found = [(row["order_id"], row["refunded_on"], row["amount"]) for row in parsed.rows["refunds"]]
    expected = [(number, day, Decimal(amount)) for number, day, amount in parsed.expect("refunds")]
    assert sort(found) == sort(expected)


def test_members_are_as_worked_by_hand(parsed: Parsed) -> None:
    found = [(row["member_id"], row["registered_on"]) for row in parsed.rows["members"]]
    expected = [(parsed.hide(member), day) for member, day in parsed.expect("members")]
    assert sort(found) == sort(expected)


def test_rejected_rows_are_named_with_their_reason(parsed: Parsed) -> None:
    columns = ("source_table", "file_name", "line", "column_name", "reason")
    found = [tuple(row[name] for name in columns) for row in parsed.rows["rejects"]]
    assert sort(found) == sort(parsed.expect("rejects"))


def test_every_row_of_every_file_is_somewhere(parsed: Parsed) -> None:
    columns = ("row_count", "accepted_count", "quarantined_count", "continuation_count")
    found = [
        (row["source_table"], row["file_name"], *(row[name] for name in columns))
        for row in parsed.rows["files"]
    ]
    assert sort(found) == sort(parsed.expect("files"))
    for _, _, rows, *places in found:
        assert rows == sum(places)


def test_every_status_word_is_explained(parsed: Parsed) -> None:
    known = list_status_words(parsed.dataset)
    assert {row["status"] for row in parsed.rows["orders"]} <= set(known)
