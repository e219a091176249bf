"""What can be wrong with plays."""

from __future__ import annotations

from typing import ClassVar

from lintuan.kernel.errors import Refusal


class PlayMalformed(Refusal):
    """The play cannot be read at {place}: {reason}"""

    zh: ClassVar[str] = "玩法的 {place} 写得不对：{reason}"
    status: ClassVar[int] = 422


class PlayUnsound(Refusal):
    """The play cannot run, {place}: {reason}"""

    zh: ClassVar[str] = "玩法无法运行，{place}：{reason_zh}"
    status: ClassVar[int] = 422
