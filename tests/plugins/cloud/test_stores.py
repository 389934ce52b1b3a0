"""The sinks `gcs` and `azblob`, held to the contract on servers that only stand in for Google's and Microsoft's."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from servers.fake_stores import FakeAzure, FakeGoogle
from servers.stub import Answer, Asked, Stub
from tgvault.api import Credential, ObjectName, SinkPermissionError, SinkUnavailableError
from tgvault.testing.contracts import MakeSink, SinkContract
from tgvault_plugins.cloud import AzblobConfig, AzblobSink, GcsConfig, GcsSink
from tgvault_plugins.cloud.provider import GOOGLE_CLOUD

NAME = ObjectName("packs/ab/c.age")
_AS_PEM = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
_PRIVATE = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
PUBLIC_KEY = _PRIVATE.public_key()
PRIVATE_KEY = _PRIVATE.private_bytes(*_AS_PEM).decode()
ELLIPTIC_KEY = ec.generate_private_key(ec.SECP256R1()).private_bytes(*_AS_PEM).decode()
ACCOUNT_KEY = b64encode(b"k" * 32).decode()


def key_file(**fields: str) -> str:
    return json.dumps({"type": "service_account", "client_email": "a@b", "private_key": PRIVATE_KEY, **fields})


def token_for(asked: Asked) -> Answer:
    """Give the right token for the key of `a@b`, and for a person, and a wrong one for any other."""
    if asked.form["grant_type"] == "refresh_token":
        return Answer(body=b'{"access_token": "right"}')
    head, told, signature = asked.form["assertion"].split(".")
    PUBLIC_KEY.verify(urlsafe_b64decode(f"{signature}=="), f"{head}.{told}".encode(), PKCS1v15(), SHA256())
    token = "right" if json.loads(urlsafe_b64decode(f"{told}=="))["iss"] == "a@b" else "wrong"
    return Answer(body=json.dumps({"access_token": token, "expires_in": 3_600}).encode())


@pytest.fixture
def google() -> Iterator[tuple[FakeGoogle, Stub]]:
    fake = FakeGoogle("vaults")
    with Stub(lambda asked: token_for(asked) if asked.path == "/token" else fake(asked)) as stub:
        yield fake, stub


@pytest.fixture
def azure() -> Iterator[tuple[FakeAzure, Stub]]:
    fake = FakeAzure("vaults")
    with Stub(fake) as stub:
        yield fake, stub


def gcs(
    stub: Stub, *, bucket: str = "vaults", email: str = "a@b", prefix: str = "my vault/ö", key: str = ""
) -> GcsSink:
    config = GcsConfig(bucket=bucket, prefix=prefix, endpoint=stub.address)
    sink = GcsSink(config, provider=replace(GOOGLE_CLOUD, token=f"{stub.address}/token"))
    sink.use(Credential({"service-account-key": key or key_file(client_email=email)}))
    return sink


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
        "POST /token",
        "POST /upload/storage/v1/b/vaults/o",
        f"GET {name}",
        f"GET {name}",
        "GET /storage/v1/b/vaults/o",
        f"DELETE {name}",
    ]
    # What asks for the token has a client of its own; the third one if the second is not free in the same instant.
    assert stub.connections <= 3


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
    for sink in (gcs(google[1], email="somebody@else"), azblob(azure[1], {"sas-token": "sig=hunter2"})):
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


def test_gcs_takes_the_key_as_text_or_as_a_path(google: tuple[FakeGoogle, Stub], tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(key_file())

    for key in (key_file(), f" {key_file()}\n", str(tmp_path / "key.json")):
        sink = gcs(google[1], key=key)
        sink.put(NAME, key.encode())
        assert sink.get(NAME) == key.encode()


def test_gcs_asks_for_a_token_once(google: tuple[FakeGoogle, Stub]) -> None:
    sink = gcs(google[1])

    for _ in range(3):
        sink.put(NAME, b"content")

    (asked,) = [each for each in google[1].asked if each.path == "/token"]
    assert asked.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    told = json.loads(urlsafe_b64decode(asked.form["assertion"].split(".")[1] + "=="))
    assert told["scope"] == "https://www.googleapis.com/auth/devstorage.read_write"
    assert told["exp"] - told["iat"] == 3_600


def test_gcs_takes_the_key_of_a_person(google: tuple[FakeGoogle, Stub]) -> None:
    person = {"client_id": "app", "client_secret": "s", "refresh_token": "lasting"}
    sink = gcs(google[1], key=key_file(type="authorized_user", **person))

    sink.put(NAME, b"content")

    assert google[1].asked[0].form == {"grant_type": "refresh_token", **person}


@pytest.mark.parametrize(
    "key",
    [
        "hunter2",
        "{",
        "{}",
        '{"type": 7}',
        key_file(private_key="hunter2"),
        key_file(private_key=PRIVATE_KEY.replace("M", "N")),
        key_file(private_key=ELLIPTIC_KEY),
        key_file(type="external_account"),
        key_file(type="authorized_user"),
        "/nowhere/hunter2",
        "~nobody-hunter2/key.json",
        "\0hunter2",
    ],
)
def test_gcs_refuses_what_is_no_key_without_repeating_it(google: tuple[FakeGoogle, Stub], key: str) -> None:
    sink = gcs(google[1], key=key)

    with pytest.raises(SinkPermissionError, match="not the key of a service account") as caught:
        sink.put(NAME, b"content")

    assert caught.value.__context__ is None
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
    assert google[1].asked == []
