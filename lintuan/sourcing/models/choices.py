from __future__ import annotations


def choices(words: list[str]) -> list[tuple[str, str]]:
    """The words of an enumeration as Django wants them."""
    return [(word, word) for word in words]
