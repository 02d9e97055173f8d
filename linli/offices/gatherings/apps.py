from django.apps import AppConfig


class SittingsConfig(AppConfig):
    name = "linli.offices.gatherings"
    label = "sittings"
    verbose_name = "会议日历"

    def ready(self) -> None:
        from linli.offices.gatherings import nav  # addresses are not there when apps are first read

        nav.register()
