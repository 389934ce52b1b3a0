"""One writer at a time on one machine; the lock goes when the process does, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from tgvault.errors import VaultBusyError
from tgvault.state.database import unusable

__all__ = ["writing"]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold the lock that lies at the path.

    An open SQLite transaction is a lock that the operating system lets go with the process, on every system alike.

    Raises:
        VaultBusyError: another process holds it.
        StateError: the folder cannot be used.
    """
    connection = _opened(path)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except apsw.BusyError:
            raise VaultBusyError(
                "another tgvault on this machine is writing to the vault",
                hint="wait until it has ended, then try again",
            ) from None
        except apsw.Error as error:
            raise unusable(path, error) from error
        yield
    finally:
        connection.close()


def _opened(path: Path) -> apsw.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return apsw.Connection(str(path))
    except (apsw.Error, OSError) as error:
        raise unusable(path, error) from error
