"""Writes `commands.md`, `exit-codes.md` and `json.md` from the program itself; run it after a change of the CLI."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import typer
from msgspec import inspect as shapes
from typer.core import TyperGroup

from tgvault import errors
from tgvault.cli.command import global_parameters
from tgvault.cli.documents import DOCUMENTS
from tgvault.cli.root import VERBS, verb_command

HERE = Path(__file__).parent
NOTE = "<!-- Written by generate_cli.py; a test compares. -->"


def pages() -> Mapping[str, str]:
    """The text of every page, by file name."""
    makers: Mapping[str, Callable[[], Iterator[str]]] = {
        "commands.md": commands,
        "exit-codes.md": exit_codes,
        "json.md": json,
    }
    return {name: "\n".join(make()) + "\n" for name, make in makers.items()}


def commands() -> Iterator[str]:
    yield from ("# Commands", "", NOTE, "")
    yield "`tgvault --help` lists the commands, `tgvault COMMAND --help` tells about one."
    yield "`tgvault --version` prints the version in one line, `tgvault version` also that of everything around it."
    yield "`tgvault --install-completion` lets your shell complete commands and options."
    yield ""
    yield from ("## Options of every command", "")
    yield "They stand before the command or after it; where both are given, the one after it counts."
    yield ""
    yield from parameter_table(global_parameters())
    for path, command in leaves():
        yield from describe(path, command)


def describe(path: str, command: Any) -> Iterator[str]:
    context = typer.Context(command, info_name=f"tgvault {path}")
    own = [each for each in command.params if each not in global_parameters()]
    pieces = " ".join(piece for each in own for piece in each.get_usage_pieces(context))
    yield from ("", f"## tgvault {path}", "", "```", f"tgvault {path} [OPTIONS] {pieces}".strip(), "```", "")
    yield from (line.rstrip() for line in inspect.cleandoc(command.help or "").splitlines())
    if own:
        yield ""
        yield from parameter_table(own)
    if path in DOCUMENTS:
        yield from ("", f"`--json` prints [{DOCUMENTS[path].__name__}](json.md#{DOCUMENTS[path].__name__.lower()}).")


def parameter_table(parameters: Any) -> Iterator[str]:
    yield from ("| | |", "|---|---|")
    for each in parameters:
        context = typer.Context(verb_command("version"))
        name, help_text = each.get_help_record(context) or ("", "")
        yield f"| `{name}` | {help_text.replace('|', chr(92) + '|')} |"


def leaves() -> Iterator[tuple[str, Any]]:
    """Every command that can be run, with the words that name it."""
    for name in VERBS:
        command = verb_command(name)
        if isinstance(command, TyperGroup):
            yield from ((f"{name} {each}", inner) for each, inner in command.commands.items())
        else:
            yield name, command


def exit_codes() -> Iterator[str]:
    yield from ("# Exit codes", "", NOTE, "")
    yield "Every kind of error has a code of its own, so that a script can tell them apart."
    yield "The message on standard error names the object, and a line `hint:` says the way out."
    yield ""
    yield from ("| code | name | meaning |", "|---|---|---|", "| 0 | | Done, and nothing lost. |")
    rows = [
        (errors.EXIT_WITH_LOSSES, "", "Done, with losses; they are listed."),
        (errors.EXIT_DUE, "", "Something is due, which `tgvault status --check` lists."),
        (errors.EXIT_STOPPED, "", "Stopped by Ctrl-C or by a signal; what was done is not done again."),
        *((each.exit_code, f"`{each.__name__}`", first_line(each)) for each in error_classes()),
    ]
    for code, name, meaning in sorted(rows):
        yield f"| {code} | {name} | {meaning} |"
    yield from ("", "Code 1 also stands for a bug: then there is a traceback, and a request to report it.")
    yield "Code 2 also stands for a command line that cannot be understood."


def error_classes() -> Iterator[type[errors.TgVaultError]]:
    for name in errors.__all__:
        yield getattr(errors, name)


def first_line(each: type) -> str:
    return inspect.cleandoc(each.__doc__ or "").splitlines()[0]


def json() -> Iterator[str]:
    yield from ("# JSON output", "", NOTE, "")
    yield "With `--json` a command prints one JSON document on standard output, and progress is not shown."
    yield "Members are added in later versions; none is taken away or changes its meaning without a new major version."
    yield "Times are UTC, sizes are in bytes, durations in seconds."
    yield "Characters that act on a terminal are escaped, so a document may be looked at."
    yield from ("", "| command | document |", "|---|---|")
    for path, document in DOCUMENTS.items():
        yield f"| `tgvault {path}` | [{document.__name__}](#{document.__name__.lower()}) |"
    for struct in structs_in(DOCUMENTS.values()):
        yield from describe_struct(struct)


def structs_in(roots: Any) -> list[type[msgspec.Struct]]:
    """The documents and every structure inside them, each once, in the order of first mention."""
    found: dict[type[msgspec.Struct], None] = {}

    def visit(shape: Any) -> None:
        if isinstance(shape, shapes.StructType) and shape.cls not in found:
            found[shape.cls] = None
            for field in shape.fields:
                visit(field.type)
        for inner in ("type", "item_type", "value_type"):
            if hasattr(shape, inner):
                visit(getattr(shape, inner))
        for each in getattr(shape, "types", ()) or getattr(shape, "item_types", ()):
            visit(each)

    for root in roots:
        visit(shapes.type_info(root))
    return list(found)


def describe_struct(struct: type[msgspec.Struct]) -> Iterator[str]:
    yield from ("", f"## {struct.__name__}", "", inspect.cleandoc(struct.__doc__ or ""), "")
    yield from ("| member | type | meaning |", "|---|---|---|")
    info = shapes.type_info(struct)
    assert isinstance(info, shapes.StructType)
    for field in info.fields:
        meta = field.type if isinstance(field.type, shapes.Metadata) else None
        meaning = ((meta.extra_json_schema or {}).get("description", "") if meta else "").replace("|", r"\|")
        yield f"| `{field.encode_name}` | {worded(field.type)} | {meaning} |"


def worded(shape: Any) -> str:
    """A type in words."""
    match shape:
        case shapes.Metadata():
            return worded(shape.type)
        case shapes.StructType():
            return f"[{shape.cls.__name__}](#{shape.cls.__name__.lower()})"
        case shapes.ListType() | shapes.VarTupleType() | shapes.SetType():
            return f"list of {worded(shape.item_type)}"
        case shapes.TupleType():
            return "list: " + ", ".join(worded(each) for each in shape.item_types)
        case shapes.DictType():
            return f"object of {worded(shape.value_type)}"
        case shapes.UnionType():
            return " or ".join(worded(each) for each in shape.types)
        case shapes.EnumType():
            return ", ".join(f"`{each.value}`" for each in shape.cls)
    return WORDS.get(type(shape), "any JSON value")


WORDS = {
    shapes.StrType: "text",
    shapes.IntType: "number",
    shapes.FloatType: "number",
    shapes.BoolType: "true or false",
    shapes.NoneType: "null",
    shapes.DateTimeType: "time",
}


def main() -> int:
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
