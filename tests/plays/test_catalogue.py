"""The shipped catalogue: every file can be read, is sound, and does what its scenarios say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lintuan.plays import catalogue
from lintuan.plays.engine.scenarios import differences, read_scenarios
from lintuan.plays.engine.soundness import circles

FILES = sorted(path for path in catalogue.HOME.glob("*.toml") if not path.name.endswith(".scenario.toml"))
PLACE = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_play_does_what_its_scenarios_say(path: Path) -> None:
    play = catalogue.plays()[path.stem]

    for scenario in read_scenarios(path.with_suffix(".scenario.toml").read_text(encoding="utf-8")):
        assert differences(play, scenario) == [], scenario.tells


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_words_name_the_same_facts_in_both_languages(path: Path) -> None:
    play = catalogue.plays()[path.stem]

    for text in (play.name, play.terms, play.texts.invite, play.texts.progress, play.texts.done, play.skin.title):
        assert sorted(PLACE.findall(text.zh)) == sorted(PLACE.findall(text.en))


def test_codes_are_those_of_their_files_and_numbers_are_there_once() -> None:
    plays = catalogue.plays()

    assert list(plays) == [path.stem for path in FILES]
    numbers = [play.number for play in plays.values() if play.number]
    assert len(numbers) == len(set(numbers))


def test_no_two_feed_each_other_for_ever() -> None:
    assert circles(catalogue.plays()) == []
