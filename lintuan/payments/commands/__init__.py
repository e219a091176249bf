"""Open charges, have them paid, pay back or credit, pay out, hear the gateway."""

from .attempts import pay_parameters
from .bills import days_to_read, keep_bill, read_bill, read_bills
from .charges import close_charge, close_charges, open_charge, reprice_charge
from .crediting import credit_refund
from .notices import Letter, ask_channel, hear_notice, hear_notices
from .payouts import cancel_payout, hear_payout, pay_out, pay_out_many, retry_payout
from .preferences import prefer_providers
from .refunds import refund, refund_many, retry_refund
from .shipping import tell_shipped

__all__ = [
    "Letter",
    "ask_channel",
    "cancel_payout",
    "close_charge",
    "close_charges",
    "credit_refund",
    "days_to_read",
    "hear_notice",
    "hear_notices",
    "hear_payout",
    "keep_bill",
    "open_charge",
    "pay_out",
    "pay_out_many",
    "pay_parameters",
    "prefer_providers",
    "read_bill",
    "read_bills",
    "refund",
    "refund_many",
    "reprice_charge",
    "retry_payout",
    "retry_refund",
    "tell_shipped",
]
