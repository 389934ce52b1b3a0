from __future__ import annotations

from datetime import UTC

from tests.plugins.takeout.convert.support import known_peers, take

from tgvault_plugins.takeout.convert.documents import around, document, listed, making_of
from tgvault_plugins.takeout.convert.media import photo_fields
from tgvault_plugins.takeout.convert.peers import Peers


def test_documents_are_made_with_what_is_known() -> None:
    peers = known_peers()
    context = around(peers, zone=UTC, self_id=5, decide=take, phone=str.upper)

    assert (context.peers, context.self_id, context.phone("a")) == (peers, 5, "A")
    assert around(Peers(), zone=UTC, self_id=5, decide=take).phone("1") == "+1"


def test_a_document_tells_of_what_was_left_out() -> None:
    making = making_of(around(Peers(), zone=UTC, self_id=5, decide=take), "Photo")
    told = photo_fields(None, making)

    made = document("pictures", told, making)
    assert made.body == b'{"photo":"(Photo unavailable, please try again later)","photo_file_size":0}'
    assert [why for _, why in made.left_out] == ["unavailable"]


def test_a_list_has_an_empty_word_about_it() -> None:
    assert listed("contacts", []).body == b'{"about":"","list":[]}'
