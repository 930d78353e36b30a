"""Texts as the numbers of word pieces that BERT's uncased models read (Devlin et al. 2018; Wu et al. 2016). Pure.

Lower case without accents, words and single marks of punctuation, then the longest pieces that the vocabulary has.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"
# A "word" beyond this is no word; the reference tokenizer calls it unknown as well.
LONGEST_WORD = 100


class WordPieces:
    """One vocabulary. Pieces that continue a word begin with ##."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._numbers: Mapping[str, int] = {piece: number for number, piece in enumerate(pieces)}
        # Residents' words repeat: each is taken apart once.
        self._of_word = lru_cache(maxsize=50_000)(self._taken_apart)

    def numbers(self, text: str, most: int) -> list[int]:
        """The text's pieces between start and end, at most `most` numbers in all: what is beyond is cut off."""
        numbers = [number for word in words(text) for number in self._of_word(word)]
        return [self._numbers[START], *numbers[: most - 2], self._numbers[END]]

    def _taken_apart(self, word: str) -> tuple[int, ...]:
        unknown = (self._numbers[UNKNOWN],)
        if len(word) > LONGEST_WORD:
            return unknown
        found: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                number = self._numbers.get(("##" if start else "") + word[start:end])
                if number is not None:
                    found.append(number)
                    start = end
                    break
            else:
                return unknown
        return tuple(found)


def words(text: str) -> Iterator[str]:
    """Words and marks of punctuation, lower case, accents dropped; each Chinese character is a word."""
    folded = unicodedata.normalize("NFD", text.lower())
    word = ""
    for character in folded:
        category = unicodedata.category(character)
        if category == "Mn" or (category[0] == "C" and not character.isspace()):
            continue
        if character.isspace() or _mark(character, category) or "\u4e00" <= character <= "\u9fff":
            if word:
                yield word
            word = ""
            if not character.isspace():
                yield character
        else:
            word += character
    if word:
        yield word


def _mark(character: str, category: str) -> bool:
    """Punctuation, and ASCII's symbols, which BERT counts as such."""
    return category[0] == "P" or ("!" <= character <= "~" and not character.isalnum())
