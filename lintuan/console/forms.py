"""Forms made of the types that they fill in: a field added there is in the form by itself.

Names of controls are places, `rewards[1].most_fen`; figures are shown in yuan and per cent and read into whole fen,
basis points and parts of a million.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.http import QueryDict
from msgspec import inspect

from lintuan.plays.engine.malformed import inside, kinds_of, under, unit_of
from lintuan.plays.engine.values import Text

from .play_words import field_word, value_word
from .words import spoken

#: Carried along, and set by whoever keeps the play.
HIDDEN = {"Definition.schema", "Definition.version", "Definition.number"}
#: What a scenario tells, which a trial is to find out.
NOT_ASKED = {"Scenario.tells", "Scenario.total", "Scenario.seed", "Happening.then"}
LONG = {"texts", "terms"}
MOST_ROWS = 60
DECIMALS = {"fen": 2, "bps": 2, "ppm": 4}
UNITS = {"fen": ("元", "yuan"), "bps": ("%", "%"), "ppm": ("%", "%")}
SEPARATORS = re.compile(r"[,，、;；\s]+")


@dataclass(slots=True)
class Issue:
    """What is wrong at a place; a refusal, or something a person should look at."""

    place: str
    text: str
    is_refusal: bool = True


@dataclass(slots=True)
class Control:
    """One thing to fill in: `kind` is text, long, number, figures, choice, choices, flag, date or hidden."""

    name: str
    label: str
    kind: str
    value: str = ""
    unit: str = ""
    options: list[tuple[str, str, bool]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    shape: str = "control"

    @property
    def slot(self) -> str:
        return slot_of(self.name)


@dataclass(slots=True)
class Group:
    """Fields that belong together; `choice` says of which kind they are."""

    name: str
    label: str
    parts: list[Control | Group | Rows]
    choice: Control | None = None
    issues: list[Issue] = field(default_factory=list)
    is_text: bool = False
    shape: str = "group"

    @property
    def slot(self) -> str:
        return slot_of(self.name)


@dataclass(slots=True)
class Rows:
    """Groups of which there may be more or fewer."""

    name: str
    label: str
    rows: list[Group]
    issues: list[Issue] = field(default_factory=list)
    shape: str = "rows"

    @property
    def slot(self) -> str:
        return slot_of(self.name)


Part = Control | Group | Rows


def slot_of(name: str) -> str:
    """A place as an id of HTML."""
    return "at-" + re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-")


def form_of(shape: inspect.Type, written: Any, prefix: str = "") -> list[Part]:
    """The fields of a struct, filled in with what was written, whatever that is."""
    assert isinstance(shape, inspect.StructType)
    given = written if isinstance(written, Mapping) else {}
    owner = shape.cls.__name__
    return [
        _part(owner, one, given, under(prefix, one.encode_name))
        for one in shape.fields
        if f"{owner}.{one.name}" not in NOT_ASKED
    ]


def read_form(shape: inspect.Type, posted: QueryDict, prefix: str = "") -> dict[str, Any]:
    """What was filled in, as JSON would hold it; blanks are left out, what is no figure stays as it was typed."""
    assert isinstance(shape, inspect.StructType)
    owner, found = shape.cls.__name__, {}
    for one in shape.fields:
        if f"{owner}.{one.name}" in NOT_ASKED:
            continue
        value = _read(one, posted, under(prefix, one.encode_name))
        if value is not msgspec.UNSET:
            found[one.encode_name] = value
    return found


def show_issues(parts: Sequence[Part], issues: Iterable[Issue]) -> list[Issue]:
    """Put each issue beside the field of its place, or the nearest around it; answers those that have none."""
    slots = {part.name: part for part in flat(parts)}
    left = []
    for issue in issues:
        place = issue.place
        while place and place not in slots:
            place = re.sub(r"(\[\d+\]|\.?[^.\[\]]+)$", "", place)
        if place:
            slots[place].issues.append(issue)
        else:
            left.append(issue)
    return left


def steps(place: str) -> list[str | int]:
    """A place as keys and indexes: `rewards[1].level` is rewards, 1, level."""
    return [int(part[1:-1]) if part[0] == "[" else part for part in re.findall(r"\[\d+\]|[^.\[\]]+", place)]


def flat(parts: Iterable[Part]) -> Iterator[Part]:
    """Every part, with those within."""
    for part in parts:
        yield part
        match part:
            case Group(parts=inner, choice=choice):
                yield from flat([*([choice] if choice else []), *inner])
            case Rows(rows=rows):
                yield from flat(rows)


def _part(owner: str, one: inspect.Field, given: Mapping[str, Any], name: str) -> Part:
    inner, is_optional = inside(one.type)
    value = given.get(one.encode_name, _default(one))
    label = field_word(owner, one.name)
    if f"{owner}.{one.name}" in HIDDEN:
        return Control(name, label, "hidden", _shown(value, name))
    match inner:
        case inspect.StructType(cls=cls):
            return Group(name, label, form_of(inner, value, name), is_text=cls is Text)
        case inspect.UnionType():
            return _kinds(inner, value, name, label)
        case inspect.VarTupleType():
            return _list(owner, inner, value, name, label)
        case inspect.LiteralType(values=values):
            blank = [("", "—", False)] if is_optional or value not in values else []
            options = [(str(each), value_word(owner, one.name, each), each == value) for each in values]
            return Control(name, label, "choice", _shown(value, name), options=blank + options)
        case _:
            return _plain(inner, value, name, label)


def _plain(inner: inspect.Type, value: Any, name: str, label: str) -> Control:
    match inner:
        case inspect.BoolType():
            return Control(name, label, "flag", "on" if value is True else "")
        case inspect.IntType():
            return Control(name, label, "number", _shown(value, name), unit=_unit(name))
        case inspect.StrType():
            kind = "long" if name.split(".", maxsplit=1)[0] in LONG else "text"
        case inspect.DateType():
            kind = "date"
        case _:
            raise TypeError(f"no form for {name}: {inner}")
    return Control(name, label, kind, _shown(value, name))


def _kinds(inner: inspect.UnionType, value: Any, name: str, label: str) -> Group:
    """One of several structs, told apart by their tag."""
    kinds = kinds_of(inner)
    given = value if isinstance(value, Mapping) else {}
    tag_field = kinds[0].tag_field or ""
    chosen = next((kind for kind in kinds if kind.tag == given.get(tag_field)), None)
    options = [(str(kind.tag), value_word("", tag_field, kind.tag), kind is chosen) for kind in kinds]
    blank = [] if chosen else [("", "—", True)]
    choice = Control(under(name, tag_field), field_word("", tag_field), "kind", options=blank + options)
    return Group(name, label, form_of(chosen, given, name) if chosen else [], choice)


def _list(owner: str, inner: inspect.VarTupleType, value: Any, name: str, label: str) -> Part:
    item, _ = inside(inner.item_type)
    given = list(value) if isinstance(value, list | tuple) else []
    match item:
        case inspect.LiteralType(values=values):
            field_name = name.rsplit(".", 1)[-1]
            ordered = [one for one in given if one in values] + [one for one in values if one not in given]
            options = [(str(one), value_word(owner, field_name, one), one in given) for one in ordered]
            return Control(name, label, "choices", options=options)
        case inspect.StructType() | inspect.UnionType():
            rows = [_row(item, one, f"{name}[{index}]", label, index) for index, one in enumerate(given)]
            return Rows(name, label, rows)
        case _:
            text = ", ".join(_shown(one, name) for one in given)
            return Control(name, label, "figures", text, unit=_unit(name))


def _row(item: inspect.Type, value: Any, name: str, label: str, index: int) -> Group:
    title = f"{label} {index + 1}"
    if isinstance(item, inspect.UnionType):
        return _kinds(item, value, name, title)
    assert isinstance(item, inspect.StructType)
    return Group(name, title, form_of(item, value, name), is_text=item.cls is Text)


def _read(one: inspect.Field, posted: QueryDict, name: str) -> Any:
    inner, _ = inside(one.type)
    match inner:
        case inspect.StructType():
            found = read_form(inner, posted, name)
            return found if found or one.required else msgspec.UNSET
        case inspect.UnionType():
            return _read_kind(inner, posted, name)
        case inspect.VarTupleType():
            return _read_list(inner, posted, name)
        case inspect.BoolType():
            return name in posted
        case _:
            return _read_text(inner, posted.get(name, ""), name)


def _read_kind(inner: inspect.UnionType, posted: QueryDict, name: str) -> dict[str, Any]:
    kinds = kinds_of(inner)
    tag_field = kinds[0].tag_field or ""
    tag = posted.get(under(name, tag_field), "")
    chosen = next((kind for kind in kinds if kind.tag == tag), None)
    if chosen is None:
        return {tag_field: tag} if tag else {}
    return {tag_field: tag, **read_form(chosen, posted, name)}


def _read_list(inner: inspect.VarTupleType, posted: QueryDict, name: str) -> list[Any]:
    item, _ = inside(inner.item_type)
    match item:
        case inspect.LiteralType():
            return list(posted.getlist(name))
        case inspect.StructType():
            return [read_form(item, posted, row) for row in rows_of(posted, name)]
        case inspect.UnionType():
            return [_read_kind(item, posted, row) for row in rows_of(posted, name)]
        case _:
            words = [word for word in SEPARATORS.split(posted.get(name, "")) if word]
            return [_read_text(item, word, name) for word in words]


def rows_of(posted: QueryDict, name: str) -> list[str]:
    """The places of the rows that were sent, in their order."""
    begins = re.compile(re.escape(name) + r"\[(\d{1,2})\]")
    found = {int(match[1]) for key in posted if (match := begins.match(key))}
    return [f"{name}[{index}]" for index in sorted(found)[:MOST_ROWS]]


def _read_text(inner: inspect.Type, text: str, name: str) -> Any:
    text = text.strip()
    if not text:
        return msgspec.UNSET
    if isinstance(inner, inspect.LiteralType):
        return next((value for value in inner.values if str(value) == text), text)
    return _figure(text, _decimals(name)) if isinstance(inner, inspect.IntType) else text


def _figure(text: str, decimals: int) -> int | str:
    """`12.5` with two decimals is 1250; what is no figure, or a finer one, stays text."""
    match = re.fullmatch(r"(-?)(\d{1,12})(?:\.(\d{1,4}))?", text.removesuffix("%").strip(), re.ASCII)
    part = (match[3] or "").rstrip("0") if match else ""
    if match is None or len(part) > decimals:
        return text
    figure = int(match[2] + part.ljust(decimals, "0"))
    return -figure if match[1] else figure


def _shown(value: Any, name: str) -> str:
    """A value as it is typed: 1250 fen are 12.5."""
    decimals = _decimals(name)
    if value is None:
        return ""
    if not isinstance(value, int) or isinstance(value, bool) or not decimals:
        return str(value)
    whole, part = divmod(abs(value), 10**decimals)
    shown = f"{whole}.{part:0{decimals}d}".rstrip("0").rstrip(".")
    return f"-{shown}" if value < 0 else shown


def _decimals(name: str) -> int:
    return DECIMALS.get(unit_of(name), 0)


def _unit(name: str) -> str:
    return spoken(*UNITS.get(unit_of(name), ("", "")))


def _default(one: inspect.Field) -> Any:
    if one.default is not msgspec.NODEFAULT:
        return one.default
    return {} if one.default_factory is not msgspec.NODEFAULT else None
