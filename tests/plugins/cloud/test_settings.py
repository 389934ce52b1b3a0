"""What may stand in the tables of the sinks in clouds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tgvault.config.config import parse_config
from tgvault.errors import ConfigError
from tgvault.host.host import Host

LONG = "a" * 201


def checked(text: str) -> object:
    config = parse_config(f"[sink]\n{text}\n", file=Path("/etc/vault.toml"))
    return Host(allow=frozenset()).sink_spec(config.sink.type, config.sink.settings)


def s3(text: str) -> object:
    return checked(f'type = "s3"\n{text}')


def webdav(text: str) -> object:
    return checked(f'type = "webdav"\n{text}')


@pytest.mark.parametrize(
    "text",
    [
        'bucket = "ann-telegram"\nregion = "eu-central-1"',
        'bucket = "ann.telegram"\nendpoint = "https://s3.example.org"',
        'bucket = "b2"\nendpoint = "http://192.168.1.5:9000/"\nprefix = "backups/Sicherung Ö"',
        'bucket = "ann"\nendpoint = "http://[::1]:9000"\nregion = "auto"\nvirtual_host = true',
        'bucket = "ann"\nregion = "eu-central-1"\nchecksum = "crc32c"\nstorage_class = "GLACIER_IR"',
    ],
)
def test_a_bucket_and_where_it_is_will_do(text: str) -> None:
    assert s3(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "bucket"),
        ('bucket = "ann"', "`region` where there is no `endpoint`"),
        *(
            (f'bucket = "{name}"\nregion = "a"', "`bucket` to be of letters")
            for name in ("", "a/b", "a b", "../a", "a..b")
        ),
        *(
            (f'bucket = "ann"\nregion = "{name}"', "`region` to be of letters")
            for name in ("", "a/b", "evil.org/x?", "-a")
        ),
        *(
            (f'bucket = "ann"\nregion = "a"\nprefix = {prefix!r}', "`prefix` to be a folder")
            for prefix in ("/", "a/", "/a", "a//b", ".", "a/../b", " a")
        ),
        *(
            (f'bucket = "ann"\nregion = "a"\nprefix = {f"a{sign}b"!r}', f"`prefix` without `{re.escape(sign)}`, which")
            for sign in ("\\", "?", ":")
        ),
        (f'bucket = "ann"\nregion = "a"\nprefix = "{LONG}"', f"200 characters at most, not {len(LONG)}"),
        *(
            (f'bucket = "ann"\nendpoint = "{address}"', "`endpoint` to be an address")
            for address in (
                "",
                "s3.example.org",
                "ftp://example.org",
                "https://",
                "https://a b",
                "https://a:999999",
                "//a",
            )
        ),
        *(
            (f'bucket = "ann"\nendpoint = "https://{rest}"', "and nothing behind it|without user and password")
            for rest in (
                "key:secret@example.org",
                "example.org/path",
                "example.org?a=b",
                "example.org/#",
                "example.org?",
            )
        ),
        ('bucket = "ann"\nregion = "a"\nstorage_class = "DEEP_ARCHIVE"', "storage_class"),
        ('bucket = "ann"\nregion = "a"\nsecret_access_key = "x"', "secret_access_key"),
    ],
)
def test_what_cannot_be_a_bucket_is_told(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        s3(text)


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        s3('bucket = "ann"\nendpoint = "https://key:hunter2@example.org"')

    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    "text",
    [
        'url = "https://cloud.example.org/remote.php/dav/files/ann"',
        'url = "https://dav.example.org/"\npath = "backups/telegram"',
        *(f'url = "http://{host}/dav"' for host in ("nas", "nas.local", "192.168.1.5:5005", "127.0.0.1", "[fd00::1]")),
    ],
)
def test_an_address_of_webdav_will_do(text: str) -> None:
    assert webdav(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "url"),
        ('url = "cloud.example.org"', "`url` to be an address"),
        ('url = "http://cloud.example.org/dav"', "to begin with `https://`"),
        ('url = "http://8.8.8.8/dav"', "to begin with `https://`"),
        ('url = "https://ann:secret@cloud.example.org"', "without user and password"),
        ('url = "https://cloud.example.org/dav?token=1"', "end with the path"),
        *((f'url = "https://a.org"\npath = {path!r}', "`path` to be a folder") for path in ("", "/", "..", "a/./b")),
    ],
)
def test_what_cannot_be_a_folder_of_webdav_is_told(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        webdav(text)


@pytest.mark.parametrize(
    "text",
    [
        'type = "gcs"\nbucket = "ann_telegram.example.org"\nprefix = "a/b"\nstorage_class = "NEARLINE"',
        'type = "azblob"\naccount = "annbackups"\ncontainer = "telegram"',
        'type = "azblob"\naccount = "devstoreaccount1"\ncontainer = "a"\nendpoint = "http://127.0.0.1:10000/devstoreaccount1"',
        'type = "b2"\nbucket = "ann"\nbucket_id = "e73ede9969c64855a1d90b17"',
        *(f'type = "{drive}"' for drive in ("gdrive", "dropbox", "onedrive")),
        'type = "gdrive"\npath = "Sicherungen/Telegram ö"',
    ],
)
def test_other_stores_will_do(text: str) -> None:
    assert checked(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('type = "gcs"', "bucket"),
        ('type = "gcs"\nbucket = "a"\nendpoint = "http://example.org"', "to begin with `https://`"),
        ('type = "gcs"\nbucket = "a"\nstorage_class = "GLACIER"', "storage_class"),
        ('type = "azblob"\naccount = "a/b"\ncontainer = "c"', "`account` to be of letters"),
        (
            'type = "azblob"\naccount = "a"\ncontainer = "c"\nendpoint = "https://a.org/?sig=hunter2"',
            "end with the path",
        ),
        ('type = "b2"\nbucket = "a"', "bucket_id"),
        ('type = "b2"\nbucket = "a"\nbucket_id = "a/b"', "`bucket_id` to be of letters"),
        *(
            (f'type = "gdrive"\npath = {path!r}', "`path` to be a folder|`path` without")
            for path in ("", "/", "..", "a'b~\\")
        ),
        ('type = "onedrive"\nrefresh_token = "x"', "refresh_token"),
    ],
)
def test_what_cannot_be_of_other_stores_is_told(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        checked(text)
