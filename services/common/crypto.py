"""Encryption at rest (AES-256-GCM, key id stored beside the text) and keyed lookup of what is encrypted.

A stored value is: one byte, the length of the key id; the key id; a 12-byte random nonce; ciphertext and tag. The purpose
("number", "name", "body" …) is authenticated with it, so that a value moved into another column does not decrypt.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.private import Private

NONCE = 12
DIGEST = 16


class CryptoError(Exception):
    """A key that is malformed, or a value that no configured key opens; the message never holds the value."""


@dataclass(frozen=True, slots=True, repr=False)
class Cipher:
    """The first key encrypts, every key decrypts (rotation)."""

    first: str
    keys: dict[str, AESGCM] = field(default_factory=dict)
    head: bytes = b""

    @classmethod
    def from_setting(cls, setting: str) -> "Cipher":
        """Parse `id:base64[,id:base64…]`; each key is 32 bytes. Raises CryptoError."""
        keys: dict[str, AESGCM] = {}
        for part in setting.split(","):
            key_id, _, encoded = part.strip().partition(":")
            if key_id in keys:
                # The second would quietly take the first one's place, and a rotation would not be one.
                raise CryptoError(f"two encryption keys are called {key_id!r}: give the new one another id")
            keys[key_id] = AESGCM(_key_bytes(encoded, "an encryption key"))
            if not key_id or len(key_id.encode()) > 255:
                raise CryptoError("an encryption key is written id:base64, with an id of 1 to 255 bytes")
        first = next(iter(keys))
        return cls(first, keys, bytes([len(first.encode())]) + first.encode())

    def seal(self, text: str | bytes | Private, purpose: str) -> bytes:
        """Encrypt under the first key."""
        plain = text.reveal() if isinstance(text, Private) else text
        raw = plain.encode() if isinstance(plain, str) else plain
        nonce = os.urandom(NONCE)
        return self.head + nonce + self.keys[self.first].encrypt(nonce, raw, purpose.encode())

    def open_bytes(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt with the key that the value names. Raises CryptoError."""
        if not sealed:
            raise CryptoError("there is no value to open")
        length = sealed[0]
        key_id = sealed[1 : 1 + length].decode(errors="replace")
        key = self.keys.get(key_id)
        if key is None:
            raise CryptoError(
                f"no key {key_id!r} among the configured encryption keys: add it again to decrypt old rows"
            )
        try:
            body = sealed[1 + length :]
            return key.decrypt(body[:NONCE], body[NONCE:], purpose.encode())
        except (InvalidTag, ValueError):  # a value cut short within its nonce is a ValueError
            raise CryptoError(
                f"a value under key {key_id!r} does not open: changed, or moved from another column"
            ) from None

    def open(self, sealed: bytes, purpose: str) -> Private:
        """Decrypt to a masked text."""
        return Private(self.open_bytes(sealed, purpose).decode())


@dataclass(frozen=True, slots=True, repr=False)
class BlindIndex:
    """A keyed hash that finds an encrypted value again; without the key it says nothing."""

    key: bytes
    _begun: dict[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def from_setting(cls, setting: str) -> "BlindIndex":
        """Parse the base64 key (32 bytes). Raises CryptoError."""
        return cls(_key_bytes(setting, "the index key"))

    def of(self, value: str | Private, purpose: str) -> bytes:
        """16 bytes that stand for the value within this purpose (at most 16 ASCII characters)."""
        text = value.reveal() if isinstance(value, Private) else value
        begun = self._begun.get(purpose)
        if begun is None:  # a keyed hash that has read nothing yet: copying it is cheaper than making it anew
            begun = self._begun[purpose] = hashlib.blake2b(
                digest_size=DIGEST, key=self.key, person=purpose.encode()
            )
        hashed = begun.copy()
        hashed.update(text.encode())
        digest: bytes = hashed.digest()
        return digest


def _key_bytes(encoded: str, what: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise CryptoError(f"{what} must be 32 bytes in base64; `heed keys generate` prints a fresh one")
    return key
