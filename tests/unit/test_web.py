"""Who gets past the guard of the UI, told by the headers that browsers and programs send.

The served UI is tested in `tests/ui`.
"""

import asyncio
from typing import Any

import pytest

from assets.web import Guard

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
