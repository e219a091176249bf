"""What the parts of a definition share."""

from __future__ import annotations

from typing import Annotated, Any, dataclass_transform

from msgspec import Meta, Struct, StructMeta, field

Words = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=1)]
Fen = Annotated[int, Meta(ge=1, description="whole fen")]
Bps = Annotated[int, Meta(ge=1, le=10_000, description="basis points")]
Ppm = Annotated[int, Meta(ge=1, le=1_000_000, description="chances in a million")]
Code = Annotated[str, Meta(pattern="^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
TimeOfDay = Annotated[
    str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", description="local time of the province")
]


class _KeywordsOnly(StructMeta):
    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> _KeywordsOnly:
        known = {"kw_only": True, "forbid_unknown_fields": True, **options}
        return super().__new__(cls, name, bases, namespace, **known)


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Part(Struct, metaclass=_KeywordsOnly, frozen=True, omit_defaults=True):
    """A part of a definition; a field that it does not know is a mistake of whoever wrote it."""


class Text(Part, frozen=True):
    """The same in both languages; `{names}` stand for facts of the run."""

    zh: Words
    en: Words

    def in_(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh
