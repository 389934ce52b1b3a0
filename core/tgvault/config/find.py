"""Where the configuration file and the local state lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tgvault.errors import ConfigError

__all__ = ["FILE_NAME", "VARIABLE", "find_config", "user_config_folder", "user_state_folder"]

FILE_NAME = "vault.toml"

#: The environment variable that names the file.
VARIABLE = "TGVAULT_VAULT"


def user_config_folder() -> Path:
    """Give the folder in which the user's own `vault.toml` lies where no other is named."""
    # platformdirs takes 15 ms to import, which nobody pays whose file lies elsewhere.
    import platformdirs

    return platformdirs.user_config_path("tgvault", appauthor=False)


def user_state_folder(vault_id: str) -> Path:
    """Give the folder for the local state of a vault whose configuration names none."""
    import platformdirs

    return platformdirs.user_state_path("tgvault", appauthor=False) / vault_id


def find_config(
    named: Path | None,
    *,
    environ: Mapping[str, str],
    here: Path,
    user_folder: Callable[[], Path] = user_config_folder,
) -> Path:
    """Find the `vault.toml` to use: the one named, `$TGVAULT_VAULT`, the one in this folder, the user's own.

    A folder stands for the `vault.toml` in it. `here` is the current folder.

    Raises:
        ConfigError: the one named is not there, or none is found.
    """
    if named is not None:
        return _existing(here / named, said="`--vault`")
    if variable := environ.get(VARIABLE):
        return _existing(here / Path(variable).expanduser(), said=f"`${VARIABLE}`")
    for folder in (here, user_folder()):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise ConfigError(
        f"no `{FILE_NAME}` here or in `{user_folder()}`",
        hint="run `tgvault init` to make a vault, or name its configuration with `--vault PATH`",
    )


def _existing(path: Path, *, said: str) -> Path:
    file = path / FILE_NAME if path.is_dir() else path
    if file.is_file():
        return file
    if (path / "vault.json").is_file():
        raise ConfigError(
            f"`{path}`, named by {said}, is a vault and not its configuration",
            hint=f"name the `{FILE_NAME}` whose `[sink]` leads to that folder",
        )
    raise ConfigError(f"`{file}`, named by {said}, is not there", hint="run `tgvault init` to make it")
