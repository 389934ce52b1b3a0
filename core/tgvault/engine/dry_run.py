"""Telling what a backup would read, without making it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from tgvault.contracts.source import ChatEstimate, Estimate, Estimating, Source
from tgvault.engine.opening import OpenedVault
from tgvault.engine.progress import Progress
from tgvault.engine.running import BackupPlan, attached
from tgvault.engine.start import start_run
from tgvault.model.findings import Finding
from tgvault.model.records import Chat, Message, Span

__all__ = ["dry_run"]


def dry_run(
    opened: OpenedVault,
    plan: BackupPlan,
    *,
    accept_missing: bool = False,
    now: Callable[[], datetime],
    progress: Progress,
) -> Estimate:
    """Tell what the plan's backup would read. The vault is not written to, and no lock is taken.

    Raises:
        AccountMismatchError: the source belongs to another account than the archive.
        SourceError, VaultError: as `back_up` does.
    """
    snapshots = opened.vault.sync(accept_missing=accept_missing)
    with attached(opened, plan, snapshots, now=now, progress=progress) as (source, _):
        progress.phase("looking at the source")
        info = source.info()
        start_run(info, snapshots, archive=plan.archive, time=now(), settings=b"")
        if isinstance(source, Estimating):
            return source.estimate()
        return _counted(source, progress)


class _Counter:
    """Counts one chat."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._messages = 0
        self._files: set[str] = set()

    def add(self, items: Iterable[Message | Finding]) -> None:
        """Count messages."""
        for each in items:
            if isinstance(each, Message):
                self._messages += 1
                self._files.update(ref.name for ref in each.media if ref.name is not None)

    def estimate(self, sizes: Mapping[str, int]) -> ChatEstimate:
        """Give the numbers; `sizes` are those of the files that the source has."""
        chat, there = self._chat, self._files & sizes.keys()
        return ChatEstimate(
            title=chat.title or chat.type or chat.key,
            type=chat.type or "",
            messages=self._messages,
            files=len(there),
            bytes=sum(sizes[name] for name in there),
        )


def _counted(source: Source, progress: Progress) -> Estimate:
    """Read everything and count it; nothing tells it sooner."""
    progress.phase("counting")
    sizes = {file.name: file.size for file in source.media()}
    chats: list[ChatEstimate] = []
    counter: _Counter | None = None
    for record in source.records(lambda ids: ()):
        match record:
            case Chat():
                chats += [counter.estimate(sizes)] if counter is not None else []
                counter = _Counter(record)
            case Message() if counter is not None:
                counter.add([record])
            case Span() if counter is not None:
                counter.add(source.expand(record))
                progress.advance(record.weight)
            case _:
                pass
    chats += [counter.estimate(sizes)] if counter is not None else []
    return Estimate(chats=tuple(chats), exact=True)
