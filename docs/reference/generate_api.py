"""Writes `config.md`, `hooks.md` and `errors.md` from the code; run it after a change of one of these."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import get_args, get_origin

import msgspec

from tgvault import api, errors, hookspecs
from tgvault.config import sections
from tgvault.config.fields import choices, description, options
from tgvault.config.find import FILE_NAME, VARIABLE
from tgvault.host.discovery import BUNDLED, GROUP
from tgvault.host.kinds import Kind, required_methods
from tgvault.host.loading import API_ATTRIBUTE, load

HERE = Path(__file__).parent
NOTE = "<!-- Written by generate_api.py; a test compares. -->"

#: The tables of `vault.toml` in the order in which a person meets them.
TABLES: Mapping[str, type[msgspec.Struct]] = {
    "[vault]": sections.VaultSection,
    "[sink]": sections.SinkSection,
    "[copies.NAME]": sections.CopySection,
    "[key]": sections.KeySection,
    "[verify]": sections.VerifySection,
    "[sources.NAME]": sections.SourceSection,
    "[transforms.NAME]": sections.TransformSection,
    "[state]": sections.StateSection,
    "[workers]": sections.WorkersSection,
    "[plugins]": sections.PluginsSection,
}
TABLE_OF = {Kind.SINK: "[sink]", Kind.SOURCE: "[sources.NAME]", Kind.TRANSFORM: "[transforms.NAME]"}
WORDS = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`", Path: "path"}


#: What a plugin may bring besides what its kind requires, and what the engine hands to it.
MORE = {
    Kind.SINK: (api.Expecting, api.Located, api.Credentialed, api.Authorizing),
    Kind.SOURCE: (api.Attached, api.Committing, api.Estimating, api.SigningIn),
}
GIVEN = (
    api.SourceContext,
    api.StoreContext,
    api.SourceStore,
    api.Secrets,
    api.SourceProgress,
    api.Conversation,
)
PROTOCOLS = (api.Source, api.Transform, api.Sink, *GIVEN, *(each for more in MORE.values() for each in more))


def pages() -> Mapping[str, str]:
    """The text of every page, by file name."""
    makers: Mapping[str, Callable[[], Iterator[str]]] = {
        "config.md": config,
        "hooks.md": hooks,
        "errors.md": error_tree,
    }
    return {name: "\n".join(make()) + "\n" for name, make in makers.items()}


# Configuration.


def config() -> Iterator[str]:
    yield from ("# Configuration", "", NOTE, "")
    yield f"The file is `{FILE_NAME}`, written in [TOML](https://toml.io)."
    yield f"It is the one that `--vault` names, else `${VARIABLE}`, else the one in the current folder,"
    yield "else the one in your configuration folder (`~/.config/tgvault` on Linux)."
    yield "A relative path in it is meant from the folder of the file, and `~` is your home folder."
    yield "[vault.example.toml](../../vault.example.toml) shows every key."
    for heading, section in TABLES.items():
        yield from ("", f"## `{heading}`", "", *sentences(section), "")
        yield from fields_table(section)
    for kind, name, cls in bundled():
        yield from ("", f'## `{TABLE_OF[kind]}` with `type = "{name}"`', "", *sentences(cls), "")
        yield from fields_table(cls.config)


def bundled() -> Iterator[tuple[Kind, str, type]]:
    """Everything that comes with tgvault."""
    for candidate in BUNDLED:
        for kind, things in load(candidate).brings.items():
            for name, cls in things.items():
                yield kind, name, cls


def fields_table(struct: type[msgspec.Struct]) -> Iterator[str]:
    yield from ("| key | takes | without it | what it is |", "|---|---|---|---|")
    for field in msgspec.structs.fields(struct):
        told = sentence(description(field.type) or "")
        yield f"| `{field.encode_name}` | {takes(field.type)} | {without(field)} | {told} |".replace("  ", " ")


def takes(kind: object) -> str:
    if words := [f"`{word}`" for word in choices(kind)]:
        several = any(get_origin(each) in (tuple, list) for each in options(kind))
        return f"list of {', '.join(words)}" if several else " or ".join(words)
    return " or ".join(dict.fromkeys(one(each) for each in options(kind) if each is not type(None)))


def one(kind: object) -> str:
    if get_origin(kind) in (tuple, list):
        return f"list of {takes(get_args(kind)[0])}s"
    if get_origin(kind) is dict:
        return f"table of {takes(get_args(kind)[1])}s"
    return WORDS[kind]  # type: ignore[index]


def without(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "an error"
    if field.default is msgspec.NODEFAULT or field.default in (None, ()):
        return ""
    value = field.default.value if isinstance(field.default, Enum) else field.default
    return f"`{msgspec.json.encode(value).decode()}`"


# Hooks and Protocols.


def hooks() -> Iterator[str]:
    version = ".".join(map(str, hookspecs.API_VERSION))
    yield from ("# The plugin API", "", NOTE, "")
    yield f"This is version {version} of the API; a plugin says with `{API_ATTRIBUTE} = (1, 0)` which one it is for."
    yield f"A distribution lists its plugins as entry points of the group `{GROUP}`."
    yield "Everything that a plugin may import is in `tgvault.api` and `tgvault.testing`."
    yield "The guide [Writing a plugin](../guides/plugins.md) goes through an example."
    yield from ("", "## Hooks", "", *sentences(hookspecs))
    for name in hookspecs.__all__:
        if name.startswith("tgvault_"):
            yield from function(f"### `{name}`", name, getattr(hookspecs, name))
    for kind in (Kind.SOURCE, Kind.TRANSFORM, Kind.SINK):
        yield from protocol(kind)
    yield from ("", "## What a source is given", "")
    for other in GIVEN:
        yield from members(other, heading=f"### `{other.__name__}`", level="####")
    yield from ("", "## Values", "")
    yield "What sources yield, transforms pass on and sinks list; all are immutable."
    for name in sorted(value_names()):
        yield from value(name)
    yield from ("", "## Errors", "")
    yield "A plugin raises these and no others; [Errors](errors.md) says what each means."
    yield ""
    yield from (f"* `{name}`" for name in api.__all__ if is_error(getattr(api, name)))


def protocol(kind: Kind) -> Iterator[str]:
    cls = getattr(api, kind.value.capitalize())
    yield from ("", f"## `{cls.__name__}`", "", *sentences(cls))
    yield from ("", f"`config` is the struct class of its settings, the `{TABLE_OF[kind]}` table of `{FILE_NAME}`.")
    for name in required_methods(kind):
        yield from function(f"### `{cls.__name__}.{name}`", name, getattr(cls, name))
    for other in MORE.get(kind, ()):
        yield from members(other, heading=f"### `{other.__name__}`", level="####")


def members(protocol: type, *, heading: str, level: str) -> Iterator[str]:
    """A Protocol that is no kind of plugin, with its methods and properties in the order of the code."""
    yield from ("", heading, "", *sentences(protocol))
    if own := vars(protocol).get("__annotations__"):
        yield from ("", "```python", *(f"{name}: {annotation}" for name, annotation in own.items()), "```")
    for name, found in vars(protocol).items():
        if isinstance(found, property):
            yield from ("", f"{level} `{protocol.__name__}.{name}`", "", *sentences(found))
        elif inspect.isfunction(found) and not name.startswith("_"):
            yield from function(f"{level} `{protocol.__name__}.{name}`", name, found)


def function(heading: str, name: str, found: Callable[..., object]) -> Iterator[str]:
    yield from ("", heading, "", "```python", f"def {name}{signature(found)}", "```", "", *sentences(found))


def signature(found: Callable[..., object]) -> str:
    return str(inspect.signature(found)).replace("'", "")


def value_names() -> Iterator[str]:
    for name in api.__all__:
        thing = getattr(api, name)
        if not is_error(thing) and thing not in PROTOCOLS:
            yield name


def value(name: str) -> Iterator[str]:
    thing = getattr(api, name)
    yield from ("", f"### `{name}`", "")
    if isinstance(thing, type) and issubclass(thing, msgspec.Struct):
        yield from ("```python", *struct_fields(thing), "```", "", *sentences(thing))
    elif isinstance(thing, type) and issubclass(thing, Enum):
        yield from (*sentences(thing), "", *(f"* `{member.name}` – {member.value}" for member in thing))
    elif inspect.isfunction(thing):
        yield from ("```python", f"def {name}{signature(thing)}", "```", "", *sentences(thing))
    elif thing is api.Credential:
        yield from ("```python", f"class {name}(Mapping[str, str])", "```", "", *sentences(thing))
    elif thing is api.FolderSink:
        yield from ("```python", f"class {name}(root: Path)", "```", "", *sentences(thing))
    else:
        yield NOTES[name]


#: What values are that cannot have a docstring.
NOTES = {
    "BEYOND": f"The key of a body under which stands what Telegram Desktop's schema has no place for: `{api.BEYOND}`.",
    "LASTING_STAMP": f"How a stamp begins that names a content for ever, wherever it is met: `{api.LASTING_STAMP!r}`.",
    "SqlValue": "A number, text, bytes or `None`.",
    "API_VERSION": "The version of the API that this tgvault has: two numbers."
    " Adding something raises the second, taking something away the first.",
    "ChatKey": "Text that names a chat inside an archive: `channel:1234567890`,"
    " or `weak:1:Ben` where the source has no chat ids.",
    "Event": "`RunStarted`, `SnapshotCommitted` or `VerifyFinished`.",
    "OBJECT_NAME": f"The regular expression that the name of an object matches whole: `{api.OBJECT_NAME.pattern}`.",
    "ObjectName": "Text that names an object in a vault: `packs/ab/<64 hex>.age`.",
    "Record": "`Literal`, `Document`, `Chat`, `Message`, `Span`, `Coverage` or `Removed`.",
    "SegmentStarts": "A function that gives the places, in a list of message ids, of those before which the archive"
    " starts a new segment: about one in a hundred, always the same ones in one vault.",
    "hookimpl": "The decorator that marks a function as a hook.",
}


def struct_fields(struct: type[msgspec.Struct]) -> Iterator[str]:
    yield f"class {struct.__name__}:"
    for name, annotation in struct.__annotations__.items():
        field = next(each for each in msgspec.structs.fields(struct) if each.name == name)
        yield f"    {name}: {annotation}" + ("" if field.required else f" = {field.default!r}")


def is_error(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Exception)


# Errors.


def error_tree() -> Iterator[str]:
    yield from ("# Errors", "", NOTE, "")
    yield "Everything that tgvault raises on purpose, with the exit code that the command ends with."
    yield "A message says what happened; its `hint` says the way out."
    yield "Anything else that ends a run is a mistake in tgvault; please report it."
    yield from branch(errors.TgVaultError, depth=0)
    yield from ("", "A run that was done and has losses to list is no error; it ends with code 3.")


def branch(error: type[errors.TgVaultError], *, depth: int) -> Iterator[str]:
    heading = "#" * min(depth + 2, 4)
    yield from ("", f"{heading} `{error.__name__}`", "", f"Exit code {error.exit_code}.", *sentences(error))
    for child in error.__subclasses__():
        if child.__name__ in errors.__all__:
            yield from branch(child, depth=depth + 1)


# Words.


def sentences(documented: object) -> Iterator[str]:
    """The docstring, its list of errors as a list."""
    text = inspect.getdoc(documented) or ""
    told, _, raises = text.partition("\nRaises:\n")
    yield from told.strip().splitlines()
    if raises:
        yield from ("", "Raises:", "")
        yield from (f"* `{name}`: {when}" for name, when in re.findall(r"^ +(\w+): (.+)", raises, re.MULTILINE))


def sentence(text: str) -> str:
    """A clause as a sentence."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", ":")) or not text else ".")


def main() -> None:
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
