"""The sinks `gcs` and `azblob`, held to the contract on servers that only stand in for Google's and Microsoft's."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from servers.fake_stores import FakeAzure, FakeGoogle
from servers.stub import Stub
from tgvault.api import Credential, ObjectName, SinkPermissionError, SinkUnavailableError
from tgvault.testing.contracts import MakeSink, SinkContract
from tgvault_plugins.cloud import AzblobConfig, AzblobSink, GcsConfig, GcsSink

NAME = ObjectName("packs/ab/c.age")
ACCOUNT_KEY = b64encode(b"k" * 32).decode()


class Signed(GcsSink):
    """With a token in place of the key that one is fetched for, at an address that opendal does not let us choose."""

    token = "right"

    def options(self, credential: Credential) -> Mapping[str, str]:
        return {**super().options(Credential({})), "token": self.token}


class WronglySigned(Signed):
    token = "wrong"


@pytest.fixture
def google() -> Iterator[tuple[FakeGoogle, Stub]]:
    fake = FakeGoogle("vaults")
    with Stub(fake) as stub:
        yield fake, stub


@pytest.fixture
def azure() -> Iterator[tuple[FakeAzure, Stub]]:
    fake = FakeAzure("vaults")
    with Stub(fake) as stub:
        yield fake, stub


def gcs(stub: Stub, *, bucket: str = "vaults", cls: type[GcsSink] = Signed, prefix: str = "my vault/ö") -> GcsSink:
    return cls(GcsConfig(bucket=bucket, prefix=prefix, endpoint=stub.address))


def azblob(stub: Stub, credential: Mapping[str, str], *, container: str = "vaults") -> AzblobSink:
    sink = AzblobSink(AzblobConfig(account="ann", container=container, prefix="my vault", endpoint=stub.address))
    sink.use(Credential(credential))
    return sink


class TestGcs(SinkContract):
    @pytest.fixture
    def make_sink(self, google: tuple[FakeGoogle, Stub]) -> MakeSink:
        return partial(gcs, google[1])

    @pytest.fixture
    def litter(self, google: tuple[FakeGoogle, Stub]) -> Callable[[], None]:
        return partial(
            google[0].objects.update, {"my vault/ö/.DS_Store": b"x", "my vault/ö/a/b/c/d": b"x", "other": b"x"}
        )


class TestAzblobWithKey(SinkContract):
    @pytest.fixture
    def make_sink(self, azure: tuple[FakeAzure, Stub]) -> MakeSink:
        return partial(azblob, azure[1], {"account-key": ACCOUNT_KEY})

    @pytest.fixture
    def litter(self, azure: tuple[FakeAzure, Stub]) -> Callable[[], None]:
        return partial(azure[0].blobs.update, {"my vault/.DS_Store": b"x", "my vault/a/b/c/d": b"x", "other": b"x"})


class TestAzblobWithToken(SinkContract):
    @pytest.fixture
    def make_sink(self, azure: tuple[FakeAzure, Stub]) -> MakeSink:
        return partial(azblob, azure[1], {"sas-token": "?sig=right&se=2030-01-01"})


def test_gcs_asks_once_for_whatever_is_done(google: tuple[FakeGoogle, Stub]) -> None:
    _, stub = google
    sink = gcs(stub, prefix="")

    sink.put(NAME, b"x" * 5_000_000)
    sink.get(NAME)
    sink.size(NAME)
    list(sink.list("packs/"))
    sink.delete(NAME)

    name = "/storage/v1/b/vaults/o/packs/ab/c.age"
    assert stub.shapes() == [
        "POST /upload/storage/v1/b/vaults/o",
        f"GET {name}",
        f"GET {name}",
        "GET /storage/v1/b/vaults/o",
        f"DELETE {name}",
    ]
    assert stub.connections <= 2  # the second one if the first is not free again in the same instant


def test_azblob_asks_once_for_whatever_is_done(azure: tuple[FakeAzure, Stub]) -> None:
    _, stub = azure
    sink = azblob(stub, {"account-key": ACCOUNT_KEY})

    sink.put(NAME, b"x" * 5_000_000)
    sink.get(NAME)
    sink.size(NAME)
    list(sink.list("packs/"))
    sink.delete(NAME)

    name = "/vaults/my vault/packs/ab/c.age"
    assert stub.shapes() == [f"PUT {name}", f"GET {name}", f"HEAD {name}", "GET /vaults", f"DELETE {name}"]
    assert stub.connections <= 2  # the second one if the first is not free again in the same instant


def test_a_bucket_that_is_not_there_is_not_a_missing_object(
    google: tuple[FakeGoogle, Stub], azure: tuple[FakeAzure, Stub]
) -> None:
    key = {"account-key": ACCOUNT_KEY}
    for sink in (gcs(google[1], bucket="other"), azblob(azure[1], key, container="other")):
        for call in (sink.prepare, lambda: sink.get(NAME), lambda: sink.size(NAME), lambda: list(sink.list(""))):  # noqa: B023
            with pytest.raises(SinkUnavailableError, match=r"there is no (bucket|container) `other`"):
                call()


def test_a_wrong_credential_is_told_without_it(google: tuple[FakeGoogle, Stub], azure: tuple[FakeAzure, Stub]) -> None:
    for sink in (gcs(google[1], cls=WronglySigned), azblob(azure[1], {"sas-token": "sig=hunter2"})):
        with pytest.raises(SinkPermissionError, match="does not allow it") as caught:
            sink.put(NAME, b"content")

        told = f"{caught.value} {caught.value.hint} {caught.value.__cause__} {caught.value.__context__}"
        assert "sig=" not in told
        assert "hunter2" not in told
        assert "tgvault sink login" in told


def test_azblob_without_a_credential_looks_for_none(
    azure: tuple[FakeAzure, Stub], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "ann")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", ACCOUNT_KEY)
    _, stub = azure

    with pytest.raises(SinkPermissionError, match="wants an account key or a SAS token"):
        azblob(stub, {}).get(NAME)

    assert stub.asked == []


def key_file(**fields: str) -> str:
    return json.dumps({"type": "service_account", "private_key": "hunter2", **fields})


def test_gcs_takes_the_key_as_text_or_as_a_path(tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(key_file())
    sink = GcsSink(GcsConfig(bucket="vaults"))

    given = [sink.options(Credential({"service-account-key": key})) for key in (key_file(), str(tmp_path / "key.json"))]

    assert given[0] == given[1]
    assert given[0]["credential"] == b64encode(key_file().encode()).decode()
    assert given[0]["disable_config_load"] == given[0]["disable_vm_metadata"] == "true"


@pytest.mark.parametrize(
    "key", ["hunter2", "{", "{}", '{"type": 7}', key_file(type="external_account"), "/nowhere/hunter2", "\0hunter2"]
)
def test_gcs_refuses_what_is_no_key_without_repeating_it(key: str) -> None:
    sink = GcsSink(GcsConfig(bucket="vaults"))

    with pytest.raises(SinkPermissionError, match="not the key of a service account") as caught:
        sink.options(Credential({"service-account-key": key}))

    assert caught.value.__cause__ is None
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
