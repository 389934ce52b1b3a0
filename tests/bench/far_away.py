"""A store that is far away: its answers come later. One thread, many connections, bytes passed on as they are."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType

__all__ = ["Delay"]

_CHUNK = 1 << 18


class Delay:
    """Passes connections on to a port of 127.0.0.1, and lets each answer wait for so many seconds; used with `with`.

    What is sent in one answer waits once: it is the distance that is meant, not the width of the line. Without a delay
    nothing stands in between.
    """

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._seconds = seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._own = port

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._own}"

    def __enter__(self) -> Delay:
        if self._seconds:
            self._thread.start()
            server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
            self._own = server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._seconds:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        asked = asyncio.Event()
        await asyncio.gather(self._pass(reader, back, asked, ask=True), self._pass(there, writer, asked, ask=False))

    async def _pass(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, asked: asyncio.Event, *, ask: bool
    ) -> None:
        try:
            while data := await source.read(_CHUNK):
                if ask:
                    asked.set()
                elif asked.is_set():
                    asked.clear()
                    await asyncio.sleep(self._seconds)
                target.write(data)
                await target.drain()
        except ConnectionError:
            pass
        finally:
            target.close()
