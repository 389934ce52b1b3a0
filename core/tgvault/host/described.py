"""What plugins that are installed say of themselves; nothing of them is imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from tgvault.errors import PluginRefusedError
from tgvault.host.discovery import Candidate
from tgvault.host.manifest import MANIFEST, Manifest, read_manifest

__all__ = ["manifest_of", "package_folder"]


def manifest_of(candidate: Candidate) -> Manifest:
    """Read the manifest of a plugin.

    Raises:
        PluginRefusedError: it has none, or one with a mistake.
    """
    file = package_folder(candidate) / MANIFEST
    try:
        data = file.read_bytes()
    except OSError:
        raise PluginRefusedError(
            f"plugin `{candidate.name}` does not say what it brings and needs: there is no `{file}`",
            hint="look for a newer version of it, or tell its author; docs/guides/plugins.md says what is missing",
        ) from None
    return read_manifest(data, label=str(file))


def package_folder(candidate: Candidate) -> Path:
    """Give the folder of a plugin's package.

    Raises:
        PluginRefusedError: it is not there, or is no package.
    """
    module = candidate.target.partition(":")[0]
    # Of a name with dots, Python imports what stands before the last one: that is only done with our own.
    name = module if candidate.bundled else module.partition(".")[0]
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not places:
        raise PluginRefusedError(
            f"plugin `{candidate.name}` is no package: there is no folder `{name}` that could say what it brings",
            hint="tell the plugin's author",
        )
    return Path(places[0])
