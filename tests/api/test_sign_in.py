from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lintuan.kernel.callers import SYSTEM
from lintuan.members.commands import forget_member
from lintuan.members.models import Member
from lintuan.members.types import NOTICE_VERSION
from lintuan.provinces.commands import add_staff
from tests.make import leaders, members, provinces
from tests.make.http import Api
from tests.make.phones import Phones, open_phones, silent_gateway
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phones]:
    with open_phones(tmp_path_factory.mktemp("phones")) as phones:
        yield phones


def sign_in(phones: Phones, phone: str, **wish: object) -> tuple[int, dict[str, object]]:
    assert Api().post("/sign-in/codes", {"phone": phone}) == (204, None)
    body = {"phone": phone, "code": phones.code_on(phone), "province_id": HUBEI, **wish}
    return Api().post("/sign-in", body)


def bearer(access: object) -> Api:
    api = Api()
    api._headers["Authorization"] = f"Bearer {access}"
    return api


def test_a_neighbour_signs_in_by_phone_and_reads_who_they_are(phones: Phones) -> None:
    provinces.province()
    phone = members.phone()

    status, answer = sign_in(phones, phone, name="李雷", consent_version="2026-11")

    assert status == 200
    caller = answer["caller"]
    assert isinstance(caller, dict)
    assert (caller["kind"], caller["name"], caller["province_id"]) == ("member", "李雷", HUBEI)
    assert caller["phone"] == f"{phone[:3]}****{phone[-4:]}"
    status, me = bearer(answer["access"]).get("/me")
    assert (status, me["id"], me["point"]) == (200, caller["id"], None)
    assert bearer(answer["access"]).get("/me/export")[1]["consents"][0]["version"] == "2026-11"


def test_a_client_may_say_what_it_calls_itself(phones: Phones) -> None:
    provinces.province()

    status, answer = sign_in(phones, members.phone(), consent_version=NOTICE_VERSION, device="4f1d9a7c0b3e58d2")
    _, silent = sign_in(phones, members.phone(), consent_version=NOTICE_VERSION)

    assert status == 200
    assert len(bearer(answer["access"]).get("/me/export")[1]["devices"]) == 1
    assert bearer(silent["access"]).get("/me/export")[1]["devices"] == []
    assert sign_in(phones, members.phone(), device="x" * 65)[0] == 422


def test_leaders_and_staff_sign_in_with_the_phone_they_are_registered_with(phones: Phones) -> None:
    leader_phone, staff_phone = members.phone(), members.phone()
    leaders.point(leader_phone=leader_phone, leader_name="张姐")
    provinces.staff("ordering.read", phone=staff_phone, provinces=(HUBEI,))

    _, leader = sign_in(phones, leader_phone, role="leader")
    _, staff = sign_in(phones, staff_phone, role="staff", province_id=None)

    status, me = bearer(leader["access"]).get("/me")
    assert (status, me["kind"], me["name"], len(me["points"])) == (200, "leader", "张姐", 1)
    status, me = bearer(staff["access"]).get("/me")
    assert (status, me["kind"], me["rights"], me["provinces"]) == (200, "staff", ["ordering.read"], [HUBEI])
    assert me["province_id"] is None


@pytest.mark.parametrize("role", ["leader", "supplier", "staff"])
def test_a_phone_without_the_role_is_told_so_only_after_it_is_proved(phones: Phones, role: str) -> None:
    provinces.province()

    status, problem = sign_in(phones, members.phone(), role=role)

    assert (status, problem["code"]) == (403, "role_not_held")
    assert not Member.objects.exists()


def test_a_wrong_code_signs_nobody_in_and_says_how_many_tries_are_left(phones: Phones) -> None:
    provinces.province()
    phone = members.phone()
    Api().post("/sign-in/codes", {"phone": phone})
    wrong = f"{(int(phones.code_on(phone)) + 1) % 1_000_000:06d}"

    status, problem = Api(language="zh-hans").post("/sign-in", {"phone": phone, "code": wrong, "province_id": HUBEI})

    assert (status, problem["code"], problem["facts"]) == (401, "code_wrong", {"left": 4})
    assert problem["title"] == "验证码错误，还可以尝试 4 次。"
    assert not Member.objects.exists()


def test_asking_twice_within_a_minute_is_too_often(phones: Phones) -> None:
    phone = members.phone()
    Api().post("/sign-in/codes", {"phone": phone})

    status, problem = Api().post("/sign-in/codes", {"phone": phone})

    assert (status, problem["code"]) == (429, "too_many")
    assert 0 < problem["facts"]["seconds"] <= 60


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"phone": 13800008000}, 422),
        ({"phone": "12345"}, 422),
        ({"phone": "1" * 21}, 422),
        ([], 422),
    ],
)
def test_malformed_requests_for_a_code_are_refused(body: object, status: int) -> None:
    assert Api().post("/sign-in/codes", body)[0] == status


def test_a_member_names_the_province_and_a_known_role(phones: Phones) -> None:
    for wish in ({"province_id": None}, {"province_id": 7}, {"role": "boss"}):
        assert sign_in(phones, members.phone(), **wish)[0] == 422
    assert sign_in(phones, members.phone(), province_id=11)[0] == 404


def test_a_gateway_that_is_down_is_said(tmp_path: Path) -> None:
    with silent_gateway(tmp_path):
        status, problem = Api().post("/sign-in/codes", {"phone": members.phone()})

    assert (status, problem["code"]) == (503, "unavailable")


def test_a_session_is_refreshed_until_it_is_signed_out(phones: Phones) -> None:
    provinces.province()
    _, first = sign_in(phones, members.phone())

    status, second = Api().post("/sign-in/refresh", {"refresh": first["refresh"]})
    assert (status, second["caller"]) == (200, first["caller"])
    assert bearer(second["access"]).get("/me")[0] == 200
    assert Api().post("/sign-out", {"refresh": second["refresh"]}) == (204, None)

    assert Api().post("/sign-in/refresh", {"refresh": second["refresh"]})[0] == 401


def test_refreshing_gives_staff_the_rights_they_hold_now_and_none_once_they_are_out(phones: Phones) -> None:
    phone = members.phone()
    provinces.staff("ordering.read", "catalog.edit", phone=phone)
    _, first = sign_in(phones, phone, role="staff")

    add_staff(SYSTEM, phone=phone, name="周敏", rights=("catalog.edit",))
    _, second = Api().post("/sign-in/refresh", {"refresh": first["refresh"]})
    assert bearer(second["access"]).get("/me")[1]["rights"] == ["catalog.edit"]
    add_staff(SYSTEM, phone=phone, name="周敏", rights=())

    assert Api().post("/sign-in/refresh", {"refresh": second["refresh"]})[0] == 401


def test_a_forgotten_member_cannot_refresh(phones: Phones) -> None:
    neighbour = members.member(phone_number="13700000001")
    _, answer = sign_in(phones, "13700000001")

    forget_member(neighbour, province_id=HUBEI, member_id=neighbour.id)

    assert Api().post("/sign-in/refresh", {"refresh": answer["refresh"]})[0] == 401
    assert bearer(answer["access"]).get("/me")[0] == 404


@pytest.mark.parametrize("access", ["", "x", "WyJzdGFmZiIsMV0:forged", "null"])
def test_a_forged_access_token_is_no_sign_in(access: str) -> None:
    status, problem = bearer(access).get("/me")

    assert (status, problem["code"]) == (401, "sign_in_needed")


@pytest.mark.django_db
def test_a_right_that_was_taken_away_is_gone_before_the_token_ends() -> None:
    provinces.province()
    desk = Api(provinces.staff("ordering.read", phone="13900000007"))
    assert desk.get("/orders/recent", province_id=HUBEI)[0] == 200

    add_staff(SYSTEM, phone="13900000007", name="李雷", rights=("fulfilment.sort",), provinces=())
    assert desk.get("/orders/recent", province_id=HUBEI)[0] == 403

    add_staff(SYSTEM, phone="13900000007", name="李雷", rights=(), provinces=())
    assert desk.get("/orders/recent", province_id=HUBEI)[0] == 401
