"""The administrator: below ``/admin/``, and the read-only tables below ``/admin/nouns/``."""

from __future__ import annotations

from tests.permissions.rows import Page
from tests.permissions.verdicts import Status, everybody, nouns, nouns_login, only, then

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


PAGES: tuple[Page, ...] = (
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
    _office("stuck/"),
    _office("stuck/retry/", 0, 302),
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
