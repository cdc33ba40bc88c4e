"""Where mail waits for us: a folder of files, or a folder on an IMAP server. What has been read is put away by name."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

TROUBLE = (OSError, IMAPClientError)  # what the mailboxes here raise: try again at the next tick
CONNECT, READ = 10, 30  # seconds


class Place(StrEnum):
    """Where a mail goes that has been read: away for good, or into a folder that a person looks into."""

    GONE = "gone"
    OTHER = "other"
    BROKEN = "broken"


@dataclass(frozen=True)
class Waiting:
    """A mail nobody has read yet."""

    name: str
    size: int  # bytes


class Mailbox(Protocol):
    """Any number of readers may have it open at once; putting away what is gone already does no harm."""

    def waiting(self, at_most: int, last: Collection[str] = ()) -> list[Waiting]:
        """The oldest ones; those named `last` only where there is room."""

    def beginning(self, name: str, at_most: int) -> bytes:
        """So many bytes of a mail, or all of it where it is shorter; empty where it is gone, or not ours to read."""

    def put(self, name: str, place: Place) -> None: ...


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """The one INBOX_URL names. Whatever goes wrong with it is one of TROUBLE."""
    where = urlsplit(settings.INBOX_URL)
    if where.scheme == "file":
        yield FolderMailbox(Path(unquote(where.path)))
        return
    timeout = SocketTimeout(connect=CONNECT, read=READ)
    with IMAPClient(where.hostname, where.port, ssl=where.scheme == "imaps", timeout=timeout) as server:
        if parse_qs(where.query).get("tls") == ["1"]:
            server.starttls()
        _sign_in(server, unquote(where.username or ""), unquote(where.password or ""))
        server.select_folder(unquote(where.path.strip("/")) or "INBOX")
        yield ImapMailbox(server)


def _sign_in(server: IMAPClient, user: str, password: str) -> None:
    """With an access token where somebody keeps one fresh for us (OAuth 2.0), else with the password."""
    if settings.INBOX_TOKEN_FILE:
        server.oauth2_login(user, Path(settings.INBOX_TOKEN_FILE).read_text().strip())
    else:
        server.login(user, password)


class FolderMailbox:
    """One file a mail, renamed into the folder once it is whole; `new` of a Maildir is such a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def waiting(self, at_most: int, last: Collection[str] = ()) -> list[Waiting]:
        return nsmallest(at_most, self._files(), key=lambda mail: (mail.name in last, mail.name))

    def _files(self) -> Iterator[Waiting]:
        for file in os.scandir(self.folder):
            if file.is_file(follow_symlinks=False) and not file.name.startswith("."):
                with suppress(FileNotFoundError):
                    yield Waiting(file.name, file.stat().st_size)

    def beginning(self, name: str, at_most: int) -> bytes:
        with suppress(FileNotFoundError, PermissionError), (self.folder / name).open("rb") as file:
            return file.read(at_most)
        return b""

    def put(self, name: str, place: Place) -> None:
        with suppress(FileNotFoundError):
            if place == Place.GONE:
                (self.folder / name).unlink()
                return
            (self.folder / place).mkdir(mode=0o700, exist_ok=True)
            (self.folder / name).rename(self.folder / place / name)


class ImapMailbox:
    """The selected folder of a server. Nothing is read out of `\\Seen`: a person who looks sets it too."""

    def __init__(self, server: IMAPClient) -> None:
        self.server = server

    def waiting(self, at_most: int, last: Collection[str] = ()) -> list[Waiting]:
        oldest = sorted(self.server.search(["UNDELETED"]), key=lambda uid: (str(uid) in last, uid))[:at_most]
        sizes = self.server.fetch(oldest, ["RFC822.SIZE"]) if oldest else {}
        return [Waiting(str(uid), sizes[uid][b"RFC822.SIZE"]) for uid in oldest if uid in sizes]

    def beginning(self, name: str, at_most: int) -> bytes:
        found = self.server.fetch([int(name)], [f"BODY.PEEK[]<0.{at_most}>"])
        return bytes(found.get(int(name), {}).get(b"BODY[]<0>") or b"")

    def put(self, name: str, place: Place) -> None:
        uids = [int(name)]
        if place != Place.GONE:
            self._make(folder := self._prefix() + place)
            if self.server.has_capability("MOVE"):
                self.server.move(uids, folder)
                return
            self.server.copy(uids, folder)
        self._remove(uids)

    def _make(self, folder: str) -> None:
        if not self.server.folder_exists(folder):
            self.server.create_folder(folder)

    def _prefix(self) -> str:
        """What the names of one's own folders begin with, `INBOX.` for example."""
        own = self.server.namespace().personal if self.server.has_capability("NAMESPACE") else None
        return str(own[0][0]) if own else ""

    def _remove(self, uids: list[int]) -> None:
        self.server.delete_messages(uids, silent=True)
        if self.server.has_capability("UIDPLUS"):
            self.server.uid_expunge(uids)
        else:
            self.server.expunge()
