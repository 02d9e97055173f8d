"""One matter on the phone: what is to be done next, where, for whom, and what happened so far."""

from __future__ import annotations

from typing import Any

import orjson
from django.urls import reverse
from django.utils import timezone

from linli.core.matters import acting, showing
from linli.core.matters.ledger import erasing
from linli.core.matters.models import Matter
from linli.core.matters.pictures import keeping
from linli.core.matters.present import Presenter
from linli.core.matters.sentences import Sentences
from linli.core.people.actor import Actor
from linli.core.places.models import Boundary
from linli.kit.refusal import Refused


def whole(actor: Actor, matter: Matter) -> dict[str, Any]:
    """Everything the page shows."""
    presenter = Presenter(matter.district_id, actor)
    detail, now = presenter.one(matter), timezone.now()
    lines = Sentences(presenter.roster, presenter.catalogue, now).lines(detail)
    node = presenter.tree.by_id.get(matter.place_id)
    whistled = any(line.act == "whistle" for line in lines)
    return {
        "matter": matter, "words": showing.words(matter), "detail": detail, "lines": lines,
        "faces": showing.faces(detail["clocks"], now),
        "bar": acting.bar(matter, detail["allowed"]), "at": reverse("field:matter", args=[matter.number]),
        "where": presenter.tree.full_name(node) if node else "", "point": _point(matter, node),
        "shots": [p for p in detail["attachments"] if p["seq"] == 1],
        "whistles": showing.whistles(matter, presenter.roster, now) if whistled else [],
        "mine": matter.handler_id in actor.post_ids, "may_keep": keeping.may_keep(actor, matter),
        "may_reveal": detail["contact"] is not None and detail["contact"]["may_call"],
        "channel": detail["channel_name"],
    }  # fmt: skip


def _point(matter: Matter, node: Any) -> tuple[float, float] | None:
    """Where to walk: the point that was given, else the place's own."""
    if matter.lon is not None and matter.lat is not None:
        return matter.lon, matter.lat
    if node is not None and node.lon is not None and node.lat is not None:
        return node.lon, node.lat
    return None


def shapes(actor: Actor, matter: Matter) -> bytes:
    """The grid's outline, the building and the point, as GeoJSON for the map."""
    known = Presenter(matter.district_id, actor).tree
    node = known.by_id.get(matter.place_id)
    chain = [n for n in known.chain(node) if n.level in (known.district.cell_level, "building")] if node else []
    rows = Boundary.objects.filter(district_id=matter.district_id, until=None, place_id__in=[n.id for n in chain])
    names = {n.id: n for n in chain}
    features = [
        {
            "type": "Feature", "geometry": orjson.Fragment(row.geojson),
            "properties": {"name": names[row.place_id].name, "code": names[row.place_id].code, "chosen": True},
        }
        for row in rows
    ]  # fmt: skip
    point = _point(matter, node)
    if point is not None:
        features.append(
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": list(point)},
             "properties": {"name": matter.title, "code": matter.number, "tone": "over"}}
        )  # fmt: skip
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def reveal(actor: Actor, matter: Matter, reason: str) -> dict[str, Any]:
    """Name and number of the one to call back, or why not; the look is logged before anything is shown."""
    try:
        shown = erasing.reveal(actor=actor, district_id=matter.district_id, matter_id=matter.pk, reason=reason)
        return {"shown": shown}
    except Refused as refused:
        return {"reveal_error": refused.fields.get("reason") or refused.message, "reason": reason,
                "status": refused.status}  # fmt: skip
