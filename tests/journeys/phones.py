"""A person's phone in a journey: it signs in with the code on its screen, calls the site, and pays with a thumb."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

PATIENCE = 30.0
LOOK_EVERY = 0.05
HAN = re.compile(r"[\u4e00-\u9fff]")

Found = TypeVar("Found")


def until(look: Callable[[], Found], is_so: Callable[[Found], bool] = bool, seconds: float = PATIENCE) -> Found:
    """What is seen once it is as it should be, by default there or true; the test fails when that does not come."""
    deadline = time.monotonic() + seconds
    while not is_so(found := look()):
        assert time.monotonic() < deadline, f"it did not come to pass; last seen: {found!r}"
        time.sleep(LOOK_EVERY)
    return found


@dataclass(frozen=True)
class Problem:
    """A refusal as both kinds of reader got it."""

    status: int
    code: str
    zh: str
    en: str
    facts: Mapping[str, Any]
    errors: list[Mapping[str, str]]


@dataclass(frozen=True)
class Network:
    """The site, the world outside of it, and the line to both."""

    site: str
    stand_ins: str
    line: httpx.Client


@dataclass
class Phone:
    """Answers are documents; a refusal fails the test unless `refused` expects it."""

    network: Network
    number: str = ""
    _tokens: dict[str, str] = field(default_factory=dict)
    _signed_in_as: tuple[str, int | None] = ("member", None)

    def sign_in(self, role: str, province_id: int | None = None) -> Phone:
        self.post("/sign-in/codes", {"phone": self.number})
        shown = self.network.line.get(f"{self.network.stand_ins}/messages/{self.number}/latest").json()
        wish = {"phone": self.number, "code": shown["parameters"]["code"], "role": role, "province_id": province_id}
        self._tokens, self._signed_in_as = self.post("/sign-in", wish), (role, province_id)
        return self

    def get(self, path: str, **query: Any) -> Any:
        return _document(self.ask("GET", path, query=query))

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return _document(self.ask("POST", path, body, key=key))

    def put(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return _document(self.ask("PUT", path, body, key=key))

    def refused(self, method: str, path: str, body: Any = None, *, key: str = "") -> Problem:
        """The same refusal in both languages, each a whole problem document."""
        zh, en = (_problem(self.ask(method, path, body, key=key, language=language)) for language in ("zh-CN", "en"))
        assert _beyond_words(zh) == _beyond_words(en)
        assert HAN.search(zh["title"])
        assert not HAN.search(en["title"])
        return Problem(en["status"], en["code"], zh["title"], en["title"], en["facts"], en.get("errors", []))

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str = "", language: str = "en", query: Any = None
    ) -> httpx.Response:
        """One request; like any client it goes on with its session when the access token has run out, and like anybody
        signs in again when it lay about for longer than a session lasts.
        """
        answer = self._send(method, path, body, key=key, language=language, query=query)
        if answer.status_code == 401 and self._tokens:
            renewed = self._send("POST", "/sign-in/refresh", {"refresh": self._tokens["refresh"]})
            if renewed.status_code == 401:
                self._tokens = {}
                self.sign_in(*self._signed_in_as)
            else:
                self._tokens = _document(renewed)
            answer = self._send(method, path, body, key=key, language=language, query=query)
        return answer

    def press_pay(self, sheet: Mapping[str, Any]) -> None:
        """Put the thumb on the payment app's button."""
        address = f"{self.network.stand_ins}/wechatpay/phone/pay"
        self.network.line.post(address, json=sheet["parameters"]).raise_for_status()

    def _send(
        self, method: str, path: str, body: Any = None, *, key: str = "", language: str = "en", query: Any = None
    ) -> httpx.Response:
        headers = {"Accept-Language": language}
        if self._tokens:
            headers["Authorization"] = f"Bearer {self._tokens['access']}"
        if method != "GET":
            headers["Idempotency-Key"] = key or secrets.token_hex(12)
        sent: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        if body is None:
            sent = {}
        elif isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
        url = f"{self.network.site}/api/v1{path}"
        return self.network.line.request(method, url, headers=headers, params=query, **sent)


#: Numbers that nobody else in these journeys has.
fresh_numbers = (f"189{number:08d}" for number in itertools.count(1))


def _document(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:2000]}"
    return answer.json() if answer.content else None


def _problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == "application/problem+json", f"{answer.status_code} {answer.text[:500]}"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code >= 400
    assert document["type"] == f"urn:lintuan:problem:{document['code']}"
    assert isinstance(document["facts"], dict)
    return document


def _beyond_words(problem: Mapping[str, Any]) -> dict[str, Any]:
    """What a program reads of a problem document; it does not change with the language."""
    facts = {name: fact for name, fact in problem["facts"].items() if name != "reason"}
    return {**problem, "title": "", "facts": facts, "errors": [wrong["at"] for wrong in problem.get("errors", [])]}
