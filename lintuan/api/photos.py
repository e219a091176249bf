"""Photos of goods that are not right: sent before they are named in a claim or a count, seen by whom they concern."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Field, File, Query, Router, Schema, Status
from ninja.files import UploadedFile

from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.types import LARGEST_PHOTO
from lintuan.pages.addresses import photo_address, read_photo_address

from .http import caller_of, key_of

router = Router(tags=["photos"])

#: A photo is never a page of its own, whatever its bytes say.
LOCKED = "default-src 'none'; sandbox"


class Kept(Schema):
    key: str = Field(description="to name it by", examples=["kW3n0s6YqkX7m0h8c3Zr1s"])
    address: str = Field(description="where it is to be seen for some hours", examples=["/api/v1/photos/..."])


class Signed(Schema):
    until: int = Field(ge=0, le=10**11, examples=[1795399200])
    proof: str = Field(max_length=100, examples=["oR9d8PuhnIc"])


@router.post("/photos", response={201: Kept}, summary="Send a photo, to be named in a claim or a count")
def send(request: HttpRequest, photo: File[UploadedFile]) -> Status[Kept]:
    """JPEG, PNG or WebP. What the camera wrote about place and device is cut out. Unused, it is gone after a day."""
    caller = caller_of(request)
    key = commands.keep_photo(
        caller, province_id=caller.province_id, content=photo.read(LARGEST_PHOTO + 1), key=key_of(request)
    )
    return Status(201, Kept(key=key, address=photo_address(caller.province_id, key)))


@router.get("/photos/{name}", auth=None, response={200: None}, summary="A photo, by an address that was given out")
def show(request: HttpRequest, name: str, signed: Query[Signed]) -> HttpResponse:
    """The address says by itself that it was given to somebody it concerns, and until when."""
    found = queries.photo(*read_photo_address(name, signed.until, signed.proof))
    response = HttpResponse(found.body, content_type=found.media)
    response["Cache-Control"] = "private, max-age=3600, immutable"
    response["Content-Security-Policy"] = LOCKED
    response["X-Content-Type-Options"] = "nosniff"
    return response
