"""The Dagster UI on this machine: served to its own pages only, with the daemon beside it.

What the UI shows is defined in `assets.definitions`; nothing here knows of tables.
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assets.home import HOME_VARIABLE, open_instance
from assets.jobs import DATASETS_VARIABLE
from pipelines import publishing
from pipelines.dataset import load_dataset
from pipelines.errors import InputError, LockedError, RegularsError
from pipelines.locking import hold_lock

CHECKOUT = Path(__file__).resolve().parent.parent
CODE_LOCATION = "assets.definitions"
ADDRESS = "127.0.0.1"
UNFINISHED = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
DEAD_RUN = "The process of this run died before the run ended; launch it again."
DAEMON_LOG = "daemon.log"
DAEMON_ENDS_SECONDS = 10


def serve(datasets: Sequence[Path], port: int) -> None:
    """Serve the UI for some data sets on 127.0.0.1 until it is interrupted; port 0 is any free one.

    Raises InputError for a data set that cannot be used, for a port in use, and where the home's
    UI is open already.
    """
    check_datasets(datasets)
    os.environ[DATASETS_VARIABLE] = os.pathsep.join(str(folder.resolve()) for folder in datasets)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with bind(port) as listener:
        try:
            with open_instance() as instance, hold_home():
                serve_instance(instance, listener)
        except KeyboardInterrupt:
            return


def check_datasets(datasets: Sequence[Path]) -> None:
    """Raise InputError where a data set cannot be read or two have the same name."""
    folders: dict[str, Path] = {}
    for folder in datasets:
        name = load_dataset(folder).name
        if name in folders:
            raise InputError(
                f"{folders[name]} and {folder} are both named {name}; give one another name in "
                "its dataset.yaml."
            )
        folders[name] = folder


def serve_instance(instance: dg.DagsterInstance, listener: socket.socket) -> None:
    """Serve the webserver behind the guard, once runs that died unfinished are closed."""
    import uvicorn
    from dagster_webserver.app import create_app_from_workspace_process_context

    fail_dead_runs(instance)
    port = listener.getsockname()[1]
    with contextlib.ExitStack() as stack:
        with divert_errors(Path(os.environ[HOME_VARIABLE]) / "code.log"):
            workspace = stack.enter_context(
                WorkspaceProcessContext(instance, locate_code(), code_server_log_level="WARNING")
            )
        app = Guard(create_app_from_workspace_process_context(workspace), port)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        # The daemon loads the code location again: after this one has, and not at its cost.
        with keep_daemon():
            print(f"The UI is open at http://{ADDRESS}:{port} (Ctrl-C ends it).", flush=True)  # noqa: T201
            uvicorn.Server(config).run(sockets=[listener])


@contextlib.contextmanager
def divert_errors(log: Path) -> Iterator[None]:
    """Send what this process and the children it starts meanwhile print as errors to a file.

    Runs are children of the code server; at their end DuckDB's binding prints pages that would
    bury the UI's own words.
    """
    own = os.dup(2)
    with log.open("w") as stream:
        os.dup2(stream.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(own, 2)
        os.close(own)


def bind(port: int) -> socket.socket:
    """Return a socket that listens on a port of this machine, and to this machine only.

    Raises InputError where another program has the port.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        listener.listen()
    except (OSError, OverflowError):
        listener.close()
        raise InputError(
            f"Port {port} cannot be used, another program may have it; choose one with --port."
        ) from None
    return listener


@contextlib.contextmanager
def hold_home() -> Iterator[None]:
    """Hold the home for one UI, for two daemons would start every nightly run twice.

    Raises LockedError where another UI is open on it.
    """
    home = Path(os.environ[HOME_VARIABLE])
    with (home / ".ui.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(
                f"The UI is open already on {home}; use that one or set {HOME_VARIABLE}."
            ) from None
        yield


@contextlib.contextmanager
def keep_daemon() -> Iterator[None]:
    """Run Dagster's daemon, for schedules and queued runs, as a process that ends with this one.

    What it says, and what the runs that it starts say, is in a file of the home.
    """
    home = Path(os.environ[HOME_VARIABLE])
    with (home / DAEMON_LOG).open("w") as log:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "assets.web"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=CHECKOUT,
        )
    try:
        yield
    finally:
        try:
            daemon.communicate(timeout=DAEMON_ENDS_SECONDS)
        except subprocess.TimeoutExpired:
            daemon.kill()


def run_daemon() -> None:
    """Run Dagster's daemon until standard input closes, as it does however its parent ends."""
    from dagster._daemon.controller import daemon_controller_from_instance

    def interrupt_when_alone() -> None:
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGINT)

    # A process started in a shell's background ignores interrupts, and its children with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Thread(target=interrupt_when_alone, daemon=True).start()
        with open_instance() as instance:
            target = locate_code()
            with daemon_controller_from_instance(instance, target, log_level="warning") as daemon:
                daemon.check_daemon_loop()


def locate_code() -> ModuleTarget:
    """Return the one code location, under the name that runs and schedules are recorded with."""
    return ModuleTarget(CODE_LOCATION, None, str(CHECKOUT), "regulars")


def fail_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark runs as failed that a dead process left unfinished, for they would block the queue.

    A living run holds the lock of its output folder, so a free lock tells that its process is gone.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=UNFINISHED)):
        if not is_alive(run):
            instance.report_run_failed(run, DEAD_RUN)


def is_alive(run: dg.DagsterRun) -> bool:
    """Tell whether a process holds the lock of a run's output folder."""
    output = find_output(run)
    if output is None or not output.exists():
        return False
    try:
        with hold_lock(output):
            return False
    except LockedError:
        return True


def find_output(run: dg.DagsterRun) -> Path | None:
    """Return where a run publishes, or None where its configuration does not tell."""
    resources: Any = run.run_config.get("resources", {})
    config = resources.get("run_parameters", {}).get("config", {})
    if config.get("output"):
        return Path(config["output"])
    try:
        return publishing.OUTPUT_ROOT / load_dataset(Path(config.get("dataset", ""))).name
    except RegularsError:
        return None


class Guard:
    """Lets the UI's own pages and programs of this machine in, and the pages of other sites not.

    Any page that a browser has open can send requests to this machine, and Dagster takes a launch
    from whoever sends it. Other sites may link to a page; that is all.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.hosts = {f"{name}:{port}" for name in (ADDRESS, "localhost")}
        if port == 80:
            self.hosts |= {ADDRESS, "localhost"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or refuse it with 403."""
        reason = None if scope["type"] == "lifespan" else self.find_reason(scope)
        if reason is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            await PlainTextResponse(f"Refused: {reason}\n", 403)(scope, receive, send)

    def find_reason(self, scope: Scope) -> str | None:
        """Return why a request is refused, or None."""
        headers = Headers(scope=scope)
        if len(headers.getlist("host")) != 1 or headers["host"] not in self.hosts:
            return "the Host header names another machine."
        if any(origin not in self.origins for origin in headers.getlist("origin")):
            return "another site sent this request."
        site = headers.get("sec-fetch-site")
        if is_read_of_graphql(scope) and site not in {"same-origin", "none"}:
            return "GraphQL takes POST only."
        if site in {"cross-site", "same-site"} and not is_visit(scope, headers):
            return "another site sent this request."
        return None

    @property
    def origins(self) -> set[str]:
        """The origins of the UI's own pages."""
        return {f"http://{host}" for host in self.hosts}


def is_read_of_graphql(scope: Scope) -> bool:
    """Tell whether a request asks GraphQL in an address, as a picture on a foreign page could."""
    return scope["path"].strip("/") == "graphql" and scope.get("method") in {"GET", "HEAD"}


def is_visit(scope: Scope, headers: Headers) -> bool:
    """Tell whether a browser opens a page in a tab of its own, as it does for a link."""
    return (
        scope.get("method") == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


if __name__ == "__main__":
    run_daemon()
