"""Verdicts: the status that a member of the cast gets for what lies in one of the two scopes.

``own`` lies in the first grid and was said by ``resident``; ``other`` lies in the second community and was said by
``resident2``. ``login`` stands for being sent to the door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.permissions.scene import ANONYMOUS, OTHER, OWN

Status = int | str
Verdict = Callable[[str, str], Status]

RESIDENTS = frozenset({"resident", "resident2"})
STAFF = frozenset({
    "grid", "gridb", "grid2", "building", "steward", "community", "community_b", "community2", "street", "street2",
    "district", "department", "power", "property", "volunteer", "auditor", "admin",
})  # fmt: skip
CAST = (ANONYMOUS, *sorted(RESIDENTS), *sorted(STAFF))
FEW = (ANONYMOUS, "resident", "grid", "street", "district", "department", "auditor", "admin")
REPORTER = {OWN: "resident", OTHER: "resident2"}
HANDLER = {OWN: "grid", OTHER: "grid2"}
# Staff who see a matter by its place or because they hold it.
SEES = {
    OWN: frozenset({"grid", "steward", "building", "community", "community_b", "street", "district", "auditor"}),
    OTHER: frozenset({"grid2", "community2", "street2", "district", "auditor"}),
}
OFFICES = {
    OWN: frozenset({"community", "community_b", "street", "district"}),
    OTHER: frozenset({"community2", "street2", "district"}),
}
UPPER = {OWN: frozenset({"street", "district"}), OTHER: frozenset({"street2", "district"})}
# A leave is seen by who asked for it and by everybody whose places it reaches or lies in.
SEES_LEAVE = {OWN: SEES[OWN] | {"gridb", "department"}, OTHER: SEES[OTHER] | {"power"}}
APPLIES = frozenset({"department", "power"})
RECORDS = STAFF - {"department", "power", "property", "volunteer", "auditor", "admin"}
COUNTS = STAFF & {"community", "community_b", "community2", "street", "street2", "district", "auditor", "admin"}
ANNOUNCES = STAFF & {
    "grid",
    "gridb",
    "grid2",
    "building",
    "community",
    "community_b",
    "community2",
    "street",
    "street2",
    "district",
}
# The scene's notice stands at the one house, its run of posters in the first community.
TAKES_DOWN = ANNOUNCES & {"grid", "building", "community", "community_b", "street", "district"}
PRINTS = STAFF & {"community", "community_b", "community2", "street", "street2", "district", "admin"}
PRINTS_HERE = PRINTS - {"community2", "street2"}
Sets = Mapping[str, frozenset[str]]


# ── verdicts ────────────────────────────────────────────────────────────────────────────────────────────────────
def everybody(who: str, whose: str) -> Status:
    return 200


def always(status: Status) -> Verdict:
    return lambda who, whose: status


def signed(who: str, whose: str) -> Status:
    return "login" if who == ANONYMOUS else 200


def outside(who: str, whose: str) -> Status:
    """The doorstep: whoever is inside already is sent on."""
    return 200 if who == ANONYMOUS else 302


def staff(who: str, whose: str) -> Status:
    return "login" if who == ANONYMOUS else 200 if who in STAFF else 404


def only(names: frozenset[str], no: Status = 404) -> Verdict:
    """Of the staff, these; for the others it is not there (or, with ``no``, forbidden)."""
    return lambda who, whose: staff(who, whose) if who not in STAFF or who in names else no


def sees(who: str, whose: str) -> Status:
    return staff(who, whose) if who not in STAFF or who in SEES[whose] else 404


def leave(who: str, whose: str) -> Status:
    return staff(who, whose) if who not in STAFF or who in SEES_LEAVE[whose] else 404


def duty(names: Sets, no: Status = 403) -> Verdict:
    """Who sees it and has the duty; who only sees it gets ``no``."""

    def verdict(who: str, whose: str) -> Status:
        return no if who in SEES[whose] - names[whose] else sees(who, whose)

    return verdict


HANDLES: Sets = {whose: frozenset({name}) for whose, name in HANDLER.items()}
handler = duty(HANDLES)


def reporter(who: str, whose: str) -> Status:
    return 200 if who == REPORTER[whose] else 404


def neighbours(who: str, whose: str) -> Status:
    """What everybody may read; who spoke up is led to the own page, where the same is said by right."""
    return 302 if who == REPORTER[whose] else 200


def looks(who: str, whose: str) -> Status:
    """Pictures: who sees the matter, and its reporter; for everybody else there are none."""
    return 200 if who in SEES[whose] or who == REPORTER[whose] else 404


def covers(who: str, whose: str) -> Status:
    """A picture is covered or hidden by the handler and by the one who spoke up; who else sees it may not."""
    if who in HANDLES[whose] or who == REPORTER[whose]:
        return 200
    return 403 if who in SEES[whose] else 404


def nouns(who: str, whose: str) -> Status:
    """The read-only tables send whoever may not look to their own login, which sends on or is not there."""
    return 200 if who == "admin" else 302


def then(verdict: Verdict, status: Status) -> Verdict:
    """The same people, another answer for those let in: a form sent empty comes back (422), a switch redirects."""

    def changed(who: str, whose: str) -> Status:
        found = verdict(who, whose)
        return status if found == 200 else found

    return changed


def nouns_login(who: str, whose: str) -> Status:
    return "login" if who in (ANONYMOUS, "admin") else 404


# ── the API tells programs (401) instead of sending them to the login ───────────────────────────────────────────────
def caller(who: str, whose: str) -> Status:
    return 401 if who == ANONYMOUS else 200


def serving(who: str, whose: str) -> Status:
    """A directory of those who serve, for those who serve."""
    return 401 if who == ANONYMOUS else 200 if who in STAFF else 403


def matter(who: str, whose: str) -> Status:
    """One matter by its number: who sees it and who said it; missing and forbidden look alike."""
    return 401 if who == ANONYMOUS else looks(who, whose)


def likely(who: str, whose: str) -> Status:
    """What lies beside a matter: staff who see it. Who else said the same is nothing for its reporter."""
    return 401 if who == ANONYMOUS else 200 if who in SEES[whose] else 404


def calls_back(who: str, whose: str) -> Status:
    found = matter(who, whose)
    return 403 if found == 200 and who != HANDLER[whose] else found


def erases(who: str, whose: str) -> Status:
    """The reporter, and the administrator by the number alone."""
    found = matter(who, whose)
    if who == "admin":
        return 200
    return 403 if found == 200 and who != REPORTER[whose] else found


def leaves(who: str, whose: str) -> Status:
    return 401 if who == ANONYMOUS else 200 if who in SEES_LEAVE[whose] else 404


def decides(who: str, whose: str) -> Status:
    found = leaves(who, whose)
    return 403 if found == 200 and who not in UPPER[whose] else found
