"""Days, mechanics and rows of the policy of channels, whatever they may be."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from lintuan.sharing.types import Basis, Channel, Form, Mechanic, Row, Wording

WORDS = Wording(zh="词", en="words")
days = st.dates(date(2017, 1, 1), date(2027, 12, 31))
mechanics = st.frozensets(st.sampled_from(Mechanic))


@st.composite
def bans(draw: st.DrawFn) -> Row:
    since, until = draw(st.none() | days), draw(st.none() | days)
    if since and until and until < since:
        since, until = until, since
    return Row(
        id="one-more", channels=tuple(draw(st.sets(st.sampled_from(Channel), min_size=1))),
        forms=tuple(draw(st.sets(st.sampled_from(Form)))), mechanics=tuple(draw(mechanics)),
        says="banned", since=since, until=until, basis=Basis.CHOICE, rule=WORDS, reason=WORDS, source="a test",
    )  # fmt: skip
