"""Photographs of the pages as each role sees them, of a demo made for the purpose: ``make screenshots``.

All of them go to ``var/screenshots``, at 390 and 1440 pixels, in ordinary and in large type; a few, with their colours
reduced, refresh ``docs/pictures``. Each page is taken at its whole length, so that bars lie where a page ends. Anything
wider than its window, and every error of the console, is told at the end.

No page is forgotten: beside the states named in ``SHOTS``, each role's links are followed from its first page on
(``pagewalk.py``), and an address of the resolver to which no link leads is told at the end, too.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from scripts.pagewalk import Walk  # noqa: E402
from tests.e2e import browser  # noqa: E402
from tests.e2e.browser import DESK, PHONE, Demo, Visitor  # noqa: E402

OUT, PICTURES = ROOT / "var" / "screenshots", ROOT / "docs" / "pictures"
PATIENCE = 60_000  # ms: a thousand pages on a machine that does other things, too
TALLEST = 2600  # what is longer than this says nothing new
COLOURS, HEAVIEST = 192, 150 * 1024  # of a picture in docs

# Numbers of matters worth a look: the longest stories of the demo's own community; and a few changes for the history.
CHOOSE = """
import json
from linli.core.decisions.models import Question
from linli.core.gatherings import actions as gatherings
from linli.core.gatherings.models import Gathering
from linli.core.matters.actions import configuring
from linli.core.matters.models import Attachment, Kind, Matter, Policy, Rule
from linli.core.people.actor import for_user
from linli.core.people.models import Person, Post, User
from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.places.models import Place
from linli.core.places.tree import tree
from linli.offices.checkins.models import Sign, Summary
from linli.offices.covenants.models import Covenant
from linli.offices.dwellings.models import UnitDuty
from linli.offices.facilities.models import Facility
from linli.offices.opinions.models import Round as Canvass
from linli.offices.pairing.models import Pairing
from linli.offices.posters.models import Run
from linli.offices.rounds.models import Round
from linli.offices.supervision.models import Bulletin

users = {name: User.objects.get(username=name) for name in ("resident", "grid", "community", "department")}
posts = {name: for_user(user.pk) for name, user in users.items()}
path = posts["community"].posts[0].path
near = Matter.objects.filter(scope_path__startswith=path).order_by("-calls_open", "-version")
found = {
    "going": near.filter(state="in_progress", handler__in=posts["grid"].post_ids),
    "called": near.filter(calls_open__gt=0),
    "contested": near.filter(state="contested"),
    "closed": near.filter(state="closed", score__isnull=False),
    "mine": near.filter(opened_by=users["resident"]).exclude(state__in=("merged", "declined")),
}
told = {name: rows.values_list("number", flat=True).first() for name, rows in found.items()}
votes = {q.state: q.number for q in Question.objects.filter(secret=False).order_by("pk")}
votes |= {q.state: q.number for q in Question.objects.filter(method="approval")}  # a menu shows most of a count
told |= {f"vote_{state}": votes[state] for state in ("draft", "open", "closed", "decided")}
told["vote_secret"] = Question.objects.filter(secret=True, state="draft").values_list("number", flat=True).first()
topic = Matter.objects.filter(kind="topic", state="closed", scope_path__startswith=path).order_by("pk").first()
topic = topic or Matter.objects.filter(kind="topic", scope_path__startswith=path).order_by("pk").first()
told["topic"] = topic and topic.number
sitting = Gathering.objects.filter(state="minuted", items__matter=topic).order_by("-starts_at").first()
told["sitting"] = sitting and sitting.number
ahead = Gathering.objects.filter(state="called", scope_path__startswith=path, kind__code="council").first()
if ahead is not None:
    ids = {"actor": posts["community"], "district_id": ahead.district_id, "gathering_id": ahead.pk}
    gatherings.begin(**ids)
    gatherings.enter_sheet(lines=[gatherings.SheetLine(label=name) for name in ("一楼住户", "三楼住户")], **ids)
    told["room"] = ahead.number
told["committee"] = Post.objects.filter(role="part_time_member", scope_path=path).values_list(
    "place__code", flat=True).first()
told["bulletin"] = Bulletin.objects.filter(state="issued").values_list("number", flat=True).first()
home = tree(users["resident"].district_id).by_id[users["resident"].home_id]
asked = Asked(kind="appeal", text="单元门关不严，夜里响。", district_id=users["resident"].district_id, place=home)
told["receipt"] = actions.open_matter(actor=for_user(users["resident"].pk), asked=asked).receipt
held = Attachment.objects.filter(matter__handler__in=posts["grid"].post_ids).select_related("matter").last()
own_held = Attachment.objects.filter(matter__opened_by=users["resident"]).exclude(shown_path="")
own_held = own_held.select_related("matter").last()
told |= {"own": own_held and own_held.matter.number, "own_picture": own_held and str(own_held.pk)}
told |= {"pictured": held.matter.number, "picture": str(held.pk)}
admin = for_user(User.objects.get(username="admin").pk)
kind, rule = Kind.objects.get(code="appeal"), Rule.objects.order_by("order").last()
standing = Policy.objects.filter(until=None, kind="", urgency="").order_by("scope_path").first()
configuring.change_kind(actor=admin, kind_id=kind.pk, about="想请人来办的事：坏了、堵了、吵了、没人管了、说不清归谁")
configuring.change_rule(actor=admin, rule_id=rule.pk, name=rule.name + "（其余）")
configuring.revise_policy(actor=admin, place_id=standing.place_id, name=standing.name, calendar=standing.calendar,
    stages=standing.stages | {"reply": "12h"}, escalate_on=standing.escalate_on)
configuring.set_channel(actor=admin, code="box", name="社区说事箱", resident=False)
configuring.change_settings(actor=admin, values={"contact_days": 60})
def first(rows, name="pk"):
    found = rows.values_list(name, flat=True).first()
    return str(found) if found else None
own = [held.organisation_id for held in posts["department"].posts]
told |= {
    "quarter": first(Place.objects.filter(path__startswith=path, level="quarter", until=None)),
    "unit": str(users["resident"].home_id), "policy": first(Policy.objects.order_by("-id")),
    "nobody": first(Person.objects.filter(account=None, posts__role="grid_worker")),
    "canvass": first(Canvass.objects.filter(state="open", scope_path__startswith=path), "code"),
    "covenant": first(Covenant.objects.filter(state="comment", scope_path__startswith=path), "number"),
    "sign": first(Sign.objects.filter(ended_at=None, place__path=path), "code"),
    "round": first(Round.objects.filter(post__in=posts["grid"].post_ids)),
    "pairing": first(Pairing.objects.filter(until=None, organisation__in=[one for one in own if one])),
    "summary": first(Summary.objects.all()), "certified": first(Summary.objects.all(), "code"),
    "surveyed": first(UnitDuty.objects.filter(post__in=posts["grid"].post_ids, until=None), "unit__code"),
    "house": first(Place.objects.filter(pk=users["resident"].home.parent_id), "code"),
    "community": first(Place.objects.filter(path=path), "code"),
    "run": first(Run.objects.all()), "station": first(Facility.objects.filter(kind="rest_station"), "code"),
}
print(json.dumps(told | {"door": users["resident"].home.door, "post": posts["grid"].posts[0].code}))
"""

SHOTS = {
    "anybody": {
        "home": "/", "door": "/d/{door}", "write": "/d/{door}/to/{post}/?call=1",
        "say": "/say/", "ask": "/t/", "place": "/place/", "how": "/how/", "login": "/login/", "stations": "/stations/",
        "station": "/stations/{station}/",
        "code": "/login/code/", "missing": "/nowhere/", "ledger": "/open/", "open": "/open/m/{called}/",
        "closed": "/open/m/{closed}/", "figures": "/open/figures/", "roster": "/open/roster/", "roots": "/open/roots/",
        "check": "/open/how/", "docs": "/api/v1/docs", "track": "/t/{receipt}/", "one": "/say/one/", "doors": "/d/",
        "certified": "/open/checkins/v/{certified}/",
        "votes": "/open/votes/", "vote": "/open/votes/{vote_decided}/", "voting": "/open/votes/{vote_open}/",
        "sheet": "/open/votes/{vote_decided}/sheet/", "codes": "/open/votes/{vote_decided}/codes/",
        "slip": "/vote/{vote_open}/slip/",
        "canvass": "/opinions/{canvass}/",
        "council": "/open/council/", "calendar": "/open/calendar/", "topic": "/open/council/t/{topic}/",
    },
    "resident": {
        "home": "/", "say": "/say/", "one": "/say/one/", "mine": "/mine/", "matter": "/m/{mine}/", "me": "/me/",
        "affected": "/m/{closed}/affected/", "signed": "/checkin/c/{sign}/",
        "picture": "/m/{own}/picture/{own_picture}/",
        "votes": "/vote/", "vote": "/vote/{vote_open}/", "which": "/vote/{vote_open}/cast/",
        "choose": "/vote/{vote_open}/cast/?entry=1", "window": "/vote/{vote_closed}/",
        "council": "/council/", "topic": "/council/t/{topic}/", "calendar": "/calendar/",
        "covenant": "/covenant/{covenant}/", "object": "/vote/{vote_closed}/object/", "receipt": "/vote/receipt/",
    },
    "grid": {
        "inbox": "/field/", "new": "/field/new/", "people": "/field/people/", "matter": "/field/m/{going}/",
        "map": "/field/m/{going}/?map=1", "act": "/field/m/{going}/resolve/", "sitting": "/field/rounds/",
        "area": "/field/map/", "spot": "/field/spot/", "listed": "/field/?tab=grid", "offline": "/field/offline/",
        "picture": "/field/m/{pictured}/picture/{picture}/", "round": "/field/rounds/{round}/",
        "desk-picture": "/desk/m/{pictured}/picture/{picture}/",
        "opinions": "/field/opinions/{canvass}/{house}/", "survey": "/field/dwellings/{surveyed}/",
    },
    "community": {
        "queue": "/desk/", "all": "/desk/?tab=all", "side": "/desk/?tab=all&m={called}", "matter": "/desk/m/{called}/",
        "new": "/desk/new/", "calls": "/desk/calls/", "orders": "/desk/orders/", "admissions": "/desk/admissions/",
        "figures": "/desk/figures/", "inbox": "/desk/inbox/", "notices": "/desk/notices/",
        "notice": "/desk/notices/new/", "posters": "/desk/posters/", "heads": "/desk/heads/?lack=any",
        "returns": "/desk/returns/",
        "proposals": "/desk/returns/?tab=proposals", "pressing": "/desk/pressing/?by=handler",
        "votes": "/desk/votes/", "kinds": "/desk/votes/new/", "ask": "/desk/votes/new/?method=budget",
        "vote": "/desk/votes/{vote_open}/", "disputed": "/desk/votes/{vote_closed}/",
        "drafted": "/desk/votes/{vote_draft}/", "roll": "/desk/votes/{vote_open}/roll/",
        "paper": "/desk/votes/{vote_open}/paper/", "key": "/vote/{vote_secret}/key/",
        "filters": "/desk/filters/?keep=tab%3Doverdue", "missed": "/desk/calls/?tab=missed",
        "councils": "/desk/councils/", "calendar": "/desk/calendar/", "sitting": "/desk/councils/g/{sitting}/",
        "room": "/desk/councils/g/{room}/run/", "members": "/desk/councils/members/",
        "committee": "/desk/councils/members/{committee}/", "canvass": "/desk/opinions/{canvass}/",
        "words": "/desk/opinions/{canvass}/words/", "covenants": "/desk/covenants/",
        "covenant": "/desk/covenants/{covenant}/", "comments": "/desk/covenants/{covenant}/comments/?outcome=waiting",
        "pairings": "/desk/pairings/", "checkins": "/desk/checkins/p/{community}/", "visits": "/field/visits/",
        "run": "/desk/posters/{run}/", "summary": "/desk/checkins/summaries/{summary}/",
    },
    "street": {
        "queue": "/desk/", "whistle": "/desk/m/{going}/whistle/", "orders": "/desk/orders/",
        "task": "/desk/orders/new/", "bulletins": "/desk/bulletins/", "bulletin": "/desk/bulletins/{bulletin}/",
        "issue": "/desk/bulletins/{bulletin}/v/1/", "objections": "/desk/objections/",
    },
    "district": {"queue": "/desk/", "contested": "/desk/m/{contested}/", "figures": "/desk/figures/"},
    "department": {"queue": "/desk/", "calls": "/desk/calls/", "admission": "/desk/admissions/new/",
        "visit": "/field/visits/{pairing}/"},
    "property": {"queue": "/desk/"},
    "building": {}, "steward": {}, "committee": {}, "volunteer": {}, "resident2": {},
    "admin": {
        "home": "/admin/", "places": "/admin/places/", "tiling": "/admin/tiling/", "transfer": "/admin/transfer/",
        "bodies": "/admin/organisations/", "posts": "/admin/posts/", "accounts": "/admin/accounts/",
        "kinds": "/admin/kinds/",
        "policies": "/admin/policies/", "rules": "/admin/rules/", "switches": "/admin/switches/",
        "history": "/admin/history/", "stuck": "/admin/stuck/", "give": "/admin/accounts/new/{nobody}/",
        "policy-end": "/admin/policies/{policy}/end/",
        "quarter": "/admin/places/{quarter}/", "split": "/admin/places/{quarter}/split/",
        "merge": "/admin/places/{quarter}/merge/", "move": "/admin/places/{quarter}/move/",
        "place-end": "/admin/places/{unit}/end/",
    },
    "auditor": {"queue": "/desk/"},
}  # fmt: skip
UNDRAWN = "[data-map]:not([data-ready]), [data-map-picker]:not([data-ready])"
# What no page may have, whatever it says: told beside the picture.
WRONG = r"""() => {
  const found = [], words = document.body.innerText, pixel = 1;
  const wider = e => e.scrollWidth > e.clientWidth + pixel && getComputedStyle(e).overflowX !== "visible";
  if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window");
  const tables = [...document.querySelectorAll(".scroll-x")];
  if (innerWidth < 500 && tables.some(wider)) found.push("a table wider than the phone");
  if ([...document.querySelectorAll("h1")].filter(e => e.checkVisibility()).length !== 1) found.push("not one h1");
  if (/(^|[^\d-])\d\d-\d\d \d\d:\d\d/.test(words)) found.push("a machine's date");
  return found;
}"""

# What stands in docs/pictures: which photograph, and how much of its top.
FEW = {
    "resident-home": ("resident-home-390", 844), "resident-one": ("resident-one-390-large", 844),
    "resident-matter": ("resident-matter-390", 1100), "resident-say": ("resident-say-390", 1000),
    "resident-mine": ("resident-mine-390", 844), "grid-inbox": ("grid-inbox-390", 1000),
    "grid-matter": ("grid-matter-390", 1000), "grid-map": ("grid-area-390", 844),
    "grid-act": ("grid-act-390", 900), "grid-sitting": ("grid-sitting-390", 900), "rider-spot": ("grid-spot-390", 900),
    "stations": ("anybody-stations-390", 900),
    "community-queue": ("community-side-1440", 900), "community-matter": ("community-matter-1440", 1000),
    "street-whistle": ("street-whistle-1440", 900), "community-returns": ("community-returns-1440", 600),
    "street-bulletin": ("street-bulletin-1440", 1100), "department-calls": ("department-calls-1440", 700),
    "resident-door": ("anybody-door-390", 1000), "community-heads": ("community-heads-1440", 900),
    "community-posters": ("community-posters-1440", 1100), "district-figures": ("district-figures-1440", 900),
    "open-ledger": ("anybody-ledger-1440", 900), "open-matter": ("anybody-open-1440", 1100),
    "vote-home": ("resident-votes-390", 844), "vote-one": ("resident-vote-390", 1000),
    "vote-host": ("community-disputed-1440", 800), "vote-kinds": ("community-kinds-1440", 600),
    "vote-key": ("community-key-390", 844), "vote-public": ("anybody-vote-390", 1100),
    "council-home": ("resident-council-390", 1100), "council-topic": ("resident-topic-390", 1400),
    "council-room": ("community-room-1440", 700), "council-sitting": ("community-sitting-1440", 1000),
    "council-committee": ("community-committee-1440", 700), "council-calendar": ("anybody-calendar-390", 900),
    "community-canvass": ("community-canvass-1440", 900), "community-words": ("community-words-1440", 900),
    "resident-canvass": ("anybody-canvass-390", 900), "community-covenant": ("community-covenant-1440", 1000),
    "community-comments": ("community-comments-1440", 800), "resident-covenant": ("resident-covenant-390", 1200),
    "grid-opinions": ("grid-opinions-390", 1000), "cadre-visits": ("community-visits-390", 900),
    "cadre-checkin": ("resident-signed-390", 1000), "cadre-survey": ("grid-survey-390", 1000),
    "community-pairings": ("community-pairings-1440", 900), "community-checkins": ("community-checkins-1440", 1000),
    "street-objections": ("street-objections-1440", 700),
    "open-figures": ("anybody-figures-1440", 900), "admin-home": ("admin-home-1440", 900),
    "admin-places": ("admin-places-1440", 800), "admin-rules": ("admin-rules-1440", 900),
    "admin-history": ("admin-history-1440", 900), "station": ("anybody-station-390", 900),
    "department-queue": ("department-queue-1440", 800), "department-admission": ("department-admission-1440", 900),
}  # fmt: skip


def _fits(path: str, told: dict[str, str]) -> bool:
    """Whether the demo holds what an address names; if not, its route is told at the end as one nobody came to."""
    return set(re.findall(r"\{(\w+)\}", path)) <= set(told)


class Studio:
    """Takes the photographs; remembers what was wrong with the pages."""

    def __init__(self, served: Demo, chrome: Any, out: Path) -> None:
        self.served, self.chrome, self.out = served, chrome, out
        self.chosen: dict[str, str] = json.loads(served.child(CHOOSE))
        self.wrong: list[str] = []
        self.walk = Walk(served.env)

    def role(self, who: str, types: tuple[bool, ...], only: frozenset[str] = frozenset()) -> None:
        """Every page of one role, or of its named ones those that ``only`` names."""
        login = "" if who == "anybody" else who
        with browser.visitor(self.chrome, self.served.url, PHONE, login) as visitor:
            visitor.expected = ["/nowhere/"]
            visitor.context.set_default_timeout(PATIENCE)
            told = {name: value for name, value in self.chosen.items() if value}
            named = {name: path.format(**told) for name, path in SHOTS[who].items() if _fits(path, told)}
            for path in named.values():
                self.walk.take(path)
            if only:
                self.shoot(visitor, who, named, types, only)
                return
            # What the links lead to never takes the place of a named page, whatever its address is called.
            walked = {name: path for name, path in self.walk.pages(who, visitor).items() if path not in named.values()}
            pages = {**{f"{name}-" if name in named else name: path for name, path in walked.items()}, **named}
            self.shoot(visitor, who, pages, types)

    def shoot(
        self,
        visitor: Visitor,
        who: str,
        pages: dict[str, str],
        types: tuple[bool, ...],
        only: frozenset[str] = frozenset(),
    ) -> None:
        for name, path in pages.items():
            for large in types:
                wanted = {width: f"{who}-{name}-{width}{'-large' if large else ''}" for width in (PHONE, DESK)}
                wanted = {width: picture for width, picture in wanted.items() if not only or picture in only}
                if wanted:
                    visitor.type_size(large)
                    self.page(visitor, path, wanted)
        self.wrong += visitor.troubles

    def page(self, visitor: Visitor, path: str, wanted: dict[int, str]) -> None:
        """One page, loaded once, at each width. Twice too late is told at the end, and the others are still taken."""
        from playwright.sync_api import TimeoutError as Late

        for last in (False, True):
            try:
                self.take(visitor, path, wanted)
                return
            except Late:
                if last:
                    self.wrong.append(f"{path}: did not come to rest")

    def take(self, visitor: Visitor, path: str, wanted: dict[int, str]) -> None:
        page = visitor.page
        for n, (width, name) in enumerate(wanted.items()):
            page.set_viewport_size({"width": width, "height": 844 if width == PHONE else 900})
            if n == 0:
                page.goto(path)
                page.wait_for_load_state("networkidle")
            page.wait_for_function("undrawn => !document.querySelector(undrawn)", arg=UNDRAWN)
            self.wrong += [f"{name}: {what}" for what in page.evaluate(WRONG)]
            high = int(page.evaluate("document.documentElement.scrollHeight"))
            page.set_viewport_size({"width": width, "height": min(max(high, 700), TALLEST)})
            page.screenshot(path=self.out / f"{name}.png")


def refresh(out: Path) -> list[str]:
    """The few of ``docs/pictures``, small enough for a page that is read over a telephone."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    told = []
    for name, (source, high) in FEW.items():
        taken = out / f"{source}.png"
        if not taken.is_file():
            continue
        picture = Image.open(taken).convert("RGB")
        made = small(picture.crop((0, 0, picture.width, min(high, picture.height))))
        (PICTURES / f"{name}.png").write_bytes(made)
        if len(made) > HEAVIEST:
            told.append(f"docs/pictures/{name}.png: {len(made) // 1024} KB")
    return told


def small(picture: Image.Image) -> bytes:
    """Fewer colours, no dithering: letters stay sharp."""
    out = io.BytesIO()
    reduced = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    reduced.save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--profile", default="qiaoxi")
    parser.add_argument("--only", default="", help="roles, by comma: grid,community")
    parser.add_argument("--plain", action="store_true", help="ordinary type only")
    parser.add_argument("--docs", action="store_true", help="only the few that stand in docs/pictures")
    asked = parser.parse_args()
    if why := browser.missing():
        raise SystemExit(why)
    roles = asked.only.split(",") if asked.only else list(SHOTS)
    few = frozenset(source for source, _high in FEW.values()) if asked.docs else frozenset()
    OUT.mkdir(parents=True, exist_ok=True)
    var = Path(tempfile.mkdtemp(prefix="linli-shots-"))
    try:
        with browser.demo(asked.profile, var) as served, browser.chromium() as chrome:
            studio = Studio(served, chrome, OUT)
            for who in roles:
                studio.role(who, (False,) if asked.plain else (False, True), few)
    finally:
        shutil.rmtree(var, ignore_errors=True)
    wrong = studio.wrong + (refresh(OUT) if asked.profile == "qiaoxi" else [])
    wrong += [] if asked.only or few else [f"no link leads to {route}" for route in studio.walk.forgotten()]
    print("\n".join([*wrong, f"{len(list(OUT.glob('*.png')))} 张照片在 {OUT.relative_to(ROOT)}"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
