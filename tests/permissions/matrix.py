"""Who may open which address, and do which operation: one line each. Whatever is not listed here fails its test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.permissions.pairing_scene import COMMUNITY, QUARTER, UNIT
from tests.permissions.scene import ANONYMOUS, OTHER, OWN
from tests.permissions.verdicts import (
    ANNOUNCES,
    APPLIES,
    COUNTS,
    HANDLES,
    OFFICES,
    PRINTS,
    PRINTS_HERE,
    RECORDS,
    REPORTER,
    SEES,
    TAKES_DOWN,
    UPPER,
    Status,
    Verdict,
    always,
    caller,
    calls_back,
    covers,
    decides,
    duty,
    erases,
    everybody,
    handler,
    leave,
    leaves,
    likely,
    looks,
    matter,
    neighbours,
    nouns,
    nouns_login,
    only,
    outside,
    reporter,
    sees,
    serving,
    signed,
    staff,
    then,
)


def keeps(who: str, whose: str) -> Status:
    """The station of the first community: its own offices; for everybody else the page is not there."""
    return 200 if who in OFFICES[OWN] else 404


def keeps_any(who: str, whose: str) -> Status:
    return 200 if who in OFFICES[OWN] | OFFICES[OTHER] else 404


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Page:
    """One pattern of the resolver. ``args`` fills what no scope has; ``query`` may name ``{number}``."""

    route: str
    get: Verdict | None = None
    post: Verdict | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    any_method: bool = False  # a page that never asks by which method it was called
    few: bool = False  # a page that looks alike to so many that a handful of the cast speaks for all
    unguarded: bool = False  # a post without a token is taken: it changes nothing that matters


ACT = {"act": "return", "name": "return"}
HOUSE = {"door": "9900010101010101", "post": "T-building"}
NOBODYS = "0190a000-0000-7000-8000-000000000000"
SUPERVISES = OFFICES[OWN] | OFFICES[OTHER]
# The sitting of the first grid's worker in his own grid.
HOLDS_ROUND = frozenset({"grid"})
SEES_ROUND = SEES[OWN] - {"building"}
PAGES: tuple[Page, ...] = (
    # the shell
    Page("prefs/", post=then(everybody, 302), unguarded=True),
    Page("kit/gallery", everybody, any_method=True, few=True),
    # the doorstep
    Page("login/", outside, then(outside, 422)),
    Page("login/code/", outside, then(outside, 422)),
    Page("logout/", post=then(everybody, 302)),
    Page("me/", signed),
    Page("me/name/", post=then(signed, 422)),
    Page("me/read/", post=then(signed, 302)),
    Page("me/leave/", post=then(signed, 422)),
    Page("demo/inbox/", everybody),
    # residents
    Page("", everybody),
    Page("mine/", everybody),
    Page("mine/forget/", post=then(everybody, 302)),
    Page("place/", everybody, then(everybody, 422)),
    Page("how/", everybody),
    Page("say/", everybody, then(everybody, 422)),
    Page("say/help/", post=everybody),
    Page("say/one/", everybody, everybody),
    Page("say/done/", everybody),
    Page("t/", everybody, then(everybody, 422)),
    Page("t/<str:receipt>", everybody),
    Page("t/<str:receipt>/", everybody),
    Page("t/<str:receipt>/picture/<uuid:attachment_id>/", everybody, then(everybody, 422)),
    Page("t/<str:receipt>/counted/", everybody, then(everybody, 422)),
    Page("t/<str:receipt>/<slug:act>/", post=then(everybody, 422), args={"act": "reopen"}),
    Page("m/<str:number>/", reporter),
    Page("m/<str:number>/picture/<uuid:attachment_id>/", reporter, then(reporter, 422)),
    Page("m/<str:number>/affected/", neighbours, lambda who, whose: 302 if neighbours(who, whose) == 302 else 422),
    Page("m/<str:number>/counted/", reporter, then(reporter, 422)),
    Page("m/<str:number>/<slug:act>/", post=then(reporter, 422), args={"act": "reopen"}),
    Page("attachments/<uuid:attachment_id>/", looks),
    # behind a door's sign: a house without a door of its own is named by its code; no bridge, no calls
    Page("d/", everybody),
    Page("d/<str:door>", everybody, args=HOUSE),
    Page("d/<str:door>/", everybody, args=HOUSE),
    Page("d/<str:door>/to/<str:post>/", everybody, then(everybody, 422), args=HOUSE),
    Page("d/<str:door>/call/<str:post>/", always(404), always(404), args=HOUSE),
    Page("n/<uuid:announcement_id>/", everybody),
    # the API's own page
    Page("api/v1/docs", everybody, any_method=True, few=True),
    # the public ledger
    Page("open/", everybody),
    Page("open/ledger.csv", everybody),
    Page("open/m/<str:number>/", everybody),
    Page("open/figures/", everybody),
    Page("open/ledger.json", everybody, few=True),
    Page("open/figures.json", everybody, few=True),
    Page("open/figures.csv", everybody, few=True),
    Page("open/formula/", everybody),
    Page("open/formula/exclusions/", everybody),
    Page("open/exclusions.json", everybody, few=True),
    Page("open/formula/objections/", everybody),
    Page("open/objections.json", everybody, few=True),
    Page("open/formula/data/", everybody),
    Page("open/roster/", everybody),
    Page("open/roots/", everybody),
    Page("open/roots/<str:day>/", everybody),
    Page("open/how/", everybody),
    Page("open/bulletins/", everybody),
    Page("open/bulletins/<str:number>/", always(404), args={"number": "TB-2601-000000"}, few=True),
    Page("open/bulletins/<str:number>/paper.<slug:form>", always(404),
         args={"number": "TB-2601-000000", "form": "pdf"}, few=True),
    # the field
    Page("field/", staff),
    Page("field/new/", only(RECORDS), then(only(RECORDS), 422)),
    Page("field/people/", staff),
    Page("field/next/", then(staff, 302)),
    Page("field/map/", staff),
    Page("field/map.geojson", staff),
    Page("field/rounds/", only(RECORDS), then(only(RECORDS), 422)),
    Page("field/rounds/<uuid:round_id>/", only(SEES_ROUND), then(only(HOLDS_ROUND), 422)),
    Page("field/rounds/<uuid:round_id>/end/", post=then(only(HOLDS_ROUND), 302)),
    Page("field/waiting/", staff),
    Page("field/slip/", post=only(frozenset())),  # an empty post names no receipt
    Page("field/spot/", only(RECORDS), then(only(RECORDS), 422)),
    Page("field/spotted/", only(RECORDS)),
    Page("field/sw.js", everybody),
    Page("field/manifest.webmanifest", everybody),
    Page("field/offline/", everybody),
    Page("field/m/<str:number>/", sees),
    Page("field/m/<str:number>/map.geojson", sees),
    Page("field/m/<str:number>/picture/<uuid:attachment_id>/", duty(HANDLES, 404), then(duty(HANDLES, 404), 422)),
    Page("field/m/<str:number>/reveal/", post=then(handler, 422)),
    Page("field/m/<str:number>/<slug:act>/", handler, then(handler, 422), args=ACT),
    # facilities
    Page("stations/", everybody),
    Page("stations/points.geojson", everybody),
    Page("stations/new/", keeps_any, then(keeps_any, 422)),
    Page("stations/<str:code>/", everybody, args={"code": "RS-001"}),
    Page("stations/<str:code>/point.geojson", everybody, args={"code": "RS-001"}),
    Page("stations/<str:code>/edit/", keeps, then(keeps, 422), args={"code": "RS-001"}),
    Page("stations/<str:code>/end/", post=then(keeps, 302), args={"code": "RS-001"}),
    Page("stations/<str:code>/fault/", everybody, then(everybody, 422), args={"code": "RS-001"}),
    # the desk
    Page("desk/", staff),
    Page("desk/export.csv", staff),
    Page("desk/m/<str:number>/", sees),
    Page("desk/m/<str:number>/panel/", sees),
    Page("desk/m/<str:number>/spot.geojson", sees),
    Page("desk/m/<str:number>/contact/", duty(HANDLES, 404), then(handler, 422)),
    Page("desk/m/<str:number>/picture/<uuid:attachment_id>/", duty(HANDLES, 404), then(duty(HANDLES, 404), 422)),
    Page("desk/m/<str:number>/hint/", post=then(sees, 302)),
    Page("desk/m/<str:number>/counted/", sees),
    Page("desk/m/<str:number>/counted/<slug:name>/", duty(UPPER, 404), then(duty(UPPER, 404), 422),
         args={"name": "exclude"}),
    Page("desk/objections/", only(UPPER[OWN] | UPPER[OTHER])),
    Page("desk/objections/<uuid:objection_id>/", then(staff, 404), then(staff, 404), args={"objection_id": NOBODYS}),
    Page("desk/m/<str:number>/<slug:name>/", handler, then(handler, 422), args=ACT),
    Page("desk/m/<str:number>/<slug:name>/find/", duty(OFFICES, 404), args={"name": "merge"}, query="for=into"),
    Page("desk/bulk/dispatch/", then(staff, 302), then(staff, 302)),
    Page("desk/bulk/find/", sees, query="pick={number}&for=to"),
    Page("desk/new/", staff, then(staff, 422)),
    Page("desk/new/places/", staff, query="for=place"),
    Page("desk/new/slip/", then(staff, 410)),
    Page("desk/calls/", staff),
    Page("desk/calls/<uuid:call_id>/<slug:side>/", then(staff, 404), then(staff, 404),
         args={"call_id": NOBODYS, "side": "work"}),
    Page("desk/orders/", staff),
    Page("desk/orders/export.csv", staff),
    Page("desk/orders/owners/", staff),
    Page("desk/orders/new/", only(SUPERVISES), then(only(SUPERVISES), 422)),
    Page("desk/orders/new/find/", only(SUPERVISES), query="for=to"),
    Page("desk/bulletins/", staff),
    Page("desk/bulletins/new/", only(SUPERVISES), then(only(SUPERVISES), 422)),
    Page("desk/bulletins/<str:number>/", then(staff, 404), then(staff, 404), args={"number": "TB-2601-000000"}),
    Page("desk/bulletins/<str:number>/v/<int:n>/", then(staff, 404), args={"number": "TB-2601-000000", "n": "1"}),
    Page("desk/bulletins/<str:number>/v/<int:n>/paper.<slug:form>", then(staff, 404),
         args={"number": "TB-2601-000000", "n": "1", "form": "docx"}),
    Page("desk/bulletins/<str:number>/<slug:name>/", then(staff, 404), then(staff, 404),
         args={"number": "TB-2601-000000", "name": "issue"}),
    Page("desk/returns/", only(SUPERVISES | {"admin"})),
    Page("desk/returns/<uuid:proposal_id>/", then(staff, 404), args={"proposal_id": NOBODYS}),
    Page("desk/returns/<uuid:proposal_id>/<slug:name>/", then(staff, 404), then(staff, 404),
         args={"proposal_id": NOBODYS, "name": "accept"}),
    Page("desk/filters/", staff, then(staff, 404)),
    Page("desk/pressing/", staff),
    Page("desk/bulk/merge/", then(staff, 302), then(staff, 302)),
    Page("desk/bulk/<slug:name>/", then(staff, 302), then(staff, 302), args={"name": "accept"}),
    Page("desk/admissions/", staff),
    Page("desk/admissions/new/", only(APPLIES), then(only(APPLIES), 422)),
    Page("desk/admissions/<str:number>/", leave),
    Page("desk/admissions/<str:number>/<slug:name>/", duty(UPPER, 404), then(duty(UPPER, 404), 422),
         args={"name": "refuse"}),
    Page("desk/figures/", only(COUNTS)),
    Page("desk/inbox/", staff, then(staff, 302)),
    # notices, posters, building heads
    Page("desk/notices/", only(ANNOUNCES)),
    Page("desk/notices/new/", only(ANNOUNCES), then(only(ANNOUNCES), 422)),
    Page("desk/notices/<uuid:announcement_id>/", only(TAKES_DOWN)),
    Page("desk/notices/<uuid:announcement_id>/withdraw/", post=then(only(TAKES_DOWN), 302)),
    Page("desk/notices/<uuid:announcement_id>/sheet.pdf", only(TAKES_DOWN), few=True),
    Page("desk/posters/", only(PRINTS), then(only(PRINTS), 422)),
    Page("desk/posters/<uuid:run_id>/", only(PRINTS_HERE)),
    Page("desk/posters/<uuid:run_id>/progress/", only(PRINTS_HERE)),
    Page("desk/posters/<uuid:run_id>/stop/", post=then(only(PRINTS_HERE), 302)),
    Page("desk/posters/<uuid:run_id>/resume/", post=then(only(PRINTS_HERE), 302)),
    Page("desk/posters/<uuid:run_id>/all.zip", only(PRINTS_HERE)),
    Page("desk/posters/<uuid:run_id>/files/<int:serial>/", then(only(PRINTS_HERE), 404), args={"serial": "1"}),
    Page("desk/heads/", only(COUNTS)),
    Page("desk/heads/export.csv", only(COUNTS)),
    # for those who run it
    Page("healthz", everybody, few=True),
    Page("readyz", always(503), few=True),  # no worker beats in a test; it says so to everybody alike
    Page("metrics", everybody, few=True),  # from this machine; test_nested asks from elsewhere
)  # fmt: skip

# ── the read-only tables ────────────────────────────────────────────────────────────────────────────────────────
NOUNS = (
    "kit/change", "kit/outbox", "places/district", "places/place", "places/boundary", "places/succession",
    "places/dwelling", "people/person", "people/organisation", "people/post", "people/holding", "people/user",
    "matters/matter", "matters/clock", "matters/seal", "matters/kind", "matters/category", "matters/cause",
    "matters/policy", "matters/rule", "matters/admission",
)  # fmt: skip
_AT = "admin/nouns/"
_NO_ROW = {"object_id": "1"}


def _tables() -> tuple[Page, ...]:
    """Six addresses a table: only the list answers; nothing is added, changed or deleted, and a wrong id is none."""
    out = []
    for noun in NOUNS:
        out += [
            Page(f"{_AT}{noun}/", nouns, any_method=True, few=True),
            Page(f"{_AT}{noun}/add/", then(nouns, 403), then(nouns, 403), any_method=True, few=True),
            *(
                Page(
                    f"{_AT}{noun}/<path:object_id>/{act}", then(nouns, status), args=_NO_ROW, any_method=True, few=True
                )
                for act, status in (("history/", 302), ("delete/", 403), ("change/", 302), ("", 302))
            ),
        ]
    return tuple(out)


PAGES += (
    Page(_AT, nouns, any_method=True),
    Page(f"{_AT}login/", nouns_login, any_method=True),
    Page(f"{_AT}logout/", then(everybody, 302), any_method=True),
    Page(f"{_AT}password_change/", then(nouns, 302), any_method=True),
    Page(f"{_AT}password_change/done/", then(nouns, 302), any_method=True),
    Page(f"{_AT}autocomplete/", then(nouns, 403), any_method=True),
    Page(f"{_AT}jsi18n/", nouns, any_method=True),
    Page(f"{_AT}r/<path:content_type_id>/<path:object_id>/", then(nouns, 404),
         args={"content_type_id": "1", "object_id": "1"}, any_method=True),
    Page(f"{_AT}^(?P<app_label>kit|places|people|matters)/$", nouns, args={"app_label": "kit"}, any_method=True),
    Page(f"{_AT}(?P<url>.*)$", then(nouns, 404), args={"url": "nothing"}, any_method=True),
    *_tables(),
)  # fmt: skip


# ── the office ──────────────────────────────────────────────────────────────────────────────────────────────────
_DESK = "admin/"
admin = only(frozenset({"admin"}))


def _office(route: str, get: Status = 200, post: Status = 0, **args: str) -> Page:
    """A page of the office: whoever configures the district, and for nobody else it is there."""
    return Page(
        f"{_DESK}{route}", then(admin, get) if get else None, then(admin, post) if post else None, args=args, few=True
    )


PAGES += (
    _office(""),
    _office("history/"),
    _office("places/"),
    _office("places/<uuid:place_id>/"),
    _office("places/<uuid:place_id>/map.geojson"),
    _office("places/<uuid:place_id>/around.geojson"),
    _office("places/<uuid:place_id>/rename/", post=422),
    _office("places/<uuid:place_id>/draw/", post=422),
    _office("places/<uuid:place_id>/draw/check/", 0, 422),
    _office("places/<uuid:place_id>/split/", post=422),
    _office("places/<uuid:place_id>/merge/", post=422),
    _office("places/<uuid:place_id>/move/", post=422),
    _office("places/<uuid:place_id>/end/", post=422),
    _office("tiling/"),
    _office("tiling/map.geojson"),
    _office("transfer/", post=422),
    _office("transfer/<slug:kind>/sample.csv", kind="places"),
    _office("transfer/<slug:kind>/export/<slug:form>/", 0, 200, kind="places", form="csv"),
    _office("organisations/"),
    _office("organisations/export.csv"),
    _office("organisations/new/", post=422),
    _office("organisations/<uuid:body_id>/"),
    _office("organisations/<uuid:body_id>/rename/", post=422),
    _office("organisations/<uuid:body_id>/end/", post=422),
    _office("posts/"),
    _office("posts/export.csv"),
    _office("posts/new/", post=422),
    _office("posts/<uuid:post_id>/end/", post=422),
    _office("committees/"),
    _office("committees/new/", post=422),
    _office("accounts/"),
    _office("accounts/new/"),
    _office("accounts/new/<uuid:person_id>/", post=422),
    _office("accounts/<uuid:user_id>/password/", post=200),
    _office("accounts/<uuid:user_id>/switch/", 0, 302),
    _office("kinds/"),
    _office("kinds/new/", post=422),
    _office("kinds/<uuid:row_id>/", post=422),
    _office("kinds/categories/"),
    _office("kinds/categories/new/", post=422),
    _office("kinds/categories/<uuid:row_id>/", post=422),
    _office("kinds/causes/"),
    _office("kinds/causes/new/", post=422),
    _office("kinds/causes/<uuid:row_id>/", post=422),
    _office("policies/"),
    _office("policies/new/", post=422),
    _office("policies/<uuid:policy_id>/", post=422),
    _office("policies/<uuid:policy_id>/end/", post=422),
    _office("rules/"),
    _office("rules/new/", post=422),
    _office("guidance/"),
    _office("guidance/new/", post=422),
    _office("guidance/<uuid:note_id>/", post=422),
    _office("guidance/<uuid:note_id>/switch/", post=302),
    _office("rules/<uuid:rule_id>/", post=422),
    _office("rules/<uuid:rule_id>/move/", 0, 302),
    _office("switches/"),
    _office("switches/edit/", post=422),
    _office("switches/channels/new/", post=422),
    _office("switches/channels/<slug:code>/", post=422, code="box"),
    _office("switches/team/", post=422),
)


# ── pairings, the double check-in, the survey of homes: what lies in the first community ────────────────────────────
_OVER_OWN = frozenset({"community", "community_b", "street", "district"})
_KEEPERS = _OVER_OWN | {"community2", "street2"}
_RESPONSIBLE = _OVER_OWN | {"auditor", "admin"}
_REPORTS = _KEEPERS | {"department", "power", "property"}
_WALKS = _OVER_OWN | {"grid", "steward", "building"}
_WATCHES = COUNTS - {"admin"}
_CHIEFS = frozenset({"district", "admin"})
_NOBODY: frozenset[str] = frozenset()
_HERE, _SEAT, _DOOR = {"code": COMMUNITY}, {"role": "cadre", "code": QUARTER}, {"code": UNIT}


def mine_alone(who: str, whose: str) -> Status:
    """Something of the resident's own: for everybody else it is not there."""
    return "login" if who == ANONYMOUS else 302 if who == "resident" else 404


def with_account(status: Status) -> Verdict:
    return lambda who, whose: "login" if who == ANONYMOUS else status


PAGES += (
    Page("desk/pairings/", only(COUNTS)),
    Page("desk/pairings/export.csv", only(COUNTS)),
    Page("desk/pairings/visits/", only(COUNTS)),
    Page("desk/pairings/visits/<uuid:visit_id>/", post=then(only(_RESPONSIBLE), 302)),
    Page("desk/pairings/new/<slug:role>/<str:code>/", only(_CHIEFS | {"street"}),
         then(only(_CHIEFS | {"street"}), 422), args=_SEAT),
    Page("desk/pairings/<uuid:pairing_id>/", only(_RESPONSIBLE)),
    Page("desk/pairings/<uuid:pairing_id>/end/", only(_CHIEFS), then(only(_CHIEFS), 422)),
    Page("desk/pairings/<uuid:pairing_id>/hand-over/", only(_CHIEFS), then(only(_CHIEFS), 422)),
    Page("field/visits/", staff),
    Page("field/visits/<uuid:pairing_id>/", only(_NOBODY), only(_NOBODY)),
    Page("open/pairings/", everybody),
    Page("desk/checkins/", only(_REPORTS)),
    Page("desk/checkins/export.csv", only(_REPORTS)),
    Page("desk/checkins/p/<str:code>/", only(_OVER_OWN), args=_HERE),
    Page("desk/checkins/p/<str:code>/sign/", only(_OVER_OWN), then(only(_OVER_OWN), 302), args=_HERE),
    Page("desk/checkins/p/<str:code>/items/new/", only(_OVER_OWN), then(only(_OVER_OWN), 422), args=_HERE),
    Page("desk/checkins/p/<str:code>/record/", only(_OVER_OWN), then(only(_OVER_OWN), 422), args=_HERE),
    Page("desk/checkins/p/<str:code>/summary/", only(_OVER_OWN), then(only(_OVER_OWN), 422), args=_HERE),
    Page("desk/checkins/items/<uuid:item_id>/close/", post=then(only(_OVER_OWN), 302)),
    Page("desk/checkins/services/<uuid:service_id>/", post=then(only(_OVER_OWN), 302)),
    Page("desk/checkins/units/new/", only(_REPORTS), then(only(_REPORTS), 422)),
    Page("desk/checkins/units/<uuid:report_id>/", post=then(only(_OVER_OWN | {"department"}), 302)),
    Page("desk/checkins/summaries/<uuid:summary_id>/", only(_OVER_OWN | {"department"})),
    Page("field/checkins/", only(_KEEPERS)),
    Page("checkin/", signed),
    Page("checkin/c/<str:code>/", signed, with_account(422)),
    Page("checkin/items/<uuid:item_id>/", post=mine_alone),
    Page("checkin/services/<uuid:service_id>/<slug:name>/", post=mine_alone, args={"name": "start"}),
    Page("checkin/<uuid:checkin_id>/leave/", post=mine_alone),
    Page("open/checkins/", everybody),
    Page("open/checkins/v/<str:code>/", always(404), args={"code": "0000-0000-0000"}, few=True),
    Page("desk/dwellings/", only(_WATCHES)),
    Page("desk/dwellings/export.csv", only(_WATCHES)),
    Page("desk/dwellings/welcomes/", only(_WATCHES)),
    Page("desk/dwellings/welcomes/<uuid:welcome_id>/", post=then(only(_WALKS), 302)),
    Page("desk/dwellings/q/<str:code>/", only(_OVER_OWN | {"auditor"}), args={"code": QUARTER}),
    Page("desk/dwellings/units/<str:code>/give/", only(_OVER_OWN), then(only(_OVER_OWN), 422), args=_DOOR),
    Page("desk/dwellings/units/<str:code>/end/", post=then(only(_OVER_OWN), 302), args=_DOOR),
    Page("field/dwellings/", staff),
    Page("field/dwellings/<str:code>/", only(_WALKS), only(_NOBODY), args=_DOOR),
    Page("welcome/<str:door>/", everybody),
)  # fmt: skip


# ── voting: an open vote in each of the two communities, run by its offices ─────────────────────────────────────────
_CONVENES = OFFICES[OWN] | OFFICES[OTHER]


def runs(status: Status) -> Verdict:
    """Whoever may put questions to the people of that community; for everybody else it is not there."""
    return lambda who, whose: status if who in OFFICES[whose] else "login" if who == ANONYMOUS else 404


PAGES += (
    Page("vote/", everybody),
    Page("vote/receipt/", everybody, then(everybody, 422)),
    Page("vote/<str:number>/", everybody),
    Page("vote/<str:number>/cast/", with_account(404), with_account(404)),  # nobody of the cast is on the roll
    Page("vote/<str:number>/slip/", everybody, then(everybody, 422)),
    Page("vote/<str:number>/taken/", everybody),
    Page("vote/<str:number>/object/", everybody, then(everybody, 422)),
    Page("vote/<str:number>/key/", with_account(404), with_account(404)),  # the vote is an open one
    Page("open/votes/", everybody),
    Page("open/votes/<str:number>/", everybody),
    Page("open/votes/<str:number>/live/", everybody),
    Page("open/votes/<str:number>/recount.json", everybody),
    Page("open/votes/<str:number>/codes/", everybody),
    Page("open/votes/<str:number>/sheet/", everybody),
    Page("open/votes/<str:number>/result.<slug:form>", always(404), args={"form": "pdf"}, few=True),  # not counted yet
    Page("desk/votes/", only(_CONVENES)),
    Page("desk/votes/new/", only(_CONVENES), then(only(_CONVENES), 422)),
    Page("desk/votes/<str:number>/", runs(200)),
    Page("desk/votes/<str:number>/edit/", runs(200), runs(422)),
    Page("desk/votes/<str:number>/live/", runs(200)),
    Page("desk/votes/<str:number>/roll/", runs(200)),
    Page("desk/votes/<str:number>/roll.csv", runs(200)),
    Page("desk/votes/<str:number>/slips/", runs(200), runs(200)),
    Page("desk/votes/<str:number>/paper/", runs(200), runs(422)),
    Page("desk/votes/<str:number>/papers/<uuid:paper_id>/", then(staff, 404), args={"paper_id": NOBODYS}),
    Page("desk/votes/<str:number>/calls/", runs(200), runs(302)),
    Page("desk/votes/<str:number>/objections/<uuid:objection_id>/", then(staff, 404),
         then(staff, 404), args={"objection_id": NOBODYS}),
    Page("desk/votes/<str:number>/do/<slug:name>/", runs(200), runs(422), args={"name": "extend"}),
)  # fmt: skip


# ── councils: in each of the two communities a sitting that is going on, with a topic and a resolution ──────────────
PAGES += (
    Page("council/", signed),
    Page("council/propose/", signed, then(signed, 422)),
    Page("council/words/", signed),
    Page("council/said/", everybody, then(everybody, 422)),
    Page("council/said/erase/", post=always(404)),
    Page("council/t/<str:number>/", signed),
    Page("council/t/<str:number>/support/", post=then(signed, 302)),
    Page("council/t/<str:number>/speak/", signed, then(signed, 422)),
    Page("council/r/<uuid:resolution_id>/", signed, then(signed, 422)),
    Page("council/r/<uuid:resolution_id>/objected/<uuid:dissent_id>/", post=then(signed, 404),
         args={"dissent_id": NOBODYS}),
    Page("council/g/<str:number>/", signed),
    Page("council/g/<str:number>/do/<slug:name>/", signed, then(signed, 422), args={"name": "attend"}),
    Page("gatherings/<str:number>/", then(signed, 302)),
    Page("open/council/", everybody),
    Page("open/council/t/<str:number>/", everybody),
    Page("open/council/g/<str:number>/", everybody),
    Page("open/council/g/<str:number>/minutes.<slug:form>", always(404), args={"form": "pdf"}, few=True),  # none yet
    # covenants: in each of the two communities one that people are asked about, with a comment
    Page("covenant/", everybody),
    Page("covenant/words/", signed),
    Page("covenant/said/", everybody, then(everybody, 422)),
    Page("covenant/said/erase/", post=always(404)),
    Page("covenant/<str:number>/", everybody),
    Page("covenant/<str:number>/say/", everybody, then(everybody, 422)),
    Page("covenant/<str:number>/compare/", everybody),
    Page("covenant/<str:number>/follow/", post=then(signed, 302)),
    Page("covenant/<str:number>/support/<uuid:comment_id>/", post=then(signed, 302)),
    Page("open/covenants/", everybody),
    Page("open/covenants/list.csv", everybody),
    Page("open/covenants/<str:number>/", everybody),
    Page("open/covenants/<str:number>/v/<int:version>/", everybody, args={"version": "1"}),
    Page("open/covenants/<str:number>/v/<int:version>/paper/", everybody, args={"version": "1"}),
    Page("open/covenants/<str:number>/v/<int:version>/paper.<slug:form>", everybody,
         args={"version": "1", "form": "docx"}),
    Page("open/covenants/<str:number>/compare/", everybody),
    Page("open/covenants/<str:number>/comments.csv", everybody),
    Page("open/covenants/<str:number>/data.json", everybody),
    Page("desk/covenants/", only(_CONVENES)),
    Page("desk/covenants/list.csv", only(_CONVENES)),
    Page("desk/covenants/new/", only(_CONVENES), then(only(_CONVENES), 422)),
    Page("desk/covenants/<str:number>/", runs(200)),
    Page("desk/covenants/<str:number>/text/", runs(200), runs(422)),
    Page("desk/covenants/<str:number>/compare/", runs(200)),
    Page("desk/covenants/<str:number>/comments/", runs(200)),
    Page("desk/covenants/<str:number>/comments.csv", runs(200)),
    Page("desk/covenants/<str:number>/answer/", then(staff, 404), then(staff, 404)),  # it names no comment
    Page("desk/covenants/<str:number>/do/<slug:name>/", runs(200), runs(422), args={"name": "drop"}),
    Page("desk/councils/", only(_CONVENES)),
    Page("desk/councils/new/", only(_CONVENES), then(only(_CONVENES), 422)),
    Page("desk/councils/topics/", only(_CONVENES)),
    Page("desk/councils/topics.csv", only(_CONVENES)),
    Page("desk/councils/topics/new/", only(_CONVENES), then(only(_CONVENES), 422)),
    Page("desk/councils/members/", only(_CONVENES)),
    Page("desk/councils/members.csv", only(_CONVENES)),
    Page("desk/councils/members/<str:code>/", then(staff, 404), args={"code": "nowhere"}),
    Page("desk/councils/topics/<str:number>/", runs(200)),
    Page("desk/councils/topics/<str:number>/opinions/<uuid:opinion_id>/", then(staff, 404), then(staff, 404),
         args={"opinion_id": NOBODYS}),
    Page("desk/councils/g/<str:number>/", runs(200)),
    Page("desk/councils/g/<str:number>/edit/", runs(200), runs(422)),
    Page("desk/councils/g/<str:number>/do/<slug:name>/", runs(200), runs(422), args={"name": "cancel"}),
    Page("desk/councils/g/<str:number>/run/", runs(200)),
    Page("desk/councils/g/<str:number>/live/", runs(200)),
    Page("desk/councils/g/<str:number>/minutes/", runs(200), runs(422)),
    Page("desk/councils/g/<str:number>/paper/", runs(200)),
    Page("desk/councils/g/<str:number>/papers/<slug:what>.<slug:form>", runs(200),
         args={"what": "signing", "form": "docx"}),
    Page("desk/councils/g/<str:number>/items/<uuid:item_id>/resolve/", runs(200), runs(422)),
    Page("desk/councils/g/<str:number>/items/<uuid:item_id>/do/<slug:name>/", runs(200), runs(422),
         args={"name": "dissent"}),
    Page("desk/councils/g/<str:number>/items/<uuid:item_id>/hands/", runs(302), runs(302)),  # nothing is asked
    Page("desk/councils/r/<uuid:resolution_id>/", runs(200)),
    Page("desk/councils/g/<str:number>/slips/", runs(200), runs(422)),  # it sits already: nobody is asked any more
    Page("desk/councils/r/<uuid:resolution_id>/paper.<slug:form>", runs(200), args={"form": "docx"}),
    Page("desk/councils/r/<uuid:resolution_id>/assign/", runs(200), runs(422)),
    Page("desk/councils/r/<uuid:resolution_id>/split/", runs(200), runs(422)),
    Page("desk/councils/r/<uuid:resolution_id>/review/", runs(200), runs(422)),
    Page("desk/councils/r/<uuid:resolution_id>/objectors/<uuid:dissent_id>/", then(staff, 404), then(staff, 404),
         args={"dissent_id": NOBODYS}),
)  # fmt: skip


# ── opinion rounds: in each of the two communities one that is open; grid workers and building heads go ─────────────
_KNOCKS = {OWN: frozenset({"grid", "building"}), OTHER: frozenset({"grid2"})}


def knocks(status: Status) -> Verdict:
    """Whoever was asked to go and serves at that very building; for everybody else it is not there."""
    return lambda who, whose: "login" if who == ANONYMOUS else status if who in _KNOCKS[whose] else 404


def sends_door(who: str, whose: str) -> Status:
    """A neighbouring grid's worker goes for the round too, elsewhere: his key is looked at before his building."""
    return 401 if who == ANONYMOUS else 422 if who in _KNOCKS[whose] | ({"gridb"} if whose == OWN else set()) else 404


PAGES += (
    Page("opinions/", everybody),
    Page("opinions/said/", everybody, then(everybody, 422)),
    Page("opinions/said/correct/", post=always(404)),
    Page("opinions/said/erase/", post=always(404)),
    Page("opinions/<str:code>/", everybody, then(everybody, 422)),
    Page("open/opinions/", everybody),
    Page("open/opinions/<str:code>/", always(404)),  # not published yet
    Page("open/opinions/<str:code>/result.csv", always(404)),
    Page("desk/opinions/", only(_CONVENES)),
    Page("desk/opinions/new/", only(_CONVENES), then(only(_CONVENES), 422)),
    Page("desk/opinions/<str:code>/", runs(200)),
    Page("desk/opinions/<str:code>/edit/", runs(200), runs(422)),
    Page("desk/opinions/<str:code>/paper/", runs(200)),
    Page("desk/opinions/<str:code>/progress/", runs(200)),
    Page("desk/opinions/<str:code>/progress.csv", runs(200)),
    Page("desk/opinions/<str:code>/do/<slug:name>/", runs(200), runs(302), args={"name": "end"}),
    Page("desk/opinions/<str:code>/words/", runs(200), runs(422)),
    Page("desk/opinions/<str:code>/words.csv", runs(200)),
    Page("desk/opinions/<str:code>/words/<uuid:opinion_id>/", runs(200), runs(422)),
    Page("desk/opinions/<str:code>/words/<uuid:opinion_id>/out/", post=runs(302)),
    Page("desk/opinions/<str:code>/alike/", runs(200), then(staff, 404)),
    Page("desk/opinions/<str:code>/groups/<uuid:group_id>/", runs(200)),
    Page("desk/opinions/<str:code>/groups/<uuid:group_id>/do/<slug:name>/", runs(200), runs(422),
         args={"name": "rename"}),
    Page("field/opinions/", staff),
    Page("field/opinions/<str:code>/<str:place>/", knocks(200), knocks(422)),
)  # fmt: skip


def program(names: frozenset[str], yes: Status = 200, no: Status = 404) -> Verdict:
    """For the API: these get ``yes``, whoever else is known ``no``."""
    return lambda who, whose: 401 if who == ANONYMOUS else yes if who in names else no


def ends_pairing(who: str, whose: str) -> Status:
    return 401 if who == ANONYMOUS else 200 if who in _CHIEFS else 403 if who in _RESPONSIBLE else 404


# ── operations of the API ───────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Operation:
    """One operation. ``body`` is what it takes; ``args`` fills what no scope has."""

    method: str
    path: str
    verdict: Verdict
    body: Mapping[str, object] | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    form: bool = False  # takes a file, not JSON


ROUND_HERE = frozenset({"grid", "steward", "community", "community_b", "street", "district"})
HERE = {"kind": "appeal", "text": "楼道灯坏了。"}
ASKS = {"title": "入户登记", "basis": "有依据", "since": "2026-01-01", "until": "2026-02-01"}
REASON = {"reason": "约时间上门"}
NO_TOPIC = {"matter": "TS-0000-0000", "title": "建不建充电棚", "place": "99", "rule": "household",
            "closes_at": "2099-01-01T00:00:00+08:00"}  # fmt: skip
OPERATIONS: tuple[Operation, ...] = (
    Operation("POST", "tokens", everybody, {"username": "grid", "password": "linli-demo"}),
    Operation("DELETE", "tokens", lambda who, whose: 400 if who == ANONYMOUS else 204),
    Operation("GET", "me", caller),
    Operation("GET", "units", serving),
    Operation("GET", "notices", caller),
    Operation("GET", "places/locate", everybody, query="lon=114.885&lat=40.815"),
    Operation("GET", "places.geojson", everybody),
    Operation("GET", "places/{code}", everybody),
    Operation("GET", "places/{code}/children", everybody),
    Operation("GET", "places/{code}/roster", everybody),
    Operation("GET", "doors/{door}", everybody),
    Operation("GET", "stats/matters", everybody),
    Operation("GET", "matters", caller),
    Operation("POST", "matters", then(everybody, 201), HERE),
    Operation("GET", "matters/{number}", matter),
    Operation("POST", "matters/{number}/contact", calls_back, REASON),
    Operation("POST", "matters/{number}/erase", erases, REASON),
    Operation("POST", "matters/{number}/appraise", then(matter, 422), {"unit": "T-power_unit", "verdict": "good"}),
    Operation("POST", "matters/{number}/follow",
              lambda who, whose: 409 if who == REPORTER[whose] else 201, {}),
    Operation("GET", "matters/{number}/likely", likely),
    Operation("POST", "attachments", then(everybody, 201), form=True),
    Operation("GET", "attachments/{attachment_id}", looks),
    Operation("POST", "attachments/{attachment_id}/cover", covers, {"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2}),
    Operation("POST", "attachments/{attachment_id}/hide", covers, REASON),
    Operation("GET", "rounds", caller),
    Operation("POST", "rounds", lambda who, whose: 401 if who == ANONYMOUS else 201 if who in ROUND_HERE else 422
              if who in RECORDS else 403, {"channel": "box", "place": "99000101010101"}),
    Operation("GET", "rounds/{round_id}", lambda who, whose: 401 if who == ANONYMOUS else 200
              if who in SEES_ROUND else 404),
    Operation("POST", "rounds/{round_id}/matters", lambda who, whose: 401 if who == ANONYMOUS else 201
              if who in HOLDS_ROUND else 404, HERE),
    Operation("POST", "rounds/{round_id}/end", lambda who, whose: 401 if who == ANONYMOUS else 200
              if who in HOLDS_ROUND else 404, {}),
    Operation("GET", "facilities", everybody),
    Operation("GET", "facilities/{code}", everybody, args={"code": "RS-001"}),
    Operation("GET", "questions", everybody),
    Operation("POST", "questions", then(caller, 404), NO_TOPIC),
    Operation("GET", "questions/{number}", everybody),
    Operation("GET", "questions/{number}/recount", everybody),
    Operation("POST", "questions/{number}/{act}", lambda who, whose: 401 if who == ANONYMOUS else 422
              if who in OFFICES[whose] else 403, {"reason": ""}, args={"act": "withdraw"}),
    Operation("GET", "opinions", caller),
    Operation("POST", "opinions/{code}/doors", sends_door, {"building": "x", "outcome": "nobody"}),
    Operation("GET", "admissions", caller),
    Operation("POST", "admissions",
              lambda who, whose: 401 if who == ANONYMOUS else 201 if who in APPLIES else 403, ASKS),
    Operation("GET", "admissions/{number}", leaves),
    Operation("POST", "admissions/{number}/approve", decides, {}),
    Operation("POST", "admissions/{number}/refuse", decides, REASON),
    Operation("GET", "pairings", caller),
    Operation("POST", "pairings", program(_CHIEFS, 201, 403),
              {"role": "leader", "place": COMMUNITY, "post": "T-leader2"}),
    Operation("GET", "pairings/{pairing_id}", program(_RESPONSIBLE)),
    Operation("POST", "pairings/{pairing_id}/end", ends_pairing, {}),
    Operation("POST", "pairings/{pairing_id}/visits", program(_NOBODY), {"on": "2026-01-01"}),
    Operation("GET", "places/{code}/pairings", everybody),
    Operation("GET", "checkins", caller),
    Operation("POST", "checkins", program(_NOBODY), {"code": "0000-0000-0000", "how": "home"}),
    Operation("GET", "places/{code}/checkins", everybody),
    Operation("GET", "units/{code}/dwellings", program(_WALKS), args={"code": UNIT}),
    Operation("POST", "dwellings/{dwelling_id}/survey", program(_WALKS, 201), {"status": "rented"}),
    Operation("POST", "admissions/{number}/end", then(decides, 409), REASON),
)  # fmt: skip


# ── the calendar: rooms stand at the first community, and the street's is above both ────────────────────────────────
_ROOM = {"code": "T-hall"}
_NO_FEED = {"token": "x" * 43}
PAGES += (
    Page("desk/calendar/", staff),
    Page("desk/calendar/export.csv", staff),
    Page("desk/calendar/series/", only(_CONVENES)),
    Page("desk/calendar/series/new/", only(_CONVENES), then(only(_CONVENES), 422)),
    Page("desk/calendar/series/<uuid:series_id>/stop/", only(_NOBODY), only(_NOBODY), args={"series_id": NOBODYS}),
    Page("desk/rooms/", only(_CONVENES)),
    Page("desk/rooms/new/", only(_CONVENES), then(only(_CONVENES), 422)),
    Page("desk/rooms/<str:code>/", only(OFFICES[OWN]), args=_ROOM),
    Page("desk/rooms/<str:code>/edit/", only(OFFICES[OWN]), then(only(OFFICES[OWN]), 422), args=_ROOM),
    Page("desk/rooms/<str:code>/book/", only(OFFICES[OWN]), then(only(OFFICES[OWN]), 422), args=_ROOM),
    Page("calendar/", signed),
    Page("calendar/feed/", signed, signed),
    Page("calendar/feed/<str:token>.ics", always(404), args=_NO_FEED),
    Page("calendar/slip/", everybody, then(everybody, 422)),
    Page("open/calendar/", everybody),
    Page("open/calendar.ics", everybody),
)  # fmt: skip
