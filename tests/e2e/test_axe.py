"""Every door's main page as axe-core and a keyboard find it: on phone and desk, in ordinary and in large type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.urls import Resolver404, resolve

from tests.e2e import browser, serving
from tests.e2e.browser import DESK, PHONE, Demo, Visitor

AXE = serving.ROOT / "frontend" / "dev" / "node_modules" / "axe-core" / "axe.min.js"
MISSING = browser.missing() or ("" if AXE.is_file() else "no axe-core: run scripts/frontend.py --dev")
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=MISSING)]

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# What large type may break: words, roles and colours are those of ordinary type, sizes and places are not.
LAYOUT = {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}
# What is told of each: enough to find it in the template.
RUN = """async runOnly => (await axe.run(document, {runOnly, resultTypes: ['violations'], preload: false})).violations
  .filter(v => ['serious', 'critical'].includes(v.impact))
  .map(v => v.id + ': ' +
    v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message || '')).join(' | '))"""
# One question for each press: what stands there now, whether one sees it, whether it is the act. (Of a date's parts
# the browser marks the one that is typed in, not the field.)
FOCUSED = """act => { const e = document.activeElement;
  if (!e || e === document.body || !e.matches(':focus')) return null;
  const s = getComputedStyle(e);
  return {ring: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== 'none',
    act: e.matches(act), what: e.outerHTML.slice(0, 200)} }"""
TABS = 120

OPEN_ONE = """
import json
from linli.core.decisions.models import Question
from linli.core.gatherings.models import Gathering
from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Matter
from linli.core.people.actor import for_user
from linli.core.people.models import User
from linli.offices.opinions.models import Round
from linli.core.places.tree import tree
from linli.offices.covenants.models import Covenant
user = User.objects.get(username="resident")
home = tree(user.district_id).by_id[user.home_id]
asked = Asked(kind="appeal", text="单元门关不严。", district_id=user.district_id, place=home)
opened = actions.open_matter(actor=for_user(user.pk), asked=asked)
grid = User.objects.get(username="grid").person.posts.first()
asked = {q.state: q.number for q in Question.objects.filter(imported__isnull=True).order_by("pk")}
votes = {"voting": asked["open"], "disputed": asked["closed"], "decided": asked["decided"],
         "drafted": Question.objects.get(state="draft", secret=False).number,
         "secret": Question.objects.get(state="draft", secret=True).number}
found = votes | {"number": opened.matter.number, "receipt": opened.receipt, "door": user.home.door, "post": grid.code}
topic = Matter.objects.filter(kind="topic").earliest("pk")
sitting = Gathering.objects.filter(items__matter=topic).earliest("pk")
going, over = (Round.objects.get(state=state) for state in ("open", "published"))
held = User.objects.get(username="grid").person.posts.first().scope_path
house = going.stretches.filter(path__startswith=held).earliest("path").building.code
found |= {"asking": going.code, "asked": over.code, "house": house}
found |= {"topic": topic.number, "gathering": sitting.number}
asked, held = (Covenant.objects.filter(state=state).earliest("pk").number for state in ("comment", "settled"))
found |= {"covenant": asked, "held": held}
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Page:
    """One page, who looks at it, and the act that it is there for."""

    path: str
    who: str
    act: str

    @property
    def id(self) -> str:
        return f"{self.who or 'anybody'} {self.path}"


PAGES = [
    Page("/", "", "a.sayit"),
    Page("/say/", "", "button.primary"),
    Page("/say/one/", "", "button.answer"),
    Page("/t/{receipt}", "", "[data-copy]"),
    Page("/mine/", "resident", "input[type=search]"),
    Page("/m/{number}/affected/", "", "main a.btn"),
    Page("/login/", "", "button.primary"),
    Page("/d/{door}", "", "a.sayit"),
    Page("/d/{door}/to/{post}/?call=1", "", "button.primary"),
    Page("/desk/notices/new/", "community", "button.primary"),
    Page("/desk/posters/", "community", "button.primary"),
    Page("/desk/heads/", "community", "input[type=search]"),
    Page("/field/", "grid", ".thumb-act .primary"),
    Page("/field/new/", "grid", ".thumb-act .primary"),
    Page("/field/rounds/", "grid", ".thumb-act .primary"),
    Page("/field/spot/", "grid", ".thumb-act .primary"),
    Page("/field/map/", "grid", ".tabs a"),
    Page("/field/m/{number}/", "grid", ".thumb-act .primary"),
    Page("/desk/", "community", "tr[data-row] a"),
    Page("/desk/?m={number}", "community", ".acts .btn"),
    Page("/desk/m/{number}/", "community", ".acts .btn"),
    Page("/desk/new/", "community", "button.primary"),
    Page("/desk/orders/", "street", "a.btn"),
    Page("/desk/orders/new/", "street", "button.primary"),
    Page("/desk/bulletins/", "street", "a.btn"),
    Page("/desk/returns/", "community", "main a"),
    Page("/desk/calls/?tab=missed", "street", "main a"),
    Page("/desk/pressing/", "community", "tr[data-row] a"),
    Page("/desk/filters/?keep=tab%3Doverdue", "community", "button.primary"),
    Page("/desk/calendar/?view=month", "community", "main a"),
    Page("/desk/rooms/", "community", "tr[data-row] a"),
    Page("/calendar/", "resident", "main a"),
    Page("/calendar/feed/", "resident", "button.primary"),
    Page("/open/calendar/", "", "main a"),
    Page("/vote/", "resident", "a.primary"),
    Page("/vote/receipt/", "", "button.primary"),
    Page("/vote/{voting}/", "resident", "a.primary"),
    Page("/vote/{voting}/cast/", "resident", "button.answer"),
    Page("/vote/{voting}/cast/?entry=1", "resident", "button.answer"),
    Page("/vote/{voting}/slip/", "", "button.primary"),
    Page("/vote/{disputed}/object/", "", "button.primary"),
    Page("/vote/{secret}/key/", "community", "button.primary"),
    Page("/desk/votes/", "community", "tr[data-row] a"),
    Page("/desk/votes/new/", "community", "a.answer"),
    Page("/desk/votes/new/?method=budget", "community", "button.primary"),
    Page("/desk/votes/{voting}/", "community", "main .btn"),
    Page("/desk/votes/{disputed}/", "community", "main .btn"),
    Page("/desk/votes/{drafted}/", "community", "a.primary"),
    Page("/desk/votes/{voting}/roll/", "community", "input[type=search]"),
    Page("/desk/votes/{voting}/paper/", "community", "button.primary"),
    Page("/desk/votes/{voting}/slips/", "community", "button.primary"),
    Page("/desk/votes/{voting}/calls/", "community", "main .btn"),
    Page("/open/votes/", "", "input[type=search]"),
    Page("/open/votes/{voting}/", "", "a.primary"),
    Page("/open/votes/{decided}/", "", ".vt-recount button"),
    Page("/open/votes/{decided}/codes/", "", "input[type=search]"),
    Page("/open/votes/{decided}/sheet/", "", "main, a"),
    Page("/council/", "resident", "a.primary"),
    Page("/council/propose/", "resident", "button.primary"),
    Page("/council/words/", "resident", "main a"),
    Page("/council/t/{topic}/", "resident", "main a"),
    Page("/council/g/{gathering}/", "resident", "main a"),
    Page("/council/said/", "", "button.primary"),
    Page("/covenant/", "resident", "main a"),
    Page("/covenant/{covenant}/", "resident", "a.primary"),
    Page("/covenant/{covenant}/say/", "", "button.primary"),
    Page("/covenant/{held}/compare/", "", "main button"),
    Page("/covenant/words/", "resident", "main a"),
    Page("/covenant/said/", "", "button.primary"),
    Page("/open/covenants/", "", "input[type=search]"),
    Page("/open/covenants/{held}/", "", "main a"),
    Page("/open/covenants/{held}/v/4/paper/", "", "main a"),
    Page("/desk/covenants/", "community", "a.primary"),
    Page("/desk/covenants/{covenant}/", "community", "a.primary"),
    Page("/desk/covenants/{covenant}/text/", "community", "button.primary"),
    Page("/desk/covenants/{covenant}/comments/", "community", "input[type=search]"),
    Page("/desk/covenants/{held}/do/amend/", "community", "button.primary"),
    Page("/desk/covenants/new/", "community", "button.primary"),
    Page("/open/council/", "", "input[type=search]"),
    Page("/open/council/t/{topic}/", "", "main a"),
    Page("/opinions/", "resident", "main a"),
    Page("/opinions/said/", "", "button.primary"),
    Page("/opinions/{asking}/", "", "button.primary"),
    Page("/open/opinions/", "", "input[type=search]"),
    Page("/open/opinions/{asked}/", "", "main a"),
    Page("/field/opinions/", "grid", "main a"),
    Page("/field/opinions/{asking}/{house}/", "grid", "main a"),
    Page("/desk/opinions/", "community", "a.primary"),
    Page("/desk/opinions/new/", "community", "button.primary"),
    Page("/desk/opinions/{asking}/", "community", "a.primary"),
    Page("/desk/opinions/{asking}/words/", "community", "main .btn"),
    Page("/desk/opinions/{asking}/alike/", "community", "main .btn"),
    Page("/desk/opinions/{asking}/progress/", "community", "main .btn"),
    Page("/desk/councils/", "community", "a.primary"),
    Page("/desk/councils/topics/", "community", "a.primary"),
    Page("/desk/councils/g/{gathering}/", "community", "main a"),
    Page("/desk/councils/g/{gathering}/slips/", "community", "button.primary"),
    Page("/desk/councils/g/{gathering}/run/", "community", "main a"),
    Page("/desk/councils/new/", "community", "button.primary"),
    Page("/desk/councils/members/", "community", "main a"),
    Page("/desk/councils/g/{gathering}/do/invite/", "community", "button.primary"),
    Page("/desk/councils/g/{gathering}/do/check/", "community", "button.primary"),
    Page("/stations/", "", "input[type=search]"),
    Page("/open/", "", "input[type=search]"),
    Page("/open/m/{number}/", "", "main a"),
    Page("/open/figures/", "", "main a"),
]  # fmt: skip
try:
    resolve("/admin/")
    PAGES.append(Page("/admin/", "admin", "main a"))
except Resolver404:
    pass


# Every other page that a role opens from its navigation: looked at once, on a phone, in ordinary and in large type.
MORE = [
    *(Page(path, "", "") for path in (
        "/place/", "/how/", "/t/", "/t/{receipt}/counted/", "/login/code/", "/open/roster/", "/open/roots/",
        "/open/how/",
        "/open/bulletins/", "/open/formula/", "/open/formula/exclusions/", "/open/formula/objections/",
        "/open/formula/data/", "/open/pairings/", "/open/checkins/", "/open/votes/", "/vote/receipt/",
    )),
    *(Page(path, "resident", "") for path in ("/me/", "/me/password/", "/checkin/", "/vote/")),
    *(Page(path, "grid", "") for path in (
        "/field/people/", "/field/waiting/", "/field/visits/", "/field/dwellings/", "/desk/inbox/",
        "/desk/m/{number}/counted/",
    )),
    *(Page(path, "community", "") for path in (
        "/desk/pairings/", "/desk/pairings/visits/", "/desk/checkins/", "/desk/checkins/units/new/", "/desk/dwellings/",
        "/desk/dwellings/welcomes/", "/desk/votes/", "/desk/votes/new/", "/desk/notices/", "/desk/figures/",
        "/desk/admissions/", "/stations/new/", "/field/checkins/",
    )),
    *(Page(path, "street", "") for path in (
        "/desk/objections/", "/desk/orders/owners/", "/desk/bulletins/new/", "/desk/returns/?tab=proposals",
        "/desk/m/{number}/counted/exclude/",
    )),
    *(Page(path, "admin", "") for path in (
        "/admin/places/", "/admin/tiling/", "/admin/transfer/", "/admin/organisations/", "/admin/organisations/new/",
        "/admin/posts/", "/admin/posts/new/", "/admin/committees/", "/admin/accounts/", "/admin/kinds/",
        "/admin/kinds/categories/", "/admin/kinds/causes/", "/admin/policies/", "/admin/rules/", "/admin/switches/",
        "/admin/history/", "/admin/stuck/", "/admin/guidance/", "/admin/guidance/new/",
    )),
]  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with browser.demo("qiaoxi", tmp_path_factory.mktemp("axe") / "demo") as served:
        yield served


@pytest.fixture(scope="module")
def one(demo: Demo) -> dict[str, str]:
    """A matter of the resident's: its number and its receipt."""
    return dict(json.loads(demo.child(OPEN_ONE)))


@pytest.fixture(scope="module")
def people(demo: Demo) -> Iterator[dict[str, Visitor]]:
    """Visitors by name: signing in costs a second, and the pages leave nothing behind."""
    with browser.chromium() as chrome:
        entered = {
            name: browser.visitor(chrome, demo.url, PHONE, name) for name in {page.who for page in [*PAGES, *MORE]}
        }
        yield {name: made.__enter__() for name, made in entered.items()}
        for made in entered.values():
            made.__exit__(None, None, None)


def unroll(visitor: Visitor, width: int) -> None:
    """A window as high as the page: what lies under a bar at the foot is covered only until somebody scrolls."""
    visitor.page.set_viewport_size({"width": width, "height": 900})
    high = int(visitor.page.evaluate("document.documentElement.scrollHeight"))
    visitor.page.set_viewport_size({"width": width, "height": max(900, high)})


def faults(visitor: Visitor, large: bool = False) -> list[str]:
    if not visitor.page.evaluate("'axe' in window"):
        # Past the page's policy, which allows no script from elsewhere.
        visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    wrong = list(visitor.page.evaluate(RUN, LAYOUT if large else RULES))
    return wrong + (["wider than the window"] if visitor.spills() else [])


def in_type(visitor: Visitor, large: bool) -> None:
    """As the switch in the page's head does it, on the spot."""
    visitor.page.evaluate("type => { document.documentElement.dataset.type = type }", "large" if large else "normal")


def look(page: Page, visitor: Visitor, one: dict[str, str], widths: tuple[int, ...]) -> dict[str, list[str]]:
    """What is wrong at each width, in ordinary and then in large type, of one page loaded once."""
    found = {}
    visitor.troubles.clear()
    visitor.page.goto(page.path.format(**one))
    for large in (False, True):
        in_type(visitor, large)
        for width in widths:
            unroll(visitor, width)
            if wrong := faults(visitor, large):
                found[f"{width}{' large' if large else ''}"] = wrong
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.id)
def test_nothing_serious_is_in_anybodys_way_and_the_act_is_reached_by_tab(
    page: Page, people: dict[str, Visitor], one: dict[str, str]
) -> None:
    visitor = people[page.who]
    assert look(page, visitor, one, (PHONE, DESK)) == {}
    assert visitor.troubles == []
    in_type(visitor, large=False)
    visitor.page.set_viewport_size({"width": DESK, "height": 900})
    tab_to(page, visitor)


@pytest.mark.parametrize("page", MORE, ids=lambda page: page.id)
def test_nothing_serious_is_on_any_other_page(page: Page, people: dict[str, Visitor], one: dict[str, str]) -> None:
    visitor = people[page.who]
    assert look(page, visitor, one, (PHONE,)) == {}
    assert visitor.troubles == []


def tab_to(page: Page, visitor: Visitor) -> None:
    """From the beginning of the page to what it is there for, and every stop can be seen."""
    for _ in range(TABS):
        visitor.page.keyboard.press("Tab")
        reached = visitor.page.evaluate(FOCUSED, page.act)
        if reached is None:
            continue
        assert reached["ring"], reached["what"]
        if reached["act"]:
            return
    pytest.fail(f"{page.act} is not reached by {TABS} presses of Tab")
