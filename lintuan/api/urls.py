from __future__ import annotations

from django.urls import path, re_path

from . import (
    balances,
    baskets,
    fulfilment,
    handout,
    invoices,
    leaders,
    members,
    orders,
    pages,
    payments,
    photos,
    places,
    plays,
    plays_leader,
    reconciling,
    rehearsal,
    relays,
    settlement,
    shelf,
    sign_in,
    sourcing,
    withdrawals,
)  # fmt: skip
from .http import api
from .strays import nothing_here, refusing_methods

for module in (
    sign_in, members, places, shelf, orders, baskets, payments, leaders, sourcing, fulfilment, handout, photos, pages,
    settlement, reconciling, invoices, rehearsal, relays, plays, plays_leader, withdrawals, balances,
):  # fmt: skip
    api.add_router("", module.router)

# Not named app_name: include() would read that as this module's own namespace.
patterns, application, namespace = api.urls
urlpatterns = [path("", (refusing_methods(patterns), application, namespace)), re_path("", nothing_here)]
