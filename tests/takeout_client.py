"""A server, the settings that lead to it, and clients that are logged in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from telethon.tl import functions, types

from account_support import API_HASH, Drawer, Person, config_of, now
from tgvault.testing.telegram import LoopbackServer
from tgvault_plugins.takeout.client import AccountClient
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.connecting import connect
from tgvault_plugins.takeout.login import login
from tgvault_plugins.takeout.program import API_HASH_VARIABLE
from tgvault_plugins.takeout.session import load_session

__all__ = ["SELF", "Place"]

SELF = functions.users.GetUsersRequest([types.InputUserSelf()])


class Place:
    """A server, the settings that lead to it and a session."""

    def __init__(self, server: LoopbackServer, folder: Path) -> None:
        self.server = server
        self.config: TakeoutConfig = config_of(server, folder)
        self.drawer = Drawer()

    async def log_in(self) -> None:
        person = Person("+15550100", "12345")
        environment = {API_HASH_VARIABLE: API_HASH}
        await login(self.config, self.drawer, person, way="phone", source="phone", now=now, environment=environment)
        self.server.calls.clear()

    @asynccontextmanager
    async def client(self, **more: Any) -> AsyncIterator[AccountClient]:
        client = await connect(self.config, load_session(self.drawer, source="phone"), now=now, **more)
        try:
            yield client
        finally:
            await client.disconnect()

    def count(self, method: str) -> int:
        return self.server.calls.counts()[method]
