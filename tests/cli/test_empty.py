"""Words that are empty, as a script's variable may be: never the current folder, never everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup

from cli.support import Tried
from tgvault.cli.command import global_parameters
from tgvault.cli.root import VERBS, verb_command


def options_with_text() -> Iterator[tuple[str, ...]]:
    """Give every option that takes text or a path, after the words of its command."""
    for name in VERBS:
        command = verb_command(name)
        inner = command.commands if isinstance(command, TyperGroup) else {"": command}
        for word, each in inner.items():
            for option in (*each.params, *global_parameters()):
                if option.param_type_name == "option" and option.opts[0] not in {"--help", "--verbose"}:
                    kind = getattr(option, "type_descriptor").annotation  # noqa: B009 - not in the stubs
                    if "bool" not in str(kind) and "int" not in str(kind):
                        yield tuple(filter(None, (name, word, option.opts[0])))


@pytest.mark.parametrize("words", sorted(set(options_with_text())), ids=" ".join)
def test_an_option_without_a_word_is_a_mistake(
    words: tuple[str, ...], tgvault: Callable[..., Tried], tmp_path: Path
) -> None:
    tried = tgvault(*words, "")

    assert tried.code == 2, tried.err
    assert tried.err.startswith(f"error: invalid value for `{words[-1]}`")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("import", ""),
        ("ls", ""),
        ("ls", "latest", ""),
        ("show", "", "Ben"),
        ("restore", "", "--to", "out"),
        ("key", "remove", ""),
        ("key", "verify", ""),
        ("key", "add", ""),
        ("backup", ""),
        ("sink", "add", "", "local"),
        ("sink", "add", "disk", ""),
        ("sink", "add", "disk", "local", ""),
        ("sink", "login", ""),
        ("sink", "test", ""),
        ("sink", "remove", ""),
    ],
    ids=" ".join,
)
def test_an_argument_without_a_word_is_a_mistake(words: tuple[str, ...], tgvault: Callable[..., Tried]) -> None:
    tried = tgvault(*words)

    assert tried.code == 2, tried.err
    assert tried.err.splitlines()[0].endswith(": it is empty")


@pytest.mark.parametrize("name", ["a/b", "x\ny", "n" * 65])
def test_an_archive_is_called_as_vault_toml_could_say(name: str, tgvault: Callable[..., Tried]) -> None:
    tried = tgvault("snapshots", "--archive", name)

    assert tried.code == 2
    assert tried.err.startswith("error: no archive can be called `")
