"""The values of a credential."""

from __future__ import annotations

import pickle

import pytest

from tgvault.contracts.credentials import Credential


def test_a_credential_gives_its_values() -> None:
    credential = Credential({"key": "AK1", "secret": "hush"})

    assert dict(credential) == {"key": "AK1", "secret": "hush"}
    assert len(credential) == 2
    assert credential.get("token") is None


def test_a_credential_shows_no_value() -> None:
    credential = Credential({"key": "AK1", "secret": "hush"})

    assert repr(credential) == str(credential) == "Credential(key, secret)"


def test_a_credential_is_not_changed_by_whom_it_came_from() -> None:
    values = {"key": "AK1"}
    credential = Credential(values)

    values["key"] = "other"

    assert credential["key"] == "AK1"


def test_a_credential_can_be_sent_to_another_process() -> None:
    credential = pickle.loads(pickle.dumps(Credential({"key": "AK1"})))

    assert credential == Credential({"key": "AK1"})


def test_a_value_that_is_not_there_is_named_and_no_other_shown() -> None:
    with pytest.raises(KeyError, match=r"^'token'$"):
        Credential({"key": "AK1"})["token"]
