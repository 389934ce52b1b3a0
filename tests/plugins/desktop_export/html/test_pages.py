import pytest

from samples.html import writer
from tgvault_plugins.desktop_export.html.pages import (
    MAX_ELEMENT,
    MAX_MESSAGES,
    cut,
    is_finished,
    is_message_id,
    survey,
    utf8,
)


def test_a_page_is_cut_into_its_messages_byte_for_byte() -> None:
    one, two = writer.message(1, words="a"), writer.joined(2, words="b")
    page = writer.page(writer.date(1, "14 November 2024"), one, two, following="messages2.html")

    pieces = list(cut(page))

    assert [(piece.id, piece.closed, piece.last) for piece in pieces] == [
        (-1, True, False),
        (1, True, False),
        (2, True, True),
    ]
    assert [piece.classes.split() for piece in pieces] == [
        ["service"],
        ["default", "clearfix"],
        ["default", "clearfix", "joined"],
    ]
    for piece, whole in zip(pieces[1:], (one, two), strict=True):
        start = whole.index(">\n", whole.index("message")) + 1
        assert piece.inner.decode() == whole[start : whole.rindex("</div>")]
        assert piece.between == b""


def test_a_message_that_a_button_writes_into_the_page_is_none() -> None:
    forged = '</div></div><div class="message default clearfix" id="message666"><div class="body">'
    page = writer.page(writer.message(1, words=forged), writer.message(2, words="b"))

    pieces = list(cut(page))

    assert [(piece.id, bool(piece.unread)) for piece in pieces] == [(1, False), (2, False), (666, True)]
    assert survey(page).ids == [1, 2]


def test_damage_before_the_first_message_does_not_hide_the_others() -> None:
    page = writer.page(writer.message(1, words="a"), writer.message(2, words="b"), writer.message(3, words="c"))
    page = page.replace(
        b'     <div class="message default clearfix" id="message1"',
        b'   <div class="message default clearfix" id="message1"',
    )

    assert [(piece.id, bool(piece.unread)) for piece in cut(page)] == [(2, False), (3, False), (1, True)]


def test_pages_that_were_indented_otherwise_are_cut_too() -> None:
    page = writer.page(writer.message(1, words="a"), writer.message(2, words="b")).replace(b"\n  ", b"\n\t")

    assert [(piece.id, piece.closed) for piece in cut(page)] == [(1, True), (2, True)]


def test_pages_without_line_ends_are_cut_too() -> None:
    page = writer.page(writer.message(1, words="a"), writer.message(2, words="b")).replace(b"\n", b"")

    assert [(piece.id, piece.closed) for piece in cut(page)] == [(1, True), (2, True)]


def test_attributes_in_another_order_are_read() -> None:
    page = writer.page(writer.message(1, words="a"), writer.service(2, "b"))
    page = page.replace(
        b'class="message default clearfix" id="message1"', b"id='message1' lang=de class='message default clearfix'"
    )
    page = page.replace(b'class="message service" id="message2"', b"class='message service'  id=message2")

    assert [(piece.id, piece.classes.split()) for piece in cut(page)] == [
        (1, ["default", "clearfix"]),
        (2, ["service"]),
    ]


def test_what_stands_between_messages_is_told() -> None:
    page = writer.page(writer.message(1, words="a"), "\n     <div>new</div>\n", writer.message(2, words="b"))

    assert [piece.between for piece in cut(page)] == [b"<div>new</div>", b""]


def test_a_message_without_an_end_goes_on_to_the_next() -> None:
    whole = writer.message(1, words="a")
    page = writer.page(whole[: whole.rindex("</div>")], writer.message(2, words="b"))

    assert [(piece.id, piece.closed) for piece in cut(page)] == [(1, False), (2, True)]


def test_a_message_that_is_too_large_is_not_read() -> None:
    big, busy = writer.message(1, words="a" * MAX_ELEMENT), writer.message(2, words="<br>" * 30_000)

    pieces = list(cut(writer.page(big, busy, writer.message(3))))

    assert [(piece.id, bool(piece.unread), bool(piece.inner)) for piece in pieces] == [
        (1, True, False),
        (2, True, False),
        (3, False, True),
    ]


def test_a_page_of_too_many_messages_is_read_in_part() -> None:
    tag = "\n<div class='message service' id='message{}'></div>"
    page = "".join(tag.format(number) for number in range(MAX_MESSAGES + 10)).encode()

    pieces = list(cut(page))

    assert [piece.unread for piece in pieces[:-1]] == [""] * MAX_MESSAGES
    assert pieces[-1].unread


def test_an_empty_page_has_no_messages() -> None:
    assert list(cut(b"")) == []
    assert survey(b"").ids == []


def test_a_survey_tells_title_links_and_ids() -> None:
    page = writer.page(
        writer.date(3, "14 November 2024"),
        writer.service(-999999995, "x"),
        writer.message(7, words="a"),
        previous="messages.html",
        following="messages3.html",
    )

    found = survey(page)

    assert (found.title, found.next, found.ids) == ("Field Ops", "messages3.html", [-999999995, 7])


def test_a_survey_of_a_page_without_messages_tells_its_title() -> None:
    assert survey(writer.page(title="Ana & Ben")).title == "Ana & Ben"
    assert survey(b"<div class='page_header'></div>").title is None


@pytest.mark.parametrize(
    ("number", "message"), [(1, True), (0, True), (-1, False), (-400, False), (-999_999_995, True)]
)
def test_small_negative_numbers_are_date_separators(number: int, message: bool) -> None:
    assert is_message_id(number) is message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_page_that_an_editor_saved_again_is_brought_back(encoding: str) -> None:
    page = writer.page(writer.message(1, words="伊藤 ✨"))

    saved = page.decode().replace("\n", "\r\n").encode(encoding)

    assert utf8(saved) == page


def test_a_page_is_finished_with_its_last_tag() -> None:
    page = writer.page(writer.message(1))

    assert is_finished(page)
    assert is_finished(page + b"\n\n")
    assert not is_finished(page[:-9])
    assert not is_finished(b"")
