"""``/api/v1/tokens`` and ``/me``: signing in, and who one is."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema

from linli.core.people import identify, notices, posts, roster, signing
from linli.core.people.actor import Held
from linli.core.places import doors
from linli.core.places.api import find_place, step
from linli.core.places.tree import tree
from linli.kit import codes, rates
from linli.kit.api import Body
from linli.kit.refusal import Forbidden, Invalid, NotFound, Refused

router = Router(tags=["people"])
SIGN_INS_PER_MINUTE = 20


class SignIn(Body):
    username: str
    password: str


class TokenOut(Schema):
    token: str


class PostMine(Schema):
    post: str
    role: str
    title: str
    name: str


class MeOut(Schema):
    username: str
    name: str
    posts: list[PostMine]
    units: list[PostMine]


@router.post("/tokens", response={200: TokenOut}, auth=None)
def make_token(request: HttpRequest, payload: SignIn) -> HttpResponse:
    """A bearer token for 30 days. 20 tries a minute an address; a wrong name and a wrong password look alike."""
    rates.count("token", rates.address(request), limit=SIGN_INS_PER_MINUTE)
    user = signing.guarded(request, payload.username, payload.password)
    if user is None:
        raise identify.Unauthorized(_("用户名或密码不对。"))
    return HttpResponse(orjson.dumps({"token": identify.give_token(user)}), content_type="application/json")


@router.delete("/tokens", response={204: None}, auth=None)
def end_token(request: HttpRequest) -> HttpResponse:
    """End the token that this call carries."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused(_("没有带登录凭证。"))
    identify.of_request(request)
    identify.revoke(token.strip())
    return HttpResponse(status=204)


@router.get("/me", response={200: MeOut}, auth=None)
def me(request: HttpRequest) -> HttpResponse:
    """The caller's name and posts."""
    actor = identify.of_request(request)
    if actor.user_id is None:
        raise identify.Unauthorized(_("请先登录。"))
    body = {"username": actor.username, "name": actor.name, "posts": [_post(p) for p in actor.posts],
            "units": [_post(p) for p in actor.unit_posts]}  # fmt: skip
    return HttpResponse(orjson.dumps(body), content_type="application/json")


@router.get("/places/{code}/roster", auth=None)
def place_roster(request: HttpRequest, code: str, cursor: str = "", limit: int = 200) -> HttpResponse:
    """Who serves a place, at its own level and every one above, nearest first. The cursor is a post's code."""
    known, node = find_place(code)
    body = _roster_page(roster.serving(known, node), cursor, limit)
    return HttpResponse(orjson.dumps(body), content_type="application/json")


def _roster_page(rows: list[dict[str, Any]], cursor: str, limit: int) -> dict[str, Any]:
    begin = 0
    if cursor:
        begin = next((at for at, row in enumerate(rows, 1) if row["post"] == cursor), -1)
        if begin < 0:
            raise Invalid(_("翻页的标记不对，请从第一页看起。"), fields={"cursor": _("不认识。")})
    end = begin + max(1, min(limit, 200))
    return {"items": rows[begin:end], "next": rows[end - 1]["post"] if end < len(rows) else None}


@router.get("/doors/{door}", auth=None)
def door_of(request: HttpRequest, door: str) -> HttpResponse:
    """The place behind a door's sign and who serves it. An old sign names what came of its place (``heirs``)."""
    try:
        code, _district = codes.read_code(door, "door")
    except ValueError as problem:
        raise NotFound(str(problem)) from problem
    found = doors.behind(code)
    if found is None or (found.node is None and not found.heirs):
        raise NotFound(_("没有找到这块门牌。"))
    known = tree(found.district_id)
    body: dict[str, Any] = {"door": code, "place": None, "items": [], "heirs": [
        {**step(node), "door": node.door} for node in found.heirs]}  # fmt: skip
    if found.node is not None:
        body["place"] = {**step(found.node), "path": [step(n) for n in known.chain(found.node)]}
        body["items"] = roster.serving(known, found.node)[:200]
    return HttpResponse(orjson.dumps(body), content_type="application/json")


@router.get("/units", auth=None)
def units(request: HttpRequest, q: str = "", role: str = "") -> HttpResponse:
    """Posts and units that a matter may be given or a whistle blown to, for staff: code, title, name, place."""
    actor = identify.of_request(request)
    if actor.user_id is None:
        raise identify.Unauthorized(_("请先登录。"))
    if not actor.is_staff or actor.district_id is None:
        raise Forbidden(_("岗位和单位的名录给值班的人用。"))
    known = tree(actor.district_id)
    words = q.strip()
    found = [
        {"post": p.code, "unit": p.organisation_code, "role": p.role, "title": p.title, "name": p.name,
         "place": known.by_id[p.place_id].name if p.place_id in known.by_id else ""}
        for p in posts.roster(actor.district_id).by_id.values()
        if role in ("", p.role) and (not words or words in p.name or words in p.title or words == p.code)
    ]  # fmt: skip
    return HttpResponse(orjson.dumps({"items": found[:200], "next": None}), content_type="application/json")


@router.get("/notices", auth=None)
def notices_of_mine(request: HttpRequest, cursor: str = "", limit: int = 50) -> HttpResponse:
    """The caller's in-app inbox, newest first."""
    actor = identify.of_request(request)
    if actor.user_id is None:
        raise identify.Unauthorized(_("请先登录。"))
    page = notices.inbox(actor, cursor or None, limit=max(1, min(limit, 200)))
    items = [
        {"id": str(n.pk), "at": timezone.localtime(n.at).isoformat(timespec="seconds"), "text": n.text, "url": n.url,
         "urgent": n.urgent, "read": n.read_at is not None}
        for n in page.items
    ]  # fmt: skip
    body = {"items": items, "next": page.next, "unread": notices.unread_count(actor)}
    return HttpResponse(orjson.dumps(body), content_type="application/json")


def _post(held: Held) -> dict[str, str]:
    return {"post": held.code, "role": held.role, "title": held.title, "name": held.name}
