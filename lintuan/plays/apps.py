from django.apps import AppConfig


class PlaysConfig(AppConfig):
    name = "lintuan.plays"
    label = "plays"
