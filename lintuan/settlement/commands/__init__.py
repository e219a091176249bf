"""What the night writes into the books, and how a journal is taken back."""

from .bills import compare_bill, days_to_compare
from .cases import ask_about_case, close_case, correct_case, explain_case, take_case
from .corrections import reverse_journal
from .funders import charge_funders
from .night import book_commission, book_goods, close_books, reconcile
from .statements import make_leader_statements, make_statements

__all__ = [
    "ask_about_case",
    "book_commission",
    "book_goods",
    "charge_funders",
    "close_books",
    "close_case",
    "compare_bill",
    "correct_case",
    "days_to_compare",
    "explain_case",
    "make_leader_statements",
    "make_statements",
    "reconcile",
    "reverse_journal",
    "take_case",
]
