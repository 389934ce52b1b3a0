"""Writing the `vault.toml` of a new vault."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import msgspec

from tgvault.config.config import parse_config
from tgvault.config.sections import KeySection
from tgvault.config.table import quoted, spelled
from tgvault.errors import ConfigError

__all__ = ["config_text", "table_text", "write_config", "written_aside"]

#: What stands in a table that `init` writes: text, numbers, truth values, paths, lists and tables.
Settings = Mapping[str, object]


def write_config(file: Path, text: str) -> None:
    """Write the text of a `vault.toml`: all of it or nothing, readable by its owner only.

    Raises:
        ConfigError: there is a file already, or it cannot be written, or the text is not a configuration.
    """
    parse_config(text, file=file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise _failed(file, exc) from exc
    try:
        _publish(file, text.encode())
    except FileExistsError as exc:
        raise ConfigError(
            f"`{file}` is there already", hint="name another file with `--vault PATH`, or move that one away"
        ) from exc
    except OSError as exc:
        raise _failed(file, exc) from exc


def _failed(file: Path, exc: OSError) -> ConfigError:
    return ConfigError(f"`{file}` cannot be written: {exc.strerror or exc}", hint="name another with `--vault PATH`")


def _publish(file: Path, data: bytes) -> None:
    with written_aside(file, data) as temporary:
        _name(temporary, file)


@contextmanager
def written_aside(file: Path, data: bytes) -> Iterator[Path]:
    """Write data beside a file, durably and readable by its owner only; what has not got another name then is removed.

    Raises:
        OSError: the folder does not take it.
    """
    temporary = file.with_name(f".{file.name}.{token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _name(temporary: Path, file: Path) -> None:
    """Give the file its name unless the name is taken."""
    try:
        os.link(temporary, file)
    except FileExistsError:
        raise
    except OSError:
        # exFAT has no hard links. Taking the name first keeps two runs from both believing that it is free.
        with file.open("xb"):
            pass
        temporary.replace(file)


def config_text(
    file: Path,
    *,
    sink: str,
    sink_settings: Settings,
    vault_id: str,
    fingerprint: str,
    key: KeySection,
    state: Path | None = None,
    sources: Mapping[str, Settings] | None = None,
    copies: Mapping[str, Settings] | None = None,
) -> str:
    """Write out the configuration of a vault, with a comment on each table.

    Paths inside the folder of `file` are written relative to it, so that the folder can be moved as a whole. The
    settings of a source and of a copy include its `type`.

    Raises:
        ConfigError: a path is not Unicode, which TOML cannot hold.
    """
    folder = file.parent.absolute()
    tables: list[tuple[tuple[str, ...], Settings]] = [
        (("vault",), {"id": vault_id, "fingerprint": fingerprint}),
        (("sink",), {"type": sink, **sink_settings}),
        (("key",), _given(key)),
    ]
    if state is not None:
        tables.append((("state",), {"path": state}))
    tables += [(("sources", name), settings) for name, settings in (sources or {}).items()]
    tables += [(("copies", name), settings) for name, settings in (copies or {}).items()]
    return "\n".join([_HEAD, *(_table(path, settings, folder) for path, settings in tables)])


_HEAD = "# The configuration of a tgvault vault. vault.example.toml shows every key there is.\n"
_COMMENTS = {
    "vault": "Which vault this is; another one in its place is refused.",
    "sink": "Where the vault's encrypted objects are kept.",
    "key": "Where this machine's key is; never the key itself.",
    "state": "An encrypted cache; deleting it loses nothing.",
    "sources": "What `tgvault backup` reads.",
    "copies": "A copy of the vault.",
}


def _given(key: KeySection) -> Settings:
    names = KeySection.__struct_fields__
    return {name: value for name in names if (value := getattr(key, name)) is not None} or {"keyring": True}


def _table(path: tuple[str, ...], settings: Settings, folder: Path) -> str:
    return f"# {_COMMENTS[path[0]]}\n{table_text(path, settings, folder)}"


def table_text(path: tuple[str, ...], settings: Settings, folder: Path) -> str:
    """Write out a table; paths inside the folder are written relative to it.

    Raises:
        ConfigError: text or a path is not Unicode, which TOML cannot hold.
    """
    lines = [f"[{spelled(path)}]"]
    lines += [f"{spelled((key,))} = {_literal(value, folder)}" for key, value in settings.items()]
    return "\n".join(lines) + "\n"


def _literal(value: object, folder: Path) -> str:
    """Write a value; numbers and the words true and false are written as JSON writes them."""
    if isinstance(value, Path):
        return _text(_from(value, folder))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(each, folder) for each in value)}]"
    if isinstance(value, Mapping):
        pairs = (f"{spelled((key,))} = {_literal(each, folder)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return msgspec.json.encode(value).decode()


def _from(path: Path, folder: Path) -> str:
    full = path.absolute()
    if not full.is_relative_to(folder):
        return str(full)
    inside = full.relative_to(folder).as_posix()
    return str(full) if inside.startswith("~") else inside  # a tilde at the start would be expanded


def _text(value: str) -> str:
    try:
        return quoted(value)
    except UnicodeEncodeError as exc:
        shown = value.encode(errors="backslashreplace").decode()
        raise ConfigError(f"`{shown}` is not Unicode, which `vault.toml` cannot hold", hint="rename it") from exc
