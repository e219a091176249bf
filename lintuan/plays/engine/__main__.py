"""Writes the schema's file: python -m lintuan.plays.engine"""

from __future__ import annotations

from .schema import CURRENT, schema_text

CURRENT.write_text(schema_text(), encoding="utf-8")
