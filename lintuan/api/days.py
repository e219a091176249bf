"""Sale days as requests name them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from lintuan.kernel.timeline import EARLIEST, LATEST


def _near(day: date) -> date:
    """Beyond these bounds the moments of a sale day could not be reckoned."""
    if not EARLIEST <= day <= LATEST:
        raise PydanticCustomError(
            "date_too_far",
            "Input should be a date from {earliest} to {latest}",
            {"earliest": EARLIEST.isoformat(), "latest": LATEST.isoformat()},
        )
    return day


SaleOn = Annotated[date, AfterValidator(_near)]
