"""The sink `rclone` with a program that passes for rclone and answers otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tgvault.api import MissingObjectError, ObjectName, SinkError, SinkUnavailableError
from tgvault_plugins.rclone import RcloneConfig, RcloneSink

NAME = ObjectName("vault.json")

#: Serves as rclone does, and answers every request by `answer`, of which it has the text.
PROGRAM = """#!{python}
import http.server, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *given): pass
    def say(self, status, body, length=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer()
    do_GET = lambda self: self.answer()
    def answer(self):
        {answer}
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"a line before\\n2026/11/23 NOTICE: Serving remote control on http://127.0.0.1:{{server.server_port}}/",
      file=sys.stderr, flush=True)
server.serve_forever()
"""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], RcloneSink]]:
    made: list[RcloneSink] = []

    def make(answer: str) -> RcloneSink:
        program = tmp_path / "program"
        program.write_text(PROGRAM.format(python=sys.executable, answer=answer))
        program.chmod(0o700)
        made.append(RcloneSink(RcloneConfig(remote="disk:vault", program=program), step=1))
        return made[-1]

    yield make
    for sink in made:
        sink.close()


def test_one_that_breaks_off_is_given_up(make: Callable[[str], RcloneSink]) -> None:
    sink = make("self.close_connection = True")

    with pytest.raises(SinkUnavailableError, match="breaks off"):
        sink.prepare()


def test_one_that_does_not_answer_is_given_up(make: Callable[[str], RcloneSink]) -> None:
    sink = make("threading.Event().wait()")

    with pytest.raises(SinkUnavailableError, match="does not answer in time"):
        sink.prepare()


def test_an_answer_that_ends_early_is_no_object(make: Callable[[str], RcloneSink]) -> None:
    sink = make("self.say(200, b'part', length=100); self.close_connection = True")

    with pytest.raises(SinkUnavailableError, match="breaks off"):
        sink.get(NAME)


@pytest.mark.parametrize("length", [1 << 40, 65 << 20])
def test_an_answer_that_is_larger_than_any_object_is_not_read(make: Callable[[str], RcloneSink], length: int) -> None:
    sink = make(
        f"""self.say(200, b'part', length={length}) if self.command == 'GET' else self.say(200, b'{{"list":[]}}')"""
    )

    with pytest.raises(MissingObjectError):
        sink.get(ObjectName("index/a"))


@pytest.mark.parametrize("body", [b"<html>", b'{"status": 500}', b'{"error": 5}'])
def test_an_error_that_cannot_be_read_is_reported(make: Callable[[str], RcloneSink], body: bytes) -> None:
    sink = make(f"self.say(500, {body!r})")

    with pytest.raises(SinkUnavailableError, match="rclone failed"):
        sink.prepare()


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"list": 5}', b'{"item": {"Size": "x"}}'])
def test_an_answer_that_is_none_is_reported(make: Callable[[str], RcloneSink], body: bytes) -> None:
    sink = make(f"self.say(200, {body!r})")

    with pytest.raises(SinkError, match="does not understand"):
        list(sink.list(""))
    with pytest.raises(SinkError, match="does not understand"):
        sink.size(NAME)
    with pytest.raises(SinkError, match="does not understand"):
        sink.tidy()


def test_files_of_one_name_are_listed_once_and_deleted_all(make: Callable[[str], RcloneSink], tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.write_text("xx")
    sink = make(
        f"""
        file = __import__("pathlib").Path({str(left)!r})
        said = {{"operations/fsinfo": b'{{"Features": {{"DuplicateFiles": true}}}}'}}
        if self.path == "/operations/deletefile" and not file.read_text():
            return self.say(404, b'{{"error": "object not found"}}')
        if self.path == "/operations/deletefile":
            file.write_text(file.read_text()[1:])
        listed = b'{{"Path": "vault.json", "Size": 2, "IsDir": false}}'
        said["operations/list"] = b'{{"list": [' + b", ".join([listed] * len(file.read_text())) + b"]}}"
        self.say(200, said.get(self.path[1:], b"{{}}"))"""
    )

    assert [each.name for each in sink.list("")] == ["vault.json"]

    sink.delete(NAME)
    assert list(sink.list("")) == []
