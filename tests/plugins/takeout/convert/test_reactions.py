from __future__ import annotations

from typing import Any

import msgspec
from telethon.tl import TLObject, types
from tests.plugins.takeout.convert.support import ANA, BEN, T0, at, convert, document, message, service, told

_HEART = types.ReactionEmoji("❤")


def _recent(who: Any, reaction: Any, **fields: Any) -> types.MessagePeerReaction:
    return types.MessagePeerReaction(who, at(T0), reaction, **fields)


def _reactions(results: list[Any], recent: list[Any] | None = None, **fields: Any) -> types.MessageReactions:
    counts = [types.ReactionCount(reaction, count) for reaction, count in results]
    return types.MessageReactions(counts, recent_reactions=recent, **fields)


def test_reactions_have_counts_and_the_latest_of_those_who_reacted() -> None:
    results = [(_HEART, 12), (types.ReactionCustomEmoji(5), 1), (types.ReactionPaid(), 500), (types.ReactionEmpty(), 2)]
    gone = types.PeerUser(100000009)
    found = told(message(reactions=_reactions(results, [_recent(ANA, _HEART), _recent(gone, _HEART)])))

    recent = [
        {"from": "Ana Kovač", "from_id": "user100000001", "date": "2024-11-14T09:12:44"},
        {"from": None, "from_id": "user100000009", "date": "2024-11-14T09:12:44"},
    ]
    assert found["reactions"] == [
        {"type": "emoji", "count": 12, "emoji": "❤", "recent": recent},
        {"type": "custom_emoji", "count": 1, "document_id": "5"},
        {"type": "paid", "count": 500},
        {"type": "empty", "count": 2},
    ]


def test_who_reacted_with_what_is_not_counted_is_told() -> None:
    found = told(message(reactions=_reactions([], [_recent(BEN, _HEART), _recent(ANA, _HEART)])))

    assert found["reactions"][0]["count"] == 0
    assert len(found["reactions"][0]["recent"]) == 2


def test_a_custom_emoji_can_be_a_file() -> None:
    sent = message(
        reactions=_reactions(
            [(_HEART, 1), (types.ReactionCustomEmoji(5), 1)], [_recent(ANA, types.ReactionCustomEmoji(5))]
        )
    )
    known = {5: document(number=5)}

    made = convert(sent, emoji=known)
    assert msgspec.json.decode(made.body)["reactions"][1]["document_id"] == "{chat}/files/file_5"
    assert [file.field for file in made.files] == ["reactions/1/document_id"]


def test_own_choices_and_who_paid_most_are_noted() -> None:
    top = [types.MessageReactor(9, top=True, my=True, peer_id=ANA)]
    reactions = _reactions([(_HEART, 1)], top_reactors=top, reactions_as_tags=True)
    reactions.results[0].chosen_order = 0

    assert told(message(reactions=reactions))["api"]["reactions"] == {
        "chosen": ["❤"],
        "top_reactors": [{"from_id": "user100000001", "count": 9, "my": True, "top": True}],
        "tags": True,
    }


def test_own_reactions_among_the_latest_are_noted() -> None:
    paid = types.ReactionPaid()
    reactions = _reactions(
        [(paid, 1)], [_recent(ANA, paid, my=True), _recent(ANA, types.ReactionCustomEmoji(5), my=True)]
    )

    assert told(message(reactions=reactions))["api"]["reactions"] == {"chosen": ["paid", "5"]}


def test_no_reactions_are_no_field() -> None:
    assert told(message(reactions=_reactions([]))) == {}


def test_reactions_to_what_happened_are_told_too() -> None:
    found = told(service(types.MessageActionPinMessage(), reactions=_reactions([(_HEART, 1)])))

    assert list(found) == ["action", "reactions"]


def test_a_reaction_that_is_new_is_kept_and_told() -> None:
    class ReactionSound(TLObject):  # type: ignore[misc]
        """One from a layer to come."""

        def to_dict(self) -> dict[str, object]:
            return {"_": "ReactionSound", "tone": 440}

    made = convert(message(reactions=_reactions([(ReactionSound(), 1)])))

    assert msgspec.json.decode(made.body)["api"]["unknown_reactions"] == [{"_": "ReactionSound", "tone": 440}]
    assert [each.subject for each in made.findings] == ["reaction ReactionSound"]
