"""What can be wrong with the policy of channels."""

from __future__ import annotations

from typing import ClassVar

from lintuan.kernel.errors import Refusal


class PolicyMalformed(Refusal):
    """The policy of channels cannot be read at {place}: {reason}"""

    zh: ClassVar[str] = "渠道规则的 {place} 写得不对：{reason}"
    status: ClassVar[int] = 422


class PolicyUnsound(Refusal):
    """The policy of channels contradicts itself, {place}: {reason}"""

    zh: ClassVar[str] = "渠道规则自相矛盾，{place}：{reason_zh}"
    status: ClassVar[int] = 422
