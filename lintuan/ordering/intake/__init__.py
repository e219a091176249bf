"""Taking orders in, many at a time: docs/algorithms/intake.md."""
