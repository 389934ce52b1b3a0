"""What the sink `sftp` does beyond the contract, with OpenSSH."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from servers.openssh import OpenSSH
from tgvault.api import (
    Credentialed,
    Located,
    MissingObjectError,
    ObjectName,
    SinkError,
    SinkGoneError,
    SinkUnavailableError,
    StoredObject,
)
from tgvault.testing.contracts.sink import content
from tgvault_plugins.sftp import SftpConfig, SftpSink, tgvault_sinks

PACK = ObjectName(f"packs/ab/{'ab' * 32}.age")
LEFTOVER = ".tgvault-0123456789abcdef.tmp"
DAY = 24 * 60 * 60


@pytest.fixture
def config(server: OpenSSH) -> SftpConfig:
    return SftpConfig(
        host=server.host,
        port=server.port,
        user=server.user,
        path=f"backups/{token_hex(4)}",
        identity=server.identity,
        known_hosts=server.known_hosts,
    )


@pytest.fixture
def root(server: OpenSSH, config: SftpConfig) -> Path:
    return server.files / config.path


@pytest.fixture
def sink(config: SftpConfig) -> Iterator[SftpSink]:
    sink = SftpSink(config, pauses=(0, 0))
    sink.prepare()
    yield sink
    sink.close()


def test_it_is_registered_as_sftp() -> None:
    assert tgvault_sinks() == {"sftp": SftpSink}


def test_it_says_where_its_store_is_and_that_it_may_want_secrets(config: SftpConfig) -> None:
    sink = SftpSink(config)

    assert isinstance(sink, Located)
    assert (sink.medium, sink.offsite) == ("server", True)
    assert isinstance(sink, Credentialed)
    assert {each.name: each.required for each in sink.credential_fields()} == {"password": False, "passphrase": False}


def test_making_one_touches_nothing() -> None:
    before = threading.active_count()

    SftpSink(SftpConfig(host="nowhere.invalid")).close()

    assert threading.active_count() == before


def test_ssh_is_imported_by_who_uses_it_only() -> None:
    program = "import sys, tgvault_plugins.sftp; sys.exit('asyncssh' in sys.modules)"

    subprocess.run([sys.executable, "-c", program], check=True)


def test_files_and_folders_are_for_their_owner_only(sink: SftpSink, root: Path) -> None:
    sink.put(PACK, b"content")
    sink.replace(ObjectName("vault.json"), b"{}")

    modes = {path.relative_to(root).as_posix(): path.stat().st_mode & 0o777 for path in root.rglob("*")}
    assert modes == {"packs": 0o700, "packs/ab": 0o700, PACK: 0o600, "vault.json": 0o600}
    assert root.stat().st_mode & 0o777 == 0o700


def test_nothing_temporary_is_left(sink: SftpSink, root: Path) -> None:
    sink.put(PACK, b"content")
    sink.put(PACK, b"content")
    sink.replace(PACK, b"other content")

    assert [path.name for path in (root / "packs/ab").iterdir()] == [Path(PACK).name]


def test_an_object_that_was_cut_short_is_put_again(sink: SftpSink, root: Path) -> None:
    sink.put(PACK, b"content")
    (root / PACK).write_bytes(b"cont")

    sink.put(PACK, b"content")

    assert sink.get(PACK) == b"content"


def test_an_object_that_is_there_is_not_written_again(sink: SftpSink, root: Path) -> None:
    sink.put(PACK, b"content")
    before = (root / PACK).stat()

    sink.put(PACK, b"content")

    assert (root / PACK).stat().st_ino == before.st_ino


def test_a_folder_that_somebody_removed_is_made_again(sink: SftpSink, root: Path) -> None:
    sink.put(PACK, b"content")
    (root / PACK).unlink()
    (root / "packs" / "ab").rmdir()

    sink.put(PACK, b"content")

    assert sink.get(PACK) == b"content"


def test_a_folder_that_is_a_link_is_looked_into(sink: SftpSink, root: Path) -> None:
    sink.put(PACK, b"content")
    (root / "packs").rename(root.parent / f"{root.name} elsewhere")
    (root / "packs").symlink_to(root.parent / f"{root.name} elsewhere")

    listed = list(sink.list("packs/"))

    assert listed == [StoredObject(PACK, 7)]
    assert sink.get(PACK) == b"content"


@pytest.mark.parametrize("path", ["{}", "{}/", "~/{}", "{files}/{}"], ids=["login", "slash", "tilde", "absolute"])
def test_the_folder_is_meant_from_where_a_login_begins(
    server: OpenSSH, config: SftpConfig, root: Path, path: str
) -> None:
    place = path.format(config.path, files=server.files)
    sink = SftpSink(SftpConfig(**{each: getattr(config, each) for each in config.__struct_fields__} | {"path": place}))
    sink.prepare()

    sink.put(PACK, b"content")

    sink.close()
    assert (root / PACK).read_bytes() == b"content"


def test_a_file_in_the_place_of_the_folder_is_reported(config: SftpConfig, root: Path) -> None:
    root.parent.mkdir(exist_ok=True)
    root.write_bytes(b"a file")
    sink = SftpSink(config)

    with pytest.raises(SinkUnavailableError, match=config.path):
        sink.prepare()

    sink.close()


def test_a_folder_that_is_not_there_is_never_made_by_a_backup(config: SftpConfig, root: Path) -> None:
    sink = SftpSink(config)
    calls: list[Callable[[], object]] = [
        lambda: sink.put(PACK, b"content"),
        lambda: sink.replace(PACK, b"content"),
        lambda: sink.get(PACK),
        lambda: sink.size(PACK),
        lambda: list(sink.list("")),
        lambda: list(sink.list("packs/")),
        lambda: sink.delete(PACK),
        sink.tidy,
    ]

    for call in calls:
        with pytest.raises(SinkGoneError, match="there is no folder") as caught:
            call()
        assert caught.value.hint is not None

    sink.close()
    assert not root.exists()


def test_a_name_that_is_none_is_refused(sink: SftpSink) -> None:
    with pytest.raises(SinkError, match="not the name of an object"):
        sink.get(ObjectName("../../etc/passwd"))


def test_a_folder_that_is_called_as_an_object_is_none(sink: SftpSink, root: Path) -> None:
    (root / "vault.json").mkdir()

    with pytest.raises(MissingObjectError):
        sink.get(ObjectName("vault.json"))

    sink.delete(ObjectName("vault.json"))
    assert list(sink.list("")) == []
    assert (root / "vault.json").is_dir()


def test_a_file_that_is_larger_than_any_object_is_not_read(sink: SftpSink, root: Path) -> None:
    sink.put(PACK, b"content")
    os.truncate(root / PACK, 1 << 40)

    with pytest.raises(MissingObjectError):
        sink.get(PACK)

    sink.put(PACK, b"content")
    assert sink.get(PACK) == b"content"


def test_what_killed_writers_left_is_removed_after_a_day(sink: SftpSink, root: Path) -> None:
    sink.put(PACK, b"content")
    old, young = root / LEFTOVER, root / "packs" / "ab" / LEFTOVER
    now = (root / PACK).stat().st_mtime
    for path, age in ((old, 2 * DAY), (young, DAY / 2)):
        path.write_bytes(b"part of an object")
        os.utime(path, (now - age, now - age))

    sink.tidy()

    assert sorted(path.name for path in root.rglob("*") if path.is_file()) == [LEFTOVER, Path(PACK).name]
    assert young.exists()


def test_a_connection_that_was_cut_is_made_anew(sink: SftpSink, server: OpenSSH) -> None:
    sink.put(PACK, b"content")

    server.cut()

    assert sink.get(PACK) == b"content"
    server.cut()
    sink.put(ObjectName("vault.json"), b"{}")
    assert len(list(sink.list(""))) == 2


def test_connections_are_cut_under_two_threads_that_read(sink: SftpSink, server: OpenSSH) -> None:
    data = content(8 << 20)
    sink.put(PACK, data)
    results: list[bytes] = []
    threads = [threading.Thread(target=lambda: results.append(sink.get(PACK))) for _ in range(2)]

    for thread in threads:
        thread.start()
    server.cut()
    for thread in threads:
        thread.join()

    assert results == [data, data]


def test_a_server_that_is_away_is_reported_and_used_again_when_it_is_back(sink: SftpSink, server: OpenSSH) -> None:
    sink.put(PACK, b"content")
    server.stop()

    with pytest.raises(
        SinkUnavailableError, match=r"server `127\.0\.0\.1` cannot be reached: connection refused"
    ) as caught:
        sink.get(PACK)

    server.start()
    assert caught.value.hint is not None
    assert sink.get(PACK) == b"content"


def test_a_host_that_there_is_not_is_reported() -> None:
    sink = SftpSink(SftpConfig(host="nowhere.invalid"), pauses=())

    with pytest.raises(SinkUnavailableError, match="server `nowhere"):
        list(sink.list(""))

    sink.close()


def test_closing_ends_the_thread_and_the_connection(config: SftpConfig, server: OpenSSH) -> None:
    sink = SftpSink(config)
    sink.prepare()
    sessions = server.sessions()
    (thread,) = [each for each in threading.enumerate() if each.name == "sftp"]

    sink.close()
    sink.close()

    assert not thread.is_alive()
    assert sessions
    server.wait_until_gone(sessions)


@pytest.mark.parametrize("end", ["sink.close()", "pass", "sys.exit(3)", "1 / 0"])
def test_a_program_ends_without_a_word_about_the_connection(config: SftpConfig, server: OpenSSH, end: str) -> None:
    program = (
        "import sys, msgspec; from pathlib import Path; from tgvault_plugins.sftp import SftpConfig, SftpSink\n"
        f"sink = SftpSink(SftpConfig(host={config.host!r}, port={config.port}, user={config.user!r},"
        f" path={config.path!r}, identity=Path({str(config.identity)!r}),"
        f" known_hosts=Path({str(config.known_hosts)!r})))\n"
        f"sink.prepare(); sink.put('vault.json', b'x' * 100000)\n"
        f"try:\n    {end}\nexcept ZeroDivisionError: pass\n"
    )

    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program], capture_output=True, timeout=60, check=False
    )

    assert (ended.stdout, ended.stderr) == (b"", b"")
    assert ended.returncode == (3 if "exit" in end else 0)
