from django.apps import AppConfig


class GatheringsConfig(AppConfig):
    name = "linli.core.gatherings"
    label = "gatherings"
    verbose_name = "会"

    def ready(self) -> None:
        from linli.core.gatherings import booked, proving  # models are not there when apps are first read
        from linli.core.matters.ledger import judging

        judging.also("agenda", proving.rows, proving.judge)
        booked.register()
