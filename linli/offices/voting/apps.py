from django.apps import AppConfig


class VotingConfig(AppConfig):
    name = "linli.offices.voting"
    label = "voting"
    verbose_name = "表决"

    def ready(self) -> None:
        from linli.offices.voting import nav  # models are not there when apps are first read

        nav.register()
