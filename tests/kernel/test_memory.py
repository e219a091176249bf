"""What is remembered, for how long, and how much of it at most."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lintuan.kernel import memory


class Answers:
    """A question that counts how often it was really asked, on a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.asked: list[int] = []
        self.ask = memory.remembered(1.0)(self._answer)

    def monotonic(self) -> float:
        return self.now

    def _answer(self, number: int) -> int:
        self.asked.append(number)
        return number

    @property
    def kept(self) -> int:
        """How many answers are still in memory, the oldest of them too."""
        return len(memory._memories[-1])


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    found = Answers()
    monkeypatch.setattr(memory, "time", found)
    yield found
    memory._memories.pop()


def test_an_answer_is_good_for_its_time(answers: Answers) -> None:
    for moment in (0.0, 0.9, 1.1):
        answers.now = 1000 + moment
        answers.ask(7)

    assert answers.asked == [7, 7]


def test_answers_that_nobody_asks_for_again_do_not_pile_up(answers: Answers) -> None:
    for number in range(1000):
        answers.now += 0.1
        answers.ask(number)

    assert answers.kept < 50


def test_what_is_still_good_is_kept_while_the_rest_goes(answers: Answers) -> None:
    for number in range(100):
        answers.now += 0.015
        answers.ask(number)
    answers.ask(99)
    answers.ask(60)

    assert len(answers.asked) == 100


def test_there_is_a_bound_to_what_is_good_at_once(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST", 20)
    for number in range(100):
        answers.ask(number)

    assert answers.kept <= 20
