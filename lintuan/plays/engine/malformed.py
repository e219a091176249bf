"""Every place where something written is no play, each with its reason, for forms and imports to show it there.

`read_definition` decides with msgspec and names the first place; this walks the same types and names them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from msgspec import inspect

from .contradictions import Fault, fault
from .definition import Definition

#: Where the whole of it is meant.
ROOT = "$"
_UNITS = {
    "": ("", ""),
    "fen": ("（分）", " fen"),
    "bps": ("（万分之一）", " basis points"),
    "ppm": ("（百万分之一）", " in a million"),
}


def malformations(written: Any, of: type = Definition) -> list[Fault]:
    """None exactly where `read_definition` can read it; places are written as those of unsound plays."""
    return list(_look(shape_of(of), written, ""))


@cache
def shape_of(of: type) -> inspect.Type:
    return inspect.type_info(of)


def bare(shape: inspect.Type) -> inspect.Type:
    """A type without its notes."""
    return bare(shape.type) if isinstance(shape, inspect.Metadata) else shape


def inside(shape: inspect.Type) -> tuple[inspect.Type, bool]:
    """A type without its notes and without None, and whether it may be None; words of several lists are one list."""
    shape = bare(shape)
    if not isinstance(shape, inspect.UnionType):
        return shape, False
    parts = [bare(one) for one in shape.types]
    others = [one for one in parts if not isinstance(one, inspect.NoneType)]
    literals = [one for one in others if isinstance(one, inspect.LiteralType)]
    if literals and len(literals) == len(others):
        values = tuple(value for one in literals for value in one.values)
        return inspect.LiteralType(values), len(others) < len(parts)
    inner = others[0] if len(others) == 1 else inspect.UnionType(tuple(others))
    return inner, len(others) < len(parts)


def kinds_of(shape: inspect.Type) -> list[inspect.StructType]:
    """The structs of which something is one, told apart by a tag."""
    parts = shape.types if isinstance(shape, inspect.UnionType) else ()
    return [kind for one in parts if isinstance(kind := bare(one), inspect.StructType)]


def unit_of(place: str) -> str:
    """What a figure of that name is counted in: fen, bps or ppm; nothing for plain numbers."""
    name = re.sub(r"\[\d+\]$", "", place).rsplit(".", 1)[-1]
    return next((part for part in name.split("_") if part in _UNITS), "")


def under(place: str, name: str) -> str:
    """The place of a field in a place."""
    return f"{place}.{name}" if place else name


def _look(shape: inspect.Type, written: Any, place: str) -> Iterator[Fault]:
    shape = bare(shape)
    try:
        look = _LOOKS[type(shape)]
    except KeyError:
        raise TypeError(f"no play is written with {shape}") from None
    return look(shape, written, place)


def _struct(shape: inspect.StructType, written: Any, place: str) -> Iterator[Fault]:
    if not isinstance(written, Mapping):
        yield _not(written, place, "一组字段", "an object")
        return
    known = {field.encode_name: field for field in shape.fields}
    for name in written:
        if name == shape.tag_field:
            if written[name] != shape.tag:
                yield fault(under(place, name), f"只能是“{shape.tag}”", f'must be "{shape.tag}"')
        elif name not in known:
            yield fault(under(place, str(name)), "没有这个字段", "there is no such field")
    for name, field in known.items():
        if name in written:
            yield from _look(field.type, written[name], under(place, name))
        elif field.required:
            yield fault(under(place, name), "必填", "is needed")


def _union(shape: inspect.UnionType, written: Any, place: str) -> Iterator[Fault]:
    inner, is_optional = inside(shape)
    if written is None and is_optional:
        return
    if not isinstance(inner, inspect.UnionType):
        yield from _look(inner, written, place)
    elif not isinstance(written, Mapping):
        yield _not(written, place, "一组字段", "an object")
    else:
        yield from _tagged(kinds_of(inner), written, place)


def _tagged(kinds: list[inspect.StructType], written: Mapping[Any, Any], place: str) -> Iterator[Fault]:
    name = kinds[0].tag_field or ""
    if name not in written:
        yield fault(under(place, name), "必填", "is needed")
        return
    for kind in kinds:
        if kind.tag == written[name]:
            yield from _struct(kind, written, place)
            return
    yield _unknown(tuple(str(kind.tag) for kind in kinds), under(place, name))


def _tuple(shape: inspect.VarTupleType, written: Any, place: str) -> Iterator[Fault]:
    if not isinstance(written, list | tuple):
        yield _not(written, place, "一列", "a list")
        return
    least, most = shape.min_length or 0, shape.max_length
    if len(written) < least:
        yield fault(place, f"至少 {least} 项", f"at least {least}")
    if most is not None and len(written) > most:
        yield fault(place, f"最多 {most} 项", f"{most} at most")
    for index, one in enumerate(written):
        yield from _look(shape.item_type, one, f"{place}[{index}]")


def _int(shape: inspect.IntType, written: Any, place: str) -> Iterator[Fault]:
    zh, en = _UNITS[unit_of(place)]
    if not isinstance(written, int) or isinstance(written, bool):
        yield _not(written, place, "整数", "a whole number")
    elif shape.ge is not None and written < shape.ge:
        yield fault(place, f"最少 {shape.ge}{zh}", f"at least {shape.ge}{en}")
    elif shape.le is not None and written > shape.le:
        yield fault(place, f"最多 {shape.le:,}{zh}", f"{shape.le:,}{en} at most")


def _str(shape: inspect.StrType, written: Any, place: str) -> Iterator[Fault]:
    if not isinstance(written, str):
        yield _not(written, place, "文字", "text")
    elif shape.min_length is not None and len(written) < shape.min_length:
        yield fault(place, "不能为空", "must not be empty")
    elif shape.max_length is not None and len(written) > shape.max_length:
        yield fault(place, f"最多 {shape.max_length} 个字", f"{shape.max_length} characters at most")
    elif shape.pattern is not None and not re.search(shape.pattern, written):
        yield fault(place, *_FORMS.get(shape.pattern[:6], ("格式不对", "is not in the right form")))


def _literal(shape: inspect.LiteralType, written: Any, place: str) -> Iterator[Fault]:
    if not any(written == value and type(written) is type(value) for value in shape.values):
        yield _unknown(tuple(map(str, shape.values)), place)


def _bool(_: inspect.BoolType, written: Any, place: str) -> Iterator[Fault]:
    if not isinstance(written, bool):
        yield _not(written, place, "是或否", "true or false")


def _date(_: inspect.DateType, written: Any, place: str) -> Iterator[Fault]:
    try:
        date.fromisoformat(str(written))
    except ValueError:
        yield _not(written, place, "日期", "a date")


def _not(written: Any, place: str, zh: str, en: str) -> Fault:
    shown = str(written)[:20]
    return fault(place or ROOT, f"要写{zh}，不能是“{shown}”", f'must be {en}, not "{shown}"')


def _unknown(values: tuple[str, ...], place: str) -> Fault:
    return fault(place, f"只能是：{'、'.join(values)}", f"must be one of: {', '.join(values)}")


_LOOKS: Mapping[type, Callable[[Any, Any, str], Iterator[Fault]]] = {
    inspect.StructType: _struct,
    inspect.UnionType: _union,
    inspect.VarTupleType: _tuple,
    inspect.IntType: _int,
    inspect.StrType: _str,
    inspect.LiteralType: _literal,
    inspect.BoolType: _bool,
    inspect.DateType: _date,
}
#: What texts of a pattern look like, by how the pattern begins.
_FORMS = {
    "^[a-z]": ("小写字母、数字和连字符，如 any-four", "small letters, digits and hyphens, as in any-four"),
    "^([01]": ("时间要写成 20:00", "a time like 20:00"),
}
