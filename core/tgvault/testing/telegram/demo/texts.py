"""Texts of the demo account: entities, replies, forwards, edits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from telethon import utils
from telethon.tl import types

from tgvault.testing.telegram.demo.scene import Piece, Scene, marked
from tgvault.testing.telegram.tl import Tl

__all__ = ["add_texts"]

#: Pieces that lead somewhere.
_LINKS: tuple[Piece, ...] = (
    ("@ann_archer", types.MessageEntityMention),
    ("#birds", types.MessageEntityHashtag),
    ("/start", types.MessageEntityBotCommand),
    ("https://example.org/?q=1&x=«»", types.MessageEntityUrl),
    ("owl@example.org", types.MessageEntityEmail),
    ("+1 555 0100", types.MessageEntityPhone),
    ("$TON", types.MessageEntityCashtag),
    ("4242 4242 4242 4242", types.MessageEntityBankCard),
    ("a link", types.MessageEntityTextUrl, {"url": "https://example.org/path"}),
)
#: Pieces that look different; some follow each other without anything between.
_STYLES: tuple[Piece, ...] = (
    ("bold 👨‍👩‍👧", types.MessageEntityBold),
    ("italic", types.MessageEntityItalic),
    " ",
    ("under", types.MessageEntityUnderline),
    ("struck", types.MessageEntityStrike),
    ("hidden 🙈", types.MessageEntitySpoiler),
    ("code", types.MessageEntityCode),
    "\n",
    ("print('🐍')\n", types.MessageEntityPre, {"language": "python"}),
    ("plain pre", types.MessageEntityPre, {"language": ""}),
    ("a quote\nof two lines", types.MessageEntityBlockquote),
    ("a long quote", types.MessageEntityBlockquote, {"collapsed": True}),
    ("?", types.MessageEntityUnknown),
)


def add_texts(scene: Scene) -> None:
    """Fill the chat with Boris, the saved messages and some others."""
    _entities(scene)
    _replies(scene)
    _forwards(scene)
    _service_accounts(scene)
    _edits(scene)


def _entities(scene: Scene) -> None:
    emoji = scene.account.has.sticker_packages[-1].documents[0].id
    clara = scene.users["clara"].id
    scene.say("boris", "Hello, no entities here\nand a second line", sender="boris")
    scene.say(
        "boris", **marked("🦉🦉 ", *_spaced(_LINKS), ("Clara", types.MessageEntityMentionName, {"user_id": clara}))
    )
    scene.say("boris", sender="boris", **marked("𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ", *_STYLES))
    known = ("🦉", types.MessageEntityCustomEmoji, {"document_id": emoji})
    unknown = ("🚫", types.MessageEntityCustomEmoji, {"document_id": 99})
    tomorrow = ("tomorrow", types.MessageEntityFormattedDate, {"date": scene.account.now, "relative": True})
    scene.say("boris", sender="boris", **marked("Rare: ", known, unknown, " ", tomorrow))
    nested = [types.MessageEntityBold(0, 11), types.MessageEntityItalic(5, 6), types.MessageEntityUnderline(5, 6)]
    scene.say("boris", "bold nested", sender="boris", entities=nested)
    scene.say("boris", "control \x0b and \u2028 characters", silent=True, noforwards=True)


def _spaced(pieces: Iterable[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        yield from (piece, " ")


def _replies(scene: Scene) -> None:
    first = scene.say("boris", "What do owls eat?")
    header = types.MessageReplyHeader(reply_to_msg_id=first.id)
    scene.say("boris", "Mice", sender="boris", reply_to=header)
    quote = types.MessageReplyHeader(
        quote=True,
        reply_to_msg_id=first.id,
        quote_text="owls",
        quote_entities=[types.MessageEntityBold(0, 4)],
        quote_offset=8,
    )
    scene.say("boris", "Tell me more about these", reply_to=quote)
    elsewhere = types.MessageReplyHeader(
        reply_to_msg_id=1,
        reply_to_peer_id=utils.get_peer(scene.chats["birds"]),
        reply_from=types.MessageFwdHeader(scene.account.now, from_id=types.PeerUser(scene.users["ann"].id)),
        quote_text="an owl",
        quote=True,
    )
    scene.say("boris", "Ann saw one", sender="boris", reply_to=elsewhere)
    story = types.MessageReplyStoryHeader(types.PeerUser(scene.account.self_id), 2)
    scene.say("boris", "Nice story!", sender="boris", reply_to=story)
    gone = types.MessageReplyHeader(reply_to_msg_id=first.id + 1_000)
    scene.say("boris", "Answer to something that is gone", reply_to=gone, effect=5104841245755180586)
    scene.say("boris", "This will vanish", sender="boris", ttl_period=86_400)


def _forwards(scene: Scene) -> None:
    ann, daily = types.PeerUser(scene.users["ann"].id), utils.get_peer(scene.chats["daily"])
    then = scene.account.now - timedelta(days=400)
    for text, header in {
        "from a person": types.MessageFwdHeader(then, from_id=ann, saved_from_peer=ann, saved_from_msg_id=3),
        "from a hidden person": types.MessageFwdHeader(then, from_name="Somebody Hidden"),
        "from a channel": types.MessageFwdHeader(
            then, from_id=daily, channel_post=2, post_author="The Editor", saved_from_peer=daily, saved_from_msg_id=2
        ),
        "from a deleted account": types.MessageFwdHeader(then, from_id=types.PeerUser(scene.users["gone"].id)),
        "imported": types.MessageFwdHeader(then, imported=True, from_name="WhatsApp Friend"),
        "of my own": types.MessageFwdHeader(
            then, saved_out=True, from_id=types.PeerUser(scene.account.self_id), saved_date=then
        ),
        "announcement": types.MessageFwdHeader(then, from_id=daily, channel_post=1, psa_type="covid"),
    }.items():
        scene.say("me", text, fwd_from=header, saved_peer_id=_saved_peer(scene, header))
    scene.say("me", "A note to myself", saved_peer_id=types.PeerUser(scene.account.self_id))


def _saved_peer(scene: Scene, header: Tl) -> Tl:
    """Tell in which chat of Saved Messages a forward is: https://core.telegram.org/api/saved-messages ."""
    if header.saved_from_peer is not None:
        return header.saved_from_peer
    # 2666000 is the account that stands for everybody hidden.
    return header.from_id or types.PeerUser(2666000)


def _service_accounts(scene: Scene) -> None:
    scene.say("telegram", "Login code: 12345. Do not give this code to anyone.", sender="telegram")
    scene.say("codes", "Your code is 54321", sender="codes")
    birds = types.PeerChannel(scene.chats["birds"].id)
    scene.say(
        "replies",
        "Somebody answered you in Birds",
        sender="replies",
        from_id=types.PeerUser(scene.users["clara"].id),
        fwd_from=types.MessageFwdHeader(scene.account.now, saved_from_peer=birds, saved_from_msg_id=2),
        reply_to=types.MessageReplyHeader(reply_to_msg_id=1, reply_to_peer_id=birds),
    )
    scene.say("gone", "I will delete my account", sender="gone")
    scene.say("gone", "Please stay")
    scene.say("eve", "Archived, and nobody looks", sender="eve")
    scene.say("clara", "Hi Ada", sender="clara", mentioned=True, media_unread=True)


def _edits(scene: Scene) -> None:
    shown = scene.say("boris", "Frist version")
    scene.account.edit(scene.talks["boris"], shown.id, message="First version")
    hidden = scene.say("boris", "Its buttons changed", sender="boris")
    scene.account.edit(scene.talks["boris"], hidden.id, edit_hide=True)
    doomed = scene.say("boris", "Not to be seen", sender="boris")
    scene.account.delete(scene.talks["boris"], doomed.id)
