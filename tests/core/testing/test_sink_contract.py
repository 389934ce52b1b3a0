"""The contract suites fail where a sink breaks its word."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

_BROKEN = """
import time
from functools import partial
import pytest
from tgvault.api import ObjectName, SinkError, StoredObject
from tgvault.testing import MemorySink
from tgvault.testing.contracts import SinkContract

class Contract(SinkContract):
    @pytest.fixture
    def make_sink(self):
        return partial(self.broken, {})

class AppendsOnReplace(MemorySink):
    def replace(self, name, data):
        self.objects[name] = self.objects.get(name, b"") + data

class RefusesRepeatedPut(MemorySink):
    def put(self, name, data):
        if name in self.objects:
            raise SinkError("is there")
        super().put(name, data)

class TakesPrefixesForFolders(MemorySink):
    def list(self, prefix):
        folder = prefix.rstrip("/") + "/"
        return (each for each in super().list("") if not prefix or each.name.startswith(folder))

class ForgetsOnClose(MemorySink):
    def close(self):
        self.objects.clear()

class GuessesSizes(MemorySink):
    def list(self, prefix):
        return (StoredObject(each.name, 1) for each in super().list(prefix))

class StopsAtAThousand(MemorySink):
    def list(self, prefix):
        return iter(list(super().list(prefix))[:1000])

class TearsReplaced(MemorySink):
    def replace(self, name, data):
        for end in range(0, len(data) + 1, 100_000):
            self.objects[name] = data[:end]
            time.sleep(0.001)  # a slow store

class GivesNothingForMissing(MemorySink):
    def get(self, name):
        return self.objects.get(name, b"")
"""

_CAUGHT_BY = {
    "AppendsOnReplace": "test_replace_takes_the_place_of_what_is_there",
    "RefusesRepeatedPut": "test_putting_the_same_again_changes_nothing",
    "TakesPrefixesForFolders": "test_a_listing_holds_the_names_that_start_with_the_prefix",
    "ForgetsOnClose": "test_what_was_stored_outlives_the_instance",
    "GuessesSizes": "test_a_listing_tells_sizes",
    "StopsAtAThousand": "test_a_listing_of_many_objects_has_each_once",
    "TearsReplaced": "test_a_reader_never_sees_half_of_what_is_being_replaced",
    "GivesNothingForMissing": "test_what_is_not_there_is_reported_missing",
}


@pytest.mark.parametrize(("broken", "test"), _CAUGHT_BY.items())
def test_a_sink_that_breaks_its_word_is_caught(pytester: pytest.Pytester, broken: str, test: str) -> None:
    pytester.makepyfile(f"{_BROKEN}\nclass TestBroken(Contract):\n    broken = {broken}\n")

    outcomes = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", "-k", test)

    assert outcomes.parseoutcomes().get("failed", 0) >= 1
