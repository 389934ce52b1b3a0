"""The settings of the sink `sftp`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tgvault_plugins.sftp import SftpConfig

FINGERPRINT = "SHA256:6zQDAw6rUWzJpC8RkTH7m0pQwLJ5cV9v1NYXyRfYxOk"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJm5mwyyQQ0Gb0lV4Q3eN5qC1zJrPpGJnM1OaNzVZ0wH me@here"


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("tgvault", "tgvault"),
        ("backups/telegram/", "backups/telegram"),
        ("/srv/backup", "/srv/backup"),
        ("~/backup", "backup"),
        ("~", "."),
        ("/", "/"),
        ("a folder", "a folder"),
    ],
)
def test_the_folder_is_as_a_server_knows_it(path: str, root: str) -> None:
    assert SftpConfig(host="nas", path=path).root == root


@pytest.mark.parametrize("host_key", [FINGERPRINT, FINGERPRINT + "=", KEY, KEY.removesuffix(" me@here")])
def test_a_server_may_be_known_by_key_or_fingerprint(host_key: str) -> None:
    assert SftpConfig(host="nas", host_key=host_key).host_key == host_key


@pytest.mark.parametrize(
    "settings",
    [
        {"host": ""},
        {"host": "me@nas"},
        {"host": "-oProxyCommand=touch"},
        {"host": "nas/backup"},
        {"host": "two words"},
        {"host": "nas", "path": ""},
        {"host": "nas", "path": " "},
        {"host": "nas", "path": "../up"},
        {"host": "nas", "path": "a\0b"},
        {"host": "nas", "port": 0},
        {"host": "nas", "port": 65536},
        {"host": "nas", "host_key": "d4:1d:8c:d9"},
        {"host": "nas", "host_key": FINGERPRINT, "known_hosts": "known_hosts"},
        {"host": "nas", "password": "secret"},
        {},
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(settings, SftpConfig, dec_hook=lambda kind, value: Path(value))
