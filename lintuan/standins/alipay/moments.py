from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
FORM = "%Y-%m-%d %H:%M:%S"


def now() -> str:
    """As Alipay writes it: the time in Beijing, without its zone."""
    return datetime.now(BEIJING).strftime(FORM)


def ago(span: timedelta) -> str:
    return (datetime.now(BEIJING) - span).strftime(FORM)
