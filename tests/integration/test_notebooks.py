"""That every notebook answers its question from a published snapshot, and is kept without output.

What the numbers are is tested where they are made.
"""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from pipelines.snapshots import Snapshot

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
SECONDS = 300


def read_notebook(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def is_parameters(cell: Any) -> bool:
    return "parameters" in cell.metadata.get("tags", [])


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_on_a_published_snapshot(path: Path, sample_snapshot: Snapshot) -> None:
    notebook = read_notebook(path)
    (parameters,) = [cell for cell in notebook.cells if is_parameters(cell)]
    parameters.source += f"\noutput = {str(sample_snapshot.folder.parents[1])!r}"
    NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/svg+xml" in output.get("data", {}) for output in shown) == 2
    assert all(output.output_type == "execute_result" for output in shown)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_kept_without_output(path: Path) -> None:
    for cell in read_notebook(path).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
