"""Who gets past the guard of the UI, and what is settled before it opens.

The served UI is tested in `tests/ui`.
"""

import asyncio
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.jobs import configure_run
from assets.web import DEAD_RUN, Guard, bind, check_datasets, fail_dead_runs, hold_home
from pipelines.errors import InputError, LockedError
from pipelines.locking import hold_lock

SAMPLE = Path(__file__).resolve().parents[2] / "data_samples" / "complete_journey"
OWN = {"host": "127.0.0.1:3000"}
FROM_OWN_PAGE = OWN | {"origin": "http://127.0.0.1:3000", "sec-fetch-site": "same-origin"}
LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
PICTURE = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
FRAME = LINK | {"sec-fetch-dest": "iframe"}


def send(
    kind: str, method: str, path: str, headers: list[tuple[str, str]]
) -> tuple[bool, list[dict[str, Any]]]:
    """Return whether the app behind the guard was reached, and what the guard answered."""
    reached, answers = [], []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope)

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def answer(message: Any) -> None:
        answers.append(message)

    scope: dict[str, Any] = {"type": kind, "path": path}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in headers]
    if kind == "http":
        scope["method"] = method
    asyncio.run(Guard(app, 3000)(scope, receive, answer))
    return bool(reached), answers


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", OWN),
        ("GET", "/", {"host": "localhost:3000"}),
        ("GET", "/runs/1", OWN | {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}),
        ("GET", "/runs/1", OWN | LINK),
        ("GET", "/vendor/app.js", OWN | {"sec-fetch-site": "same-origin"}),
        ("POST", "/graphql", FROM_OWN_PAGE),
        ("POST", "/graphql", {"host": "localhost:3000", "origin": "http://localhost:3000"}),
        ("POST", "/graphql", OWN),
        ("GET", "/graphql", OWN | {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}),
    ],
)
def test_own_pages_links_and_programs_get_in(
    method: str, path: str, headers: dict[str, str]
) -> None:
    reached, answers = send("http", method, path, list(headers.items()))
    assert reached
    assert not answers


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/", {"host": "127.0.0.1"}),
        ("GET", "/", {"host": "127.0.0.1:3001"}),
        ("GET", "/", {"host": "rebound.example:3000"}),
        ("GET", "/", {"host": "localhost:3000.example"}),
        ("POST", "/graphql", {"host": "rebound.example:3000", "origin": "http://127.0.0.1:3000"}),
        ("POST", "/graphql", OWN | {"origin": "http://shop.example"}),
        ("POST", "/graphql", OWN | {"origin": "http://localhost:8888"}),
        ("POST", "/graphql", OWN | {"origin": "https://127.0.0.1:3000"}),
        ("POST", "/graphql", OWN | {"origin": "null"}),
        ("POST", "/graphql", OWN | {"sec-fetch-site": "cross-site"}),
        ("POST", "/", OWN | LINK),
        ("POST", "/report_asset_check/a", OWN | {"origin": "http://shop.example"}),
        ("OPTIONS", "/graphql", OWN | {"origin": "http://shop.example"}),
        ("GET", "/graphql", OWN),
        ("HEAD", "/graphql/", OWN),
        ("GET", "/graphql", OWN | PICTURE),
        ("GET", "/graphql", OWN | LINK),
        ("GET", "/graphql", OWN | PICTURE | {"sec-fetch-site": "same-site"}),
        ("GET", "/runs/1", OWN | PICTURE),
        ("GET", "/runs/1", OWN | FRAME),
        ("GET", "/runs/1", OWN | LINK | {"origin": "http://shop.example"}),
    ],
)
def test_other_sites_and_other_names_are_refused(
    method: str, path: str, headers: dict[str, str]
) -> None:
    reached, answers = send("http", method, path, list(headers.items()))
    assert not reached
    assert answers[0]["status"] == 403
    assert answers[1]["body"].startswith(b"Refused: ")


def test_two_host_headers_are_refused() -> None:
    reached, _ = send("http", "GET", "/", [("host", "127.0.0.1:3000"), ("host", "localhost:3000")])
    assert not reached


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        (FROM_OWN_PAGE, True),
        (OWN | {"origin": "http://shop.example"}, False),
        (OWN | LINK, False),
        ({"host": "rebound.example:3000"}, False),
    ],
)
def test_sockets_are_guarded_as_pages_are(headers: dict[str, str], is_let_in: bool) -> None:
    reached, answers = send("websocket", "", "/graphql", list(headers.items()))
    assert reached is is_let_in
    assert [answer["type"] for answer in answers] == ([] if is_let_in else ["websocket.close"])


def test_the_life_of_the_server_passes() -> None:
    assert send("lifespan", "", "", [])[0]


def record_run(instance: dg.DagsterInstance, status: dg.DagsterRunStatus, output: Path) -> str:
    """Record a run that publishes to a folder and return its id."""
    config = configure_run(Path("shop"), output=str(output))
    run = dg.DagsterRun(job_name="nightly", run_config=config, status=status)
    return instance.add_run(run).run_id


@pytest.mark.parametrize("status", ["STARTING", "STARTED", "CANCELING"])
def test_run_of_a_dead_process_is_failed_with_a_reason(tmp_path: Path, status: str) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run_id = record_run(instance, dg.DagsterRunStatus(status), tmp_path)
        fail_dead_runs(instance)
        run = instance.get_run_by_id(run_id)
        assert run is not None
        assert run.status is dg.DagsterRunStatus.FAILURE
        assert [entry.message for entry in instance.all_logs(run_id)] == [DEAD_RUN]


def test_run_that_holds_its_lock_lives_and_one_not_started_waits(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance, hold_lock(tmp_path / "living"):
        living = record_run(instance, dg.DagsterRunStatus.STARTED, tmp_path / "living")
        waiting = record_run(instance, dg.DagsterRunStatus.NOT_STARTED, tmp_path / "waiting")
        fail_dead_runs(instance)
        states = {run.run_id: run.status for run in instance.get_runs()}
        expected = {
            living: dg.DagsterRunStatus.STARTED,
            waiting: dg.DagsterRunStatus.NOT_STARTED,
        }
        assert states == expected


def test_run_that_does_not_tell_where_it_publishes_is_dead() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.DagsterRun(job_name="nightly", status=dg.DagsterRunStatus.STARTED)
        instance.add_run(run)
        fail_dead_runs(instance)
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.FAILURE]


def test_port_in_use_is_a_sentence() -> None:
    with bind(0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(InputError, match=f"Port {port} cannot be used"):
            bind(port)


def test_port_that_is_none_is_a_sentence() -> None:
    with pytest.raises(InputError, match="Port 70000 cannot be used"):
        bind(70000)


def test_second_ui_on_a_home_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with hold_home(), pytest.raises(LockedError, match="open already"), hold_home():
        pass


def test_two_data_sets_of_one_name_are_refused(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    text = (SAMPLE / "dataset.yaml").read_text(encoding="utf-8")
    for folder in folders:
        folder.mkdir()
        (folder / "dataset.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="both named complete_journey"):
        check_datasets(folders)
