"""Sharing: what channels let a shop show, as dated data (docs/algorithms/channels.md)."""
