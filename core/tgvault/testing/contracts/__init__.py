"""The contracts of sinks, sources and transforms as pytest suites: subclass one, override its fixtures.

    from tgvault.testing.contracts import SharedSinkContract

    class TestMySink(SharedSinkContract):
        @pytest.fixture
        def make_sink(self, tmp_path):
            return partial(MySink, MySinkConfig(path=tmp_path / "vault"))

Needs pytest.
"""

import pytest

# Before the modules below are imported, so that a failed assert of theirs shows its values.
pytest.register_assert_rewrite(
    "tgvault.testing.contracts.sink",
    "tgvault.testing.contracts.shared_sink",
    "tgvault.testing.contracts.source",
    "tgvault.testing.contracts.transform",
)

from tgvault.testing.contracts.shared_sink import SharedSinkContract  # noqa: E402
from tgvault.testing.contracts.sink import MakeSink, SinkContract  # noqa: E402
from tgvault.testing.contracts.source import MakeSource, SourceContract  # noqa: E402
from tgvault.testing.contracts.transform import MakeTransform, TransformContract  # noqa: E402

__all__ = [
    "MakeSink",
    "MakeSource",
    "MakeTransform",
    "SharedSinkContract",
    "SinkContract",
    "SourceContract",
    "TransformContract",
]
