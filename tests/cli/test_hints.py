"""Every command that a message or a hint names can be typed as it stands there."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tgvault
import tgvault_plugins
from cli.support import Tried

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

#: `tgvault init`, which asks on a terminal, and `tgvault key add`, which lists what there is to add.
ASKS = ("error: `--path` is missing", "error: say what to add")

ROOTS = [Path(str(tgvault.__file__)).parent, *map(Path, tgvault_plugins.__path__)]


def texts(tree: ast.AST) -> Iterator[str]:
    """Give the strings of a module that a person may see; what is put in stands as `x`."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (docstrings | inside):
            yield node.value


def commands() -> Iterator[str]:
    for root in ROOTS:
        for file in root.rglob("*.py"):
            for text in texts(ast.parse(file.read_text(encoding="utf-8"))):
                yield from re.findall(r"`(tgvault (?!x`)[^`]+)`", text)


def test_there_are_commands_in_hints() -> None:
    assert len(set(commands())) > 10


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_a_command_that_is_named_can_be_typed(command: str, tgvault: Callable[..., Tried], tmp_path: Path) -> None:
    tried = tgvault(*shlex.split(command.replace("…", RECIPIENT))[1:])

    # It lacks a vault here, or a file; or it asks for what it needs in turn.
    assert tried.code not in {1, 2} or tried.err.startswith(ASKS), tried.err
