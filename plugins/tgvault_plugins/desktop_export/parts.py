"""What the outline of a `result.json` is made of, as positions in the file."""

from __future__ import annotations

from dataclasses import dataclass

from tgvault.api import Finding
from tgvault_plugins.desktop_export.heads import Head

__all__ = ["Broken", "ChatPart", "Ended", "Part", "Run", "Text", "Value"]


class Broken(Exception):  # noqa: N818 -- a signal between the modules of the outline, never seen outside
    """The text at a place is not what must stand there; `at` is the place."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class Ended(Exception):  # noqa: N818 -- likewise
    """The file ends before something is complete; `at` is where that something begins."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


@dataclass(frozen=True, slots=True)
class Text:
    """A little of the file's own text between other parts, without white space."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Value:
    """A member of the root that is no list of chats: its name and its value, without white space."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """Where a chat's messages stand: from the first one's brace to after the last one's.

    `lead` is the text in front of each message's braces when every message stands on lines of its own, indented alike;
    otherwise it is empty and `cuts` says where messages begin, a few megabytes apart. `holes` are ranges that cannot
    be read. `close` is the place of the closing bracket, or None when it is missing.
    """

    start: int
    stop: int
    close: int | None
    lead: bytes = b""
    cuts: tuple[int, ...] = ()
    holes: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ChatPart:
    """A chat: what stands around its messages, and where they are.

    `section` is `chats`, `left_chats`, or empty for a file of one chat. `number` counts the chats of the file from 1.
    `ended` means that the file ends within the chat; `mended`, that the text around the messages was damaged.
    """

    section: str
    number: int
    head: Head
    run: Run | None
    ended: bool = False
    mended: bool = False


Part = Text | Value | ChatPart | Finding
