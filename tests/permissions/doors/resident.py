"""The doorstep and residents: the shell, signing in, filing, doors, stations, votes, councils, covenants, rounds."""

from __future__ import annotations

from tests.permissions.rows import HOUSE, NO_FEED, NOBODYS, Page, keeps, keeps_any, mine_alone, with_account
from tests.permissions.verdicts import always, everybody, looks, neighbours, outside, reporter, signed, then

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
    Page("me/password/", signed, then(signed, 422)),
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
    # facilities
    Page("stations/", everybody),
    Page("stations/points.geojson", everybody),
    Page("stations/new/", keeps_any, then(keeps_any, 422)),
    Page("stations/<str:code>/", everybody, args={"code": "RS-001"}),
    Page("stations/<str:code>/point.geojson", everybody, args={"code": "RS-001"}),
    Page("stations/<str:code>/edit/", keeps, then(keeps, 422), args={"code": "RS-001"}),
    Page("stations/<str:code>/end/", post=then(keeps, 302), args={"code": "RS-001"}),
    Page("stations/<str:code>/fault/", everybody, then(everybody, 422), args={"code": "RS-001"}),
    # for those who run it
    Page("healthz", everybody, few=True),
    Page("readyz", always(503), few=True),  # no worker beats in a test; it says so to everybody alike
    Page("metrics", everybody, few=True),  # from this machine; test_nested asks from elsewhere
    # pairings, the double check-in, the survey of homes: what lies in the first community
    Page("checkin/", signed),
    Page("checkin/c/<str:code>/", signed, with_account(422)),
    Page("checkin/items/<uuid:item_id>/", post=mine_alone),
    Page("checkin/services/<uuid:service_id>/<slug:name>/", post=mine_alone, args={"name": "start"}),
    Page("checkin/<uuid:checkin_id>/leave/", post=mine_alone),
    Page("welcome/<str:door>/", everybody),
    # voting: an open vote in each of the two communities, run by its offices
    Page("vote/", everybody),
    Page("vote/receipt/", everybody, then(everybody, 422)),
    Page("vote/<str:number>/", everybody),
    Page("vote/<str:number>/cast/", with_account(404), with_account(404)),  # nobody of the cast is on the roll
    Page("vote/<str:number>/slip/", everybody, then(everybody, 422)),
    Page("vote/<str:number>/taken/", everybody),
    Page("vote/<str:number>/object/", everybody, then(everybody, 422)),
    Page("vote/<str:number>/key/", with_account(404), with_account(404)),  # the vote is an open one
    # councils: in each of the two communities a sitting that is going on, with a topic and a resolution
    Page("council/", signed),
    Page("council/propose/", signed, then(signed, 422)),
    Page("council/words/", signed),
    Page("council/said/", everybody, then(everybody, 422)),
    Page("council/said/erase/", post=always(404)),
    Page("council/t/<str:number>/", signed),
    Page("council/t/<str:number>/support/", post=then(signed, 400)),
    Page("council/t/<str:number>/speak/", signed, then(signed, 422)),
    Page("council/r/<uuid:resolution_id>/", signed, then(signed, 422)),
    Page("council/r/<uuid:resolution_id>/objected/<uuid:dissent_id>/", post=then(signed, 404),
         args={"dissent_id": NOBODYS}),
    Page("council/g/<str:number>/", signed),
    Page("council/g/<str:number>/do/<slug:name>/", signed, then(signed, 422), args={"name": "attend"}),
    Page("gatherings/<str:number>/", then(signed, 302)),
    # covenants: in each of the two communities one that people are asked about, with a comment
    Page("covenant/", everybody),
    Page("covenant/words/", signed),
    Page("covenant/said/", everybody, then(everybody, 422)),
    Page("covenant/said/erase/", post=always(404)),
    Page("covenant/<str:number>/", everybody),
    Page("covenant/<str:number>/say/", everybody, then(everybody, 422)),
    Page("covenant/<str:number>/compare/", everybody),
    Page("covenant/<str:number>/follow/", post=then(signed, 400)),
    Page("covenant/<str:number>/support/<uuid:comment_id>/", post=then(signed, 400)),
    # opinion rounds: in each of the two communities one that is open; grid workers and building heads go
    Page("opinions/", everybody),
    Page("opinions/said/", everybody, then(everybody, 422)),
    Page("opinions/said/correct/", post=always(404)),
    Page("opinions/said/erase/", post=always(404)),
    Page("opinions/<str:code>/", everybody, then(everybody, 422)),
    # the calendar: rooms stand at the first community, and the street's is above both
    Page("calendar/", signed),
    Page("calendar/feed/", signed, signed),
    Page("calendar/feed/<str:token>.ics", always(404), args=NO_FEED),
    Page("calendar/slip/", everybody, then(everybody, 422)),
)  # fmt: skip
