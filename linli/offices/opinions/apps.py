from django.apps import AppConfig


class OpinionsConfig(AppConfig):
    name = "linli.offices.opinions"
    label = "opinions"
    verbose_name = "征求意见"

    def ready(self) -> None:
        from linli.offices.opinions import nav  # models are not there when apps are first read

        nav.register()
