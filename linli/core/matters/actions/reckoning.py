"""Leaving a matter out of a rate (剔除), taking it in again, objecting (申诉), and answering an objection.

None of this touches the matter: it goes on as it was, and its counts with it. What these acts write stands in public
and in the matter's chained timeline, so that ``verify`` finds an exclusion or an answer that was changed by hand;
whoever is concerned is told.
Nobody decides about what he had a hand in, and nobody answers an objection against his own exclusion.
"""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from linli.core.matters import standing
from linli.core.matters.actions.rights import is_reporter, persons_involved
from linli.core.matters.models import Exclusion, Ground, Involvement, Matter, Objection, Rated
from linli.core.matters.step import Step, required, step
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound

# What a person may give as a ground; an objection that is upheld makes its own.
GROUNDS = [ground for ground in Ground if ground != Ground.OBJECTION]


def deciding_post(actor: Actor, matter: Matter) -> Held | None:
    """The post that may leave this matter out or answer for it: it judges there, and has had no hand in the matter."""
    if actor.district_id != matter.district_id:
        return None
    took_part = {matter.recorded_by_id, matter.handler_id, matter.resolver_id, matter.verifier_id} & actor.post_ids
    if took_part or actor.person_id in persons_involved(matter):
        return None
    return actor.over(duties.JUDGE, matter.scope_path)


def objecting_post(actor: Actor, matter: Matter) -> uuid.UUID | None:
    """The post of the actor's that handles the matter or was given it once; None for everybody else."""
    if actor.district_id != matter.district_id or not actor.post_ids:
        return None
    mine = [post for post in (matter.handler_id, matter.resolver_id, matter.first_id) if post in actor.post_ids]
    if mine:
        return mine[0]
    rows = Involvement.objects.filter(
        district_id=matter.district_id, matter_id=matter.pk, post_id__in=actor.post_ids, how="handler"
    )
    return rows.values_list("post_id", flat=True).first()


def exclude(*, actor: Actor, district_id: int, matter_id: uuid.UUID, figure: str, ground: str, basis: str) -> Exclusion:
    """Leave a matter out of a rate, with the reason and its basis, in public from this moment."""
    _must_be_there(district_id, matter_id)
    with step(district_id, matter_id, actor=actor, act="exclude") as current:
        held = _must_decide(actor, current.matter)
        if figure not in Rated.values:
            raise Invalid(_("选一项比率。"), fields={"figure": _("选一项。")})
        if ground not in GROUNDS:
            raise Invalid(_("选一个理由。"), fields={"ground": _("选一个。")})
        words = required(basis, "basis", limit=500)
        return _leave_out(current, held, figure, ground, words)


def lift(*, actor: Actor, district_id: int, exclusion_id: uuid.UUID, why: str) -> Exclusion:
    """Take the matter in again. The row stays, with when and why it ended."""
    matter_id = Exclusion.objects.filter(district_id=district_id, pk=exclusion_id).values_list("matter_id").first()
    if matter_id is None:
        raise NotFound(_("没有找到这条剔除。"))
    with step(district_id, matter_id[0], actor=actor, act="include") as current:
        held = _must_decide(actor, current.matter)
        found = Exclusion.objects.get(district_id=district_id, pk=exclusion_id)
        if found.ended_at is not None:
            raise Conflict(_("这条剔除已经撤了。"), code="wrong_state")
        return _end(current, found, held, required(why, "why", limit=500))


def object_(*, actor: Actor, district_id: int, matter_id: uuid.UUID, text: str, figure: str = "") -> Objection:
    """A handling unit or the one who spoke up says that a matter is wrongly left out, or wrongly counted.

    Where the matter is left out the objection is against that; else ``figure`` says against which count.
    """
    _must_be_there(district_id, matter_id)
    with step(district_id, matter_id, actor=actor, act="object") as current:
        matter = current.matter
        post_id = objecting_post(actor, matter)
        if post_id is None and not is_reporter(matter, actor):
            raise Forbidden(_("申诉由经办单位来提，或者由拿回执的人来提。"))
        words = required(text, "text", limit=1000)
        excluded = _in_force(matter)
        against = excluded.figure if excluded else figure
        if against not in Rated.values:
            raise Invalid(_("选一项比率。"), fields={"figure": _("选一项。")})
        waiting = Objection.objects.filter(district_id=district_id, matter_id=matter.pk, state="open")
        if post_id in set(waiting.values_list("post_id", flat=True)):
            raise Conflict(_("前一条申诉还没答复，等答复了再提。"), code="waiting")
        made = Objection.objects.create(
            id=new_id(), district_id=district_id, matter_id=matter.pk, exclusion=excluded, figure=against,
            post_id=post_id, person=actor.person_id, text=words, at=current.now,
        )  # fmt: skip
        _say_objected(current, made, excluded)
        return made


def answer(*, actor: Actor, district_id: int, objection_id: uuid.UUID, upheld: bool, words: str) -> Objection:
    """Answer with a reason. Upheld against an exclusion the matter counts again; against a count it is left out."""
    matter_id = Objection.objects.filter(district_id=district_id, pk=objection_id).values_list("matter_id").first()
    if matter_id is None:
        raise NotFound(_("没有找到这条申诉。"))
    with step(district_id, matter_id[0], actor=actor, act="answer") as current:
        found = Objection.objects.select_related("matter").get(district_id=district_id, pk=objection_id)
        held = may_answer(actor, found)
        if held is None:
            raise Forbidden(_("这条申诉要由没有经手、也没有定过剔除的人来答复。"))
        if found.state != Objection.State.OPEN:
            raise Conflict(_("这条申诉已经答复过了。"), code="wrong_state")
        found.answer = required(words, "words", limit=1000)
        found.state = Objection.State.UPHELD if upheld else Objection.State.REFUSED
        found.answered_by_id, found.answered_at = held.id, current.now
        found.save(update_fields=["answer", "state", "answered_by", "answered_at"])
        current.label = actor.label(held)
        current.say(found.answer, objection=str(found.pk), upheld=upheld, post=str(held.id))
        _tell_objector(current, found)
        if upheld:
            _carry_out(current, found, held)
        return found


def may_answer(actor: Actor, objection: Objection) -> Held | None:
    """The post that answers: one that decides there, not the objector's, nor of whoever left the matter out."""
    held = deciding_post(actor, objection.matter)
    if held is None or objection.post_id in actor.post_ids:
        return None
    if actor.person_id is not None and actor.person_id == objection.person:
        return None
    made = objection.exclusion
    if made is not None and (made.by_id == held.id or (made.person is not None and made.person == actor.person_id)):
        return None
    return held


def _carry_out(current: Step, objection: Objection, held: Held) -> None:
    made = objection.exclusion
    if made is not None:
        if made.ended_at is None:
            _end(current, made, held, objection.answer[:500])
    elif _in_force(current.matter) is None:
        _leave_out(current, held, objection.figure, Ground.OBJECTION, objection.answer[:500])
    else:
        raise Conflict(_("这件事已经另外剔除了，请先看那一条。"), code="wrong_state")


def _leave_out(current: Step, held: Held, figure: str, ground: str, basis: str) -> Exclusion:
    matter = current.matter
    if _in_force(matter) is not None:
        raise Conflict(_("这件事已经剔除了，要改就先撤掉那一条。"), code="wrong_state")
    made = Exclusion.objects.create(
        id=new_id(), district_id=matter.district_id, matter_id=matter.pk, figure=figure, ground=ground, basis=basis,
        by_id=held.id, person=current.actor.person_id, at=current.now,
    )  # fmt: skip
    current.label = current.actor.label(held)
    current.say(basis, act="exclude", exclusion=str(made.pk), figure=figure, ground=str(ground), post=str(held.id),
                answerer=standing.answers(matter.receipt_hash, made.pk, made.person))  # fmt: skip
    if ground != Ground.OBJECTION:  # who objected hears the answer
        current.notify(
            matter.handler_id or matter.resolver_id, f"这件不计入{made.get_figure_display()}：{matter.title}"
        )
        current.tell_reporter("这件事不计入公布的比率了，理由写在公开页上。您觉得不对，可以申诉。")
    return made


def _end(current: Step, found: Exclusion, held: Held, why: str) -> Exclusion:
    found.ended_at, found.ended_by_id, found.ended_why = current.now, held.id, why
    found.save(update_fields=["ended_at", "ended_by", "ended_why"])
    current.label = current.actor.label(held)
    current.say(why, act="include", exclusion=str(found.pk), post=str(held.id))
    if current.act == "include":
        matter = current.matter
        current.notify(matter.handler_id or matter.resolver_id, f"这件重新计入比率：{matter.title}")
        current.tell_reporter("这件事重新计入公布的比率了。")
    return found


def _say_objected(current: Step, made: Objection, excluded: Exclusion | None) -> None:
    """Into the timeline, and to the office that will have to answer."""
    matter, actor = current.matter, current.actor
    own = next((p for p in (*actor.posts, *actor.unit_posts) if p.id == made.post_id), None)
    current.label = actor.label(own) if own else "一位居民"
    current.say(
        made.text, objection=str(made.pk), figure=made.figure, post=str(made.post_id or ""),
        exclusion=str(excluded.pk) if excluded else "",
        answerer=standing.answers(matter.receipt_hash, made.pk, made.person),
    )  # fmt: skip
    posts = {matter.recorded_by_id, matter.handler_id, matter.resolver_id, matter.verifier_id, made.post_id}
    if excluded is not None:
        posts.add(excluded.by_id)
    known = current.roster
    involved = {known.by_id[post].unit for post in posts if post in known.by_id}
    offices = (known.office(tier, matter.scope_path) for tier in ("street", "district"))
    office = next((office for office in offices if office is not None and office.unit not in involved), None)
    if office is not None:
        current.notify(office.id, f"有一条申诉等您答复：{matter.title}")


def _tell_objector(current: Step, found: Objection) -> None:
    said = f"申诉答复了，{found.get_state_display()}：{found.answer[:200]}"
    if found.post_id is not None:
        current.notify(found.post_id, said)
    else:
        current.tell_reporter(said)


def _in_force(matter: Matter) -> Exclusion | None:
    return Exclusion.objects.filter(district_id=matter.district_id, matter_id=matter.pk, ended_at=None).first()


def _must_decide(actor: Actor, matter: Matter) -> Held:
    held = deciding_post(actor, matter)
    if held is None:
        raise Forbidden(_("剔除由没有经手的街道或区里来定。"))
    return held


def _must_be_there(district_id: int, matter_id: uuid.UUID) -> None:
    if not Matter.objects.filter(district_id=district_id, pk=matter_id).exists():
        raise NotFound(_("没有找到这件事。"))
