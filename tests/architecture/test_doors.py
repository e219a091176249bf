"""A room is entered by its doors; what is private to it stays so."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from .source import ROOMS, Module, modules, planted

#: `intake` is the lane of ordering, whose face lies in `api`.
DOORS = {"types", "errors", "events", "queries", "commands", "engine", "intake"}
OPEN_TO_ALL = {"kernel"}
FACES = {"config", "api", "console", "pages", "sim", "standins"}


def test_other_rooms_are_entered_by_their_doors() -> None:
    assert entered_beside_a_door(modules()) == []


def test_an_engine_is_entered_by_its_own_room_and_the_rooms_above_only_through_names() -> None:
    assert private_names_of_engines(modules()) == []


def test_faces_are_imported_by_the_configuration_alone() -> None:
    assert imported_faces(modules()) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sourcing.commands.night", "from lintuan.ordering.models import Order"),
        ("sourcing.commands.night", "from lintuan.ordering import models"),
        ("sourcing.commands.night", "from lintuan import ordering"),
        ("sourcing.commands.night", "import lintuan.ordering.rules"),
        ("sourcing.commands.night", "def late() -> None:\n    from ...ordering.handlers import hear"),
        ("sourcing.jobs", "from ..ordering.rules import NEXT"),
        ("console.views.orders", "from lintuan.ordering.models import Order"),
    ],
)
def test_entering_beside_a_door_is_caught(name: str, text: str) -> None:
    assert entered_beside_a_door([planted(name, text)])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sourcing.jobs", "from lintuan.ordering.queries import order"),
        ("sourcing.jobs", "from .models import Lot"),
        ("sourcing.commands.night", "from ..rules import NEXT"),
        ("sourcing.jobs", "from lintuan.kernel.models import EventRecord"),
    ],
)
def test_doors_the_own_room_and_the_kernel_are_open(name: str, text: str) -> None:
    assert entered_beside_a_door([planted(name, text)]) == []


def test_a_private_name_of_an_engine_is_caught() -> None:
    offender = planted("ordering.rules", "from lintuan.pricing.engine.laws import _floor")

    assert private_names_of_engines([offender]) == ["ordering.rules imports pricing.engine.laws._floor"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ordering.jobs", "from lintuan.api.http import api"),
        ("console.show", "from lintuan.sim.city import City"),
        ("kernel.clock", "from ..config import settings"),
    ],
)
def test_an_imported_face_is_caught(name: str, text: str) -> None:
    assert imported_faces([planted(name, text)])


def entered_beside_a_door(found: Iterable[Module]) -> list[str]:
    return [
        f"{module.name} imports {name}"
        for module in found
        for name in module.imports()
        if (room := name.split(".")[0]) in ROOMS - OPEN_TO_ALL - FACES
        and room != module.room
        and [*name.split("."), ""][1] not in DOORS
    ]


def private_names_of_engines(found: Iterable[Module]) -> list[str]:
    return [
        f"{module.name} imports {name}"
        for module in found
        for name in module.imports()
        if ".engine" in name and any(part.startswith("_") for part in name.split("."))
    ]


def imported_faces(found: Iterable[Module]) -> list[str]:
    return [
        f"{module.name} imports {name}"
        for module in found
        for name in module.imports()
        if (room := name.split(".")[0]) in FACES - {"pages"} and module.room not in {room, "config"}
    ]
