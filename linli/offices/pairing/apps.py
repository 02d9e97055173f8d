from django.apps import AppConfig


class PairingConfig(AppConfig):
    name = "linli.offices.pairing"
    label = "pairing"
    verbose_name = "包联"

    def ready(self) -> None:
        from linli.offices.pairing import nav  # models are not there when apps are first read

        nav.register()
