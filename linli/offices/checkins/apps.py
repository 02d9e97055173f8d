from django.apps import AppConfig


class CheckinsConfig(AppConfig):
    name = "linli.offices.checkins"
    label = "checkins"
    verbose_name = "双报到"

    def ready(self) -> None:
        from linli.offices.checkins import booked, nav  # models are not there when apps are first read

        nav.register()
        booked.register()
