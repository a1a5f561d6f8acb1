"""That metrics are about each kind of scope that a data set names, from the orders or the stores.

What a metric counts within a scope is tested with the metric.
"""

from pathlib import Path

import pytest
import yaml

from pipelines.dataset import load_dataset
from pipelines.errors import InputError
from pipelines.runs import RunRequest
from tests.integration.building import ask_tables

ORDERS = """order_id,member_id,paid_at,paid_amount,store_id,客户类型,city
A1,M1,2024-03-01 10:00:00,10.00,S1,零售,
A2,M1,2024-03-02 10:00:00,20.00,S2,团购,
A3,M2,2024-03-02 11:00:00,40.00,S3,零售,苏州
A4,,2024-03-03 11:00:00,80.00,,,
"""
STORES = """store_id,store,city,region,store_type,brand
S1,一店,上海,华东,旗舰,茶
S2,二店,杭州,华东,标准,茶
S3,三店,广州,华南,标准,咖啡
"""
SCOPES = [
    "store",
    "city",
    "region",
    "store_type",
    "brand",
    {"customer_type": "客户类型"},
]


def write_shop(folder: Path, scopes: object, **orders: object) -> None:
    folder.mkdir()
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (folder / "stores.csv").write_text(STORES, encoding="utf-8")
    content = {
        "name": "corner",
        "timezone": "Asia/Shanghai",
        "currency": "CNY",
        "files": {
            "orders": {"path": "orders.csv", **orders},
            "stores": {"path": "stores.csv"},
        },
        "scopes": scopes,
    }
    text = yaml.safe_dump(content, allow_unicode=True)
    (folder / "dataset.yaml").write_text(text, encoding="utf-8")


def test_each_kind_of_scope_has_its_orders(tmp_path: Path) -> None:
    write_shop(tmp_path / "shop", SCOPES)
    question = "select scope_type, scope, numerator from kpis.net_sales where window_type = 'month'"
    request = RunRequest(dataset=tmp_path / "shop", output=tmp_path / "output")
    rows = ask_tables(request, {"kpis.net_sales": question})["kpis.net_sales"]
    assert {(row["scope_type"], row["scope"]): int(row["numerator"]) for row in rows} == {
        ("all", "all"): 150,
        ("store", "S1"): 10,
        ("store", "S2"): 20,
        ("store", "S3"): 40,
        # The order's own city goes before that of its store.
        ("city", "上海"): 10,
        ("city", "杭州"): 20,
        ("city", "苏州"): 40,
        ("region", "华东"): 30,
        ("region", "华南"): 40,
        ("store_type", "旗舰"): 10,
        ("store_type", "标准"): 60,
        ("brand", "茶"): 30,
        ("brand", "咖啡"): 40,
        ("customer_type", "零售"): 50,
        ("customer_type", "团购"): 20,
    }


def test_days_and_weeks_are_for_the_whole_shop(tmp_path: Path) -> None:
    write_shop(tmp_path / "shop", ["store"])
    question = "select distinct scope_type, window_type from kpis.net_sales"
    request = RunRequest(dataset=tmp_path / "shop", output=tmp_path / "output")
    rows = ask_tables(request, {"kpis.net_sales": question})["kpis.net_sales"]
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kinds.setdefault(row["scope_type"], set()).add(row["window_type"])
    assert kinds["all"] - kinds["store"] == {"day", "week"}
    assert {"month", "quarter", "half", "year", "trailing_365d"} <= kinds["store"]


@pytest.mark.parametrize(
    ("scopes", "orders", "problem"),
    [
        (["store", "store"], {}, "'store' stands twice"),
        ([{"store": "店"}], {}, "'store' has a meaning of its own"),
        ([{"a": "A", "b": "B"}, {"c": "C"}, {"d": "D"}], {}, "room for 3 dimensions"),
        ([{"a": "电话"}], {"personal": ["电话"]}, "'电话' is personal"),
    ],
)
def test_scopes_that_cannot_be_are_refused(
    tmp_path: Path, scopes: object, orders: dict[str, object], problem: str
) -> None:
    write_shop(tmp_path / "shop", scopes, **orders)
    with pytest.raises(InputError, match=problem):
        load_dataset(tmp_path / "shop")


def test_a_dimension_that_no_column_holds_is_named(tmp_path: Path) -> None:
    write_shop(tmp_path / "shop", [{"customer_type": "客户类别"}])
    request = RunRequest(dataset=tmp_path / "shop", output=tmp_path / "output")
    with pytest.raises(InputError, match=r"no column '客户类别' .* Correct scopes in"):
        ask_tables(request, {})
