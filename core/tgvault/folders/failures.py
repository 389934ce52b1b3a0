"""What an error of the operating system means to the engine."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from tgvault.errors import SinkError, SinkFullError, SinkPermissionError, SinkUnavailableError

__all__ = ["as_sink_error", "sink_errors"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def sink_errors(subject: str) -> Iterator[None]:
    """Raise every `OSError` of the block as the sink error that it stands for; subject is what it befell."""
    try:
        yield
    except OSError as error:
        raise as_sink_error(error, subject) from error


def as_sink_error(error: OSError, subject: str) -> SinkError:
    """Choose the sink error; whatever is neither room nor permission may be over in a moment, and is retried."""
    reason = (error.strerror or str(error)).lower()
    if error.errno in _FULL:
        return SinkFullError(f"no room for `{subject}`: {reason}", hint="free some space on the disk, then run again")
    if error.errno in _DENIED:
        return SinkPermissionError(
            f"the disk does not allow it for `{subject}`: {reason}",
            hint="check who owns the folder, and that the disk is not mounted read-only",
        )
    return SinkUnavailableError(
        f"the disk failed at `{subject}`: {reason}", hint="check that the disk is mounted and healthy"
    )
