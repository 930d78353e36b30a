"""A file encrypted piece by piece, so that one of any length is written and read in a megabyte of memory.

It begins with a line that names the service. Then each piece: four bytes of length, and what `Cipher.seal` makes of it; its place, and
whether it is the last one, are authenticated, so that pieces cannot be left out, moved, or cut off at the end unnoticed.
"""

import io
import json
import secrets
from typing import BinaryIO

from services.common.crypto import Cipher, CryptoError

PIECE = 1 << 20
LONGEST = PIECE + 1024


class Unreadable(Exception):
    """A file that is no backup, or not a whole one; the message says which."""


def header(service: str) -> tuple[bytes, str]:
    """The first line of a file, and the word that ties every piece to it."""
    word = secrets.token_hex(16)
    return json.dumps({"heed-backup": 1, "service": service, "id": word}).encode() + b"\n", word


def read_header(file: BinaryIO) -> tuple[str, str] | None:
    """The service and the word of a sealed file; None, and the file at its start, where it is not sealed. Raises Unreadable."""
    if file.read(2) == b"\x1f\x8b":
        file.seek(0)
        return None
    file.seek(0)
    try:
        stated = json.loads(file.readline(1000))
        return str(stated["service"]), str(stated["id"])
    except (ValueError, KeyError, TypeError):
        raise Unreadable("this is no backup of Heed's") from None


class Sealer(io.RawIOBase):
    """Takes bytes and writes sealed pieces; closing it writes the last one and leaves the file open."""

    def __init__(self, file: BinaryIO, cipher: Cipher, word: str) -> None:
        self._file, self._cipher, self._word = file, cipher, word
        self._waiting, self._n = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, given) -> int:  # type: ignore[no-untyped-def] # the library's own type is a buffer
        data = bytes(given)
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._piece(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._piece(bytes(self._waiting), last=True)
        super().close()

    def _piece(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.seal(plain, _purpose(self._word, self._n, last=last))
        self._file.write(len(sealed).to_bytes(4) + sealed)
        self._n += 1


class Opener(io.RawIOBase):
    """Reads what a Sealer has written. Raises Unreadable where a piece is changed, missing or cut."""

    def __init__(self, file: BinaryIO, cipher: Cipher, word: str) -> None:
        self._file, self._cipher, self._word = file, cipher, word
        self._ready, self._n, self._last = b"", 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, into) -> int:  # type: ignore[no-untyped-def] # as above
        while not self._ready and not self._last:
            self._ready = self._next()
        given = self._ready[: len(into)]
        into[: len(given)] = given
        self._ready = self._ready[len(given) :]
        return len(given)

    def _next(self) -> bytes:
        length = int.from_bytes(self._file.read(4))
        sealed = self._file.read(length) if length <= LONGEST else b""
        if not length or len(sealed) < length:
            raise Unreadable("the backup is cut off, or changed")
        following = self._file.read(1)
        self._last = not following
        if following:
            self._file.seek(-1, io.SEEK_CUR)
        try:
            plain = self._cipher.open_bytes(sealed, _purpose(self._word, self._n, last=self._last))
        except CryptoError as error:
            raise Unreadable(f"the backup cannot be opened: {error}") from None
        self._n += 1
        return plain


def _purpose(word: str, n: int, *, last: bool) -> str:
    return f"backup:{word}:{n}:{'last' if last else 'more'}"
