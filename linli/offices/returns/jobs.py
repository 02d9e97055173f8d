"""The worker's part: each return is gathered, and where the same one repeats a change of the rules is noticed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.actions.configuring import rules
from linli.core.matters.models import Matter
from linli.core.people import notices
from linli.core.people.posts import PostRef, Roster, roster
from linli.core.places.tree import tree
from linli.kit.ids import new_id
from linli.kit.models import Outbox
from linli.kit.outbox import handles
from linli.offices.returns.models import WAITING, Proposal, Returned

TOPIC: Final = "returns"
REPEATS, WITHIN = 3, timedelta(days=90)


def register() -> None:
    handles(TOPIC, lazy("退单太多的提醒"))(gather)


def gather(row: Outbox, now: datetime) -> None:
    """``{matter, by, suggest, reason}``: one return; ``{matter, category}``: what it turned out to be.

    Runs in the transaction of its outbox row.
    """
    if "category" in row.payload:
        _sort(row)
        return
    matter = Matter.objects.filter(district_id=row.district_id, pk=row.payload["matter"]).first()
    if matter is None:
        return
    known, posts = tree(row.district_id), roster(row.district_id)
    node = known.by_id.get(matter.place_id) or known.root
    place = known.at_level(node, "community") or known.root
    by, to = posts.find(row.payload.get("by", "")), posts.find(row.payload.get("suggest", ""))
    made = Returned(
        id=new_id(), district_id=row.district_id, matter_id=matter.pk, kind=matter.kind, category=matter.category,
        place_id=place.id, scope_path=place.path, by_id=by.id if by else None, suggest_id=to.id if to else None,
        reason=row.payload.get("reason", ""), at=row.at, source=row.pk,
    )  # fmt: skip
    Returned.objects.bulk_create([made], ignore_conflicts=True)
    if to is not None:
        _notice(made, to, posts)


def alike(row: Returned | Proposal, *, to: object) -> dict[str, object]:
    """What returns have in common that ask for one change."""
    return {
        "district_id": row.district_id, "kind": row.kind, "category": row.category, "scope_path": row.scope_path,
        "suggest_id": to,
    }  # fmt: skip


def _sort(row: Outbox) -> None:
    """A return that came before its matter was sorted counts among those of its sort from now on."""
    mine = Returned.objects.filter(district_id=row.district_id, matter_id=row.payload["matter"], category="")
    last = mine.exclude(suggest_id=None).order_by("-at").first()
    mine.update(category=row.payload["category"])
    posts = roster(row.district_id)
    to = posts.by_id.get(last.suggest_id) if last is not None and last.suggest_id else None
    if last is not None and to is not None:
        last.category = row.payload["category"]
        _notice(last, to, posts)


def _ruled(made: Returned, to: PostRef) -> bool:
    """Whether such matters go there by the rules of today: they came back because nobody had sorted them in time."""
    matter = Matter.objects.get(district_id=made.district_id, pk=made.matter_id)
    node = tree(made.district_id).by_id.get(matter.place_id)
    if node is None:
        return False
    way = rules.where_to(made.district_id, node=node, kind=made.kind, category=made.category)
    return way.post is not None and way.post.id == to.id


def _notice(made: Returned, to: PostRef, posts: Roster) -> None:
    """The third like it within ninety days. One that was refused is not asked again for the same cases.

    What nobody has sorted is like nothing: a rule made of it would send every matter of its kind there.
    """
    if not made.category:
        return
    same = Returned.objects.filter(**alike(made, to=to.id), at__gt=made.at - WITHIN)
    asked = {"district_id": made.district_id, "kind": made.kind, "category": made.category,
             "scope_path": made.scope_path, "to_id": to.id}  # fmt: skip
    decided = Proposal.objects.filter(**asked).exclude(state__in=WAITING).order_by("-decided_at").first()
    if decided is not None and decided.decided_at is not None:
        same = same.filter(at__gt=decided.decided_at)
    if same.values("matter_id").distinct().count() < REPEATS:
        return
    if Proposal.objects.filter(**asked, state__in=WAITING).exists() or _ruled(made, to):
        return
    Proposal.objects.create(id=new_id(), **asked, place_id=made.place_id, by_id=made.by_id, at=made.at)
    office = posts.office("community", made.scope_path) or posts.office("street", made.scope_path)
    if office is not None:
        text = _("同样的退单 %(n)d 回了，都说该给%(to)s，看看要不要改派单规则") % {"n": REPEATS, "to": to.name}
        notices.leave(made.district_id, text, made.at, posts=[office.id], url="/desk/returns/")
