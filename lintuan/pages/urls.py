from __future__ import annotations

from django.urls import path

from . import views

app_name = "pages"
urlpatterns = [
    path("", views.client, name="client"),
    path("clock", views.business_clock, name="clock"),
]
