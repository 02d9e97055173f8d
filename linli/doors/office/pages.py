"""The office's front page, and the history of everything that was changed here."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Seal
from linli.core.people.actions.serving import serving_on
from linli.core.people.models import Organisation, OrganisationKind, Post
from linli.core.places.models import Place
from linli.doors.office.committees import Terms
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import param
from linli.kit import outbox, paging
from linli.kit.figures import daytime, on
from linli.kit.models import Change
from linli.offices.returns import queries as returns

OLD_BEAT = 30.0
AHEAD = timedelta(days=14)  # most promises in working days end within two weeks
NEWEST = 8


@dataclass(frozen=True)
class Light:
    """One line of the health list: what, how it is in words, whether it needs a hand."""

    name: str
    words: str
    fine: bool
    url: str = ""


@require_GET
@office_page
def home(request: HttpRequest, office: Office) -> HttpResponseBase:
    """What there is, whether it runs, what was changed last."""
    newest = Change.objects.filter(district_id=office.district_id).order_by("-at")[:NEWEST]
    terms = Terms.of(office)
    context = {
        "district": office.known.district, "levels": _levels(office), "roles": _roles(office),
        "kinds": _kinds(office), "lights": lights(office.district_id), "newest": newest, "terms": terms,
        "asked": returns.proposals(office.actor).filter(state="proposed").count(),
    }  # fmt: skip
    return show(request, office, "home", context)


def _levels(office: Office) -> list[dict[str, Any]]:
    """Counted from rows, by the district's own levels and names."""
    rows = Place.objects.filter(district_id=office.district_id, until=None)
    counted = dict(rows.values_list("level").annotate(n=Count("pk")))
    url = reverse("office:places")
    return [
        {"name": office.level(level), "count": counted.get(level, 0), "url": f"{url}?level={level}"}
        for level in office.known.district.levels
    ]


def _roles(office: Office) -> list[dict[str, Any]]:
    rows = Post.objects.filter(serving_on(timezone.localdate()), district_id=office.district_id)
    url = reverse("office:posts")
    counted = rows.values_list("role").annotate(n=Count("pk")).order_by("-n", "role")
    return [{"name": office.role(role), "count": count, "url": f"{url}?role={role}"} for role, count in counted]


def _kinds(office: Office) -> list[dict[str, Any]]:
    rows = Organisation.objects.filter(serving_on(timezone.localdate()), district_id=office.district_id)
    url, names = reverse("office:bodies"), dict(OrganisationKind.choices)
    counted = rows.values_list("kind").annotate(n=Count("pk")).order_by("-n", "kind")
    return [{"name": names.get(kind, kind), "count": count, "url": f"{url}?kind={kind}"} for kind, count in counted]


# ── does it run? ────────────────────────────────────────────────────────────────────────────────────────────────
def lights(district_id: int) -> list[Light]:
    """The worker's beat, what waits in the outbox, when the ledger was sealed last, how far holidays are known."""
    waiting = outbox.backlog()
    sealed = Seal.objects.filter(district_id=district_id).order_by("-at").values_list("at", flat=True).first()
    stuck = waiting.failing + waiting.parked
    words = _("%(due)d 件等着做") % {"due": waiting.due} if waiting.due else _("没有积压")
    if stuck:
        words += _("，%(failing)d 件在重试，%(parked)d 件停下了") % {
            "failing": waiting.failing, "parked": waiting.parked,
        }  # fmt: skip
    why = reverse("office:stuck") if stuck else ""
    return [
        _beat(beat_age()),
        Light(_("后台任务"), words, not stuck and waiting.oldest_seconds < 10 * OLD_BEAT, why),
        Light(_("台账封存"), daytime(sealed) if sealed else _("还没有封存过"), True),
        *lights_of_holidays(district_id, timezone.localdate()),
    ]


def lights_of_holidays(district_id: int, today: date) -> list[Light]:
    """How far holidays and make-up days are known. Promises in working days soon reach past the end of that."""
    known = [last for c in catalogue(district_id).calendars.values() if (last := c.known_to)]
    if not known:
        return []
    last = min(known)
    words = _("知道到 %s") % on(last, "year")
    if fine := last >= today + AHEAD:
        return [Light(_("放假和补班"), words, fine)]
    words += _("，以后先按周一到周五算：请升级邻理，或在配置的 calendars 里写上放假和补班的日子"
               "（closed、opened）和写到哪天（known_to）")  # fmt: skip
    return [Light(_("放假和补班"), words, fine)]


def _beat(age: float | None) -> Light:
    name = _("后台进程")
    if age is None:
        return Light(name, _("从没见过：请运行 linli worker"), False)
    if age < -OLD_BEAT:
        return Light(name, _("上一次巡的时间在将来：请先校准服务器的时钟"), False)
    if age > OLD_BEAT:
        return Light(name, _("%s 前停了：请看一下 linli worker") % _ago(age), False)
    seconds = round(age)
    return Light(name, _("在跑，%d 秒前刚巡过一遍") % seconds if seconds > 1 else _("在跑，刚刚巡过一遍"), True)


def _ago(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return _("%d 秒") % round(seconds)
    return _("%d 分钟") % minutes if minutes < 120 else _("%d 小时") % (minutes // 60)


def beat_age() -> float | None:
    """Seconds since the worker's last turn. The worker touches this file after each; a page reads no more than that."""
    try:
        return max(0.0, time.time() - (Path(settings.VAR) / "worker.beat").stat().st_mtime)
    except OSError:
        return None


# ── the history ─────────────────────────────────────────────────────────────────────────────────────────────────
@require_GET
@office_page
def history(request: HttpRequest, office: Office) -> HttpResponseBase:
    """Who changed what, in plain sentences, newest first."""
    rows = Change.objects.filter(district_id=office.district_id)
    word, who = param(request, "q"), param(request, "by")
    if word:
        rows = rows.filter(Q(sentence__icontains=word) | Q(subject__icontains=word))
    if who:
        rows = rows.filter(actor=who)
    try:
        page = paging.page(rows, cursor=param(request, "cursor", 120) or None, at="at")
    except paging.BadCursorError:
        page = paging.page(rows, at="at")
    context = {"page": page, "days": _by_day(page.items), "word": word, "who": who}
    return show(request, office, "history", context)


def _by_day(changes: Iterable[Change]) -> list[tuple[Any, list[Change]]]:
    days: dict[Any, list[Change]] = {}
    for change in changes:
        days.setdefault(timezone.localtime(change.at).date(), []).append(change)
    return list(days.items())
