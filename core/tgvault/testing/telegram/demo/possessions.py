"""What the demo account has besides chats."""

from __future__ import annotations

import json
from datetime import timedelta

from telethon import utils
from telethon.tl import types

from tgvault.testing.telegram.account.numbers import number
from tgvault.testing.telegram.account.possessions import StickerPackage
from tgvault.testing.telegram.demo.scene import Scene, plain
from tgvault.testing.telegram.tl import Tl

__all__ = ["add_possessions", "add_stickers", "set_ranges"]


def add_stickers(scene: Scene) -> None:
    """Add a set of stickers of every kind, one that is not installed, masks, and custom emoji."""
    owls = _set(scene, "Owls", "owls")
    kinds = {"image/webp": 9_000, "application/x-tgsticker": 6_000, "video/webm": 17_000}
    owls.documents = [_sticker(scene, owls, mime_type, size) for mime_type, size in kinds.items()]
    ravens = _set(scene, "Ravens", "ravens", installed=False)
    ravens.documents = [_sticker(scene, ravens, "image/webp", 7_000)]
    masks = _set(scene, "Masks", "masks", masks=True)
    masks.documents = [_sticker(scene, masks, "image/webp", 5_000)]
    emoji = _set(scene, "Owl emoji", "owl_emoji", emojis=True)
    emoji.documents = [_emoji(scene, emoji, mime_type) for mime_type in ("application/x-tgsticker", "video/webm")]
    for package in (owls, ravens, masks, emoji):
        package.set.count = len(package.documents)
        package.packs = [types.StickerPack("🦉", [each.id for each in package.documents])]
        scene.account.has.sticker_packages.append(package)


def _set(scene: Scene, title: str, name: str, *, installed: bool = True, **flags: Tl) -> StickerPackage:
    date = scene.account.now if installed else None
    set_id, access_hash = number("set", name), number("set hash", name)
    known = types.StickerSet(set_id, access_hash, title, name, 0, 1, installed_date=date, **flags)
    return StickerPackage(known, installed=installed)


def _sticker(scene: Scene, package: StickerPackage, mime_type: str, size: int) -> types.Document:
    where = types.InputStickerSetID(package.set.id, package.set.access_hash)
    ending = {"image/webp": "webp", "application/x-tgsticker": "tgs", "video/webm": "webm"}[mime_type]
    shape: Tl = types.DocumentAttributeImageSize(512, 512)
    if ending == "webm":
        shape = types.DocumentAttributeVideo(2.9, 512, 512, nosound=True)
    sticker = types.DocumentAttributeSticker("🦉", where, mask=package.set.masks)
    name = types.DocumentAttributeFilename(f"sticker.{ending}")
    return scene.document(mime_type, size, shape, sticker, name, thumb=2_000)


def _emoji(scene: Scene, package: StickerPackage, mime_type: str) -> types.Document:
    where = types.InputStickerSetID(package.set.id, package.set.access_hash)
    shape = types.DocumentAttributeImageSize(100, 100)
    return scene.document(mime_type, 4_000, shape, types.DocumentAttributeCustomEmoji("🦉", where), thumb=900)


def add_possessions(scene: Scene) -> None:
    """Add contacts, sessions, folders, stories and everything else."""
    _contacts(scene)
    _top_peers(scene)
    _sessions(scene)
    _folders(scene)
    _stories(scene)
    has = scene.account.has
    song = types.DocumentAttributeAudio(99, title="Profile Song", performer="Ada")
    has.saved_music = [scene.document("audio/mpeg", 60_000, song)]
    has.ringtones = [scene.document("audio/mpeg", 11_000, types.DocumentAttributeAudio(2, title="Hoot"))]
    other = {"drafts": [{"chat": "Clara", "text": "Dear Clara,"}], "privacy": {"last_seen": "contacts"}, "n": 3}
    has.other_data = json.dumps(other, indent=1).encode()


def _contacts(scene: Scene) -> None:
    date = scene.account.now - timedelta(days=900)
    scene.account.has.saved_contacts = [
        types.SavedPhoneContact("15550102", "Ann", "Archer", date),
        types.SavedPhoneContact("15550103", "Boris 🦉", "Бобров", date),
        types.SavedPhoneContact("15550106", "Eve", "", date),
        types.SavedPhoneContact("+49 30 1234567", "Not on", "Telegram", date),
        types.SavedPhoneContact("1555", "", "", date),
    ]


def _top_peers(scene: Scene) -> None:
    def category(kind: type[Tl], *names: str) -> types.TopPeerCategoryPeers:
        peers = [utils.get_peer(scene.users.get(name) or scene.chats[name]) for name in names]
        rated = [types.TopPeer(peer, 2.5 / (place + 1)) for place, peer in enumerate(peers)]
        return types.TopPeerCategoryPeers(kind(), len(rated), rated)

    scene.account.has.top_peers = [
        category(types.TopPeerCategoryCorrespondents, "ann", "boris", "me", "gone"),
        category(types.TopPeerCategoryBotsInline, "gifs"),
        category(types.TopPeerCategoryPhoneCalls, "ann"),
        category(types.TopPeerCategoryGroups, "club", "lunch", "birds"),
        category(types.TopPeerCategoryChannels, "daily"),
        category(types.TopPeerCategoryBotsPM, "helper"),
    ]


def _sessions(scene: Scene) -> None:
    now, has = scene.account.now, scene.account.has
    here = ("PC 64bit", "Linux", "6.1", 12345, "tgvault", "1.0", now, now, "127.0.0.1", "Here", "")
    phone = ("Phone", "Android", "14", 6, "Telegram Android", "10.0", now - timedelta(days=30), now)
    has.authorizations = [
        types.Authorization(0, *here, current=True),
        types.Authorization(number("session"), *phone, "192.0.2.7", "Germany", "Berlin", official_app=True),
    ]
    site = (number("site"), 3003, "shop.example.org", "Firefox", "Linux", now, now, "192.0.2.8", "Berlin")
    has.web_authorizations = [types.WebAuthorization(*site)]


def _folders(scene: Scene) -> None:
    def named(name: str) -> Tl:
        return utils.get_input_peer(scene.users.get(name) or scene.chats[name], allow_self=False)

    scene.account.has.filters = [
        types.DialogFilter(
            2, plain("Birds 🦉"), [named("birds")], [named("boris")], [named("gone")], groups=True, emoticon="🐦"
        ),
        types.DialogFilter(3, plain("Unread"), [], [], [], contacts=True, bots=True, exclude_read=True),
        types.DialogFilterChatlist(4, plain("Shared"), [], [named("daily"), named("family")], has_my_invites=True),
    ]


def _stories(scene: Scene) -> None:
    now, has = scene.account.now, scene.account.has
    clip = scene.document("video/mp4", 88_000, types.DocumentAttributeVideo(5.0, 720, 1280), thumb=3_000)
    media = [
        types.MessageMediaPhoto(photo=scene.photo()),
        types.MessageMediaDocument(video=True, document=clip),
        types.MessageMediaPhoto(photo=scene.photo(22_000)),
        types.MessageMediaUnsupported(),
    ]
    has.stories[scene.account.self_id] = [_story(scene, place, each) for place, each in enumerate(media)]
    has.active_stories[scene.account.self_id] = (4,)
    ann = types.StoryItem(1, now, now + timedelta(days=1), types.MessageMediaPhoto(photo=scene.photo(15_000)))
    has.stories[scene.users["ann"].id] = [ann]
    has.active_stories[scene.users["ann"].id] = (1,)


def _story(scene: Scene, place: int, media: Tl) -> types.StoryItem:
    """Make the story of some days ago; the first has no caption, the second is kept in the profile."""
    date = scene.account.now - timedelta(days=9 - place)
    return types.StoryItem(
        place + 1,
        date,
        date + timedelta(days=1),
        media,
        pinned=place == 1 or None,
        public=True,
        out=True,
        caption=f"Story {place + 1} 🦉" if place else None,
        entities=[types.MessageEntityBold(0, 5)] if place else None,
        views=types.StoryViews(10 * place, reactions_count=place),
    )


def set_ranges(scene: Scene) -> None:
    """Split the ids in two, in the middle, as Telegram does with large accounts."""
    ids = sorted(
        message_id
        for talk in scene.account.conversations.values()
        if not talk.is_channel
        for message_id in talk.messages.ids
    )
    middle = ids[len(ids) // 2]
    scene.account.has.split_ranges = [types.MessageRange(1, middle), types.MessageRange(middle + 1, 2**31 - 1)]
