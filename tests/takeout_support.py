"""What tests of the takeout source need: a vault whose source is an account of the loopback server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from restore_support import DiskVault
from tgvault.archive.reading import ArchiveReader, ReadMessage
from tgvault.config.config import SourceTable
from tgvault.config.table import Table
from tgvault.engine.attaching import Attachment
from tgvault.engine.opening import OpenedVault
from tgvault.engine.progress import NullProgress
from tgvault.engine.running import BackupPlan, Outcome, RunOptions, back_up, plan_source
from tgvault.model.policy import Policy
from tgvault.testing.telegram import LoopbackServer
from tgvault.vault.opened import Snapshot
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.login import login

__all__ = ["LiveVault", "Prompted"]


@dataclass
class Prompted:
    """A person who answers what a login asks, by words in the question."""

    answers: Mapping[str, str]
    told: list[str] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.told.append(text)

    def ask(self, question: str) -> str:
        return next(answer for word, answer in self.answers.items() if word in question.lower())

    def ask_secret(self, question: str) -> str:
        return self.ask(question)

    def show_code(self, text: str) -> None:
        self.told.append(text)


@dataclass
class LiveVault:
    """A vault on the disk, and a source that reads the server's account."""

    root: Path
    server: LoopbackServer
    settings: dict[str, Any] = field(default_factory=dict)
    jobs: int = 0
    vault: DiskVault = field(init=False)

    def __post_init__(self) -> None:
        self.vault = DiskVault(self.root)
        keys = self.root / "server.pem"
        keys.write_text(self.server.public_key)
        dc, host, port = self.server.home
        self.settings = {
            "server": f"{host}:{port}",
            "server_dc": dc,
            "server_keys": str(keys),
            "timezone": "UTC",
            **self.settings,
        }

    def plan(self, **settings: Any) -> BackupPlan:
        table = Table.given({**self.settings, **settings}, label="test")
        return plan_source(self.vault.host, SourceTable("phone", "takeout", table, "main", ()), archive=None)

    def log_in(self) -> None:
        """Log in by phone number and code."""
        account = self.server.account
        answers = {"api_id": "12345", "api_hash": "0" * 32, "phone": account.phone, "code": account.code}
        with self.vault.opened() as opened, self.context(opened) as context:
            config = TakeoutConfig(**{**self.settings, "server_keys": Path(self.settings["server_keys"])})
            talk = Prompted({**answers, "password": account.password or ""})
            asyncio.run(login(config, context.secrets, talk, way="phone", now=lambda: self.vault.clock, environment={}))

    def back_up(self, **settings: Any) -> Outcome:
        """Make a backup; each is an hour after the one before."""
        self.vault.clock += timedelta(hours=1)
        with self.vault.opened() as opened:
            options = RunOptions(Policy.KEEP, "laptop", self.jobs)
            plan = self.plan(**settings)
            now = lambda: self.vault.clock  # noqa: E731  # the clock moves on while the run goes
            return back_up(opened, plan, options, host=self.vault.host, now=now, progress=NullProgress())

    @contextmanager
    def context(self, opened: OpenedVault, snapshots: tuple[Snapshot, ...] = ()) -> Iterator[Attachment]:
        """The context that a run gives to the source."""
        context = Attachment(
            opened.vault,
            opened.state,
            source="phone",
            archive="main",
            line=snapshots,
            progress=NullProgress(),
            now=lambda: self.vault.clock,
        )
        try:
            yield context
        finally:
            context.close()

    def messages(self) -> dict[str, dict[int, ReadMessage]]:
        """Everything that the newest snapshot holds, by chat and id, gone messages too."""
        with self.vault.opened() as opened:
            reader = ArchiveReader(opened.vault.sync()[-1].manifest, opened.vault.reader)
            return {chat.key: {each.id: each for each in reader.messages(chat)} for chat in reader.chats()}

    def bodies(self, chat: str) -> dict[int, dict[str, Any]]:
        """The bodies of a chat's messages that are not gone."""
        return {number: json.loads(each.body) for number, each in self.messages()[chat].items() if each.gone is None}

    def documents(self) -> dict[str, Any]:
        """The documents of the newest snapshot."""
        with self.vault.opened() as opened:
            reader = ArchiveReader(opened.vault.sync()[-1].manifest, opened.vault.reader)
            return {each.name: json.loads(reader.document_body(each)) for each in reader.documents()}
