"""The settings are checked before anything runs, and mistakes are told in words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tgvault.config.check import check
from tgvault.config.config import parse_config
from tgvault.errors import ConfigError
from tgvault_plugins.takeout.choices import By, Category, ChatType, Selector
from tgvault_plugins.takeout.config import LARGEST_FILE, Server, TakeoutConfig
from tgvault_plugins.takeout.files import FileKind

ALL_KEYS = """
api_id = 12345
takeout = false
categories = ["contacts", "chats"]
chats = ["saved", "@someone", "folder:Work"]
chat_types = ["personal_chat"]
exclude = ["type:public_channel"]
left = false
own_only = true
since = "2024-01-01"
until = "2024-12-31"
media = ["photos", "voice messages"]
max_size = "50 MB"
max_sizes = { videos = "1.5 GB", "voice messages" = "10MiB" }
raw = false
comments = true
timezone = "Europe/Vienna"
server = "149.154.167.40:443"
server_dc = 3
server_keys = "keys.pem"
"""


def configured(text: str) -> TakeoutConfig:
    """Read the table as the engine does."""
    config = parse_config(
        f'[sink]\ntype = "local"\n[sources.phone]\ntype = "takeout"\n{text}', file=Path("/etc/vault.toml")
    )
    return check(config.source("phone").settings, TakeoutConfig)


def unix(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_everything_is_read_where_nothing_is_said() -> None:
    config = configured("")

    assert config.takeout
    assert config.left
    assert config.raw
    assert all(config.reads(category) for category in Category)
    assert all(config.fetches(kind) and config.largest(kind) == LARGEST_FILE for kind in FileKind)
    assert (config.wanted, config.unwanted, config.period()) == (None, (), (None, None))
    assert config.own_server is config.zone is config.api_id is None


def test_every_key_says_what_it_says() -> None:
    config = configured(ALL_KEYS)

    assert config.wanted == (
        Selector(By.TYPE, ChatType.SAVED),
        Selector(By.USERNAME, "someone"),
        Selector(By.FOLDER, "work"),
    )
    assert config.unwanted == (Selector(By.TYPE, ChatType.PUBLIC_CHANNEL),)
    assert [each for each in Category if config.reads(each)] == [Category.CONTACTS, Category.CHATS]
    assert [each for each in FileKind if config.fetches(each)] == [FileKind.PHOTOS, FileKind.VOICE]
    assert config.own_server == Server(3, "149.154.167.40", 443)
    assert config.server_keys == Path("/etc/keys.pem")
    assert set(TakeoutConfig.__struct_fields__) == {line.split(" ")[0] for line in ALL_KEYS.split("\n") if line}


def test_it_is_the_same_in_a_worker_process() -> None:
    config = configured(ALL_KEYS)
    packed = msgspec.msgpack.encode(config, enc_hook=str)

    assert msgspec.msgpack.decode(packed, type=TakeoutConfig, dec_hook=lambda kind, value: kind(value)) == config


def test_the_limit_of_a_sort_goes_before_the_one_of_all() -> None:
    config = configured('max_size = "50 MB"\nmax_sizes = { videos = "9 GB", stickers = "0 b" }')

    assert config.largest(FileKind.PHOTOS) == 50_000_000
    assert config.largest(FileKind.VIDEOS) == LARGEST_FILE
    assert config.largest(FileKind.STICKERS) == 0


@pytest.mark.parametrize(("text", "size"), [("1 kB", 1000), ("1.5 MiB", 3 << 19), ("2GB", 2 * 10**9), ("7 B", 7)])
def test_sizes_are_written_as_people_write_them(text: str, size: int) -> None:
    assert configured(f'max_size = "{text}"').largest(FileKind.FILES) == size


def test_a_day_lasts_until_its_end_in_the_time_zone_that_is_named() -> None:
    config = configured('since = "2024-01-01"\nuntil = "2024-07-01"\ntimezone = "Europe/Vienna"')

    assert config.period() == (unix(2023, 12, 31, 23), unix(2024, 7, 1, 22))


@pytest.mark.usefixtures("berlin")
def test_a_day_is_one_of_this_machine_where_no_time_zone_is_named() -> None:
    config = configured('since = "2024-01-01"')

    assert config.period() == (unix(2023, 12, 31, 23), None)


def test_a_time_is_exact() -> None:
    config = configured('since = "2024-01-01T00:00:00Z"\nuntil = "2024-01-01 12:30+02:00"')

    assert config.period() == (unix(2024, 1, 1), unix(2024, 1, 1, 10, 30))


@pytest.mark.parametrize("text", ["[::1]:443", "localhost:1", "10.0.0.1:65535"])
def test_a_server_is_host_and_port(text: str) -> None:
    server = configured(f'server = "{text}"\nserver_keys = "k"').own_server

    assert server is not None
    assert (server.dc, f"{server.port}") == (2, text.rpartition(":")[2])
    assert server.host == text.rpartition(":")[0].strip("[]")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("api_id = 0", "expected a whole number >= 1"),
        ('api_id = "x"', "expected a whole number"),
        ('api_hash = "0123"', "unknown key `sources.phone.api_hash`"),
        ('categories = ["contact"]', "`contact` is not known here"),
        ('media = ["photo"]', "`photo` is not known here"),
        ('chat_types = ["group"]', "`group` is not known here"),
        (
            'chats = ["type:group"]',
            "`sources.phone.chats` in `/etc/vault.toml`, line 5: there is no type of chat `group`",
        ),
        ('exclude = [""]', "`sources.phone.exclude` in `/etc/vault.toml`, line 5: `` names no chat; give a title"),
        (
            'since = "yesterday"',
            "`sources.phone.since` in `/etc/vault.toml`, line 5: `yesterday` is no date; write `2024-03-31`",
        ),
        ('until = "9999-12-31"', "`sources.phone.until` in `/etc/vault.toml`, line 5: `9999-12-31` is no date"),
        (
            'since = "2024-02-01"\nuntil = "2024-01-31"',
            "`sources.phone.until` in `/etc/vault.toml`, line 6: `2024-01-31` lies before `2024-02-01`",
        ),
        ('max_size = "big"', "`sources.phone.max_size` in `/etc/vault.toml`, line 5: `big` is no size; write `50 MB`"),
        (
            'max_sizes = { videos = "1e3 MB" }',
            "`sources.phone.max_sizes` in `/etc/vault.toml`, line 5: `1e3 MB` is no size",
        ),
        (
            'max_sizes = { vidoes = "1 MB" }',
            "`sources.phone.max_sizes` in `/etc/vault.toml`, line 5: there is no sort of files `vidoes`",
        ),
        (
            'timezone = "Vienna"',
            "`sources.phone.timezone` in `/etc/vault.toml`, line 5: there is no time zone `Vienna`",
        ),
        ('timezone = "../etc"', "`sources.phone.timezone` in `/etc/vault.toml`, line 5: there is no time zone"),
        (
            'server = "somewhere"\nserver_keys = "k"',
            "`sources.phone.server` in `/etc/vault.toml`, line 5: `somewhere` is no server; write host and port",
        ),
        (
            'server = "h:0"\nserver_keys = "k"',
            "`sources.phone.server` in `/etc/vault.toml`, line 5: `h:0` is no server",
        ),
        (
            'server = "h:99999"\nserver_keys = "k"',
            "`sources.phone.server` in `/etc/vault.toml`, line 5: `h:99999` is no server",
        ),
        (
            'server_keys = "k"',
            "`sources.phone.server_keys` in `/etc/vault.toml`, line 5: they are those of `server`, which is not given",
        ),
    ],
)
def test_a_mistake_is_told_with_its_key_and_what_to_write(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(text)

    assert told in str(caught.value)
    assert "sources.phone" in str(caught.value)
