"""Commands of the user's own that print a secret."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass, field

from tgvault.errors import TgVaultError, UsageError

__all__ = ["Printed", "command_name", "run_command"]

#: Seconds that a command has; it may ask somebody for a fingerprint or a password.
_PATIENCE = 300.0

_BY_ITSELF = "run it by itself to see why"
_NO_SHELL = "it runs without a shell; for pipes and variables write `sh -c '…'`"


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command printed, and what to call it in messages, which never show what it printed."""

    origin: str
    data: bytes = field(repr=False)


def run_command(command: str, *, what: str, failure: type[TgVaultError]) -> Printed:
    """Run a command without a shell and give what it prints. `what` it is, such as `key command`, stands in errors.

    Its standard input and error output are this process's own, so that it can ask for something.

    Raises:
        UsageError: it cannot be run.
        failure: it fails, or does not end.
    """
    words = _words(command, what)
    origin = command_name(command, what=what)
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, check=False, timeout=_PATIENCE)  # noqa: S603
    except OSError as error:
        raise UsageError(f"cannot run the {origin}: {(error.strerror or '').lower()}", hint=_NO_SHELL) from None
    except subprocess.TimeoutExpired:
        raise failure(f"the {origin} did not end within {_PATIENCE:.0f} s", hint=_BY_ITSELF) from None
    if done.returncode:
        raise failure(f"the {origin} {_ended(done.returncode)}", hint=f"{_BY_ITSELF}; {_NO_SHELL}")
    return Printed(origin, done.stdout)


def command_name(command: str, *, what: str) -> str:
    """Name a command in messages: its arguments may hold a secret, so that only the program's name is ever shown.

    Raises:
        UsageError: it is no command.
    """
    return f"{what} `{_words(command, what)[0]}`"


def _ended(status: int) -> str:
    return f"failed with exit code {status}" if status > 0 else f"was ended by signal {-status}"


def _words(command: str, what: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"the {what} cannot be split into words: {error}".lower()) from None
    if not words:
        raise UsageError(f"the {what} is empty")
    return words
