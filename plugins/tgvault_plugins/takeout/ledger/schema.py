"""What was fetched and is not in the vault yet, and what has to be known to go on: the source's own database.

Everything that belongs together is written in one transaction, so that a kill costs a page or a part of a file, never
more. What was told to the engine stays until the snapshot that holds it is committed.
"""

from __future__ import annotations

import re

__all__ = ["SCHEMA", "TABLES", "VERSION"]

#: Raised whenever a table changes; everything is then fetched again.
VERSION = 3

#: `chat` and `cursor` say how far each chat was read. A chat has up to two parts: 1 is its own, 0 the basic group that
#: it once was. The fields of a cursor are those of `Cursor`.
#:
#: `listed` has the chats of the account while the list of them is gone through; those that `moved` are basic groups
#: that became supergroups.
#:
#: `message`, `covered`, `removed`, `document`, `finding` and whole files are pending: they are told in every run until
#: one is committed. `piece` has the bodies of documents.
#: Messages whose files are still wanted stay when they are committed, and are told again: Telegram may have lost them
#: when the files come.
#: `place` finds the chat of an account-wide message id; deletions in private chats and basic groups name no chat. The
#: id in the chat is larger by `shift`.
#: `todo` are messages to be asked for again by their ids; `put_off` those of them that the settings leave out, with
#: when they were sent, and whether others wrote them.
#: `earlier` are pending messages as they were before they were edited, told first; the highest `turn` is the newest.
#:
#: `file` has the files that pending messages speak of, and those that could not be had; `origin` the messages and
#: documents (chat 0) that speak of a file, by which a reference to it can be asked for again; `part` what was received
#: of it.
SCHEMA = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE chat (number INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, peer TEXT NOT NULL, position INTEGER NOT NULL,
                   seen INTEGER NOT NULL, record BLOB NOT NULL, pts INTEGER, failure TEXT);
CREATE INDEX chat_by_peer ON chat (peer);
CREATE TABLE listed (position INTEGER PRIMARY KEY, moved INTEGER NOT NULL, record BLOB NOT NULL);
CREATE INDEX listed_by_moved ON listed (moved, position);
CREATE TABLE cursor (chat INTEGER NOT NULL, part INTEGER NOT NULL, last INTEGER NOT NULL, seen INTEGER NOT NULL,
                     own INTEGER NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (chat, part)) WITHOUT ROWID;
CREATE TABLE message (chat INTEGER NOT NULL, id INTEGER NOT NULL, body BLOB NOT NULL, refs BLOB,
                      PRIMARY KEY (chat, id)) WITHOUT ROWID;
CREATE TABLE covered (chat INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE removed (chat INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (chat, id)) WITHOUT ROWID;
CREATE TABLE document (name TEXT PRIMARY KEY, position INTEGER NOT NULL, refs BLOB) WITHOUT ROWID;
CREATE TABLE piece (name TEXT NOT NULL, start INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX piece_by_name ON piece (name, start);
CREATE TABLE finding (kind TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, count INTEGER NOT NULL,
                      PRIMARY KEY (kind, subject, detail)) WITHOUT ROWID;
CREATE TABLE place (id INTEGER PRIMARY KEY, chat INTEGER NOT NULL, shift INTEGER NOT NULL);
CREATE TABLE todo (chat INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (chat, id)) WITHOUT ROWID;
CREATE TABLE put_off (chat INTEGER NOT NULL, id INTEGER NOT NULL, date INTEGER, others INTEGER NOT NULL,
                      PRIMARY KEY (chat, id)) WITHOUT ROWID;
CREATE TABLE earlier (chat INTEGER NOT NULL, turn INTEGER NOT NULL, id INTEGER NOT NULL, body BLOB NOT NULL, refs BLOB,
                      PRIMARY KEY (chat, turn, id)) WITHOUT ROWID;
CREATE TABLE file (name TEXT PRIMARY KEY, state INTEGER NOT NULL, size INTEGER NOT NULL, remote BLOB NOT NULL,
                   reason TEXT);
CREATE INDEX file_by_state ON file (state);
CREATE TABLE origin (file TEXT NOT NULL, chat INTEGER NOT NULL, id INTEGER NOT NULL,
                     PRIMARY KEY (file, chat, id)) WITHOUT ROWID;
CREATE INDEX origin_by_message ON origin (chat, id);
CREATE TABLE part (file TEXT NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL);
CREATE UNIQUE INDEX part_by_file ON part (file, start);
"""

#: The tables of the account, all but `fact`.
TABLES = tuple(name for name in re.findall(r"CREATE TABLE (\w+)", SCHEMA) if name != "fact")
