"""Grid workers and whoever else goes: below ``/field/``."""

from __future__ import annotations

from tests.permissions.rows import ACT, DOOR, HOLDS_ROUND, KEEPERS, KNOCKS, NOBODY, SEES_ROUND, WALKS, Page
from tests.permissions.scene import ANONYMOUS
from tests.permissions.verdicts import (
    HANDLES,
    RECORDS,
    Status,
    Verdict,
    duty,
    everybody,
    handler,
    only,
    sees,
    staff,
    then,
)


def knocks(status: Status) -> Verdict:
    """Whoever was asked to go and serves at that very building; for everybody else it is not there."""
    return lambda who, whose: "login" if who == ANONYMOUS else status if who in KNOCKS[whose] else 404


PAGES: tuple[Page, ...] = (
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
    # pairings, the double check-in, the survey of homes: what lies in the first community
    Page("field/visits/", staff),
    Page("field/visits/<uuid:pairing_id>/", only(NOBODY), only(NOBODY)),
    Page("field/checkins/", only(KEEPERS)),
    Page("field/dwellings/", staff),
    Page("field/dwellings/<str:code>/", only(WALKS), only(NOBODY), args=DOOR),
    # opinion rounds: in each of the two communities one that is open; grid workers and building heads go
    Page("field/opinions/", staff),
    Page("field/opinions/<str:code>/<str:place>/", knocks(200), knocks(422)),
)  # fmt: skip
