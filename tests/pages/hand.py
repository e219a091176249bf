"""A client without a screen: it opens pages over HTTP, taps what they offer, and does what the actions say.

Whatever it can do, a person can; what it needs to know of a flow is in the pages alone.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from lintuan.kernel.callers import NOBODY, Caller
from tests.make import pages
from tests.make.http import CLIENT, Api

_keys = itertools.count(1)
ROOT = "/api/v1"


class Hand:
    """One device: its basket, its point, the round it was sent to, who is signed in, and the page on its screen."""

    def __init__(self, caller: Caller = NOBODY, *, language: str = "en") -> None:
        self.api = Api(caller, language=language)
        self.language = language
        self.basket: dict[str, tuple[int, int]] = {}
        self.point = ""
        self.run = ""
        #: What it can do that clients could not always.
        self.knows = "savings"
        self.page: dict[str, Any] = {}
        self.paying: dict[str, Any] | None = None
        self.told: list[str] = []
        self.shared: list[dict[str, Any]] = []
        self.here: tuple[str, dict[str, str]] = ("shelf", {})
        self._then: list[dict[str, Any]] = []

    def open(self, name: str, **parameters: str) -> dict[str, Any]:
        """Ask for a page with all that the device knows."""
        self.here = (name, parameters)
        self.run = parameters.get("run", self.run)
        known = {"point": self.point}
        if name in ("basket", "checkout"):
            known |= {"run": self.run, "knows": self.knows}
        asked = {key: value for key, value in known.items() if value} | parameters
        lying = [{"offer": offer, "quantity": units} for offer, (units, _) in self.basket.items()]
        status, document = self.api.post(f"/pages/{name}", {"with": asked, "basket": lying})
        assert status == 200, document
        self.page = document
        return document

    def texts(self) -> str:
        """All the page says, as one who knows none of its kinds reads it."""
        return "\n".join(node["text"] for node in self.page.get("body", []) + self.page.get("foot", []))

    def nodes(self, kind: str) -> list[dict[str, Any]]:
        return [part for part in pages.parts(self.page) if part.get("kind") == kind]

    def tap(self, text: str, /, **values: Any) -> Any:
        """Do what the first action of that text does; of a form, with these values in its fields."""
        for form in self.nodes("form"):
            if form["submit"]["text"].startswith(text):
                return self.do(form["submit"], self._filled(form, values))
        action = next(one for one in pages.actions(self.page) if one["text"].startswith(text))
        return self.do(action, {})

    def do(self, action: dict[str, Any], values: dict[str, Any]) -> Any:
        """Carry an action out; the answer of the API, if it was asked."""
        return getattr(self, f"_{action['do']}")(action, values)

    def _filled(self, form: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        known = {field["name"]: field for field in form["fields"]}
        assert values.keys() <= known.keys(), known.keys()
        found = {name: field.get("value") for name, field in known.items()} | values
        missing = [name for name, field in known.items() if field.get("required") and found[name] in (None, "")]
        assert missing == []
        return {name: value for name, value in found.items() if value is not None}

    def send_photo(self, content: bytes, send: str = f"{ROOT}/photos") -> str:
        """As a photo field does: the file, then its key is the value."""
        file = SimpleUploadedFile("photo.jpg", content, content_type="image/jpeg")
        answer = CLIENT.post(send, {"photo": file}, headers=self.api._headers)
        assert answer.status_code == 201, answer.content
        return str(json.loads(answer.content)["key"])

    def _call(self, action: dict[str, Any], values: dict[str, Any]) -> Any:
        body = merged(action.get("body", {}), values)
        answer = self._asked(action["method"], action["path"], body, keyed=action.get("idempotent", True))
        for each in action.get("done", []):
            self.do(substituted(each, answer), {})
        return answer

    def _deed(self, action: dict[str, Any], values: dict[str, Any]) -> Any:
        """A deed of a play: its answer is what is shown; without more to do the page is asked for again."""
        body = merged(action.get("body", {}), values)
        key = f"hand-{next(_keys)}"
        if action.get("nonce"):
            body[action["nonce"]] = key
        status, answer = self.api._send("POST", action["path"].removeprefix(ROOT), body or None, key)
        if status >= 400:
            raise Refused(answer)
        for each in action.get("done", []):
            self.do(substituted(each, answer), {})
        if not action.get("done"):
            self._refresh(action, {})
        return answer

    _join = _draw = _open_run = _check_in = _vote = _deed

    def _answer(self, action: dict[str, Any], values: dict[str, Any]) -> Any:
        """`value` is what a person chose or named."""
        return self._deed(action, {action.get("name", "answer"): values["value"]})

    def _play(self, action: dict[str, Any], values: dict[str, Any]) -> Any:
        """`value` is how many points the game had."""
        return self._deed(action, {action.get("name", "points"): values["value"]})

    def _asked(self, method: str, path: str, body: Any, *, keyed: bool) -> Any:
        key = f"hand-{next(_keys)}" if keyed else ""
        status, answer = self.api._send(method, path.removeprefix(ROOT), body or None, key)
        if status >= 400:
            raise Refused(answer)
        return answer

    def _enter(self, action: dict[str, Any], values: dict[str, Any]) -> Any:
        session = self._asked("POST", action["path"], merged(action.get("body", {}), values), keyed=False)
        self.api._headers["Authorization"] = f"Bearer {session['access']}"
        for each in self._then or action.get("then", []):
            self.do(each, {})
        self._then = []
        return session

    def _sign_in(self, action: dict[str, Any], _: dict[str, Any]) -> None:
        self._then = action.get("then", [])
        self.open("sign_in")

    def _order(self, action: dict[str, Any], _: dict[str, Any]) -> Any:
        lines = action.get("lines") or [
            {"offer": offer, "quantity": units, "price_fen": fen} for offer, (units, fen) in self.basket.items()
        ]
        body = {"point": action["point"], "lines": lines}
        if action.get("basket"):
            body |= {"basket": action["basket"], "together": action.get("together", False)}
        body |= {name: action[name] for name in ("saved_fen", "run") if name in action}
        order = self._asked("POST", f"{ROOT}/orders", body, keyed=True)
        if "run" in action:
            self.run = ""
        #: What it can do that clients could not always.
        self.knows = "savings"
        for each in action.get("done", []):
            self.do(substituted(each, order), {})
        return order

    def _pay(self, action: dict[str, Any], _: dict[str, Any]) -> None:
        self.paying = action
        self.open("paying", order=action["order"])

    def _navigate(self, action: dict[str, Any], _: dict[str, Any]) -> None:
        self.open(action["page"], **action.get("with", {}))

    def _refresh(self, *_: Any) -> None:
        name, parameters = self.here
        self.open(name, **parameters)

    def _several(self, action: dict[str, Any], _: dict[str, Any]) -> None:
        for each in action["actions"]:
            self.do(each, {})

    def _choose_point(self, action: dict[str, Any], _: dict[str, Any]) -> None:
        self.point = action["point"]

    def _add(self, action: dict[str, Any], _: dict[str, Any]) -> None:
        units, _price = self.basket.get(action["offer"], (0, 0))
        self.basket[action["offer"]] = (units + action.get("quantity", 1), action["price_fen"])

    def _take_out(self, action: dict[str, Any], _: dict[str, Any]) -> None:
        self.basket.pop(action["offer"], None)

    def _empty_basket(self, *_: Any) -> None:
        self.basket = {}

    def _tell(self, action: dict[str, Any], _: dict[str, Any]) -> None:
        self.told.append(action["text"])

    def _share(self, action: dict[str, Any], _: dict[str, Any]) -> None:
        self.shared.append(action)

    def _sign_out(self, *_: Any) -> None:
        self.api = Api(language=self.language)


class Refused(Exception):
    """The API said no; the argument is its problem document."""


def merged(body: Any, values: dict[str, Any]) -> Any:
    """The body with each value at the place its name says: `lines.0.quantity` leads inwards."""
    found = json.loads(json.dumps(body))
    for name, value in values.items():
        place, *inwards = name.split(".")
        holder = found
        for step in inwards:
            holder = holder[int(place)] if isinstance(holder, list) else holder[place]
            place = step
        holder[int(place) if isinstance(holder, list) else place] = value
    return found


def substituted(action: Any, answer: Any) -> Any:
    """The action with "$name" replaced by the answer's member."""
    if isinstance(action, dict):
        return {key: substituted(value, answer) for key, value in action.items()}
    if isinstance(action, list):
        return [substituted(value, answer) for value in action]
    if isinstance(action, str) and action.startswith("$"):
        return answer[action[1:]]
    return action
