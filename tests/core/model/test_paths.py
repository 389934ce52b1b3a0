"""Folding a chat's folder out of its messages and back in."""

from __future__ import annotations

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from tgvault.model.paths import PATH_KEYS, fold, unfold

FOLDERS = st.sampled_from(
    ["", "chats/chat_07/", "chats/chat_562951187989202/topic_2/", "{chat}/", "{chat}{chat}/", 'a"b\\/']
)
PIECES = st.sampled_from(["{chat}", "/", "chats/chat_07/", "photos/a.jpg", '"', "\\", ":", '":"', "(File", "x", "é"])
TEXTS = st.lists(PIECES, max_size=5).map("".join) | st.text(max_size=8)
KEYS = st.sampled_from([*PATH_KEYS, "text", "{chat}", "a"]) | TEXTS
VALUES = st.recursive(
    TEXTS | st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12
)


@given(value=st.dictionaries(KEYS, VALUES), folder=FOLDERS)
@example(value={"photo": "{chat}/a"}, folder="")
@example(value={"photo": "{chat}"}, folder="chats/chat_07/")
def test_unfolding_gives_back_what_was_folded(value: dict[str, object], folder: str) -> None:
    body = msgspec.json.encode(value)

    folded = fold(body, folder=folder)

    assert unfold(folded, folder=folder) == body


def test_a_path_in_the_chats_folder_does_not_name_it() -> None:
    body = b'{"id":1,"photo":"chats/chat_07/photos/a.jpg","text":"chats/chat_07/ is where it is"}'

    folded = fold(body, folder="chats/chat_07/")

    assert folded == b'{"id":1,"photo":"{chat}/photos/a.jpg","text":"chats/chat_07/ is where it is"}'


def test_a_single_chats_path_reads_like_that_of_a_whole_account() -> None:
    body = b'{"id":1,"file":"files/a.pdf","thumbnail":"(File not included. Change data/settings to download.)"}'

    folded = fold(body, folder="")

    assert folded.startswith(b'{"id":1,"file":"{chat}/files/a.pdf","thumbnail":"(File')


def test_a_path_in_another_chats_folder_is_left_as_it_is() -> None:
    body = b'{"id":1,"file":"chats/chat_08/files/a.pdf"}'

    folded = fold(body, folder="chats/chat_07/")

    assert folded == body


def test_the_number_of_an_emoji_is_no_path() -> None:
    body = b'{"text":[{"type":"custom_emoji","text":"x","document_id":"5368324170671202286"}]}'

    folded = fold(body, folder="")

    assert folded == body


def test_a_body_can_be_unfolded_into_another_folder() -> None:
    folded = fold(b'{"id":1,"photo":"chats/chat_07/photos/a.jpg"}', folder="chats/chat_07/")

    moved = unfold(folded, folder="chats/chat_12/")

    assert moved == b'{"id":1,"photo":"chats/chat_12/photos/a.jpg"}'
