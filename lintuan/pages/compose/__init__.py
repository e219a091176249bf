"""Composers: each makes one page of what the rooms answer. They only read; whatever a page can do is an action."""
