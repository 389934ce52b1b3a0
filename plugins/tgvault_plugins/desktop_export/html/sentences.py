"""The English sentences of Telegram Desktop's service messages, as actions of the JSON export.

Pages are not localised, so a sentence tells its action; but names and titles stand in it as people chose them. A
sentence is understood where one form fits in one way only; any other keeps its words alone. Where a form of more fixed
words fits, a shorter one that fits too is not meant: a person can hardly be called `Ben to the voice chat`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["Said", "understand"]

#: Characters of a sentence that is looked at: two names, a title, and a long list of members.
_LONGEST = 16_384

_FORMS = (
    ("create_group", "{actor} created group «{title}»"),
    ("create_group", "{actor} created group «{title}» with members {members}"),
    ("edit_group_title", "{actor} changed group title to «{title}»"),
    ("edit_group_title", "Channel title changed to «{title}»"),
    ("edit_group_photo", "{actor} changed group photo"),
    ("edit_group_photo", "Channel photo changed"),
    ("delete_group_photo", "{actor} removed group photo"),
    ("delete_group_photo", "Channel photo removed"),
    ("invite_members", "{actor} invited {members}"),
    ("remove_members", "{actor} removed {members}"),
    ("join_group_by_link", "{actor} joined group by link from {inviter}"),
    ("join_group_by_request", "{actor} joined group by request"),
    ("join_group_via_community", "{actor} joined group via a community"),
    ("create_channel", "Channel «{title}» created"),
    ("migrate_to_supergroup", "{actor} converted this group to a supergroup"),
    ("migrate_from_group", "{actor} converted a basic group to this supergroup «{title}»"),
    ("pin_message", "{actor} pinned this message"),
    ("clear_history", "History cleared"),
    ("score_in_game", "{actor} scored {score} in this game"),
    ("take_screenshot", "{actor} took a screenshot"),
    ("joined_telegram", "{actor} joined Telegram"),
    ("requested_phone_number", "{actor} requested your phone number"),
    ("group_call", "Group call"),
    ("group_call", "Group call ({duration} seconds)"),
    ("group_call", "Voice chat"),
    ("group_call", "Voice chat ({duration} seconds)"),
    ("group_call", "{actor} started voice chat"),
    ("group_call", "{actor} started voice chat ({duration} seconds)"),
    ("invite_to_group_call", "{actor} invited {members} to the voice chat"),
    ("set_messages_ttl", "{actor} has set messages to auto-delete in {period}"),
    ("set_messages_ttl", "{actor} has set messages {never} to auto-delete"),
    ("set_messages_ttl", "New messages will auto-delete in {period}"),
    ("set_messages_ttl", "New messages will {never} auto-delete"),
    ("edit_chat_theme", "{actor} changed chat theme to {emoticon}"),
    ("edit_chat_theme", "{actor} disabled chat theme"),
    ("edit_chat_theme", "Channel theme was changed to {emoticon}"),
    ("edit_chat_theme", "Channel theme was disabled"),
    ("topic_created", "{actor} created topic «{title}»"),
    ("topic_edit", "{actor} changed topic title to «{new_title}»"),
    ("topic_edit", "{actor} changed topic icon to «{new_icon_emoji_id}»"),
    ("suggest_profile_photo", "{actor} suggests to use this photo"),
    ("set_chat_wallpaper", "{actor} set a new background for this chat"),
    ("set_same_chat_wallpaper", "{actor} set the same background for this chat"),
    ("boost_apply", "{actor} boosted the group {boosts} times"),
    ("boost_apply", "{actor} boosted the group {boosts} time"),
    ("giveaway_launch", "{actor} just started a giveaway of Telegram Premium subscriptions to its followers."),
    ("send_star_gift", "{actor} sent you a gift of {stars} Telegram Stars."),
    ("change_creator", "{actor} made {new_creator} the new main admin of the group"),
    ("managed_bot_created", "{actor} created a bot {bot}"),
)
_BLANKS = {
    "title": ".*",
    "new_title": ".*",
    "score": r"-?[0-9]{1,10}",
    "duration": "[0-9]{1,10}",
    "boosts": "[0-9]{1,10}",
    "stars": "[0-9]{1,18}",
    "new_icon_emoji_id": "[0-9]{1,20}",
    "period": "24 hours|7 days",
    "never": "not",
}
#: Characters from which on fixed words may stand in a sentence only once.
_PHRASE = 4
_BLANK = re.compile(r"\{(\w+)\}")


class _Form(NamedTuple):
    action: str
    key: str
    phrases: tuple[str, ...]
    fixed: int
    greedy: re.Pattern[str]
    lazy: re.Pattern[str]


class Said(NamedTuple):
    """What a sentence says: the action, and the words that fill the form's blanks."""

    action: str
    words: Mapping[str, str]


def _form(action: str, template: str) -> _Form:
    pieces = _BLANK.split(template)
    words = pieces[::2]
    phrases = tuple(word for word in words if len(word) >= _PHRASE)
    fixed = sum(map(len, words))
    return _Form(action, max(words, key=len), phrases, fixed, _pattern(pieces, "+"), _pattern(pieces, "+?"))


def _pattern(pieces: list[str], some: str) -> re.Pattern[str]:
    parts = [
        f"(?P<{piece}>{_BLANKS.get(piece, '.' + some).replace('*', '*' + some[1:])})" if index % 2 else re.escape(piece)
        for index, piece in enumerate(pieces)
    ]
    return re.compile("".join(parts), re.DOTALL)


#: Those with the most fixed words first.
_COMPILED = sorted((_form(*each) for each in _FORMS), key=lambda form: -form.fixed)


def understand(sentence: str) -> Said | None:
    """Tell what a sentence says; None where that is not certain."""
    if len(sentence) > _LONGEST:
        return None
    for form in _COMPILED:
        if form.key in sentence and all(phrase in sentence for phrase in form.phrases):
            # A phrase that stands there twice fits in two ways; counting also keeps the patterns from trying them all.
            if any(sentence.count(phrase) > 1 for phrase in form.phrases):
                return None
            if found := form.greedy.fullmatch(sentence):
                words = found.groupdict()
                other = form.lazy.fullmatch(sentence)
                return Said(form.action, words) if other and other.groupdict() == words else None
    return None
