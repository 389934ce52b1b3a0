import time

import pytest

from tgvault_plugins.desktop_export.html.sentences import understand

KNOWN = [
    ("Ana created group «Field Ops»", "create_group", {"actor": "Ana", "title": "Field Ops"}),
    ("Ana created group «» with members Ben", "create_group", {"actor": "Ana", "title": "", "members": "Ben"}),
    ("Ana changed group title to «A «b» c»", "edit_group_title", {"actor": "Ana", "title": "A «b» c"}),
    ("Channel title changed to «C»", "edit_group_title", {"title": "C"}),
    ("Ana changed group photo", "edit_group_photo", {"actor": "Ana"}),
    ("Channel photo removed", "delete_group_photo", {}),
    ("Ana removed group photo", "delete_group_photo", {"actor": "Ana"}),
    ("Ana removed Ben", "remove_members", {"actor": "Ana", "members": "Ben"}),
    (
        "Ana invited Ben, Cleo and Deleted Account",
        "invite_members",
        {"actor": "Ana", "members": "Ben, Cleo and Deleted Account"},
    ),
    ("Ana invited Ben to the voice chat", "invite_to_group_call", {"actor": "Ana", "members": "Ben"}),
    ("Ana joined group by link from Ben", "join_group_by_link", {"actor": "Ana", "inviter": "Ben"}),
    ("Channel «C» created", "create_channel", {"title": "C"}),
    ("Ana converted a basic group to this supergroup «C»", "migrate_from_group", {"actor": "Ana", "title": "C"}),
    ("Ana pinned this message", "pin_message", {"actor": "Ana"}),
    ("History cleared", "clear_history", {}),
    ("Ana scored -5 in this game", "score_in_game", {"actor": "Ana", "score": "-5"}),
    ("Voice chat (61 seconds)", "group_call", {"duration": "61"}),
    ("Ana started voice chat", "group_call", {"actor": "Ana"}),
    ("Ana has set messages to auto-delete in 24 hours", "set_messages_ttl", {"actor": "Ana", "period": "24 hours"}),
    ("New messages will not auto-delete", "set_messages_ttl", {"never": "not"}),
    ("Ana changed chat theme to ❄", "edit_chat_theme", {"actor": "Ana", "emoticon": "❄"}),
    (
        "Ana changed topic icon to «5368324170671202286»",
        "topic_edit",
        {"actor": "Ana", "new_icon_emoji_id": "5368324170671202286"},
    ),
    ("Ana boosted the group 2 times", "boost_apply", {"actor": "Ana", "boosts": "2"}),
    ("Ana sent you a gift of 15 Telegram Stars.", "send_star_gift", {"actor": "Ana", "stars": "15"}),
    ("Ana made Ben the new main admin of the group", "change_creator", {"actor": "Ana", "new_creator": "Ben"}),
    ("A\nb took a screenshot", "take_screenshot", {"actor": "A\nb"}),
]


@pytest.mark.parametrize(("sentence", "action", "words"), KNOWN)
def test_known_sentences_are_understood(sentence: str, action: str, words: dict[str, str]) -> None:
    said = understand(sentence)

    assert said is not None
    assert (said.action, dict(said.words)) == (action, words)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "Something new happened",
        "Ana pinned this message again",
        "Ana has set messages to auto-delete in 3 weeks",
        "Ana boosted the group many times",
        # Names and titles that make a sentence fit in two ways.
        "Ana invited Ben invited Cleo",
        "Ana created group «A» with members B» with members C",
        "Ana joined Telegram joined Telegram",
        "x" * 20_000 + " took a screenshot",
    ],
)
def test_what_is_not_certain_is_not_understood(sentence: str) -> None:
    assert understand(sentence) is None


def test_no_sentence_takes_long() -> None:
    phrases = (" created group «", "» with members ", " invited ", " to the voice chat", "«»", " removed ", "\n")
    begun = time.process_time()

    for phrase in phrases:
        understand("a" + phrase * (16_000 // len(phrase)))
        understand("a" * 8_000 + phrase + "a" * 8_000)

    assert time.process_time() - begun < 1
