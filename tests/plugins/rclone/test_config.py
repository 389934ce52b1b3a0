"""The settings of the sink `rclone`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tgvault_plugins.rclone import RcloneConfig


@pytest.mark.parametrize(
    ("remote", "root", "name"),
    [
        ("drive:", "drive:", "drive"),
        ("drive:tgvault", "drive:tgvault", "drive"),
        ("my drive:backups/telegram/", "my drive:backups/telegram", "my drive"),
        ("nas:/srv/backup", "nas:/srv/backup", "nas"),
        ("nas:/", "nas:/", "nas"),
        ("drive,shared_with_me=true:tgvault", "drive,shared_with_me=true:tgvault", "drive"),
        (":local:/srv/backup", ":local:/srv/backup", ":local:/srv/backup"),
        ("box,service_account_file=/etc/box.json:x", "box,service_account_file=/etc/box.json:x", "box"),
    ],
)
def test_remotes_are_written_as_rclone_has_them(remote: str, root: str, name: str) -> None:
    config = RcloneConfig(remote=remote)

    assert (config.root, config.name) == (root, name)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"remote": ""},
        {"remote": "tgvault"},
        {"remote": "/srv/backup"},
        {"remote": "-drive:x"},
        {"remote": "drive:../up"},
        {"remote": "drive:a[b]"},
        {"remote": "drive:a\0b"},
        {"remote": "drive:x", "password": "secret"},
        {"remote": ":sftp,host=nas,pass=secret:x"},
        {"remote": ":s3,access_key_id=A,secret_access_key=secret:bucket"},
        {"remote": "drive,token='{}':x"},
    ],
)
def test_what_makes_no_sense_or_holds_secrets_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(settings, RcloneConfig, dec_hook=lambda kind, value: Path(value))

    assert "=secret" not in str(caught.value)
