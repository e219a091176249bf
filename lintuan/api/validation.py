"""What is wrong with a malformed request, in the reader's language: pydantic itself speaks English only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lintuan.kernel.errors import Invalid

#: By pydantic's type of error; the braces are of its context.
CHINESE: Mapping[str, str] = {
    "missing": "必填",
    "extra_forbidden": "不接受此项",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_parsing_size": "整数过大",
    "int_from_float": "须为整数，不能带小数",
    "float_type": "须为数字",
    "float_parsing": "须为数字",
    "finite_number": "须为有限的数字",
    "bool_type": "须为是或否（true 或 false）",
    "bool_parsing": "须为是或否（true 或 false）",
    "greater_than": "须大于 {gt}",
    "greater_than_equal": "须大于或等于 {ge}",
    "less_than": "须小于 {lt}",
    "less_than_equal": "须小于或等于 {le}",
    "string_type": "须为文字",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式须符合 {pattern}",
    "too_short": "至少 {min_length} 项，现有 {actual_length} 项",
    "too_long": "最多 {max_length} 项，现有 {actual_length} 项",
    "list_type": "须为列表",
    "tuple_type": "须为列表",
    "dict_type": "须为对象",
    "model_type": "须为对象",
    "model_attributes_type": "须为对象",
    "literal_error": "须为 {expected}",
    "enum": "须为 {expected}",
    "date_type": "须为日期，如 2026-11-20",
    "date_parsing": "须为日期，如 2026-11-20",
    "date_too_far": "须为 {earliest} 至 {latest} 的日期",
    "date_from_datetime_parsing": "须为日期，如 2026-11-20",
    "date_from_datetime_inexact": "须为日期，不能带时刻",
    "datetime_type": "须为时刻，如 2026-11-20T12:00:00Z",
    "datetime_parsing": "须为时刻，如 2026-11-20T12:00:00Z",
    "datetime_from_date_parsing": "须为时刻，如 2026-11-20T12:00:00Z",
    "timezone_aware": "须注明时区，如 2026-11-20T12:00:00Z",
    "json_invalid": "不是有效的 JSON",
}

#: What ninja says, without a type, of a body that is not JSON.
UNREADABLE = "Cannot parse request body"


def malformed(errors: Iterable[Mapping[str, Any]], language: str) -> tuple[Invalid, list[dict[str, str]]]:
    """The refusal of a malformed request, and what is wrong at which place."""
    places = [{"at": ".".join(map(str, error["loc"])), "reason": reason_of(error, language)} for error in errors]
    reason = "; ".join(": ".join(filter(None, place.values())) for place in places[:3])
    return Invalid(reason=reason), places


def reason_of(error: Mapping[str, Any], language: str) -> str:
    """What is wrong at one place; in English where we have no Chinese for this type of error."""
    message = str(error["msg"])
    if language.startswith("en"):
        return message
    chinese = CHINESE.get(str(error.get("type")))
    try:
        return chinese.format_map(_chinese(error.get("ctx") or {})) if chinese else message
    except KeyError:
        return message


def reason_of_body(message: str, language: str) -> str:
    """What is wrong with a request whose body could not be read at all."""
    unreadable = message.startswith(UNREADABLE) and not language.startswith("en")
    return CHINESE["json_invalid"] if unreadable else message


def _chinese(context: Mapping[str, Any]) -> dict[str, Any]:
    """Pydantic joins what it expects with an English word."""
    return {
        name: value.replace(" or ", " 或 ") if isinstance(value, str) and name == "expected" else value
        for name, value in context.items()
    }
