"""What tests of the takeout source need: a vault whose source is an account of the loopback server."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from telethon.tl.functions.help import GetConfigRequest

from account_support import API_HASH, TOKEN, Person, serving
from restore_support import DiskVault
from tgvault.api import Estimate, Finding, SourceStore, SqlValue
from tgvault.archive.reading import ArchiveReader, ReadMessage
from tgvault.config.config import SourceTable
from tgvault.config.table import Table
from tgvault.engine.attaching import Attachment
from tgvault.engine.dry_run import dry_run
from tgvault.engine.opening import OpenedVault
from tgvault.engine.progress import NullProgress, Progress
from tgvault.engine.running import BackupPlan, Outcome, RunOptions, back_up, plan_source
from tgvault.model.policy import Policy
from tgvault.testing.telegram import Account, LoopbackServer
from tgvault.testing.telegram.calls import Call
from tgvault.vault.opened import Snapshot
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.connecting import connected
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.schema import SCHEMA, TABLES, VERSION
from tgvault_plugins.takeout.login import login
from tgvault_plugins.takeout.session import SESSION, load_session
from tgvault_plugins.takeout.source import TakeoutSource

__all__ = ["CutOffStore", "FakeTime", "Killed", "LiveVault", "Telling", "losses", "serve"]


class FakeTime:
    """Time that passes only where somebody waits for it to pass; `slept` has each wait in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def pause(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def clock(self) -> float:
        return self.now

    def injected(self) -> AbstractContextManager[object]:
        """Have every source that is made meanwhile go by this time; it draws no numbers but 0."""
        told = {"pause": self.pause, "clock": self.clock, "chance": lambda: 0.0}
        return patch.dict(TakeoutSource.__init__.__kwdefaults__, told)


class Telling(NullProgress):
    """Remembers what it is told; `on_items` is called with the number of items so far whenever there are more."""

    def __init__(self, on_items: Callable[[int], None] = lambda items: None) -> None:
        self.phases: list[str] = []
        self.titles: list[str] = []
        self.notes: list[str] = []
        self.waits: list[tuple[float, str]] = []
        self.bytes = 0
        self.items = 0
        self._on_items = on_items

    def phase(self, name: str, total_bytes: int | None = None) -> None:
        self.phases.append(name)

    def title(self, name: str) -> None:
        self.titles.append(name)

    def advance(self, amount: int = 0, *, items: int = 0) -> None:
        self.bytes += amount
        self.items += items
        if items:
            self._on_items(self.items)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def waiting(self, seconds: float, reason: str) -> None:
        self.waits.append((seconds, reason))


class Killed(BaseException):
    """The process is gone: nobody catches it."""


class CutOffStore:
    """A source's store that writes so many times, and then never again, as if the process had been killed."""

    def __init__(self, inner: SourceStore, budget: list[int]) -> None:
        self._inner = inner
        self._budget = budget

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._inner.transaction():
            yield
            # Not committed yet.
            self._spend()

    def run(self, sql: str, *values: SqlValue) -> list[tuple[SqlValue, ...]]:
        if not sql.startswith("SELECT"):
            self._spend()
        return self._inner.run(sql, *values)

    def rows(self, sql: str, *values: SqlValue) -> Iterator[tuple[SqlValue, ...]]:
        return self._inner.rows(sql, *values)

    def many(self, sql: str, values: Iterable[tuple[SqlValue, ...]]) -> None:
        self._spend()
        self._inner.many(sql, values)

    def _spend(self) -> None:
        if self._budget[0] <= 0:
            raise Killed
        self._budget[0] -= 1


@dataclass
class LiveVault:
    """A vault on the disk, and a source that reads the server's account."""

    root: Path
    server: LoopbackServer
    settings: dict[str, Any] = field(default_factory=dict)
    jobs: int = 0
    time: FakeTime = field(default_factory=FakeTime)
    vault: DiskVault = field(init=False)

    def __post_init__(self) -> None:
        self.root.mkdir(exist_ok=True)
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

    @property
    def account(self) -> Account:
        return self.server.account

    def copy(self, root: Path) -> LiveVault:
        """The same vault and state elsewhere, to be used up there."""
        shutil.copytree(self.root, root)
        made = replace(self, root=root, time=FakeTime())
        made.vault = DiskVault(root, bundle=self.vault.bundle, clock=self.vault.clock)
        return made

    def plan(self, **settings: Any) -> BackupPlan:
        table = Table.given({**self.settings, **settings}, label="test")
        return plan_source(self.vault.host, SourceTable("phone", "takeout", table, "main", ()), archive=None)

    def config(self, **settings: Any) -> TakeoutConfig:
        return TakeoutConfig(**{**self.settings, **settings, "server_keys": Path(self.settings["server_keys"])})

    def log_in(self) -> None:
        """Log in by phone number and code."""
        account = self.account
        answers = {"api_id": "12345", "api_hash": API_HASH, "phone": account.phone, "code": account.code}
        self._log_in("phone", {**answers, "password": account.password or ""})

    def log_in_as_bot(self) -> None:
        """Log in by the token of the account's bot."""
        self._log_in("bot", {"api_id": "12345", "api_hash": API_HASH, "token": TOKEN})

    def visit(self, dc: int) -> None:
        """Make the account known at another data centre, which takes longer than all the rest of a small backup."""

        async def visit(context: Attachment) -> None:
            session = load_session(context.secrets, source="phone")
            async with connected(self.config(), session, now=lambda: self.vault.clock) as client:
                await client.call_at(dc, GetConfigRequest())

        with self.vault.opened() as opened, self.context(opened) as context:
            asyncio.run(visit(context))
        self.server.calls.clear()

    def log_out(self) -> None:
        """Forget the session."""
        with self.vault.opened() as opened, self.context(opened) as context:
            context.secrets.delete(SESSION)

    def _log_in(self, way: str, answers: Mapping[str, str]) -> None:
        with self.vault.opened() as opened, self.context(opened) as context:
            talk = _Prompted(answers)
            asyncio.run(
                login(
                    self.config(),
                    context.secrets,
                    talk,
                    way=way,
                    source="phone",
                    now=lambda: self.vault.clock,
                    environment={},
                )
            )
        self.server.calls.clear()

    def back_up(
        self,
        *,
        progress: Progress | None = None,
        budget: list[int] | None = None,
        policy: Policy = Policy.KEEP,
        accept_missing: bool = False,
        **settings: Any,
    ) -> Outcome:
        """Make a backup; each is an hour after the one before.

        `budget` has the number of writes to the source's store after which the process is gone, which raises `Killed`;
        it counts down.
        """
        self.vault.clock += timedelta(hours=1)
        with ExitStack() as stack:
            opened = stack.enter_context(self.vault.opened())
            stack.enter_context(self.time.injected())
            if budget is not None:
                stack.enter_context(_cutting_off(budget))
            options = RunOptions(policy, "laptop", self.jobs, accept_missing)
            plan = self.plan(**settings)
            now = lambda: self.vault.clock  # noqa: E731  # the clock moves on while the run goes
            told = progress if progress is not None else NullProgress()
            return back_up(opened, plan, options, host=self.vault.host, now=now, progress=told)

    def estimate(self, **settings: Any) -> Estimate:
        """Make a dry run."""
        with self.vault.opened() as opened, self.time.injected():
            plan = self.plan(**settings)
            return dry_run(opened, plan, now=lambda: self.vault.clock, progress=NullProgress())

    @contextmanager
    def context(self, opened: OpenedVault, *snapshots: Snapshot) -> Iterator[Attachment]:
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

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """What the source remembers."""
        with self.vault.opened() as opened, self.context(opened) as context:
            yield Ledger(context.store(SCHEMA, version=VERSION))

    def facts(self) -> list[tuple[object, ...]]:
        """Everything that the source remembers, row by row."""
        with self.vault.opened() as opened, self.context(opened) as context:
            store = context.store(SCHEMA, version=VERSION)
            return [row for table in ("fact", *TABLES) for row in store.run(f"SELECT * FROM {table}")]

    def forget(self, *, all_state: bool = False) -> None:
        """Delete the source's store, or the whole state of this machine but for the session."""
        for path in self.vault.state.iterdir():
            if path.is_file() and ".db" in path.name and (all_state or not path.name.startswith("state.")):
                path.unlink()

    # What came of it

    def everything(self) -> tuple[object, ...]:
        """All that the newest snapshot holds, without times, to be compared."""
        with self.reader() as reader:
            chats = {
                chat.key: (chat.opening, [(row.first, row.last) for row in chat.coverage], list(reader.messages(chat)))
                for chat in reader.chats()
            }
            return chats, {each.name: (each.media, reader.document_body(each)) for each in reader.documents()}

    def messages(self) -> dict[str, dict[int, ReadMessage]]:
        """Everything that the newest snapshot holds, by chat and id, gone messages too."""
        with self.reader() as reader:
            return {chat.key: {each.id: each for each in reader.messages(chat)} for chat in reader.chats()}

    def bodies(self, chat: str) -> dict[int, dict[str, Any]]:
        """The bodies of a chat's messages that are not gone."""
        return {number: json.loads(each.body) for number, each in self.messages()[chat].items() if each.gone is None}

    def texts(self, chat: str) -> dict[int, Any]:
        """The texts of a chat's messages that are not gone."""
        return {number: body["text"] for number, body in self.bodies(chat).items()}

    def gone(self) -> dict[str, list[int]]:
        """The gone messages of each chat that has some."""
        found = {chat: [each.id for each in rows.values() if each.gone] for chat, rows in self.messages().items()}
        return {chat: ids for chat, ids in found.items() if ids}

    def coverage(self) -> dict[str, list[tuple[int, int]]]:
        """What was seen of each chat completely, in any run."""
        with self.reader() as reader:
            return {chat.key: sorted((row.first, row.last) for row in chat.coverage) for chat in reader.chats()}

    def documents(self) -> dict[str, Any]:
        """The documents of the newest snapshot."""
        with self.reader() as reader:
            return {each.name: json.loads(reader.document_body(each)) for each in reader.documents()}

    def files(self) -> dict[str, bytes]:
        """The files of the newest snapshot as they are restored."""
        to = self.root / "restored"
        shutil.rmtree(to, ignore_errors=True)
        self.vault.restore(to)
        return {path.relative_to(to).as_posix(): path.read_bytes() for path in to.rglob("*") if path.is_file()}

    @contextmanager
    def reader(self) -> Iterator[ArchiveReader]:
        with self.vault.opened() as opened:
            yield ArchiveReader(opened.vault.sync()[-1].manifest, opened.vault.reader)

    # What was asked

    def calls(self, method: str | None = None) -> tuple[Call, ...]:
        return self.server.calls.all(method)

    def count(self, method: str) -> int:
        return len(self.calls(method))


class _Prompted(Person):
    """A person who answers what a login asks, by words in the question."""

    def __init__(self, known: Mapping[str, str]) -> None:
        super().__init__()
        self._known = known

    def ask(self, question: str) -> str:
        return next(answer for word, answer in self._known.items() if word in question.lower())


@contextmanager
def serve(account: Account, root: Path, *, bot: bool = False, **settings: Any) -> Iterator[LiveVault]:
    """Serve an account, and give a vault that is logged in to it; no calls are in the log."""
    with serving(account) as server:
        live = LiveVault(root, server, settings)
        if bot:
            live.log_in_as_bot()
        else:
            live.log_in()
        yield live


def losses(outcome: Outcome) -> list[Finding]:
    """What a run could not get."""
    return [each for each in outcome.report.findings if each.is_loss]


@contextmanager
def _cutting_off(budget: list[int]) -> Iterator[None]:
    made = Attachment.store

    def store(self: Attachment, schema: str, *, version: int) -> SourceStore:
        return CutOffStore(made(self, schema, version=version), budget)

    with patch.object(Attachment, "store", store):
        yield
