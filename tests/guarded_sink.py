"""A plugin for tests: folders that are shown only to who says the right password, and one that a browser opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from host_plugins import install
from tgvault.api import (
    Conversation,
    Credential,
    CredentialField,
    FolderSink,
    ObjectName,
    SinkPermissionError,
    StoredObject,
    hookimpl,
)

USER = "ann"
PASSWORD = "hush-hush-5512"

USER_FIELD = CredentialField(name="user", description="Who you are there", secret=False, environment=("GUARD_USER",))
PASSWORD_FIELD = CredentialField(
    name="pass-word", description="Your password there", environment=("GUARD_PASSWORD", "GUARD_PASS")
)
TOKEN_FIELD = CredentialField(
    name="token", description="A token, if you have one", required=False, environment=("GUARD_TOKEN",)
)


class GuardedConfig(msgspec.Struct, frozen=True):
    """The settings."""

    path: Annotated[Path, msgspec.Meta(description="The folder")]
    level: Annotated[int, msgspec.Meta(description="How well it is guarded")] = 1


class GuardedSink(FolderSink):
    """A folder behind a password."""

    config: ClassVar[type[msgspec.Struct]] = GuardedConfig
    medium: ClassVar[str] = "guarded folder"
    offsite: ClassVar[bool] = True

    def __init__(self, config: GuardedConfig) -> None:
        super().__init__(config.path)
        self.given: Credential | None = None

    def credential_fields(self) -> Sequence[CredentialField]:
        return (USER_FIELD, PASSWORD_FIELD, TOKEN_FIELD)

    def use(self, credential: Credential) -> None:
        self.given = credential

    def prepare(self) -> None:
        self._check()
        super().prepare()

    def put(self, name: ObjectName, data: bytes) -> None:
        self._check()
        super().put(name, data)

    def get(self, name: ObjectName) -> bytes:
        self._check()
        return super().get(name)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        self._check()
        return super().list(prefix)

    def _check(self) -> None:
        if self.given is None or (self.given["user"], self.given["pass-word"]) != (USER, PASSWORD):
            raise SinkPermissionError("the guard lets nobody in who says that", hint="say something else")


class BrowsedSink(GuardedSink):
    """A folder that the person opens in a browser."""

    def authorize(self, talk: Conversation) -> Mapping[str, str]:
        talk.browse("https://guard.example/agree")
        return {"user": USER, "pass-word": talk.ask_secret("Code")}


class OpenSink(FolderSink):
    """A folder that a token may open, and whoever comes without one."""

    config: ClassVar[type[msgspec.Struct]] = GuardedConfig

    def __init__(self, config: GuardedConfig) -> None:
        super().__init__(config.path)

    def credential_fields(self) -> Sequence[CredentialField]:
        return (TOKEN_FIELD,)

    def use(self, credential: Credential) -> None:
        """Nothing is done with it."""


@hookimpl
def tgvault_sinks() -> Mapping[str, type]:
    return {"guarded": GuardedSink, "browsed": BrowsedSink, "open": OpenSink}


def install_guarded(site: Path) -> None:
    """Install this module as a plugin would be, in a folder for the import path."""
    site.mkdir(parents=True)
    install(site, "guard", "1.0", "[tgvault.plugins]\nguarded = guarded_sink\n")
