#!/usr/bin/env python3
"""Small timings of the parts that bound tgvault's speed, each alone on one core (about half a minute in all).

    micro.py [FOLDER]

FOLDER is where objects are written for the disk's figures; the system's temporary folder if it is not given.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import msgspec
import pyrage
import zstandard
from blake3 import blake3
from chatter import Chat, Words, encode

MIB = 1 << 20
SIZES = (64 << 10, 1 * MIB, 4 * MIB, 16 * MIB)

#: What a line of the table says: what was done, to what, and how fast in MB/s or how long in ms.
Line = tuple[str, str, str]


class _Head(msgspec.Struct, gc=False):
    """The part of a message that a source looks at."""

    id: int
    photo: str = ""
    file: str = ""


def main() -> None:
    """Print all timings as one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(tempfile.gettempdir()))
    folder = parser.parse_args().folder
    print("| what | of | |\n| --- | --- | --- |")
    text = _chat_text(8 * MIB)
    for lines in (_age(), _age_in_processes(), _hashes(), _zstd(text), _json(text), _disk(folder), _start_up()):
        for line in lines:
            print("| " + " | ".join(line) + " |", flush=True)


def _best(work: Callable[[], object], budget: float = 0.4) -> float:
    """The fastest of as many runs as fit into the budget, at least three; seconds."""
    times: list[float] = []
    while len(times) < 3 or sum(times) < budget:
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def _rate(what: str, of: str, size: int, work: Callable[[], object]) -> Line:
    return what, of, f"{size / _best(work) / 1e6:,.0f} MB/s"


def _duration(what: str, of: str, work: Callable[[], object]) -> Line:
    return what, of, f"{_best(work) * 1e3:,.1f} ms"


def _chat_text(size: int) -> bytes:
    rng = random.Random(7)
    chat, blocks, have = Chat(rng, Words(rng), 0, []), list[bytes](), 0
    while have < size:
        blocks.append(encode(chat.message()))
        have += len(blocks[-1])
    return b"[" + b",\n     ".join(blocks) + b"]"


def _age() -> Iterator[Line]:
    identity = pyrage.x25519.Identity.generate()
    recipients, identities = [identity.to_public()], [identity]
    for size in SIZES:
        data, of = os.urandom(size), f"{size >> 10:,} KiB"
        sealed = pyrage.encrypt(data, recipients)
        yield _rate("age, seal", of, size, partial(pyrage.encrypt, data, recipients))
        yield _rate("age, seal, `encrypt_io`", of, size, partial(_sealed, data, recipients))
        yield _rate("age, unseal", of, size, partial(pyrage.decrypt, sealed, identities))
        yield _rate("age, unseal, `decrypt_io`", of, size, partial(_unsealed, sealed, identities))


def _sealed(data: bytes, recipients: list[pyrage.x25519.Recipient]) -> bytes:
    target = io.BytesIO()
    pyrage.encrypt_io(io.BytesIO(data), target, recipients)
    return target.getvalue()


def _unsealed(sealed: bytes, identities: list[pyrage.x25519.Identity]) -> bytes:
    target = io.BytesIO()
    pyrage.decrypt_io(io.BytesIO(sealed), target, identities)
    return target.getvalue()


def _age_in_processes() -> Iterator[Line]:
    """Whether processes share the work: memory, not the cores, could be the limit."""
    workers, each = os.cpu_count() or 1, 8
    with ProcessPoolExecutor(workers) as pool:
        seconds = _best(lambda: list(pool.map(_seal_many, [each] * workers)))
    size = workers * each * 16 * MIB
    yield f"age, seal, `encrypt_io`, {workers} processes", "16,384 KiB", f"{size / seconds / 1e6:,.0f} MB/s"


def _seal_many(count: int) -> None:
    data, recipient = bytes(16 * MIB), pyrage.x25519.Identity.generate().to_public()
    for _ in range(count):
        _sealed(data, [recipient])


def _hashes() -> Iterator[Line]:
    data = os.urandom(16 * MIB)
    yield _rate("BLAKE3, keyed", "16 MiB", len(data), lambda: blake3(data, key=bytes(32)).digest())
    yield _rate("SHA-256", "16 MiB", len(data), lambda: hashlib.sha256(data).digest())


def _zstd(text: bytes) -> Iterator[Line]:
    frames = [text[at : at + MIB] for at in range(0, len(text), MIB)]
    noise = os.urandom(4 * MIB)
    for level in (1, 3, 6):
        packer = zstandard.ZstdCompressor(level=level)
        packed = [packer.compress(frame) for frame in frames]
        of = f"messages, 1 MiB frames, {len(text) / sum(map(len, packed)):.1f} : 1"
        yield _rate(f"zstd -{level}", of, len(text), partial(_all, packer.compress, frames))
    yield _rate("zstd -3", "media, 4 MiB", len(noise), lambda: zstandard.ZstdCompressor(level=3).compress(noise))
    opener = zstandard.ZstdDecompressor()
    yield _rate("zstd, unpack", "messages", len(text), partial(_all, opener.decompress, packed))


def _all(work: Callable[[bytes], bytes], pieces: list[bytes]) -> None:
    for piece in pieces:
        work(piece)


def _json(text: bytes) -> Iterator[Line]:
    minified = msgspec.json.format(text, indent=-1)
    raw, heads = msgspec.json.Decoder(list[msgspec.Raw]), msgspec.json.Decoder(list[_Head])
    count = f"{len(raw.decode(minified)):,} messages"
    yield _rate("msgspec, minify", count, len(text), lambda: msgspec.json.format(text, indent=-1))
    yield _rate("msgspec, split into `Raw`", f"{count}, minified", len(minified), lambda: raw.decode(minified))
    yield _rate("msgspec, read ids and paths", f"{count}, minified", len(minified), lambda: heads.decode(minified))
    yield _rate("msgspec, build everything", f"{count}, minified", len(minified), lambda: msgspec.json.decode(minified))


def _disk(folder: Path) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for size in (100 << 10, 16 * MIB):
            data = os.urandom(size)
            write = _Writes(Path(place), data)
            yield _duration("write, fsync, link, fsync the folder", f"{size >> 10:,} KiB", write)


class _Writes:
    """Stores an object the way the local sink does, under a new name each time."""

    def __init__(self, folder: Path, data: bytes) -> None:
        self._folder, self._data, self._number = folder, data, 0

    def __call__(self) -> None:
        self._number += 1
        part, name = self._folder / "part", self._folder / f"{len(self._data)}-{self._number}"
        with part.open("wb") as file:
            file.write(self._data)
            file.flush()
            os.fsync(file.fileno())
        name.hardlink_to(part)
        part.unlink()
        descriptor = os.open(self._folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def _start_up() -> Iterator[Line]:
    yield _duration("start-up", "Python alone", partial(_python, "pass"))
    for module in ("typer", "msgspec", "pyrage", "apsw", "rich.progress", "keyring"):
        yield _duration("start-up", f"Python and `import {module}`", partial(_python, f"import {module}"))


def _python(program: str) -> None:
    subprocess.run([sys.executable, "-c", program], check=True)


if __name__ == "__main__":
    main()
