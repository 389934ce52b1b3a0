"""Where the credential of a sink is found: all of it in one place, the first that has any of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tgvault.contracts.credentials import Credential, CredentialField
from tgvault.errors import AccessError, CredentialError
from tgvault.keys.commands import command_name, run_command
from tgvault.keys.credentials import CredentialStore

__all__ = ["CredentialSearch", "FoundCredential", "own_variable"]

_COMMAND = "credential command"
_WHOLE = "a credential is found in one place as a whole"


def own_variable(sink: str, name: str) -> str:
    """Name the variable for a field of a sink's credential: `TGVAULT_CREDENTIAL_CLOUD_ACCESS_KEY_ID`."""
    return f"TGVAULT_CREDENTIAL_{_capitals(sink)}_{_capitals(name)}"


def _capitals(text: str) -> str:
    return re.sub("[^A-Z0-9]", "_", text.upper())


@dataclass(frozen=True, slots=True)
class FoundCredential:
    """A credential and where it was found; `origin` is None where nothing was, and nothing has to be."""

    credential: Credential
    origin: str | None


@dataclass(frozen=True, slots=True)
class CredentialSearch:
    """Looks for the credential of a sink.

    In this order: the sink's own variables, the command, the OS keyring, the variables that the store's own tools read.
    `name` is the credential's name in the keyring, None where nothing says which vault's it is.
    """

    sink: str
    fields: Sequence[CredentialField]
    name: str | None
    #: May hold a secret in its arguments.
    command: str | None = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    keyring: Callable[[str], CredentialStore] = CredentialStore

    def find(self) -> FoundCredential:
        """Find the credential.

        A keyring that does not answer is passed by, and told of only where the credential is nowhere else.

        Raises:
            CredentialError: it is nowhere, or a place has a part of it, or the command fails.
            UsageError: the command cannot be run.
        """
        found, trouble = self._looked()
        if found is None and self.required:
            raise self._nowhere(trouble)
        return found or FoundCredential(Credential({}), None)

    def look(self) -> FoundCredential | None:
        """Find the credential, or give None where it is nowhere; raises otherwise as `find` does."""
        return self._looked()[0]

    def origin(self) -> str | None:
        """Tell where `find` would find the credential, without running a command; raises otherwise as `find` does."""
        if self.command is not None and self._own_variables() is None:
            return f"the {command_name(self.command, what=_COMMAND)}"
        return self.find().origin

    def _looked(self) -> tuple[FoundCredential | None, AccessError | None]:
        """Give what is found, and what is wrong with the keyring."""
        found = self._own_variables() or self._printed()
        if found is not None:
            return found, None
        trouble = None
        try:
            found = self._kept()
        except AccessError as error:
            trouble = error
        return found or self._known_variables(), trouble

    @property
    def required(self) -> list[str]:
        """The names of the fields that have to be there."""
        return [each.name for each in self.fields if each.required]

    def _own_variables(self) -> FoundCredential | None:
        variables = {each.name: own_variable(self.sink, each.name) for each in self.fields}
        values = {name: self.environment.get(variable, "") for name, variable in variables.items()}
        lacking = "set " + ", ".join(f"`${variables[name]}`" for name in self.required if not values[name])
        return self._whole(values, f"`$TGVAULT_CREDENTIAL_{_capitals(self.sink)}_…`", lacking)

    def _printed(self) -> FoundCredential | None:
        if self.command is None:
            return None
        done = run_command(self.command, what=_COMMAND, failure=CredentialError)
        hint = f"it has to print a line `FIELD=value` for each of {_listed(each.name for each in self.fields)}"
        found = self._whole(self._parsed(done.data, done.origin, hint), f"the {done.origin}", hint)
        if found is None:
            raise CredentialError(f"the {done.origin} for sink `{self.sink}` prints nothing", hint=hint)
        return found

    def _parsed(self, data: bytes, origin: str, hint: str) -> Mapping[str, str]:
        """Read what the command printed, none of which may stand in an error."""
        try:
            lines = data.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise CredentialError(f"what the {origin} prints is not text", hint=hint) from None
        known = {each.name for each in self.fields}
        values: dict[str, str] = {}
        for number, line in enumerate(lines, start=1):
            name, equals, value = line.partition("=")
            if not line.strip():
                continue
            if not equals or name.strip() not in known:
                raise CredentialError(f"line {number} of what the {origin} prints names no field", hint=hint)
            values[name.strip()] = value
        return values

    def _kept(self) -> FoundCredential | None:
        kept = self.keyring(self.name).get() if self.name is not None else None
        return self._whole(kept, f"the OS keyring, credential `{self.name}`", "log in again") if kept else None

    def _known_variables(self) -> FoundCredential | None:
        used = self._set_variables()
        values = {name: self.environment[variable] for name, variable in used.items()}
        # Variables of other programs: half a credential there is somebody else's business.
        if not values.keys() >= set(self.required):
            return None
        return self._whole(values, _listed(f"${each}" for each in used.values()), "")

    def _set_variables(self) -> Mapping[str, str]:
        """Give the variables of the store's own tools that are set, by the fields that they say."""
        found: dict[str, str] = {}
        for each in self.fields:
            if variable := next((known for known in each.environment if self.environment.get(known)), None):
                found[each.name] = variable
        return found

    def _whole(self, values: Mapping[str, str], origin: str, hint: str) -> FoundCredential | None:
        """Make the credential of what a place has, None where that is nothing."""
        known = {each.name: values[each.name] for each in self.fields if values.get(each.name)}
        if not known:
            return None
        if lacking := [name for name in self.required if name not in known]:
            raise CredentialError(
                f"{origin} has a part of the credential of sink `{self.sink}`, and lacks {_listed(lacking)}",
                hint=f"{_WHOLE}; {hint}",
            )
        return FoundCredential(Credential(known), origin)

    def not_kept(self, trouble: AccessError) -> CredentialError:
        """Make the error for a credential that cannot be kept; `trouble` is what is wrong with the keyring."""
        return CredentialError(
            f"the credential of sink `{self.sink}` cannot be kept: {trouble}", hint=f"{trouble.hint}; {self.ways()}"
        )

    def ways(self) -> str:
        """Say how the credential is given where no keyring has it."""
        names = self.required or [each.name for each in self.fields]
        variables = _listed(f"${own_variable(self.sink, name)}" for name in names)
        return f"set {variables}, or give the sink a `credential_command`"

    def _nowhere(self, trouble: AccessError | None) -> CredentialError:
        ways = f"run `tgvault sink login {self.sink}`, {self.ways()}"
        if self.name is None:
            ways += "; the OS keyring was not asked: write the vault's `id` into `[vault]`, or give a `credential`"
        if part := self._set_variables():
            ways += f"; {_listed(f'${each}' for each in part.values())} alone will not do"
        said = f": {trouble}" if trouble is not None else ""
        return CredentialError(
            f"sink `{self.sink}` wants to know {_listed(self.required)}, and nothing says it{said}", hint=ways
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
