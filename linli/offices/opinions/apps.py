from django.apps import AppConfig


class OpinionsConfig(AppConfig):
    name = "linli.offices.opinions"
    label = "opinions"
    verbose_name = "征求意见"

    def ready(self) -> None:
        from linli.core.matters import said  # models are not there when apps are first read
        from linli.offices.opinions import booked, nav, proving

        booked.register()
        nav.register()
        said.also("opinions", proving.rows)
