from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from .views import (
    books,
    campaigns,
    channels,
    claims,
    composing,
    goods,
    night,
    places,
    playbook,
    purchasing,
    rewards,
    sign_in,
    tonight,
)

app_name = "console"
urlpatterns = [
    path("", places.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("language/", set_language, name="language"),
    path("tonight/", tonight.tonight, name="tonight"),
    path("purchases/", purchasing.purchases, name="purchases"),
    path("sorting/", goods.sorting, name="sorting"),
    path("sorting/<str:grid>/", goods.sorting_grid, name="sorting-grid"),
    path("routes/", goods.routes, name="routes"),
    path("points/", places.points, name="points"),
    path("points/<str:point>/rest/", places.rest_point, name="rest-point"),
    path("points/<str:point>/resume/", places.resume_point, name="resume-point"),
    path("claims/", claims.claims, name="claims"),
    path("claims/<str:claim>/", claims.decide, name="decide-claim"),
    path("ledger/", books.ledger, name="ledger"),
    path("statements/", books.statements, name="statements"),
    path("proof/", books.proof, name="proof"),
    path("night/", night.night, name="night"),
    path("plays/", playbook.plays, name="plays"),
    path("plays/compose/", composing.compose, name="compose"),
    path("plays/<str:code>/", playbook.play, name="play"),
    path("plays/<str:code>/definition.json", playbook.play_file, name="play-file"),
    path("plays/<str:code>/start/", campaigns.start, name="start-play"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/<str:campaign>/stop/", campaigns.stop, name="stop-play"),
    path("rewards/", rewards.held, name="rewards"),
    path("rewards/<str:grant>/", rewards.decide, name="decide-reward"),
    path("channels/", channels.channels, name="channels"),
    path("supplier/orders/", purchasing.supplier_orders, name="supplier-orders"),
    path("supplier/orders/<str:order>/confirm/", purchasing.confirm, name="confirm"),
    path("supplier/statements/", books.supplier_statements, name="supplier-statements"),
]
