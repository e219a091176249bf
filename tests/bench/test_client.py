"""What the client's benchmark counts itself; the rest comes from the browser."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bench.client import sizes
from bench.visit import worst_window


@pytest.mark.parametrize(
    ("shifts", "worst"),
    [
        ([], 0.0),
        ([(100, 0.1), (900, 0.2)], 0.3),
        # More than a second of rest begins a new window.
        ([(100, 0.1), (1200, 0.2)], 0.2),
        # Five seconds are the longest that one window lasts.
        ([(n * 900, 0.1) for n in range(8)], 0.6),
        # In whatever order they were told.
        ([(900, 0.2), (100, 0.1)], 0.3),
    ],
)
def test_layout_shift_is_that_of_the_worst_window(shifts: list[tuple[float, float]], worst: float) -> None:
    assert worst_window(shifts) == pytest.approx(worst)


def test_sizes_are_those_of_what_the_document_names(tmp_path: Path) -> None:
    served, built = tmp_path / "h5", tmp_path / "build"
    (served / "assets").mkdir(parents=True)
    script = bytes(range(256)) * 40
    (served / "assets" / "a.js").write_bytes(script)
    (served / "assets" / "later.js").write_bytes(script)
    (served / "index.html").write_text('<script type="module" src="/static/h5/assets/a.js"></script>')
    for target, size in (("mp-weixin", 2_000), ("mp-alipay", 3_000)):
        (built / target / "kinds").mkdir(parents=True)
        (built / target / "kinds" / "part.js").write_bytes(b"x" * size)

    assert sizes(served, built) == {
        "first_screen_gzip_kb": round(len(gzip.compress(script, 9)) / 1000, 1),
        "mp_weixin_main_kb": 2.0,
        "mp_alipay_kb": 3.0,
    }
