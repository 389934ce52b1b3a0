"""Bytes of files, from several data centres and from a CDN."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.tl import functions, types

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.calls import Part
from tgvault.testing.telegram.client import with_login
from tgvault.testing.telegram.ctr import ctr
from tgvault.testing.telegram.faults import ChangeFile, Drop, Fault, Refuse
from tgvault.testing.telegram.world import CDN_DC

Ask = Callable[..., Any]
MIB = 1 << 20


def document(server: LoopbackServer, name: str) -> Any:
    """Find a file of the chat with Ann by its name."""
    for message in server.account.named("Ann").messages:
        found = getattr(getattr(message, "media", None), "document", None)
        for attribute in getattr(found, "attributes", ()):
            if getattr(attribute, "file_name", None) == name:
                return found
    raise KeyError(name)


def location(paper: Any, letter: str = "", **more: Any) -> Any:
    kind = types.InputPhotoFileLocation if isinstance(paper, types.Photo) else types.InputDocumentFileLocation
    fields = {"access_hash": paper.access_hash, "file_reference": paper.file_reference, **more}
    return kind(paper.id, thumb_size=letter, **fields)


def photo_at(server: LoopbackServer, dc: int) -> Any:
    photos = (getattr(getattr(each, "media", None), "photo", None) for each in server.account.named("Ann").messages)
    return next(photo for photo in photos if getattr(photo, "dc_id", None) == dc)


def get(place: Any, offset: int = 0, limit: int = MIB, **more: Any) -> Any:
    return functions.upload.GetFileRequest(place, offset, limit, **more)


def at(server: LoopbackServer, dc: int, do: Callable[[Any], Awaitable[Any]]) -> Any:
    """Do something with a sender for a data centre."""

    async def with_sender(client: TelegramClient) -> Any:
        if dc == client.session.dc_id:
            return await do(client)
        sender = await client._borrow_exported_sender(dc)
        try:
            return await do(lambda request: client._call(sender, request))
        finally:
            await client._return_exported_sender(sender)

    return with_login(server, with_sender)


def test_every_file_is_downloaded_from_where_it_lies(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> int:
        compared = 0
        async for message in client.iter_messages("ann_archer", limit=None):
            kind = message.photo or message.document
            if kind is None or message.web_preview or message.geo or isinstance(message.media, types.MessageMediaGame):
                continue
            if isinstance(kind, types.Photo):
                content = telegram.account.shelf.content("photo", kind.id, kind.sizes[-1].type)
            else:
                content = telegram.account.shelf.content("document", kind.id)
            assert content is not None
            data = await client.download_media(message, bytes)
            assert data == content.read()
            compared += 1
        return compared

    assert with_login(telegram, do) > 25
    assert {call.dc for call in telegram.calls.all("upload.getFile")} == {2, 4}
    assert telegram.calls.parts_fetched_twice() == ()


def test_a_file_at_another_data_centre_is_pointed_to(telegram: LoopbackServer) -> None:
    photo = photo_at(telegram, 4)
    ask_at_home = at(telegram, 4, lambda call: call(get(location(photo, "s"))))

    with pytest.raises(errors.FileMigrateError) as caught:
        at(telegram, 2, lambda call: call(get(location(photo, "s"))))

    assert caught.value.new_dc == 4
    assert ask_at_home.bytes == telegram.account.shelf.content("photo", photo.id, "s").read()  # type: ignore[union-attr]


def test_parts_keep_to_the_rules(telegram: LoopbackServer) -> None:
    paper = document(telegram, "exactly one MiB.bin")
    place = location(paper)

    async def do(call: Any) -> list[str]:
        outcomes = []
        for offset, limit, precise in (
            (0, MIB, False),
            (MIB // 2, MIB // 2, False),
            (MIB, MIB, False),
            (1024, 1024, True),
            (1024, 4096, False),
            (0, 1000, True),
            (0, 3 * 4096, False),
            (0, 2 * MIB, False),
            (MIB // 2, MIB, False),
            (2 * MIB, 4096, False),
            (-4096, 4096, False),
        ):
            try:
                answer = await call(get(place, offset, limit, precise=precise))
            except errors.RPCError as error:
                outcomes.append(type(error).__name__)
            else:
                outcomes.append(str(len(answer.bytes)))
        return outcomes

    assert at(telegram, paper.dc_id, do) == [
        str(MIB),
        str(MIB // 2),
        "0",
        "1024",
        "OffsetInvalidError",
        "LimitInvalidError",
        "LimitInvalidError",
        "LimitInvalidError",
        "LimitInvalidError",
        "OffsetInvalidError",
        "OffsetInvalidError",
    ]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"access_hash": 1}, errors.FileIdInvalidError),
        ({"file_reference": b""}, errors.RPCError),
        ({"file_reference": b"xx"}, errors.RPCError),
        ({"thumb_size": "q"}, errors.LocationInvalidError),
    ],
)
def test_a_file_is_not_given_to_anybody(telegram: LoopbackServer, ask: Ask, more: Any, error: Any) -> None:
    place = location(document(telegram, "report.pdf"))
    for name, value in more.items():
        setattr(place, name, value)

    with pytest.raises(error):
        ask(get(place))


def test_references_expire_until_the_origin_is_fetched_again(telegram: LoopbackServer) -> None:
    paper = document(telegram, "report.pdf")
    telegram.account.age_references([("document", paper.id)])
    fresh = document(telegram, "report.pdf")

    async def do(call: Any) -> Any:
        with pytest.raises(errors.FileReferenceExpiredError):
            await call(get(location(paper)))
        return await call(get(location(fresh)))

    assert len(at(telegram, paper.dc_id, do).bytes) == 300_000
    other = document(telegram, "exactly one MiB.bin")
    assert other.file_reference == telegram.account.shelf.reference("document", other.id)
    telegram.account.age_references()
    assert document(telegram, "report.pdf").file_reference != fresh.file_reference


def test_photos_of_peers_need_no_reference(telegram: LoopbackServer) -> None:
    photo = telegram.account.has.photos[1001][0]
    place = types.InputPeerPhotoFileLocation(types.InputPeerSelf(), photo.id, big=True)

    data = at(telegram, photo.dc_id, lambda call: call(get(place)))

    assert data.bytes == telegram.account.shelf.content("photo", photo.id, "c").read()  # type: ignore[union-attr]


def test_other_data_come_in_a_takeout_only(telegram: LoopbackServer, ask: Ask, ask_in_takeout: Ask) -> None:
    place = types.InputTakeoutFileLocation()

    assert ask_in_takeout(get(place)).bytes == telegram.account.has.other_data
    with pytest.raises(errors.TakeoutRequiredError):
        ask(get(place))


def test_what_has_no_place_here_is_refused(ask: Ask) -> None:
    with pytest.raises(errors.LocationInvalidError):
        ask(get(types.InputSecureFileLocation(1, 1)))


def test_hashes_of_a_file_are_of_its_parts(telegram: LoopbackServer) -> None:
    paper = document(telegram, "report.pdf")

    hashes = at(telegram, paper.dc_id, lambda call: call(functions.upload.GetFileHashesRequest(location(paper), 0)))

    content = telegram.account.shelf.content("document", paper.id)
    assert content is not None
    assert [(each.offset, each.limit) for each in hashes] == [(0, 131072), (131072, 131072), (262144, 37856)]
    assert hashes[1].hash == sha256(content.read(131072, 131072)).digest()


def test_a_socket_dropped_in_the_middle_of_a_file_is_no_part_fetched(telegram: LoopbackServer) -> None:
    paper = document(telegram, "exactly one MiB.bin")
    telegram.faults.add(Fault(Drop(200_000), method="upload.getFile", after=1))

    async def do(call: Any) -> bytes:
        return b"".join([(await call(get(location(paper), each * MIB // 4, MIB // 4))).bytes for each in range(4)])

    data = at(telegram, paper.dc_id, do)

    assert data == telegram.account.shelf.content("document", paper.id).read()  # type: ignore[union-attr]
    assert len(telegram.calls.all("upload.getFile")) == 5
    assert telegram.calls.parts_fetched_twice() == ()


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"more", lambda data: b""])
def test_a_file_may_be_too_short_or_too_long(telegram: LoopbackServer, change: Any) -> None:
    paper = document(telegram, "report.pdf")
    telegram.faults.add(Fault(ChangeFile(change), method="upload.getFile"))

    data = at(telegram, paper.dc_id, lambda call: call(get(location(paper)))).bytes

    content = telegram.account.shelf.content("document", paper.id)
    assert content is not None
    assert data == change(content.read())
    assert telegram.calls.all("upload.getFile")[0].outcome == "changed file"


def test_parts_fetched_twice_are_found(telegram: LoopbackServer) -> None:
    paper = document(telegram, "report.pdf")
    telegram.faults.add(Fault(Refuse("TAKEOUT_INVALID"), method="upload.getFile", after=1))
    place = location(paper)

    async def do(call: Any) -> None:
        for offset, limit in ((0, 131072), (131072, 131072), (0, 4096), (262144, 131072)):
            try:
                await call(get(place, offset, limit))
            except errors.TakeoutInvalidError:
                await call(get(place, offset, limit))

    at(telegram, paper.dc_id, do)

    assert telegram.calls.parts_fetched_twice() == (Part("document", paper.id, "", 0, 4096, 4096),)
    assert len(telegram.calls.all("upload.getFile", outcome="TAKEOUT_INVALID")) == 1


def test_a_client_is_sent_to_the_cdn(telegram: LoopbackServer) -> None:
    paper = document(telegram, "report.pdf")
    telegram.redirect_to_cdn(lambda kind, file_id, letter: file_id == paper.id)

    async def do(call: Any) -> tuple[Any, Any]:
        redirect = await call(get(location(paper), 0, 131072))
        more = await call(functions.upload.GetCdnFileHashesRequest(redirect.file_token, 131072))
        return redirect, more

    redirect, more = at(telegram, paper.dc_id, do)

    assert (redirect.dc_id, [each.offset for each in redirect.file_hashes]) == (CDN_DC, [0])
    assert [each.offset for each in more] == [131072, 262144]


def test_the_cdn_gives_encrypted_parts_once_it_has_the_file(telegram: LoopbackServer) -> None:
    paper = document(telegram, "report.pdf")
    telegram.redirect_to_cdn(lambda kind, file_id, letter: True)

    async def do(client: TelegramClient) -> tuple[Any, list[bytes]]:
        home = client
        if paper.dc_id != client.session.dc_id:
            sender = await client._borrow_exported_sender(paper.dc_id)
            home = lambda request: client._call(sender, request)  # noqa: E731
        redirect = await home(get(location(paper), 0, 131072))
        cdn = await client._get_cdn_client(redirect)
        parts = []
        for offset in range(0, 3 * 131072, 131072):
            asked = functions.upload.GetCdnFileRequest(redirect.file_token, offset, 131072)
            answer = await cdn._sender.send(asked)
            if isinstance(answer, types.upload.CdnFileReuploadNeeded):
                await home(functions.upload.ReuploadCdnFileRequest(redirect.file_token, answer.request_token))
                answer = await cdn._sender.send(asked)
            parts.append(answer.bytes)
        await cdn._sender.disconnect()
        return redirect, parts

    redirect, parts = with_login(telegram, do)

    counter = redirect.encryption_iv[:12] + bytes(4)
    plain = ctr(b"".join(parts), key=redirect.encryption_key, counter=counter)
    content = telegram.account.shelf.content("document", paper.id)
    assert content is not None
    assert plain == content.read()
    assert sha256(plain[:131072]).digest() == redirect.file_hashes[0].hash
    assert {part.kind for part in telegram.calls.parts_fetched()} == {"cdn"}
    assert telegram.calls.all("upload.getCdnFile")[0].dc == CDN_DC


def test_the_cdn_does_nothing_else(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> None:
        telegram.redirect_to_cdn(lambda kind, file_id, letter: True)
        redirect = types.upload.FileCdnRedirect(CDN_DC, b"", b"", b"", [])
        cdn = await client._get_cdn_client(redirect)
        try:
            for request in (
                functions.help.GetNearestDcRequest(),
                functions.upload.GetCdnFileRequest(b"?", 0, 4096),
                functions.upload.GetCdnFileRequest(b"?", 1, 4096),
                functions.upload.GetCdnFileRequest(b"?", 0, 5),
            ):
                with pytest.raises(errors.RPCError):
                    await cdn._sender.send(request)
        finally:
            await cdn._sender.disconnect()

    with_login(telegram, do)

    assert [call.outcome for call in telegram.calls if call.dc == CDN_DC] == [
        "CDN_METHOD_INVALID",
        "FILE_TOKEN_INVALID",
        "OFFSET_INVALID",
        "LIMIT_INVALID",
    ]
