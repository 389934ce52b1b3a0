"""What the sink `rclone` does beyond the contract."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest

from servers.seaweed import READ_ONLY_ACCESS_KEY, READ_ONLY_SECRET_KEY, Seaweed
from tgvault.api import (
    Credential,
    Credentialed,
    Located,
    MissingObjectError,
    ObjectName,
    SinkError,
    SinkGoneError,
    SinkPermissionError,
    SinkUnavailableError,
)
from tgvault.testing.contracts.sink import content
from tgvault_plugins.rclone import RcloneConfig, RcloneSink, tgvault_sinks

PACK = ObjectName(f"packs/ab/{'ab' * 32}.age")
DAY = 24 * 60 * 60


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where objects on their way lie."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path / "tmp"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "a disk" / "vault"


@pytest.fixture
def config(tmp_path: Path) -> RcloneConfig:
    file = tmp_path / "rclone.conf"
    file.write_text(f"[disk]\ntype = alias\nremote = {tmp_path / 'a disk'}\n")
    return RcloneConfig(remote="disk:vault", config=file)


@pytest.fixture
def sink(config: RcloneConfig) -> Iterator[RcloneSink]:
    sink = RcloneSink(config)
    sink.prepare()
    yield sink
    sink.close()


def running() -> dict[int, list[str]]:
    """The processes below this one that rclone has to do with, with their commands."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode().split("\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if any("rclone" in word for word in command[:4]):
            found[int(folder.name)] = [str(parent), *command]
    mine = {pid for pid, (parent, *_) in found.items() if int(parent) == os.getpid()}
    return {pid: words[1:] for pid, words in found.items() if pid in mine or int(words[0]) in mine}


def wait_until_gone(processes: list[int]) -> None:
    until = monotonic() + 20
    while any(Path(f"/proc/{pid}/exe").exists() for pid in processes):
        assert monotonic() < until, "it goes on"


def test_it_is_registered_as_rclone() -> None:
    assert tgvault_sinks() == {"rclone": RcloneSink}


def test_it_says_where_its_store_is_and_what_it_may_want_to_know(config: RcloneConfig) -> None:
    sink = RcloneSink(config)

    assert isinstance(sink, Located)
    assert (sink.medium, sink.offsite) == ("cloud storage", True)
    assert isinstance(sink, Credentialed)
    assert [(each.name, each.required) for each in sink.credential_fields()] == [("config-password", False)]


def test_making_one_starts_nothing(config: RcloneConfig, root: Path) -> None:
    RcloneSink(config).close()

    assert running() == {}
    assert not root.exists()


def test_closing_ends_rclone_and_removes_what_was_on_its_way(sink: RcloneSink, temporary: Path) -> None:
    sink.put(PACK, b"content")
    processes = list(running())
    assert len(processes) == 2
    assert list(temporary.iterdir())

    sink.close()
    sink.close()

    wait_until_gone(processes)
    assert list(temporary.iterdir()) == []


def test_two_threads_share_one_rclone(sink: RcloneSink) -> None:
    threads = [threading.Thread(target=sink.put, args=(ObjectName(f"index/{at}"), b"content")) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(list(sink.list(""))) == 8
    assert len(running()) == 2


def test_secrets_are_in_no_command(config: RcloneConfig) -> None:
    sink = RcloneSink(config)
    sink.use(Credential({"config-password": "a pass word"}))
    sink.prepare()

    commands = running()

    environments = [Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0") for pid in commands]
    secrets = {each.partition("=")[2] for own in environments for each in own if each.startswith("RCLONE_RC_")}
    assert len(secrets) == 2
    assert not [word for command in commands.values() for word in command if word in secrets or "pass word" in word]
    sink.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_rclone_ends_when_its_user_is_killed(
    config: RcloneConfig, temporary: Path, root: Path, number: signal.Signals
) -> None:
    program = (
        "import sys; from pathlib import Path; from tgvault_plugins.rclone import RcloneConfig, RcloneSink\n"
        f"sink = RcloneSink(RcloneConfig(remote={config.remote!r}, config=Path({str(config.config)!r})))\n"
        "sink.prepare(); sink.put('vault.json', b'{}'); print('stored', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == b"stored\n"
        watcher = _children(user.pid)
        processes = [*watcher, *(each for pid in watcher for each in _children(pid))]
        assert len(processes) == 2

        user.send_signal(number)
        user.wait()

    wait_until_gone(processes)
    assert list(temporary.iterdir()) == []
    assert (root / "vault.json").read_bytes() == b"{}"


def _children(process: int) -> list[int]:
    texts = [task.read_text() for task in Path(f"/proc/{process}/task").glob("*/children")]
    return [int(each) for text in texts for each in text.split()]


def test_a_program_that_ends_without_closing_ends_rclone_too(config: RcloneConfig, temporary: Path) -> None:
    program = (
        "from pathlib import Path; from tgvault_plugins.rclone import RcloneConfig, RcloneSink\n"
        f"sink = RcloneSink(RcloneConfig(remote={config.remote!r}, config=Path({str(config.config)!r})))\n"
        "sink.prepare()\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60)

    assert (ended.stdout, ended.stderr) == (b"", b"")
    until = monotonic() + 20
    while list(temporary.iterdir()):
        assert monotonic() < until, "something is left"


def test_an_rclone_that_was_killed_is_started_again(sink: RcloneSink) -> None:
    data = content(100_000)
    sink.put(PACK, data)
    before = running()

    for pid, command in before.items():
        if "rcd" in command and "watcher" not in " ".join(command):
            os.kill(pid, signal.SIGKILL)

    assert sink.get(PACK) == data
    sink.replace(PACK, b"other")
    assert sink.get(PACK) == b"other"
    assert not set(before) & set(running())


def test_an_object_that_was_cut_short_is_put_again(sink: RcloneSink, root: Path) -> None:
    sink.put(PACK, b"content")
    (root / PACK).write_bytes(b"cont")

    sink.put(PACK, b"content")

    assert sink.get(PACK) == b"content"


def test_many_may_store_the_same_object_in_the_same_moment(config: RcloneConfig, sink: RcloneSink) -> None:
    objects = [(ObjectName(f"packs/ab/{at}"), b"%d" % at) for at in range(25)]
    others = [sink, RcloneSink(config), RcloneSink(config)]
    ready = threading.Barrier(len(others))

    def store(one: RcloneSink) -> None:
        for name, data in objects:
            ready.wait(60)
            try:
                one.put(name, data)
            except SinkError:
                ready.abort()
                raise

    with ThreadPoolExecutor(len(others)) as threads:
        failures = [done.exception() for done in [threads.submit(store, each) for each in others]]

    assert failures == [None] * len(others)
    assert [sink.get(name) for name, _ in objects] == [data for _, data in objects]
    for each in others:
        each.close()


def test_an_object_that_is_there_is_not_written_again(sink: RcloneSink, root: Path) -> None:
    sink.put(PACK, b"content")
    before = (root / PACK).stat()

    sink.put(PACK, b"content")

    assert (root / PACK).stat() == before


def test_a_file_that_is_larger_than_any_object_is_not_read(sink: RcloneSink, root: Path) -> None:
    sink.put(PACK, b"content")
    os.truncate(root / PACK, 1 << 40)

    with pytest.raises(MissingObjectError):
        sink.get(PACK)

    sink.replace(PACK, b"content")
    assert sink.get(PACK) == b"content"


def test_a_folder_that_is_called_as_an_object_is_none(sink: RcloneSink, root: Path) -> None:
    (root / "vault.json").mkdir()

    with pytest.raises(MissingObjectError):
        sink.get(ObjectName("vault.json"))
    with pytest.raises(MissingObjectError):
        sink.size(ObjectName("vault.json"))

    sink.delete(ObjectName("vault.json"))
    assert (root / "vault.json").is_dir()


def test_what_killed_writers_left_is_removed_after_some_days(sink: RcloneSink, root: Path) -> None:
    sink.put(PACK, b"content")
    old, young = root / f"{PACK}.0123abcd.tgvault~", root / "vault.json.0123abcd.tgvault~"
    now = (root / PACK).stat().st_mtime
    for path, age in ((old, 4 * DAY), (young, 2 * DAY)):
        path.write_bytes(b"part of an object")
        os.utime(path, (now - age, now - age))

    sink.tidy()

    assert (old.exists(), young.exists()) == (False, True)
    assert sink.get(PACK) == b"content"


def test_a_folder_that_is_not_there_is_never_made_by_a_backup(config: RcloneConfig, root: Path) -> None:
    root.parent.mkdir()
    sink = RcloneSink(config)
    calls: list[Callable[[], object]] = [
        lambda: sink.put(PACK, b"content"),
        lambda: sink.replace(PACK, b"content"),
        lambda: sink.get(PACK),
        lambda: sink.size(PACK),
        lambda: list(sink.list("")),
        lambda: list(sink.list("packs/")),
        lambda: sink.delete(PACK),
    ]

    for call in calls:
        with pytest.raises(SinkGoneError, match="there is no folder"):
            call()

    sink.close()
    assert not root.exists()


def test_a_name_that_is_none_is_refused(sink: RcloneSink) -> None:
    for call in (sink.get, sink.size, sink.delete, lambda name: sink.put(name, b"")):
        with pytest.raises(SinkError, match="not the name of an object"):
            call(ObjectName("../../etc/passwd"))


def failed(config: RcloneConfig, **secrets: str) -> SinkError:
    sink = RcloneSink(config)
    sink.use(Credential(secrets))
    with pytest.raises(SinkError) as caught:
        store(sink)
    sink.close()
    assert caught.value.hint is not None
    return caught.value


def store(sink: RcloneSink) -> None:
    sink.prepare()
    sink.put(PACK, b"content")


def test_a_remote_that_there_is_not_is_reported(config: RcloneConfig) -> None:
    error = failed(RcloneConfig(remote="nothing:vault", config=config.config))

    assert isinstance(error, SinkPermissionError)
    assert "no remote `nothing`" in str(error)


def test_a_program_that_there_is_not_is_reported(config: RcloneConfig, tmp_path: Path, temporary: Path) -> None:
    error = failed(RcloneConfig(remote=config.remote, program=tmp_path / "nowhere"))

    assert isinstance(error, SinkUnavailableError)
    assert "there is no program" in str(error)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo 'Error: unknown flag: --partial-suffix' >&2; exit 1", "too old"),
        ("echo 'Fatal error: a reason' >&2; exit 1", "does not start: fatal error: a reason"),
        ("exit 0", "it says nothing"),
    ],
    ids=["old", "failing", "silent"],
)
def test_a_program_that_does_not_start_is_reported(
    config: RcloneConfig, tmp_path: Path, temporary: Path, script: str, expected: str
) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)

    error = failed(RcloneConfig(remote=config.remote, program=program))

    assert isinstance(error, SinkUnavailableError)
    assert expected in str(error)
    assert list(temporary.iterdir()) == []


def test_a_configuration_with_a_password_is_opened_with_it(config: RcloneConfig) -> None:
    command = ["rclone", "config", "encryption", "set", "--config", str(config.config)]
    program = str(Path(sys.executable).parent / "rclone")
    subprocess.run([program, *command[1:]], input=b"a pass word\n" * 2, check=True, capture_output=True)
    sink = RcloneSink(config)
    sink.use(Credential({"config-password": "a pass word"}))

    sink.prepare()

    sink.put(PACK, b"content")
    sink.close()
    for secrets in ({}, {"config-password": "another"}):
        error = failed(config, **secrets)
        assert isinstance(error, SinkPermissionError)
        assert "locked by a password" in str(error)


def on_seaweed(seaweed: Seaweed, tmp_path: Path, access: str, secret: str) -> RcloneConfig:
    file = tmp_path / "cloud.conf"
    file.write_text(
        f"[cloud]\ntype = s3\nprovider = Other\nendpoint = {seaweed.endpoint}\naccess_key_id = {access}\n"
        f"secret_access_key = {secret}\nregion = {seaweed.region}\nforce_path_style = true\n"
    )
    return RcloneConfig(remote=f"cloud:{seaweed.bucket}/{seaweed.prefix()}", config=file)


def test_a_store_that_does_not_let_one_write_or_in_is_reported(seaweed: Seaweed, tmp_path: Path) -> None:
    reading = on_seaweed(seaweed, tmp_path, READ_ONLY_ACCESS_KEY, READ_ONLY_SECRET_KEY)

    assert isinstance(failed(reading), SinkPermissionError)
    assert isinstance(failed(on_seaweed(seaweed, tmp_path, seaweed.access_key, "wrong")), SinkPermissionError)


def test_a_bucket_that_there_is_not_is_never_made_by_a_backup(seaweed: Seaweed, tmp_path: Path) -> None:
    there = on_seaweed(seaweed, tmp_path, seaweed.access_key, seaweed.secret_key)
    sink = RcloneSink(RcloneConfig(remote="cloud:nothere/vault", config=there.config))

    with pytest.raises(SinkGoneError, match="there is no folder"):
        sink.put(PACK, b"content")

    sink.close()
