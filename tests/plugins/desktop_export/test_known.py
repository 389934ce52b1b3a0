"""The table of what Telegram Desktop writes."""

from __future__ import annotations

from samples.json.actions import ACTIONS as SAMPLE_ACTIONS
from samples.json.actions import ACTIONS_WITHOUT_ACTOR
from tgvault_plugins.desktop_export.known import ACTIONS, MESSAGE_FIELDS, PATH_FIELDS, SERVICE_FIELDS

FUTURE = {"brand_new_action_from_the_future", "an_action_from_the_future"}


def test_every_action_of_the_samples_is_known() -> None:
    names = {action for action, _ in [*SAMPLE_ACTIONS, *ACTIONS_WITHOUT_ACTOR] if action}

    assert names - set(ACTIONS) == FUTURE


def test_every_field_of_an_action_is_one_of_service_messages() -> None:
    for action, fields in [*SAMPLE_ACTIONS, *ACTIONS_WITHOUT_ACTOR]:
        assert action in FUTURE or fields.keys() <= SERVICE_FIELDS


def test_paths_are_fields_of_messages() -> None:
    assert set(PATH_FIELDS) <= MESSAGE_FIELDS
