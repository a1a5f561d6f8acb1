"""That what the README and its like say of commands, tables, settings and codes is what there is.

Whether its steps lead where it says is tested by following them, in
`tests/integration/test_bring_your_own.py`.
"""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from assets.cli import cli
from pipelines.catalogue import list_metrics, load_catalogue
from pipelines.dataset import Arrival, Dataset, FileSource, Gates
from pipelines.dictionary import write_dictionary
from pipelines.exports import OrderKind, Profile, StatusClass, list_names, load_profiles
from pipelines.gates import GATES
from pipelines.ingest.reasons import REASONS, write_reason_table
from pipelines.settings import WATERFALL_STEPS

ROOT = Path(__file__).resolve().parents[2]
PROFILES, INGEST = "pipelines/profiles/README.md", "pipelines/ingest/README.md"
DICTIONARY = "sql/kpis/README.md"
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", PROFILES, INGEST, DICTIONARY)
RENEW = (
    "The table is another than the code says. Renew it with `.venv/bin/python -m "
    "tests.unit.test_readme` and let the difference be reviewed."
)


def read(page: str) -> str:
    """Return the text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def cut(text: str, heading: str) -> str:
    """Return the section under a heading, up to the next of its level."""
    level = heading.partition(" ")[0]
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, heading
    return rest.partition(f"\n{level} ")[0]


def list_codes(text: str) -> set[str]:
    """Return what stands in backquotes."""
    return set(re.findall(r"`([^`]+)`", text))


def list_first_cells(text: str) -> set[str]:
    """Return the codes in the first cells of tables."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return {code for cell in cells for code in list_codes(cell)}


def write_export_table() -> str:
    """Return the table of all export profiles as Markdown, in both languages."""
    lines = ["| profile | fills | member key | what to know |", "|---|---|---|---|"]
    for name, profile in load_profiles().items():
        cells = (
            f"`{name}`<br>{profile.title['en']}<br>{profile.title['zh']}",
            ", ".join(f"`{table}`" for table in profile.tables),
            find_member_key(profile),
            f"{profile.about['en'].strip()}<br>{profile.about['zh'].strip()}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def find_member_key(profile: Profile) -> str:
    """Return the columns that name the member, or a dash."""
    key = profile.tables[profile.table].columns.get("member_id")
    return " or ".join(list_names(key)) if key is not None else "–"


def write_both_languages() -> str:
    """Return the data dictionary as its page has it."""
    return write_dictionary(["en", "zh"])


GENERATED = {
    (PROFILES, "exports"): write_export_table,
    (INGEST, "reasons"): write_reason_table,
    (DICTIONARY, "dictionary"): write_both_languages,
}


def generate(page: str, name: str) -> str:
    """Return a page with one of its tables as the code says it."""
    table = GENERATED[page, name]()
    marks = rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)"
    return re.sub(marks, lambda found: found[1] + table + found[2], read(page), flags=re.DOTALL)


@pytest.mark.parametrize(("page", "name"), GENERATED)
def test_generated_tables_are_what_the_code_says(page: str, name: str) -> None:
    assert f"<!-- generated: {name} -->\n" in read(page)
    assert generate(page, name) == read(page), RENEW


def test_every_reason_has_its_row() -> None:
    assert list_first_cells(cut(read(INGEST), "## Reasons")) == set(REASONS)


def test_every_export_is_named() -> None:
    section = cut(cut(read("README.md"), "## Bring your own files"), "### What is read")
    assert list_first_cells(section) == set(load_profiles())


def test_every_command_is_explained() -> None:
    named = list_first_cells(cut(read("README.md"), "## Commands"))
    assert {code.split()[0] for code in named} == set(cli.commands)
    for code in named:
        options = {text for option in cli.commands[code.split()[0]].params for text in option.opts}
        assert set(re.findall(r"--[a-z-]+", code)) <= options


def test_every_published_table_is_explained() -> None:
    marts = {name.removeprefix("marts.") for name in load_catalogue().models if "marts." in name}
    assert list_first_cells(cut(read("README.md"), "## What is published")) == marts


def test_changes_name_every_table_and_kpi() -> None:
    changes, catalogue = read("CHANGELOG.md"), load_catalogue()
    marts = {name.removeprefix("marts.") for name in catalogue.models if "marts." in name}
    metrics = {row["metric"] for row in list_metrics(catalogue, ())}
    assert marts <= list_codes(cut(changes, "### Tables"))
    assert metrics <= list_codes(cut(changes, "### KPIs"))


def test_boxes_and_kinds_of_orders_are_explained() -> None:
    section = cut(read("README.md"), "### What becomes of an order")
    assert list_first_cells(section) == {step for step, _, _ in WATERFALL_STEPS}
    assert {*get_args(OrderKind), *get_args(StatusClass)} <= list_codes(section)


def test_settings_of_files_and_arrival_are_explained() -> None:
    readme = read("README.md")
    keys = list_first_cells(cut(readme, "### What to write in dataset.yaml"))
    assert keys == set(FileSource.model_fields) - {"path"}
    nightly = " ".join(list_codes(cut(readme, "### Nightly")))
    assert all(key in nightly for key in Arrival.model_fields)


def test_gates_are_explained_with_their_defaults() -> None:
    section, defaults = cut(read("README.md"), "### Gates"), Gates()
    assert list_first_cells(section) == set(GATES)
    told = set()
    for line in section.splitlines():
        if not line.startswith("| `"):
            continue
        gates, _, verdicts, limits = line[2:].split(" |")[:4]
        told |= set(re.findall(r"`(\w+)` ([\d.]+)", limits))
        names = re.findall(r"`(\w+)`", gates)
        words = verdicts.strip().split(", ")
        found = [getattr(defaults, name) for name in names]
        assert found == (words * len(names) if len(words) == 1 else words)
    numbers = {name for name in Gates.model_fields if name not in GATES}
    assert told == {(name, f"{getattr(defaults, name):g}") for name in numbers}


@pytest.mark.parametrize("page", PAGES)
def test_examples_of_settings_are_taken(page: str) -> None:
    for text in re.findall(r"```yaml\n(.*?)```", read(page), re.DOTALL):
        content = yaml.safe_load(text)
        if "files" in content:
            place = {"name": "shop", "timezone": "Asia/Shanghai", "currency": "CNY"}
            Dataset.model_validate(place | content)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", read(page)):
        assert (ROOT / page).parent.joinpath(link).exists(), link


if __name__ == "__main__":
    for wanted, block in GENERATED:
        (ROOT / wanted).write_text(generate(wanted, block), encoding="utf-8")
