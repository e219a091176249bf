"""What the benchmark of plays counts itself."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from msgspec.structs import replace

from bench import catalogue
from bench.hearing import Pace
from lintuan.plays.catalogue import plays
from lintuan.plays.engine.facts import Fact
from lintuan.plays.engine.interpreter import Play
from lintuan.plays.engine.values import Text


@pytest.mark.parametrize("code", sorted(plays()))
def test_streams_are_facts_that_a_play_counts_and_the_same_every_time(code: str) -> None:
    play = plays()[code]
    runs = list(catalogue.runs_of(play))

    assert runs == list(catalogue.runs_of(play))
    assert [len(run) for run in runs] == [catalogue.EVENTS] * catalogue.RUNS
    heard = {event.kind for run in runs for event in run if isinstance(event, Fact)}
    assert heard == {counting.fact for counting in play.counts}
    boards = [catalogue.play_through(Play(play), number, run) for number, run in enumerate(runs, 1)]
    assert any(board.run.total for board in boards)
    assert all(board.run.is_over for board in boards)


@pytest.mark.parametrize("words", ["{nobody} knows", "{", "a\ttab", " "])
def test_words_that_cannot_be_filled_or_pasted_are_no_text_form(words: str) -> None:
    play = plays()["lucky-wheel"]
    assert catalogue.has_text_form(play)

    for broken in (Text(zh=words, en="words"), Text(zh="words", en=words)):
        assert not catalogue.has_text_form(replace(play, texts=replace(play.texts, done=broken)))


def test_a_client_draws_what_its_script_knows_and_tells_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "h5-9").mkdir()
    (tmp_path / "h5-9" / "a.js.gz").write_bytes(gzip.compress(b'{play_wheel:1,"play_rain":2}'))
    monkeypatch.setattr(catalogue, "FROZEN", tmp_path)
    wheel, rain, board = (plays()[code] for code in ("lucky-wheel", "coupon-rain", "neighbours-group"))
    mute = replace(board, texts=replace(board.texts, invite=Text(zh="{nobody}", en="{nobody}")))

    assert catalogue.shown_by_frozen([wheel, rain, board, mute]) == {"h5-9": {"drawn": 2, "told": 1}}


def test_a_pace_is_from_the_first_batch_to_the_last() -> None:
    assert Pace([(10.0, 500), (12.0, 4_500), (14.0, 8_500)]).per_s() == 2_000
    assert Pace([(10.0, 500)]).per_s() == 0
