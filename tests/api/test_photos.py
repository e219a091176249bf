"""Photos over HTTP: sent by those who may need them, seen by an address that was given out."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lintuan.fulfilment.models import Photo
from lintuan.fulfilment.types import LARGEST_PHOTO
from tests.make import fulfilment, leaders, members, ordering, photos, pricing, provinces
from tests.make.http import CLIENT, Api
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _evening(clock_at) -> None:
    clock_at(EVENING)


def send(caller=None, content: bytes | None = None, **more: str):
    file = SimpleUploadedFile("a.jpg", photos.a_jpeg() if content is None else content, content_type="text/html")
    headers = (Api(caller) if caller else Api())._headers | more
    answer = CLIENT.post("/api/v1/photos", {"photo": file}, headers=headers)
    return answer.status_code, json.loads(answer.content)


def test_a_photo_is_seen_by_its_address_without_what_the_camera_said(clock_at):
    status, kept = send(members.member())

    seen = CLIENT.get(kept["address"])

    assert (status, seen.status_code, seen["Content-Type"]) == (201, 200, "image/jpeg")
    assert seen.content.startswith(b"\xff\xd8")
    assert photos.SECRET not in seen.content
    assert seen["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert seen["X-Content-Type-Options"] == "nosniff"
    clock_at("2026-11-20T23:30+08:00")
    assert CLIENT.get(kept["address"]).status_code == 404


def test_an_address_cannot_be_made_up():
    _, kept = send(members.member())
    path, _, query = kept["address"].partition("?")

    for forged in (path, f"{path}x?{query}", kept["address"].replace("until=1", "until=2"), f"{path}?until=1&proof=x"):
        assert CLIENT.get(forged).status_code in (404, 422), forged


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<script>alert(1)</script>", 422, "photo_unreadable"),
        (b"", 422, None),
        (photos.a_png(60_000, 60_000), 422, "photo_too_wide"),
        (b"\xff\xd8\xff" + b"\0" * LARGEST_PHOTO, 413, "photo_too_large"),
    ],
)
def test_what_is_no_photo_is_refused(content, status, code):
    answer = send(members.member(), content)

    assert answer[0] == status
    assert code in (None, answer[1]["code"])
    assert not Photo.objects.filter(province_id=HUBEI).exists()


def test_only_those_who_may_need_them_send_photos():
    provinces.province()

    assert send()[0] == 401
    assert send(provinces.staff())[0] == 403
    assert send(leaders.leader_of(leaders.point()))[0] == 201


def test_nobody_sends_photos_without_end():
    member = members.member()

    answers = [send(member) for _ in range(21)]

    assert [status for status, _ in answers] == [201] * 20 + [409]
    assert answers[-1][1]["code"] == "photos_waiting"
    assert send(members.member())[0] == 201


def test_a_photo_sent_again_under_its_key_is_kept_once():
    member = members.member()

    first, again = (send(member, **{"Idempotency-Key": "once"}) for _ in range(2))

    assert first == again
    assert Photo.objects.filter(province_id=HUBEI).count() == 1
    assert send(member, photos.a_png(), **{"Idempotency-Key": "once"})[1]["code"] == "key_reused"


def part(name: str, *more: str) -> str:
    head = "\r\n".join([f'Content-Disposition: form-data; name="{name}"', *more])
    return f"--b\r\n{head}\r\n\r\nx!\r\n"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data", part("photo"), 422),
        ("multipart/form-data; boundary=b", part("photo", "Content-Transfer-Encoding: base64"), 422),
        ("multipart/form-data; boundary=b", part('photo"; filename="a', "Content-Transfer-Encoding: base64"), 422),
        ("multipart/form-data; boundary=b", part('photo"; filename="a') * 101, 413),
        ("multipart/form-data; boundary=b", part("photo") * 1101, 413),
    ],
)
def test_parts_that_cannot_be_told_apart_are_refused(kind, body, status, caplog):
    content = f"{body}--b--\r\n".encode()

    answer = CLIENT.post("/api/v1/photos", content, content_type=kind, headers=Api(members.member())._headers)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_staff_see_the_photos_of_a_claim(clock_at):
    order = fulfilment.collected_order(clock_at, (pricing.offer(9900), 3))
    member = ordering.buyer_of(order)
    keys = tuple(send(member)[1]["key"] for _ in range(2))
    claim_id = fulfilment.claim(order, quantity=3, photos=keys)

    _, listed = Api(provinces.staff()).get("/claims", province_id=HUBEI, state="open")

    (claim,) = listed["claims"]
    assert claim_id
    assert len(claim["photos"]) == 2
    assert {CLIENT.get(address).status_code for address in claim["photos"]} == {200}
