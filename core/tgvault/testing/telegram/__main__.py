"""`python -m tgvault.testing.telegram`: the loopback Telegram as a process of its own, for scripts and benchmarks.

It prints one line of JSON that says where it is. Then it takes commands, a line each, from its standard input, and
answers each with a line of JSON; at the end of the input it goes on until it is killed.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tgvault.testing.telegram.account.account import Account
from tgvault.testing.telegram.demo import demo_account
from tgvault.testing.telegram.faults import Fault, Refuse
from tgvault.testing.telegram.large import files_account, large_account
from tgvault.testing.telegram.server import LoopbackServer

__all__ = ["COMMANDS", "build", "carry_out", "main", "serve"]


def build(name: str) -> Account:
    """Build an account by its name: `demo`, `large:MESSAGES` or `files:COUNT:SIZE`."""
    kind, _, numbers = name.partition(":")
    given = [int(each) for each in numbers.split(":") if each]
    if kind == "demo" and not given:
        return demo_account()
    if kind == "large" and len(given) == 1:
        return large_account(given[0])
    if kind == "files" and len(given) == 2:
        return files_account(*given)
    raise ValueError(f"`{name}` is not an account; there are demo, large:MESSAGES and files:COUNT:SIZE")


def carry_out(server: LoopbackServer, line: str) -> object:
    """Carry out a command; gives what to answer. What cannot be done answers with what there is."""
    word, *rest = line.split()
    try:
        answer = COMMANDS[word](server, *rest)
    except (KeyError, TypeError, ValueError) as error:
        return {"error": repr(error), "commands": sorted(COMMANDS)}
    return True if answer is None else answer


def _fault(server: LoopbackServer, method: str, error: str, after: str = "0", times: str = "1") -> object:
    server.faults.add(Fault(Refuse(error), method=method, after=int(after), times=int(times)))
    return None


def _say(server: LoopbackServer, title: str, *words: str) -> object:
    account = server.account
    return account.say(account.named(title), " ".join(words)).id


def _edit(server: LoopbackServer, title: str, message_id: str, *words: str) -> object:
    account = server.account
    return account.edit(account.named(title), int(message_id), message=" ".join(words)).id


def _delete(server: LoopbackServer, title: str, message_id: str) -> object:
    account = server.account
    account.delete(account.named(title), int(message_id))
    return None


#: What a line may begin with; the words behind it are the arguments.
COMMANDS: dict[str, Callable[..., object]] = {
    "accept": lambda server: server.accept_login(),
    "age": lambda server: server.account.age_references(),
    "busy": lambda server: {"busy_seconds": server.busy_seconds},
    "calls": lambda server: dict(server.calls.counts()),
    "clear": lambda server: server.calls.clear(),
    "cut": lambda server: server.cut(),
    "delete": _delete,
    "edit": _edit,
    "end": lambda server, error: server.end_sessions(error),
    "fault": _fault,
    "parts": lambda server: {"parts": len(server.calls.parts_fetched())},
    "say": _say,
    "twice": lambda server: {"twice": [str(part) for part in server.calls.parts_fetched_twice()]},
}


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tgvault.testing.telegram", description=__doc__)
    parser.add_argument("--account", default="demo", help="demo, large:MESSAGES or files:COUNT:SIZE")
    parser.add_argument("--port", type=int, default=0, help="first port; 0 for free ones")
    parser.add_argument("--key-file", type=Path, help="where to write the public key, as PEM")
    parser.add_argument("--accept-after", type=int, help="accept a QR code once it was shown so many times")
    parser.add_argument("--password", help="two-factor password of the account")
    return parser.parse_args(given)


def serve(given: Sequence[str], lines: Iterable[str], tell: Callable[[object], None]) -> None:
    """Serve as the arguments say, and carry out commands until there are no more.

    `tell` is called with where the server is, and with the answer to each command.
    """
    arguments = _arguments(given)
    account = build(arguments.account)
    account.password = arguments.password
    if arguments.key_file is not None:
        arguments.key_file.write_text(LoopbackServer.public_key)
    with LoopbackServer(account, accept_after=arguments.accept_after).start(first_port=arguments.port) as server:
        tell(_where(server, arguments.key_file))
        for line in lines:
            if line.strip():
                tell(carry_out(server, line))


def main() -> None:
    """Serve until killed."""
    serve(sys.argv[1:], _input_without_end(), _tell)


def _input_without_end() -> Iterator[str]:
    yield from sys.stdin
    threading.Event().wait()


def _where(server: LoopbackServer, key_file: Path | None) -> dict[str, object]:
    dc, host, port = server.home
    return {
        "dc": dc,
        "host": host,
        "port": port,
        "ports": {each: place[1] for each, place in server.places.items()},
        "key_file": None if key_file is None else str(key_file),
        "public_key": server.public_key,
        "phone": server.account.phone,
        "code": server.account.code,
    }


def _tell(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
