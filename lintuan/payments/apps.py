from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "lintuan.payments"
    label = "payments"

    def ready(self) -> None:
        from . import jobs_payouts  # noqa: F401
