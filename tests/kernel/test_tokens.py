from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from lintuan.kernel import tokens
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import SignInNeeded

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLERK = Caller(Kind.STAFF, 7, 0, frozenset({"ordering.read"}), frozenset({42}))
NAMES = st.text("abcdefghij._~?>省", min_size=1, max_size=12)
CALLERS = st.builds(
    Caller,
    st.sampled_from(Kind),
    st.integers(0, 2**63 - 1),
    st.integers(0, 32767),
    st.frozensets(NAMES, max_size=4),
    st.frozensets(st.integers(1, 99), max_size=4),
)


@given(CALLERS)
def test_a_token_speaks_for_its_caller(caller: Caller) -> None:
    assert tokens.read(tokens.sign(caller, expires_at=NOW + HOUR), now=NOW) == caller


def test_a_token_can_stand_in_a_header_and_an_address() -> None:
    token = tokens.sign(Caller(Kind.STAFF, 7, 0, frozenset({"?~>", "省份"})), expires_at=NOW + HOUR)

    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_a_token_ends_at_its_moment() -> None:
    token = tokens.sign(CLERK, expires_at=NOW)

    assert tokens.read(token, now=NOW - timedelta(microseconds=1)) == CLERK
    with pytest.raises(SignInNeeded):
        tokens.read(token, now=NOW)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: "x" + token,
        lambda token: token + "=",
        lambda token: token.replace(".", ":"),
        lambda token: token.rpartition(".")[0],
        lambda token: token.rpartition(".")[0] + ".",
        lambda token: "." + token.rpartition(".")[2],
        lambda token: token + "省",
        lambda token: token + "\udc80",
        lambda token: "",
        lambda token: ".",
        lambda token: "a.b.c",
        lambda token: "a:b:c",
    ],
)
def test_a_forged_token_is_refused(spoil: Callable[[str], str]) -> None:
    token = tokens.sign(CLERK, expires_at=NOW + HOUR)

    with pytest.raises(SignInNeeded):
        tokens.read(spoil(token), now=NOW)


@given(st.integers(0, 200), st.characters())
def test_no_letter_of_a_token_can_be_another(at: int, letter: str) -> None:
    token = tokens.sign(CLERK, expires_at=NOW + HOUR)
    at %= len(token)
    forged = token[:at] + letter + token[at + 1 :]
    if forged == token:
        return

    with pytest.raises(SignInNeeded):
        tokens.read(forged, now=NOW)


def test_claims_of_one_token_do_not_fit_the_signature_of_another() -> None:
    clerk, member = (tokens.sign(who, expires_at=NOW + HOUR) for who in (CLERK, Caller(Kind.MEMBER, 7, 42)))

    with pytest.raises(SignInNeeded):
        tokens.read(clerk.rpartition(".")[0] + "." + member.rpartition(".")[2], now=NOW)


def test_a_token_of_another_key_is_refused(settings: Settings) -> None:
    token = tokens.sign(CLERK, expires_at=NOW + HOUR)
    first = settings.SECRET_KEY

    settings.SECRET_KEY = "another"
    with pytest.raises(SignInNeeded):
        tokens.read(token, now=NOW)

    settings.SECRET_KEY = first
    assert tokens.read(token, now=NOW) == CLERK


def test_what_was_signed_with_the_key_for_another_use_is_no_token(settings: Settings) -> None:
    token = tokens.sign(CLERK, expires_at=NOW + HOUR)
    body = token.rpartition(".")[0]
    plain = hmac.digest(settings.SECRET_KEY.encode(), body.encode(), "sha256")
    signatures = [
        base64.urlsafe_b64encode(plain).rstrip(b"=").decode(),
        signing.Signer(salt=tokens.PURPOSE.decode()).signature(body),
    ]

    for signature in signatures:
        with pytest.raises(SignInNeeded):
            tokens.read(f"{body}.{signature}", now=NOW)


def test_a_token_of_the_former_form_asks_to_sign_in_again() -> None:
    claims = f'["staff",7,0,["ordering.read"],[42],{int((NOW + HOUR).timestamp())}]'
    body = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")

    with pytest.raises(SignInNeeded):
        tokens.read(signing.Signer(salt="lintuan.access").sign(body), now=NOW)
