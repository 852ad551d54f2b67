"""A reader without a browser: speaks Streamlit's protocol. See app_latency.py."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

BOX, SLIDER = "number_input", "slider"


class Client:
    """One session: it loads the page once, then moves one slider."""

    def __init__(self, socket: ClientConnection, lever: str) -> None:
        self.socket = socket
        self.lever = lever
        self.page = ""
        self.widgets: dict[str, WidgetState] = {}
        self.fragments: dict[str, str] = {}
        """Widget -> the part of the page that a browser asks to run again when it moves."""

    async def load(self) -> None:
        """First run of the page."""
        await self._run(BackMsg())
        if not any(self.lever in widget for widget in self.widgets):
            raise RuntimeError(f"the page has no slider for {self.lever}")

    async def move(self, value: float) -> float:
        """Milliseconds from a new value of the slider to the end of the script."""
        return await self._run(self.asking(value))

    def asking(self, value: float) -> BackMsg:
        """The message of a browser whose slider has a new value."""
        name, widget = next(item for item in self.widgets.items() if self.lever in item[0])
        widget.double_array_value.data[:] = [value]
        ask = BackMsg()
        ask.rerun_script.page_script_hash = self.page
        ask.rerun_script.fragment_id = self.fragments[name]
        ask.rerun_script.widget_states.widgets.extend(self.widgets.values())
        return ask

    async def _run(self, ask: BackMsg) -> float:
        """Send, and read all that comes until the script has ended."""
        if not ask.HasField("rerun_script"):
            ask.rerun_script.query_string = ""
        begin = time.perf_counter()
        await self.socket.send(ask.SerializeToString())
        answers: list[ForwardMsg] = []
        while not any(map(self.ended, answers)):
            answers += self._heard(await self.socket.recv())
        taken = 1e3 * (time.perf_counter() - begin)
        for answer in answers:
            self._keep(answer)
        return taken

    @staticmethod
    def _heard(said: bytes) -> list[ForwardMsg]:
        """The messages that came as one; see ``ui/pricing_ui/whole.js``."""
        if said[0]:
            return [ForwardMsg.FromString(said)]
        found, start = [], 1
        while start < len(said):
            begin = start + 4
            start = begin + int.from_bytes(said[start:begin], "big")
            found.append(ForwardMsg.FromString(said[begin:start]))
        return found

    @staticmethod
    def ended(answer: ForwardMsg) -> bool:
        """Whether nothing more comes; a run that only asks for another one is not the end."""
        if answer.WhichOneof("type") != "script_finished":
            return False
        if answer.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            raise RuntimeError("the script did not finish")
        return bool(answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN)

    def _keep(self, answer: ForwardMsg) -> None:
        """Remember the page, and the sliders and boxes with their values, as a browser does."""
        if answer.HasField("new_session"):
            self.page = answer.new_session.page_script_hash
        if not answer.HasField("delta") or not answer.delta.HasField("new_element"):
            return
        element = answer.delta.new_element
        if element.WhichOneof("type") == "exception":
            raise RuntimeError(f"the app failed: {element.exception.message}")
        if element.WhichOneof("type") == SLIDER:
            shown = element.slider
            widget = self.widgets.setdefault(shown.id, WidgetState(id=shown.id))
            self.fragments[shown.id] = answer.delta.fragment_id
            widget.double_array_value.data[:] = shown.value if shown.set_value else shown.default
        elif element.WhichOneof("type") == BOX:
            box = element.number_input
            widget = self.widgets.setdefault(box.id, WidgetState(id=box.id))
            widget.double_value = box.value if box.set_value else box.default


@asynccontextmanager
async def session(port: int, lever: str, whole: bool = True) -> AsyncIterator[Client]:
    """A session that has loaded the page; it hears answers whole, as browsers do, or not."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream{'?answers=whole' * whole}"
    async with connect(address, subprotocols=["streamlit"], proxy=None, max_size=None) as socket:
        client = Client(socket, lever)
        await client.load()
        yield client
