"""What the command says when something is wrong, and how an installation heals."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from lintuan.config import embedded, processes
from lintuan.config.doctor import Finding, answers, examine
from lintuan.config.environment import House, free_port
from tests.config.test_installation import lintuan, until
from tests.databases import fresh_database

pytestmark = pytest.mark.journey
VAR = Path(__file__).parents[2] / "var"
ADDRESSES = {"closed": "postgresql://nobody:secret@127.0.0.1:1/nothing", "malformed": "postgresql://li:secret@[db/x"}


@pytest.fixture(scope="module")
def bare() -> Mapping[str, str]:
    """An environment without a word about Lintuan."""
    return {name: value for name, value in os.environ.items() if name[:8] not in {"LINTUAN_", "DATABASE"}}


@pytest.fixture
def migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house whose database is up to date; DATABASE_URL names it."""
    with fresh_database() as environment:
        done = lintuan("migrate", state=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        monkeypatch.setenv("DATABASE_URL", environment["DATABASE_URL"])
        yield House(tmp_path)


@pytest.fixture(scope="module")
def own_server(bare: Mapping[str, str]) -> Iterator[House]:
    """An installation with an embedded server, where the account that runs PostgreSQL can enter."""
    VAR.mkdir(exist_ok=True)
    house = House(Path(tempfile.mkdtemp(prefix="tests-", dir=VAR)))
    house.state.chmod(0o755)
    words = ["up", "--detach", "--port", str(free_port(0)), "--workers", "1"]
    started = lintuan(*words, state=house.state, environment=bare)
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        yield house
    finally:
        lintuan("down", state=house.state, environment=bare)
        place = embedded.status(house.state / "postgres").directory
        embedded.stop(house.state / "postgres")
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(house.state)


def found(house: House) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine(house)}


def test_a_killed_database_comes_back(own_server: House) -> None:
    place = own_server.state / "postgres"
    before = embedded.status(place)
    assert before.pid is not None

    os.kill(before.pid, signal.SIGKILL)

    until(lambda: embedded.status(place).state == "running" and embedded.status(place).pid != before.pid)
    until(lambda: answers(processes.address_of(own_server)))


@pytest.mark.parametrize("words", [["up"], ["migrate"], ["staff", "--phone", "19000000002", "--name", "Li"]])
@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_database_that_cannot_be_had_is_one_clear_sentence(
    tmp_path: Path, bare: Mapping[str, str], words: list[str], kind: str
) -> None:
    environment = {**bare, "DATABASE_URL": ADDRESSES[kind]}

    refused = lintuan(*words, state=tmp_path, environment=environment)

    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "lintuan doctor` explains" in refused.stderr
    assert "secret" not in refused.stderr


def test_the_doctor_recognises_a_malformed_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", ADDRESSES["malformed"])

    database = found(House(tmp_path))["database"]

    assert not database.is_fine
    assert database.words == "DATABASE_URL is malformed"


def test_real_trade_in_a_rehearsals_folder_is_refused(tmp_path: Path, bare: Mapping[str, str]) -> None:
    House(tmp_path).clock_file.write_text("{}")

    refused = lintuan("up", state=tmp_path, environment=bare)

    assert refused.returncode == 1
    assert "holds a rehearsal" in refused.stderr
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize("command", ["demo", "day"])
def test_a_day_is_not_lived_where_trade_is_real(own_server: House, bare: Mapping[str, str], command: str) -> None:
    refused = lintuan(command, state=own_server.state, environment=bare)

    assert refused.returncode == 1
    assert "is no rehearsal" in refused.stderr


def test_children_are_told_when_the_database_moved(tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = f"import os, time; open({str(told)!r}, 'w').write(os.environ['DATABASE_URL']); time.sleep(60)"
    child = processes.Child("lintuan child", [sys.executable, "-c", script])
    addresses = ["postgresql://127.0.0.1:2/lintuan", "postgresql://127.0.0.1:1/lintuan"]
    environment = {"DATABASE_URL": addresses[1], "LINTUAN_ADDRESS": "http://127.0.0.1:1"}
    house = House(tmp_path)
    children = processes.Children([child], environment, house.logs)
    family = processes.Family(house, children, revive=lambda: addresses[-1])
    running = threading.Thread(target=family.run)
    running.start()
    try:
        until(lambda: told.exists() and told.read_text() == addresses[1])

        addresses.pop()

        until(lambda: told.read_text() == addresses[0])
    finally:
        family.stop()
        running.join(timeout=30)
    assert not House(tmp_path).processes_file.exists()


def test_the_doctor_misses_the_secret_key_and_the_gateways_of_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", ADDRESSES["closed"])
    monkeypatch.delenv("LINTUAN_SECRET_KEY", raising=False)
    monkeypatch.delenv("LINTUAN_GATEWAY_KEYS", raising=False)

    findings = found(House(tmp_path))

    assert "LINTUAN_SECRET_KEY" in findings["secret key"].remedy
    assert "LINTUAN_GATEWAY_KEYS" in findings["gateways"].remedy


@pytest.mark.parametrize(
    ("written", "words"), [(None, "cannot be read"), ("{", "is not JSON"), ('{"messages": {}}', "lacks wechatpay")]
)
def test_the_doctor_reads_the_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str | None, words: str
) -> None:
    manifest = tmp_path / "manifest.json"
    if written is not None:
        manifest.write_text(written)
    monkeypatch.setenv("LINTUAN_GATEWAY_KEYS", str(manifest))

    gateways = found(House(tmp_path))["gateways"]

    assert not gateways.is_fine
    assert words in gateways.words


def test_the_doctor_sees_a_database_behind_and_what_the_worker_could_not_do(migrated: House) -> None:
    assert found(migrated)["tables"].is_fine
    assert found(migrated)["parked events"].is_fine

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'ordering'")
        connection.execute(
            "INSERT INTO kernel_parkedevent (consumer, event_id, province_id, name, body, reason, at)"
            " VALUES ('apples', 1, 42, 'picked', '{}', 'a worm', now())"
        )
        connection.execute(
            "INSERT INTO kernel_dutyrun (id, province_id, sale_on, duty, state, attempts, due_at, started_at,"
            " finished_at, took_ms, note) VALUES"
            " (1, 42, '2026-11-20', 'weigh', 'failed', 1, now(), now(), now(), 1, '')"
        )

    findings = found(migrated)
    assert "ordering." in findings["tables"].words
    assert findings["parked events"].words == "1"
    assert findings["failed duties"].words == "1"
