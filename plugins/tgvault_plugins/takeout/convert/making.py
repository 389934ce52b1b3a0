"""One body in the making: what is known around it, and what it collects besides its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from telethon.tl import types

from tgvault.api import Finding, FindingKind
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.convert.times import Times
from tgvault_plugins.takeout.convert.values import Fields, plain
from tgvault_plugins.takeout.files import RemoteFile

__all__ = ["MARK", "Around", "Decide", "LeftOut", "Making", "sentinel"]

#: Stands in paths for the folder of the body's chat.
MARK = "{chat}/"

#: Says of a file why it is not taken (`not included`, `too big`, `unavailable`), or None where it is.
Decide = Callable[[RemoteFile], str | None]
#: A file that is not taken, and why.
LeftOut = tuple[RemoteFile, str]

_SENTINELS = {
    "not included": "({} not included. Change data exporting settings to download.)",
    "too big": "({} exceeds maximum size. Change data exporting settings to download.)",
}


def sentinel(reason: str, word: str = "File") -> str:
    """Write in place of a path why there is no file, in the words of Telegram Desktop."""
    return _SENTINELS.get(reason, "({} unavailable, please try again later)").format(word)


@dataclass(frozen=True, slots=True)
class Around:
    """What is the same for all bodies of a run. `phone` writes a telephone number for people."""

    peers: Peers
    times: Times
    decide: Decide
    phone: Callable[[str], str]
    emoji: Mapping[int, types.Document | types.DocumentEmpty]
    self_id: int


@dataclass(slots=True)
class Making:
    """What one body collects while it is made.

    `mark` stands before the paths of its files. `api` is what Telegram Desktop's schema has no place for, `media` the
    part of it that tells of files. `word` is what sentinels call a file. `shift` is added to ids of messages in the
    same chat.
    """

    around: Around
    mark: str = MARK
    word: str = "File"
    shift: int = 0
    out: bool = False
    api: Fields = field(default_factory=dict)
    media: Fields = field(default_factory=dict)
    files: list[RemoteFile] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def place(self, file: RemoteFile, facts: Fields) -> str:
        """Give what stands in the file's field: its path without the mark, or why it is not taken."""
        reason = self.around.decide(file)
        if reason is not None:
            return self.leave(file, reason, facts)
        self.files.append(file)
        if facts:
            self.media[file.field] = facts
        return file.path.removeprefix(self.mark)

    def leave(self, file: RemoteFile, reason: str, facts: Fields) -> str:
        """Note a file that is not taken, and give what stands in its field."""
        self.left_out.append((file, reason))
        if facts:
            self.media[file.field] = facts
        return sentinel(reason, self.word)

    def unknown(self, sort: str, thing: object) -> object:
        """Note that something is new to this version, and give all that it says."""
        name = type(thing).__name__
        if sort == "action":
            self.note(FindingKind.UNKNOWN_ACTION, name)
        else:
            self.note(FindingKind.UNKNOWN_TYPE, f"{sort} {name}")
        return plain(thing)

    def note(self, kind: FindingKind, what: str) -> None:
        """Note something worth telling."""
        self.findings.append(Finding(kind, what))
