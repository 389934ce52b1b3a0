"""The vault.toml that `init` writes."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.config.config import load_config, parse_config
from tgvault.config.sections import KeySection
from tgvault.config.write import config_text, write_config
from tgvault.errors import ConfigError

ID = "0123456789abcdef" * 2


def text_for(file: Path, **changed: object) -> str:
    given = {"sink": "local", "sink_settings": {"path": file.parent / "vault"}, "vault_id": ID, "fingerprint": "AB-CD"}
    return config_text(file, **({"key": KeySection(), **given} | changed))  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "conf" / "vault.toml"
    text = text_for(
        file,
        key=KeySection(file=Path("/keys/k")),
        state=file.parent / "state",
        sources={
            "phone": {"type": "desktop-export", "path": Path("/exports"), "own": [True, 2, {"a b": file.parent / "x"}]}
        },
    )

    write_config(file, text)

    config = load_config(file)
    assert config.vault.id == ID
    assert config.vault.fingerprint == "AB-CD"
    assert config.sink.settings.values == {"path": "vault"}
    assert config.key.file == Path("/keys/k")
    assert config.state.path == file.parent / "state"
    assert config.source("phone").settings.values == {"path": "/exports", "own": [True, 2, {"a b": "x"}]}


def test_without_a_key_of_its_own_the_keyring_is_named(tmp_path: Path) -> None:
    assert "keyring = true" in text_for(tmp_path / "vault.toml")


def test_a_folder_that_begins_with_a_tilde_is_written_in_full(tmp_path: Path) -> None:
    file = tmp_path / "vault.toml"

    text = text_for(file, sink_settings={"path": tmp_path / "~vault"})

    assert parse_config(text, file=file).sink.settings.values == {"path": str(tmp_path / "~vault")}


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_survives(value: str, name: str) -> None:
    file = Path("vault.toml")

    text = text_for(file, sources={name: {"type": "x", "value": value}})

    assert parse_config(text, file=file).source(name).settings.values == {"value": value}


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "vault.toml"

    write_config(file, text_for(file))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert names(tmp_path) == ["vault.toml"]


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "vault.toml"
    file.write_text("mine")

    with pytest.raises(ConfigError, match="is there already"):
        write_config(file, text_for(file))

    assert file.read_text() == "mine"
    assert names(tmp_path) == ["vault.toml"]


def refuse_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a file system like exFAT."""

    def link(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)


def test_a_disk_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_links(monkeypatch)
    file = tmp_path / "vault.toml"

    write_config(file, text_for(file))

    assert load_config(file).vault.id == ID
    assert names(tmp_path) == ["vault.toml"]


def test_without_hard_links_nothing_is_overwritten_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_links(monkeypatch)
    file = tmp_path / "vault.toml"
    file.write_text("mine")

    with pytest.raises(ConfigError, match="is there already"):
        write_config(file, text_for(file))

    assert file.read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    file = tmp_path / "file" / "vault.toml"

    with pytest.raises(ConfigError, match=r"cannot be written: File exists"):
        write_config(file, text_for(file))


def test_text_that_is_no_configuration_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is missing"):
        write_config(tmp_path / "vault.toml", "")

    assert not names(tmp_path)


def test_a_path_that_is_not_unicode_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "vault.toml"

    with pytest.raises(ConfigError, match="is not Unicode"):
        write_config(file, text_for(file, sink_settings={"path": Path(os.fsdecode(b"/a\xff"))}))


def test_a_disk_that_is_read_only_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    file = tmp_path / "vault.toml"
    text = text_for(file)
    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(ConfigError, match="cannot be written: Read-only file system"):
        write_config(file, text)
