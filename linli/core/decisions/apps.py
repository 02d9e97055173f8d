import uuid

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class DecisionsConfig(AppConfig):
    name = "linli.core.decisions"
    label = "decisions"
    verbose_name = "决"

    def ready(self) -> None:
        from linli.core.decisions import proving  # models are not there when apps are first read
        from linli.core.matters.ledger import judging
        from linli.kit import files

        files.keeps(scanned)
        judging.also("question", proving.rows, proving.judge, numbered=gettext_lazy("表决"))


def scanned(uploads: list[uuid.UUID]) -> list[uuid.UUID]:
    """Those of the uploads that are scans of paper ballots."""
    from linli.core.decisions.models import PaperEntry

    return [each for each in PaperEntry.objects.filter(scan__in=uploads).values_list("scan", flat=True) if each]
