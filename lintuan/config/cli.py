"""The command `lintuan`: run an installation, look after it, live a day in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from . import environment, processes
from .books import export, goods_tax
from .embedded import EmbeddedPostgresFault
from .environment import House, Ports

out = Console(highlight=False)

STATE = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default="var",
    envvar="LINTUAN_STATE",
    show_default=True,
    help="Folder of the installation's state.",
)
PORT = click.option("--port", default=environment.WEB_PORT, show_default=True, help="Where the site listens.")
ORDERS = click.option("--orders", default=6_000, show_default=True, help="Orders that neighbours intend to place.")
SEED = click.option("--seed", default=1, show_default=True, help="Decides everything the simulator draws.")
WORKERS = click.option("--workers", default=2, show_default=True, help="Web processes.")


@contextmanager
def faults_explained() -> Iterator[None]:
    """A database that cannot be had ends the command with a sentence instead of a traceback."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db.utils import OperationalError
    from psycopg import OperationalError as DriverError

    try:
        yield
    except (EmbeddedPostgresFault, ImproperlyConfigured) as fault:
        raise click.ClickException(f"{fault}\n`lintuan doctor` explains.") from fault
    except (OperationalError, DriverError) as fault:
        words = " ".join(str(fault).split())
        raise click.ClickException(f"The database cannot be used: {words}\n`lintuan doctor` explains.") from fault


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lintuan")
def main() -> None:
    """Lintuan (邻团): an open community e-commerce platform."""


@main.command()
@STATE
@PORT
@WORKERS
@click.option("--rehearsal", is_flag=True, help="With the stand-ins for payment and messages, and a clock to shift.")
@click.option("--detach", is_flag=True, help="Leave it running in the background.")
@faults_explained()
def up(state: Path, port: int, workers: int, rehearsal: bool, detach: bool) -> None:
    """Run everything on this machine: database, site, worker; stop with Ctrl-C or `lintuan down`."""
    house = House(state.resolve(), rehearsal)
    if processes.running_processes(house):
        raise click.ClickException(f"already running at {processes.address_of(house)}; `lintuan down` stops it")
    if house.clock_file.exists() and not rehearsal:
        raise click.ClickException(
            f"{house.state} holds a rehearsal, whose clock was shifted and whose money is not real; "
            "name another --state, or add --rehearsal"
        )
    if detach:
        start_detached(house, port=port, workers=workers)
    else:
        _run_in_foreground(house, port, workers)


@main.command()
@STATE
def down(state: Path) -> None:
    """Stop what `lintuan up` left running here."""
    house = House(state.resolve())
    running = processes.running_processes(house)
    if not running:
        out.print("Nothing of ours is running here.")
        return
    processes.stop(running)
    _wait(lambda: not processes.alive(running), seconds=30, what="the installation to stop")
    out.print("Stopped.")


@main.command()
@STATE
@PORT
@WORKERS
@ORDERS
@SEED
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write the day's figures there as JSON."
)
def demo(*, state: Path, port: int, workers: int, orders: int, seed: int, report: Path | None) -> None:
    """Start a rehearsal, live one day of Wuhan in it, and leave the site up."""
    house = House(state.resolve(), rehearsal=True)
    if not processes.running_processes(house):
        start_detached(house, port=port, workers=workers)
    _need_rehearsal(house)
    holds = _live(house, orders, seed, report)
    from .welcome import welcome

    welcome(out, processes.address_of(house), processes.stand_ins_of(house), REHEARSAL_PHONE)
    sys.exit(0 if holds else 1)


@main.command()
@STATE
@ORDERS
@SEED
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write the day's figures there as JSON."
)
def day(state: Path, orders: int, seed: int, report: Path | None) -> None:
    """Live one more day in a running rehearsal; exits with 1 if an invariant fails."""
    house = House(state.resolve(), rehearsal=True)
    _need_rehearsal(house)
    sys.exit(0 if _live(house, orders, seed, report) else 1)


def _need_rehearsal(house: House) -> None:
    if not processes.running_processes(house):
        raise click.ClickException(
            "no rehearsal is running here; `lintuan up --rehearsal` or `lintuan demo` starts one"
        )
    if not processes.stand_ins_of(house):
        raise click.ClickException("what runs here is no rehearsal; name another --state")


def _live(house: House, orders: int, seed: int, report: Path | None) -> bool:
    from lintuan.sim.day import DayPlan, live_a_day

    plan = DayPlan(
        site=processes.address_of(house),
        stand_ins=processes.stand_ins_of(house),
        staff_phone=REHEARSAL_PHONE,
        orders=orders,
        seed=seed,
    )
    lived = live_a_day(plan, out)
    if report:
        report.write_text(lived.as_json())
    return lived.holds


@main.command()
@click.option("--host", default="0.0.0.0", show_default=True)  # noqa: S104
@PORT
@WORKERS
def web(host: str, port: int, workers: int) -> None:
    """Run the web processes alone, as in production; DATABASE_URL names the database."""
    _need("DATABASE_URL", "LINTUAN_SECRET_KEY")
    processes.run_web(host, port, workers)


@main.command()
def worker() -> None:
    """Run one worker alone, as in production: consumers, duties, jobs."""
    _need("DATABASE_URL", "LINTUAN_SECRET_KEY")
    from .worker import main as work

    work()


@main.command()
@STATE
@faults_explained()
def migrate(state: Path) -> None:
    """Bring the database's tables up to this release."""
    with database_at_hand(House(state.resolve())):
        pass


@main.command()
@STATE
@faults_explained()
def replay(state: Path) -> None:
    """Bring parked events to their consumers again, once what stopped them is mended."""
    with database_at_hand(House(state.resolve())):
        from lintuan.kernel.delivery import replay_parked
        from lintuan.kernel.queries import parked_events

        out.print(f"{replay_parked()} taken, {parked_events()} still parked")


@main.group(invoke_without_command=True)
@STATE
@click.pass_context
def doctor(context: click.Context, state: Path) -> None:
    """Say what this installation has, what it lacks, and what to do about it."""
    if context.invoked_subcommand:
        return
    from .doctor import examine

    findings = examine(House(state.resolve()))
    for finding in findings:
        mark = "[green]ok[/]" if finding.is_fine else "[red]!![/]"
        out.print(f"{mark:>12} {finding.subject}: {finding.words}")
        if finding.remedy:
            out.print(f"       → {finding.remedy}")
    sys.exit(0 if all(finding.is_fine for finding in findings) else 1)


@doctor.command("payments")
@STATE
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
def doctor_payments(state: Path, as_json: bool) -> None:
    """Check the gateway's keys, clock and hosts, and our callback address: a few requests, no change."""
    from .doctor_payments import examine_payments, written

    findings = examine_payments(House(state.resolve()))
    out.print(written(findings, as_json=as_json), soft_wrap=True, markup=False)
    sys.exit(0 if all(finding.is_fine for finding in findings) else 1)


@main.command()
@STATE
@click.option("--phone", required=True, help="They sign in with a code sent to this phone.")
@click.option("--name", required=True)
@click.option("--right", "rights", multiple=True, help="A right such as ordering.read; all rights when left out.")
@click.option("--province", "provinces", type=int, multiple=True, help="Two-digit province; everywhere when left out.")
@faults_explained()
def staff(state: Path, phone: str, name: str, rights: tuple[str, ...], provinces: tuple[int, ...]) -> None:
    """Give a person rights; the first one of an installation is made like this."""
    with database_at_hand(House(state.resolve())):
        _add_staff(phone, name, rights, provinces)
    out.print(f"{name} may sign in with {phone}.")


def _add_staff(phone: str, name: str, rights: tuple[str, ...], provinces: tuple[int, ...]) -> None:
    from lintuan.kernel.callers import SYSTEM
    from lintuan.provinces.commands import add_staff
    from lintuan.provinces.types import ALL_RIGHTS

    add_staff(SYSTEM, phone=phone, name=name, rights=rights or ALL_RIGHTS, provinces=provinces)


main.add_command(export)
main.add_command(goods_tax)


@contextmanager
def database_at_hand(house: House) -> Iterator[None]:
    """The installation's database, up to this release, for a command that runs without a site."""
    with environment.database_of(house) as url:
        os.environ.update(environment.variables(house, Ports(environment.WEB_PORT, 0), url))
        prepare_database()
        yield


def prepare_database() -> None:
    """Migrate, and load the places of the country."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from lintuan.kernel.callers import SYSTEM
    from lintuan.provinces.commands import load_places

    load_places(SYSTEM)


def start_detached(house: House, *, port: int, workers: int) -> str:
    """Run `lintuan up` in the background and answer the site's address once it serves."""
    house.logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "lintuan.config.cli", "up", "--state", str(house.state), "--port", str(port)]
    command += ["--workers", str(workers), *(["--rehearsal"] if house.rehearsal else [])]
    with (house.logs / "up.log").open("ab") as log:
        since = log.tell()
        started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    from .doctor import answers

    with out.status("starting the database and the site"):
        _wait(
            lambda: (
                started.poll() is not None or (house.processes_file.exists() and answers(processes.address_of(house)))
            ),
            seconds=120,
            what="the site to answer",
        )
    if started.poll() is not None:
        words = (house.logs / "up.log").read_bytes()[since:].decode(errors="replace")
        raise click.ClickException(f"it ended at once:\n{words[-2000:]}")
    address = processes.address_of(house)
    out.print(f"Running at [bold]{address}[/]  (state in {house.state}, `lintuan down` stops it)")
    return address


def _run_in_foreground(house: House, port: int, workers: int) -> None:
    ports = Ports(environment.free_port(port), environment.free_port(environment.STAND_IN_PORT))
    is_embedded = not os.environ.get("DATABASE_URL")
    with environment.database_of(house) as url:
        found = environment.variables(house, ports, url)
        os.environ.update(found)
        prepare_database()
        if house.rehearsal:
            _prepare_rehearsal()
        family = processes.family(house, ports, found, workers=workers)
        if is_embedded:
            family.revive = lambda: environment.revived_database(house)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: family.stop())
        out.print(f"Lintuan at {found['LINTUAN_ADDRESS']} (Ctrl-C stops it)")
        family.run()


def _prepare_rehearsal() -> None:
    from lintuan.provinces.queries import staff_caller

    if staff_caller(REHEARSAL_PHONE) is None:
        _add_staff(REHEARSAL_PHONE, "演练值班 Rehearsal desk", (), ())


REHEARSAL_PHONE = "19000000001"


def _wait(is_so: object, *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise click.ClickException(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.1)


def _need(*names: str) -> None:
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise click.ClickException(f"set {', '.join(missing)}; docs/operating.md lists every variable")


if __name__ == "__main__":
    main()
