from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqids import Sqids
from sqids.constants import DEFAULT_BLOCKLIST

from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import LETTERS, public_id, read_public_id

KINDS = st.sampled_from(["order", "offer", "member"]) | st.text(max_size=8)
NUMBERS = st.integers(0, 99) | st.integers(0, 2**32) | st.integers(0, 2**63 - 1)
TOO_LARGE = 2**63


def sqids(kind: str, blocklist: list[str] = DEFAULT_BLOCKLIST) -> Sqids:
    letters = list(LETTERS)
    random.Random(kind).shuffle(letters)
    return Sqids("".join(letters), min_length=8, blocklist=blocklist)


def read_by_the_library(kind: str, text: str) -> tuple[int, ...] | None:
    library = sqids(kind)
    numbers = library.decode(text)
    given_out = len(numbers) == 2 and max(numbers) < TOO_LARGE and library.encode(numbers) == text
    return tuple(numbers) if given_out else None


def read(kind: str, text: str) -> tuple[int, ...] | None:
    try:
        return read_public_id(kind, text)
    except NotFound:
        return None


def ids_with_a_bad_word() -> Iterator[tuple[str, int, int]]:
    """Rows whose id would hold a bad word at its beginning, within or at its end, and the text it would be."""
    chance, unblocked = random.Random(3), sqids("order", [])
    for word in sorted(DEFAULT_BLOCKLIST)[::2]:
        for place in ("{word}{rest}", "{start}{word}{rest}", "{rest}{word}"):
            for _ in range(60):
                start, rest = "".join(chance.choices(LETTERS, k=3)), "".join(chance.choices(LETTERS, k=5))
                text = place.format(start=start, word=chance.choice([word, word.title()]), rest=rest)
                numbers = unblocked.decode(text)
                if len(numbers) == 2 and max(numbers) < TOO_LARGE and unblocked.encode(numbers) == text:
                    yield text, numbers[0], numbers[1]


@given(st.integers(1, 99), st.integers(1, 2**62))
def test_a_public_id_reads_back(province_id: int, row: int) -> None:
    assert read_public_id("order", public_id("order", province_id, row)) == (province_id, row)


@given(st.text(max_size=50))
def test_what_we_never_gave_out_is_not_found(text: str) -> None:
    try:
        province_id, row = read_public_id("order", text)
    except NotFound:
        return

    assert public_id("order", province_id, row) == text


def test_an_id_of_one_kind_is_none_of_another() -> None:
    with pytest.raises(NotFound):
        read_public_id("member", public_id("order", 42, 17))


@pytest.mark.parametrize(
    ("kind", "province_id", "row", "text"),
    [
        ("order", 42, 1, "FBjuAB5h"),
        ("order", 42, 17, "sCEw3dEA"),
        ("order", 42, 9287, "RU2J3Rcr"),  # the first attempt holds a bad word
        ("member", 42, 17, "8zMVUId5"),
        ("offer", 1, 3_000_000, "5HfOOwan"),
        ("order", 32767, 2**63 - 1, "7CKSiZnTuRkeVUvr"),
        ("charge", 0, 0, "Isf2ookY"),
    ],
)
def test_an_id_once_given_out_stays_valid(kind: str, province_id: int, row: int, text: str) -> None:
    assert public_id(kind, province_id, row) == text
    assert read_public_id(kind, text) == (province_id, row)


def test_the_words_no_id_may_hold_are_those_of_the_first_day() -> None:
    """A word more or less would change the ids of rows that have one already."""
    words = "\n".join(sorted(DEFAULT_BLOCKLIST)).encode()

    assert hashlib.sha256(words).hexdigest() == "4cb2419468e7d0c72b42c0a20bf89fc4a9d9d74072ca22f91e05092b93568dfc"


@given(KINDS, NUMBERS, NUMBERS)
def test_an_id_is_the_one_the_library_gives(kind: str, province_id: int, row: int) -> None:
    text = public_id(kind, province_id, row)

    assert text == sqids(kind).encode([province_id, row])
    assert read_public_id(kind, text) == (province_id, row)


def test_a_bad_word_is_avoided_as_the_library_does() -> None:
    library, avoided = sqids("order"), 0

    for text, province_id, row in ids_with_a_bad_word():
        given_out = public_id("order", province_id, row)
        assert given_out == library.encode([province_id, row])
        assert read("order", given_out) == (province_id, row)
        assert read("order", text) == ((province_id, row) if given_out == text else None)
        avoided += given_out != text

    assert avoided > 50


@given(NUMBERS, NUMBERS, st.integers(0, 24), st.integers(0, 3), st.text(LETTERS, max_size=3))
def test_a_misread_id_is_refused_as_the_library_would(
    province_id: int, row: int, at: int, lost: int, instead: str
) -> None:
    text = public_id("order", province_id, row)
    misread = text[:at] + instead + text[at + lost :]

    assert read("order", misread) == read_by_the_library("order", misread)


@given(st.lists(NUMBERS, max_size=4).filter(lambda numbers: len(numbers) != 2))
def test_an_id_of_more_or_fewer_numbers_is_none_of_ours(numbers: list[int]) -> None:
    assert read("order", sqids("order").encode(numbers)) is None


def test_a_number_too_large_for_a_row_is_not_found() -> None:
    text = public_id("order", 42, 2**63 - 1)
    altered = {text[:3] + letter + text[4:] for letter in LETTERS} - {text}
    too_large = [text for text in altered if max(sqids("order").decode(text)) >= TOO_LARGE]

    assert too_large
    assert [read("order", text) for text in too_large] == [None] * len(too_large)


@pytest.mark.parametrize(("province_id", "row"), [(42, -1), (-1, 17), (42, TOO_LARGE), (TOO_LARGE, 17)])
def test_a_row_that_cannot_be_has_no_id(province_id: int, row: int) -> None:
    with pytest.raises(ValueError, match="Encoding supports numbers between"):
        public_id("order", province_id, row)
