"""How an error looks: `error:` and what happened, an empty line, `hint:` and the way out."""

from __future__ import annotations

import errno
import os
import re
import traceback
from collections.abc import Sequence
from typing import TextIO

import typer

from tgvault.cli.safe import safe_line, safe_text
from tgvault.cli.signals import STOPPED
from tgvault.errors import EXIT_STOPPED, MachineError, TgVaultError, UsageError

__all__ = ["machine_error", "show_bug", "show_error", "show_stopped", "show_usage"]

_ROOM = "make room; nothing that the vault had is lost"
_RIGHTS = "see who may use it: `ls -ld`"

#: What the machine says of a disk or of its own limits; anything else of the operating system somebody has to foresee.
_OF_THE_MACHINE = {
    errno.EACCES: _RIGHTS,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EIO: "see whether the disk is healthy",
    errno.EMFILE: "allow more open files: `ulimit -n`",
    errno.ENAMETOOLONG: "name a shorter path",
    errno.ENFILE: "end other programs that hold many files open",
    errno.ENOSPC: _ROOM,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "see why the disk can only be read",
}

_QUOTED = re.compile(r"'([^']*)'")


def show_error(
    error: TgVaultError,
    stderr: TextIO,
    *,
    verbose: bool = False,
    about: str = "",
    word: str = "error",
    hint: str | None = None,
) -> int:
    """Show what tgvault foresaw, with its causes if asked for; returns the exit code.

    `about` names what it happened to, where that may be one of several; `word` says how bad it is; `hint` goes in
    place of the error's own, where the way out is another one here.
    """
    _write(stderr, f"{word}: {about}: {error}" if about else f"{word}: {error}", hint or error.hint)
    cause = error.__cause__ if verbose else None
    while cause is not None:
        stderr.write(f"caused by: {type(cause).__name__}: {safe_line(str(cause))}\n")
        cause = cause.__cause__
    return error.exit_code


def show_usage(error: typer.TyperException, stderr: TextIO) -> int:
    """Show what Typer found wrong with the command line, in the words of ours; returns the exit code."""
    near: Sequence[str] | None = getattr(error, "possibilities", None)
    unknown: str | None = getattr(error, "option_name", None) if hasattr(error, "possibilities") else None
    message = f"there is no option `{unknown}`" if unknown else _in_our_words(error.format_message())
    context = getattr(error, "ctx", None)
    help_hint = f"run `{context.command_path} --help`" if context else None
    _write(stderr, f"error: {message}", f"did you mean `{near[0]}`?" if near else help_hint)
    return UsageError.exit_code


def show_stopped(stderr: TextIO) -> int:
    """Say that the run was stopped; returns the exit code."""
    stderr.write(STOPPED)
    return EXIT_STOPPED


def machine_error(error: Exception) -> MachineError | None:
    """Tell an error that the machine makes wherever it is met, and that is no bug; None for any other."""
    if not isinstance(error, OSError) or error.errno not in _OF_THE_MACHINE:
        return None
    place = f" `{os.fsdecode(error.filename)}`" if isinstance(error.filename, str | bytes) else ""
    reason = (error.strerror or str(error)).lower()
    return MachineError(f"the operating system refuses{place}: {reason}", hint=_OF_THE_MACHINE[error.errno])


def show_bug(error: Exception, stderr: TextIO) -> int:
    """Show what nobody foresaw, with its traceback and without the values of variables; returns the exit code."""
    stderr.write(safe_text("".join(traceback.format_exception(error))))
    stderr.write("\nThis is a bug in tgvault or in a plugin. Please report it with the lines above,\n")
    stderr.write("and take out of them what is private. `tgvault version` tells the versions to report.\n")
    return TgVaultError.exit_code


def _in_our_words(message: str) -> str:
    message = _QUOTED.sub(r"`\1`", message.strip().rstrip("."))
    return message[:1].lower() + message[1:]


def _write(stderr: TextIO, message: str, hint: str | None) -> None:
    # One line each: a chat's title that holds line feeds must not look like a hint of ours.
    stderr.write(safe_line(message) + "\n")
    if hint:
        stderr.write(f"\nhint: {safe_line(hint)}\n")
