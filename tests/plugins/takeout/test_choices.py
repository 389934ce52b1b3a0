"""Chats are found by what people call them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.api import ChatKind
from tgvault_plugins.takeout.choices import By, ChatType, Selector, selected


def finds(text: str) -> bool:
    """Whether the group of a family is found."""
    return Selector.parse(text).matches(
        ChatKind.CHANNEL,
        1234567890,
        chat_type="private_supergroup",
        title="Family [2024]",
        usernames=("Fam_Club", "fam2"),
        folders=("Home", "Überall"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "Family [2024]",
        "family [2024] ",
        "fam*",
        "*[2024]",
        "1234567890",
        "-1001234567890",
        "channel:1234567890",
        "@fam_club",
        "@FAM2",
        "folder:home",
        "folder: überall",
        "type:private_supergroup",
    ],
)
def test_a_chat_is_found_by_each_of_its_names(text: str) -> None:
    assert finds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Family",
        "Family 2",
        "family ?2024?",
        "[f]amily*",
        "123",
        "-1234567890",
        "user:1234567890",
        "@family",
        "folder:work",
        "type:private_group",
        "saved",
    ],
)
def test_a_chat_is_not_found_by_anything_else(text: str) -> None:
    assert not finds(text)


def test_saved_messages_have_a_word_of_their_own() -> None:
    assert Selector.parse("saved") == Selector(By.TYPE, ChatType.SAVED)


@pytest.mark.parametrize("text", ["", "  ", "folder:", "folder: ", "type:", "type:group", "@", "@a b", "@x!"])
def test_what_finds_nothing_for_certain_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no type|no user name|names no chat"):
        selected(["saved", text])


@given(st.text(min_size=1))
def test_every_title_finds_its_chat_unless_it_is_a_word_of_ours(title: str) -> None:
    try:
        selector = Selector.parse(title)
    except ValueError:
        return

    found = selector.matches(ChatKind.USER, 1, chat_type="personal_chat", title=title.strip())
    assert found or selector.by is not By.TITLE
