"""What a server's answers mean to the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh
from asyncssh.constants import FX_NO_SPACE_ON_FILESYSTEM, FX_QUOTA_EXCEEDED, FX_WRITE_PROTECT

from tgvault.api import SinkError, SinkFullError, SinkPermissionError, SinkUnavailableError

__all__ = ["LOST", "NOT_THERE", "as_sink_error", "no_room", "sftp_errors"]

#: Answers that say that nothing is there. OpenSSH says the first for a file in the place of a folder, too.
NOT_THERE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory)

#: What befalls a connection, and may be over with the next one. Timeouts are among the first.
LOST = (
    OSError,
    asyncssh.DisconnectError,
    asyncssh.SFTPNoConnection,
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPBadMessage,
    asyncssh.ChannelOpenError,
)

_FULL = frozenset({FX_NO_SPACE_ON_FILESYSTEM, FX_QUOTA_EXCEEDED})

#: How servers say it that have no number for it (version 3 of the protocol has none).
_FULL_TEXT = re.compile(r"no space|quota|disk full|file too large|not enough space", re.IGNORECASE)


@contextmanager
def sftp_errors(subject: str) -> Iterator[None]:
    """Raise a server's refusal in the block as the sink error that it stands for; subject is what it befell."""
    try:
        yield
    except LOST:
        raise
    except asyncssh.SFTPError as error:
        raise as_sink_error(error, subject) from error


def as_sink_error(error: asyncssh.SFTPError, subject: str) -> SinkError:
    """Choose the sink error."""
    reason = " ".join(error.reason.split())[:200].lower() or f"error {error.code}"
    if error.code in _FULL or _FULL_TEXT.search(reason):
        return no_room(subject, reason)
    if isinstance(error, asyncssh.SFTPPermissionDenied) or error.code == FX_WRITE_PROTECT:
        return SinkPermissionError(
            f"the server does not allow it for `{subject}`: {reason}",
            hint="check who owns the vault's folder on the server, and that its disk is not mounted read-only",
        )
    return SinkUnavailableError(
        f"the server failed at `{subject}`: {reason}",
        hint="check the server's disk, its room and the quota of your account; its own log may say more",
    )


def no_room(subject: str, reason: str) -> SinkFullError:
    """Say that something does not fit."""
    return SinkFullError(
        f"no room on the server for `{subject}`: {reason}", hint="free some space on the server, then run again"
    )
