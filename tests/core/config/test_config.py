"""A whole vault.toml, right and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tgvault.config.config import load_config, parse_config
from tgvault.errors import ConfigError
from tgvault.model.policy import Policy

SMALL = '[sink]\ntype = "local"\npath = "vault"\n'


def parse(text: str) -> object:
    return parse_config(text, file=Path("vault.toml"))


def mistake(text: str) -> tuple[str, str | None]:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return str(caught.value), caught.value.hint


def test_what_the_file_does_not_say_has_its_default(tmp_path: Path) -> None:
    config = parse_config(SMALL, file=tmp_path / "vault.toml")

    assert config.vault.archive == "main"
    assert config.vault.policy is Policy.KEEP
    assert config.sink.type == "local"
    assert config.sink.settings.values == {"path": "vault"}
    assert config.sink.settings.folder == tmp_path
    assert config.workers.jobs is None
    assert config.plugins.allow is None
    assert not config.sources


def test_sources_name_their_archive_and_their_transforms_in_order() -> None:
    text = (
        SMALL
        + '[vault]\narchive = "me"\n'
        + '[sources.phone]\ntype = "desktop-export"\npath = "p"\ntransforms = ["b", "a"]\n'
        + '[sources.work]\ntype = "desktop-export"\narchive = "work"\n'
        + '[transforms.a]\ntype = "x"\n[transforms.b]\ntype = "y"\nkey = 1\n'
    )

    config = parse_config(text, file=Path("vault.toml"))

    phone = config.source("phone")
    assert phone.archive == "me"
    assert [each.type for each in phone.transforms] == ["y", "x"]
    assert phone.transforms[0].settings.values == {"key": 1}
    assert phone.settings.values == {"path": "p"}
    assert config.source("work").archive == "work"


def test_a_source_that_is_not_there_is_told_with_the_nearest() -> None:
    config = parse_config(SMALL + '[sources.phone]\ntype = "x"\n', file=Path("vault.toml"))

    with pytest.raises(ConfigError, match="no source `fone`") as caught:
        config.source("fone")

    assert caught.value.hint == "did you mean `phone`?"


def test_a_copy_is_a_sink_with_a_name() -> None:
    config = parse_config(SMALL + '[copies.disk]\ntype = "local"\npath = "p"\n', file=Path("vault.toml"))

    disk = config.copy("disk")

    assert (disk.name, disk.type, disk.settings.values) == ("disk", "local", {"path": "p"})
    assert config.sink.name == "primary"


def test_a_sink_says_where_its_credential_is_and_where_it_stands() -> None:
    keys = 'type = "local"\npath = "p"\noffsite = true\nmedium = "tape"\n'
    copies = f'[copies.a]\n{keys}credential = "ours"\n[copies.b]\n{keys}credential_command = "pass show hush"\n'
    config = parse_config(SMALL + copies, file=Path("vault.toml"))

    one, other = config.copy("a"), config.copy("b")

    assert (one.credential, one.offsite, one.medium, one.settings.values) == ("ours", True, "tape", {"path": "p"})
    assert other.credential_command == "pass show hush"
    assert "hush" not in repr(config)
    assert (config.sink.credential, config.sink.credential_command, config.sink.offsite) == (None, None, None)


def test_what_a_sink_cannot_say_of_itself_is_named() -> None:
    both = 'credential = "a"\ncredential_command = "b"\n'

    assert "`sink.credential_command` in `vault.toml`, line 5: `credential` is given too" in mistake(SMALL + both)[0]
    assert "1 to 128 characters on one line" in mistake(SMALL + 'credential = ""')[0]
    assert "1 to 32 characters on one line" in mistake(SMALL + 'medium = "a\\nb"')[0]
    assert "expected true or false" in mistake(SMALL + 'offsite = "yes"')[0]


def test_no_copy_is_called_as_the_vaults_own_sink_is() -> None:
    message, hint = mistake(SMALL + '[copies.primary]\ntype = "local"\n')

    assert message.startswith("`copies.primary` in `vault.toml`, line 4: that is what the vault's own sink is called")
    assert hint == "give the copy another name"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[copies.disk]\ntype = "local"\n', "did you mean `disk`?"),
        ("", "`tgvault sink add dsk TYPE` adds one"),
    ],
)
def test_a_copy_that_is_not_there_is_told_with_the_way_out(text: str, hint: str) -> None:
    with pytest.raises(ConfigError, match="no copy `dsk`") as caught:
        parse_config(SMALL + text, file=Path("vault.toml")).copy("dsk")

    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            SMALL + "[sourcs.phone]\n",
            "unknown key `sourcs` in `vault.toml`, line 4",
            "did you mean `sources`?",
        ),
        ("", "`[sink]` is missing in `vault.toml`", "it says where the vault is kept"),
        ('sink = "local"', "`sink` in `vault.toml`, line 1: expected a table", "write `[sink]`"),
        (
            '[sink]\npath = "x"\n',
            "`type` is missing in `[sink]` of `vault.toml`, line 1",
            "Which sink: `local` is a folder. `tgvault plugin list` shows what there is.",
        ),
        (
            SMALL + "[vault]\npolice = 1\n",
            "unknown key `vault.police` in `vault.toml`, line 5",
            "did you mean `policy`?",
        ),
        (
            SMALL + '[vault]\npolicy = "mirrored"\n',
            "`vault.policy` in `vault.toml`, line 5: `mirrored` is not known here",
            "did you mean `mirror`?",
        ),
        (
            SMALL + '[vault]\nid = "0g"\n',
            "`vault.id` in `vault.toml`, line 5: expected 32 digits and letters a to f",
            "The vault's id, 32 hexadecimal digits; `tgvault init` writes it. Another vault is refused.",
        ),
        (
            SMALL + '[vault]\narchive = "a/b"\n',
            "`vault.archive` in `vault.toml`, line 5: expected 1 to 64 characters, `/` and `\\` not among them",
            "The archive to back up into and to restore from where none is named. One archive, one account.",
        ),
        (
            SMALL + "[vault]\n\n[sink]\n",
            "there is a table `[sink]` before the one in `vault.toml`, line 6",
            "make one table of the two",
        ),
        (
            SMALL + '[sources.a]\ntype = "x"\n["sources"."a"]  # again\n',
            'there is a table `["sources"."a"]` before the one in `vault.toml`, line 6',
            "make one table of the two",
        ),
        (
            SMALL + '[vault]\narchive = "a"\narchive = "b"\n',
            "`archive` in `vault.toml`, line 6 has a value already",
            "keep one of the two",
        ),
        (
            SMALL + "[sources]\nphone = 1\n",
            "`sources.phone` in `vault.toml`, line 5: expected a table",
            "write `[sources.phone]`",
        ),
        (
            SMALL + '[sources.phone]\ntype = "x"\ntransforms = ["a"]\n[transforms.b]\ntype = "x"\n',
            "`sources.phone.transforms[0]` in `vault.toml`, line 6: there is no table `[transforms.a]`",
            "there is only `b`",
        ),
        (
            SMALL + '[key]\nfile = "k"\nkeyring = true\n',
            "`key.keyring` in `vault.toml`, line 6: `file` is given too",
            "keep the one that holds the key",
        ),
        (
            SMALL + "[sink]\n",
            "there is a table `[sink]` before the one in `vault.toml`, line 4",
            "make one table of the two",
        ),
        (
            SMALL + '[vault]\narchive = """\n"""\narchive = """\n"""\n',
            "`vault.toml`, line 8, is not TOML: cannot overwrite a value at column 4",
            "see vault.example.toml for how the file is written",
        ),
        (
            SMALL + "[vault\n",
            "`vault.toml`, line 4, is not TOML: expected ']' at the end of a table declaration at column 7",
            "see vault.example.toml for how the file is written",
        ),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(text: str, message: str, hint: str | None) -> None:
    assert mistake(text) == (message, hint)


def test_a_keyring_that_is_switched_off_goes_with_a_key_file() -> None:
    config = parse_config(SMALL + '[key]\nfile = "k"\nkeyring = false\n', file=Path("/conf/vault.toml"))

    assert config.key.file == Path("/conf/k")
    assert not config.key.keyring


def test_a_mark_of_windows_editors_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "vault.toml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())

    assert load_config(file).sink.type == "local"


def test_a_file_that_is_not_there_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file") as caught:
        load_config(tmp_path / "vault.toml")

    assert caught.value.hint == "name another file with `--vault PATH`"


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "vault.toml"
    file.write_bytes(SMALL.encode() + b"# \xff\n")

    with pytest.raises(ConfigError, match="line 4, is not UTF-8"):
        load_config(file)
