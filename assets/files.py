"""The assets of the shop's files: landed by content, then read into the raw tables.

How a file is read stands in `pipelines.ingest`.
"""

from collections.abc import Iterator

import dagster as dg

from assets.metadata import describe_columns, find_key
from assets.outputs import SNAPSHOT
from pipelines.catalogue import Catalogue
from pipelines.runs import Run

LANDED = dg.AssetKey(["files", "landed"])


@dg.asset(
    key=LANDED,
    group_name="files",
    description="The shop's exports, copied by content before anything reads them."
    " 按内容保存的原始导出文件。",
)
def landed(run_parameters: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
    """Copy the source files by content."""
    files = run_parameters.land()
    lines = ["| table | file | bytes |", "|---|---|---|"]
    lines += [f"| {file.table} | {file.name} | {file.size_bytes:,} |" for file in files]
    total = sum(file.size_bytes for file in files)
    return dg.MaterializeResult(
        metadata={
            "files": len(files),
            "bytes": total,
            "list": dg.MetadataValue.md("\n".join(lines[:20])),
        }
    )


def make_raw_asset(catalogue: Catalogue) -> dg.AssetsDefinition:
    """Return the asset of all raw tables that are given, not fitted; one step reads all files.

    Where these inputs were published before, no table is yielded and the rest is skipped.
    """
    given = {name: table for name, table in catalogue.raw.items() if not table.depends_on}

    @dg.multi_asset(
        name="read_files",
        specs=[
            dg.AssetSpec(
                find_key(name),
                deps=[LANDED],
                group_name="raw",
                description=table.description,
                metadata={"dagster/column_schema": describe_columns(table.meanings)},
                skippable=True,
            )
            for name, table in given.items()
        ],
    )
    def read_files(
        context: dg.AssetExecutionContext, run_parameters: dg.ResourceParam[Run]
    ) -> Iterator[dg.MaterializeResult[None]]:
        rejected = run_parameters.fill()
        unchanged = run_parameters.find_unchanged()
        if unchanged is not None:
            context.log_event(
                dg.AssetObservation(
                    asset_key=SNAPSHOT,
                    description="Unchanged: these inputs were published before.",
                    metadata={"folder": dg.MetadataValue.path(unchanged.folder)},
                )
            )
            return
        for name in given:
            metadata = {"rejected_rows": rejected.get(name.split(".")[1], 0)}
            yield dg.MaterializeResult(asset_key=find_key(name), metadata=metadata)

    return read_files
