"""Every operation of the API for every member of the cast; every act by exactly those whose duty it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from django.urls import get_resolver

from linli.config.api import api
from linli.core.matters import allowed as rights
from linli.core.matters.api import ACTS
from linli.core.matters.flow import MOVES
from linli.core.matters.models import Matter
from linli.core.people.posts import roster
from linli.kit.refusal import Refused
from tests.cast import DISTRICT, Town
from tests.permissions import acts
from tests.permissions import scene as scenes
from tests.permissions.acts import RIGHTS, STATES
from tests.permissions.matrix import OPERATIONS, Operation
from tests.permissions.scene import ANONYMOUS, OTHER, OWN, Scene, Thing, jpeg, said, undone, unsafe
from tests.permissions.test_pages import routes
from tests.permissions.verdicts import CAST, Status

JSON = "application/json"
BASE = "api/v1/"
# What ninja adds by itself: the description, which is public, and a root that is none.
OF_NINJA = {"openapi.json", ""}


@pytest.fixture
def scene(town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Scene:
    scenes.warm(monkeypatch, tmp_path)
    return scenes.build(town)


def operations() -> set[tuple[str, str]]:
    """What the API answers, as it says itself."""
    found: set[tuple[str, str]] = set()
    for _prefix, router in api._routers:
        for path, view in router.path_operations.items():
            found |= {(method, path.lstrip("/")) for one in view.operations for method in one.methods}
    return found


def _path(op: Operation, thing: Thing, scene: Scene) -> str:
    number = thing.admission.number if op.path.startswith("admissions") else thing.matter.number
    if op.path.startswith("questions"):
        number = thing.question
    place = scene.town.places["community"].code
    if op.path.startswith("opinions") and thing.asked:
        place = thing.asked.code
    named = {"act": "withdraw", **scene.rows, "number": number, "attachment_id": thing.picture, "code": place,
             "door": scene.town.places["unit"].door, **op.args}  # fmt: skip
    return f"/{BASE}{op.path.format(**named)}" + (f"?{op.query}" if op.query else "")


def _send(scene: Scene, who: str, method: str, url: str, body: Any = None, **headers: Any) -> Any:
    client = scene.browser(ANONYMOUS)
    headers = {**scene.bearer(who), **headers}
    with undone():
        if method == "FORM":
            return client.post(url, body, **headers)
        response: Any = client.generic(method, url, b"" if body is None else orjson.dumps(body), JSON, **headers)
        if response.streaming:
            b"".join(response.streaming_content)
        return response


# ── one line each ───────────────────────────────────────────────────────────────────────────────────────────────
def test_every_operation_has_its_line_and_every_line_an_operation() -> None:
    listed = [(op.method, op.path) for op in OPERATIONS] + [("POST", f"matters/{{number}}/{act}") for act in RIGHTS]
    assert sorted(operations() - set(listed)) == [], "an operation without a line in the matrix"
    assert sorted(set(listed) - operations()) == [], "a line without an operation"
    assert len(listed) == len(set(listed))


def test_the_resolver_knows_no_address_of_the_api_beside_its_operations() -> None:
    there = {r.removeprefix(BASE).replace("<", "{").replace(">", "}") for r in routes(get_resolver().url_patterns)
             if r.startswith(BASE)}  # fmt: skip
    assert there - {path for _method, path in operations()} - OF_NINJA == {"docs"}


def test_every_operation_answers_each_of_the_cast_as_the_matrix_says(scene: Scene) -> None:
    wrong = []
    for op in OPERATIONS:
        for whose in (OWN, OTHER) if "{number}" in op.path or "{attachment_id}" in op.path else (OWN,):
            for who in CAST:
                found = _answer(scene, op, who, whose)
                if found != op.verdict(who, whose):
                    wrong.append(f"{op.method} {op.path} by {who} about {whose}: {found}, not {op.verdict(who, whose)}")
    assert not wrong, "\n".join(wrong)


def _answer(scene: Scene, op: Operation, who: str, whose: str) -> Status:
    url = _path(op, scene.things[whose], scene)
    if op.form:
        response = _send(scene, who, "FORM", url, {"file": jpeg()})
    else:
        # A matter and a leave are asked for in the community that they are about.
        where = {"place": scene.town.places["community"].code} if op.path in ("matters", "admissions") else {}
        response = _send(scene, who, op.method, url, None if op.body is None else {**op.body, **where})
    assert not unsafe(response), (op, unsafe(response))
    if response.status_code >= 400:
        assert set(response.json()) == {"error"}, op
    return said(response)


def test_an_operation_answers_no_other_method(scene: Scene) -> None:
    """405, to those who may and those who may not, before anything is looked up; HEAD goes where GET goes."""
    known: dict[str, set[str]] = {}
    for method, path in operations():
        known.setdefault(path, set()).add(method)
    wrong = []
    for path, methods in known.items():
        methods |= {"HEAD"} if "GET" in methods else set()
        op = Operation("", path, said)  # type: ignore[arg-type]
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"} - methods:
            for who in (ANONYMOUS, "grid"):
                response = _send(scene, who, method, _path(op, scene.things[OWN], scene))
                if response.status_code != 405 or unsafe(response):
                    wrong.append(f"{method} {path} by {who}: {response.status_code} {unsafe(response)}")
    assert not wrong, "\n".join(wrong)


# ── acts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_table_of_rights_is_the_flow() -> None:
    assert list(RIGHTS) == list(MOVES) == list(ACTS)
    for act, right in RIGHTS.items():
        assert right.state in MOVES[act].sources, act
        assert right.never not in MOVES[act].sources, act
    assert set(STATES) == {state for move in MOVES.values() for state in move.sources}


def test_an_act_is_done_by_whose_duty_it_is_and_by_nobody_else(scene: Scene) -> None:
    """And ``allowed`` says the same beforehand, to each of them."""
    wrong = []
    for act, right in RIGHTS.items():
        matter = acts.prepared(scene, right.state, called=right.called)
        for who in CAST:
            url = f"/{BASE}matters/{matter.number}"
            shown = _send(scene, who, "GET", url)
            offered = act in shown.json().get("allowed", []) if shown.status_code == 200 else None
            found = _send(scene, who, "POST", f"{url}/{act}", acts.body(scene, act)).status_code
            expected = _expected(right, who)
            if (found, offered) != (expected, None if expected in (401, 404) else expected == 200):
                wrong.append(f"{act} by {who}: {found}, offered {offered}; not {expected}")
    assert not wrong, "\n".join(wrong)


def _expected(right: acts.Right, who: str) -> int:
    if who == ANONYMOUS:
        return 401
    if who in right.who:
        return 200
    return 403 if acts.sees(who, called=right.called) else 404


def test_in_a_state_that_an_act_does_not_start_from_nobody_may(scene: Scene) -> None:
    """409 to those who see the matter, whatever their duty; to all others it is not there."""
    wrong = []
    matters = {state: acts.prepared(scene, state) for state in {right.never for right in RIGHTS.values()}}
    for act, right in RIGHTS.items():
        for who in (ANONYMOUS, "resident", "resident2", "grid", "grid2", "community", "street", "department", "admin"):
            url = f"/{BASE}matters/{matters[right.never].number}/{act}"
            found = _send(scene, who, "POST", url, acts.body(scene, act)).status_code
            expected = 401 if who == ANONYMOUS else 409 if acts.sees(who) else 404
            if found != expected:
                wrong.append(f"{act} of a {right.never} matter by {who}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_what_allowed_says_is_what_the_actions_do_in_every_state(scene: Scene) -> None:
    """Past the API's own check: every act that starts from a state, by everybody, straight at the action.

    Allowed is never refused for duty or state; not allowed is refused for one of them, by the action itself.
    """
    wrong = []
    for state in STATES:
        matter = acts.prepared(scene, state, called=state in ("accepted", "in_progress"))
        for who in CAST:
            wrong += [f"{act} in {state} by {who}: {words}" for act, words in _disagreements(scene, matter, who)]
    assert not wrong, "\n".join(wrong)


def _disagreements(scene: Scene, matter: Matter, who: str) -> Iterator[tuple[str, str]]:
    actor = scene.actor(who)
    calls = rights.open_calls(DISTRICT, [matter.pk]).get(matter.pk)
    offered = rights.allowed(matter, actor, roster(DISTRICT), calls)
    for act in (a for a, move in MOVES.items() if matter.state in move.sources):
        schema, run = ACTS[act]
        refused = _refusal(run, actor, matter, schema(**acts.body(scene, act)).dict())
        if act in offered and refused is not None and (refused.status == 403 or refused.code == "wrong_state"):
            yield act, f"offered, and refused with {refused.code}"
        if act not in offered and (refused is None or refused.status not in (403, 404, 409, 422)):
            yield act, "not offered, and done"
        if act not in offered and refused is not None and refused.status == 422 and act != "merge":
            yield act, f"not offered, and refused only for its content: {refused.fields}"


def _refusal(run: Callable[..., Matter], actor: Any, matter: Matter, data: dict[str, Any]) -> Refused | None:
    fresh = Matter.objects.get(pk=matter.pk)
    try:
        with undone():
            run(actor, fresh, data)
    except Refused as refused:
        return refused
    return None
