"""`tgvault plugin show`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.world import make_host_without_vault
from tgvault.config.table import nearest
from tgvault.errors import NotFoundError
from tgvault.host.described import manifest_of
from tgvault.host.manifest import FileNeed, Manifest
from tgvault.host.wheel import inspect_wheel

__all__ = ["PluginDetails", "PluginsShown", "show"]


class PluginDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin says that it brings and needs; nothing of it was run to tell."""

    name: Annotated[str, Meta(description="Its name.")]
    distribution: Annotated[str, Meta(description="The distribution that it comes in.")]
    version: Annotated[str, Meta(description="That one's version.")]
    installed: Annotated[bool, Meta(description="Whether it is installed; otherwise it is in a file.")]
    manifest: Annotated[Manifest, Meta(description="Its `plugin.toml`.")]
    requires: Annotated[list[str], Meta(description="What is installed with it, of a file only.")] = []
    native: Annotated[list[str], Meta(description="Its files of machine code, of a file only.")] = []


class PluginsShown(msgspec.Struct, frozen=True):
    """What was asked for."""

    plugins: Annotated[list[PluginDetails], Meta(description="One for a name; all that are in a file.")]


def show(
    context: typer.Context,
    plugin: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A plugin that is installed, or a wheel")],
) -> None:
    """Tell what a plugin says that it brings and needs, without running anything of it"""
    invocation: Invocation = context.obj
    # A file that is called like a plugin, in a folder that somebody else has filled, does not stand in its place.
    is_file = plugin.endswith(".whl") or Path(plugin).name != plugin
    found = _in_file(invocation.folder / plugin) if is_file else [_installed(plugin, invocation)]
    invocation.output.show(PluginsShown(found), _in_words)


def _in_file(file: Path) -> list[PluginDetails]:
    wheel = inspect_wheel(file, taken=packages_distributions())
    return [
        PluginDetails(
            name=each.name,
            distribution=wheel.name,
            version=wheel.version,
            installed=False,
            manifest=each.manifest,
            requires=list(wheel.requires),
            native=list(wheel.native),
        )
        for each in wheel.plugins
    ]


def _installed(name: str, invocation: Invocation) -> PluginDetails:
    host = make_host_without_vault(invocation)
    for candidate, info in zip(host.candidates(), host.listed(), strict=True):
        if name in (candidate.name, candidate.distribution) and (name == candidate.name or not candidate.bundled):
            return PluginDetails(
                name=candidate.name,
                distribution=candidate.distribution,
                version=info.version,
                installed=True,
                manifest=manifest_of(candidate),
            )
    raise NotFoundError(
        f"no plugin `{name}` is installed", hint=nearest(name, [each.name for each in host.candidates()])
    )


def _in_words(said: PluginsShown, output: Output) -> None:
    for number, each in enumerate(said.plugins):
        if number:
            output.line()
        for line in _lines(each):
            output.line(line)


def _lines(plugin: PluginDetails) -> Iterator[str]:
    manifest = plugin.manifest
    yield f"plugin    {plugin.name}, of {plugin.distribution} {plugin.version}"
    yield f"summary   {manifest.summary}"
    yield from _block("brings", manifest.brings)
    yield from _block("network", [f"{_spoken(each.host)}: {each.why}" for each in manifest.network])
    yield from _block("files", [f"{_access(each)} {_spoken(each.path)}: {each.why}" for each in manifest.files])
    yield from _block("secrets", [f"{each.name}: {each.why}" for each in manifest.secrets])
    yield from _block("events", ["is told of every run"] if manifest.events else [])
    yield from _block("with it", plugin.requires)
    yield from _block("binary", plugin.native)
    yield f"api       {manifest.api}"


def _spoken(place: str) -> str:
    if place == "*":
        return "any host"
    setting, brace, rest = place.removeprefix("{").partition("}")
    return f"what `{setting}` names{f', and there {rest[1:]}' if rest else ''}" if brace else place


def _access(need: FileNeed) -> str:
    return "writes" if need.write else "reads"


def _block(word: str, lines: list[str] | tuple[str, ...]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"{'' if number else word:9} {line}"
