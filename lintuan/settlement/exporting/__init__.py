"""The books as files."""

from .files import write_export

__all__ = ["write_export"]
