"""What of a folder belongs to an export."""

from __future__ import annotations

from pathlib import Path

from tgvault_plugins.desktop_export.folder import FolderRoot
from tgvault_plugins.desktop_export.root import listing


def _put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_a_result_among_downloads_does_not_sweep_up_the_rest(tmp_path: Path) -> None:
    _put(tmp_path, "result.json", "taxes.pdf", "Music/a.mp3", "css/site.css", "images/a.jpg", "photos/photo_1.jpg")

    names = [file.name for file in listing(FolderRoot(tmp_path))]

    assert names == ["photos/photo_1.jpg"]


def test_pages_and_what_they_need_are_listed_when_there_are_pages(tmp_path: Path) -> None:
    _put(
        tmp_path, "result.json", "messages.html", "messages2.html", "css/style.css", "other.html", "lists/contacts.html"
    )

    names = [file.name for file in listing(FolderRoot(tmp_path))]

    assert names == ["lists/contacts.html", "css/style.css", "messages.html", "messages2.html"]


def test_the_files_of_all_chats_are_listed(tmp_path: Path) -> None:
    _put(tmp_path, "chats/chat_1/photos/a.jpg", "chats/chat_2/files/b", "profile_pictures/c.jpg", "stories/d.mp4")

    names = [file.name for file in listing(FolderRoot(tmp_path))]

    assert names == ["chats/chat_1/photos/a.jpg", "chats/chat_2/files/b", "profile_pictures/c.jpg", "stories/d.mp4"]
