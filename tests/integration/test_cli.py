"""What a person at the shell meets: exit codes, words on the two streams, and no traceback.

What a run gives is tested elsewhere; `init` and `ui` have tests of their own.
"""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assets import cli
from pipelines import catalogue, publishing
from pipelines.locking import hold_lock
from pipelines.runs import RunRequest
from pipelines.snapshots import open_snapshot
from tests.integration.small_shop import SETTINGS, find_state, hash_files, open_shop, run_shop

ROOT = Path(__file__).parents[2]
Regulars = Callable[..., tuple[int, str, str]]
NO_NETWORK = ["unshare", "--net", "--map-root-user"]
BLOCK_SOCKETS = """\
import socket


def refuse(self, address):
    if self.family != socket.AF_UNIX:
        raise OSError("no network here")
    return connect(self, address)


connect = socket.socket.connect
socket.socket.connect = refuse
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small shop's exports."""
    return open_shop().write(tmp_path_factory.mktemp("shop") / "small")


@pytest.fixture(scope="module")
def published(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an output folder with the snapshots of two dates."""
    output = tmp_path_factory.mktemp("published")
    for as_of in ("2024-03-31", "latest"):
        run_shop(RunRequest(shop, as_of, output), skips_checks=True)
    return output


@pytest.fixture
def output(published: Path, tmp_path: Path) -> Path:
    """Return an output folder of its own for a test."""
    return shutil.copytree(published, tmp_path / "output")


@pytest.fixture
def regulars(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Regulars:
    """Return a way to run the command in this process: exit code, standard output and error."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["regulars", *map(str, words)])
        code = cli.execute()
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def is_one_sentence(text: str) -> bool:
    """Whether standard error holds one sentence of ours and nothing else."""
    return text.startswith("regulars: ") and text.endswith(".\n") and text.count("\n") == 1


def test_run_without_network_publishes_what_any_run_does(shop: Path, tmp_path: Path) -> None:
    environment = os.environ | {
        "DAGSTER_HOME": str(tmp_path / "dagster"),
        "PYTHONPATH": str(ROOT),
    }
    is_apart = subprocess.run([*NO_NETWORK, "true"], capture_output=True, check=False)
    prefix = NO_NETWORK if is_apart.returncode == 0 else []
    if not prefix:  # where namespaces are not ours to make, Python's sockets are taken away
        (tmp_path / "blocked").mkdir()
        (tmp_path / "blocked" / "sitecustomize.py").write_text(BLOCK_SOCKETS)
        environment["PYTHONPATH"] += os.pathsep + str(tmp_path / "blocked")
    words = ["-m", "assets.cli", "run", str(shop), "--output", str(tmp_path / "output")]
    done = subprocess.run(
        [*prefix, sys.executable, *words],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "small_shop, 2024-04-29"
    assert lines[1] == "2024-03:"
    assert lines[-1] == "Published."
    assert Path(lines[-2].removeprefix("Report: ")).is_file()
    snapshot = open_snapshot(tmp_path / "output")
    other, _ = run_shop(RunRequest(shop, output=tmp_path / "other"), skips_checks=True)
    assert hash_files(snapshot) == hash_files(other)
    assert all(check["failing_count"] == 0 for check in snapshot.manifest["checks"])
    assert snapshot.manifest["checks"]


def test_run_of_published_inputs_says_so(
    regulars: Regulars, shop: Path, output: Path, caplog: pytest.LogCaptureFixture
) -> None:
    code, out, err = regulars("run", shop, "--output", output)
    assert (code, err) == (0, "")
    assert [record.getMessage() for record in caplog.records if record.levelname != "INFO"] == []
    assert out.endswith("Unchanged: these inputs are published.\n")


def test_failing_check_refuses_to_publish(
    regulars: Regulars,
    shop: Path,
    output: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = shutil.copytree(catalogue.SQL_ROOT, tmp_path / "sql")
    model = models / "marts" / "rfm_cuts.sql"
    text = model.read_text(encoding="utf-8")
    assert "checks:\n" in text
    model.write_text(text.replace("checks:\n", "checks:\n  - holds: score > 2\n", 1))
    broken = catalogue.load_catalogue(models)
    monkeypatch.setattr("pipelines.runs.load_catalogue", lambda: broken)
    monkeypatch.setattr("assets.definitions.load_catalogue", lambda: broken)
    before = find_state(output)
    code, out, err = regulars("run", shop, "--as-of", "2024-04-28", "--output", output)
    assert code == 3
    assert out == ""
    assert is_one_sentence(err), err
    assert "Not published" in err
    assert "rfm_cuts" in err
    assert find_state(output) == before


def test_bad_input_stops_the_job_with_one_sentence(
    regulars: Regulars, shop: Path, output: Path, tmp_path: Path
) -> None:
    before = find_state(output)
    code, out, err = regulars("run", shop, "--as-of", "2031-01-01", "--output", output)
    assert (code, out) == (1, "")
    assert is_one_sentence(err), err
    code, _, err = regulars("run", tmp_path / "nowhere", "--output", output)
    assert code == 1
    assert is_one_sentence(err), err
    assert find_state(output) == before


def test_traceback_is_shown_when_asked_for(regulars: Regulars, tmp_path: Path) -> None:
    code, _, err = regulars("--traceback", "run", tmp_path / "nowhere")
    assert code == 1
    assert err.startswith("regulars: ")
    assert "Traceback (most recent call last)" in err


def test_full_disk_is_one_sentence(
    regulars: Regulars, shop: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_up(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(output / "parsed"))

    before = find_state(output)
    monkeypatch.setattr("pipelines.runs.parse_files", fill_up)
    code, _, err = regulars("run", shop, "--as-of", "2024-04-28", "--output", output)
    assert code == 1
    assert is_one_sentence(err), err
    assert f"The disk is full at {output / 'parsed'}; make room" in err
    assert find_state(output) == before


def test_locked_output_is_refused(regulars: Regulars, shop: Path, output: Path) -> None:
    with hold_lock(output):
        for words in (["run", shop, "--output", output], ["rollback", output]):
            code, _, err = regulars(*words)
            assert code == 4
            assert is_one_sentence(err), err
            assert "Another run is at work" in err


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "a", "b"],
        ["run", "a", "--as-off", "2024-01-01"],
        ["generate", "folder", "--members", "0", "--orders", "5"],
        ["generate", "folder", "--members", "5"],
        ["rollback", "folder", "--to", "yesterday"],
        ["frobnicate"],
    ],
)
def test_wrong_usage_is_explained(regulars: Regulars, words: list[str]) -> None:
    code, out, err = regulars(*words)
    assert (code, out) == (2, "")
    assert err.startswith("Usage: ")
    assert "Traceback" not in err


def test_unknown_engine_is_refused(regulars: Regulars, shop: Path, output: Path) -> None:
    code, _, err = regulars("run", shop, "--output", output, "--engine", "abacus")
    assert code == 1
    assert err == "regulars: There is no engine 'abacus'; choose duckdb.\n"


def test_help_names_every_exit_code(regulars: Regulars) -> None:
    code, out, _ = regulars("--help")
    assert code == 0
    codes = "0 published or unchanged, 1 input or configuration, 2 usage, 3 refused by a gate, 4"
    assert codes in " ".join(out.split())


def test_verify_tells_whole_from_damaged(regulars: Regulars, output: Path) -> None:
    snapshot = open_snapshot(output)
    files = len(snapshot.manifest["files"])
    whole = f"{snapshot.folder.name}: {files} files are as they were published.\n"
    assert regulars("verify", output) == (0, whole, "")
    snapshot.path("kpi").unlink()
    code, out, err = regulars("verify", output)
    assert (code, out) == (1, "")
    assert err.splitlines()[0] == "tables/kpi.parquet is missing."
    assert err.splitlines()[1].endswith("is damaged; run again or roll back.")
    assert regulars("verify", output, "--as-of", "2024-03-31")[0] == 0
    code, _, err = regulars("verify", output, "--as-of", "2023-01-01")
    assert code == 1
    assert is_one_sentence(err), err


@pytest.mark.parametrize("command", ["verify", "status", "rollback"])
def test_empty_output_is_explained(regulars: Regulars, tmp_path: Path, command: str) -> None:
    code, _, err = regulars(command, tmp_path)
    assert code == 1
    assert is_one_sentence(err), err
    assert "Nothing is published" in err


@pytest.mark.parametrize("command", ["verify", "status"])
def test_damaged_manifest_is_explained(regulars: Regulars, output: Path, command: str) -> None:
    (open_snapshot(output).folder / "manifest.json").write_bytes(b"{")
    code, _, err = regulars(command, output)
    assert code == 1
    assert "manifest.json is missing or damaged." in err
    assert "Traceback" not in err


def test_status_alerts_when_a_night_is_missing(regulars: Regulars, output: Path) -> None:
    name = open_snapshot(output).folder.name
    code, current, err = regulars("status", output, "--expected", "2024-04-29")
    assert (code, err) == (0, "")
    first, second = current.splitlines()
    assert first == f"Current: {name}, one of 2; generation 2."
    assert re.fullmatch(r"KPIs: \d+ available, \d+ waiting for more of: .*points.*", second)
    code, out, err = regulars("status", output, "--expected", "2024-04-30")
    assert (code, out) == (1, current)
    assert err == "regulars: The current snapshot ends 2024-04-29; 2024-04-30 is missing.\n"
    assert regulars("status", output)[0] == 1


def test_rollback_and_forward_again(regulars: Regulars, output: Path) -> None:
    newest, by_as_of = find_state(output)
    oldest = by_as_of["2024-03-31"]
    assert regulars("rollback", output) == (0, f"Current is now {oldest}.\n", "")
    code, _, err = regulars("rollback", output)
    assert code == 1
    assert is_one_sentence(err), err
    assert "there are 2024-03-31, 2024-04-29" in err
    assert find_state(output) == (oldest, by_as_of)
    assert regulars("rollback", output, "--to", "2024-04-29")[0] == 0
    assert find_state(output) == (newest, by_as_of)


def test_data_set_stands_for_its_own_output(
    regulars: Regulars, shop: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "OUTPUT_ROOT", output.parent)
    output.rename(output.parent / "small_shop")
    assert regulars("verify", shop)[0] == 0


def test_schema_knows_the_keys_of_a_data_set(regulars: Regulars) -> None:
    code, out, _ = regulars("schema")
    schema = json.loads(out)
    assert code == 0
    keys = {line.split(":")[0] for line in SETTINGS.splitlines() if not line.startswith(" ")}
    assert keys <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_check_passes(regulars: Regulars) -> None:
    code, out, err = regulars("check")
    assert (code, err) == (0, "")
    assert out.endswith("models keep the contract.\n")


def test_generated_data_set_can_be_run(regulars: Regulars, tmp_path: Path) -> None:
    folder = tmp_path / "tea"
    code, _, err = regulars("generate", folder, "--members", 1000, "--orders", 3000)
    assert (code, err) == (0, "")
    request = RunRequest(folder, output=tmp_path / "output")
    snapshot, _ = run_shop(request, skips_checks=True)
    assert snapshot.table("population_waterfall")["row_count"].max() == 3000
