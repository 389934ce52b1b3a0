"""What the sinks of object stores have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import ClassVar, NoReturn

from tgvault.api import (
    OBJECT_NAME,
    Credential,
    CredentialField,
    MissingObjectError,
    ObjectName,
    SinkError,
    StoredObject,
)
from tgvault_plugins.cloud.faults import Fault, Kind
from tgvault_plugins.cloud.listing import Listed
from tgvault_plugins.cloud.patience import Patience
from tgvault_plugins.cloud.store import Store
from tgvault_plugins.cloud.telling import Place, told

__all__ = ["ObjectStoreSink", "as_object", "checked", "given", "missing"]


class ObjectStoreSink(ABC):
    """Keeps each object under its own name, with one request for whatever is done to it.

    The bucket has to be there: making one takes rights that a backup's key should not have.
    """

    #: opendal's name of the service.
    scheme: ClassVar[str]
    fields: ClassVar[Sequence[CredentialField]]
    medium: ClassVar[str] = "object storage"
    offsite: ClassVar[bool] = True

    def __init__(self, *, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._credential = Credential({})

    @abstractmethod
    def options(self, credential: Credential) -> Mapping[str, str]:
        """Give opendal's options for the settings and the credential."""

    @abstractmethod
    def place(self) -> Place:
        """Say where the objects go."""

    @cached_property
    def store(self) -> Store:
        """The store; nothing is asked of it yet."""
        return Store(self.scheme, self._options, place=self.place(), patience=self._patience)

    def credential_fields(self) -> Sequence[CredentialField]:
        """Name the values that the store wants."""
        return self.fields

    def use(self, credential: Credential) -> None:
        """Take the values."""
        self._credential = credential

    def prepare(self) -> None:
        """See that the bucket is there."""
        self.check_place()

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under name; a store shows an object when it has all of it."""
        self.store.write(checked(name), data)

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Store data under name, in place of what is there."""
        self.put(name, data)

    def get(self, name: ObjectName) -> bytes:
        """Read an object."""
        with self.missing_for_sure():
            return self.store.read(checked(name))

    def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes."""
        with self.missing_for_sure():
            size = self.stored_size(name)
            return missing(name) if size is None else size

    def stored_size(self, name: ObjectName) -> int | None:
        """Tell the size; None of a folder."""
        return self.store.size(checked(name))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names start with prefix."""
        for entry in self.store.list(prefix):
            if found := as_object(entry, prefix):
                yield found

    def delete(self, name: ObjectName) -> None:
        """Delete an object."""
        self.store.delete(checked(name))

    def tidy(self) -> None:  # noqa: B027 - nothing is what most have to do
        """Nothing is left behind: an object is stored with one request, and never in parts."""

    def close(self) -> None:  # noqa: B027 - as above
        """Connections belong to the process; the idle ones close by themselves."""

    def _options(self) -> Mapping[str, str]:
        return self.options(self._credential)

    def check_place(self) -> None:
        """Ask for one object, whichever it is.

        Raises:
            SinkUnavailableError: there is no such bucket.
        """
        next(self.store.list(""), None)

    @contextmanager
    def missing_for_sure(self) -> Iterator[None]:
        """Let pass that an object is missing, if the bucket is there; without it nothing is known."""
        try:
            yield
        except MissingObjectError:
            self.check_place()
            raise


def as_object(entry: Listed, prefix: str) -> StoredObject | None:
    """Give what is listed as an object, if it is one and starts with prefix."""
    if entry.is_file and entry.path.startswith(prefix) and OBJECT_NAME.fullmatch(entry.path):
        return StoredObject(ObjectName(entry.path), entry.size)
    return None


def checked(name: ObjectName) -> str:
    """Refuse a name that no object has, and that could lead elsewhere."""
    if not OBJECT_NAME.fullmatch(name):
        raise SinkError(f"`{name}` is not the name of an object")
    return name


def missing(name: ObjectName) -> NoReturn:
    """Say that there is no object of that name."""
    raise told(Fault(Kind.MISSING, ""), Place("", ""), name)


def given(**options: str | None) -> dict[str, str]:
    """Leave out the options that are not given."""
    return {key: value for key, value in options.items() if value is not None}
