"""What a play is filled with: read from lines of text, asked for before it starts, ready to be taken."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lintuan.plays import queries
from lintuan.plays.catalogue import plays
from lintuan.plays.data import ready_content
from lintuan.plays.engine.contents import (
    Asked,
    asked_of,
    asked_on,
    read_content,
    read_entries,
    read_questions,
    read_ready,
    require_content,
    written_questions,
)
from lintuan.plays.errors import ContentMissing, ContentWrong, PlayMalformed
from lintuan.plays.types import Content, Question

QUIZ, GUESS, CONTEST = (plays()[code] for code in ("food-quiz", "hide-and-guess", "dish-contest"))
BEANS = Question("哪样先吃？", "Which first?", (("菠菜", "Spinach"), ("南瓜", "Pumpkin")), 0)
DAY = date(2026, 11, 20)
WORD = st.text(
    st.characters(codec="utf-8", exclude_characters="|｜*＊√✓✔", categories=["L", "N"]), min_size=1, max_size=20
)


def test_which_plays_ask_for_what() -> None:
    found = {code: asked_of(play) for code, play in plays().items()}

    assert {code: one for code, one in found.items() if one.is_any} == {
        "food-quiz": Asked(questions=5),
        "hide-and-guess": Asked(guess=True),
        "guess-crop": Asked(guess=True),
        "clean-plate": Asked(entries=2),
        "dish-contest": Asked(entries=2),
        "prettiest-basket": Asked(entries=2),
        "wish-list": Asked(entries=2),
    }


def test_questions_are_read_as_people_type_them() -> None:
    text = "哪样先吃？ | Which first?\r\n*菠菜 | Spinach\r\n 南瓜｜Pumpkin\r\n\r\n \r\n甜椒什么颜色？\n红\n＊ 都有\n"

    assert read_questions(text) == (
        BEANS,
        Question("甜椒什么颜色？", "甜椒什么颜色？", (("红", "红"), ("都有", "都有")), 1),
    )


@given(st.lists(st.tuples(WORD, st.lists(WORD, min_size=2, max_size=5, unique=True)), min_size=1, max_size=5))
def test_what_is_written_is_read_again(asked: list[tuple[str, list[str]]]) -> None:
    questions = tuple(
        Question(title, title, tuple((one, one) for one in options), len(title) % len(options))
        for title, options in asked
    )

    assert read_questions(written_questions(questions, "en")) == questions


def test_a_ready_question_keeps_its_other_language_and_its_reason() -> None:
    ready = queries.ready_questions(QUIZ, DAY)
    for language in ("zh-hans", "en"):
        typed = written_questions(ready, language) + "\n\n哪样先吃？\n* 菠菜\n南瓜"
        found = queries.content(QUIZ, questions=typed).questions
        assert list(found[:5]) == list(ready)
        assert found[5].en == "哪样先吃？"


def test_of_a_guess_the_one_block_is_riddle_options_and_answer() -> None:
    assert read_content(GUESS, questions="长在泥里\n山药\n* 莲藕") == Content(
        entries=((1, "山药"), (2, "莲藕")), answer="莲藕", note="长在泥里"
    )


def test_entries_stand_a_line_each() -> None:
    assert read_entries(" 番茄炒蛋\n\n清炒藕带 \n") == ((1, "番茄炒蛋"), (2, "清炒藕带"))


@pytest.mark.parametrize(
    ("play", "content", "skus"),
    [
        (QUIZ, Content(questions=(BEANS,) * 4), ()),
        (GUESS, Content(), ()),
        (GUESS, Content(entries=((1, "莲藕"),)), ()),
        (CONTEST, Content(entries=((1, "番茄炒蛋"),)), ()),
        (CONTEST, Content(), (5,)),
    ],
)
def test_a_play_that_is_not_filled_in_says_so(play: object, content: Content, skus: tuple[int, ...]) -> None:
    with pytest.raises(ContentMissing):
        require_content(play, content, skus)  # type: ignore[arg-type]


def test_what_is_filled_in_may_start() -> None:
    require_content(QUIZ, Content(questions=(BEANS,) * 5))
    require_content(GUESS, Content(entries=((1, "山药"), (2, "莲藕")), answer="莲藕"))
    require_content(CONTEST, Content(), (5, 6))
    require_content(plays()["neighbours-group"], Content())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("哪样先吃？\n菠菜\n南瓜", "question 1"),
        ("哪样先吃？\n* 菠菜\n* 南瓜", "question 1"),
        ("哪样先吃？\n* 菠菜\n南瓜\n\n只有题", "question 2"),
    ],
)
def test_text_that_is_no_question_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(ContentWrong) as found:
        read_questions(text)

    assert place in found.value.message("en")
    assert "*" in found.value.message("zh-hans")


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        (Content(questions=(Question("", "", BEANS.options, 0),)), "question 1", "1-120"),
        (Content(questions=(BEANS, Question("问", "Ask", (("好", "Yes"),), 0))), "question 2", "2-8 options"),
        (Content(questions=(Question("问", "Ask", (("好", "Yes"), ("好", "No")), 0),)), "question 1", "the same"),
        (Content(questions=(Question("问", "Ask", BEANS.options, 2),)), "question 1", "right one"),
        (Content(entries=((1, "菜" * 41),)), "entry 1", "1-40"),
        (Content(entries=((1, "菜"), (2, "菜"))), "entries", "the same"),
        (Content(questions=(BEANS,) * 31), "content", "30"),
        (Content(note="菜" * 121), "note", "120"),
        (Content(entries=((1, "山药"), (2, "莲藕")), answer="芋头"), "answer", "options"),
    ],
)
def test_content_without_sense_is_refused_with_its_place(content: Content, place: str, reason: str) -> None:
    with pytest.raises(ContentWrong) as found:
        require_content(GUESS if content.answer else plays()["neighbours-group"], content)

    assert place in found.value.message("en")
    assert reason in found.value.message("en")


def test_only_one_thing_is_guessed() -> None:
    with pytest.raises(ContentWrong, match="question 2"):
        read_content(GUESS, questions="a\n* b\nc\n\nd\n* e\nf")


def test_each_ready_question_has_its_turn_and_fills_its_play() -> None:
    shown = [queries.ready_questions(QUIZ, DAY + timedelta(days=day)) for day in range(4)]

    assert all(len({one.zh for one in five}) == 5 for five in shown)
    assert {one.zh for five in shown for one in five} == {one.zh for one in ready_content().questions}
    for five in shown:
        require_content(QUIZ, Content(questions=tuple(five)))
    for play in (GUESS, plays()["guess-crop"]):
        riddle = queries.ready_questions(play, DAY)
        require_content(play, queries.content(play, questions=written_questions(riddle, "zh-hans")))
    assert queries.ready_questions(CONTEST, DAY) == []


def test_ready_questions_speak_both_languages_and_say_why() -> None:
    for one in ready_content().questions:
        assert one.why_zh
        assert one.why_en
        assert one.zh != one.en
    assert {one.answer for one in ready_content().questions} == {0, 1, 2}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("source = 'us'\nquestions = []\nriddles = 5", PlayMalformed),
        ("questions = []\nriddles = []", PlayMalformed),
        ("nonsense", PlayMalformed),
        (
            "source = 'us'\nriddles = []\n[[questions]]\nzh = '问'\nen = 'Ask'\noptions = [['好', 'Yes']]\nanswer = 0",
            ContentWrong,
        ),
    ],
)
def test_a_file_of_questions_without_sense_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_ready(text)


def asking(count: int) -> Content:
    return Content(questions=tuple(replace(BEANS, zh=f"第 {number} 题") for number in range(count)))


@pytest.mark.parametrize(
    ("count", "day", "asked"),
    [
        (5, 0, (0, 1, 2, 3, 4)),
        (5, 3, (0, 1, 2, 3, 4)),
        (7, 0, (0, 1, 2, 3, 4)),
        (7, 1, (5, 6, 0, 1, 2)),
        (7, 2, (3, 4, 5, 6, 0)),
        (7, 7, (0, 1, 2, 3, 4)),
        (30, 6, (0, 1, 2, 3, 4)),
        (0, 1, ()),
    ],
)
def test_a_day_asks_the_next_questions(count: int, day: int, asked: tuple[int, ...]) -> None:
    assert asked_on(QUIZ, asking(count), day) == asked


def test_without_a_limit_for_a_day_all_are_asked() -> None:
    always = replace(QUIZ, counts=tuple(replace(one, most_per_day=None, most=9) for one in QUIZ.counts))

    assert asked_on(always, asking(7), 4) == tuple(range(7))


@given(st.integers(5, 30), st.integers(0, 400))
def test_every_question_has_its_turn_and_none_twice_a_day(count: int, day: int) -> None:
    days = [asked_on(QUIZ, asking(count), day + after) for after in range(count)]

    assert all(len(set(one)) == 5 for one in days)
    # After as many days as there are questions each was asked as often as any other.
    assert {sum(number in one for one in days) for number in range(count)} == {5}
