"""The contract of the models: each rule is broken once, and the check says which and where."""

from pathlib import Path

import pytest

from pipelines.catalogue import ALL_VALUES, Catalogue, load_catalogue
from pipelines.contracts import check_catalogue
from pipelines.engines.duckdb import open_duckdb
from pipelines.errors import CatalogueError

HEADER = """/*---
description: A table of the tests.
grain: [member_id]
columns:
{columns}
checks:
  - not_null: [member_id]
{more}---*/
"""


PLAIN = "/*---\ndescription: A.\ngrain: [a]\ncolumns: {a: A.}\n"


def write_model(
    root: Path,
    query: str,
    name: str = "staging/probe",
    columns: tuple[str, ...] = ("member_id",),
    more: str = "",
) -> Path:
    path = root / "sql" / f"{name}.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f"  {column}: A column." for column in columns)
    path.write_text(HEADER.format(columns=lines, more=more) + query, encoding="utf-8")
    return path


def find_problems(root: Path) -> list[str]:
    engine = open_duckdb()
    catalogue = load_catalogue(root / "sql")
    models = {name: model for name, model in catalogue.models.items() if name != ALL_VALUES}
    given = {name: table for name, table in catalogue.raw.items() if not table.depends_on}
    try:
        return check_catalogue(Catalogue(models, given), engine, root / "tests" / "sql")
    finally:
        engine.close()


def test_the_models_of_the_project_keep_the_contract() -> None:
    engine = open_duckdb()
    assert check_catalogue(load_catalogue(), engine) == []
    engine.close()


def test_a_sound_model_has_no_problem(tmp_path: Path) -> None:
    write_model(tmp_path, "select member_id from raw.members\n")
    assert find_problems(tmp_path) == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("select * from raw.members", "does not end in *"),
        ("select member_id, city from raw.members", "are not the query's"),
        ("select city as member_id from raw.nothing", "raw.nothing, which no model makes"),
        ("select member_id from marts.kpi_of_others", "no model makes and nothing provides"),
        ("select cast(now() as varchar) as member_id from raw.members", "clock"),
        ("select cast(current_date as varchar) as member_id from raw.members", "clock"),
        ("select cast(current_timestamp as varchar) as member_id from raw.members", "clock"),
        ("select cast(random() as varchar) as member_id from raw.members", "chance"),
        ("select cast(uuid() as varchar) as member_id from raw.members", "chance"),
        (
            "select cast(ntile(5) over (order by city) as varchar) as member_id from raw.members",
            "cut points",
        ),
        ("select max(list(member_id)[1]) as member_id from raw.members", "order on Spark"),
        (
            "select cast(date_diff('month', registered_on, registered_on) as varchar) as member_id"
            " from raw.members",
            "counts days only",
        ),
        ("select regexp_extract(member_id, 'a') as member_id from raw.members", "portable"),
        ("select no_such_column as member_id from raw.members", "the engine refuses it"),
    ],
)
def test_a_query_that_breaks_a_rule_is_named(tmp_path: Path, query: str, sentence: str) -> None:
    write_model(tmp_path, query + "\n")
    problems = find_problems(tmp_path)
    assert any(sentence in problem and "probe" in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("column", "expression", "sentence"),
    [
        ("net_amount", "cast(1 as double)", "_amount is DECIMAL"),
        ("bought_on", "registered_at", "_on is DATE"),
        ("bought_at", "registered_on", "_at is TIMESTAMP"),
        ("recency_days", "cast(1 as double)", "_days is INTEGER"),
        ("order_count", "cast(1 as double)", "_count is"),
        ("is_new", "cast(1 as integer)", "is_ or has_ is BOOLEAN"),
    ],
)
def test_a_column_keeps_what_its_name_promises(
    tmp_path: Path, column: str, expression: str, sentence: str
) -> None:
    query = f"select member_id, {expression} as {column} from raw.members\n"
    write_model(tmp_path, query, columns=("member_id", column))
    assert [sentence in problem for problem in find_problems(tmp_path)] == [True]


def test_a_layer_reads_only_what_lies_before_it(tmp_path: Path) -> None:
    write_model(tmp_path, "select member_id from raw.members\n", "intermediate/later")
    write_model(tmp_path, "select member_id from intermediate.later\n", "staging/probe")
    assert any("staging reads only raw, staging" in problem for problem in find_problems(tmp_path))


def test_models_that_read_each_other_are_an_error(tmp_path: Path) -> None:
    write_model(tmp_path, "select member_id from staging.second\n", "staging/first")
    write_model(tmp_path, "select member_id from staging.first\n", "staging/second")
    with pytest.raises(CatalogueError, match="read each other: staging"):
        find_problems(tmp_path)


def test_each_mart_has_a_test_case(tmp_path: Path) -> None:
    write_model(tmp_path, "select member_id from raw.members\n", "marts/probe")
    assert any("tests/sql/marts/probe.yaml" in problem for problem in find_problems(tmp_path))
    case = tmp_path / "tests" / "sql" / "marts" / "probe.yaml"
    case.parent.mkdir(parents=True)
    case.write_text("a case: {}\n", encoding="utf-8")
    assert find_problems(tmp_path) == []


def test_a_kpi_has_a_block_and_the_columns_of_all_kpis(tmp_path: Path) -> None:
    write_model(tmp_path, "select member_id from raw.members\n", "kpis/probe")
    problems = " ".join(find_problems(tmp_path))
    assert "a KPI's header has a kpi block" in problems
    assert "a KPI's columns are scope_type" in problems
    assert "in English and Chinese" in problems


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("select 1 as a\n", "starts with a header"),
        ("/*---\ndescription: [\n---*/\nselect 1 as a\n", "line 2: the header is not YAML"),
        (
            PLAIN + "owner: me\n---*/\nselect 1 as a\n",
            "owner: Extra inputs are not permitted",
        ),
        (
            PLAIN + "---*/\nselect 1 as a; select 2\n",
            "one select and nothing else",
        ),
        (
            PLAIN + "---*/\ncreate table a (b int)\n",
            "one select and nothing else",
        ),
        (
            PLAIN + "---*/\nselect 1 as\nfrom (\n",
            "line 7",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, content: str, sentence: str
) -> None:
    path = tmp_path / "sql" / "staging" / "probe.sql"
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"probe\.sql") as caught:
        load_catalogue(tmp_path / "sql")
    assert sentence in str(caught.value)


def test_dependencies_are_tables_and_no_common_table_expressions(tmp_path: Path) -> None:
    query = """with

inner_one as (
    select member_id from raw.members
),

outer_one as (
    select inner_one.member_id
    from inner_one
    where exists (select 1 from raw.orders as orders where orders.member_id = inner_one.member_id)
)

select member_id from outer_one
"""
    write_model(tmp_path, query)
    model = load_catalogue(tmp_path / "sql").models["staging.probe"]
    assert model.depends_on == {"raw.members", "raw.orders"}
