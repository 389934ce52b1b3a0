from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from key_support import all_texts
from tgvault.crypto.age import Identity
from tgvault.errors import (
    BadKeyError,
    InsecureKeyringError,
    KeyringLockedError,
    KeyringUnavailableError,
    NoIdentityError,
    TgVaultError,
    UsageError,
)
from tgvault.keys import commands
from tgvault.keys.sources import KeyPlaces, find_identities, run_key_command

NAMES = ("given-file", "given-command", "variable", "credential", "configured-file", "configured-command", "keyring")
KEYS = {name: Identity.generate() for name in NAMES}


class Keyring:
    """Gives a key, or raises."""

    def __init__(self, answer: Identity | TgVaultError | None) -> None:
        self.answer = answer

    def get(self) -> Identity | None:
        if isinstance(self.answer, TgVaultError):
            raise self.answer
        return self.answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, key in KEYS.items():
        file = tmp_path / ("tgvault-key" if name == "credential" else name)
        file.write_text(key.text)
        file.chmod(0o600)
    return tmp_path


def printing(path: Path) -> str:
    return shlex.join([sys.executable, "-c", f"print(open({str(path)!r}).read())"])


@pytest.mark.parametrize("first", range(len(NAMES)))
def test_the_places_are_asked_in_their_order(folder: Path, first: int) -> None:
    has = set(NAMES[first:])
    environment = {"TGVAULT_KEY_FILE": str(folder / "variable") if "variable" in has else ""}
    if "credential" in has:
        environment["CREDENTIALS_DIRECTORY"] = str(folder)

    def places(who: str) -> KeyPlaces:
        file, command = f"{who}-file", f"{who}-command"
        return KeyPlaces(
            file=folder / file if file in has else None,
            command=printing(folder / command) if command in has else None,
        )

    found = find_identities(
        places("given"), environment=environment, configured=places("configured"), keyring=Keyring(KEYS["keyring"])
    )

    assert found.identities == (KEYS[NAMES[first]],)


def test_a_credentials_folder_without_ours_is_passed_over(tmp_path: Path) -> None:
    found = find_identities(
        KeyPlaces(),
        environment={"CREDENTIALS_DIRECTORY": str(tmp_path)},
        configured=KeyPlaces(),
        keyring=Keyring(KEYS["keyring"]),
    )

    assert found.origin == "the OS keyring"


def test_a_file_that_was_named_and_is_not_good_ends_the_search(folder: Path) -> None:
    (folder / "variable").write_text("rubbish")

    with pytest.raises(BadKeyError):
        find_identities(
            KeyPlaces(),
            environment={"TGVAULT_KEY_FILE": str(folder / "variable")},
            configured=KeyPlaces(file=folder / "configured-file"),
            keyring=Keyring(KEYS["keyring"]),
        )


def nothing(keyring: Keyring | None) -> TgVaultError:
    with pytest.raises(TgVaultError) as caught:
        find_identities(KeyPlaces(), environment={}, configured=KeyPlaces(), keyring=keyring)
    return caught.value


@pytest.mark.parametrize(
    ("keyring", "said"),
    [
        (None, "no key was given"),
        (Keyring(None), "the OS keyring has none for this vault"),
        (Keyring(KeyringUnavailableError("there is no OS keyring")), "no key was given, and there is no OS keyring"),
    ],
)
def test_without_any_key_all_ways_are_listed(keyring: Keyring | None, said: str) -> None:
    error = nothing(keyring)

    assert isinstance(error, NoIdentityError)
    assert said in str(error)
    for way in ("--key-file", "--key-command", "$TGVAULT_KEY_FILE", "`tgvault-key`", "keyring"):
        assert way in str(error.hint)


@pytest.mark.parametrize("error", [KeyringLockedError("locked"), InsecureKeyringError("plain")])
def test_a_keyring_that_keeps_its_key_back_says_so_itself(error: TgVaultError) -> None:
    assert nothing(Keyring(error)) is error


def test_a_command_is_run_without_a_shell(folder: Path) -> None:
    found = run_key_command(f"cat {folder}/variable")

    assert found.identities == (KEYS["variable"],)
    assert found.origin == "key command `cat`"
    with pytest.raises(NoIdentityError):
        run_key_command(f"cat {folder}/vari* | cat")


@pytest.mark.parametrize(
    ("command", "kind", "said"),
    [
        ("", UsageError, "is empty"),
        ("cat 'file", UsageError, "cannot be split"),
        ("no-such-program x", UsageError, "cannot run the key command `no-such-program`"),
        ("false", NoIdentityError, "key command `false` failed with exit code 1"),
        ("sh -c 'echo SECRET; exit 7'", NoIdentityError, "key command `sh` failed with exit code 7"),
        ("sh -c 'echo SECRET; kill -9 $$'", NoIdentityError, "key command `sh` was ended by signal 9"),
        ("true", BadKeyError, "there is no key in the key command `true`"),
        ("echo hello", BadKeyError, "line 1"),
    ],
)
def test_a_command_that_gives_no_key_says_why(command: str, kind: type[TgVaultError], said: str) -> None:
    with pytest.raises(kind, match=said):
        run_key_command(command)


def test_a_command_has_so_much_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_PATIENCE", 0.05)

    with pytest.raises(NoIdentityError, match="did not end"):
        run_key_command("sleep 60")


def test_a_secret_in_a_command_is_not_shown() -> None:
    secret = KEYS["variable"].text
    places = KeyPlaces(command=f"echo {secret}")

    with pytest.raises(NoIdentityError) as failed:
        run_key_command(f"false {secret}")
    with pytest.raises(BadKeyError) as refused:
        run_key_command(f"echo hello {secret}")

    found = places.read()
    for value in (failed.value, refused.value, places, found):
        assert secret[16:] not in all_texts(value)
