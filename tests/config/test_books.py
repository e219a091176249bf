"""`lintuan export` and `lintuan goods-tax`, as an operator runs them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.databases import fresh_database

pytestmark = pytest.mark.journey

SET_UP = """
from lintuan.config.cli import prepare_database
prepare_database()
from tests.make import provinces
provinces.province()
"""
HEAD = "product_code,tax_code,since,rate\n"


@pytest.fixture(scope="module")
def environment() -> Iterator[Mapping[str, str]]:
    with fresh_database() as found:
        prepared = {**found, "DJANGO_SETTINGS_MODULE": "lintuan.config.settings", "LINTUAN_SECRET_KEY": "for tests"}
        subprocess.run([sys.executable, "-c", SET_UP], env=prepared, check=True)
        yield prepared


def lintuan(environment: Mapping[str, str], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lintuan.config.cli", *words, "--state", str(folder / "state")]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, env=dict(environment))


def test_a_file_is_written_whole_or_not_at_all(environment: Mapping[str, str], tmp_path: Path) -> None:
    out = tmp_path / "balances.csv"
    words = ("export", "--what", "balances", "--until", "2026-11-20", "--out", str(out))

    done = lintuan(environment, tmp_path, *words, "--province", "42")
    before = out.read_bytes()
    refused = lintuan(environment, tmp_path, *words, "--province", "11")

    assert (done.returncode, done.stdout) == (0, f"{out}: 0 rows, 0.00\n")
    assert before.decode("utf-8-sig").splitlines()[1] == '"合计 Total","","",0.00,0.00,0.00'
    assert refused.returncode == 1
    assert refused.stderr == "Error: There is no such province.\n"
    assert out.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.name != "state"] == ["balances.csv"]


def test_taxes_of_goods_are_taken_over_or_the_line_is_named(environment: Mapping[str, str], tmp_path: Path) -> None:
    source = tmp_path / "taxes.csv"
    words = ("goods-tax", "--province", "42", "--file", str(source))

    source.write_text(f"{HEAD}P1,1030107010100000000,2026-01-01,13\nP2,1010101010000000000,2026-01-01,exempt\n")
    done = lintuan(environment, tmp_path, *words)
    source.write_text(f"{HEAD}P1,103,2026-01-01,13\n")
    refused = lintuan(environment, tmp_path, *words)

    assert (done.returncode, done.stdout) == (0, "2 lines\n")
    assert "Line 2 of goods' taxes is not as it should be: tax_code." in refused.stderr
    assert refused.returncode == 1
