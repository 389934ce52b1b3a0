"""Reactions to a message."""

from __future__ import annotations

from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.media import emoji_file
from tgvault_plugins.takeout.convert.peers import peer_id_text
from tgvault_plugins.takeout.convert.values import Fields, only

__all__ = ["note_reactions", "reaction_fields"]


def reaction_fields(reactions: types.MessageReactions, making: Making) -> list[object]:
    """Give the list of reactions, each with its count and with the latest of those who reacted."""
    found: dict[tuple[str, object], Fields] = {}
    for each in reactions.results or ():
        if (key := _key(each.reaction)) not in found:
            found[key] = _start(each.reaction, each.count, len(found), making)
    for each in reactions.recent_reactions or ():
        if (key := _key(each.reaction)) not in found:
            found[key] = _start(each.reaction, 0, len(found), making)
        recent = found[key].setdefault("recent", [])
        assert isinstance(recent, list)
        recent.append(_recent(each, making))
    note_reactions(reactions, making)
    return list(found.values())


def note_reactions(reactions: types.MessageReactions, making: Making) -> None:
    """Note the account's own choices, and who paid most."""
    chosen = [_named(each.reaction) for each in reactions.results or () if each.chosen_order is not None]
    own = [_named(each.reaction) for each in reactions.recent_reactions or () if each.my]
    top = [
        only([("from_id", peer_id_text(each.peer_id)), ("count", each.count), ("my", each.my), ("top", each.top)])
        for each in reactions.top_reactors or ()
    ]
    beyond = only([("chosen", chosen or own), ("top_reactors", top), ("tags", reactions.reactions_as_tags)])
    if beyond:
        making.api["reactions"] = beyond


def _key(reaction: Any) -> tuple[str, object]:
    return _sort(reaction), getattr(reaction, "emoticon", None) or getattr(reaction, "document_id", None)


def _named(reaction: Any) -> object:
    return getattr(reaction, "emoticon", None) or str(getattr(reaction, "document_id", None) or _sort(reaction))


def _sort(reaction: Any) -> str:
    match reaction:
        case types.ReactionEmoji():
            return "emoji"
        case types.ReactionCustomEmoji():
            return "custom_emoji"
        case types.ReactionPaid():
            return "paid"
    return "empty"


def _start(reaction: Any, count: int, place: int, making: Making) -> Fields:
    sort = _sort(reaction)
    found: Fields = {"type": sort, "count": count}
    if sort == "emoji":
        found["emoji"] = reaction.emoticon
    elif sort == "custom_emoji":
        found["document_id"] = emoji_file(int(reaction.document_id), making, f"reactions/{place}/document_id")
    elif sort == "empty" and not isinstance(reaction, types.ReactionEmpty):
        making.api.setdefault("unknown_reactions", [])
        listed = making.api["unknown_reactions"]
        assert isinstance(listed, list)
        listed.append(making.unknown("reaction", reaction))
    return found


def _recent(each: types.MessagePeerReaction, making: Making) -> Fields:
    who = each.peer_id
    name, date = making.around.peers.name(who), making.around.times.local(each.date)
    return {"from": name, "from_id": peer_id_text(who), "date": date}
