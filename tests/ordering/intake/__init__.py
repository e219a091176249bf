"""The lane: batches by the worked tables of docs/algorithms/intake.md, and lines of real connections."""
