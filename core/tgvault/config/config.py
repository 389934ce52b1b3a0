"""The whole of a `vault.toml`, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tgvault.config.check import check
from tgvault.config.sections import (
    CopySection,
    KeySection,
    PluginsSection,
    RetentionSection,
    SinkSection,
    SourceSection,
    StateSection,
    TransformSection,
    VaultSection,
    VerifySection,
    WorkersSection,
)
from tgvault.config.table import Table, nearest
from tgvault.config.toml import parse_table
from tgvault.errors import ConfigError

__all__ = [
    "PRIMARY",
    "Config",
    "PluginTable",
    "SinkTable",
    "SourceTable",
    "load_config",
    "parse_config",
    "sink_table",
]

#: What the sink of `[sink]` is called among those of `[copies]`.
PRIMARY = "primary"


@dataclass(frozen=True, slots=True)
class PluginTable:
    """The settings of a source, a transform or a sink; the plugin checks `settings` when it is used."""

    name: str
    type: str
    settings: Table


@dataclass(frozen=True, slots=True)
class SinkTable(PluginTable):
    """The settings of the vault's sink or a copy's, where its credential is, and where it says that its store is."""

    credential: str | None = None
    #: May hold a secret in its arguments.
    credential_command: str | None = field(default=None, repr=False)
    offsite: bool | None = None
    medium: str | None = None
    #: How long a copy may lack a snapshot.
    every: str | None = None


@dataclass(frozen=True, slots=True)
class SourceTable(PluginTable):
    """The settings of a source, the archive it goes to and the transforms on its way."""

    archive: str
    transforms: tuple[PluginTable, ...]
    #: How often it is to be backed up.
    every: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says, with the defaults in place of what it does not say."""

    file: Path
    vault: VaultSection
    sink: SinkTable
    copies: Mapping[str, SinkTable]
    key: KeySection
    verify: VerifySection
    state: StateSection
    workers: WorkersSection
    plugins: PluginsSection
    retention: RetentionSection
    sources: Mapping[str, SourceTable]
    transforms: Mapping[str, PluginTable]

    def source(self, name: str) -> SourceTable:
        """Give the source of that name.

        Raises:
            ConfigError: there is none.
        """
        if name in self.sources:
            return self.sources[name]
        raise ConfigError(f"there is no source `{name}` in `{self.file}`", hint=nearest(name, self.sources))

    def copy(self, name: str) -> SinkTable:
        """Give the sink of the copy of that name.

        Raises:
            ConfigError: there is none.
        """
        if name in self.copies:
            return self.copies[name]
        hint = nearest(name, self.copies) or f"`tgvault sink add {name} TYPE` adds one"
        raise ConfigError(f"there is no copy `{name}` in `{self.file}`", hint=hint)

    @property
    def sinks(self) -> Mapping[str, SinkTable]:
        """The vault's own sink and those of its copies, by name."""
        return {PRIMARY: self.sink, **self.copies}

    def sink_named(self, name: str) -> SinkTable:
        """Give the vault's own sink, or that of a copy.

        Raises:
            ConfigError: there is none of that name.
        """
        if name in self.sinks:
            return self.sinks[name]
        raise ConfigError(f"there is no sink `{name}` in `{self.file}`", hint=nearest(name, self.sinks))


def load_config(file: Path) -> Config:
    """Read and check a `vault.toml`.

    Raises:
        ConfigError: it cannot be read or has a mistake; the message names the line and the key.
    """
    try:
        data = file.read_bytes()
    except OSError as exc:
        raise ConfigError(
            f"`{file}` cannot be read: {exc.strerror or exc}", hint="name another file with `--vault PATH`"
        ) from exc
    try:
        # Editors on Windows put a mark at the start that TOML does not know.
        return parse_config(data.decode("utf-8-sig"), file=file)
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise ConfigError(f"`{file}`, line {line}, is not UTF-8", hint="save the file as UTF-8") from exc


def parse_config(text: str, *, file: Path) -> Config:
    """Check the text of a `vault.toml`; `file` is what errors name, and its folder what relative paths stand on.

    Raises:
        ConfigError: there is a mistake; the message names the line and the key.
    """
    top = parse_table(
        text, label=str(file), folder=file.parent, hint="see vault.example.toml for how the file is written"
    )
    for key in top.values:
        if key not in _TABLES:
            raise top.unknown((key,), _TABLES)
    vault = check(_child(top, "vault"), VaultSection)
    transforms = {name: _transform(name, table) for name, table in _children(top, "transforms")}
    return Config(
        file=file,
        vault=vault,
        sink=_sink(top),
        copies=_copies(top),
        key=_key(top),
        verify=check(_child(top, "verify"), VerifySection),
        state=check(_child(top, "state"), StateSection),
        workers=check(_child(top, "workers"), WorkersSection),
        plugins=check(_child(top, "plugins"), PluginsSection),
        retention=check(_child(top, "retention"), RetentionSection),
        sources={
            name: _source(name, table, archive=vault.archive, transforms=transforms)
            for name, table in _children(top, "sources")
        },
        transforms=transforms,
    )


_TABLES = (
    "copies",
    "key",
    "plugins",
    "retention",
    "sink",
    "sources",
    "state",
    "transforms",
    "vault",
    "verify",
    "workers",
)


def _child(top: Table, key: str) -> Table:
    """Give a table that may be left out."""
    return top.child(key) if key in top.values else Table({}, top.label, top.folder, (key,), top.text)


def _children(top: Table, key: str) -> list[tuple[str, Table]]:
    tables = _child(top, key)
    return [(name, tables.child(name)) for name in tables.values]


def _sink(top: Table) -> SinkTable:
    if "sink" not in top.values:
        raise ConfigError(f"`[sink]` is missing in `{top.label}`", hint="it says where the vault is kept")
    return sink_table(PRIMARY, top.child("sink"))


def _copies(top: Table) -> Mapping[str, SinkTable]:
    tables = dict(_children(top, "copies"))
    if PRIMARY in tables:
        raise _child(top, "copies").mistake(
            (PRIMARY,), "that is what the vault's own sink is called, `[sink]`", hint="give the copy another name"
        )
    return {name: sink_table(name, table, CopySection) for name, table in tables.items()}


def sink_table(name: str, table: Table, section: type[SinkSection] = SinkSection) -> SinkTable:
    """Check what of a sink's table tgvault itself reads.

    Raises:
        ConfigError: there is a mistake.
    """
    common = check(table.only(section.__struct_fields__), section)
    if common.credential is not None and common.credential_command is not None:
        raise table.mistake(
            ("credential_command",), "`credential` is given too", hint="keep the one that leads to the credential"
        )
    return SinkTable(
        name,
        common.type,
        table.without(section.__struct_fields__),
        credential=common.credential,
        credential_command=common.credential_command,
        offsite=common.offsite,
        medium=common.medium,
        every=common.every if isinstance(common, CopySection) else None,
    )


def _key(top: Table) -> KeySection:
    table = _child(top, "key")
    section = check(table, KeySection)
    given = [name for name in KeySection.__struct_fields__ if getattr(section, name)]
    if len(given) > 1:
        raise table.mistake((given[1],), f"`{given[0]}` is given too", hint="keep the one that holds the key")
    return section


def _transform(name: str, table: Table) -> PluginTable:
    common = check(table.only(TransformSection.__struct_fields__), TransformSection)
    return PluginTable(name, common.type, table.without(TransformSection.__struct_fields__))


def _source(name: str, table: Table, *, archive: str, transforms: Mapping[str, PluginTable]) -> SourceTable:
    common = check(table.only(SourceSection.__struct_fields__), SourceSection)
    for index, each in enumerate(common.transforms):
        if each not in transforms:
            raise table.mistake(
                ("transforms", index), f"there is no table `[transforms.{each}]`", hint=nearest(each, transforms)
            )
    return SourceTable(
        name=name,
        type=common.type,
        settings=table.without(SourceSection.__struct_fields__),
        archive=common.archive or archive,
        transforms=tuple(transforms[each] for each in common.transforms),
        every=common.every,
    )
