"""The sinks on drives, and `b2`, held to the contract on servers that only stand in for the real ones."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from servers.fake_drives import FakeBackblaze, FakeDropbox, FakeGoogleDrive, FakeOneDrive
from servers.fake_stores import FakeGoogle
from servers.secure import Elsewhere, RemoteSink, SecureStub
from servers.stub import Answer, Asked, Stub
from tgvault.api import (
    Credential,
    ObjectName,
    Sink,
    SinkError,
    SinkGoneError,
    SinkPermissionError,
)
from tgvault.testing.contracts import MakeSink, SinkContract
from tgvault_plugins.cloud import (
    B2Config,
    B2Sink,
    DriveConfig,
    DropboxSink,
    GcsConfig,
    GcsSink,
    GdriveSink,
    OnedriveSink,
)
from tgvault_plugins.cloud.drives import DriveSink
from tgvault_plugins.cloud.patience import Patience
from tgvault_plugins.cloud.provider import Provider

NAME = ObjectName("packs/ab/c.age")
#: opendal waits by itself between the pages of a list, and takes a wrong key of Backblaze's for a passing fault.
IMPATIENT = Patience(first_pause=0.001)
TOKEN_URI = "https://oauth2.googleapis.com/token"
DRIVE = {"client-id": "app", "client-secret": "hunter2", "refresh-token": "hunter3"}


def make_drive(cls: type[DriveSink], tokens: str, path: str = "backups/vault") -> DriveSink:
    sink = cls(DriveConfig(path=path), provider=Provider("Tester", "", tokens, ""), patience=IMPATIENT)
    sink.use(Credential(DRIVE))
    return sink


def make_b2(key: str, bucket_id: str = "e73ede99") -> B2Sink:
    sink = B2Sink(B2Config(bucket="vaults", bucket_id=bucket_id, prefix="my vault"), patience=IMPATIENT)
    sink.use(Credential({"application-key-id": "key-id", "application-key": key}))
    return sink


class World:
    """A server that stands in for a real one, and a process that takes it for that."""

    def __init__(self, folder: Path) -> None:
        self.server: Callable[[Asked], Answer] = lambda asked: Answer(404)
        hosts = (FakeGoogleDrive.host, FakeDropbox.host, FakeDropbox.other_host, FakeOneDrive.host, FakeBackblaze.host)
        hosts += ("oauth2.googleapis.com", "storage.googleapis.com")
        self.stub = SecureStub(lambda asked: self.server(asked), hosts=hosts, folder=folder)
        self.tokens = Stub(lambda asked: Answer(body=json.dumps({"access_token": self.token}).encode()))
        self.token = "right"

    def drive(self, cls: type[DriveSink], path: str = "backups/vault") -> Callable[[], Sink]:
        """What makes a sink that gets its tokens here."""
        return partial(make_drive, cls, self.tokens.address, path)


@pytest.fixture(scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Elsewhere]]:
    world = World(tmp_path_factory.mktemp("world"))
    with world.stub, world.tokens, Elsewhere(world.stub.environment) as elsewhere:
        yield world, elsewhere


@pytest.fixture
def world(_world: tuple[World, Elsewhere]) -> World:
    _world[0].token = "right"
    _world[0].stub.asked.clear()
    return _world[0]


@pytest.fixture
def elsewhere(_world: tuple[World, Elsewhere]) -> Elsewhere:
    return _world[1]


class TestGdrive(SinkContract):
    @pytest.fixture
    def server(self, world: World) -> FakeGoogleDrive:
        world.server = server = FakeGoogleDrive()
        return server

    @pytest.fixture
    def make_sink(self, world: World, elsewhere: Elsewhere, server: FakeGoogleDrive) -> MakeSink:
        return partial(elsewhere.make, world.drive(GdriveSink))

    @pytest.fixture
    def litter(self, server: FakeGoogleDrive) -> Callable[[], None]:
        return partial(drop_on_google, server)


class TestDropbox(SinkContract):
    @pytest.fixture
    def server(self, world: World) -> FakeDropbox:
        world.server = server = FakeDropbox()
        return server

    @pytest.fixture
    def make_sink(self, world: World, elsewhere: Elsewhere, server: FakeDropbox) -> MakeSink:
        return partial(elsewhere.make, world.drive(DropboxSink))


class OnOneDrive(SinkContract):
    @pytest.fixture
    def make_sink(self, world: World, elsewhere: Elsewhere, server: FakeOneDrive) -> MakeSink:
        return partial(elsewhere.make, world.drive(OnedriveSink, "my backups/vault ö"))


class TestOneDrive(OnOneDrive):
    @pytest.fixture
    def server(self, world: World) -> FakeOneDrive:
        world.server = server = FakeOneDrive()
        return server


class TestOneDriveForBusiness(OnOneDrive):
    @pytest.fixture
    def server(self, world: World) -> FakeOneDrive:
        world.server = server = FakeOneDrive(business=True)
        return server


class TestB2(SinkContract):
    @pytest.fixture
    def server(self, world: World) -> FakeBackblaze:
        world.server = server = FakeBackblaze("vaults", "e73ede99")
        return server

    @pytest.fixture
    def make_sink(self, elsewhere: Elsewhere, server: FakeBackblaze) -> MakeSink:
        return partial(elsewhere.make, partial(make_b2, "right"))


def drop_on_google(server: FakeGoogleDrive) -> None:
    folder = next(number for number, (name, _, _) in server.files.items() if name == "vault")
    for name in (".DS_Store", "my photo (1).jpg", "packs/ab/with-slashes", "a~b~c~too-deep"):
        server.add(name, folder, b"litter")
    server.add("packs", folder, None)


def on_google(world: World, elsewhere: Elsewhere) -> tuple[FakeGoogleDrive, RemoteSink]:
    world.server = server = FakeGoogleDrive()
    return server, elsewhere.make(world.drive(GdriveSink))


def test_two_files_of_one_name_are_one_object_and_go_together(world: World, elsewhere: Elsewhere) -> None:
    server, sink = on_google(world, elsewhere)
    sink.prepare()
    sink.put(NAME, b"content")
    ((_, folder, _),) = [file for file in server.files.values() if file[0] == "packs~ab~c.age"]
    server.add("packs~ab~c.age", folder, b"content")

    assert [(each.name, each.size) for each in sink.list("")] == [(NAME, 7)]
    sink.put(NAME, b"content")
    assert sink.get(NAME) == b"content"
    sink.delete(NAME)

    assert list(sink.list("")) == []
    assert [name for name, _, data in server.files.values() if data is not None] == []


def test_the_same_again_leaves_one_file_at_google(world: World, elsewhere: Elsewhere) -> None:
    server, sink = on_google(world, elsewhere)
    sink.prepare()

    for each in (sink, sink, elsewhere.make(world.drive(GdriveSink))):
        each.put(NAME, b"content")

    assert [name for name, _, data in server.files.values() if data is not None] == ["packs~ab~c.age"]


def test_a_folder_in_use_is_prepared_again_without_being_touched(world: World, elsewhere: Elsewhere) -> None:
    world.server = server = FakeOneDrive()
    sink = elsewhere.make(world.drive(OnedriveSink, "tgvault"))
    sink.prepare()
    sink.put(NAME, b"content")
    world.stub.asked.clear()

    elsewhere.make(world.drive(OnedriveSink, "tgvault")).prepare()

    assert {each.method for each in world.stub.asked} == {"GET"}
    assert sorted(server.items) == ["/tgvault", "/tgvault/packs~ab~c.age"]


@pytest.mark.parametrize("cls", [GdriveSink, DropboxSink, OnedriveSink])
def test_a_folder_that_is_gone_is_not_made_anew(world: World, elsewhere: Elsewhere, cls: type[DriveSink]) -> None:
    servers = {GdriveSink: FakeGoogleDrive, DropboxSink: FakeDropbox, OnedriveSink: FakeOneDrive}
    world.server = servers[cls]()
    sink = elsewhere.make(world.drive(cls))

    for call in (
        lambda: sink.put(NAME, b""),
        lambda: sink.get(NAME),
        lambda: sink.size(NAME),
        lambda: list(sink.list("")),
    ):
        with pytest.raises(SinkGoneError, match="there is no folder `backups/vault`"):
            call()

    assert all(
        each.method == "GET" or "list" in each.path or "get" in each.path or "download" in each.path
        for each in world.stub.asked
    )


@pytest.mark.parametrize("cls", [GdriveSink, DropboxSink, OnedriveSink])
def test_a_token_that_is_refused_is_told_and_never_shown(
    world: World, elsewhere: Elsewhere, cls: type[DriveSink]
) -> None:
    servers = {GdriveSink: FakeGoogleDrive, DropboxSink: FakeDropbox, OnedriveSink: FakeOneDrive}
    world.server = servers[cls]()
    world.token = "wrong-hunter4"
    sink = elsewhere.make(world.drive(cls))

    for call in (sink.prepare, lambda: sink.put(NAME, b""), lambda: sink.get(NAME), lambda: list(sink.list(""))):
        with pytest.raises(SinkPermissionError, match="does not allow it") as caught:
            call()
        # The cause is the traceback of the other process.
        told = f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
        assert "hunter" not in told
        assert "`tgvault sink login NAME`" in told


def test_b2_tells_a_wrong_key_and_a_wrong_bucket(world: World, elsewhere: Elsewhere) -> None:
    world.server = FakeBackblaze("vaults", "e73ede99")

    with pytest.raises(SinkPermissionError, match="`unauthorized`") as caught:
        elsewhere.make(partial(make_b2, "hunter2")).prepare()
    with pytest.raises(SinkError, match="`bad_bucket_id`"):
        elsewhere.make(partial(make_b2, "right", "other")).prepare()

    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"


def test_how_often_each_drive_is_asked(world: World, elsewhere: Elsewhere) -> None:
    counts = {}
    makers: list[tuple[Callable[[Asked], Answer], Callable[[], Sink]]] = [
        (FakeGoogleDrive(), world.drive(GdriveSink)),
        (FakeDropbox(), world.drive(DropboxSink)),
        (FakeOneDrive(), world.drive(OnedriveSink)),
        (FakeBackblaze("vaults", "e73ede99"), partial(make_b2, "right")),
    ]
    for world.server, maker in makers:
        sink = elsewhere.make(maker)
        sink.prepare()
        sink.put(ObjectName("first"), b"x")
        world.stub.asked.clear()
        counts[type(world.server).__name__] = [
            asked_for(world.stub, call)
            for call in (
                lambda: sink.put(NAME, b"x" * 3_000_000),  # noqa: B023
                lambda: sink.get(NAME),  # noqa: B023
                lambda: list(sink.list("")),  # noqa: B023
            )
        ]

    # put, get, list. opendal looks for a new file of Google's twice, and for its folders, before it makes one.
    assert counts == {
        "FakeGoogleDrive": [5, 1, 1],
        "FakeDropbox": [1, 1, 2],
        "FakeOneDrive": [1, 1, 3],
        "FakeBackblaze": [2, 1, 1],
    }


def stored(server: object) -> object:
    """All that a server holds."""
    return server.items if isinstance(server, FakeOneDrive) else server.files  # type: ignore[attr-defined]


def asked_for(stub: Stub, call: Callable[[], object]) -> int:
    before = len(stub.asked)
    call()
    return len(stub.asked) - before


def make_gcs(key: str) -> GcsSink:
    sink = GcsSink(GcsConfig(bucket="vaults"), patience=IMPATIENT)
    sink.use(Credential({"service-account-key": key}))
    return sink


def test_gcs_comes_as_the_service_account_whose_key_it_has(world: World, elsewhere: Elsewhere) -> None:
    store = FakeGoogle("vaults")
    shown: list[Mapping[str, str]] = []

    def google(asked: Asked) -> Answer:
        if asked.headers["host"] != "oauth2.googleapis.com":
            return store(asked)
        shown.append(asked.form)
        return Answer(body=json.dumps({"access_token": "right", "expires_in": 3_600, "token_type": "Bearer"}).encode())

    world.server = google
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    about = {"type": "service_account", "client_email": "tgvault@ann.iam.gserviceaccount.com", "private_key_id": "1"}
    sink = elsewhere.make(partial(make_gcs, json.dumps({**about, "private_key": pem, "token_uri": TOKEN_URI})))

    sink.put(NAME, b"content")
    sink.put(NAME, b"content")

    assert store.objects == {NAME: b"content"}
    (form,) = shown
    told = json.loads(urlsafe_b64decode(form["assertion"].split(".")[1] + "=="))
    assert told["iss"] == "tgvault@ann.iam.gserviceaccount.com"
    assert told["scope"] == "https://www.googleapis.com/auth/devstorage.read_write"
