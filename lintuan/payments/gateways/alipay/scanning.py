"""Finds what Alipay signed in an answer: the raw text of one value, by reading JSON and not by counting braces."""

from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecoder

_decoder = JSONDecoder()
_BLANK = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the outermost object, read, and as it stands in the text."""

    value: object
    raw: str


def parts(text: str) -> dict[str, Part]:
    """The values of the one object that a text is, by name; ValueError where it is not, or names one twice."""
    found: dict[str, Part] = {}
    for name, part in _members(text):
        if name in found:
            raise ValueError(f"{name[:40]!r} is there twice.")
        found[name] = part
    return found


def _members(text: str) -> Iterator[tuple[str, Part]]:
    place = _expect(text, _skip(text, 0), "{")
    if text[place : place + 1] == "}":
        _expect_end(text, place + 1)
        return
    while True:
        name, after = _value(text, place)
        if not isinstance(name, str):
            raise ValueError("A name is no string.")
        start = _expect(text, _skip(text, after), ":")
        value, end = _value(text, start)
        yield name, Part(value, text[start:end])
        place = _skip(text, end)
        if text[place : place + 1] == "}":
            _expect_end(text, place + 1)
            return
        place = _expect(text, place, ",")


def _value(text: str, place: int) -> tuple[object, int]:
    try:
        return _decoder.raw_decode(text, place)
    except RecursionError:
        raise ValueError("Nested too deep.") from None


def _expect(text: str, place: int, sign: str) -> int:
    """The place of what follows a sign and the blanks behind it."""
    if text[place : place + 1] != sign:
        raise ValueError(f"{sign} is missing at {place}.")
    return _skip(text, place + 1)


def _expect_end(text: str, place: int) -> None:
    if _skip(text, place) != len(text):
        raise ValueError("Something follows the object.")


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in _BLANK:
        place += 1
    return place
