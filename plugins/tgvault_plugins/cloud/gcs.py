"""The sink `gcs`: a bucket at Google Cloud Storage."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import msgspec

from tgvault.api import Credential, CredentialField
from tgvault_plugins.cloud.patience import Patience
from tgvault_plugins.cloud.provider import GOOGLE_CLOUD, Provider
from tgvault_plugins.cloud.settings import GcsConfig
from tgvault_plugins.cloud.sink import ObjectStoreSink, given
from tgvault_plugins.cloud.telling import Place

if TYPE_CHECKING:
    from tgvault_plugins.cloud.tokens import Tokens

__all__ = ["GcsSink"]

_KEY = "service-account-key"


class GcsSink(ObjectStoreSink):
    """Keeps the objects in a bucket at Google Cloud Storage, as a service account.

    The bucket has to be there.
    """

    config: ClassVar[type[msgspec.Struct]] = GcsConfig
    scheme = "gcs"
    fields = (
        CredentialField(
            name=_KEY,
            description="the key of a service account that may read, write, list and delete objects in the bucket:"
            " the content of its JSON file, or the path of that file",
            environment=("GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS"),
        ),
    )

    def __init__(
        self, config: GcsConfig, *, patience: Patience | None = None, provider: Provider = GOOGLE_CLOUD
    ) -> None:
        """Take the settings, how to wait, and in tests who gives the tokens."""
        super().__init__(patience=patience)
        self._config = config
        self._provider = provider

    def place(self) -> Place:
        """Say where the objects go."""
        return Place(f"bucket `{self._config.bucket}`", "make the bucket in Google's console, or correct `bucket`")

    def options(self, credential: Credential) -> Mapping[str, str]:
        """Give opendal's options, with a token that is good for a while; it looks for nothing by itself."""
        config = self._config
        return given(
            bucket=config.bucket,
            root=f"/{config.prefix}",
            endpoint=config.endpoint,
            default_storage_class=config.storage_class,
            token=self._tokens.access(),
            disable_config_load="true",
            disable_vm_metadata="true",
        )

    @cached_property
    def _tokens(self) -> Tokens:
        from tgvault_plugins.cloud.account import form_of
        from tgvault_plugins.cloud.tokens import Tokens

        form = form_of(self._credential[_KEY], provider=self._provider, now=time.time)
        return Tokens(self._provider, form)
