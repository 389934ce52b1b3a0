"""Where the command line writes: data to standard output, everything else to standard error.

All text passes `tgvault.cli.safe` here, so that no command can forget it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO, TypeVar

import msgspec

from tgvault.cli.safe import safe_json, safe_text
from tgvault.cli.table import Table, aligned, draw

__all__ = ["Output"]

Shown = TypeVar("Shown", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Output:
    """The two streams, and how much is to be said on them."""

    stdout: TextIO
    stderr: TextIO
    json: bool = False
    quiet: bool = False
    verbose: bool = False

    @property
    def is_terminal(self) -> bool:
        """Whether people watch standard error, where progress and questions go."""
        return self.stderr.isatty()

    def line(self, text: str = "") -> None:
        """Write data, one line or several."""
        self.stdout.write(safe_text(text) + "\n")

    def table(self, table: Table) -> None:
        """Write data as a table; on a terminal what has no room there is named."""
        if self.stdout.isatty():
            if left_out := draw(table, self.stdout):
                self.note(f"No room for {', '.join(left_out)}: widen the terminal, or use `--json`.")
            return
        for line in aligned(table):
            self.stdout.write(line + "\n")

    def show(self, value: Shown, in_words: Callable[[Shown, Output], None]) -> None:
        """Write the one value that the run is about: as one JSON document if that was asked for, else in words."""
        if not self.json:
            return in_words(value, self)
        self.stdout.write(safe_json(_indented(msgspec.json.encode(value)).decode()) + "\n")
        return None

    def note(self, text: str) -> None:
        """Say something worth knowing, unless told to be quiet."""
        if not self.quiet:
            self.warn(text)

    def detail(self, text: str) -> None:
        """Say something that only those want to know who asked for more."""
        if self.verbose:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Say something that has to be said: a loss, a problem."""
        self.stderr.write(safe_text(text) + "\n")


def _indented(document: bytes) -> bytes:
    try:
        return msgspec.json.format(document, indent=2)
    except msgspec.DecodeError:
        # Half of a surrogate pair in a message is JSON that msgspec writes on and does not read.
        return document
