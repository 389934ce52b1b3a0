"""Files that Telegram has others hand out: encrypted parts from servers that are not trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rsa
from telethon.tl import functions, types

from account_support import ada, quickly
from takeout_accounts import a_document, a_photo, talk_with_ben
from takeout_files import PART, contents_of, missing, restored
from takeout_support import LiveVault, losses, serve
from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.faults import ChangeFile, Drop, Fault, ForgetKey, NewSalt, Refuse
from tgvault.testing.telegram.methods import METHODS, cdn, files
from tgvault_plugins.takeout.cdn import decrypted

#: Number of the network's data centre.
CDN = 203
#: The film is handed out by others, the photo is not.
FILM, PHOTO = ("document", 1, ""), ("photo", 2, "y")
KIB = 1024


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveVault]:
    account = ada()
    talk = talk_with_ben(account)
    account.say(talk, media=a_document(account, 1, size=2 * PART + 300 * KIB + 7, dc=4))
    account.say(talk, media=a_photo(account, 2))
    with serve(account, tmp_path_factory.mktemp("base") / "vault", categories=["chats"]) as live:
        live.server.redirect_to_cdn(lambda kind, number, letter: (kind, number) == FILM[:2])
        live.visit(4)
        yield live


@pytest.fixture
def live(base: LiveVault, tmp_path: Path) -> LiveVault:
    base.server.calls.clear()
    base.server.faults.clear()
    base.server.world.uploaded.clear()
    return base.copy(tmp_path / "vault")


def at(offset: int) -> Callable[[Any], bool]:
    return lambda request: bool(request.offset == offset)


def is_whole(live: LiveVault) -> bool:
    return restored(live) == contents_of(live.account, FILM, PHOTO)


def listed(live: LiveVault, reason: str) -> bool:
    """Whether a run lists the film with that reason and stores nothing of it, and the next one has it."""
    outcome = live.back_up()
    reasons = list(missing(outcome).values())
    is_kept_out = restored(live) == contents_of(live.account, PHOTO)
    live.server.faults.clear()
    is_ended = outcome.ended is not None
    return (reasons, is_kept_out, is_ended) == ([reason], True, False) and not losses(live.back_up()) and is_whole(live)


# What is right


def test_a_file_is_fetched_from_where_telegram_sends_the_client(live: LiveVault) -> None:
    outcome = live.back_up()

    assert (outcome.ended, losses(outcome), is_whole(live)) == (None, [], True)
    given = [part for part in live.server.calls.parts_fetched() if part.id == 1]
    assert sorted((part.kind, part.offset) for part in given) == [("cdn", 0), ("cdn", PART), ("cdn", 2 * PART)]
    assert live.server.calls.parts_fetched_twice() == ()
    assert {call.dc for call in live.calls("upload.getCdnFile")} == {CDN}


def test_a_file_that_is_not_there_yet_is_brought_there_once(live: LiveVault) -> None:
    live.back_up()

    assert [call.dc for call in live.calls("upload.reuploadCdnFile")] == [4]
    assert live.count("upload.getCdnFile") == 1 + 3


def test_parts_are_decrypted_and_then_compared_with_hashes_of_the_files_own_data_centre(live: LiveVault) -> None:
    live.back_up()
    content = live.account.shelf.content("document", 1)
    assert content is not None
    (token,) = live.server.world.cdn_files
    plain = content.read(PART, 128 * KIB)
    there = cdn._encrypted(content, token, PART, 128 * KIB)

    # Telegram Desktop compares what it has decrypted: `DownloadMtprotoTask::cdnPartLoaded`.
    assert {call.dc for call in live.calls("upload.getCdnFileHashes")} == {4}
    assert cdn.hash_ranges(content, PART)[0].hash == sha256(plain).digest() != sha256(there).digest()
    assert decrypted(there, cdn.cdn_key(token), cdn.cdn_iv(token), PART) == plain


def test_a_network_that_asks_again_and_again_for_a_file_is_not_believed(
    live: LiveVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.server.world.uploaded = Forgetful()
    try:
        assert list(missing(live.back_up()).values()) == ["Telegram does not give it: CDN_FILE_REUPLOAD_NEEDED"]
    finally:
        live.server.world.uploaded = set()
    assert (losses(live.back_up()), is_whole(live)) == ([], True)


class Forgetful(set[bytes]):
    """Holds nothing that is put into it."""

    def add(self, element: bytes) -> None:
        """Forget it."""


# What is wrong


def tampered(place: int) -> Callable[[bytes], bytes]:
    def tamper(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[place] ^= 1
        return bytes(changed)

    return tamper


@pytest.mark.parametrize("offset", [0, PART, 2 * PART])
@pytest.mark.parametrize("place", [0, 200 * KIB, -1])
def test_a_part_that_was_tampered_with_is_never_stored(live: LiveVault, offset: int, place: int) -> None:
    live.server.faults.add(Fault(ChangeFile(tampered(place)), "upload.getCdnFile", times=None, when=at(offset)))

    assert listed(live, "Telegram does not give it: CDN_HASH_MISMATCH")
    assert 0 < live.count("upload.getCdnFile") < 12


@pytest.mark.parametrize(
    "change", [lambda data: data[:-1], lambda data: data + b"!", lambda data: b"", lambda data: data[: 128 * KIB]]
)
@pytest.mark.parametrize("offset", [0, 2 * PART])
def test_a_part_that_is_too_short_or_too_long_is_never_stored(
    live: LiveVault, offset: int, change: Callable[[bytes], bytes]
) -> None:
    live.server.faults.add(Fault(ChangeFile(change), "upload.getCdnFile", times=None, when=at(offset)))
    outcome = live.back_up()
    live.server.faults.clear()

    assert (outcome.ended, len(missing(outcome))) == (None, 1)
    assert restored(live) == contents_of(live.account, PHOTO)
    assert (losses(live.back_up()), is_whole(live)) == ([], True)


def none(hashes: list[types.FileHash]) -> list[types.FileHash]:
    return []


def later_ones(hashes: list[types.FileHash]) -> list[types.FileHash]:
    return hashes[1:]


def with_a_gap(hashes: list[types.FileHash]) -> list[types.FileHash]:
    return [hashes[0], *hashes[2:]]


def of_nothing(hashes: list[types.FileHash]) -> list[types.FileHash]:
    return [types.FileHash(each.offset, 0, sha256(b"").digest()) for each in hashes]


@pytest.mark.parametrize("cripple", [none, later_ones, of_nothing])
def test_bytes_of_which_no_hash_is_told_are_never_stored(
    live: LiveVault, monkeypatch: pytest.MonkeyPatch, cripple: Callable[[list[types.FileHash]], list[types.FileHash]]
) -> None:
    told = cdn.hash_ranges
    monkeypatch.setattr(cdn, "hash_ranges", lambda content, offset: cripple(told(content, offset)))
    outcome = live.back_up()
    monkeypatch.undo()

    assert list(missing(outcome).values()) == ["Telegram does not give it: CDN_HASHES_MISSING"]
    assert restored(live) == contents_of(live.account, PHOTO)
    assert (losses(live.back_up()), is_whole(live)) == ([], True)


@pytest.mark.parametrize("change", [with_a_gap, lambda hashes: hashes[::-1], lambda hashes: hashes[:1]])
def test_hashes_may_be_told_in_any_order_and_bit_by_bit(
    live: LiveVault, monkeypatch: pytest.MonkeyPatch, change: Callable[[list[types.FileHash]], list[types.FileHash]]
) -> None:
    told = cdn.hash_ranges
    monkeypatch.setattr(cdn, "hash_ranges", lambda content, offset: change(told(content, offset)))

    assert (losses(live.back_up()), is_whole(live)) == ([], True)


def test_bytes_between_hashes_are_compared_too(live: LiveVault, monkeypatch: pytest.MonkeyPatch) -> None:
    told = cdn.hash_ranges
    monkeypatch.setattr(cdn, "hash_ranges", lambda content, offset: with_a_gap(told(content, offset)))
    live.server.faults.add(Fault(ChangeFile(tampered(200 * KIB)), "upload.getCdnFile", times=None, when=at(0)))

    assert listed(live, "Telegram does not give it: CDN_HASH_MISMATCH")


@pytest.mark.parametrize(
    ("method", "word"),
    [
        ("upload.getCdnFile", "FILE_TOKEN_INVALID"),
        ("upload.reuploadCdnFile", "REQUEST_TOKEN_INVALID"),
        ("upload.reuploadCdnFile", "CDN_UPLOAD_TIMEOUT"),
        ("upload.getCdnFileHashes", "FILE_TOKEN_INVALID"),
    ],
)
def test_what_the_network_does_not_give_is_listed_and_asked_for_again(live: LiveVault, method: str, word: str) -> None:
    live.server.faults.add(Fault(Refuse(word), method, times=None))

    assert listed(live, f"Telegram does not give it: {word}")


@pytest.mark.parametrize(
    ("key", "vector"),
    [(b"k", bytes(16)), (bytes(33), bytes(16)), (b"", bytes(16)), (bytes(32), b""), (bytes(32), bytes(17))],
)
def test_a_file_whose_key_is_none_is_listed_and_asked_for_again(
    live: LiveVault, monkeypatch: pytest.MonkeyPatch, key: bytes, vector: bytes
) -> None:
    monkeypatch.setattr(files, "cdn_key", lambda token: key)
    monkeypatch.setattr(files, "cdn_iv", lambda token: vector)
    outcome = live.back_up()
    monkeypatch.undo()

    assert (outcome.ended, list(missing(outcome).values())) == (None, ["Telegram does not give it: CDN_KEY_INVALID"])
    assert restored(live) == contents_of(live.account, PHOTO)
    assert (losses(live.back_up()), is_whole(live)) == ([], True)


@pytest.mark.parametrize(
    "told",
    [
        [],
        [types.CdnPublicKey(CDN, "nonsense")],
        [types.CdnPublicKey(CDN, "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----")],
        [types.CdnPublicKey(CDN, rsa.PublicKey(3 << 4094, 65537).save_pkcs1().decode())],
        [types.CdnPublicKey(CDN + 1, LoopbackServer.public_key)],
    ],
)
def test_a_network_of_which_no_key_is_told_is_not_asked(
    live: LiveVault, monkeypatch: pytest.MonkeyPatch, told: list[types.CdnPublicKey]
) -> None:
    request = functions.help.GetCdnConfigRequest
    method = replace(METHODS[request], carry_out=lambda asked: types.CdnConfig(told))
    monkeypatch.setitem(METHODS, request, method)
    outcome = live.back_up()
    monkeypatch.undo()

    assert (outcome.ended, list(missing(outcome).values())) == (None, ["Telegram does not give it: CDN_UNREACHABLE"])
    assert live.count("upload.getCdnFile") == 0
    assert (losses(live.back_up()), is_whole(live)) == ([], True)


@pytest.mark.parametrize("method", ["upload.getCdnFile", "upload.getCdnFileHashes"])
def test_where_the_network_does_not_know_a_file_any_more_telegram_is_asked_anew(live: LiveVault, method: str) -> None:
    live.server.faults.add(Fault(Refuse("FILE_TOKEN_INVALID"), method, after=1))
    outcome = live.back_up()

    assert (losses(outcome), is_whole(live)) == ([], True)
    # Once for each part, and once more for the one that was refused.
    assert Counter(call.dc for call in live.calls("upload.getFile"))[4] == 4


@pytest.mark.parametrize("fault", [Drop(), Drop(100_000), ForgetKey(), NewSalt()])
@pytest.mark.parametrize("after", [0, 2])
def test_a_connection_to_the_network_that_is_lost_is_made_again(live: LiveVault, fault: Any, after: int) -> None:
    live.server.faults.add(Fault(fault, "upload.getCdnFile", after=after))
    outcome = live.back_up()

    assert (outcome.ended, losses(outcome), is_whole(live)) == (None, [], True)


def test_a_network_that_is_away_keeps_nothing_else_from_being_fetched(
    live: LiveVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    quickly(monkeypatch)
    live.server.faults.add(Fault(Drop(), "upload.getCdnFile", after=1, times=None))
    outcome = live.back_up()

    assert list(missing(outcome).values()) == ["Telegram does not give it: CDN_UNREACHABLE"]
    assert (outcome.ended, restored(live)) == (None, contents_of(live.account, PHOTO))
    live.server.faults.clear()
    assert (losses(live.back_up()), is_whole(live)) == ([], True)


def test_a_reference_that_runs_out_is_renewed_for_files_at_the_network_too(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("FILE_REFERENCE_EXPIRED"), "upload.getFile", dc=4))
    live.server.faults.add(Fault(Drop(), "upload.getFile", times=None, when=Ageing(live)))
    outcome = live.back_up()

    assert (losses(outcome), is_whole(live)) == ([], True)


class Ageing:
    """Lets all references run out when the first file is asked for; strikes never."""

    def __init__(self, live: LiveVault) -> None:
        self._live: LiveVault | None = live

    def __call__(self, request: Any) -> bool:
        if self._live is not None:
            self._live.account.age_references()
            self._live = None
        return False
