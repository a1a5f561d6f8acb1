"""The UI as an analyst uses it: a real browser on a real `regulars ui`, from launch to asset page.

The guard by itself is in `tests/unit/test_web.py`.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.ui

CHECKOUT = Path(__file__).resolve().parents[2]
PICTURES = CHECKOUT / "output" / "ui-screenshots"
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
LAUNCHPAD = "/locations/regulars/jobs/nightly/playground"
RUN_MS = 180_000
PAGE_MS = 30_000
LAUNCH = """mutation { launchRun(executionParams: {selector: {
  repositoryLocationName: "regulars", repositoryName: "__repository__", jobName: "nightly"},
  runConfigData: {}}) { __typename } }"""


@dataclass(frozen=True)
class Ui:
    """A served UI: its address, the data set that it serves, and where the tests publish."""

    address: str
    dataset: Path
    output: Path


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    """Serve a copy of the sample on a new home, from a directory that is not the checkout."""
    folder = tmp_path_factory.mktemp("ui")
    dataset = shutil.copytree(CHECKOUT / "data_samples" / "complete_journey", folder / "journey")
    command = [str(Path(sysconfig.get_path("scripts")) / "regulars"), "ui", str(dataset)]
    process = subprocess.Popen(
        [*command, "--port", "0"],
        cwd=folder,
        env=os.environ | {"DAGSTER_HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield Ui(read_address(process), dataset, folder / "output")
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")


def read_address(process: subprocess.Popen[str]) -> str:
    """Return the address that the UI prints when it is ready."""
    limit = threading.Timer(120, process.kill)
    limit.start()
    assert process.stdout is not None
    said = process.stdout.readline()
    limit.cancel()
    match = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert match, said + process.communicate()[0]
    return match[0]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(browser: Browser, ui: Ui) -> Iterator[Page]:
    """Open a tab that fails the tests if any page asks for anything from outside this machine."""
    outside: list[str] = []
    own = (ui.address, "data:", "blob:")
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PAGE_MS)
    page.on("request", lambda r: None if r.url.startswith(own) else outside.append(r.url))
    yield page
    page.close()
    assert not outside


@pytest.fixture(scope="module")
def published(page: Page, ui: Ui) -> str:
    """Launch the job from the Launchpad as of a month end; return the run's address."""
    page.goto(ui.address + LAUNCHPAD)
    editor = page.locator(".CodeMirror-code")
    expect(editor).to_contain_text(f"dataset: {ui.dataset}", timeout=PAGE_MS)
    expect(editor).to_contain_text("as_of: latest")
    take_picture(page, "launchpad")
    set_value(page, "as_of", "2017-11-30")
    set_value(page, "output", str(ui.output))
    return launch(page, "Success", "run-success")


def set_value(page: Page, key: str, value: str) -> None:
    """Change one line of the run configuration as a person does."""
    page.locator(".CodeMirror-line", has_text=f"{key}:").click()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Home")
    page.keyboard.insert_text(f"{key}: {value}")


def launch(page: Page, outcome: str, picture: str) -> str:
    """Press the button, wait for the run's outcome and return the run's address."""
    page.get_by_role("button", name="Launch Run").click()
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f-]{36}"), timeout=PAGE_MS)
    ended = page.get_by_text(re.compile("^(Success|Failure|Canceled)$")).first
    expect(ended).to_be_visible(timeout=RUN_MS)
    take_picture(page, picture)
    expect(ended).to_have_text(outcome)
    return page.url


def take_picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def test_launched_run_publishes(published: str, ui: Ui) -> None:
    pointer = json.loads((ui.output / "CURRENT").read_text())
    assert pointer["current"].startswith("2017-11-30-")
    assert (ui.output / "snapshots" / pointer["current"] / "report.zh.html").exists()


@pytest.mark.parametrize(
    ("asset", "meaning", "row_count"),
    [
        ("marts/member_rfm", "Recency, frequency and spend of each member", "299"),
        ("kpis/repurchase_rate", "窗口内在不同日期购买两次及以上的会员", r"\d+,\d+"),
    ],
)
def test_asset_page_tells_what_a_table_means_and_holds(
    published: str, page: Page, ui: Ui, asset: str, meaning: str, row_count: str
) -> None:
    page.goto(f"{ui.address}/assets/{asset}")
    expect(page.get_by_text(meaning).first).to_be_visible()
    expect(page.get_by_text(re.compile(f"^{row_count}$")).first).to_be_visible()
    take_picture(page, asset.replace("/", "-"))
    page.goto(f"{ui.address}/assets/{asset}?view=checks")
    expect(page.get_by_text("Passed").first).to_be_visible()
    take_picture(page, asset.replace("/", "-") + "-checks")


def test_kpi_page_plots_the_latest_month(published: str, page: Page, ui: Ui) -> None:
    page.goto(f"{ui.address}/assets/kpis/repurchase_rate")
    expect(page.get_by_text("latest_complete_month").first).to_be_visible()
    page.get_by_role("button", name="Plots").click()
    plot = page.locator("canvas").first
    expect(plot).to_be_visible()
    plot.scroll_into_view_if_needed()
    take_picture(page, "kpis-repurchase_rate-plot")


def test_snapshot_page_tells_where_the_report_is(published: str, page: Page, ui: Ui) -> None:
    page.goto(f"{ui.address}/assets/published/snapshot")
    expect(page.get_by_text(str(ui.output / "snapshots")).first).to_be_visible()
    take_picture(page, "published-snapshot")


@pytest.mark.parametrize(("path", "word"), [("/asset-groups", "marts"), ("/automation", "nightly")])
def test_overview_pages_open(published: str, page: Page, ui: Ui, path: str, word: str) -> None:
    page.goto(ui.address + path)
    expect(page.get_by_text(word).first).to_be_visible()
    take_picture(page, path.strip("/"))


def test_run_outside_the_data_fails_with_a_sentence(published: str, page: Page, ui: Ui) -> None:
    before = (ui.output / "CURRENT").read_bytes()
    page.goto(ui.address + LAUNCHPAD)
    expect(page.locator(".CodeMirror-code")).to_contain_text("as_of:", timeout=PAGE_MS)
    set_value(page, "as_of", "2031-01-01")
    set_value(page, "output", str(ui.output))
    launch(page, "Failure", "run-failure")
    sentence = "as of 2031-01-01: the orders reach from 2017-01-01 to 2017-12-31; choose between."
    reason = page.get_by_text(sentence, exact=True).first
    expect(reason).to_be_visible()
    reason.scroll_into_view_if_needed()
    take_picture(page, "run-failure-reason")
    assert (ui.output / "CURRENT").read_bytes() == before


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_launch_with_a_foreign_origin_is_refused(ui: Ui, method: str) -> None:
    address, body = f"{ui.address}/graphql", None
    if method == "GET":
        address += "?" + urllib.parse.urlencode({"query": LAUNCH})
    else:
        body = json.dumps({"query": LAUNCH}).encode()
    headers = {"Origin": "http://shop.example", "Content-Type": "application/json"}
    request = urllib.request.Request(address, body, headers, method=method)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_foreign_page_in_the_browser_is_refused(browser: Browser, ui: Ui) -> None:
    statuses: list[int] = []
    page = browser.new_page()
    page.route("http://shop.example/", lambda route: route.fulfill(body="<p>Bargains</p>"))
    page.on(
        "response", lambda r: statuses.append(r.status) if r.url.startswith(ui.address) else None
    )
    page.goto("http://shop.example/")
    page.evaluate(
        """async ([address, query]) => {
            const ask = address + '/graphql?query=' + encodeURIComponent(query)
            const body = JSON.stringify({query})
            await fetch(ask, {mode: 'no-cors'}).catch(() => 0)
            const post = {mode: 'no-cors', method: 'POST', body}
            await fetch(address + '/graphql', post).catch(() => 0)
            await new Promise(done => {
                const picture = new Image(); picture.onerror = done; picture.src = ask })
        }""",
        [ui.address, LAUNCH],
    )
    page.close()
    assert set(statuses) <= {403}


def test_daemon_ends_with_its_parent_even_where_interrupts_are_ignored(tmp_path: Path) -> None:
    daemon = subprocess.Popen(
        [sys.executable, "-m", "assets.web"],
        cwd=CHECKOUT,
        env=os.environ | {"DAGSTER_HOME": str(tmp_path)},
        stdin=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    daemon.communicate(timeout=120)
    assert daemon.returncode == 0
