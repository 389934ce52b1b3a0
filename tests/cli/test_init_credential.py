"""A vault is made in a store that wants to know who comes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried
from guarded_sink import PASSWORD, USER, install_guarded
from tgvault.config.config import load_config
from tgvault.keys.credentials import CredentialStore

Run = Callable[..., Tried]

INIT = ("--vault", "vault.toml", "init", "--sink", "guarded", "--key-file", "KEY", "--kit", "KIT.txt", "--state", "s")
RIGHT = {"TGVAULT_CREDENTIAL_PRIMARY_USER": USER, "TGVAULT_CREDENTIAL_PRIMARY_PASS_WORD": PASSWORD}


@pytest.fixture(autouse=True)
def _plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_guarded(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")


def made(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"site"}


def test_variables_say_it_then_and_later(tgvault: Run, tmp_path: Path) -> None:
    tried = tgvault(*INIT, "--set", "path=g", "--set", "level=2", environment=RIGHT)

    assert tried.code == 0, tried.err
    assert tgvault("snapshots", environment=RIGHT).code == 0
    assert tgvault("snapshots").code == 104
    assert PASSWORD not in "".join(path.read_text() for path in tmp_path.glob("*.*"))


def test_the_kit_has_what_leads_to_the_store_and_names_what_it_wants(tgvault: Run, tmp_path: Path) -> None:
    tgvault(*INIT, "--set", "path=g", "--set", "level=2", environment=RIGHT)
    again = tgvault("--key-file", "KEY", "key", "export", "--kit", "KIT2.txt", environment=RIGHT)

    assert again.code == 0, again.err
    for kit in ((tmp_path / name).read_text() for name in ("KIT.txt", "KIT2.txt")):
        lines = [line.removeprefix("#     ") for line in kit.splitlines()]
        start = lines.index("[sink]")
        assert lines[start + 1 : start + 4] == ['type = "guarded"', f'path = "{tmp_path / "g"}"', "level = 2"]
        assert f"# Place:       guarded: path {tmp_path / 'g'}, level 2" in kit
        assert "# The store will want to know user, pass-word; `tgvault sink login primary` asks for that." in lines


@pytest.mark.usefixtures("keyring")
def test_somebody_is_asked_and_the_keyring_has_it_afterwards(person: Run, tgvault: Run, tmp_path: Path) -> None:
    tried = person(*INIT, typed=f"g\n{USER}\n", secrets=[PASSWORD, ""])

    assert tried.code == 0, tried.err
    vault_id = load_config(tmp_path / "vault.toml").vault.id
    assert CredentialStore(f"{vault_id}/primary").get() == {"user": USER, "pass-word": PASSWORD}
    assert tgvault("snapshots").code == 0
    assert PASSWORD not in tried.out + tried.err


@pytest.mark.usefixtures("keyring")
def test_a_wrong_answer_leaves_no_vault(tgvault: Run, tmp_path: Path) -> None:
    tried = tgvault(*INIT, "--set", "path=g", stdin=f"{USER}\nhush-wrong\n")

    assert tried.code == 102
    assert made(tmp_path) <= {"KEY"}
    assert "hush-wrong" not in tried.err


def test_without_a_keyring_nobody_is_asked_and_nothing_is_made(tgvault: Run, tmp_path: Path) -> None:
    tried = tgvault(*INIT, "--set", "path=g", stdin=f"{USER}\n{PASSWORD}\n")

    assert tried.code == 104
    assert "`$TGVAULT_CREDENTIAL_PRIMARY_USER`" in tried.err
    assert made(tmp_path) == set()


def test_a_command_may_say_it(tgvault: Run, tmp_path: Path) -> None:
    (tmp_path / "printed").write_text(f"user={USER}\npass-word={PASSWORD}\n")

    tried = tgvault(*INIT, "--set", "path=g", "--set", f"credential_command=cat {tmp_path / 'printed'}")

    assert tried.code == 0, tried.err
    assert tgvault("--vault", "vault.toml", "snapshots").code == 0
    assert "credential_command" not in (tmp_path / "KIT.txt").read_text()


@pytest.mark.usefixtures("keyring")
def test_a_credential_of_a_name_is_found_and_shared(tgvault: Run) -> None:
    CredentialStore("ours").set({"user": USER, "pass-word": PASSWORD})

    tried = tgvault(*INIT, "--set", "path=g", "--set", "credential=ours")

    assert tried.code == 0, tried.err
    assert tgvault("snapshots").code == 0


def test_a_store_that_does_without_one_needs_no_keyring(tgvault: Run, tmp_path: Path) -> None:
    words = [word.replace("guarded", "open") for word in INIT]

    tried = tgvault(*words, "--set", "path=g")

    assert tried.code == 0, tried.err
    assert tgvault("snapshots").code == 0
    assert "will want to know" not in (tmp_path / "KIT.txt").read_text()


@pytest.mark.usefixtures("keyring")
def test_worker_processes_get_it_too(tgvault: Run) -> None:
    tgvault(*INIT, "--set", "path=g", stdin=f"{USER}\n{PASSWORD}\n")
    export = Path(__file__).parent / "exports" / "DataExport_2026-11-01"

    imported = tgvault("import", str(export), "--jobs", "2")
    verified = tgvault("verify", "--jobs", "2")

    assert (imported.code, verified.code) == (0, 0), imported.err + verified.err
