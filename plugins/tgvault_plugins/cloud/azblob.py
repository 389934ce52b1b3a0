"""The sink `azblob`: a container at Azure Blob Storage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from tgvault.api import Credential, CredentialField, SinkPermissionError
from tgvault_plugins.cloud.patience import Patience
from tgvault_plugins.cloud.settings import AzblobConfig
from tgvault_plugins.cloud.sink import ObjectStoreSink, given
from tgvault_plugins.cloud.telling import Place

__all__ = ["AzblobSink"]


class AzblobSink(ObjectStoreSink):
    """Keeps the objects in a container at Azure Blob Storage.

    The container has to be there. It takes an account key or a SAS token.
    """

    config: ClassVar[type[msgspec.Struct]] = AzblobConfig
    scheme = "azblob"
    fields = (
        CredentialField(
            name="account-key",
            description="a key of the storage account, which may do everything in it; not with `sas-token`",
            required=False,
            environment=("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"),
        ),
        CredentialField(
            name="sas-token",
            description="a shared access signature for the container, with read, add, create, write, delete and list;"
            " not with `account-key`",
            required=False,
            environment=("AZURE_STORAGE_SAS_TOKEN",),
        ),
    )

    def __init__(self, config: AzblobConfig, *, patience: Patience | None = None) -> None:
        """Take the settings, and how to wait."""
        super().__init__(patience=patience)
        self._config = config

    def place(self) -> Place:
        """Say where the objects go."""
        return Place(
            f"container `{self._config.container}`", "make the container in Azure's portal, or correct `container`"
        )

    def options(self, credential: Credential) -> Mapping[str, str]:
        """Give opendal's options. Without a credential opendal would look for one by itself, so none is an error."""
        config = self._config
        if not credential:
            raise SinkPermissionError(
                f"{self.place().name} wants an account key or a SAS token",
                hint="give one with `tgvault sink login NAME`",
            )
        endpoint = config.endpoint or f"https://{config.account}.blob.core.windows.net"
        return given(
            container=config.container,
            root=f"/{config.prefix}",
            endpoint=endpoint.rstrip("/"),
            account_name=config.account,
            account_key=credential.get("account-key"),
            sas_token=credential["sas-token"].removeprefix("?") if "sas-token" in credential else None,
        )
