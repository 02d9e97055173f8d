"""A change of the dispatch rules: the desk proposes it, the administrator writes the rule or says why not."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.actions.configuring import rules
from linli.core.matters.catalogue import catalogue
from linli.core.matters.step import optional, required
from linli.core.people import duties, notices
from linli.core.people.actions.gate import may_configure
from linli.core.people.actions.serving import serving_on
from linli.core.people.actor import Actor, Held
from linli.core.people.models import Post
from linli.core.people.posts import PostRef, roster
from linli.core.places.tree import tree
from linli.kit.refusal import Conflict, Forbidden
from linli.offices.returns import queries
from linli.offices.returns.models import WAITING, Proposal


def propose(*, actor: Actor, proposal_id: uuid.UUID, words: str = "") -> Proposal:
    """The desk puts what the machine noticed before the administrator."""
    with transaction.atomic():
        found = _locked(actor, proposal_id)
        held = actor.over(duties.DISPATCH, found.scope_path)
        if held is None:
            raise Forbidden(_("您的岗位没有这一项。"))
        if found.state != "noticed":
            raise Conflict(_("这一条已经提上去或定过了。"), code="wrong_state")
        found.state, found.words = "proposed", optional(words, "words", limit=500)
        found.proposed_by_id, found.proposed_at = held.id, timezone.now()
        found.save(update_fields=["state", "words", "proposed_by", "proposed_at"])
        _tell_administrators(found)
        return found


def _tell_administrators(found: Proposal) -> None:
    """Whoever decides reads of it where they read everything else."""
    posts = Post.objects.filter(serving_on(timezone.localdate()), district_id=found.district_id, role="admin")
    text = _("%s提请改一条派单规则，等您定") % found.place.name
    to, url = posts.values_list("pk", flat=True), f"/desk/returns/{found.pk}/"
    notices.leave(found.district_id, text, timezone.now(), posts=to, url=url)


def accept(*, actor: Actor, proposal_id: uuid.UUID) -> Proposal:
    """Write the rule, right before the one that decides these matters today; both in one transaction."""
    held = may_configure(actor)
    if held is None:
        raise Forbidden(_("这一步归系统管理员办。"))
    with transaction.atomic():
        found = _locked(actor, proposal_id)
        if found.state not in WAITING:
            raise Conflict(_("这一条已经定过了。"), code="wrong_state")
        to = roster(found.district_id).by_id.get(found.to_id)
        if not found.category:
            raise Conflict(_("这几件没有分类，照此改规则会把这一片的都派过去。先给它们分类。"), code="unsorted")
        if to is None:
            raise Conflict(_("建议的单位已经撤了，改不成。"), code="gone")
        found.rule = rules.add_rule(actor=actor, before=_deciding(found), **_rule(found, to))
        _decide(found, held, "accepted", "")
        return found


def refuse(*, actor: Actor, proposal_id: uuid.UUID, reason: str) -> Proposal:
    """No, with a reason that everybody can read: by the administrator, or by the desk before it proposes."""
    with transaction.atomic():
        found = _locked(actor, proposal_id)
        if found.state not in WAITING:
            raise Conflict(_("这一条已经定过了。"), code="wrong_state")
        held = may_configure(actor) or (
            actor.over(duties.DISPATCH, found.scope_path) if found.state == "noticed" else None
        )
        if held is None:
            raise Forbidden(_("提上去的由系统管理员来定。"))
        _decide(found, held, "refused", required(reason, "reason", limit=500))
        return found


def _decide(found: Proposal, held: Held, state: str, reason: str) -> None:
    found.state, found.reason, found.decided_at, found.decided_by_id = state, reason, timezone.now(), held.id
    found.save(update_fields=["state", "reason", "decided_at", "decided_by", "rule"])


def _rule(found: Proposal, to: PostRef) -> dict[str, object]:
    """A unit is named; a person's post is named by its role, so that the rule outlives the person."""
    known = catalogue(found.district_id)
    about = known.category_name(found.category) if found.category else known.kinds[found.kind].name
    node = tree(found.district_id).by_path.get(found.scope_path)
    unit = to.person_id is None and to.organisation_id is not None
    return {
        "name": f"{about}到{to.name if unit else to.title}（退单改派）"[:80], "kind": found.kind,
        "category": found.category, "place_id": node.id if node else None,
        "to_role": "" if unit else to.role, "organisation_id": to.organisation_id if unit else None,
    }  # fmt: skip


def _deciding(found: Proposal) -> uuid.UUID | None:
    """The rule that sends such matters where they came back from, asked at the place of the last one that did."""
    rows, known = queries.behind(found).rows, tree(found.district_id)
    node = known.by_id.get(rows[0].matter.place_id) if rows else known.by_path.get(found.scope_path)
    if node is None:
        return None
    way = rules.where_to(found.district_id, node=node, kind=found.kind, category=found.category)
    return way.rule.pk if way.rule else None


def _locked(actor: Actor, proposal_id: uuid.UUID) -> Proposal:
    queries.proposal(actor, proposal_id)
    return Proposal.objects.select_for_update().get(district_id=actor.district_id or 0, pk=proposal_id)
