"""The sink `b2`: a bucket at Backblaze, by its own protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from tgvault.api import Credential, CredentialField, ObjectName
from tgvault_plugins.cloud.patience import Patience
from tgvault_plugins.cloud.settings import B2Config
from tgvault_plugins.cloud.sink import ObjectStoreSink, checked, given, missing
from tgvault_plugins.cloud.telling import Place

__all__ = ["B2Sink"]


class B2Sink(ObjectStoreSink):
    """Keeps the objects in a bucket at Backblaze B2.

    The bucket has to be there. What is replaced or deleted stays, hidden, until the rules of the bucket remove it.
    """

    config: ClassVar[type[msgspec.Struct]] = B2Config
    scheme = "b2"
    fields = (
        CredentialField(
            name="application-key-id",
            description="the id of an application key for the bucket (Backblaze: keyID)",
            secret=False,
            environment=("B2_APPLICATION_KEY_ID",),
        ),
        CredentialField(
            name="application-key",
            description="the application key itself, which Backblaze shows once when it is made",
            environment=("B2_APPLICATION_KEY",),
        ),
    )

    def __init__(self, config: B2Config, *, patience: Patience | None = None) -> None:
        """Take the settings, and how to wait."""
        super().__init__(patience=patience)
        self._config = config

    def stored_size(self, name: ObjectName) -> int:
        """Tell the size as a list tells it: opendal 0.47 takes the first name that begins so for the name itself."""
        first = next(self.store.list(checked(name)), None)
        return first.size if first and first.path == name else missing(name)

    def place(self) -> Place:
        """Say where the objects go."""
        return Place(f"bucket `{self._config.bucket}`", "make the bucket at Backblaze, or correct `bucket`")

    def options(self, credential: Credential) -> Mapping[str, str]:
        """Give opendal's options."""
        config = self._config
        return given(
            bucket=config.bucket,
            bucket_id=config.bucket_id,
            root=f"/{config.prefix}",
            application_key_id=credential.get("application-key-id"),
            application_key=credential.get("application-key"),
        )
