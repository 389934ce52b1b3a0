"""A connection to the account, and everything that fetching needs around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tgvault.api import SourceContext
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.client import AccountClient
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.connecting import connect
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.limiter import Limiter
from tgvault_plugins.takeout.round import Round
from tgvault_plugins.takeout.session import load_session
from tgvault_plugins.takeout.waiting import Waiter

__all__ = ["Connection"]

#: Seconds between two requests of one method where there is no takeout: about what an app asks for when one scrolls.
_PLAIN_PACE = 0.5


@dataclass(slots=True)
class Connection:
    """A logged-in client; `account` is the user id of the account."""

    client: AccountClient
    caller: Caller
    config: TakeoutConfig
    context: SourceContext
    account: int
    is_bot: bool
    _round: Round | None = field(default=None, init=False)

    @classmethod
    async def open(
        cls,
        config: TakeoutConfig,
        context: SourceContext,
        *,
        pause: Callable[[float], Awaitable[None]],
        clock: Callable[[], float],
        chance: Callable[[], float],
    ) -> Connection:
        """Connect with the session that is kept; raises as `connect` does."""
        session = load_session(context.secrets, source=context.name)
        client = await connect(config, session, now=context.now)
        waiter = Waiter(pause, context.progress)
        limiter = Limiter(clock, waiter, chance, pace=0.0 if config.takeout else _PLAIN_PACE)
        caller = Caller(client, limiter, waiter, home=session.dc_id, now=context.now)
        assert client.me is not None
        return cls(client, caller, config, context, client.me.id, bool(client.me.bot))

    def round(self, ledger: Ledger) -> Round:
        """Give the one round that is made over this connection."""
        if self._round is None:
            self._round = Round(
                self.config, self.caller, ledger, self.context, self_id=self.account, is_bot=self.is_bot
            )
        return self._round

    async def close(self) -> None:
        """Disconnect; never raises for a connection that is gone."""
        await self.client.disconnect()
