"""What the night writes into the books, and how a journal is taken back."""

from .corrections import reverse_journal
from .funders import charge_funders
from .night import book_commission, book_goods, close_books, reconcile
from .statements import make_leader_statements, make_statements

__all__ = [
    "book_commission",
    "book_goods",
    "charge_funders",
    "close_books",
    "make_leader_statements",
    "make_statements",
    "reconcile",
    "reverse_journal",
]
