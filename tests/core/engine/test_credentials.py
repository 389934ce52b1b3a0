"""Where the credential of a sink is found, and what is said where it is not."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from guarded_sink import PASSWORD_FIELD, TOKEN_FIELD, USER_FIELD
from key_support import all_texts
from tgvault.contracts.credentials import CredentialField
from tgvault.engine.credentials import CredentialSearch
from tgvault.errors import CredentialError, UsageError
from tgvault.keys.credentials import CredentialStore

FIELDS = (USER_FIELD, PASSWORD_FIELD, TOKEN_FIELD)
OWN = {"TGVAULT_CREDENTIAL_MY_CLOUD_USER": "own", "TGVAULT_CREDENTIAL_MY_CLOUD_PASS_WORD": "hush-own"}
KNOWN = {"GUARD_USER": "known", "GUARD_PASS": "hush-known"}
KEPT = '{"user": "kept", "pass-word": "hush-kept", "of-another-sink": "x"}'


class Shelf:
    """A keyring with one item."""

    def __init__(self, items: Mapping[str, str]) -> None:
        self.items = items

    def get_password(self, service: str, username: str) -> str | None:
        return self.items.get(username)

    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


Shelf.__module__, Shelf.__qualname__ = "keyring.backends.SecretService", "Keyring"


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A command that prints a file."""
    (tmp_path / "printed").write_text("user=printed\n\npass-word=hush=printed \r\n")
    return f"cat {tmp_path / 'printed'}"


def search(
    *,
    fields: tuple[CredentialField, ...] = FIELDS,
    command: str | None = None,
    environment: Mapping[str, str] | None = None,
    kept: str | None = None,
    name: str | None = "v/my.cloud",
) -> CredentialSearch:
    items = {} if kept is None else {"credential v/my.cloud": kept}
    return CredentialSearch(
        sink="my.cloud",
        fields=fields,
        name=name,
        command=command,
        environment=environment or {},
        keyring=lambda wanted: CredentialStore(wanted, load=lambda: Shelf(items)),
    )


def failure(looking: CredentialSearch) -> CredentialError:
    with pytest.raises(CredentialError) as caught:
        looking.find()
    assert "hush" not in all_texts(caught.value)
    return caught.value


def test_the_places_are_asked_in_their_order(program: str) -> None:
    everywhere = search(command=program, environment=OWN | KNOWN, kept=KEPT).find()
    without_own = search(command=program, environment=KNOWN, kept=KEPT).find()
    without_command = search(environment=KNOWN, kept=KEPT).find()
    at_last = search(environment=KNOWN).find()

    assert everywhere.credential == {"user": "own", "pass-word": "hush-own"}
    assert everywhere.origin == "`$TGVAULT_CREDENTIAL_MY_CLOUD_…`"
    assert without_own.credential == {"user": "printed", "pass-word": "hush=printed "}
    assert without_own.origin == "the credential command `cat`"
    assert without_command.credential == {"user": "kept", "pass-word": "hush-kept"}
    assert without_command.origin == "the OS keyring, credential `v/my.cloud`"
    assert at_last.credential == {"user": "known", "pass-word": "hush-known"}
    assert at_last.origin == "`$GUARD_USER`, `$GUARD_PASS`"


def test_no_search_and_no_find_shows_a_value(program: str) -> None:
    looking = search(command=f"{program} hush", environment=OWN, kept=KEPT)

    assert "hush" not in all_texts(looking) + all_texts(looking.find())


def test_half_a_credential_in_a_place_is_named_and_none_other_taken(program: str, tmp_path: Path) -> None:
    own = failure(search(environment={"TGVAULT_CREDENTIAL_MY_CLOUD_USER": "own"} | KNOWN, kept=KEPT))
    kept = failure(search(environment=KNOWN, kept='{"user": "kept"}'))
    (tmp_path / "printed").write_text("pass-word=hush\n")
    printed = failure(search(command=program, environment=KNOWN, kept=KEPT))

    assert "has a part of the credential of sink `my.cloud`, and lacks `pass-word`" in str(own)
    assert "set `$TGVAULT_CREDENTIAL_MY_CLOUD_PASS_WORD`" in str(own.hint)
    assert "the OS keyring, credential `v/my.cloud` has a part" in str(kept)
    assert "the credential command `cat` has a part" in str(printed)
    assert "lacks `user`" in str(printed)


def test_half_a_credential_in_variables_of_other_programs_is_none() -> None:
    error = failure(search(environment={"GUARD_USER": "known", "GUARD_TOKEN": "hush"}))

    assert str(error) == "sink `my.cloud` wants to know `user`, `pass-word`, and nothing says it"
    assert str(error.hint).endswith("; `$GUARD_USER`, `$GUARD_TOKEN` alone will not do")
    assert "`$TGVAULT_CREDENTIAL_MY_CLOUD_USER`, `$TGVAULT_CREDENTIAL_MY_CLOUD_PASS_WORD`" in str(error.hint)


def test_a_variable_that_is_empty_says_nothing() -> None:
    found = search(environment=dict.fromkeys(OWN, "") | KNOWN).find()

    assert found.credential["user"] == "known"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "prints nothing"),
        ("pass-word=\n", "prints nothing"),
        ("user=x\nhush-hush\n", "line 2 of what the credential command `cat` prints names no field"),
        ("hush=x\n", "line 1 of what the credential command `cat` prints names no field"),
        ("user=x\npass-word=hush\udcff", "is not text"),
    ],
)
def test_a_command_that_prints_something_else_is_not_quoted(program: str, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "printed").write_bytes(text.encode(errors="surrogateescape"))

    error = failure(search(command=program, environment=KNOWN, kept=KEPT))

    assert said in str(error)
    assert "`FIELD=value`" in str(error.hint)


def test_a_command_that_fails_ends_the_search() -> None:
    error = failure(search(command=f"{sys.executable} -c 'raise SystemExit(3)' hush", environment=KNOWN))
    with pytest.raises(UsageError, match="cannot run the credential command `no-such-program`"):
        search(command="no-such-program hush").find()

    assert "failed with exit code 3" in str(error)


def test_a_keyring_that_is_not_there_is_passed_by_and_told_of_at_the_end() -> None:
    def search_without(environment: Mapping[str, str]) -> CredentialSearch:
        return CredentialSearch("cloud", FIELDS, "v/cloud", None, environment)

    error = failure(search_without({}))

    assert search_without(KNOWN).find().credential["user"] == "known"
    assert str(error).endswith("and nothing says it: there is no OS keyring")


def test_without_a_name_the_keyring_is_not_asked() -> None:
    error = failure(search(name=None, kept=KEPT))

    assert "write the vault's `id` into `[vault]`" in str(error.hint)


def test_where_nothing_is_required_nothing_has_to_be_found() -> None:
    nothing = search(fields=(TOKEN_FIELD,)).find()
    something = search(fields=(TOKEN_FIELD,), environment={"GUARD_TOKEN": "hush"}).find()

    assert (dict(nothing.credential), nothing.origin) == ({}, None)
    assert dict(something.credential) == {"token": "hush"}
