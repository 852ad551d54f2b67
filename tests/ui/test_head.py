"""The page that a browser gets has a script of our own before Streamlit's; other answers do not."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit

from tests.support.loops import finished

pytestmark = pytest.mark.usefixtures("own_modules")
SCRIPT = Path(__file__).resolve().parents[2] / "ui" / "pricing_ui" / "whole.js"
STREAMLIT = Path(streamlit.__file__).parent / "static" / "index.html"
HTML, PLAIN = (b"content-type", b"text/html; charset=utf-8"), (b"content-type", b"text/plain")
PAGE = (b"accept", b"text/html,application/xhtml+xml,*/*;q=0.8")
PACKED, KNOWN = (b"accept-encoding", b"gzip"), (b"if-none-match", b'"old"')
Header = tuple[bytes, bytes]


async def asked(headers: list[Header], kind: Header, body: bytes) -> tuple[list[Header], Any, Any]:
    """Headers that the app heard, and headers and body that the browser heard.

    The app answers in two pieces, packed where that was asked for.
    """
    from pricing_ui.head import OwnScript

    heard: list[Header] = []
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, _: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        heard.extend(scope["headers"])
        text = gzip.compress(body) if PACKED in heard else body
        length = (b"content-length", str(len(text)).encode())
        headers = [kind, length, (b"etag", b'"new"')]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text[:10], "more_body": True})
        await send({"type": "http.response.body", "body": text[10:]})

    async def browser(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "headers": headers}
    await OwnScript(app)(scope, None, browser)
    return heard, sent[0]["headers"], b"".join(part["body"] for part in sent[1:])


def test_a_page_has_the_script_before_that_of_streamlit() -> None:
    page = STREAMLIT.read_bytes()
    heard, headers, body = finished(asked([PAGE, PACKED, KNOWN], HTML, page))
    assert heard == [PAGE]  # plain, and not one that the browser has from before
    assert dict(headers)[b"content-length"] == str(len(body)).encode()
    assert b"etag" not in dict(headers)  # it is that of Streamlit's own page
    own = b"<script>" + SCRIPT.read_bytes() + b"</script>"
    assert body.index(own) < body.index(b"./static/js/index.")
    assert body.replace(own, b"") == page


@pytest.mark.parametrize(
    ("headers", "kind", "body"),
    [
        ([PAGE], PLAIN, STREAMLIT.read_bytes()),
        ([PAGE], HTML, b"<html><head></head><body>a report</body></html>"),
        ([(b"accept", b"*/*"), PACKED, KNOWN], HTML, STREAMLIT.read_bytes()),
    ],
    ids=["of another kind", "not the app", "asked for by no reader"],
)
def test_what_is_no_page_is_left_as_it_is(headers: list[Header], kind: Header, body: bytes) -> None:
    heard, _, found = finished(asked(headers, kind, body))
    assert heard == headers
    assert found == (gzip.compress(body) if PACKED in headers else body)
