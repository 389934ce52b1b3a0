"""The list of chats: who is in it, what is known of each, and what is told where it cannot be had."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from takeout_accounts import OLD_CLUB, a_channel, a_group, a_photo, every_kind, talk_with_ben
from takeout_support import Killed, LiveVault, Telling, losses, serve
from tgvault.api import FindingKind
from tgvault.engine.running import Outcome
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.account.conversation import Access
from tgvault.testing.telegram.faults import Fault, Refuse
from tgvault_plugins.takeout import listing
from tgvault_plugins.takeout.ledger import listings

CLUB = -1_000_000_006_001
SHIFT = -1_000_000_000
FIRST = -999_999_990
REFUSED = (
    "Telegram does not give its description, which tells of the group that it may have been before: NEVER_HEARD_OF"
)


def told(outcome: Outcome) -> list[tuple[FindingKind, str, str]]:
    return [(each.kind, each.subject, each.detail) for each in outcome.report.findings]


# Pages


def crowded(pinned: int, others: int) -> Account:
    """An account with that many pinned chats in its archive, and others, which are newer."""
    account = ada()
    for number in range(pinned + others):
        user = account.user(2000 + number, f"Friend {number}")
        account.say(account.talk(user, pinned=number < pinned, folder_id=1), "hi", sender=user)
    return account


def test_behind_a_page_of_pinned_chats_the_others_are_listed(tmp_path: Path) -> None:
    with serve(crowded(100, 5), tmp_path, categories=["chats"]) as live:
        outcome = live.back_up()

        assert len(live.messages()) == 105
        assert losses(outcome) == []


def test_more_pinned_chats_than_a_page_are_listed_too(tmp_path: Path) -> None:
    with serve(crowded(110, 20), tmp_path, categories=["chats"]) as live:
        live.back_up()

        assert len(live.messages()) == 130


def test_a_list_of_pinned_chats_alone_is_asked_for_once(tmp_path: Path) -> None:
    with serve(crowded(3, 0), tmp_path, categories=["chats"]) as live:
        live.back_up()

        assert len(live.messages()) == 3
        # The main list, and the archive.
        assert live.count("messages.getDialogs") == 2


def test_a_list_that_goes_on_nobody_knows_where_is_told(tmp_path: Path) -> None:
    account = crowded(0, 105)
    for talk in account.conversations.values():
        # Nothing but what was begun to be written: the list has no message that tells when.
        talk.draft = types.DraftMessage("well", account.now)
        talk.messages.remove(talk.top())

    with serve(account, tmp_path, categories=["chats"]) as live:
        outcome = live.back_up()

    reason = "Telegram does not tell how it goes on: 100 of 105 were listed"
    assert told(outcome) == [(FindingKind.LOST, "the list of chats", reason)]


# Descriptions, and the groups that were before


@pytest.fixture
def undescribed(tmp_path: Path) -> Any:
    """Everything was read; then the beginning of a supergroup is edited, and its description is refused."""
    with serve(every_kind(), tmp_path, categories=["chats"]) as live:
        live.back_up()
        account = live.account
        old = account.conversations[-OLD_CLUB]
        account.edit(old, old.messages.ids[0], message="edited")
        account.say(account.conversations[CLUB], "new")
        yield live


def refuse_descriptions(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), "channels.getFullChannel", times=None))


def test_a_change_in_the_group_before_is_learned_without_a_new_description(undescribed: LiveVault) -> None:
    refuse_descriptions(undescribed)
    outcome = undescribed.back_up()

    texts = undescribed.texts("channel:6001")
    assert (texts[FIRST], texts[3]) == ("edited", "new")
    assert ("chat Club", f"{REFUSED}; it is asked for again by the next run") in [
        (each.subject, each.detail) for each in losses(outcome)
    ]


def test_a_description_that_was_refused_is_asked_for_by_the_next_run(undescribed: LiveVault) -> None:
    refuse_descriptions(undescribed)
    undescribed.back_up()
    undescribed.server.faults.clear()
    undescribed.server.calls.clear()

    assert losses(undescribed.back_up()) == []
    asked = [call.request.channel.channel_id for call in undescribed.calls("channels.getFullChannel")]
    assert 6001 in asked


def test_a_change_in_the_group_before_is_learned_though_the_supergroup_was_left_since(undescribed: LiveVault) -> None:
    leave(undescribed.account, CLUB)
    outcome = undescribed.back_up()

    assert undescribed.texts("channel:6001")[FIRST] == "edited"
    assert losses(outcome) == []


def leave(account: Account, peer: int) -> None:
    talk = account.conversations[peer]
    account.directory.chats[peer].left = True
    talk.listed = False


def test_that_the_group_before_is_not_known_is_told_and_it_is_read_by_the_next_run(tmp_path: Path) -> None:
    with serve(every_kind(), tmp_path, categories=["chats"]) as live:
        refuse_descriptions(live)
        first = live.back_up()
        live.server.faults.clear()
        second = live.back_up()

        assert (FindingKind.LOST, "chat Club", f"{REFUSED}; it is asked for again by the next run") in told(first)
        assert losses(second) == []
        assert live.texts("channel:6001")[FIRST] == "in the old days"


def test_a_group_that_became_a_supergroup_is_read_by_itself_where_that_is_closed(tmp_path: Path) -> None:
    account = every_kind()
    account.conversations[-OLD_CLUB].listed = True
    account.conversations[CLUB].access = Access.OWN_ONLY
    leave(account, CLUB)

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()

        assert list(live.texts("chat:5002").values()) == ["in the old days", "an answer"]


def test_a_group_that_became_a_supergroup_is_read_by_itself_where_that_is_not_wanted(tmp_path: Path) -> None:
    account = every_kind()
    account.conversations[-OLD_CLUB].listed = True

    with serve(account, tmp_path, categories=["chats"], chat_types=["private_group"]) as live:
        live.back_up()

        assert live.messages().keys() == {"chat:5001", "chat:5002"}


def test_a_group_that_became_a_supergroup_is_told_once_where_both_are_listed(tmp_path: Path) -> None:
    account = every_kind()
    account.conversations[-OLD_CLUB].listed = True

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()

        assert "chat:5002" not in live.messages()
        assert live.texts("channel:6001")[FIRST] == "in the old days"


def test_what_a_supergroup_hides_is_remembered(tmp_path: Path) -> None:
    account = ada()
    a_channel(account, 9, "Open", count=3)
    a_channel(account, 10, "Late", count=3, full={"available_min_id": 2})

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        with live.ledger() as ledger:
            rows = [ledger.chats.get(ledger.chats.number(f"channel:{number}") or 0) for number in (9, 10)]

    assert [row.available_min_id for row in rows] == [0, 2]


def test_topics_that_telegram_does_not_give_are_told(tmp_path: Path) -> None:
    with serve(every_kind(), tmp_path, categories=["chats"]) as live:
        live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), "messages.getForumTopics"))
        outcome = live.back_up()

        reason = "Telegram does not give its topics: NEVER_HEARD_OF; it is asked for again by the next run"
        assert [(each.subject, each.detail) for each in losses(outcome)] == [("chat Project", reason)]
        assert len(live.texts("channel:6003")) == 2


# Rules that find nothing


def small() -> Account:
    account = ada()
    talk_with_ben(account, 2)
    account.say(a_group(account, 5001, "Lunch"), "who comes?", media=a_photo(account, 1))
    return account


def unmet(rule: str) -> str:
    return f"no chat is found by `{rule}`; correct it in vault.toml, or take it out if the chat is not there any more"


@pytest.mark.parametrize("rule", ["Bne", "4711", "@nobody", "folder:Work"])
def test_a_chat_that_was_named_and_is_not_there_is_a_loss(tmp_path: Path, rule: str) -> None:
    with serve(small(), tmp_path, categories=["chats"]) as live:
        outcome = live.back_up(chats=["Ben", rule])

        assert told(outcome) == [(FindingKind.LOST, "the setting `chats`", unmet(rule))]
        assert live.messages().keys() == {"user:11"}


@pytest.mark.parametrize("rule", ["type:bot_chat", "Work *"])
def test_a_rule_for_many_chats_that_finds_none_is_a_note(tmp_path: Path, rule: str) -> None:
    with serve(small(), tmp_path, categories=["chats"]) as live:
        outcome = live.back_up(chats=["Ben", rule])

    assert told(outcome) == [(FindingKind.NOTE, "the setting `chats`", unmet(rule))]


@pytest.mark.parametrize("rule", ["type:bot_chat", "Work *"])
def test_rules_that_find_no_chat_at_all_are_a_loss(tmp_path: Path, rule: str) -> None:
    with serve(small(), tmp_path, categories=["chats"]) as live:
        outcome = live.back_up(chats=[rule])

    assert told(outcome) == [(FindingKind.LOST, "the setting `chats`", unmet(rule))]


def test_a_rule_that_leaves_nothing_out_is_a_note(tmp_path: Path) -> None:
    with serve(small(), tmp_path, categories=["chats"]) as live:
        outcome = live.back_up(exclude=["Ben", "Lnuch"])

        assert told(outcome) == [(FindingKind.NOTE, "the setting `exclude`", unmet("Lnuch"))]
        assert live.messages().keys() == {"chat:5001"}


class KilledAtFiles(Telling):
    def phase(self, name: str, total_bytes: int | None = None) -> None:
        if name == "fetching files":
            raise Killed


def test_a_rule_that_was_corrected_is_told_of_no_more(tmp_path: Path) -> None:
    with serve(small(), tmp_path, categories=["chats"]) as live:
        with pytest.raises(Killed):
            live.back_up(progress=KilledAtFiles(), chats=["Bne", "Lunch"])
        outcome = live.back_up(chats=["Ben", "Lunch"])

    assert told(outcome) == []


def test_a_dry_run_tells_of_rules_that_find_nothing(tmp_path: Path) -> None:
    with serve(small(), tmp_path, categories=["chats"]) as live:
        estimate = live.estimate(chats=["Ben", "Bne"])

    assert f"the setting `chats`: {unmet('Bne')}" in estimate.notes


# What is in no list


def test_that_channels_which_were_left_are_listed_to_an_export_only_is_told(tmp_path: Path) -> None:
    with serve(every_kind(), tmp_path, categories=["chats"]) as live:
        outcome = live.back_up(takeout=False)

    subject, reason = "supergroups and channels that you left", "Telegram lists them to a data export only"
    assert (FindingKind.NOTE, subject, f"{reason}: they were not read") in told(outcome)


@pytest.mark.parametrize("settings", [{"left": False}, {"chat_types": ["personal_chat"]}])
def test_it_is_not_told_where_they_are_not_wanted(tmp_path: Path, settings: dict[str, Any]) -> None:
    with serve(small(), tmp_path, categories=["chats"], takeout=False, **settings) as live:
        outcome = live.back_up()

    assert told(outcome) == []


def test_without_an_export_contacts_are_those_on_telegram_and_nothing_is_lost(tmp_path: Path) -> None:
    account = every_kind()
    account.user(31, "Zoe", "Example", phone="43664", contact=True)
    with serve(account, tmp_path, takeout=False) as live:
        outcome = live.back_up()
        contacts = live.documents()["contacts"]

    assert losses(outcome) == []
    assert [list(each.values()) for each in contacts["list"]] == [
        ["Ben", "Example", "", "1970-01-01T00:00:00", "0"],
        ["Zoe", "Example", "+43664", "1970-01-01T00:00:00", "0"],
    ]
    assert list(contacts["list"][0]) == ["first_name", "last_name", "phone_number", "date", "date_unixtime"]
    notes = [(subject, detail) for kind, subject, detail in told(outcome) if kind is FindingKind.NOTE]
    assert {subject for subject, _ in notes if not subject.startswith("chat ")} == {
        "contacts",
        "other data",
        "supergroups and channels that you left",
    }


def test_what_an_app_is_refused_as_it_is_for_an_export_is_no_loss(tmp_path: Path) -> None:
    with serve(small(), tmp_path, categories=["sessions"]) as live:
        live.server.faults.add(Fault(Refuse("TAKEOUT_REQUIRED"), "account.getAuthorizations", times=None))
        with_one, without = live.back_up(), live.back_up(takeout=False)

    reason = "Telegram gives it to a data export only: it was not read"
    assert told(with_one) == [(FindingKind.LOST, "sessions", "Telegram does not give it: TAKEOUT_REQUIRED")]
    assert told(without) == [(FindingKind.NOTE, "sessions", reason)]


def test_a_list_that_is_gone_through_by_pieces_is_told_as_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(every_kind(), tmp_path / "one") as live:
        live.back_up(comments=True)
        at_once = live.documents()["dialogs"], live.messages()
    monkeypatch.setattr(listing, "PAGE", 2)
    monkeypatch.setattr(listings, "PAGE", 2)
    with serve(every_kind(), tmp_path / "two") as live:
        live.back_up(comments=True)

        assert (live.documents()["dialogs"], live.messages()) == at_once
        assert len(at_once[0]) == 16


# Groups that became supergroups between two backups


def test_a_group_that_becomes_a_supergroup_is_read_again_as_its_beginning(tmp_path: Path) -> None:
    account = every_kind()
    old, club = account.conversations[-OLD_CLUB], account.conversations[CLUB]
    group = account.directory.chats[old.peer]
    moved, group.migrated_to, group.deactivated = group.migrated_to, None, False
    old.listed, club.listed = True, False
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        group.migrated_to, group.deactivated = moved, True
        old.listed, club.listed = False, True
        account.edit(old, old.messages.ids[0], message="edited")
        outcome = live.back_up()
        account.delete(old, old.messages.ids[0])
        live.back_up()

        # The copy from before stays as it was; what happens since is told of the supergroup.
        assert live.texts("chat:5002")[10] == "in the old days"
        said = [json.loads(each.body)["text"] for each in live.messages()["channel:6001"].values() if each.gone]
        assert (said, live.gone()) == (["edited"], {"channel:6001": [FIRST]})
        assert losses(outcome) == []
