"""The assets that people receive: published tables, reports, and the snapshot that holds them.

How they are written stands in `pipelines.publishing` and `pipelines.report`.
"""

import dagster as dg

from assets.metadata import find_key
from pipelines.catalogue import Catalogue
from pipelines.runs import Run

TABLES = dg.AssetKey(["published", "tables"])
REPORTS = dg.AssetKey(["published", "reports"])
SNAPSHOT = dg.AssetKey(["published", "snapshot"])


def make_output_assets(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """Return the assets that publish the marts."""

    @dg.asset(
        key=TABLES,
        deps=[find_key(name) for name in catalogue.published],
        group_name="published",
        description="The published tables as Parquet. 发布的 Parquet 表。",
        kinds={"parquet"},
    )
    def tables(run_parameters: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        rows = run_parameters.export()
        lines = ["| table | rows |", "|---|---|"]
        lines += [f"| {name} | {count:,} |" for name, count in rows.items()]
        return dg.MaterializeResult(metadata={"tables": dg.MetadataValue.md("\n".join(lines))})

    @dg.asset(
        key=REPORTS,
        deps=[TABLES],
        group_name="published",
        description="The report and the workbook in each language. 各语言的报告与工作簿。",
    )
    def reports(run_parameters: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        paths = run_parameters.write_reports()
        return dg.MaterializeResult(metadata={"files": ", ".join(path.name for path in paths)})

    @dg.asset(
        key=SNAPSHOT,
        deps=[TABLES, REPORTS],
        group_name="published",
        description="The snapshot, published by moving one pointer. 快照，通过移动指针一次性发布。",
    )
    def snapshot(run_parameters: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        published = run_parameters.publish()
        return dg.MaterializeResult(
            metadata={
                "as_of": published.as_of.isoformat(),
                "folder": dg.MetadataValue.path(published.folder),
                "report": dg.MetadataValue.path(published.folder / published.report_names[0]),
            }
        )

    return [tables, reports, snapshot]
