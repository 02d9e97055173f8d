"""The five workspaces: each door registers where it is entered in a ``nav`` module of its own."""

from __future__ import annotations

from django.apps import AppConfig


class DoorsConfig(AppConfig):
    name = "linli.doors"
    label = "doors"

    def ready(self) -> None:
        from linli.doors.field import nav as field
        from linli.doors.open import nav as public  # models and URLs are not there when apps are first read
        from linli.doors.resident import nav as resident

        public.register()
        field.register()
        resident.register()
