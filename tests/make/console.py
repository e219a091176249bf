"""People before the console."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from lintuan.console.access import HERE, WHO
from lintuan.console.forms import Control, Part, flat
from lintuan.kernel.callers import Caller


class Desk:
    """A browser in which someone is signed in, in a language."""

    def __init__(self, caller: Caller | None = None, *, language: str = "en") -> None:
        self.client = Client(headers={"Accept-Language": language})
        if caller is not None:
            session = self.client.session
            session[WHO] = {"kind": caller.kind, "id": caller.id, "province_id": caller.province_id}
            session[HERE] = caller.province_id
            session.save()
            self.client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""

    def open(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(f"/console/{path}", query)  # type: ignore[return-value]

    def read(self, path: str, **query: Any) -> str:
        """The text of a page that opens."""
        answer = self.open(path, **query)
        assert answer.status_code == 200, (answer.status_code, text_of(answer))
        return text_of(answer)

    def send(self, path: str, **fields: Any) -> str:
        """Fill in a form and read the page it leads to."""
        answer = self.client.post(f"/console/{path}", fields, follow=True)
        return text_of(answer)  # type: ignore[arg-type]


def text_of(answer: HttpResponse) -> str:
    """What a reader sees, blanks gathered."""
    page = re.sub(r"<(script|style|title)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def filled_in(parts: Iterable[Part]) -> dict[str, list[str]]:
    """What a browser sends of a form as it stands."""
    sent: dict[str, list[str]] = {}
    for part in flat(parts):
        if not isinstance(part, Control):
            continue
        match part.kind:
            case "choice" | "kind":
                chosen = [value for value, _, is_chosen in part.options if is_chosen]
                sent[part.name] = chosen[:1] or [part.options[0][0]]
            case "choices":
                sent[part.name] = [value for value, _, is_chosen in part.options if is_chosen]
            case "flag":
                sent |= {part.name: ["on"]} if part.value else {}
            case _:
                sent[part.name] = [part.value]
    return sent
