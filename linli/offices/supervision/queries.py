"""Which bulletins somebody may read."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import STEP
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.offices.supervision.models import Bulletin, Concern, Issue


def bulletins(actor: Actor) -> QuerySet[Bulletin]:
    """Issued ones of the places one sees and of those above them, and those that speak of one's unit; newest first.

    A draft is there only for those who supervise its place; what was never issued or is void, for nobody else.
    """
    rows = Bulletin.objects.filter(district_id=actor.district_id or 0).select_related("place").order_by("-id")
    told = Concern.objects.filter(district_id=actor.district_id or 0, bulletin=OuterRef("pk"))
    reads = Q(Exists(told.filter(post_id__in=list(actor.post_ids))))
    for path in actor.paths(duties.SEE):
        low, high = subtree(path)
        above = [path[:n] for n in range(STEP, len(path), STEP)]
        reads |= Q(scope_path__gte=low, scope_path__lt=high) | Q(scope_path__in=above)
    owns = Q(pk__in=[])
    for path in actor.paths(duties.SUPERVISE):
        low, high = subtree(path)
        owns |= Q(scope_path__gte=low, scope_path__lt=high)
    return rows.filter((reads & Q(version__gt=0)) | owns)


def bulletin(actor: Actor, number: str) -> Bulletin:
    return the_one(bulletins(actor).filter(number=number), _("没有找到这一份通报。"))


def issue(actor: Actor, number: str, version: int) -> Issue:
    """One version as it went out."""
    own = bulletin(actor, number)
    return the_one(
        Issue.objects.filter(district_id=own.district_id, bulletin_id=own.pk, version=version), _("没有找到这一版。")
    )


def published(district_id: int) -> QuerySet[Issue]:
    """The last version of each bulletin whose last version is public; newest first."""
    same = Issue.objects.filter(district_id=district_id, bulletin=OuterRef("bulletin"))
    later = same.filter(version__gt=OuterRef("version"))
    rows = Issue.objects.filter(~Exists(later), district_id=district_id, public=True)
    return rows.select_related("bulletin").order_by("-at", "-id")
