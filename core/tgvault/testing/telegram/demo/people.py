"""Who is who in the demo account."""

from __future__ import annotations

from datetime import UTC, datetime

from telethon.tl import types

from tgvault.testing.telegram.demo.scene import Scene

__all__ = ["BOT_TOKEN", "add_people"]

#: With which `Helper` logs in.
BOT_TOKEN = "3001:Demo-Token_of-a_bot_that_is_nowhere"  # noqa: S105 (of a bot that is nowhere else)

_ONLINE = datetime(2023, 5, 1, 8, 0, tzinfo=UTC)


def add_people(scene: Scene) -> None:
    """Add the account's owner, people known and unknown, bots and Telegram's own service accounts."""
    _owner(scene)
    _persons(scene)
    _bots(scene)
    _services(scene)
    scene.account.bot_tokens[BOT_TOKEN] = scene.users["helper"].id


def _owner(scene: Scene) -> None:
    photos = [scene.photo(letters="abc", size=40_000), scene.photo(letters="abc", size=30_000, video=90_000)]
    photo = types.UserProfilePhoto(photos[0].id, photos[0].dc_id, stripped_thumb=b"\x01\x28\x28")
    scene.users["me"] = scene.account.user(
        1001,
        "Ada",
        "Lovelace",
        is_self=True,
        phone=scene.account.phone.lstrip("+"),
        username="ada",
        photo=photo,
        premium=True,
        contact=True,
        mutual_contact=True,
        status=types.UserStatusOnline(_ONLINE),
    )
    scene.account.has.about = "Poetical science 📐"
    scene.account.has.photos[1001] = photos


def _persons(scene: Scene) -> None:
    known = {"contact": True, "mutual_contact": True}
    add = scene.account.user
    scene.users["ann"] = add(1002, "Ann", "Archer", username="ann_archer", phone="15550102", **known)
    # Ids outgrew 32 bits in 2021.
    scene.users["boris"] = add(
        7_000_000_002,
        "Boris 🦉",
        "Бобров",
        contact=True,
        phone="15550103",
        usernames=[types.Username("boris", editable=True, active=True), types.Username("owlman", active=True)],
        color=types.PeerColor(5),
    )
    scene.users["clara"] = add(1004, "Clara", None, username="clara", verified=True)
    scene.users["dmitri"] = add(
        1005, "Дмитрий", "Иванов", restricted=True, restriction_reason=[types.RestrictionReason("all", "terms", "gone")]
    )
    scene.users["eve"] = add(1006, "Eve", None, phone="15550106", contact=True, stories_hidden=True)
    scene.users["gone"] = add(1007, None, deleted=True)
    scene.account.has.photos[1002] = [scene.photo(letters="abc", size=20_000)]


def _bots(scene: Scene) -> None:
    add = scene.account.user
    scene.users["helper"] = add(3001, "Helper", username="helper_bot", bot=True, bot_nochats=True)
    scene.users["gifs"] = add(3002, "GIFs", username="gif", bot=True, bot_inline_placeholder="Search…")
    scene.users["shop"] = add(3003, "Shop", username="shop_bot", bot=True, verified=True)


def _services(scene: Scene) -> None:
    add = scene.account.user
    scene.users["telegram"] = add(777000, "Telegram", phone="42777", verified=True, support=True)
    scene.users["replies"] = add(1271266957, "Replies", username="replies", bot=True, verified=True)
    scene.users["codes"] = add(489000, "Verification Codes", bot=True, verified=True)
