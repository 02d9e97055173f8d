from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "linli.offices.rounds"
    label = "rounds"
    verbose_name = "流动说事点"
