from django.apps import AppConfig


class DwellingsConfig(AppConfig):
    name = "linli.offices.dwellings"
    label = "dwellings"
    verbose_name = "房屋摸排"

    def ready(self) -> None:
        from linli.offices.dwellings import nav  # models are not there when apps are first read

        nav.register()
