"""Open charges, have them paid, pay back, hear the gateway."""

from .charges import close_charge, close_charges, open_charge, pay_parameters, reprice_charge
from .notices import Letter, hear_notice, hear_notices
from .refunds import refund, refund_many, retry_refund

__all__ = [
    "Letter",
    "close_charge",
    "close_charges",
    "hear_notice",
    "hear_notices",
    "open_charge",
    "pay_parameters",
    "refund",
    "refund_many",
    "reprice_charge",
    "retry_refund",
]
