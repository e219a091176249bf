"""Every page, for everybody who may see it, in both languages: complete, honest, and within the schema."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lintuan.api import urls  # noqa: F401  the routers are added there
from lintuan.api.http import api
from lintuan.kernel import clock
from lintuan.kernel.callers import NOBODY, Caller
from lintuan.kernel.errors import Refusal
from lintuan.pages.compose.asking import Asking, Wish
from lintuan.pages.compose.directory import PAGES
from lintuan.pages.tree.schema import schema_text
from tests.make import members, pages
from tests.make.pages import FOR_GUESTS, FOR_LEADERS, FOR_MEMBERS, LANGUAGES, Stage

pytestmark = pytest.mark.django_db

VALID = Draft202012Validator(json.loads(schema_text()))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: The switch names each language in itself.
IN_BOTH = {"中文", "中文 / English"}
READERS = [
    *(("guest", name) for name in sorted(FOR_GUESTS)),
    *(("member", name) for name in sorted(FOR_MEMBERS)),
    *(("leader", name) for name in sorted(FOR_LEADERS)),
]


@pytest.fixture
def stage(clock_at) -> Stage:
    return pages.stage(clock_at)


def reader(stage: Stage, who: str) -> Caller:
    return {"guest": NOBODY, "member": stage.member, "leader": stage.leader}[who]


def seen(stage: Stage, who: str, name: str, language: str, **more: str) -> dict[str, Any]:
    parameters = stage.parameters(name) | more
    page = pages.ask(name, reader(stage, who), parameters, language=language, basket=stage.wishes())
    return pages.document(page)


def everything(stage: Stage, language: str) -> list[tuple[str, str, dict[str, Any]]]:
    found = [(who, name, seen(stage, who, name, language)) for who, name in READERS]
    own = (
        ("household", "basket", stage.basket_id),
        ("order", "edit", "1"),
        ("picklists", "by", "product"),
        ("post", "offer", stage.offer_id()),
        ("relay", "draft", stage.draft_id),
        ("play_shelf", "aim", "fun"),
        ("play_start", "play", "cut-price"),
        ("play_start", "rehearse", "1"),
        ("play_start", "ready", "1"),
        ("sign_in", "as", "leader"),
        ("points", "province", "42"),
    )
    for name, parameter, value in own:
        who = "leader" if name in FOR_LEADERS - FOR_GUESTS else "member"
        found.append((who, name, seen(stage, who, name, language, **{parameter: value})))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_within_the_schema(stage: Stage, language: str) -> None:
    wrong = [
        (who, name, error.json_path, error.message)
        for who, name, document in everything(stage, language)
        for error in VALID.iter_errors(document)
    ]

    assert wrong == []
    assert {name for _, name in READERS} == set(PAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_says_in_words_what_it_is(stage: Stage, language: str) -> None:
    mute = [
        (name, part)
        for _, name, document in everything(stage, language)
        for part in pages.parts(document)
        if ("kind" in part or "do" in part) and not part["text"].strip()
    ]

    assert mute == []


def test_an_english_page_is_english(stage: Stage) -> None:
    chinese = {
        (name, text)
        for _, name, document in everything(stage, "en")
        for text in pages.texts(document)
        if CHINESE.search(text) and text not in IN_BOTH
    }

    assert chinese == set()


def test_a_chinese_page_is_chinese(stage: Stage) -> None:
    """Words of ours are English in nothing but the language switch; names and addresses of this stage are."""
    names = re.compile(r"Luojia Road \d|Aunt Wang|Li Lei|L\*\*|H\*\*|English|QR|GB|https?://\S+|JPEG|PNG|WebP")
    english = {
        (name, part["text"])
        for _, name, document in everything(stage, "zh-hans")
        for part in pages.parts(document)
        if ("kind" in part or "do" in part) and re.search(r"[A-Za-z]{4,} [A-Za-z]{2,}", names.sub("", part["text"]))
    }

    assert english == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tap_leads_somewhere(stage: Stage, language: str) -> None:
    """Pages that exist, and operations of the API by their method."""
    operations = _operations()
    lost = []
    for _, name, document in everything(stage, language):
        for action in pages.actions(document):
            if action.get("page", "shelf") not in PAGES:
                lost.append((name, action))
            if "path" in action and not _is_known(operations, action.get("method"), action["path"]):
                lost.append((name, action))

    assert lost == []


def test_leaders_see_names_and_phones_masked(stage: Stage) -> None:
    for name in sorted(FOR_LEADERS - FOR_GUESTS):
        told = json.dumps(seen(stage, "leader", name, "en"))
        assert "Lei" not in told
        assert "Meimei" not in told
        assert not re.search(r"\b1\d{10}\b", told), name


def test_only_public_ids_leave(stage: Stage) -> None:
    """No part tells a row's number: what is called id, or is a parameter, is opaque."""
    told = [
        (name, value)
        for _, name, document in everything(stage, "en")
        for part in pages.parts(document)
        for value in [part.get("id"), *part.get("with", {}).values()]
        if isinstance(value, int) or (isinstance(value, str) and value.isdigit() and value not in {"42", "1"})
    ]

    assert told == []


class Heeded(dict[str, str]):
    """Parameters that know which of them were looked for."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.names: set[str] = set()

    def get(self, name: str, otherwise: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, otherwise)


@pytest.mark.parametrize("who", ["guest", "member", "leader"])
def test_a_page_reads_the_parameters_that_it_declares_and_no_others(stage: Stage, who: str) -> None:
    """All are asked for with all there are, and with none."""
    given = {name: value for page in PAGES for name, value in stage.parameters(page).items()}
    given |= {"edit": "1", "by": "product", "as": "leader", "province": "42", "code": "ABCDEF"}
    undeclared = {}
    for name, entry in PAGES.items():
        for parameters in (Heeded(given), Heeded({"order": given["order"]}), Heeded()):
            with contextlib.suppress(Refusal):
                entry.compose(Asking("en", clock.now(), reader(stage, who), parameters, stage.wishes()))
            if extra := parameters.names - entry.reads:
                undeclared[name] = extra

    assert undeclared == {}


def test_no_page_declares_what_it_does_not_read(stage: Stage) -> None:
    idle = {}
    for name, entry in PAGES.items():
        names = set()
        for who in ("guest", "member", "leader"):
            given = stage.parameters(name)
            for parameters in (Heeded(given | {"lat": "30", "lng": "114"}), Heeded({})):
                with contextlib.suppress(Refusal):
                    entry.compose(Asking("en", clock.now(), reader(stage, who), parameters, stage.wishes()))
                names |= parameters.names
        if entry.reads - names:
            idle[name] = entry.reads - names

    assert idle == {}


def test_strangers_are_asked_to_sign_in(stage: Stage) -> None:
    for name in sorted(FOR_MEMBERS | FOR_LEADERS):
        document = seen(stage, "guest", name, "en")
        assert document.get("sign_in", False) is (name not in FOR_GUESTS), name


@pytest.mark.parametrize(("who", "name"), [("leader", "orders"), ("member", "tonight")])
def test_a_page_of_the_other_role_says_so(stage: Stage, who: str, name: str) -> None:
    document = seen(stage, who, name, "en")

    (only,) = document["body"]
    assert only["kind"] == "empty"
    assert only["to"]["do"] == "sign_in"
    assert "sign_in" not in document


def test_an_order_of_somebody_else_is_not_there(stage: Stage) -> None:
    for name in ("order", "paying", "claim"):
        with pytest.raises(Refusal, match="There is no such order"):
            pages.ask(name, members.member(), stage.parameters(name))


ANYTHING = st.text(max_size=30)
PARAMETERS = st.dictionaries(
    st.sampled_from(
        [
            "point",
            "offer",
            "order",
            "line",
            "basket",
            "before",
            "day",
            "lat",
            "lng",
            "token",
            "begin",
            "as",
            "q",
            "code",
            "draft",
            "ticket",
            "play",
            "channel",
            "about",
            "goods",
            "until",
            "rehearse",
            "campaign",
            "aim",
        ]
    ),
    ANYTHING | st.sampled_from(["2026-11-20", "1", "leader", "product", "30.5", "114.3", "-1", "x" * 40]),
    max_size=4,
)
WISHES = st.lists(st.builds(Wish, ANYTHING, st.integers(1, 999)), max_size=4)


def test_whatever_is_asked_a_page_is_whole_or_refused(stage: Stage) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(READERS), PARAMETERS, WISHES, st.booleans(), st.sampled_from(LANGUAGES))
    def ask(of: tuple[str, str], parameters: dict[str, str], wishes: list[Wish], is_own: bool, language: str) -> None:
        who, name = of
        asked = stage.parameters(name) | parameters if is_own else parameters
        page = None
        with contextlib.suppress(Refusal):
            page = pages.ask(name, reader(stage, who), asked, language=language, basket=(*stage.wishes(), *wishes))
        if page is None:
            return
        document = pages.document(page)
        assert not list(VALID.iter_errors(document))
        assert all(part["text"].strip() for part in pages.parts(document) if "kind" in part or "do" in part)

    ask()


def _operations() -> list[tuple[str, re.Pattern[str]]]:
    document = api.get_openapi_schema(path_prefix="/api/v1")
    return [
        (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"))
        for path, methods in document["paths"].items()
        for method in methods
    ]


def _is_known(operations: list[tuple[str, re.Pattern[str]]], method: str | None, path: str) -> bool:
    bare = path.partition("?")[0]
    return any(pattern.match(bare) and method in (None, known) for known, pattern in operations)
