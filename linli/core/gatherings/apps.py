from django.apps import AppConfig


class GatheringsConfig(AppConfig):
    name = "linli.core.gatherings"
    label = "gatherings"
    verbose_name = "会"
