from django.apps import AppConfig


class CovenantsConfig(AppConfig):
    name = "linli.offices.covenants"
    label = "covenants"
    verbose_name = "公约"

    def ready(self) -> None:
        from linli.offices.covenants import nav  # models are not there when apps are first read

        nav.register()
