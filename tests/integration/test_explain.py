"""That an explained number is the published one, and that the members listed are those it counts.

How a metric is computed is tested with its model; what its parts are called, with the headers.
"""

import csv
import datetime
import random
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.catalogue import MemberList, load_catalogue
from pipelines.errors import InputError
from pipelines.member_lists import (
    Rebuild,
    ask,
    load_lists,
    rebuild,
    write_members,
    write_query,
)
from pipelines.report.explanation import (
    explain,
    list_members,
    render,
    render_queries,
    sum_up_metrics,
)
from pipelines.report.words import Language
from pipelines.runs import RunRequest
from pipelines.snapshots import Snapshot, open_snapshot
from tests.integration.small_shop import SETTINGS, Shop, open_shop, run_shop

ROWS_TRIED = 40
UNITS = {"occasion": "", "order": "conventions: {purchase_unit: order}\n"}


def list_counting() -> dict[str, MemberList]:
    """Return how to list the members of each metric that counts any."""
    kpis = {model.table: model.header.kpi for model in load_catalogue().kpis}
    return {name: kpi.members for name, kpi in kpis.items() if kpi is not None and kpi.members}


COUNTING = list_counting()


def make_shop(settings: str = "") -> Shop:
    """Return the small shop with members whom others brought, brands, and what `settings` adds."""
    shop = open_shop()
    for place, order in enumerate(shop.orders):
        order["brand"] = ("红", "蓝")[place % 5 == 0]
    for place, member in enumerate(shop.members):
        member["referrer_id"] = "001" if place % 3 == 0 else ""
        member["online_id"] = f"o{place}" if place % 2 else ""
        member["home_store_id"] = f"S{1 + place % 2}"
    scopes = SETTINGS.replace("scopes: [store, channel]", "scopes: [store, channel, brand]")
    shop.settings = scopes + settings
    return shop


class Published:
    """A small shop, what it published, and what the lists of members read."""

    def __init__(self, folder: Path, unit: str) -> None:
        self.folder = make_shop(UNITS[unit]).write(folder / "shop")
        self.output = folder / "output"
        self.snapshot, _ = run_shop(RunRequest(self.folder, output=self.output), skips_checks=True)
        self.rows = self.snapshot.arrow("kpi").to_pylist()


@pytest.fixture(scope="module", params=UNITS)
def published(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Published:
    return Published(tmp_path_factory.mktemp("explained"), request.param)


@pytest.fixture(scope="module")
def rebuilt(published: Published) -> Iterator[Rebuild]:
    lists = load_lists().values()
    with rebuild(published.snapshot, published.folder, published.output, lists) as run:
        yield run


def choose_rows(published: Published, metric: str) -> list[dict[str, Any]]:
    """Return some rows of a metric, those with something to count among them."""
    rows = [row for row in published.rows if row["metric"] == metric]
    rows = [row for row in rows if row["numerator"] is not None]
    chance = random.Random(metric)
    full = [row for row in rows if row["numerator"]]
    return [
        *chance.sample(full, min(ROWS_TRIED, len(full))),
        *chance.sample(rows, min(ROWS_TRIED // 4, len(rows))),
    ]


@pytest.mark.parametrize("metric", COUNTING)
def test_the_members_listed_are_those_counted(
    metric: str, published: Published, rebuilt: Rebuild
) -> None:
    members, rows = COUNTING[metric], choose_rows(published, metric)
    is_known = any(row["metric"] == metric for row in published.rows)
    assert is_known or is_waiting(published.snapshot, metric)
    for row in rows:
        asked = ask(
            row["scope_type"],
            row["scope"],
            row["window_type"],
            row["window_start"],
            published.snapshot.as_of,
        )
        listed = rebuilt.engine.read(write_query(members, asked)).to_pylist()
        ids = [member["member_id"] for member in listed]
        assert len(set(ids)) == len(ids), row
        assert sum(member["is_counted"] for member in listed) == row[members.part], row
        if members.counted is not None:
            assert len(listed) == row["denominator"], row


def is_waiting(snapshot: Snapshot, metric: str) -> bool:
    """Whether a metric has no rows because its inputs are missing."""
    rows = snapshot.arrow("metrics").to_pylist()
    return any(row["missing"] for row in rows if row["metric"] == metric)


@pytest.mark.parametrize("name", load_lists())
def test_a_list_has_the_columns_that_it_explains(name: str, rebuilt: Rebuild) -> None:
    model, as_of = load_lists()[name], rebuilt.as_of
    asked = ask("all", "all", "month", as_of.replace(day=1), as_of)
    listed = rebuilt.engine.read(write_query(MemberList(of=name), asked))
    assert listed.column_names == [*model.header.columns, "is_counted"]
    assert listed.num_rows


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_number_is_explained_with_its_parts(published: Published, language: Language) -> None:
    found = explain(published.snapshot, "repurchase_rate", window="month:2024-03")
    text = "\n".join(render(found, language))
    definition = published.snapshot.table("metrics").set_index("metric")
    assert definition[f"definition_{language}"]["repurchase_rate"] in text
    assert found.number is not None
    for part in ("numerator", "denominator"):
        assert (
            f": {found.number[part]:.0f}  {definition[f'{part}_{language}']['repurchase_rate']}"
            in text
        )
    for said in ("2024-03-01 – 2024-03-31", "Asia/Shanghai", str(published.snapshot.as_of)):
        assert said in text
    queries = "\n".join(render_queries(found, language))
    assert found.model.query.strip() in queries
    assert found.member_query is not None
    assert found.member_query in queries


def test_the_printed_query_is_the_one_that_ran(
    published: Published, rebuilt: Rebuild, tmp_path: Path
) -> None:
    found = explain(published.snapshot, "buyback_rate", "store:S1", "month:2024-03-01")
    printed = "\n".join(render_queries(found, "en")).rpartition("-- Who is behind it\n")[2]
    rows = rebuilt.engine.read(printed).to_pylist()
    assert rows
    assert found.member_query == printed


def test_members_are_written_for_their_owner_alone(published: Published, tmp_path: Path) -> None:
    found = explain(published.snapshot, "active_members", window="quarter:2024-01-01")
    path = tmp_path / "members.csv"
    output = shutil.copytree(published.output, tmp_path / "output")  # the other one is at work
    said = list_members(found, published.snapshot, published.folder, output, path, "en")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert found.number is not None
    assert len(lines) == found.number["numerator"]
    assert f"{len(lines)} members listed, {len(lines)} of them counted" in said
    assert all(re.fullmatch(r"00\d+", line["member_id"]) for line in lines)
    with pytest.raises(InputError, match="cannot be written"):
        list_members(found, published.snapshot, published.folder, output, path, "en")


def test_a_member_number_is_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    write_members(pa.table({"member_id": ["=1+1", "@x", "7"], "occasion_count": [1, 2, 3]}), path)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert lines[1:] == ["'=1+1,1", "'@x,2", "7,3"]


def test_members_are_those_of_the_files_of_then(tmp_path: Path) -> None:
    shop = make_shop()
    folder, output = shop.write(tmp_path / "shop"), tmp_path / "output"
    run_shop(RunRequest(folder, "2024-04-15", output), skips_checks=True)
    for order in shop.orders:
        order["member_id"] = "005"
    shop.write(folder)
    run_shop(RunRequest(folder, "2024-04-20", output), skips_checks=True)
    for as_of in ("2024-04-15", "2024-04-20"):
        snapshot = open_snapshot(output, as_of)
        found = explain(snapshot, "active_members", window="month:2024-03")
        path = tmp_path / f"{as_of}.csv"
        said = list_members(found, snapshot, folder, output, path, "en")
        assert found.number is not None
        assert f"{found.number['numerator']:.0f} of them counted" in said
        assert "run again" not in said
    (folder / "dataset.yaml").write_text(shop.settings.replace("Asia/Shanghai", "UTC"), "utf-8")
    with pytest.raises(InputError, match="says other than when"):
        list_members(found, snapshot, folder, output, tmp_path / "other.csv", "en")


def test_amounts_have_no_members(published: Published, tmp_path: Path) -> None:
    found = explain(published.snapshot, "net_sales")
    assert found.number is not None
    assert found.number["is_complete"]
    assert "No list of members is made" in render_queries(found, "en")[-1]
    with pytest.raises(InputError, match="No list of members is made"):
        list_members(
            found, published.snapshot, published.folder, published.output, tmp_path / "m", "en"
        )


def test_a_metric_without_its_inputs_says_what_would_bring_it(published: Published) -> None:
    found = explain(published.snapshot, "points_issued")
    assert found.number is None
    assert "Bring a file with member_id, at, kind, points" in "\n".join(render(found, "en"))
    assert "积分流水" in "\n".join(render(found, "zh"))
    assert "-- Who is behind it" not in render_queries(found, "en")


def test_what_is_missing_is_summed_up_in_a_line(published: Published) -> None:
    metrics = published.snapshot.arrow("metrics").to_pylist()
    waiting = sum(bool(row["missing"]) for row in metrics)
    said = sum_up_metrics(published.snapshot, "en")
    assert f"{len(metrics) - waiting} available, {waiting} waiting for more of" in said
    assert "points" in said
    assert "项尚缺数据" in sum_up_metrics(published.snapshot, "zh")


@pytest.mark.parametrize(
    ("metric", "scope", "window", "problem"),
    [
        ("repurchase_rat", "all", "latest", "did you mean repurchase_rate"),
        ("net_sales", "store:S9", "latest", "no numbers for store:S9"),
        ("net_sales", "all", "fortnight", "no window 'fortnight'; there are month"),
        ("net_sales", "all", "month:2019-01", "they begin from 2024-01-01"),
        ("net_sales", "all", "month:soon", "not 'soon'"),
        ("net_sales", "store:S1", "day", "no window 'day'"),
    ],
)
def test_what_is_not_there_is_said(
    published: Published, metric: str, scope: str, window: str, problem: str
) -> None:
    with pytest.raises(InputError, match=re.escape(problem)):
        explain(published.snapshot, metric, scope, window)


def test_a_trailing_window_is_followed_by_as_many_days() -> None:
    asked = ask("all", "all", "trailing_30d", datetime.date(2024, 3, 2), datetime.date(2024, 4, 9))
    assert (asked.before_start, asked.before_end) == (
        datetime.date(2024, 2, 1),
        datetime.date(2024, 3, 1),
    )
    assert (asked.window_end, asked.after_end) == (
        datetime.date(2024, 3, 31),
        datetime.date(2024, 4, 30),
    )
    with pytest.raises(InputError, match="no window month:2024-03-02"):
        ask("all", "all", "month", datetime.date(2024, 3, 2), datetime.date(2024, 4, 9))
