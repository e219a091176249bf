from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lintuan.console import forms, words
from lintuan.kernel.money import Money

register = template.Library()

DAYS = tuple(zip("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))


@register.simple_tag
def t(zh: str, en: str) -> str:
    """Both languages beside each other: `{% t "分拣" "Sorting" %}`."""
    return words.spoken(zh, en)


@register.filter
def word(name: object) -> str:
    """A state or cause in the reader's language."""
    return words.word(name)


@register.filter
def badge(name: object, of: str = "") -> SafeString:
    """A state as a badge: `{{ claim.state|badge:"claim" }}`."""
    return format_html('<span class="badge bg-{0}-lt">{1}</span>', words.colour(name, of), words.word(name, of))


@register.filter
def name_of(view: object) -> str:
    """The name of anything that has one in both languages."""
    return words.spoken(str(getattr(view, "name", "")), str(getattr(view, "name_en", "")))


@register.filter
def spec_of(view: object) -> str:
    """The specification of a SKU."""
    return words.spoken(str(getattr(view, "spec", "")), str(getattr(view, "spec_en", "")))


@register.filter
def yuan(amount: Money | int | None) -> str:
    """An amount with thousands parted: 12,345.60; a dash for none."""
    if amount is None:
        return "–"
    fen = amount.fen if isinstance(amount, Money) else amount
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


@register.filter
def count(number: int | None) -> str:
    """A whole number with thousands parted; a dash for none."""
    return "–" if number is None else f"{number:,}"


@register.filter
def day(on: date) -> str:
    """A day with its weekday: 11-20 周五."""
    zh, en = DAYS[on.weekday()]
    return f"{on:%m-%d} {words.spoken(f'周{zh}', en)}"


@register.simple_tag
def language() -> str:
    """The page's language as HTML names it."""
    return words.spoken("zh-Hans", "en")


@register.filter
def paint(name: object) -> str:
    """The badge colour of a state."""
    return words.colour(name)


@register.filter
def km(metres: int) -> str:
    """Metres as kilometres with one decimal."""
    return f"{metres // 1000:,}.{metres % 1000 // 100}"


@register.filter
def remaining(now: datetime, until: datetime) -> str:
    """Hours and minutes from one moment to a later one."""
    minutes = int((until - now).total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


@register.filter
def unsigned(amount: Money) -> str:
    """An amount without its sign, for the credit side."""
    return yuan(abs(amount.fen))


@register.filter
def slot(place: str) -> str:
    """The id of the line under a field where its issues stand, without `at-`."""
    return forms.slot_of(place).removeprefix("at-")
