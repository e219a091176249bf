"""Write lintuan/console/static/vendor from the npm packages named here, with their licences and a README.

The icons go among the console's templates, which include them in the page; the client's are written by its own tools.

Needs npm and a package index; every version is pinned, so that the same files come out every time:

    python tools/vendor_assets.py
"""

import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

CONSOLE = Path(__file__).parents[1] / "lintuan/console"
TARGET = CONSOLE / "static/vendor"
ICONS = CONSOLE / "templates/console/icons"
SOURCE_MAP = re.compile(rb"\s*/[/*]#\s*sourceMappingURL=\S+(\s*\*/)?\s*$")


@dataclass(frozen=True)
class Package:
    """A package, the files of it that we ship, and where its licence stands when the archive has none."""

    name: str
    version: str
    licence: str
    files: tuple[str, ...]
    licence_files: tuple[str, ...] = ("LICENSE",)
    used_for: str = ""

    @property
    def folder(self) -> str:
        return f"{self.name.strip('@').replace('/', '-').removesuffix('.org')}-{self.version}"


PACKAGES = (
    Package("@tabler/core", "1.6.1", "MIT", ("dist/css/tabler.min.css",), (), "the console's look"),
    Package("htmx.org", "2.0.11", "0BSD", ("dist/htmx.min.js",), used_for="parts of pages that refresh themselves"),
    Package(
        "echarts", "6.1.0", "Apache-2.0", ("dist/echarts.common.min.js",),
        ("LICENSE", "NOTICE", "licenses/LICENSE-d3"), "charts and the route map",
    ),
)  # fmt: skip

ICON_PACKAGE = Package("@tabler/icons", "3.51.0", "MIT", (), used_for="`templates/console/icons`")
ICON_NAMES = """
activity affiliate alert-triangle building-store cash check checks chevron-left chevron-right circle-dashed
clipboard-list credit-card download file-invoice gift language leaf logout map-pin message-report moon-stars packages
percentage plus printer puzzle receipt receipt-refund route scale share speakerphone trash truck user-circle x
"""

#: The archive of @tabler/core carries the licence's name and the copyright line, but not its text.
MIT = """The MIT License (MIT)

Copyright (c) 2018-2026 The Tabler Authors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            _write(package, _downloaded(package, Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        _write_icons(_downloaded(ICON_PACKAGE, Path(folder)))
    (TARGET / "README.md").write_text(_readme())
    print(f"{len(PACKAGES)} packages written to {TARGET}")


def _downloaded(package: Package, folder: Path) -> Path:
    wanted = f"{package.name}@{package.version}"
    subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder), wanted], check=True, stdout=subprocess.DEVNULL
    )
    (archive,) = folder.glob("*.tgz")
    return archive


def _write(package: Package, archive: Path) -> None:
    target = TARGET / package.folder
    target.mkdir(parents=True)
    with tarfile.open(archive) as content:
        for path in (*package.files, *package.licence_files):
            file = content.extractfile(f"package/{path}")
            assert file is not None
            # The maps are not shipped, and a page must ask for nothing that is not there.
            (target / Path(path).name).write_bytes(SOURCE_MAP.sub(b"\n", file.read()))
    if not package.licence_files:
        (target / "LICENSE").write_text(MIT)


def _write_icons(archive: Path) -> None:
    shutil.rmtree(ICONS, ignore_errors=True)
    ICONS.mkdir(parents=True)
    (TARGET / ICON_PACKAGE.folder).mkdir()
    with tarfile.open(archive) as content:
        for name in ICON_NAMES.split():
            (ICONS / f"{name}.svg").write_text(_plain_icon(_read(content, f"icons/outline/{name}.svg")))
        (TARGET / ICON_PACKAGE.folder / "LICENSE").write_text(_read(content, "LICENSE"))


def _read(content: tarfile.TarFile, path: str) -> str:
    file = content.extractfile(f"package/{path}")
    assert file is not None
    return file.read().decode()


def _plain_icon(svg: str) -> str:
    """Without the comment of tags before it, and hidden from readers of the page: the words stand beside it."""
    drawing = svg[svg.index("<svg") :]
    drawing = re.sub(r'\s*class="[^"]*"', "", drawing)
    drawing = re.sub(r"\s+", " ", drawing).replace("> <", "><").strip()
    return drawing.replace("<svg", '<svg class="icon" aria-hidden="true"', 1) + "\n"


def _readme() -> str:
    rows = "\n".join(
        f"| `{package.folder}` | `{package.name}` | {package.version} | {package.licence} | {package.used_for} |"
        for package in (*PACKAGES, ICON_PACKAGE)
    )
    return (
        "# Front-end files of others\n\n"
        "Written by `tools/vendor_assets.py` from npm packages, unchanged but for the last line that names a source\n"
        "map. Nothing here is edited by hand; no page loads anything from another host.\n\n"
        "| folder | npm package | version | licence | used for |\n|---|---|---|---|---|\n"
        f"{rows}\n"
    )


if __name__ == "__main__":
    main()
