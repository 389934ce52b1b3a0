"""Sinks of a configuration are made with the credentials that they want, in every process."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from guarded_sink import PASSWORD, USER, install_guarded
from key_support import all_texts
from tgvault.config.config import Config, parse_config
from tgvault.contracts.credentials import Credential
from tgvault.engine.sinks import credential_name, sink_spec
from tgvault.errors import CredentialError, PluginError, SinkPermissionError, TgVaultError
from tgvault.host.discovery import Candidate
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build

RIGHT = {"TGVAULT_CREDENTIAL_CLOUD_USER": USER, "TGVAULT_CREDENTIAL_CLOUD_PASS_WORD": PASSWORD}
VAULT = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    install_guarded(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    return Host()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    text = (
        f'[vault]\nid = "{VAULT}"\n[sink]\ntype = "local"\npath = "v"\n'
        '[copies.cloud]\ntype = "guarded"\npath = "g"\n'
        '[copies.shared]\ntype = "guarded"\npath = "h"\ncredential = "ours"\n'
    )
    return parse_config(text, file=tmp_path / "vault.toml")


def test_a_sink_gets_its_credential_in_any_process(host: Host, config: Config) -> None:
    spec = sink_spec(config.copy("cloud"), config, host=host, environment=RIGHT)

    made = build(pickle.loads(pickle.dumps(spec)))
    made.prepare()

    assert list(made.list("")) == []
    assert PASSWORD not in all_texts(spec)


def test_a_credential_that_is_wrong_is_the_stores_business(host: Host, config: Config) -> None:
    wrong = RIGHT | {"TGVAULT_CREDENTIAL_CLOUD_PASS_WORD": "hush"}

    made = build(sink_spec(config.copy("cloud"), config, host=host, environment=wrong))

    with pytest.raises(SinkPermissionError):
        made.prepare()


def test_a_sink_without_a_credential_is_not_made(host: Host, config: Config) -> None:
    with pytest.raises(CredentialError, match="sink `cloud` wants to know `user`, `pass-word`"):
        sink_spec(config.copy("cloud"), config, host=host, environment={})


def test_a_sink_that_asks_for_nothing_gets_nothing(host: Host, config: Config) -> None:
    assert sink_spec(config.sink, config, host=host, environment={}).credential is None


def test_a_credential_is_called_after_vault_and_sink_where_it_has_no_name(config: Config, tmp_path: Path) -> None:
    nameless = parse_config('[sink]\ntype = "local"\n', file=tmp_path / "vault.toml")

    assert credential_name(config.sink, config) == f"{VAULT}/primary"
    assert credential_name(config.copy("cloud"), config) == f"{VAULT}/cloud"
    assert credential_name(config.copy("shared"), config) == "ours"
    assert credential_name(nameless.sink, nameless) is None


CROOKED = """
from guarded_sink import GuardedSink
from tgvault.api import hookimpl

class Crooked(GuardedSink):
    def credential_fields(self):
        return FIELDS

    def use(self, credential):
        raise ValueError(credential["pass-word"])

@hookimpl
def tgvault_sinks():
    return {"crooked": Crooked}
"""


def failure(spec: PluginSpec[object]) -> TgVaultError:
    with pytest.raises(PluginError) as caught:
        build(spec)
    return caught.value


def test_a_sink_that_does_not_take_its_credential_is_named_and_not_quoted(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "crooked_sink.py").write_text(CROOKED)
    host = Host(find=lambda: [Candidate("crooked", "crooked_sink", "acme")])
    spec = host.sink_spec("crooked", config.copy("cloud").settings)
    given = PluginSpec(spec.kind, spec.type, spec.plugin, spec.settings, Credential({"user": "x", "pass-word": "hush"}))

    error = failure(given)

    assert str(error) == "sink `crooked` does not take its credential (ValueError)"
    assert "hush" not in all_texts(error)


def test_a_sink_that_does_not_tell_what_it_wants_is_named(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mute_sink.py").write_text(CROOKED)
    host = Host(find=lambda: [Candidate("mute", "mute_sink", "acme")])
    text = '[sink]\ntype = "crooked"\npath = "x"\n'
    crooked = parse_config(text, file=tmp_path / "vault.toml")

    with pytest.raises(PluginError, match=r"sink `crooked` does not tell what it wants to know \(NameError\)"):
        sink_spec(crooked.sink, crooked, host=host, environment={})
