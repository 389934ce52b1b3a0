"""The kinds of things that plugins bring."""

from __future__ import annotations

import pytest

from tgvault import hookspecs
from tgvault.config.sections import CopySection, SourceSection, TransformSection
from tgvault.host.kinds import OWN_KEYS, Kind, required_methods


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_hook(kind: Kind) -> None:
    assert kind.hook in hookspecs.__all__


def test_the_methods_are_those_of_the_protocol() -> None:
    assert required_methods(Kind.TRANSFORM) == ["document", "message"]
    assert {"put", "list", "close"} <= set(required_methods(Kind.SINK))
    assert {"info", "records", "close"} <= set(required_methods(Kind.SOURCE))


def test_the_keys_that_tgvault_reads_are_those_of_the_sections() -> None:
    sections = {Kind.SINK: CopySection, Kind.SOURCE: SourceSection, Kind.TRANSFORM: TransformSection}

    assert {kind: frozenset(section.__struct_fields__) for kind, section in sections.items()} == OWN_KEYS
