"""What may stand in the tables of the sinks in clouds; never a secret."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from tgvault_plugins.cloud.checking import check_address, check_folder, check_word

__all__ = ["S3Config", "WebdavConfig"]

Meta = msgspec.Meta
_FOLDER = "the folder in it that the vault lies in; the whole bucket where nothing is said"


class S3Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `[sink]` table of type `s3`."""

    bucket: Annotated[str, Meta(description="the bucket, which has to be there")]
    prefix: Annotated[str, Meta(description=_FOLDER)] = ""
    region: Annotated[
        str | None, Meta(description="where the bucket is: `eu-central-1`. Amazon needs it, most others do not")
    ] = None
    endpoint: Annotated[
        str | None,
        Meta(description="the address of the store: `https://s3.example.org`; Amazon's where nothing is said"),
    ] = None
    virtual_host: Annotated[
        bool, Meta(description="address the bucket as `bucket.s3.example.org` and not as `s3.example.org/bucket`")
    ] = False
    storage_class: Annotated[
        Literal["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"] | None,
        Meta(description="how the store keeps the objects and what it bills; those that can be read at once only"),
    ] = None
    checksum: Annotated[
        Literal["crc32c", "md5"] | None,
        Meta(description="send a checksum with each object, which a bucket with Object Lock demands"),
    ] = None

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        check_word(self.bucket, "bucket")
        check_folder(self.prefix, "prefix", whole=True)
        check_address(self.endpoint, "endpoint")
        if self.region is not None:
            check_word(self.region, "region")
        elif self.endpoint is None:
            raise ValueError("expected `region` where there is no `endpoint`: Amazon wants to know it")


class WebdavConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `[sink]` table of type `webdav`."""

    url: Annotated[
        str,
        Meta(description="the address that your provider tells: `https://cloud.example.org/remote.php/dav/files/ann`"),
    ]
    path: Annotated[str, Meta(description="the folder below that address that the vault lies in")] = "tgvault"

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        check_address(self.url, "url", path=True, shows_password=True)
        check_folder(self.path, "path")
