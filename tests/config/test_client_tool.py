"""`make client` on a checkout whose node_modules are another's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.mark.parametrize("wish", ["build", "test", "keep"])
def test_modules_of_another_checkout_are_never_installed_into(tmp_path: Path, wish: str) -> None:
    """`npm ci` empties the folder that it installs into, wherever that is."""
    modules = tmp_path / "other" / "node_modules"
    (modules / "vue").mkdir(parents=True)
    for folder in ("client", "lintuan/pages/schema"):
        (tmp_path / "own" / folder).mkdir(parents=True)
    (tmp_path / "own" / "lintuan" / "pages" / "schema" / "page-1.json").write_text("{}")
    (tmp_path / "own" / "client" / "node_modules").symlink_to(modules)
    shutil.copytree(TOOLS, tmp_path / "own" / "tools", ignore=shutil.ignore_patterns("__pycache__"))

    done = subprocess.run(
        [sys.executable, str(tmp_path / "own" / "tools" / "client.py"), wish], capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "is a symlink" in done.stderr
    assert str(modules) in done.stderr
    assert (modules / "vue").is_dir()
