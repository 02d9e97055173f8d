from django.apps import AppConfig


class FacilitiesConfig(AppConfig):
    name = "linli.offices.facilities"
    label = "facilities"
    verbose_name = "设施"

    def ready(self) -> None:
        from linli.offices.facilities import nav  # addresses are not there when apps are first read

        nav.register()
