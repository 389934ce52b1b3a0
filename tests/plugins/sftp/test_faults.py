"""The sink `sftp` with a server that fails, refuses, breaks off and lies."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from servers.sftp import SftpServer, sftp_server
from tgvault.api import (
    Credential,
    MissingObjectError,
    ObjectName,
    SinkError,
    SinkFullError,
    SinkPermissionError,
    SinkUnavailableError,
    StoredObject,
)
from tgvault.testing.contracts.sink import content
from tgvault_plugins.sftp import SftpConfig, SftpSink, walking

PACK = ObjectName(f"packs/ab/{'ab' * 32}.age")


@pytest.fixture(params=[True, False], ids=["extensions", "no extensions"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SftpServer]:
    with sftp_server(tmp_path / "server", extensions=request.param) as server:
        yield server


@pytest.fixture
def full_server(tmp_path: Path) -> Iterator[SftpServer]:
    with sftp_server(tmp_path / "server") as server:
        yield server


def use(server: SftpServer, *, step: float = 60) -> SftpSink:
    sink = SftpSink(
        SftpConfig(
            host=server.host, port=server.port, user=server.user, path="tgvault", known_hosts=server.known_hosts
        ),
        pauses=(0, 0),
        step=step,
    )
    sink.use(Credential({"password": server.password or ""}))
    try:
        sink.prepare()
    except SinkError:
        sink.close()
        raise
    return sink


@pytest.fixture
def sink(server: SftpServer) -> Iterator[SftpSink]:
    sink = use(server)
    yield sink
    sink.close()


@pytest.fixture
def full_sink(full_server: SftpServer) -> Iterator[SftpSink]:
    sink = use(full_server)
    yield sink
    sink.close()


def files(server: SftpServer) -> list[str]:
    return sorted(path.name for path in (server.files / "tgvault").rglob("*") if path.is_file())


def failing(operation: str, error: Exception, times: int = 1_000_000) -> Callable[[str, Any], None]:
    left = [times]

    def fault(asked: str, session: Any) -> None:
        if asked == operation and left[0]:
            left[0] -= 1
            raise error

    return fault


def cutting(operation: str, times: int, after: int = 0) -> Callable[[str, Any], None]:
    """Cut so many connections, each when it is asked for the operation once more than `after` times."""
    asked: dict[int, int] = {}

    def fault(what: str, session: Any) -> None:
        if what == operation:
            connection = id(session)
            asked[connection] = asked.get(connection, 0) + 1
            if asked[connection] == after + 1 and len(asked) <= times:
                session.connection.abort()

    return fault


@pytest.mark.parametrize("operation", ["open", "write", "close", "rename or posix_rename", "stat"])
def test_a_connection_that_dies_in_the_middle_of_a_put_is_made_anew(
    server: SftpServer, sink: SftpSink, operation: str
) -> None:
    data = content(9 << 20)
    if " or " in operation:
        sink.put(ObjectName("vault.json"), b"{}")
        operation = "posix_rename" if "posix_rename" in server.asked else "rename"
    server.fault = cutting(operation, times=1, after=1 if operation == "write" else 0)

    sink.put(PACK, data)

    assert server.logins == 2
    assert sink.get(PACK) == data


def test_a_connection_that_dies_in_the_middle_of_a_get_is_made_anew(server: SftpServer, sink: SftpSink) -> None:
    data = content(9 << 20)
    sink.put(PACK, data)
    server.fault = cutting("read", times=2, after=1)

    assert sink.get(PACK) == data
    assert server.logins == 3


def test_a_connection_that_always_dies_is_given_up(server: SftpServer, sink: SftpSink) -> None:
    server.fault = cutting("write", times=1000)

    with pytest.raises(SinkUnavailableError) as caught:
        sink.put(PACK, b"content")

    assert server.logins == 3
    assert caught.value.hint is not None
    server.fault = lambda operation, session: None
    sink.put(PACK, b"content")
    assert sink.get(PACK) == b"content"


@pytest.mark.parametrize("operation", ["open", "write"])
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), SinkPermissionError),
        (asyncssh.SFTPWriteProtect("Read-only file system"), SinkUnavailableError),
        (OSError(errno.ENOSPC, "No space left on device"), SinkFullError),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), SinkFullError),
        (asyncssh.SFTPFailure("Failure"), SinkUnavailableError),
        (OSError(errno.EIO, "Input/output error"), SinkUnavailableError),
    ],
    ids=["denied", "read-only", "full", "quota", "failure", "broken"],
)
def test_each_answer_has_its_error_and_nothing_is_left(
    server: SftpServer, sink: SftpSink, operation: str, error: Exception, expected: type[SinkError]
) -> None:
    server.fault = failing(operation, error)

    with pytest.raises(expected) as caught:
        sink.put(ObjectName("vault.json"), b"content")

    assert "`vault.json`" in str(caught.value)
    assert caught.value.hint is not None
    assert files(server) == []


@pytest.mark.parametrize("operation", ["open", "stat", "remove", "scandir", "mkdir"])
def test_what_is_not_allowed_is_reported_for_every_call(server: SftpServer, sink: SftpSink, operation: str) -> None:
    sink.put(PACK, b"content")
    server.fault = failing(operation, PermissionError(errno.EACCES, "Permission denied"))
    calls: dict[str, Callable[[], object]] = {
        "open": lambda: sink.get(PACK),
        "stat": lambda: sink.size(PACK),
        "remove": lambda: sink.delete(PACK),
        "scandir": lambda: list(sink.list("")),
        "mkdir": lambda: sink.put(ObjectName("index/a"), b"content"),
    }

    with pytest.raises(SinkPermissionError):
        calls[operation]()


def test_an_object_is_flushed_before_it_is_named(full_server: SftpServer, full_sink: SftpSink) -> None:
    full_server.asked.clear()

    full_sink.put(ObjectName("vault.json"), b"content")

    order = [each for each in full_server.asked if each in ("open", "write", "fsync", "close", "posix_rename")]
    assert order == ["open", "write", "fsync", "close", "posix_rename"]


def test_a_flush_that_fails_is_an_error(full_server: SftpServer, full_sink: SftpSink) -> None:
    full_server.fault = failing("fsync", OSError(errno.EIO, "Input/output error"))

    with pytest.raises(SinkUnavailableError):
        full_sink.put(PACK, b"content")

    assert files(full_server) == []


def test_what_does_not_fit_is_refused_before_it_is_written(full_server: SftpServer, full_sink: SftpSink) -> None:
    full_sink.put(PACK, b"content")
    disk(full_server, free=100_000)
    full_server.asked.clear()

    with pytest.raises(SinkFullError, match=r"takes 0\.5 MB") as caught:
        full_sink.put(ObjectName("index/a"), content(500_000))

    assert caught.value.hint is not None
    assert "open" not in full_server.asked
    full_sink.put(PACK, b"content")


def test_a_failure_without_a_word_on_a_full_disk_is_a_full_disk(full_server: SftpServer, full_sink: SftpSink) -> None:
    def fault(operation: str, session: asyncssh.SFTPServer) -> None:
        if operation == "write":
            disk(full_server, free=0)
            raise asyncssh.SFTPFailure("Failure")

    full_server.fault = fault

    with pytest.raises(SinkFullError):
        full_sink.put(PACK, b"content")

    assert files(full_server) == []


def test_another_disk_in_the_same_place_is_refused(full_server: SftpServer, full_sink: SftpSink) -> None:
    disk(full_server, number=7)
    full_sink.put(PACK, b"content")
    disk(full_server, number=8)

    with pytest.raises(SinkUnavailableError, match="another disk"):
        full_sink.put(ObjectName("index/a"), b"content")


def disk(server: SftpServer, *, free: int = 10 << 30, number: int = 7) -> None:
    """Have the server's disk be one with that number and so many free bytes."""
    told = asyncssh.SFTPVFSAttrs(bsize=1, frsize=1, blocks=20 << 30, bfree=free, bavail=free, fsid=number)
    server.instead["statvfs"] = lambda self, path: told


@pytest.mark.parametrize("told", [0, 5, 5 << 20], ids=["at once", "soon", "after some blocks"])
def test_a_read_that_ends_early_is_an_error(server: SftpServer, sink: SftpSink, told: int) -> None:
    sink.put(PACK, content(6 << 20))
    server.instead["read"] = lambda self, file, at, size: os.pread(file.fileno(), max(0, min(size, told - at)), at)

    with pytest.raises(SinkUnavailableError, match="of the 6291456 bytes"):
        sink.get(PACK)


@pytest.mark.parametrize("name", ["../escape", "packs/ab", "a" * 5000, "..", "", "a\nb", "ä"])
def test_names_that_are_none_are_left_out_of_listings(server: SftpServer, sink: SftpSink, name: str) -> None:
    listed_as(server, [name, "vault.json"])

    assert list(sink.list("")) == [StoredObject(ObjectName("vault.json"), 7)]


def test_folders_that_lead_outside_are_not_entered(server: SftpServer, sink: SftpSink) -> None:
    asked = listed_as(server, ["..", ".", "a/b", "packs"], folders=True)

    assert list(sink.list("")) == []
    assert asked == [b"tgvault/", b"tgvault/packs/", b"tgvault/packs/packs/"]


def test_a_listing_that_never_ends_is_given_up(
    server: SftpServer, sink: SftpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "_MOST", 1000)
    listed_as(server, [f"a{at}" for at in range(1001)])

    with pytest.raises(SinkUnavailableError, match="does not end"):
        list(sink.list(""))


def listed_as(server: SftpServer, names: list[str], *, folders: bool = False) -> list[bytes]:
    """Have the server list these names in every folder; gives the folders as they are asked for."""
    mode = 0o040700 if folders else 0o100600
    asked: list[bytes] = []

    async def scandir(self: object, path: bytes) -> Any:
        asked.append(path)
        for name in names:
            yield asyncssh.SFTPName(name.encode(), attrs=asyncssh.SFTPAttrs(size=7, permissions=mode, atime=1, mtime=1))

    server.instead["scandir"] = scandir
    return asked


def test_a_server_that_stops_answering_is_given_up(server: SftpServer) -> None:
    sink = use(server, step=0.3)
    server.silent = True

    with pytest.raises(SinkUnavailableError, match="does not answer in time"):
        sink.size(PACK)

    server.silent = False
    with pytest.raises(MissingObjectError):
        sink.size(PACK)
    sink.close()


def test_a_server_that_gives_no_files_is_reported(tmp_path: Path) -> None:
    with sftp_server(tmp_path / "server", files=False) as server, pytest.raises(SinkUnavailableError) as caught:
        use(server)

    assert "not files by SFTP" in str(caught.value)
    assert "sftp" in (caught.value.hint or "")
