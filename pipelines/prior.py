"""What the snapshot before published, as raw tables of the run that follows it.

For the gates and for restatements; which snapshot that is stands in `pipelines.publishing`.
"""

import itertools
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from pipelines.dataset import Dataset
from pipelines.engines.duckdb import quote_name, quote_text
from pipelines.engines.protocol import Engine
from pipelines.raw import RAW_TABLES
from pipelines.snapshots import Snapshot

# Published tables that the next run reads in place; too many rows to hold twice.
READ_IN_PLACE = {
    "raw.prior_kpi": "kpi",
    "raw.prior_basis": "restatement_basis",
    "raw.prior_members": "members",
}
# Settings on which the number of orders of a date depends, and those on which metrics do.
ORDER_SETTINGS = ("timezone", "currency", "files", "conventions")
METRIC_SETTINGS = (*ORDER_SETTINGS, "trade", "scopes")
# Why a published number may change, in the order in which causes are named.
CAUSES = (
    ("changed_definition", "指标口径变更", "changed definition"),
    ("changed_setting", "数据集设置变更", "changed setting"),
    ("late_refund", "迟到退款", "late refund"),
    ("late_order", "迟到订单", "late order"),
    ("merge", "会员合并", "merge"),
    ("erased_member", "会员信息删除", "erased member"),
    ("exclusion", "排除名单变更", "exclusion"),
)
NO_CAUSE = {"bits": 0, "cause": "other", "cause_zh": "其他", "cause_en": "other"}


def write_prior(
    engine: Engine, prior: Snapshot | None, dataset: Dataset, erased: str | None
) -> None:
    """Fill the raw tables of what the snapshot before published; empty where there is none.

    `erased` is the hash of who was erased by now. Only a snapshot that was made with the same
    settings tells the gates what is usual.
    """
    rows: dict[str, list[dict[str, Any]]] = {
        "raw.prior_days": [],
        "raw.prior_files": [],
        "raw.prior_snapshot": [],
        "raw.restatement_causes": list_causes(),
    }
    if prior is not None:
        if has_same_settings(prior, dataset, ORDER_SETTINGS):
            rows["raw.prior_files"] = prior.arrow("input_files").to_pylist()
            rows["raw.prior_days"] = [
                row
                for row in prior.arrow("sales_days").to_pylist()
                if row["business_date"] < prior.as_of
            ]
        changed = {
            "prior_as_of": prior.as_of,
            "has_changed_settings": not has_same_settings(prior, dataset, METRIC_SETTINGS),
            "has_erased": erased != prior.manifest.get("erased"),
        }
        rows["raw.prior_snapshot"] = [changed]
    for name, content in rows.items():
        engine.write(name, pa.Table.from_pylist(content, schema=RAW_TABLES[name].schema))
    for name, table in READ_IN_PLACE.items():
        expose_table(engine, name, prior, table)


def expose_table(engine: Engine, name: str, prior: Snapshot | None, table: str) -> None:
    """Let a raw table be what a snapshot published; empty where it lacks the table or a column."""
    schema = RAW_TABLES[name].schema
    published = prior.manifest["tables"].get(table, {}) if prior is not None else {}
    if prior is None or not set(schema.names) <= set(published.get("schema", {})):
        engine.write(name, schema.empty_table())
        return
    columns = ", ".join(quote_name(column) for column in schema.names)
    path = quote_text(str(prior.path(table).resolve()))
    engine.expose(name, f"select {columns} from read_parquet({path})")


def has_same_settings(prior: Snapshot, dataset: Dataset, names: tuple[str, ...]) -> bool:
    """Whether a snapshot was made with the same settings; what it did not know has its default."""
    try:
        before = Dataset.model_validate(prior.manifest["dataset"]).model_dump(mode="json")
    except ValidationError:
        return False
    now = dataset.model_dump(mode="json")
    return all(before[name] == now[name] for name in names)


def list_causes() -> list[dict[str, Any]]:
    """Return the rows of raw.restatement_causes: every set of causes."""
    rows: list[dict[str, Any]] = [NO_CAUSE]
    for size in range(1, len(CAUSES) + 1):
        for places in itertools.combinations(range(len(CAUSES)), size):
            chosen = [CAUSES[place] for place in places]
            rows.append(
                {
                    "bits": sum(1 << place for place in places),
                    "cause": "+".join(code for code, _, _ in chosen),
                    "cause_zh": "、".join(zh for _, zh, _ in chosen),
                    "cause_en": ", ".join(en for _, _, en in chosen),
                }
            )
    return rows
