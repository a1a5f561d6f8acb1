"""Write the hostile corpus: a folder for each case, with its files and a dataset.yaml.

`python -m tests.hostile.make_corpus FOLDER` writes it and lists what is in it; what must become of
each file stands with the file, in the modules beside this one.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from tests.hostile.cases import Case
from tests.hostile.cell_cases import list_cell_cases
from tests.hostile.container_cases import list_container_cases
from tests.hostile.folder_cases import list_folder_cases
from tests.hostile.text_cases import list_text_cases


def list_cases() -> list[Case]:
    """Return every case, each with a name of its own.

    Raises ValueError where a name stands twice.
    """
    cases = [
        *list_cell_cases(),
        *list_text_cases(),
        *list_container_cases(),
        *list_folder_cases(),
    ]
    names = [case.name for case in cases]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ValueError(f"cases of one name: {', '.join(sorted(repeated))}")
    return cases


def describe(case: Case) -> bytes:
    """Return the dataset.yaml of a case."""
    if case.dataset_yaml is not None:
        return case.dataset_yaml
    files: dict[str, Any] = {case.table: {"path": case.file, **case.source}}
    content = {
        "name": "shop",
        "timezone": "Asia/Shanghai",
        "currency": "CNY",
        "files": files,
        **case.settings,
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode()


def write_case(case: Case, folder: Path) -> Path:
    """Write a case into a folder of its own and return that."""
    place = folder / case.name
    place.mkdir(parents=True)
    (place / "dataset.yaml").write_bytes(describe(case))
    (place / case.file).write_bytes(case.make())
    for name, data in case.beside.items():
        (place / name).write_bytes(data)
    if case.arrange is not None:
        case.arrange(place)
    return place


def main(folder: Path) -> None:
    """Write every case and list name, what is hostile, and the outcome."""
    for case in list_cases():
        write_case(case, folder)
        outcome = (
            f"refused: {case.refusal}"
            if case.refusal is not None
            else (f"{len(case.rows)} rows, {len(case.rejects)} left out")
        )
        sys.stdout.write(f"{case.name:<28} {case.hostility:<60} {outcome}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
