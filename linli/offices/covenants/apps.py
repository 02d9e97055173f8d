from django.apps import AppConfig


class CovenantsConfig(AppConfig):
    name = "linli.offices.covenants"
    label = "covenants"
    verbose_name = "公约"

    def ready(self) -> None:
        from linli.core.matters import said  # models are not there when apps are first read
        from linli.offices.covenants import booked, nav, proving

        booked.register()
        nav.register()
        said.also("covenants", proving.rows)
