"""The connection to a browser does not wait for acknowledgements."""

from __future__ import annotations

import socket

import pytest

pytestmark = pytest.mark.usefixtures("own_modules")


def test_a_connection_sends_at_once() -> None:
    from pricing_ui.sockets import Prompt

    with Prompt(socket.AF_INET, socket.SOCK_STREAM) as place:
        place.bind(("127.0.0.1", 0))
        place.listen()
        with socket.create_connection(place.getsockname()), place.accept()[0] as taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_socket_of_no_network_listens_too(tmp_path) -> None:
    from pricing_ui.sockets import Prompt

    with Prompt(socket.AF_UNIX, socket.SOCK_STREAM) as place:
        place.bind(str(tmp_path / "place"))
        place.listen()
