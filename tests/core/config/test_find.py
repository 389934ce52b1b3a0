"""Which vault.toml is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tgvault.config.find import find_config, user_config_folder, user_state_folder
from tgvault.errors import ConfigError


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return made(tmp_path / "here" / "vault.toml").parent


@pytest.fixture
def user(tmp_path: Path) -> Path:
    return made(tmp_path / "user" / "vault.toml").parent


def made(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    return file


def test_the_one_named_goes_before_all(here: Path, user: Path) -> None:
    made(here / "v.toml")

    found = find_config(Path("v.toml"), environ={"TGVAULT_VAULT": "vault.toml"}, here=here, user_folder=lambda: user)

    assert found == here / "v.toml"


def test_the_variable_goes_before_the_current_folder(here: Path, user: Path) -> None:
    found = find_config(None, environ={"TGVAULT_VAULT": str(user)}, here=here, user_folder=lambda: user)

    assert found == user / "vault.toml"


def test_an_empty_variable_is_none(here: Path, user: Path) -> None:
    found = find_config(None, environ={"TGVAULT_VAULT": ""}, here=here, user_folder=lambda: user)

    assert found == here / "vault.toml"


def test_the_users_own_is_the_last(user: Path, tmp_path: Path) -> None:
    found = find_config(None, environ={}, here=tmp_path, user_folder=lambda: user)

    assert found == user / "vault.toml"


def test_none_at_all_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no `vault\.toml` here or in") as caught:
        find_config(None, environ={}, here=tmp_path, user_folder=lambda: tmp_path / "nothing")

    assert caught.value.hint is not None
    assert "tgvault init" in caught.value.hint


def test_one_that_is_named_and_not_there_is_no_reason_to_take_another(here: Path, user: Path) -> None:
    with pytest.raises(ConfigError, match=r"named by `--vault`, is not there"):
        find_config(Path("v.toml"), environ={}, here=here, user_folder=lambda: user)


def test_a_vault_named_in_place_of_its_configuration_is_told(tmp_path: Path) -> None:
    made(tmp_path / "vault.json")

    with pytest.raises(ConfigError, match=r"named by `\$TGVAULT_VAULT`, is a vault"):
        find_config(None, environ={"TGVAULT_VAULT": str(tmp_path)}, here=tmp_path)


def test_the_users_folders_are_those_of_the_platform(home: Path) -> None:
    assert user_config_folder().is_relative_to(home)
    assert user_state_folder("ab" * 16).name == "ab" * 16
    assert user_state_folder("ab" * 16).is_relative_to(home)
