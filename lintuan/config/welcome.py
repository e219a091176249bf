"""Where to look once the demo is up."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table


def welcome(out: Console, site: str, stand_ins: str, staff_phone: str) -> None:
    """Print the addresses, and who may sign in with which phone."""
    table = Table(title="The site is up", title_justify="left", show_header=False)
    rows = {
        "neighbours and leaders": f"{site}/ (best in a phone's width; docs/client.md has the mini-programs)",
        "staff and suppliers": f"{site}/console/",
        "the API": f"{site}/api/v1/docs",
        "every phone's messages": f"{stand_ins}/messages",
        "sign in as staff": staff_phone,
        "as a leader": "19000001001",
        "as a supplier": "19000002001",
        "as a neighbour": "any number; the code is among the messages",
        "stop it": "make down",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    out.print(table)
