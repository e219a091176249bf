"""Open charges, have them paid, pay back, hear the gateway."""

from .attempts import pay_parameters
from .charges import close_charge, close_charges, open_charge, reprice_charge
from .notices import Letter, hear_notice, hear_notices
from .preferences import prefer_providers
from .refunds import refund, refund_many, retry_refund

__all__ = [
    "Letter",
    "close_charge",
    "close_charges",
    "hear_notice",
    "hear_notices",
    "open_charge",
    "pay_parameters",
    "prefer_providers",
    "refund",
    "refund_many",
    "reprice_charge",
    "retry_refund",
]
