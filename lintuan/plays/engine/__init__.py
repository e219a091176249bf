"""The interpreter of plays: pure, the same for what happens now and for what is replayed."""
