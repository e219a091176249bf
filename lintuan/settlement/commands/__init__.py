"""What the night writes into the books, how a journal is taken back, and how what is owed is paid."""

from .bank import mark_paid, refuse_line, set_bank_account
from .bills import compare_bill, days_to_compare
from .cases import ask_about_case, close_case, correct_case, explain_case, take_case
from .corrections import reverse_journal
from .funders import charge_funders
from .goods_tax import load_goods_tax
from .invoices import ask_invoice, issue_invoice, refuse_invoice
from .levels import grade_leaders, set_levels
from .night import book_commission, book_goods, close_books, reconcile
from .partners import draft_contract, end_contract, settle_partners, sign_contract
from .purses import withdraw_balance
from .rates import end_rate, preview_rate, set_province, set_rate
from .runs import approve_run, drop_run, execute_run, prepare_leader_run, prepare_partner_run, prepare_supplier_run
from .statements import make_leader_statements, make_statements
from .withdrawals import cancel_withdrawal, drop_withdrawal, retry_withdrawal, set_payee, withdraw

__all__ = [
    "approve_run",
    "ask_about_case",
    "ask_invoice",
    "book_commission",
    "book_goods",
    "cancel_withdrawal",
    "charge_funders",
    "close_books",
    "close_case",
    "compare_bill",
    "correct_case",
    "days_to_compare",
    "draft_contract",
    "drop_run",
    "drop_withdrawal",
    "end_contract",
    "end_rate",
    "execute_run",
    "explain_case",
    "grade_leaders",
    "issue_invoice",
    "load_goods_tax",
    "make_leader_statements",
    "make_statements",
    "mark_paid",
    "prepare_leader_run",
    "prepare_partner_run",
    "prepare_supplier_run",
    "preview_rate",
    "reconcile",
    "refuse_invoice",
    "refuse_line",
    "retry_withdrawal",
    "reverse_journal",
    "set_bank_account",
    "set_levels",
    "set_payee",
    "set_province",
    "set_rate",
    "settle_partners",
    "sign_contract",
    "take_case",
    "withdraw",
    "withdraw_balance",
]
