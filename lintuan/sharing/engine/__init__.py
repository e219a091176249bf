"""Pure decisions about channels: what may be shown where, on which day, and in which form."""
