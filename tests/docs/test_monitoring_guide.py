"""What the guide on monitoring shows is read by the real loader."""

from __future__ import annotations

import re
from pathlib import Path

from tgvault.config.config import parse_config
from tgvault.errors import EXIT_DUE

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "monitoring.md"


def test_its_configuration_is_right() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)

    config = parse_config('[sink]\ntype = "local"\n' + shown, file=Path("vault.toml"))

    assert (config.source("phone").every, config.copy("drawer").every) == ("1d", "30d")
    assert config.verify.copies


def test_it_names_the_exit_code() -> None:
    assert f"and {EXIT_DUE} if not" in GUIDE.read_text(encoding="utf-8")
