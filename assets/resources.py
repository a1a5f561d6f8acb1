"""The one resource: what a run is asked for, and the run itself while it lasts.

What a run does stands in `pipelines.runs`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from pipelines.runs import Run, RunRequest, start_run


class RunParameters(dg.ConfigurableResource[Run]):
    """What to run and as of when; 运行参数：数据集、统计日."""

    dataset: str = Field(
        description="Folder that holds dataset.yaml. 数据集所在文件夹（内含 dataset.yaml）。"
    )
    as_of: str = Field(
        default="latest",
        description="Last business date, like 2026-11-20, or latest. 统计日，或 latest（最新）。",
    )
    output: str = Field(
        default="",
        description="Where to publish; empty for output/<data set>. 输出文件夹，留空即默认。",
    )
    engine: str = Field(default="duckdb", description="Engine of the run. 计算引擎。")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Run]:
        """Hold the data set's lock and a scratch engine while the job runs."""
        request = RunRequest(
            dataset=Path(self.dataset),
            as_of=self.as_of,
            output=Path(self.output) if self.output else None,
            engine=self.engine,
        )
        with start_run(request) as run:
            yield run
