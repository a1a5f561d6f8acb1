"""How headers appear in Dagster: keys, column schemas, check names.

What the headers say stands in `sql/`.
"""

from collections.abc import Mapping

import dagster as dg

from pipelines.catalogue import Model
from pipelines.quality import name_check


def find_key(name: str) -> dg.AssetKey:
    """Return the asset key of a `schema.table` name."""
    return dg.AssetKey(name.split("."))


def describe_columns(
    meanings: Mapping[str, str], types: Mapping[str, str] | None = None
) -> dg.TableSchema:
    """Return a column schema with meanings, and with types where the table is made."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name=name, type=(types or {}).get(name, ""), description=meaning)
            for name, meaning in meanings.items()
        ]
    )


def describe_model(model: Model) -> str:
    """Return a model's description, in both languages where the header has both."""
    english, chinese = model.header.describe("en"), model.header.describe("zh")
    return english if english == chinese else f"{english}\n\n{chinese}"


def list_checks(model: Model) -> str:
    """Return what a header's checks assert, one below the other."""
    return "\n".join(f"- {name_check(check)}" for check in model.header.checks)
