"""Plays as neighbours meet them: what runs, one play, one round, and how to check it."""
