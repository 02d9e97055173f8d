"""What people do with runs of posters: begin one, stop it half-way, go on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people.actor import Actor
from linli.core.places.tree import Node, Tree, tree
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Invalid
from linli.offices.posters import places
from linli.offices.posters.models import Format, Level, Part, Run, RunState, Shape
from linli.offices.posters.queries import run_of

_SITE = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
GOING_AT_ONCE = 20  # runs of one district that may wait for the worker


def start(
    *, actor: Actor, codes: Sequence[str], level: str, shape: str, format: str, site: str, key: str
) -> Run:  # fmt: skip
    """Order posters for every door at some places. The parts are written down now; the worker draws them."""
    known = tree(actor.district_id or 0)
    chosen = places.named(known, actor, codes)
    _check(level, shape, format)
    nodes = places.doors(known, chosen, level)
    if not nodes:
        raise Invalid(_("这里面一个门也没有。"), fields={"place": _("这里面一个门也没有，换一处。")})
    run = Run(
        id=new_id(), district_id=known.district.id, scope_path=places.common(chosen), title=title_of(known, chosen),
        level=level, shape=shape, format=format, site=clean_site(site), total=len(nodes), by=actor.label(), key=key,
    )  # fmt: skip
    try:
        with transaction.atomic():
            _not_too_many(known.district.id)
            run.save(force_insert=True)
            Part.objects.bulk_create(_parts(known, run, nodes), batch_size=500)
    except IntegrityError:
        return Run.objects.get(district_id=known.district.id, key=key)
    return run


def _check(level: str, shape: str, format: str) -> None:
    for name, typed, choices in (("level", level, Level), ("shape", shape, Shape), ("format", format, Format)):
        if typed not in choices.values:
            raise Invalid(_("选一个。"), fields={name: _("选一个。")})


def clean_site(typed: str) -> str:
    """Where the codes lead: scheme and host, nothing behind it."""
    site = typed.strip().rstrip("/")
    if not _SITE.fullmatch(site):
        message = _("网址写成 https://名字 这样，后面不带路径。")
        raise Invalid(message, fields={"site": message})
    return site


def _not_too_many(district_id: int) -> None:
    if Run.objects.filter(district_id=district_id, state=RunState.GOING).count() >= GOING_AT_ONCE:
        raise Conflict(_("排着队的已经有 %d 批，等几批做好再来。") % GOING_AT_ONCE, code="busy")


def _parts(known: Tree, run: Run, nodes: Sequence[Node]) -> list[Part]:
    return [
        Part(id=new_id(), district_id=run.district_id, run=run, serial=at, name=bundle.name[:120],
             places=[str(node.id) for node in bundle.nodes], count=len(bundle.nodes))
        for at, bundle in enumerate(places.bundles(known, nodes), 1)
    ]  # fmt: skip


def title_of(known: Tree, chosen: Sequence[Node]) -> str:
    """柳荫社区 柳荫里 等 3 处"""
    first = known.full_name(chosen[0])
    return first[:120] if len(chosen) == 1 else _("%(first)s等 %(n)d 处") % {"first": first[:100], "n": len(chosen)}


def stop(*, actor: Actor, run_id: uuid.UUID) -> Run:
    """No further part is begun; what is done stays, and so does what is still to do."""
    run = run_of(actor, run_id)
    _turn(run, RunState.STOPPED, (RunState.GOING,), _("这一批没有在做。"))
    return run


def resume(*, actor: Actor, run_id: uuid.UUID) -> Run:
    """Go on where it stopped; parts that failed are tried anew."""
    run = run_of(actor, run_id)
    with transaction.atomic():
        _turn(run, RunState.GOING, (RunState.STOPPED, RunState.FAILED), _("这一批没有停着。"))
        failed = Part.objects.filter(district_id=run.district_id, run=run, state="failed")
        failed.update(state="waiting", tries=0, error="", token="", lease_until=None)
    return run


def _turn(run: Run, to: str, sources: tuple[str, ...], words: str) -> None:
    """A guarded change of the state: the worker may have ended the run meanwhile."""
    rows = Run.objects.filter(district_id=run.district_id, pk=run.pk, state__in=sources)
    if not rows.update(state=to, ended_at=timezone.now() if to == RunState.STOPPED else None):
        raise Conflict(words, code="wrong_state")
    run.refresh_from_db()
