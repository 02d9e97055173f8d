from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "linli.core.decisions"
    label = "decisions"
    verbose_name = "决"
