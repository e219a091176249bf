"""Sign-in by phone: a code by message, then a short access token and a refresh token that is good for one use."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from lintuan.kernel import clock, tokens
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import SignInNeeded
from lintuan.members import commands
from lintuan.members.errors import RoleNotHeld
from lintuan.members.queries import ACCESS_LIFE, MEMBER_ACCESS_LIFE

from .persons import Person, find, person, renewed

router = Router(tags=["sign_in"])

Role = Literal["member", "leader", "supplier", "staff"]


class CodeWish(Schema):
    phone: str = Field(max_length=20, examples=["13800008000"])


class SignInWish(Schema):
    phone: str = Field(max_length=20, examples=["13800008000"])
    code: str = Field(max_length=12, examples=["042319"])
    role: Role = Field(default="member", examples=["member"])
    province_id: int | None = Field(default=None, ge=11, le=82, description="everyone but staff", examples=[42])
    name: str = Field(default="", max_length=40, description="of a new member", examples=["李雷"])
    consent_version: str | None = Field(
        default=None, max_length=20, description="the privacy notice that a member agrees to", examples=["2026-11-24"]
    )
    device: str = Field(
        default="",
        max_length=64,
        description="a random mark that the client keeps; only its digest is stored",
        examples=["4f1d9a7c0b3e58d26f4a91c7e0b2d385"],
    )


class RefreshWish(Schema):
    refresh: str = Field(max_length=80, examples=["mN3v6s0YqkX7m0h8c3Zr1s5W2n9a4b6d8e0f1g2h3i4"])
    device: str = Field(default="", max_length=64, examples=["4f1d9a7c0b3e58d26f4a91c7e0b2d385"])


class SignedIn(Schema):
    access: str = Field(description="for the Authorization header: Bearer ...", examples=["WyJtZW1i...:3aKx"])
    refresh: str = Field(examples=["mN3v6s0YqkX7m0h8c3Zr1s5W2n9a4b6d8e0f1g2h3i4"])
    expires_at: datetime = Field(description="of the access token", examples=["2026-11-21T00:00:00Z"])
    caller: Person


@router.post("/sign-in/codes", auth=None, response={204: None}, summary="Send a code to a phone")
def send_code(request: HttpRequest, wish: CodeWish) -> Status[None]:
    commands.send_code(wish.phone)
    return Status(204, None)


@router.post("/sign-in", auth=None, response=SignedIn, summary="Sign in with the code")
def sign_in(request: HttpRequest, wish: SignInWish) -> SignedIn:
    phone = commands.prove_phone(wish.phone, wish.code)
    caller = find(Kind(wish.role), phone=phone, province_id=wish.province_id or 0, name=wish.name)
    if caller is None:
        raise RoleNotHeld(role=wish.role)
    if caller.kind is Kind.MEMBER and wish.consent_version:
        _consent(caller, wish.consent_version)
    return _signed_in(caller, commands.open_session(caller, device=wish.device).refresh)


@router.post("/sign-in/refresh", auth=None, response=SignedIn, summary="Go on with a session")
def refresh(request: HttpRequest, wish: RefreshWish) -> SignedIn:
    session = commands.refresh_session(wish.refresh, device=wish.device)
    caller = renewed(Kind(session.kind), subject_id=session.subject_id, province_id=session.province_id)
    if caller is None:
        commands.end_session(session.refresh)
        raise SignInNeeded
    return _signed_in(caller, session.refresh)


@router.post("/sign-out", auth=None, response={204: None}, summary="End a session")
def sign_out(request: HttpRequest, wish: RefreshWish) -> Status[None]:
    commands.end_session(wish.refresh)
    return Status(204, None)


def _consent(caller: Caller, version: str) -> None:
    commands.record_consent(
        caller, province_id=caller.province_id, member_id=caller.id, item="privacy", version=version
    )


def _signed_in(caller: Caller, refresh_token: str) -> SignedIn:
    life = MEMBER_ACCESS_LIFE if caller.kind is Kind.MEMBER else ACCESS_LIFE
    expires_at = (clock.now() + life).replace(microsecond=0)
    access = tokens.sign(caller, expires_at=expires_at)
    return SignedIn(access=access, refresh=refresh_token, expires_at=expires_at, caller=person(caller))
