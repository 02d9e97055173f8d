from django.apps import AppConfig


class CouncilsConfig(AppConfig):
    name = "linli.offices.councils"
    label = "councils"
    verbose_name = "议事厅"

    def ready(self) -> None:
        from linli.core.matters import said  # models are not there when apps are first read
        from linli.offices.councils import booked, nav, proving

        booked.register()
        nav.register()
        said.also("councils", proving.rows)
