"""The H5 client as `make client` left it on this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from whitenoise.middleware import WhiteNoiseMiddleware

_TAG = re.compile(r"<(?:script|link)\s[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


@dataclass(frozen=True, slots=True, eq=False)
class Build:
    """Its document, and what a browser needs besides to begin, as a Link header."""

    html: str
    early: str


def current_build() -> Build | None:
    """The build that is there now, read once; None where the client was never built."""
    index = Path(settings.CLIENT_BUILD) / "index.html"
    try:
        found = index.stat()
        return _read(index, found.st_mtime_ns, found.st_ino, found.st_size)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=1)
def _read(index: Path, *_: int) -> Build:
    html = index.read_text(encoding="utf-8")
    return Build(html, ", ".join(filter(None, map(_early, _TAG.findall(html)))))


def _early(tag: str) -> str:
    """What a script or a style sheet is asked for with ahead of its tag; empty for others."""
    said = dict(_ATTRIBUTE.findall(tag))
    crossorigin = "; crossorigin" if "crossorigin" in said else ""
    if said.get("type") == "module":
        return f"<{said['src']}>; rel=modulepreload{crossorigin}"
    if said.get("rel") == "stylesheet":
        return f"<{said['href']}>; rel=preload; as=style{crossorigin}"
    return ""


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Static files; of the client those of the newest build, also when this process is older than it."""

    FOREVER = 365 * 24 * 3600
    #: Only ever sent with the headers that guard it.
    DOCUMENT = re.compile(r"/static/h5/index\.html(\.|$)")
    ASSETS = re.compile(settings.WHITENOISE_IMMUTABLE_FILE_TEST)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = request.path_info
        if self.DOCUMENT.match(address):
            return HttpResponseNotFound()
        if address not in self.files and self.ASSETS.match(address) and (found := self.find_file(address)):
            self.files[address] = found
        try:
            answer: HttpResponse = super().__call__(request)
        except FileNotFoundError:
            self.files.pop(address, None)
            return HttpResponseNotFound()
        return answer
