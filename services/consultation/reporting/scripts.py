"""Whether words are written in another script than the Latin one, so that neither the model nor most coders can read them. Pure."""

import unicodedata


def other_script(words: str) -> bool:
    """Whether most of its letters are not Latin."""
    letters = [letter for letter in words if letter.isalpha()]
    latin = sum(letter.isascii() or unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return latin * 2 < len(letters)
