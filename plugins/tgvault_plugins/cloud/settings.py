"""What may stand in the tables of the sinks in clouds; never a secret."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from tgvault_plugins.cloud.checking import check_address, check_folder, check_word

__all__ = ["AzblobConfig", "B2Config", "DriveConfig", "GcsConfig", "S3Config", "WebdavConfig"]

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


class GcsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `[sink]` table of type `gcs`."""

    bucket: Annotated[str, Meta(description="the bucket, which has to be there")]
    prefix: Annotated[str, Meta(description=_FOLDER)] = ""
    endpoint: Annotated[str | None, Meta(description="the address of the store; Google's where nothing is said")] = None
    storage_class: Annotated[
        Literal["STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"] | None,
        Meta(description="how the store keeps the objects and what it bills; that of the bucket where nothing is said"),
    ] = None

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        check_word(self.bucket, "bucket")
        check_folder(self.prefix, "prefix", whole=True)
        check_address(self.endpoint, "endpoint", shows_password=True)


class AzblobConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `[sink]` table of type `azblob`."""

    account: Annotated[str, Meta(description="the storage account")]
    container: Annotated[str, Meta(description="the container in it, which has to be there")]
    prefix: Annotated[str, Meta(description=_FOLDER.replace("bucket", "container"))] = ""
    endpoint: Annotated[
        str | None, Meta(description="the address of the account; `https://ACCOUNT.blob.core.windows.net` without")
    ] = None

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        check_word(self.account, "account")
        check_word(self.container, "container")
        check_folder(self.prefix, "prefix", whole=True)
        check_address(self.endpoint, "endpoint", path=True, shows_password=True)


class B2Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `[sink]` table of type `b2`."""

    bucket: Annotated[str, Meta(description="the bucket, which has to be there")]
    bucket_id: Annotated[str, Meta(description="its id, which the list of buckets shows: `e73ede9969c64855a1d90b17`")]
    prefix: Annotated[str, Meta(description=_FOLDER)] = ""

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        check_word(self.bucket, "bucket")
        check_word(self.bucket_id, "bucket_id")
        check_folder(self.prefix, "prefix", whole=True)


class DriveConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `[sink]` table of the types `gdrive`, `dropbox` and `onedrive`."""

    path: Annotated[str, Meta(description="the folder that the vault lies in, below the drive's or the app's root")] = (
        "tgvault"
    )

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        check_folder(self.path, "path")
