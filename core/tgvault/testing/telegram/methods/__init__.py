"""The methods of the API that the server answers; importing this registers them all."""

from tgvault.testing.telegram.methods import auth, help_, password, people, updates
from tgvault.testing.telegram.methods.registry import METHODS

__all__ = ["METHODS", "auth", "help_", "password", "people", "updates"]
