from django.apps import AppConfig


class CouncilsConfig(AppConfig):
    name = "linli.offices.councils"
    label = "councils"
    verbose_name = "议事厅"

    def ready(self) -> None:
        from linli.offices.councils import booked, nav  # models are not there when apps are first read

        booked.register()
        nav.register()
