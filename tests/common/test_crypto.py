"""Encryption at rest: rotation, the wrong key, a moved column, a changed byte; and the keyed hash that finds a value again."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.crypto import BlindIndex, Cipher, CryptoError
from services.common.private import Private
from services.common.settings import new_encryption_key, new_index_key

OLD, NEW, OTHER = new_encryption_key("old"), new_encryption_key("new"), new_encryption_key("old")
KEY_32, KEY_31 = base64.b64encode(bytes(32)).decode(), base64.b64encode(bytes(31)).decode()
SECRET = "07700 900123 ŵ 😀"


@pytest.fixture
def cipher() -> Cipher:
    return Cipher.from_setting(OLD)


@given(st.text() | st.binary())
def test_what_is_sealed_opens(value: str | bytes) -> None:
    cipher = Cipher.from_setting(OLD)
    raw = value.encode() if isinstance(value, str) else value
    assert cipher.open_bytes(cipher.seal(value, "body"), "body") == raw


def test_it_opens_to_a_masked_text(cipher: Cipher) -> None:
    opened = cipher.open(cipher.seal(SECRET, "number"), "number")
    assert str(opened) == "[private]"
    assert opened.reveal() == SECRET


def test_private_text_and_bytes_seal_alike(cipher: Cipher) -> None:
    for given_ in (SECRET, Private(SECRET), SECRET.encode()):
        assert cipher.open(cipher.seal(given_, "x"), "x").reveal() == SECRET


def test_the_same_value_never_looks_the_same(cipher: Cipher) -> None:
    assert len({cipher.seal(SECRET, "number") for _ in range(50)}) == 50


def test_nothing_of_the_value_shows(cipher: Cipher) -> None:
    sealed = cipher.seal(SECRET, "number")
    assert SECRET.encode() not in sealed
    assert b"07700" not in sealed


def test_rotation_the_first_key_encrypts_and_every_key_opens() -> None:
    before = Cipher.from_setting(OLD).seal(SECRET, "name")
    during = Cipher.from_setting(f"{NEW}, {OLD}")
    assert during.open(before, "name").reveal() == SECRET
    after = during.seal(SECRET, "name")
    assert Cipher.from_setting(NEW).open(after, "name").reveal() == SECRET
    with pytest.raises(CryptoError, match="no key 'new'"):
        Cipher.from_setting(OLD).open(after, "name")


def test_a_value_under_a_key_that_was_taken_away_says_which() -> None:
    sealed = Cipher.from_setting(OLD).seal(SECRET, "name")
    with pytest.raises(CryptoError, match="no key 'old' among the configured encryption keys: add it again"):
        Cipher.from_setting(NEW).open(sealed, "name")


def test_another_key_under_the_same_id_does_not_open() -> None:
    sealed = Cipher.from_setting(OLD).seal(SECRET, "name")
    with pytest.raises(CryptoError, match="does not open"):
        Cipher.from_setting(OTHER).open(sealed, "name")


def test_a_value_moved_into_another_column_does_not_open(cipher: Cipher) -> None:
    with pytest.raises(CryptoError, match="moved from another column"):
        cipher.open(cipher.seal(SECRET, "number"), "name")


def test_any_changed_byte_is_noticed(cipher: Cipher) -> None:
    sealed = cipher.seal(SECRET, "name")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(CryptoError):
            cipher.open_bytes(bytes(changed), "name")


def test_any_cut_is_noticed(cipher: Cipher) -> None:
    sealed = cipher.seal(SECRET, "name")
    for length in range(len(sealed)):
        with pytest.raises(CryptoError):
            cipher.open_bytes(sealed[:length], "name")


def test_no_error_holds_the_value_or_a_key(cipher: Cipher) -> None:
    sealed = cipher.seal(SECRET, "name")
    for bad in (sealed[:-1], b"", b"\xff" + sealed):
        with pytest.raises(CryptoError) as refused:
            cipher.open_bytes(bad, "name")
        assert SECRET not in str(refused.value)
        assert OLD.partition(":")[2] not in str(refused.value)


@pytest.mark.parametrize(
    "setting",
    [
        "",
        "k1",
        "k1:",
        f":{KEY_32}",
        KEY_32,
        f"k1:{KEY_31}",
        f"k1:{KEY_32}x",
        "k1:not base64!",
        f"{'k' * 256}:{KEY_32}",
        f"k1:{KEY_32},",
        f"k1:{KEY_32},k2",
        # `heed keys generate` says k1 unless told otherwise: a rotation that forgets to must not encrypt under the old key.
        f"k1:{KEY_32},k1:{base64.b64encode(bytes([1]) * 32).decode()}",
    ],
)
def test_malformed_keys_are_refused_without_showing_them(setting: str) -> None:
    with pytest.raises(CryptoError) as refused:
        Cipher.from_setting(setting)
    assert KEY_32 not in str(refused.value)


@pytest.mark.parametrize("setting", ["", KEY_31, KEY_32 + "x", "not base64!"])
def test_malformed_index_keys_are_refused(setting: str) -> None:
    with pytest.raises(CryptoError, match="index key"):
        BlindIndex.from_setting(setting)


def test_the_longest_key_id_that_one_byte_can_count() -> None:
    cipher = Cipher.from_setting(f"{'k' * 255}:{KEY_32}")
    assert cipher.open(cipher.seal(SECRET, "x"), "x").reveal() == SECRET


def test_neither_shows_its_keys() -> None:
    for thing in (Cipher.from_setting(OLD), BlindIndex.from_setting(KEY_32)):
        assert "Cipher object" in repr(thing) or "BlindIndex object" in repr(thing)


class TestIndex:
    index = BlindIndex.from_setting(new_index_key())

    def test_it_finds_the_same_value_again(self) -> None:
        assert self.index.of(SECRET, "number") == self.index.of(Private(SECRET), "number")
        assert len(self.index.of(SECRET, "number")) == 16

    def test_another_value_purpose_or_key_gives_another_hash(self) -> None:
        other = BlindIndex.from_setting(new_index_key())
        hashes = {
            self.index.of(SECRET, "number"),
            self.index.of(SECRET + " ", "number"),
            self.index.of(SECRET, "name"),
            other.of(SECRET, "number"),
        }
        assert len(hashes) == 4
