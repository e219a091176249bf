from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Settings:
    """How the stand-ins behave; waits are in seconds of real time, because the outside world has no other.

    ``fee_rate`` is in percent of a payment; ``bills_at_once`` writes bills of this very day too, as far as it went.
    """

    state: Path
    port: int
    retry_after: tuple[float, ...] = (1, 2, 5, 10, 30, 60)
    refund_after: float = 0.0
    callback_concurrency: int = 16
    confirm_within: float = 24 * 3600
    remembered_phones: int = 20_000
    fee_rate: Decimal = Decimal("0.60")
    bills_at_once: bool = False

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"
