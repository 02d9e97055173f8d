"""A field that names something of another community or another district names nothing, and changes nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from linli.core.matters.models import Category
from linli.core.people.models import Notice
from linli.kit import memory
from tests.cast import DISTRICT, Town
from tests.permissions.foreign import Line, lines
from tests.permissions.foreign.naming_nothing import ROUTES
from tests.permissions.matrix import OPERATIONS, PAGES
from tests.permissions.scene import Scene, undone

_WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
# What is written beside every visit, and waiting pictures that came with the form itself.
_BESIDE = {"django_session", "kit_rate"}
_POINT = re.compile(r'^(SAVEPOINT|ROLLBACK TO SAVEPOINT|RELEASE SAVEPOINT) "?(\w+)')
# A word that only what lies in the other district bears.
_ELSEWHERE = "远方"


def sent(scene: Scene, line: Line, body: Mapping[str, Any]) -> tuple[Any, Counter[str]]:
    """The answer and what was written, by table; all of it is taken back."""
    with undone(), CaptureQueriesContext(connection) as asked:
        if line.api:
            headers = {"HTTP_IDEMPOTENCY_KEY": "k" * 32, **scene.bearer(line.who)}
            answer: Any = scene.browser("").post(line.url, body, "application/json", **headers)
        else:
            answer = scene.browser(line.who).post(line.url, dict(body))
    return answer, _kept(query["sql"] for query in asked.captured_queries)


def _kept(statements: Iterable[str]) -> Counter[str]:
    """What was written and stayed: what a refusal took back within the request is nothing."""
    points: list[tuple[str, int]] = []
    tables: list[str] = []
    for sql in statements:
        if point := _POINT.match(sql):
            verb, name = point[1], point[2]
            if verb == "SAVEPOINT":
                points.append((name, len(tables)))
            elif verb == "ROLLBACK TO SAVEPOINT":
                del tables[next(n for known, n in reversed(points) if known == name) :]
        elif (found := _WRITES.match(sql)) and found[1] not in _BESIDE:
            tables.append(found[1])
    return Counter(tables)


def test_what_a_field_names_elsewhere_is_not_found(scene: Scene, far: Town) -> None:
    wrong: list[str] = []
    table = lines(scene, far)
    memory.forget()
    for line in table:
        wrong += _judged(scene, line)
    assert not wrong, "\n".join(wrong)
    _every_form_is_judged_or_names_nothing(table)


def _every_form_is_judged_or_names_nothing(table: list[Line]) -> None:
    """A new form stands in the table, or among those that name nothing but themselves."""
    judged = {resolve(line.url.partition("?")[0]).route for line in table}
    posts = {page.route for page in PAGES if page.post and not page.route.startswith("admin/nouns/")}
    posts |= {"api/v1/" + op.path.replace("{", "<").replace("}", ">") for op in OPERATIONS if op.method == "POST"}
    assert sorted(posts - judged - ROUTES) == [], "a form whose fields nobody judged"
    assert sorted(ROUTES & judged) == [], "judged, and said to name nothing"
    assert sorted(ROUTES - posts) == [], "no form any more"


def _judged(scene: Scene, line: Line) -> list[str]:
    answer, written = sent(scene, line, line.body)
    if answer.status_code not in (200, 201, 302) or not written:
        form = (answer.context or {}).get("form")
        told = getattr(form, "errors", "") or answer.content.decode()[-200:]
        return [f"{line.url} by {line.who}: what is right is not taken: {answer.status_code} {told!r:.300}"]
    wrong = []
    for name, values in line.fields.items():
        for value in values:
            answer, written = sent(scene, line, {**line.body, name: value})
            if written or answer.status_code >= 500:
                wrong.append(f"{line.url} by {line.who}: {name}={value} is taken: {answer.status_code} {dict(written)}")
            if _ELSEWHERE in answer.content.decode() and _ELSEWHERE not in str(value):
                wrong.append(f"{line.url} by {line.who}: {name}={value} tells what it is called")
    return wrong


def test_a_category_below_one_that_is_none_here_is_not_put_at_the_top(scene: Scene, far: Town) -> None:
    Category.objects.create(district=far.district, code="77", name="远方分类")
    browser = scene.browser("admin")
    for under, status in (("77", 404), ("7x", 404), ("02", 302), ("", 302)):
        with undone():
            answer = browser.post(f"/admin/kinds/categories/new/?under={under}", {"name": "小广告"})
            assert answer.status_code == status, under
            made = Category.objects.filter(district=scene.town.district, name="小广告").first()
            assert (made.code[:2] == "02" if made and under else bool(made)) is (status == 302), under


def test_somebody_elses_notice_stays_unread(scene: Scene, far: Town) -> None:
    theirs = Notice.objects.create(district_id=DISTRICT, post=scene.town.posts["community2"], text="一件事", dedupe="d")
    assert scene.browser("community").post("/desk/inbox/", {"id": str(theirs.pk)}).status_code == 302
    theirs.refresh_from_db()
    assert theirs.read_at is None
