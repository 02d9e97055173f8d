"""The worker's side: one part a turn, drawn outside any transaction, and old files taken away.

1. A part is leased by a guarded update that also writes a token: of two workers one gets it.
2. It is drawn into a file of the token's own name; the press syncs it. No transaction is open meanwhile, because on
   SQLite that would hold up everybody.
3. The file is renamed, and a second guarded update (same token) says ``done``. Killed before that, the lease ends and
   the part is drawn again; whoever wakes up late finds another token and throws its own file away.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from datetime import timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from linli.core.places.tree import tree
from linli.offices.posters import sheets
from linli.offices.posters.models import Part, Run, RunState

LEASE = timedelta(seconds=2 * sheets.SECONDS)
TRIES = 3
KEEP = timedelta(days=14)

log = structlog.get_logger(__name__)


def folder(run_id: uuid.UUID) -> Path:
    """Where a run's files lie."""
    return Path(settings.MEDIA_ROOT) / "posters" / run_id.hex


def work(most: int = 1) -> int:
    """Draw up to ``most`` parts; how many were taken on. Nothing to do costs one query."""
    done = 0
    for run in Run.objects.filter(state=RunState.GOING).order_by("at")[:20]:
        while done < most and (part := _lease(run)) is not None:
            _draw(run, part)
            done += 1
        _settle(run)
        if done >= most:
            break
    return done


def _lease(run: Run) -> Part | None:
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = Part.objects.filter(free, district_id=run.district_id, run=run, state="waiting").order_by("serial")
    for key in list(waiting.values_list("pk", flat=True)[:3]):
        token = sheets.token()
        mine = waiting.order_by().filter(pk=key)
        if mine.update(token=token, lease_until=now + LEASE, tries=F("tries") + 1):
            return Part.objects.get(district_id=run.district_id, pk=key, token=token)
    return None


def _draw(run: Run, part: Part) -> None:
    known = tree(run.district_id)
    nodes = [node for key in part.places if (node := known.by_id.get(uuid.UUID(key))) is not None]
    where = folder(run.pk)
    where.mkdir(parents=True, exist_ok=True)
    aside = where / f".{part.token}"
    try:
        made = sheets.of_doors(known, nodes, run.site)
        sheets.press(made, shape=run.shape, format=run.format, out=aside, name=sheets.plain(part.name))
        _keep(run, part, aside, drawn=len(nodes))
    except (sheets.PressError, OSError) as error:
        _failed(part, error)
    finally:
        with contextlib.suppress(FileNotFoundError):
            aside.unlink()


def _keep(run: Run, part: Part, aside: Path, *, drawn: int) -> None:
    """The whole file takes its name, then the row says so: never the other way round."""
    suffix = "pdf" if run.format == "pdf" else "zip"
    goal = aside.with_name(f"{part.serial:04d}-{part.token[:8]}.{suffix}")
    digest, size = hashlib.sha256(aside.read_bytes()).hexdigest(), aside.stat().st_size
    os.replace(aside, goal)
    _sync(goal.parent)
    mine = Part.objects.filter(district_id=part.district_id, pk=part.pk, token=part.token, state="waiting")
    name = str(goal.relative_to(settings.MEDIA_ROOT))
    kept = mine.update(state="done", path=name, size=size, sha256=digest, drawn=drawn, done_at=timezone.now(), error="")
    if not kept:
        goal.unlink()  # the lease had ended, and another has drawn it


def _sync(where: Path) -> None:
    """The new name itself has to survive a power cut."""
    handle = os.open(where, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _failed(part: Part, error: Exception) -> None:
    state = "failed" if part.tries >= TRIES else "waiting"
    mine = Part.objects.filter(district_id=part.district_id, pk=part.pk, token=part.token, state="waiting")
    mine.update(state=state, lease_until=None, error=str(error)[:200])
    log.warning("posters.failed", part=str(part.pk), tries=part.tries, error=str(error)[:200])


def _settle(run: Run) -> None:
    """A run whose parts are all done, or done and failed, has ended."""
    parts = Part.objects.filter(district_id=run.district_id, run=run)
    if parts.filter(state="waiting").exists():
        return
    end = RunState.FAILED if parts.filter(state="failed").exists() else RunState.DONE
    going = Run.objects.filter(district_id=run.district_id, pk=run.pk, state=RunState.GOING)
    if going.update(state=end, ended_at=timezone.now()):
        log.info("posters.ended", run=str(run.pk), state=end)


def purge() -> int:
    """Take away the files of runs that ended a fortnight ago; the run stays in the list and says so."""
    old = Run.objects.filter(ended_at__lt=timezone.now() - KEEP).exclude(state__in=[RunState.GOING, RunState.GONE])
    gone = list(old.order_by("ended_at")[:20])
    for run in gone:
        run.state = RunState.GONE
        run.save(update_fields=["state"])
        Part.objects.filter(district_id=run.district_id, run=run).update(path="", size=0)
        shutil.rmtree(folder(run.pk), ignore_errors=True)
    return len(gone)
