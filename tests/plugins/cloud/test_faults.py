"""What the sinks do when a store, or the way to it, has faults."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from cloud_support import Waiting
from servers.dav import Dav
from servers.seaweed import Seaweed
from servers.stub import NO_ANSWER, Answer, Asked, Stub, forwarder
from tgvault.api import (
    Credential,
    MissingObjectError,
    ObjectName,
    Sink,
    SinkError,
    SinkFullError,
    SinkGoneError,
    SinkPermissionError,
    SinkUnavailableError,
    StoredObject,
)
from tgvault.testing.contracts.sink import content
from tgvault_plugins.cloud import S3Config, S3Sink, WebdavConfig, WebdavSink

NAME = ObjectName("packs/ab/c.age")
DATA = content(100_000)
BUSY = Answer(503, b"<Error><Code>SlowDown</Code><Message>m</Message></Error>")

#: Answers in place of the store's own, None for its own; the store has done what was asked in any case.
Faults = Callable[[Asked, Answer], Answer | None]


class Way:
    """The way to a real store, with faults on it for the requests to come."""

    def __init__(self, port: int) -> None:
        self._forward = forwarder(port)
        self.faults: list[Faults] = []
        self.stub = Stub(self._answer)

    def _answer(self, asked: Asked) -> Answer:
        answer = self._forward(asked)
        fault = self.faults.pop(0)(asked, answer) if self.faults else None
        return fault or answer


def always(answer: Answer) -> Faults:
    return lambda asked, real: answer


def cut_off(asked: Asked, real: Answer) -> Answer:
    return replace(real, cut=len(real.body) // 2)


def fine(asked: Asked, real: Answer) -> None:
    return None


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


@pytest.fixture
def way(seaweed: Seaweed) -> Iterator[Way]:
    way = Way(seaweed.port)
    with way.stub:
        yield way


@pytest.fixture
def sink(seaweed: Seaweed, way: Way, waiting: Waiting) -> S3Sink:
    return s3(seaweed, way.stub.address, waiting, prefix=seaweed.prefix())


def s3(
    seaweed: Seaweed, endpoint: str, waiting: Waiting, *, prefix: str = "p", bucket: str = "vaults", secret: str = ""
) -> S3Sink:
    sink = S3Sink(S3Config(bucket=bucket, prefix=prefix, endpoint=endpoint), patience=waiting.patience)
    secret = secret or seaweed.secret_key
    sink.use(Credential({"access-key-id": seaweed.access_key, "secret-access-key": secret}))
    return sink


def every_call(sink: Sink) -> list[Callable[[], object]]:
    return [
        sink.prepare,
        lambda: sink.put(NAME, DATA),
        lambda: sink.replace(NAME, DATA),
        lambda: sink.get(NAME),
        lambda: sink.size(NAME),
        lambda: list(sink.list("")),
        lambda: sink.delete(NAME),
    ]


@pytest.mark.parametrize(
    "fault", [Answer(500), Answer(502), Answer(429), BUSY, NO_ANSWER], ids=lambda each: each.status
)
def test_what_fails_is_tried_again_a_moment_later(sink: S3Sink, way: Way, waiting: Waiting, fault: Answer) -> None:
    way.faults = [always(fault)]
    sink.put(NAME, DATA)
    way.faults = [always(fault), always(fault)]

    assert sink.get(NAME) == DATA

    assert waiting == [0.5, 0.5, 1.0]
    assert [each.method for each in way.stub.asked] == ["PUT", "PUT", "GET", "GET", "GET"]


def test_an_answer_that_breaks_off_is_never_taken_for_the_whole(sink: S3Sink, way: Way, waiting: Waiting) -> None:
    sink.put(NAME, DATA)
    way.faults = [cut_off, cut_off]

    assert sink.get(NAME) == DATA

    way.faults = [cut_off] * 6
    with pytest.raises(SinkUnavailableError, match="the connection broke"):
        sink.get(NAME)


def test_trying_again_has_an_end(sink: S3Sink, way: Way, waiting: Waiting) -> None:
    for call in every_call(sink)[1:5]:
        way.stub.asked.clear()
        way.faults = [always(Answer(500))] * 6

        with pytest.raises(SinkUnavailableError, match=r"bucket `vaults` cannot be reached: its answer is 500"):
            call()

        assert len(way.stub.asked) == 6
        assert way.faults == []
    assert waiting == [0.5, 1, 2, 4, 8] * 4


def test_a_store_that_asks_to_come_again_is_waited_for_longer(sink: S3Sink, way: Way, waiting: Waiting) -> None:
    way.faults = [always(BUSY)] * 12

    with pytest.raises(SinkUnavailableError, match="asks to come again later: `SlowDown`"):
        sink.put(NAME, DATA)

    assert waiting == [0.5, 1, 2, 4, 8, 16, 32, 32, 32, 32, 32]


def test_a_store_that_hangs_is_given_up(seaweed: Seaweed, way: Way) -> None:
    waiting = Waiting(limit=0.2)
    sink = s3(seaweed, way.stub.address, waiting, prefix=seaweed.prefix())
    sink.put(NAME, DATA)
    way.faults = [always(Answer(hangs=True))] * 7

    with pytest.raises(SinkUnavailableError, match="it takes too long to answer"):
        sink.size(NAME)
    assert sink.get(NAME) == DATA

    assert len(waiting) == 6


def test_nothing_that_listens_is_told_soon(seaweed: Seaweed, waiting: Waiting) -> None:
    sink = s3(seaweed, "http://127.0.0.1:9", waiting)

    with pytest.raises(SinkUnavailableError, match="it does not take connections") as caught:
        sink.get(NAME)

    assert caught.value.hint is not None
    assert sum(waiting) < 16


def test_a_long_list_goes_on_where_it_was(seaweed: Seaweed, way: Way) -> None:
    waiting = Waiting(first_pause=0.001)
    sink = s3(seaweed, way.stub.address, waiting, prefix=seaweed.prefix())
    direct = s3(seaweed, seaweed.endpoint, waiting, prefix=sink._config.prefix)
    names = sorted(f"packs/00/{at:04}" for at in range(1_100))
    for name in names:
        direct.put(ObjectName(name), b"x")
    way.faults = [fine, always(Answer(500)), always(NO_ANSWER), cut_off]

    listed = [each.name for each in sink.list("packs/")]

    assert sorted(listed) == names
    assert len(way.stub.asked) == 5


def test_a_list_that_fails_for_good_is_an_error_and_no_end(sink: S3Sink, way: Way) -> None:
    way.faults = [always(Answer(403, b"<Error><Code>AccessDenied</Code></Error>"))]

    with pytest.raises(SinkPermissionError, match="`AccessDenied`"):
        list(sink.list(""))


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (Answer(403, b"<Error><Code>AccessDenied</Code></Error>"), SinkPermissionError, "`AccessDenied`"),
        (Answer(401), SinkPermissionError, "its answer is 401"),
        (Answer(507), SinkFullError, "no room left"),
        (Answer(403, b"<Error><Code>QuotaExceeded</Code></Error>"), SinkFullError, "`QuotaExceeded`"),
        (Answer(400, b"<Error><Code>InvalidRequest</Code></Error>"), SinkError, "refuses: `InvalidRequest`"),
        (Answer(400, b"<Error><Code>No &lt;word&gt; at all</Code></Error>"), SinkError, "its answer is 400"),
        (Answer(301, b"<Error><Code>PermanentRedirect</Code></Error>"), SinkError, "`PermanentRedirect`"),
    ],
)
def test_what_would_not_succeed_later_is_told_at_once(
    sink: S3Sink, way: Way, waiting: Waiting, answer: Answer, error: type[SinkError], told: str
) -> None:
    way.faults = [always(answer)]

    with pytest.raises(error, match=told) as caught:
        sink.put(NAME, DATA)

    assert type(caught.value) is error
    assert caught.value.hint is not None
    assert waiting == []


def test_a_wrong_secret_is_told_and_never_shown(seaweed: Seaweed, waiting: Waiting) -> None:
    sink = s3(seaweed, seaweed.endpoint, waiting, secret="hunter2-hunter2-hunter2")

    for call in every_call(sink):
        with pytest.raises(SinkPermissionError, match=r"`SignatureDoesNotMatch`|its answer is 403") as caught:
            call()
        shown = "".join(traceback.format_exception(caught.value)) + f"{caught.value.hint} {sink!r} {sink.store!r}"
        assert "hunter2" not in shown
        assert "opendal" not in "".join(traceback.format_exception(caught.value.__context__ or ValueError()))
        assert "`tgvault sink login NAME`" in shown


def test_a_bucket_that_is_not_there_holds_nothing_and_gets_nothing(seaweed: Seaweed, waiting: Waiting) -> None:
    sink = s3(seaweed, seaweed.endpoint, waiting, bucket="nowhere")

    for call in every_call(sink)[:-1]:
        with pytest.raises(SinkGoneError, match="there is no bucket `nowhere`") as caught:
            call()
        assert "make the bucket" in str(caught.value.hint)


def test_nothing_is_asked_before_it_is_needed(seaweed: Seaweed, way: Way, waiting: Waiting) -> None:
    sink = s3(seaweed, way.stub.address, waiting)

    sink.credential_fields()
    sink.tidy()
    sink.close()

    assert way.stub.asked == []


def test_each_thing_is_done_with_one_request_over_one_connection(sink: S3Sink, way: Way) -> None:
    data = content(16 << 20)

    sink.put(NAME, data)
    sink.get(NAME)
    sink.size(NAME)
    list(sink.list("packs/"))
    sink.delete(NAME)

    assert [each.method for each in way.stub.asked] == ["PUT", "GET", "HEAD", "GET", "DELETE"]
    assert way.stub.connections <= 2  # the second one if the first is not free again in the same instant


def test_variables_of_others_change_nothing(
    seaweed: Seaweed, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "else")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "entirely")
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_REGION", "elsewhere")
    sink = s3(seaweed, seaweed.endpoint, waiting, prefix=seaweed.prefix())

    sink.put(NAME, DATA)

    assert sink.get(NAME) == DATA


@pytest.mark.parametrize("name", ["../a", "a//b", "/a", "a/../b", "", "a b"])
def test_what_is_no_name_is_refused(sink: S3Sink, way: Way, name: str) -> None:
    for call in (sink.get, sink.size, sink.delete, lambda each: sink.put(each, b"")):
        with pytest.raises(SinkError, match="not the name of an object"):
            call(ObjectName(name))

    assert way.stub.asked == []


@contextmanager
def dav_sink(dav: Dav, waiting: Waiting, *, password: str = "", path: str = "") -> Iterator[tuple[WebdavSink, Way]]:
    way = Way(dav.port)
    with way.stub:
        config = WebdavConfig(url=way.stub.address, path=path or dav.prefix())
        sink = WebdavSink(config, patience=waiting.patience)
        sink.use(Credential({"user": dav.user, "password": password or dav.password}))
        yield sink, way


def test_a_move_whose_answer_was_lost_has_moved(dav: Dav, waiting: Waiting) -> None:
    with dav_sink(dav, waiting) as (sink, way):
        sink.prepare()

        def lost(asked: Asked, real: Answer) -> Answer | None:
            way.faults = [lost] if asked.method != "MOVE" else []
            return NO_ANSWER if asked.method == "MOVE" else None

        way.faults = [lost]
        sink.put(NAME, DATA)

        assert sink.get(NAME) == DATA
        assert [each.method for each in way.stub.asked].count("MOVE") == 1
        assert list(sink.list("")) == [StoredObject(NAME, len(DATA))]


def test_an_upload_that_breaks_off_leaves_nothing_to_be_seen(dav: Dav, waiting: Waiting) -> None:
    with dav_sink(dav, waiting) as (sink, way):
        sink.prepare()
        way.faults = [always(NO_ANSWER)] * 6

        with pytest.raises(SinkUnavailableError):
            sink.put(NAME, DATA)
        sink.tidy()

        assert list(sink.list("")) == []
        with pytest.raises(MissingObjectError):
            sink.get(NAME)


def test_what_killed_writers_left_is_removed_after_a_day(dav: Dav, waiting: Waiting) -> None:
    import os

    with dav_sink(dav, waiting) as (sink, _):
        sink.prepare()
        sink.put(NAME, DATA)
        folder = dav.files / sink._config.path
        for name, age in (("old", 90_000), ("new", 80_000)):
            (folder / f".tgvault-{name}.tmp").write_bytes(b"half")
            at = folder.stat().st_mtime - age
            os.utime(folder / f".tgvault-{name}.tmp", (at, at))

        sink.tidy()

        assert sorted(each.name for each in folder.iterdir()) == [".tgvault-new.tmp", "packs"]


def test_a_folder_of_webdav_that_is_gone_is_not_made_anew(dav: Dav, waiting: Waiting) -> None:
    with dav_sink(dav, waiting) as (sink, _):
        for call in every_call(sink)[1:6]:
            with pytest.raises(SinkGoneError, match="there is no folder `test-"):
                call()

        assert not (dav.files / sink._config.path).exists()


def test_a_wrong_password_is_told_and_never_shown(dav: Dav, waiting: Waiting) -> None:
    with dav_sink(dav, waiting, password="hunter2") as (sink, _):
        for call in every_call(sink):
            with pytest.raises(SinkPermissionError, match="does not allow it: its answer is 401") as caught:
                call()
            assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_a_folder_is_no_object_and_is_not_deleted(dav: Dav, waiting: Waiting) -> None:
    with dav_sink(dav, waiting) as (sink, _):
        sink.prepare()
        sink.put(NAME, DATA)

        sink.delete(ObjectName("packs"))
        sink.delete(ObjectName("packs/ab"))

        assert sink.get(NAME) == DATA


def test_below_an_address_with_a_path_all_is_well(dav: Dav, waiting: Waiting) -> None:
    (dav.files / "remote.php" / "dav ö").mkdir(parents=True, exist_ok=True)
    config = WebdavConfig(url=f"{dav.endpoint}/remote.php/dav%20%C3%B6/", path=dav.prefix())
    sink = WebdavSink(config, patience=waiting.patience)
    sink.use(Credential({"user": dav.user, "password": dav.password}))
    sink.prepare()

    sink.put(NAME, DATA)

    assert sink.get(NAME) == DATA
    assert list(sink.list("packs/")) == [StoredObject(NAME, len(DATA))]
