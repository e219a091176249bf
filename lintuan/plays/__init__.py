"""Plays: campaigns as data, run by one interpreter (docs/algorithms/plays.md)."""
