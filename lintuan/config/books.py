"""The commands about the books: files of them, and the tax on goods."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from lintuan.settlement.types import Form, Table, Wish

_DAY = click.DateTime(["%Y-%m-%d"])
_STATE = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default="var",
    envvar="LINTUAN_STATE",
    show_default=True,
    help="Folder of the installation's state.",
)
_PROVINCE = click.option("--province", type=int, required=True, help="Two-digit province.")


@click.command()
@_STATE
@_PROVINCE
@click.option("--what", type=click.Choice([table.value for table in Table]), required=True)
@click.option("--from", "since", type=_DAY, help="The first day; from the beginning when left out.")
@click.option("--until", type=_DAY, help="The last day; up to now when left out.")
@click.option("--format", "form", type=click.Choice([form.value for form in Form]), default="csv", show_default=True)
@click.option("--names", is_flag=True, help="Names of people and titles of invoices whole, not masked.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
def export(**asked: object) -> None:
    """Write the books, statements, commission, cases or invoices to a file."""
    out = asked["out"]
    assert isinstance(out, Path)
    wish = Wish(
        table=Table(str(asked["what"])), form=Form(str(asked["form"])),
        since=_day(asked["since"]), until=_day(asked["until"]), names=bool(asked["names"]),
    )  # fmt: skip
    state, province_id = asked["state"], asked["province"]
    assert isinstance(state, Path)
    assert isinstance(province_id, int)
    told = _write(state, province_id, wish, out)
    click.echo(f"{out}: {told}")


@click.command("goods-tax")
@_STATE
@_PROVINCE
@click.option("--file", "source", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
def goods_tax(state: Path, province: int, source: Path) -> None:
    """Take over tax codes and rates of products from CSV: product_code,tax_code,since,rate."""
    from lintuan.kernel.errors import Refusal

    from .cli import database_at_hand, faults_explained
    from .environment import House

    with faults_explained(), database_at_hand(House(state.resolve())):
        from lintuan.kernel.callers import SYSTEM
        from lintuan.settlement.commands import load_goods_tax

        try:
            lines = load_goods_tax(SYSTEM, province_id=province, text=source.read_text(encoding="utf-8"))
        except Refusal as refusal:
            raise click.ClickException(refusal.message("en")) from None
    click.echo(f"{lines} lines")


def _write(state: Path, province_id: int, wish: Wish, out: Path) -> str:
    """Write beside the file and put it in its place once it is whole."""
    from lintuan.kernel.errors import Refusal

    from .cli import database_at_hand, faults_explained
    from .environment import House

    with faults_explained(), database_at_hand(House(state.resolve())):
        from lintuan.kernel.callers import SYSTEM
        from lintuan.settlement.queries import write_export

        with NamedTemporaryFile(dir=out.resolve().parent, prefix=f".{out.name}.", delete=False) as file:
            beside = Path(file.name)
            try:
                told = write_export(SYSTEM, file, province_id=province_id, wish=wish)  # type: ignore[arg-type]
            except Refusal as refusal:
                beside.unlink()
                raise click.ClickException(refusal.message("en")) from None
            except BaseException:
                beside.unlink()
                raise
        os.replace(beside, out)
    return f"{told.rows} rows, {told.amount}"


def _day(asked: object) -> date | None:
    return asked.date() if isinstance(asked, datetime) else None
