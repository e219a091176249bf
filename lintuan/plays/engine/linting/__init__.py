"""What a play may not be by law, by the rules of channels and by our own (docs/algorithms/linter.md)."""
