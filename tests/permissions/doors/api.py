"""Programs: below ``/api/v1/``."""

from __future__ import annotations

from tests.permissions.pairing_scene import COMMUNITY, UNIT
from tests.permissions.rows import CHIEFS, HOLDS_ROUND, KNOCKS, NOBODY, RESPONSIBLE, SEES_ROUND, WALKS, Operation
from tests.permissions.scene import ANONYMOUS, OWN
from tests.permissions.verdicts import (
    APPLIES,
    OFFICES,
    RECORDS,
    REPORTER,
    Status,
    Verdict,
    caller,
    calls_back,
    covers,
    decides,
    erases,
    everybody,
    leaves,
    likely,
    looks,
    matter,
    serving,
    then,
)


def sends_door(who: str, whose: str) -> Status:
    """A neighbouring grid's worker goes for the round too, elsewhere: his key is looked at before his building."""
    return 401 if who == ANONYMOUS else 422 if who in KNOCKS[whose] | ({"gridb"} if whose == OWN else set()) else 404


def program(names: frozenset[str], yes: Status = 200, no: Status = 404) -> Verdict:
    """For the API: these get ``yes``, whoever else is known ``no``."""
    return lambda who, whose: 401 if who == ANONYMOUS else yes if who in names else no


def ends_pairing(who: str, whose: str) -> Status:
    return 401 if who == ANONYMOUS else 200 if who in CHIEFS else 403 if who in RESPONSIBLE else 404


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
    Operation("POST", "pairings", program(CHIEFS, 201, 403),
              {"role": "leader", "place": COMMUNITY, "post": "T-leader2"}),
    Operation("GET", "pairings/{pairing_id}", program(RESPONSIBLE)),
    Operation("POST", "pairings/{pairing_id}/end", ends_pairing, {}),
    Operation("POST", "pairings/{pairing_id}/visits", program(NOBODY), {"on": "2026-01-01"}),
    Operation("GET", "places/{code}/pairings", everybody),
    Operation("GET", "checkins", caller),
    Operation("POST", "checkins", program(NOBODY), {"code": "0000-0000-0000", "how": "home"}),
    Operation("GET", "places/{code}/checkins", everybody),
    Operation("GET", "units/{code}/dwellings", program(WALKS), args={"code": UNIT}),
    Operation("POST", "dwellings/{dwelling_id}/survey", program(WALKS, 201), {"status": "rented"}),
    Operation("POST", "admissions/{number}/end", then(decides, 409), REASON),
)  # fmt: skip
