"""What the sinks on drives have in common: they are signed in to, and have folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import msgspec

from tgvault.api import (
    Conversation,
    Credential,
    CredentialField,
    MissingObjectError,
    ObjectName,
    SinkGoneError,
    StoredObject,
)
from tgvault_plugins.cloud.listing import Listed
from tgvault_plugins.cloud.patience import FaultError, Patience
from tgvault_plugins.cloud.provider import Client, Provider
from tgvault_plugins.cloud.settings import DriveConfig
from tgvault_plugins.cloud.sink import ObjectStoreSink, as_object, checked
from tgvault_plugins.cloud.telling import Place, told

if TYPE_CHECKING:
    from tgvault_plugins.cloud.tokens import Tokens

__all__ = ["DriveSink", "drive_fields"]

_ID, _SECRET, _TOKEN = "client-id", "client-secret", "refresh-token"

#: In place of the slash in names: a sign that names of objects do not have, and that all three take.
_SLASH = "~"


class DriveSink(ObjectStoreSink):
    """Keeps each object as a file in one folder of a drive that the person signed in to.

    In one folder: a list takes one request for some hundred files then, and not one for each folder. And Google Drive
    has folders of the same name side by side: two processes that make one for a pack at the same instant would make
    two, and opendal would look into one of them.
    """

    config: ClassVar[type[msgspec.Struct]] = DriveConfig
    medium = "cloud drive"
    provider: ClassVar[Provider]

    def __init__(
        self, config: DriveConfig, *, patience: Patience | None = None, provider: Provider | None = None
    ) -> None:
        """Take the settings, how to wait, and in tests who gives the tokens."""
        super().__init__(patience=patience)
        self.folder = f"{config.path}/"
        self._provider = provider or self.provider
        self._is_there = False

    def place(self) -> Place:
        """Say where the objects go."""
        return Place(
            f"folder `{self.folder.rstrip('/')}` in your {self._provider.name} drive",
            "correct `path`, or bring the folder back;"
            " what is lost, `tgvault sync NAME --init` fills anew (the vault's own place is `primary`)",
        )

    def options(self, credential: Credential) -> Mapping[str, str]:
        """Give opendal's options, with a token that is good for a while; of a root it does not tell if it is there."""
        return {"root": "/", "access_token": self._tokens.access()}

    def path(self, name: ObjectName) -> str:
        """Tell where an object lies."""
        return self.folder + checked(name).replace("/", _SLASH)

    def prepare(self) -> None:
        """Make the folder, where there is none."""
        if self._lacks_place():
            self.make_place()
            self.check_place()

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under name; a drive shows a file when it has all of it."""
        path = self.path(name)
        self._check_place_once()
        self.store.write(path, data)

    def get(self, name: ObjectName) -> bytes:
        """Read an object."""
        with self.missing_for_sure():
            return self.store.read(self.path(name))

    def stored_size(self, name: ObjectName) -> int | None:
        """Tell the size; None of a folder."""
        return self.store.size(self.path(name))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names start with prefix."""
        self.check_place()
        seen = set()
        with self.store.lister() as lister:
            for entry in lister.list(self.folder, recursive=False):
                found = as_object(self._named(entry), prefix)
                if found and found.name not in seen:
                    seen.add(found.name)
                    yield found

    def file_name(self, entry: Listed) -> str:
        """Tell a file's own name: of where it lies opendal understands OneDrive and Dropbox in part only."""
        return entry.path.rpartition("/")[2]

    def delete(self, name: ObjectName) -> None:
        """Delete an object."""
        self.store.delete(self.path(name))

    def check_place(self) -> None:
        """Ask for the folder.

        Raises:
            SinkGoneError: it is not there.
        """
        if self._lacks_place():
            raise SinkGoneError(f"there is no {self.place().name}", hint=self.place().remedy)
        self._is_there = True

    def make_place(self) -> None:
        """Make the folder and those above it."""
        self.store.make_folder(self.folder)

    def authorize(self, talk: Conversation) -> Mapping[str, str]:
        """Have the person agree, in a browser or on another device."""
        client = self._asked_client(talk)
        try:
            token = self._agreed(client, talk)
        except FaultError as exc:
            fault = exc.fault
        else:
            return {_ID: client.id, **({_SECRET: client.secret} if client.secret else {}), _TOKEN: token}
        raise told(fault, Place(self._provider.name, ""))

    def _agreed(self, client: Client, talk: Conversation) -> str:
        # What speaks HTTP takes 30 ms to import, and only who signs in needs it.
        from tgvault_plugins.cloud.agreeing import Question, in_browser, on_device, with_code

        question = Question(self._provider, client)
        if self._provider.device is None:
            return with_code(question, talk)
        if talk.ask("is there a browser on this machine? (yes or no)").lower().startswith("y"):
            return in_browser(question, talk)
        return on_device(self._provider, client, talk, pause=self._patience.pause)

    def _asked_client(self, talk: Conversation) -> Client:
        fields = {each.name: each for each in self.fields}
        client_id = self._credential.get(_ID) or talk.ask(fields[_ID].description)
        secret = self._credential.get(_SECRET)
        if secret is None and fields[_SECRET].required:
            secret = talk.ask_secret(fields[_SECRET].description)
        return Client(client_id, secret)

    def _named(self, entry: Listed) -> Listed:
        name = self.file_name(entry)
        # A slash in it, which Google allows, is not one of ours.
        path = "" if "/" in name else name.replace(_SLASH, "/")
        return Listed(path, entry.size, entry.is_file, entry.changed)

    def _lacks_place(self) -> bool:
        try:
            self.store.size(self.folder)
        except MissingObjectError:
            return True
        return False

    def _check_place_once(self) -> None:
        # Before anything is stored: opendal, or the drive itself, would make the folder anew.
        if not self._is_there:
            self.check_place()

    @cached_property
    def _tokens(self) -> Tokens:
        from tgvault_plugins.cloud.tokens import Tokens, refreshing

        values = self._credential
        client = Client(values[_ID], values.get(_SECRET))
        return Tokens(self._provider, refreshing(client, values[_TOKEN]))


def drive_fields(provider: str, *, secret: bool, register: str) -> Sequence[CredentialField]:
    """Name the values for a provider; `register` is where an app is registered, in a few words."""
    return (
        CredentialField(name=_ID, description=f"the client id of your own app, from {register}", secret=False),
        CredentialField(name=_SECRET, description=f"the client secret of that app, from {register}", required=secret),
        CredentialField(
            name=_TOKEN,
            description=f"the lasting token that {provider} gives when you sign in by `tgvault sink login`",
        ),
    )
