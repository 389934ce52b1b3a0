"""Supergroups, channels and bots of the demo account: topics, posts, comments, buttons, reactions."""

from __future__ import annotations

from telethon import utils
from telethon.tl import types

from tgvault.testing.telegram.demo.scene import Scene, marked
from tgvault.testing.telegram.tl import Tl

__all__ = ["add_groups"]


def add_groups(scene: Scene) -> None:
    """Fill them."""
    _birds(scene)
    _forum(scene)
    _posts(scene)
    _family(scene)
    _buttons(scene)
    _closed(scene)


def _reactions(scene: Scene, talk: str, message: types.Message, *names: str) -> None:
    """Let people react to a message: with a heart each, and the first with a custom emoji and stars besides."""
    custom = types.ReactionCustomEmoji(scene.account.has.sticker_packages[-1].documents[0].id)
    peers: list[Tl] = [types.PeerUser(scene.users[name].id) for name in names]
    hearts = [types.MessagePeerReaction(peer, message.date, types.ReactionEmoji("❤")) for peer in peers]
    first = [types.MessagePeerReaction(peers[0], message.date, custom, big=True)]
    scene.talks[talk].reactions[message.id] = [*first, *hearts]
    counts = [
        types.ReactionCount(types.ReactionEmoji("❤"), len(names), chosen_order=1 if "me" in names else None),
        types.ReactionCount(custom, 1),
        types.ReactionCount(types.ReactionPaid(), 25),
    ]
    message.reactions = types.MessageReactions(counts, can_see_list=True, recent_reactions=[*first, *hearts][:3])
    scene.talks[talk].messages.put(message)


def _birds(scene: Scene) -> None:
    scene.note("birds", types.MessageActionChannelCreate("Birds 🐦"), sender="ann")
    seen = scene.say("birds", "I saw an owl", sender="ann", pinned=True)
    _reactions(scene, "birds", seen, "me", "boris", "clara", "dmitri")
    header = types.MessageReplyHeader(reply_to_msg_id=seen.id)
    scene.say("birds", "Where?", reply_to=header)
    scene.say("birds", "An anonymous admin speaks", sender="birds", post_author="chief")
    scene.say("birds", "Posted as a channel", sender="daily")
    for place in range(40):
        scene.say("birds", f"Sighting number {place + 1}", sender=("boris", "clara", "me")[place % 3])
    album = types.MessageMediaPhoto(photo=scene.photo(19_000))
    scene.say("birds", "An owl at night", sender="dmitri", media=album)
    scene.account.delete(scene.talks["birds"], *scene.talks["birds"].messages.ids[10:13])
    scene.say("neighbours", "Quiet, please!", sender="dmitri")
    scene.say("daily direct", "A word to the editor")


def _forum(scene: Scene) -> None:
    scene.note("project", types.MessageActionChannelCreate("Project"))
    _topic(scene, 1, "General", [], hidden=True)
    scene.say("project", "In the general topic", sender="ann")
    emoji = scene.account.has.sticker_packages[-1].documents[0].id
    for title, more in {"Plans": {"icon_emoji_id": emoji, "pinned": True}, "Old stuff": {"closed": True}}.items():
        made = scene.note("project", types.MessageActionTopicCreate(title, 0x6FB9F0))
        header = types.MessageReplyHeader(forum_topic=True, reply_to_msg_id=made.id)
        first = scene.say("project", f"First of {title}", sender="boris", reply_to=header)
        inner = types.MessageReplyHeader(forum_topic=True, reply_to_msg_id=first.id, reply_to_top_id=made.id)
        scene.say("project", f"Answer in {title}", reply_to=inner)
        edited = types.MessageActionTopicEdit(title=title, closed=more.get("closed"))
        last = scene.note("project", edited, reply_to=header)
        _topic(scene, made.id, title, [last.id], **more)


def _topic(scene: Scene, topic_id: int, title: str, ids: list[int], **more: Tl) -> None:
    topic = types.ForumTopic(
        id=topic_id,
        date=scene.account.now,
        peer=utils.get_peer(scene.chats["project"]),
        title=title,
        icon_color=0x6FB9F0,
        top_message=max([topic_id, *ids]),
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        from_id=types.PeerUser(scene.account.self_id),
        notify_settings=types.PeerNotifySettings(),
        my=True,
        **more,
    )
    scene.talks["project"].topics.append(topic)


def _posts(scene: Scene) -> None:
    """Write posts in a public channel."""
    comments = types.MessageReplies(2, 10, comments=True, channel_id=scene.chats["daily chat"].id, max_id=3)
    for place in range(3):
        text = marked(("Headline", types.MessageEntityBold), f" number {place + 1}")
        media = types.MessageMediaPhoto(photo=scene.photo(21_000)) if place == 1 else None
        counts = {"views": 100 * (place + 1), "forwards": place, "replies": comments}
        post = scene.say("daily", post_author="Editor", media=media, **counts, **text)
        _reactions(scene, "daily", post, "ann", "boris")
        _comments(scene, post)
    scene.note("daily", types.MessageActionGiveawayLaunch(stars=500))
    scene.note("daily", types.MessageActionGiveawayResults(2, 1))


def _comments(scene: Scene, post: types.Message) -> None:
    """Carry a post into the group of its channel, and comment on it there."""
    daily = utils.get_peer(scene.chats["daily"])
    carried = types.MessageFwdHeader(
        post.date, from_id=daily, channel_post=post.id, saved_from_peer=daily, saved_from_msg_id=post.id
    )
    copy = scene.say("daily chat", post.message, sender="daily", fwd_from=carried, entities=post.entities)
    comment = types.MessageReplyHeader(reply_to_msg_id=copy.id)
    first = scene.say("daily chat", "What a headline", sender="clara", reply_to=comment)
    answer = types.MessageReplyHeader(reply_to_msg_id=first.id, reply_to_top_id=copy.id)
    scene.say("daily chat", "Indeed", reply_to=answer)


def _family(scene: Scene) -> None:
    scene.note("family", types.MessageActionChannelCreate("Family News"))
    scene.say("family", "Grandma has a new owl", out=True, post_author="Ada", views=4, forwards=0)
    voice = types.DocumentAttributeAudio(4, voice=True)
    spoken = types.MessageMediaDocument(voice=True, document=scene.document("audio/ogg", 9_999, voice))
    scene.say("family", out=True, media=spoken, views=3, forwards=1)
    scene.note("family", types.MessageActionChatEditPhoto(scene.photo(13_000, letters="abc")))


def _buttons(scene: Scene) -> None:
    inline: dict[str, Tl] = {
        "Link": types.InlineButtonTypeUrl("https://example.org/"),
        "Callback": types.InlineButtonTypeCallback(b"\x00\xffdata"),
        "Secret": types.InlineButtonTypeCallback(b"pw", requires_password=True),
        "Inline": types.InlineButtonTypeSwitchInline("owl"),
        "Inline here": types.InlineButtonTypeSwitchInline("owl", same_peer=True),
        "Play": types.InlineButtonTypeGame(),
        "Pay": types.InlineButtonTypeBuy(),
        "Log in": types.InlineButtonTypeUrlAuth("https://shop.example.org/", 3, fwd_text="Log in there"),
        "Profile": types.InlineButtonTypeUserProfile(scene.users["ann"].id),
        "App": types.InlineButtonTypeWebView("https://app.example.org/"),
        "Copy": types.InlineButtonTypeCopy("copied"),
        "Off": types.InlineButtonTypeDisabled(),
    }
    rows = [types.KeyboardInlineButtonRow([types.KeyboardInlineButton(text, kind)]) for text, kind in inline.items()]
    scene.say("helper", "/start")
    scene.say("helper", "Choose", sender="helper", reply_markup=types.ReplyInlineMarkup(rows))
    _keyboards(scene)


def _keyboards(scene: Scene) -> None:
    keys: dict[str, Tl] = {
        "Say this": types.ButtonTypeDefault(),
        "My number": types.ButtonTypeRequestPhone(),
        "My place": types.ButtonTypeRequestGeoLocation(),
        "A poll": types.ButtonTypeRequestPoll(quiz=True),
        "A friend": types.ButtonTypeRequestPeer(7, types.RequestPeerTypeUser(bot=False), 1),
        "An app": types.ButtonTypeSimpleWebView("https://app.example.org/"),
    }
    keyboard = [types.KeyboardButtonRow([types.KeyboardButton(text, kind) for text, kind in keys.items()])]
    markup = types.ReplyKeyboardMarkup(keyboard, resize=True, placeholder="Say something")
    scene.say("helper", "Or here", sender="helper", reply_markup=markup)
    scene.say("helper", "Gone", sender="helper", reply_markup=types.ReplyKeyboardHide())
    scene.say("helper", "Answer!", sender="helper", reply_markup=types.ReplyKeyboardForceReply())


def _closed(scene: Scene) -> None:
    """One's own messages and those of others, in chats of which only the former can be read."""
    for name in ("left group", "dark"):
        scene.say(name, "Mine, still to be found")
        scene.say(name, "Of somebody else", sender="dmitri")
        picture = types.MessageMediaPhoto(photo=scene.photo(8_000))
        scene.say(name, "Mine, with a picture", media=picture)
    scene.say("left channel", "A post of theirs")
    scene.say("banished", "Never to be seen again")
