"""The contract of transforms passes a good one and catches those that break their word."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

_TRANSFORMS = """
import itertools
import msgspec
import pytest
from tgvault.api import MediaRef
from tgvault.testing import NoConfig
from tgvault.testing.contracts import TransformContract

class Good:
    config = NoConfig

    def document(self, document):
        return document if document.name == "contacts" else None

    def message(self, chat, message):
        return None if chat.id == 7 else message

class Renumbers(Good):
    def message(self, chat, message):
        return msgspec.structs.replace(message, id=99)

class RenumbersBodies(Good):
    def message(self, chat, message):
        return msgspec.structs.replace(message, body=b'{"id":99}')

class BreaksLines(Good):
    def message(self, chat, message):
        return msgspec.structs.replace(message, body=msgspec.json.format(message.body))

class MakesUpFiles(Good):
    def message(self, chat, message):
        return msgspec.structs.replace(message, media=(MediaRef("photo", "made/up.jpg"),))

class RenamesDocuments(Good):
    def document(self, document):
        return msgspec.structs.replace(document, name="other")

class Counts(Good):
    def __init__(self):
        self.numbers = itertools.count()

    def message(self, chat, message):
        return message if next(self.numbers) % 3 else None

class TestOne(TransformContract):
    @pytest.fixture
    def make_transform(self):
        return TRANSFORM
"""

_CAUGHT_BY = {
    "Renumbers": "test_a_message_keeps_its_id_and_stays_a_json_object_on_one_line",
    "RenumbersBodies": "test_a_message_keeps_its_id_and_stays_a_json_object_on_one_line",
    "BreaksLines": "test_a_message_keeps_its_id_and_stays_a_json_object_on_one_line",
    "MakesUpFiles": "test_a_message_gets_no_files_that_it_did_not_have",
    "RenamesDocuments": "test_a_document_keeps_its_name_and_stays_json",
    "Counts": "test_the_order_of_calls_does_not_matter",
}


@pytest.fixture
def outcomes_of(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> object:
    # Worker processes find the module with the transform by its name.
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))

    def run(transform: str, *arguments: str) -> dict[str, int]:
        pytester.makepyfile(test_it=_TRANSFORMS.replace("TRANSFORM", transform))
        return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider", *arguments).parseoutcomes()

    return run


def test_a_good_transform_passes(outcomes_of) -> None:
    outcomes = outcomes_of("Good")

    assert set(outcomes) == {"passed"}


@pytest.mark.parametrize(("broken", "test"), _CAUGHT_BY.items())
def test_a_transform_that_breaks_its_word_is_caught(outcomes_of, broken: str, test: str) -> None:
    outcomes = outcomes_of(broken, "-k", test)

    assert outcomes.get("failed", 0) >= 1
