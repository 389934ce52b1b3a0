import pytest

from tgvault.api import HostilePathError
from tgvault_plugins.desktop_export.html.names import folded, is_address, linked_message, located
from tgvault_plugins.desktop_export.html.tags import parse


def test_links_are_relative_to_their_page() -> None:
    assert located("photos/a.jpg", folder="") == "photos/a.jpg"
    assert located("../../chats/chat_07/photos/a.jpg", folder="chats/chat_07/") == "chats/chat_07/photos/a.jpg"
    assert located("./a.jpg", folder="lists/") == "lists/a.jpg"


def test_names_are_not_percent_encoded() -> None:
    assert located("files/a%20b #1?.txt", folder="") == "files/a%20b #1?.txt"


@pytest.mark.parametrize(
    "link",
    [
        "../a",
        "/etc/passwd",
        "photos/../../a",
        "a\\b",
        "C:/a",
        "../../C:/a",
        "a\0b",
        "",
        ".",
        "https://e.org/a",
        "HTTP://e.org",
    ],
)
def test_links_out_of_the_export_are_refused(link: str) -> None:
    with pytest.raises(HostilePathError):
        located(link, folder="")


def test_links_that_climb_above_a_chats_folder_are_refused() -> None:
    with pytest.raises(HostilePathError):
        located("../../../a", folder="chats/chat_07/")


def test_paths_in_the_chats_folder_are_folded() -> None:
    assert folded("chats/chat_07/photos/a.jpg", folder="chats/chat_07/") == "{chat}/photos/a.jpg"
    assert folded("chats/chat_08/photos/a.jpg", folder="chats/chat_07/") == "chats/chat_08/photos/a.jpg"


def test_nothing_is_folded_beside_the_top_folders_pages() -> None:
    assert folded("photos/a.jpg", folder="") == "photos/a.jpg"


def test_a_name_that_looks_folded_is_told_apart() -> None:
    assert folded("{chat}/a.jpg", folder="chats/chat_07/") == "{chat}{chat}/a.jpg"


def test_only_the_web_is_an_address() -> None:
    assert is_address("https://e.org")
    assert not is_address("javascript:x")


def test_a_link_to_a_message_tells_its_id() -> None:
    assert linked_message(parse('a <b><a href="messages2.html#go_to_message-999999995">this</a></b>')) == -999999995
    assert linked_message(parse('<a href="#go_to_message7" onclick="return GoToMessage(7)">this</a>')) == 7
    assert linked_message(parse('<a href="https://e.org">x</a><a>y</a>')) is None
