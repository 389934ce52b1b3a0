"""Whom the sink `sftp` trusts, and how it logs in."""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import msgspec
import pytest

from servers.openssh import OpenSSH, make_key
from servers.sftp import SftpServer, sftp_server
from tgvault.api import Credential, SinkError, SinkPermissionError, SinkUnavailableError
from tgvault_plugins.sftp import SftpConfig, SftpSink


@pytest.fixture
def config(server: OpenSSH) -> SftpConfig:
    return SftpConfig(
        host=server.host,
        port=server.port,
        user=server.user,
        identity=server.identity,
        known_hosts=server.known_hosts,
    )


@pytest.fixture
def password_server(tmp_path: Path) -> Iterator[SftpServer]:
    with sftp_server(tmp_path / "server") as server:
        yield server


def changed(config: SftpConfig, /, **settings: object) -> SftpConfig:
    return msgspec.structs.replace(config, **settings)


def fingerprint(key: str) -> str:
    return asyncssh.import_public_key(key).get_fingerprint()


def log_in(config: SftpConfig, **secrets: str) -> None:
    sink = SftpSink(config, pauses=())
    sink.use(Credential(secrets))
    try:
        sink.prepare()
    finally:
        sink.close()


def refused(config: SftpConfig, **secrets: str) -> SinkError:
    with pytest.raises(SinkPermissionError) as caught:
        log_in(config, **secrets)
    assert caught.value.hint is not None
    return caught.value


def test_a_server_that_nobody_knows_is_refused_with_its_fingerprint(
    config: SftpConfig, server: OpenSSH, tmp_path: Path
) -> None:
    error = refused(changed(config, known_hosts=tmp_path / "none"))

    seen = fingerprint(server.host_key())
    assert f"ssh-ed25519 {seen}" in str(error)
    assert f'host_key = "{seen}"' in str(error.hint)
    assert "ssh_host_ed25519_key.pub" in str(error.hint)


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_the_fingerprint_of_any_of_its_keys_will_do(config: SftpConfig, server: OpenSSH, kind: str) -> None:
    log_in(changed(config, known_hosts=None, host_key=fingerprint(server.host_key(kind))))


def test_a_server_without_the_usual_kind_of_key_is_refused_with_the_one_that_it_has(tmp_path: Path) -> None:
    with sftp_server(tmp_path / "server", kind="ecdsa-sha2-nistp256") as server:
        error = refused(changed(for_password(server), known_hosts=tmp_path / "none"))

        assert fingerprint(server.key.export_public_key().decode()) in str(error)
        assert "ssh_host_ecdsa_key.pub" in str(error.hint)


def test_without_known_hosts_that_of_ssh_is_taken(config: SftpConfig, server: OpenSSH, home: Path) -> None:
    assert "is not known" in str(refused(changed(config, known_hosts=None)))
    (home / ".ssh").mkdir()
    (home / ".ssh" / "known_hosts").write_bytes(server.known_hosts.read_bytes())

    log_in(changed(config, known_hosts=None))


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_server_of_which_one_key_is_known_shows_that_one(
    config: SftpConfig, server: OpenSSH, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "known").write_text(f"[{server.host}]:{server.port} {server.host_key(kind)}\n")

    log_in(changed(config, known_hosts=tmp_path / "known"))
    log_in(changed(config, known_hosts=None, host_key=server.host_key(kind)))


def test_a_name_that_is_hashed_is_found(config: SftpConfig, server: OpenSSH, tmp_path: Path) -> None:
    hashed = tmp_path / "known"
    hashed.write_bytes(server.known_hosts.read_bytes())
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(hashed)], check=True, capture_output=True)
    assert server.host not in hashed.read_text()

    log_in(changed(config, known_hosts=hashed))


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"], ids=["same kind", "a kind that it has not"])
def test_a_server_that_has_changed_is_refused_loudly(
    config: SftpConfig, server: OpenSSH, tmp_path: Path, kind: str
) -> None:
    make_key(tmp_path / "other", "-t", kind)
    known = tmp_path / "known"
    known.write_text(f"[{server.host}]:{server.port} {(tmp_path / 'other.pub').read_text()}")

    error = refused(changed(config, known_hosts=known))

    assert "HAS CHANGED" in str(error)
    assert f"ssh-keygen -R '[{server.host}]:{server.port}'" in str(error.hint)


def test_a_server_whose_key_was_revoked_is_refused(config: SftpConfig, server: OpenSSH, tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.write_text(f"@revoked * {server.host_key()}\n{server.known_hosts.read_text()}")

    assert "revoked" in str(refused(changed(config, known_hosts=known)))


@pytest.mark.parametrize("pin", ["fingerprint", "key"])
def test_a_server_that_shows_another_key_than_the_pinned_one_is_refused(
    config: SftpConfig, tmp_path: Path, pin: str
) -> None:
    make_key(tmp_path / "other", "-t", "ed25519")
    text = (tmp_path / "other.pub").read_text().strip()
    host_key = fingerprint(text) if pin == "fingerprint" else text

    error = refused(changed(config, known_hosts=None, host_key=host_key))

    assert "not the `host_key`" in str(error)


def test_known_hosts_that_cannot_be_read_are_reported(config: SftpConfig, tmp_path: Path) -> None:
    (tmp_path / "known").write_bytes(b"\xff\xfe nothing")

    assert "cannot be read" in str(refused(changed(config, known_hosts=tmp_path / "known")))
    assert "cannot be read" in str(refused(changed(config, known_hosts=tmp_path)))
    assert "not a public key" in str(refused(changed(config, known_hosts=None, host_key=f"ssh-ed25519 {'A' * 68}")))


def test_the_check_of_servers_cannot_be_turned_off_by_ssh(config: SftpConfig, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile none\n")

    refused(changed(config, known_hosts=tmp_path / "none", config=tmp_path / "config"))


def test_a_configuration_of_ssh_says_where_and_who(server: OpenSSH, tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.write_text(f"[{server.host}]:{server.port} {server.host_key()}\n")
    (tmp_path / "config").write_text(
        f"Host nas\n  HostName {server.host}\n  Port {server.port}\n  User {server.user}\n"
        f"  IdentityFile {server.identity}\n  RemoteCommand false\n"
    )

    log_in(SftpConfig(host="nas", known_hosts=known, config=tmp_path / "config"))


def test_a_configuration_of_ssh_that_cannot_be_used_is_reported(config: SftpConfig, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("Host *\n  Port nowhere\n")

    assert "has a mistake" in str(refused(changed(config, config=tmp_path / "config")))
    assert "cannot be read" in str(refused(changed(config, config=tmp_path / "nowhere")))


def test_keys_of_ssh_that_cannot_be_used_are_reported(config: SftpConfig, home: Path) -> None:
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id_rsa").write_bytes(b"no key at all")

    error = refused(changed(config, identity=None))

    assert "the keys in `~/.ssh` cannot be used" in str(error)


def test_a_passphrase_that_opens_no_key_of_ssh_is_reported(config: SftpConfig, home: Path) -> None:
    (home / ".ssh").mkdir()
    make_key(home / ".ssh" / "id_ed25519", "-t", "ed25519", passphrase="of the key")

    error = refused(changed(config, identity=None), passphrase="not of the key")

    assert "the keys in `~/.ssh` cannot be used" in str(error)
    assert "not of the key" not in str(error)


def test_the_keys_that_ssh_would_try_are_tried(config: SftpConfig, server: OpenSSH, home: Path) -> None:
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id_ed25519").write_bytes(server.identity.read_bytes())

    log_in(changed(config, identity=None))


def test_a_key_that_the_server_does_not_take_is_reported(config: SftpConfig, server: OpenSSH, tmp_path: Path) -> None:
    make_key(tmp_path / "other", "-t", "ed25519")

    error = refused(changed(config, identity=tmp_path / "other"))

    assert f"the login of `{server.user}`" in str(error)
    assert str(tmp_path / "other") in str(error.hint)


def test_a_key_that_is_locked_is_opened_with_its_passphrase(
    config: SftpConfig, server: OpenSSH, tmp_path: Path
) -> None:
    make_key(tmp_path / "locked", "-t", "ed25519", passphrase="of the key")
    server.allow(tmp_path / "locked.pub")
    locked = changed(config, identity=tmp_path / "locked")

    log_in(locked, passphrase="of the key")

    assert "is locked" in str(refused(locked))
    assert "does not open" in str(refused(locked, passphrase="not of the key"))


def test_a_key_that_is_locked_is_taken_from_the_agent(
    config: SftpConfig, server: OpenSSH, tmp_path: Path, agent: Callable[[Path], None]
) -> None:
    for number in range(8):  # more than a server lets one try
        make_key(tmp_path / f"other{number}", "-t", "ed25519")
        agent(tmp_path / f"other{number}")
    make_key(tmp_path / "key", "-t", "ed25519")
    agent(tmp_path / "key")
    server.allow(tmp_path / "key.pub")
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-P", "", "-N", "of the key", "-f", str(tmp_path / "key")],
        check=True,
        capture_output=True,
    )

    log_in(changed(config, identity=tmp_path / "key"))


def test_without_an_identity_the_agent_is_asked(
    config: SftpConfig, server: OpenSSH, agent: Callable[[Path], None]
) -> None:
    agent(server.identity)

    log_in(changed(config, identity=None))


@pytest.fixture
def agent(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Path], None]]:
    """An SSH agent of the test's own; gives what adds a key."""
    socket = tmp_path_factory.mktemp("agent") / "socket"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    yield lambda key: subprocess.run(["ssh-add", "-q", str(key)], check=True).check_returncode()
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("text", [b"no key at all", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
def test_a_file_that_is_no_key_is_reported(config: SftpConfig, tmp_path: Path, text: bytes) -> None:
    (tmp_path / "file").write_bytes(text)

    assert "no private key" in str(refused(changed(config, identity=tmp_path / "file")))
    assert "cannot be read" in str(refused(changed(config, identity=tmp_path / "nowhere")))


def test_a_password_logs_in(password_server: SftpServer) -> None:
    config = for_password(password_server)

    log_in(config, password="the pass word")

    assert "the login of `backup`" in str(refused(config, password="another"))
    assert "the login of `backup`" in str(refused(config))


def test_a_server_that_got_another_key_is_not_given_the_password(password_server: SftpServer, tmp_path: Path) -> None:
    make_key(tmp_path / "other", "-t", "ed25519")
    password_server.known_hosts.write_text(
        f"[{password_server.host}]:{password_server.port} {(tmp_path / 'other.pub').read_text()}"
    )

    refused(for_password(password_server), password="the pass word")

    assert password_server.passwords == []


def test_no_secret_is_written_anywhere(password_server: SftpServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sink = SftpSink(for_password(password_server), pauses=())
    sink.use(Credential({"password": "the pass word", "passphrase": "the pass phrase"}))

    sink.prepare()

    error = refused(for_password(password_server), password="the wrong word")
    texts = [repr(sink), repr(vars(sink)), caplog.text, str(error), str(error.hint)]
    assert not [text for text in texts if re.search("the (pass|wrong) (word|phrase)", text)]
    assert "asyncssh" not in caplog.text
    sink.close()


def test_what_is_no_ssh_server_is_reported(tmp_path: Path) -> None:
    from http.server import HTTPServer, SimpleHTTPRequestHandler
    from threading import Thread

    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as web:
        Thread(target=web.serve_forever, args=(0.01,), daemon=True).start()
        config = SftpConfig(host="127.0.0.1", port=web.server_port, user="me", known_hosts=tmp_path / "none")

        with pytest.raises(SinkUnavailableError, match="cannot be reached") as caught:
            log_in(config)
        web.shutdown()

    assert caught.value.hint is not None


def for_password(server: SftpServer) -> SftpConfig:
    return SftpConfig(host=server.host, port=server.port, user=server.user, known_hosts=server.known_hosts)
