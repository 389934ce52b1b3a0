"""Standard streams that may be closed, full, or without a reader."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

from tgvault.errors import OutputClosedError, OutputError

__all__ = ["forget_output", "prepare_streams"]


def prepare_streams() -> None:
    """Put streams in place of this process's own: their failures are told from those of other files, or not at all.

    Standard output raises `OutputError`. Standard error says nothing of what it cannot say.
    """
    _open_closed()
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = _text(_Output, 1, sys.stdout)
    sys.stderr = _text(_Messages, 2, sys.stderr)


def forget_output() -> None:
    """Throw away what standard output still holds back: Python writes it once more at its end, and would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class _Output(io.TextIOWrapper):
    """Raises what the outermost frame can show."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise _told(error) from error

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise _told(error) from error


class _Messages(io.TextIOWrapper):
    """Takes everything: there is nobody to tell that nothing can be told."""

    def write(self, text: str, /) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def _told(error: OSError) -> OutputError:
    if isinstance(error, BrokenPipeError):
        return OutputClosedError("the reader of standard output is gone")
    reason = (error.strerror or str(error)).lower()
    hint = "what the command did is done; send what it prints to another place"
    return OutputError(f"standard output cannot be written to: {reason}", hint=hint)


def _open_closed() -> None:
    """Open descriptors that whoever started us closed; a file of ours would get their numbers, and what is printed."""
    # One that is only read refuses to be written to, as a closed one does.
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, flags), True)


def _text(kind: type[io.TextIOWrapper], number: int, old: TextIO | None) -> io.TextIOWrapper:
    return kind(
        os.fdopen(number, "wb", closefd=False),
        encoding=old.encoding if old is not None else "utf-8",
        # A name that the terminal's encoding cannot write must not end the run.
        errors="backslashreplace",
        line_buffering=number == 2 or os.isatty(number),
    )
