"""The sink `webdav`: a folder on a WebDAV server, such as Nextcloud's or a NAS's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from secrets import token_hex
from typing import ClassVar, TypeVar
from urllib.parse import urlsplit

import msgspec

from tgvault.api import (
    Credential,
    CredentialField,
    MissingObjectError,
    ObjectName,
    SinkError,
    SinkGoneError,
    SinkUnavailableError,
    StoredObject,
)
from tgvault_plugins.cloud.listing import Listed, Lister
from tgvault_plugins.cloud.patience import Patience
from tgvault_plugins.cloud.settings import WebdavConfig
from tgvault_plugins.cloud.sink import ObjectStoreSink, as_object, checked, given
from tgvault_plugins.cloud.telling import Place
from tgvault_plugins.cloud.walking import walk

__all__ = ["WebdavSink"]

T = TypeVar("T")

#: Names of unfinished objects; none that an object may have.
_TEMPORARY = ".tgvault-"
_DAY = timedelta(days=1)
#: The objects that are replaced. Some servers take the old one away before they give its name to the new one; whoever
#: reads in between looks again, as often as that, with a pause in seconds.
_REPLACEABLE = ("vault.json", "keys/")
_LOOKS = 20
_PAUSE = 0.05


class WebdavSink(ObjectStoreSink):
    """Keeps each object as a file on a WebDAV server.

    Many servers show a file while it is uploaded, and keep half of it if that breaks off; so it is uploaded under
    another name first and then moved.
    """

    config: ClassVar[type[msgspec.Struct]] = WebdavConfig
    #: As often a NAS in the next room as a cloud; who knows better says so in `vault.toml`.
    medium = "web folder"
    offsite = False
    scheme = "webdav"
    fields = (
        CredentialField(
            name="user",
            description="the name that you sign in to the server with",
            secret=False,
            required=False,
        ),
        CredentialField(
            name="password",
            description="the password, best one made for this alone (Nextcloud: settings, security): it can be revoked",
            required=False,
        ),
        CredentialField(
            name="token",
            description="a token in place of user and password, where the server gives such",
            required=False,
        ),
    )

    def __init__(self, config: WebdavConfig, *, patience: Patience | None = None) -> None:
        """Take the settings, and how to wait."""
        super().__init__(patience=patience)
        self._config = config

    def place(self) -> Place:
        """Say where the objects go."""
        return Place(
            f"folder `{self._config.path}` at `{urlsplit(self._config.url).hostname}`",
            "correct `url` and `path` in `vault.toml`;"
            " what is lost, `tgvault sync NAME --init` fills anew (the vault's own place is `primary`)",
        )

    def options(self, credential: Credential) -> Mapping[str, str]:
        """Give opendal's options."""
        return given(
            endpoint=self._config.url.rstrip("/"),
            root=f"/{self._config.path}",
            username=credential.get("user"),
            password=credential.get("password"),
            token=credential.get("token"),
            # It would ask for each folder before each upload, and make the vault's own one where that is gone.
            disable_create_dir="true",
        )

    def prepare(self) -> None:
        """Make the folder, and those above it."""
        self.store.make_folder("/")
        self.check_place()

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data aside, and move it to its name when the server has all of it."""
        temporary = f"{_TEMPORARY}{token_hex(8)}.tmp"
        checked(name)
        try:
            self.store.write(temporary, data)
        except (MissingObjectError, SinkError):
            self.check_place()
            raise
        try:
            self.store.rename(temporary, name)
        except MissingObjectError:
            self._check_arrived(name, len(data))

    def get(self, name: ObjectName) -> bytes:
        """Read an object."""
        if _may_be_folder(name):
            self.size(name)
        return self._met(name, lambda: super(WebdavSink, self).get(name))

    def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes."""
        return self._met(name, lambda: super(WebdavSink, self).size(name))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names start with prefix, a request for each folder that may hold one."""
        with self.store.lister() as lister:
            self._check_listed(lister)
            for entry in walk(lister, "", prefix):
                if found := as_object(entry, prefix):
                    yield found

    def delete(self, name: ObjectName) -> None:
        """Delete an object."""
        if _may_be_folder(name):
            try:
                self.size(name)
            except MissingObjectError:
                return
        super().delete(name)

    def tidy(self) -> None:
        """Remove what killed writers left, if it is over a day old by the server's own clock."""
        left = self._unfinished()
        if not left:
            return
        clock = f"{_TEMPORARY}{token_hex(8)}.tmp"
        self.store.write(clock, b"")
        now = self._unfinished().get(clock)
        for path, entry in left.items():
            if now and now.changed and entry.changed and entry.changed < now.changed - _DAY:
                self.store.delete(path)
        self.store.delete(clock)

    def check_place(self) -> None:
        """Ask for the folder.

        Raises:
            SinkGoneError: it is not there.
        """
        with self.store.lister() as lister:
            self._check_listed(lister)

    def _check_listed(self, lister: Lister) -> None:
        # A folder lists itself, and one that is not there lists nothing, without an error.
        if next(lister.list("/", recursive=False), None) is None:
            raise SinkGoneError(f"there is no {self.place().name}", hint=self.place().remedy)

    def _check_arrived(self, name: ObjectName, size: int) -> None:
        """See whether an object was moved, by a request whose answer was lost."""
        if self.store.size(name) != size:
            raise SinkUnavailableError(
                f"{self.place().name} lost `{name}` while it was stored", hint="run again; nothing else is lost"
            )

    def _met(self, name: ObjectName, look: Callable[[], T]) -> T:
        for _ in range(_LOOKS if name.startswith(_REPLACEABLE) else 0):
            try:
                return look()
            except MissingObjectError:
                if not self._unfinished():
                    break
            self._patience.pause(_PAUSE)
        return look()

    def _unfinished(self) -> dict[str, Listed]:
        with self.store.lister() as lister:
            entries = lister.list("/", recursive=False)
            return {each.path: each for each in entries if each.is_file and each.path.startswith(_TEMPORARY)}


def _may_be_folder(name: ObjectName) -> bool:
    """Whether a folder may have that name: those of a vault have no suffix, and its objects have one.

    Of a folder, servers give a page that lists it, and delete everything in it; so it has to be looked at first.
    """
    return "." not in name.rpartition("/")[2]
