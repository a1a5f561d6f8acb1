"""How headers appear in Dagster: keys, column schemas, check names.

What the headers say stands in `sql/`.
"""

import re
from collections.abc import Mapping

import dagster as dg

from pipelines.catalogue import Check, Model
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


def list_check_names(model: Model) -> dict[str, str]:
    """Return check: name in Dagster, unique within a model and made of letters and digits."""
    return {name_check(check): shorten_check(check) for check in model.header.checks}


def shorten_check(check: Check) -> str:
    """Return a check's name as Dagster accepts it."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name_check(check)).strip("_")[:100]
