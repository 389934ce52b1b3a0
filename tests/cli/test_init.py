"""Making a vault by answering questions, and what can go wrong with options."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Clock, Terminal, Tried
from tgvault.cli.frame import execute
from tgvault.cli.invocation import Invocation
from tgvault.config.config import load_config

Run = Callable[..., Tried]


def answering(*lines: str, folder: Path, arguments: tuple[str, ...] = ()) -> tuple[int, str]:
    typed, screen = Terminal("".join(f"{line}\n" for line in lines)), Terminal()
    invocation = Invocation(typed, screen, screen, {}, folder, Clock())
    return execute(("--vault", "v.toml", "init", *arguments), invocation), screen.getvalue()


def test_a_person_answers_three_questions(tmp_path: Path) -> None:
    code, screen = answering("", "disk/vault", "", "n", "", folder=tmp_path)

    assert code == 0, screen
    assert "That cannot be empty." in screen
    assert {path.name for path in tmp_path.iterdir()} == {
        "disk",
        "tgvault-recovery-kit.html",
        "tgvault-recovery-kit.txt",
        "tgvault.key",
        "v.toml",
    }
    assert load_config(tmp_path / "v.toml").key.file == tmp_path / "tgvault.key"


def test_a_person_who_leaves_stops_the_run(tmp_path: Path) -> None:
    code, screen = answering("disk/vault", folder=tmp_path)

    assert (code, list(tmp_path.iterdir())) == (130, [])
    assert screen.endswith("\nstopped\n")


def test_a_key_command_is_kept_and_not_its_key(tgvault: Run, tmp_path: Path) -> None:
    tgvault("--vault", "a.toml", "init", "--path", "a", "--key-file", "KEY", "--kit", "A.txt")
    command = f"cat {tmp_path / 'KEY'}"

    tried = tgvault("--vault", "b.toml", "init", "--path", "b", "--key-command", command, "--kit", "B.txt", "--json")

    assert tried.code == 0, tried.err
    assert '"key": "what the key command prints"' in tried.out
    assert load_config(tmp_path / "b.toml").key.command == command
    assert tgvault("--vault", "b.toml", "key", "export", "--identity", "again").code == 0


def test_sources_and_the_place_of_the_cache_are_written_down(tgvault: Run, tmp_path: Path) -> None:
    tried = tgvault(
        *("--vault", "v.toml", "init", "--path", "vault", "--key-file", "KEY", "--kit", "K.txt"),
        *("--exports", "~/Downloads/*/DataExport_*", "--state", "cache"),
    )

    config = load_config(tmp_path / "v.toml")
    assert tried.code == 0, tried.err
    assert config.state.path == tmp_path / "cache"
    assert config.sources["desktop"].settings.values["path"] == "~/Downloads/*/DataExport_*"


def test_a_folder_stands_for_the_file_in_it(tgvault: Run, tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()

    tried = tgvault("--vault", "conf", "init", "--path", "v", "--key-file", "KEY", "--kit", "K.txt")

    assert tried.code == 0, tried.err
    assert (tmp_path / "conf" / "vault.toml").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--set", "x"), "`x` is no setting"),
        (("--set", "colour=red"), "unknown key `colour` in the options of sink `local`"),
        (("--sink", "lokal", "--set", "path=x"), "no plugin brings the sink `lokal`"),
    ],
)
def test_a_mistake_in_the_settings_makes_nothing(
    tgvault: Run, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    where = () if "--sink" in options else ("--path", "vault")

    tried = tgvault("--vault", "v.toml", "init", *where, "--key-file", "KEY", "--kit", "K.txt", *options)

    assert tried.code != 0
    assert tried.err.startswith(f"error: {message}")
    assert list(tmp_path.iterdir()) == []
