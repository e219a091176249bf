"""Who asks for a page, in which language, with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from lintuan.kernel.callers import NOBODY, Caller, Kind
from lintuan.kernel.errors import Invalid
from lintuan.kernel.timeline import EARLIEST, LATEST
from lintuan.payments.engine.methods import Place


@dataclass(frozen=True, slots=True)
class Wish:
    """Units of an offer in the basket on the reader's device; the id is as public as it came."""

    offer: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Asking:
    """One wish to see a page."""

    language: str
    now: datetime
    caller: Caller = NOBODY
    parameters: Mapping[str, str] = field(default_factory=dict)
    #: What lies in the basket of the device; None where it was not told.
    seen: tuple[Wish, ...] | None = None
    #: Where the page is open.
    place: Place = Place.WECHAT_BROWSER

    def t(self, zh: str, en: str) -> str:
        """Both languages beside each other; the reader's one."""
        return en if self.is_english else zh

    @property
    def basket(self) -> tuple[Wish, ...]:
        """What lies in the basket, as far as it was told."""
        return self.seen or ()

    @property
    def is_english(self) -> bool:
        return self.language.startswith("en")

    @property
    def is_member(self) -> bool:
        return self.caller.kind is Kind.MEMBER

    @property
    def is_leader(self) -> bool:
        return self.caller.kind is Kind.LEADER

    def get(self, name: str) -> str:
        """A parameter; empty when it was not given."""
        return self.parameters.get(name, "")

    def day(self, name: str, otherwise: date) -> date:
        """A parameter that is a sale day."""
        text = self.get(name)
        if not text:
            return otherwise
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Invalid(reason=f"{name}: YYYY-MM-DD") from None
        if not EARLIEST <= day <= LATEST:
            raise Invalid(reason=f"{name}: {EARLIEST} - {LATEST}")
        return day
