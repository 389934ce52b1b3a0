"""The methods of the API that the server answers; importing this registers them all."""

from tgvault.testing.telegram.methods import (
    auth,
    cdn,
    dialogs,
    everywhere,
    files,
    groups,
    help_,
    history,
    password,
    people,
    settings,
    stickers,
    stories,
    updates,
)
from tgvault.testing.telegram.methods.registry import METHODS

__all__ = [
    "METHODS",
    "auth",
    "cdn",
    "dialogs",
    "everywhere",
    "files",
    "groups",
    "help_",
    "history",
    "password",
    "people",
    "settings",
    "stickers",
    "stories",
    "updates",
]
