"""What of a photo is kept, whose it is, and for how long."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.engine.photos import JPEG, PNG, WEBP, TooWide, Unreadable, picture
from lintuan.fulfilment.errors import PhotoTooWide, TooManyPhotos
from lintuan.fulfilment.models import Claim, Photo
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.errors import Forbidden, NotFound
from lintuan.members.commands import forget_member
from tests.make import fulfilment, leaders, members, ordering, photos, pricing
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI, province


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (photos.a_jpeg(), JPEG),
        (photos.a_jpeg() + photos.a_jpeg(), JPEG),
        (photos.a_jpeg() + photos.SECRET + b"\xff\xd9", JPEG),
        (photos.a_jpeg(scans=3), JPEG),
        (photos.a_png(), PNG),
        (photos.a_png() + photos.a_jpeg(), PNG),
        (photos.a_webp(), WEBP),
        (photos.a_webp() + photos.a_jpeg(), WEBP),
        (photos.a_webp_in_motion(), WEBP),
        (photos.a_webp_without_loss(4, 3), WEBP),
    ],
)
def test_a_picture_says_nothing_but_itself(content, media):
    found = picture(content)

    assert found.media == media
    assert photos.SECRET not in found.body
    assert picture(found.body) == found


def test_what_a_picture_needs_to_be_shown_stays():
    assert b"ICC_PROFILE\0\x01\x01colours" in picture(photos.a_jpeg()).body
    assert picture(photos.a_jpeg()).body.endswith(b"a\xff\0\xff\xd0scan\xff\xd9")
    assert picture(photos.a_jpeg(scans=3)).body.count(b"scan") == 3
    assert picture(photos.a_jpeg(scans=3)).body.count(b"table") == 2
    assert b"IDAT" in picture(photos.a_png()).body
    webp = picture(photos.a_webp()).body
    assert struct.unpack_from("<I", webp, 4) == (len(webp) - 8,)
    assert webp[20] == 0, "it no longer promises EXIF and XMP"
    assert photos.vp8(4, 3) in webp
    assert photos.vp8l(4, 3) in picture(photos.a_webp_in_motion()).body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg/>",
        b"\xff\xd8\xff",
        photos.a_jpeg()[:60],
        photos.a_jpeg().replace(b"\xff\xd9", b""),
        photos.a_jpeg().replace(b"\xff\xda", b"\xff\xd9"),
        photos.a_jpeg().replace(b"\xff\xc2", b"\xff\xc4"),
        photos.a_jpeg(0, 480),
        photos.a_png().replace(b"IHDR", b"IHDX"),
        photos.a_png()[:8] + photos.a_png()[33:],
        photos.a_png()[:33] + photos.a_png()[8:],
        photos.a_png()[:40],
        photos.a_png().replace(b"IDAT", b"IDAX"),
        photos.a_webp()[:30],
        b"RIFF\4\0\0\0WEBP",
    ],
)
def test_half_a_picture_is_none(content):
    with pytest.raises(Unreadable):
        picture(content)


@pytest.mark.parametrize(
    "content",
    [
        photos.a_jpeg(60_000, 60_000),
        photos.a_png(60_000, 60_000),
        photos.a_png(2**31, 1),
        photos.a_webp(16_383, 16_383),
        photos.a_webp(canvas=(2**24, 2**24)),
        photos.a_webp_without_loss(16_384, 16_384),
    ],
)
def test_a_picture_that_would_unfold_without_end_is_refused(content):
    with pytest.raises(TooWide):
        picture(content)


@pytest.mark.parametrize(
    "content", [photos.a_jpeg(8000, 5000), photos.a_png(8000, 5000), photos.a_webp(8000, 5000, canvas=(8000, 5000))]
)
def test_a_large_picture_is_taken(content):
    assert picture(content).body


ALL = [photos.a_jpeg(scans=2), photos.a_png(), photos.a_webp(), photos.a_webp_in_motion()]


@given(st.sampled_from(ALL), st.data())
def test_no_bytes_are_more_than_it_can_bear(content, data):
    """Whatever is changed, it is a picture or it is refused."""
    place = data.draw(st.integers(0, len(content) - 1))
    changed = content[:place] + data.draw(st.binary(max_size=4)) + content[place + data.draw(st.integers(0, 4)) :]
    try:
        found = picture(changed)
    except (Unreadable, TooWide):
        return
    assert len(found.body) <= len(changed) + 1


@pytest.fixture
def order(db, clock_at):
    clock_at(EVENING)
    return fulfilment.collected_order(clock_at, (pricing.offer(599), 3))


def keep(caller) -> str:
    return commands.keep_photo(caller, province_id=HUBEI, content=photos.a_jpeg())


def test_how_large_a_picture_may_unfold_is_said(order):
    with pytest.raises(PhotoTooWide) as refused:
        commands.keep_photo(ordering.buyer_of(order), province_id=HUBEI, content=photos.a_png(60_000, 60_000))

    assert refused.value.facts == {"most": 40}


def test_a_claim_has_the_photos_it_names(order):
    member = ordering.buyer_of(order)
    first, second = keep(member), keep(member)

    fulfilment.claim(order, photos=(first, second))

    (claim,) = queries.claims_of_member(member)
    assert claim.photos == (first, second)
    assert queries.photo(HUBEI, first).media == JPEG


def test_photos_of_others_used_ones_and_too_many_are_refused(order):
    member = ordering.buyer_of(order)
    used = keep(member)
    fulfilment.claim(order, photos=(used,))

    for wrong in ((keep(members.member()),), (used,), ("unknown",)):
        with pytest.raises(NotFound, match="photo"):
            fulfilment.claim(order, photos=wrong)
    with pytest.raises(TooManyPhotos):
        fulfilment.claim(order, photos=tuple(keep(member) for _ in range(4)))
    assert Claim.objects.filter(province_id=HUBEI).count() == 1


def test_a_photo_is_kept_once_under_a_key(order):
    member = ordering.buyer_of(order)
    about = {"province_id": HUBEI, "content": photos.a_jpeg(), "key": "again"}

    assert commands.keep_photo(member, **about) == commands.keep_photo(member, **about)
    assert Photo.objects.filter(province_id=HUBEI).count() == 1


def test_a_stranger_keeps_no_photo(order):
    with pytest.raises(Forbidden):
        commands.keep_photo(members.member(), province_id=HUBEI + 1, content=photos.a_jpeg())
    with pytest.raises(Forbidden):
        commands.drop_photos(leaders.leader_of(leaders.point()), province_id=HUBEI)


def test_unused_photos_go_after_a_day_and_all_after_half_a_year(order, clock_at):
    member = ordering.buyer_of(order)
    used, unused = keep(member), keep(member)
    fulfilment.claim(order, photos=(used,))

    clock_at("2026-11-22T17:00+08:00")
    assert commands.drop_photos(SYSTEM, province_id=HUBEI) == 0
    clock_at("2026-11-22T19:00+08:00")
    assert commands.drop_photos(SYSTEM, province_id=HUBEI) == 1
    with pytest.raises(NotFound):
        queries.photo(HUBEI, unused)
    clock_at("2027-06-01T00:00+08:00")
    assert commands.drop_photos(SYSTEM, province_id=HUBEI) == 1
    with pytest.raises(NotFound):
        queries.photo(HUBEI, used)


def test_whoever_is_forgotten_leaves_no_pictures(order):
    member, other = ordering.buyer_of(order), members.member()
    fulfilment.claim(order, photos=(keep(member),))
    kept = keep(other)

    forget_member(member, province_id=HUBEI, member_id=member.id)
    catch_up(Horizon.OWN)

    assert list(Photo.objects.filter(province_id=HUBEI).values_list("key", flat=True)) == [kept]
    assert Claim.objects.filter(province_id=HUBEI).count() == 1
    assert province(HUBEI)


def test_whoever_is_forgotten_sends_no_more_pictures_and_claims(order):
    """Their access token is good for some hours yet."""
    member = ordering.buyer_of(order)
    forget_member(member, province_id=HUBEI, member_id=member.id)
    catch_up(Horizon.OWN)

    with pytest.raises(NotFound, match="member"):
        keep(member)
    with pytest.raises(NotFound, match="member"):
        fulfilment.claim(order)
    assert not Photo.objects.filter(province_id=HUBEI).exists()
    assert not Claim.objects.filter(province_id=HUBEI).exists()


def test_a_picture_that_came_while_its_member_was_forgotten_goes_too(order):
    member, leader = ordering.buyer_of(order), leaders.leader_of(leaders.point())
    fulfilment.claim(order, photos=(keep(member),))
    of_a_leader, of_another = keep(leader), keep(members.member())
    forget_member(member, province_id=HUBEI, member_id=member.id)

    assert commands.drop_photos(SYSTEM, province_id=HUBEI) == 1

    left = Photo.objects.filter(province_id=HUBEI).values_list("key", flat=True)
    assert set(left) == {of_a_leader, of_another}
