from __future__ import annotations

import io
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from key_support import all_texts, sealed_with_passphrase
from tgvault.crypto import passphrase as module
from tgvault.crypto.age import Identity, OpeningFailure, UnsealError, seal
from tgvault.crypto.passphrase import seal_with_passphrase, serve, unseal_with_passphrase
from tgvault.errors import AccessError, BadKeyError

PHRASE = "Zwölf Boxkämpfer-4711"
WRONG = "Zwölf Boxkämpfer-4712"
CHEAP = sealed_with_passphrase(b"the bundle", PHRASE)


def test_a_passphrase_seals_and_opens_and_no_other_process_sees_it() -> None:
    with ThreadPoolExecutor(1) as pool:
        sealing = pool.submit(seal_with_passphrase, b"the bundle", PHRASE)
        seen = set[str]()
        while not sealing.done():
            seen |= {text for text in map(process_texts, children()) if "tgvault.crypto.passphrase" in text}

    assert seen
    assert not any(PHRASE in text or "the bundle" in text for text in seen)
    assert unseal_with_passphrase(sealing.result(), PHRASE) == b"the bundle"


def children() -> list[Path]:
    tasks = Path("/proc/self/task")
    return [Path("/proc", pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]


def process_texts(process: Path) -> str:
    try:
        return (process / "cmdline").read_text() + (process / "environ").read_text()
    except OSError:
        return ""


def test_what_age_would_seal_opens_in_a_process_of_its_own() -> None:
    assert unseal_with_passphrase(CHEAP, PHRASE) == b"the bundle"


@pytest.mark.parametrize(
    ("sealed", "phrase", "failure"),
    [
        (CHEAP, WRONG, OpeningFailure.WRONG_KEY),
        (CHEAP[:60], PHRASE, OpeningFailure.TRUNCATED),
        (CHEAP[:-1], PHRASE, OpeningFailure.ALTERED),
        (CHEAP[:-1] + b"?", PHRASE, OpeningFailure.ALTERED),
        (b"", PHRASE, OpeningFailure.TRUNCATED),
        (CHEAP.replace(b" 4\n", b" 40\n"), PHRASE, OpeningFailure.TOO_COSTLY),
        (seal(b"x", [Identity.generate().recipient]), PHRASE, OpeningFailure.ALTERED),
    ],
)
def test_the_process_says_by_its_code_why_it_failed(sealed: bytes, phrase: str, failure: OpeningFailure) -> None:
    target = io.BytesIO()

    code = serve("open", asked(phrase, sealed), target)

    assert (code, target.getvalue()) == (100 + failure.value, b"")


def test_a_wrong_passphrase_is_told_and_not_shown() -> None:
    with pytest.raises(UnsealError) as caught:
        unseal_with_passphrase(CHEAP, WRONG)

    assert caught.value.failure is OpeningFailure.WRONG_KEY
    assert WRONG not in all_texts(caught.value)


def test_the_process_answers_through_its_pipes_alone() -> None:
    target = io.BytesIO()

    code = serve("open", asked(PHRASE, CHEAP), target)

    assert (code, target.getvalue()) == (0, b"the bundle")


def asked(phrase: str, data: bytes) -> io.BytesIO:
    secret = phrase.encode()
    return io.BytesIO(len(secret).to_bytes(4, "little") + secret + data)


def test_a_passphrase_that_is_no_text_is_refused_and_not_shown() -> None:
    with pytest.raises(BadKeyError) as caught:
        seal_with_passphrase(b"x", PHRASE + "\udcff")

    assert PHRASE not in all_texts(caught.value)


def test_a_process_that_is_killed_says_how_much_memory_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    kill = (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    monkeypatch.setattr(module, "_COMMAND", kill)

    with pytest.raises(AccessError, match="code -9") as sealing:
        seal_with_passphrase(b"x", PHRASE)
    with pytest.raises(AccessError) as opening:
        unseal_with_passphrase(b"x", PHRASE)

    assert "512 MB" in str(sealing.value.hint)
    assert PHRASE not in all_texts(sealing.value) + all_texts(opening.value)


def test_a_module_in_the_current_folder_is_not_given_the_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyrage.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)

    assert unseal_with_passphrase(CHEAP, PHRASE) == b"the bundle"
    assert [path.name for path in tmp_path.iterdir()] == ["pyrage.py"]
