"""What the panel and the page of one matter show, from the data that programs read too."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.decisions import queries as decisions
from linli.core.matters import acting, showing
from linli.core.matters.actions.rights import may_call_back
from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Contact, Matter
from linli.core.matters.pictures import keeping
from linli.core.matters.present import Presenter
from linli.core.matters.sentences import Sentences
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.doors.desk import calls
from linli.insight.duplicates import beside
from linli.insight.suggesting import hint_of
from linli.kit.refusal import Refused
from linli.offices.opinions import queries as opinions
from linli.offices.opinions.models import Group
from linli.offices.pairing import queries as pairing

MINI = 4  # entries that the panel shows
SHORT = 160  # words that stand under the title; longer ones get room of their own


def _common(actor: Actor, matter: Matter) -> dict[str, Any]:
    presenter = Presenter(matter.district_id, actor)
    detail = presenter.one(matter)
    now = timezone.now()
    node = presenter.tree.by_id.get(matter.place_id)
    lines = Sentences(presenter.roster, presenter.catalogue, now).lines(detail)
    faces = showing.faces(detail["clocks"], now)
    return {
        "matter": matter, "detail": detail, "now": now, "lines": lines, "faces": faces,
        "at": reverse("desk:matter", args=[matter.number]), "bar": acting.bar(matter, detail["allowed"]),
        "where": presenter.tree.full_name(node) if node else "", "node": node,
        "opened": showing.at(detail["opened_at"]),
        "shots": [p for p in detail["attachments"] if p["seq"] == 1],
        "mine": matter.handler_id in actor.post_ids, "may_keep": keeping.may_keep(actor, matter),
        "may_reveal": detail["contact"] is not None and detail["contact"]["may_call"],
        "presenter": presenter, "hint": hint_of(actor, matter), "likely": beside(actor, matter, most=3),
    }  # fmt: skip


def panel(actor: Actor, matter: Matter) -> dict[str, Any]:
    """The right column of the queue."""
    made = _common(actor, matter)
    made |= {"mini": made["lines"][:MINI], "words": showing.words(matter)}
    return made


def whole(actor: Actor, matter: Matter) -> dict[str, Any]:
    """The page of its own: the same, with the line of steps, whistles, orders and links."""
    made = _common(actor, matter)
    presenter: Presenter = made["presenter"]
    detail, now = made["detail"], made["now"]
    called = matter.calls_open or any(line.act == "whistle" for line in made["lines"])
    whistles = showing.whistles(matter, presenter.roster, now) if called else []
    made |= {
        "steps": showing.steps(detail, now),
        "leading": showing.leading(matter, detail["clocks"]),
        "leading_cap": showing.leading_cap(matter, detail["clocks"], now),
        **_words(matter),
        "whistles": whistles,
        "to_judge": _to_judge(actor, matter, whistles),
        "orders": _orders(detail),
        "links": [_link(row) for row in detail["links"]],
        "visit": pairing.visit_of(matter.pk, actor) if matter.channel == pairing.CHANNEL else None,
        "canvassed": _canvassed(matter, made["lines"]),
        "votes": decisions.of_matter(actor, matter.pk),
        "may_ask": actor.over(duties.CONVENE, matter.scope_path) is not None,
        "holder": detail["handler"],
        "live": matter.state not in showing.ENDED,
        "held_word": _("现在在谁手上") if matter.state not in showing.ENDED else _("最后是谁办的"),
        "map_url": _map(presenter, matter),
        "cause": presenter.catalogue.causes[matter.cause].name if matter.cause in presenter.catalogue.causes else "",
    }
    return made


def _canvassed(matter: Matter, lines: list[Any]) -> list[Group]:
    """The opinions that this was made of; asked only where the timeline says that there are any."""
    return opinions.of_matter(matter) if any(line.act == "canvass" for line in lines) else []


def _to_judge(actor: Actor, matter: Matter, whistles: list[showing.WhistleView]) -> list[dict[str, str]]:
    """The verdicts that this visitor still owes: 双考核 beside the calls that they are about."""
    here = reverse("desk:matter", args=[matter.number])
    out = []
    for blown in whistles:
        for row in blown.calls:
            if row.call is None:
                continue
            row.call.matter = matter
            for side, word in calls.judges(row.call, actor):
                url = reverse("desk:call-judge", args=[row.call.pk, side])
                out.append({"url": f"{url}?next={here}", "word": f"{row.name}　{word}"})
    return out


def _words(matter: Matter) -> dict[str, str]:
    """The resident's words: short ones under the title, long ones on their own, and none that only repeat it."""
    text = showing.words(matter)
    return {"quote": text, "long": ""} if len(text) <= SHORT else {"quote": "", "long": text}


def _map(presenter: Presenter, matter: Matter) -> str:
    """The houses round the place, and the point itself."""
    node = presenter.tree.by_id.get(matter.place_id)
    cell = presenter.tree.cell(node) if node else None
    around = cell or node
    return reverse("desk:spot", args=[matter.number]) if around else ""


def _orders(detail: dict[str, Any]) -> list[dict[str, Any]]:
    """Orders from above in the order they were given, each with its clock."""
    given = [e for e in detail["timeline"] if e["act"] == "supervise"]
    clocks = [c for c in detail["clocks"] if c["stage"] == "supervise"]
    out = []
    for n, entry in enumerate(given):
        clock = dict(clocks[n]) if n < len(clocks) else None
        if clock:
            clock |= {name: showing.at(clock[name]) for name in ("due_at", "warn_at", "stopped_at") if name in clock}
        out.append({"who": entry["actor"], "text": entry["text"], "at": showing.at(entry["at"]), "clock": clock})
    return list(reversed(out))


def _link(row: dict[str, str]) -> dict[str, str]:
    """A link as a sentence, by which end of it this matter is."""
    number = row.get("to") or row.get("from") or ""
    words = {
        ("merged_into", True): _("并到"), ("merged_into", False): _("并进来的"), ("split_from", True): _("拆自"),
        ("split_from", False): _("拆出的"),
    }  # fmt: skip
    return {"number": number, "word": words.get((row["type"], "to" in row), _("相关的"))}


# ── the contact ─────────────────────────────────────────────────────────────────────────────────────────────────


def mask(actor: Actor, matter: Matter) -> str:
    """The masked contact, for the one who may call back; "" where there is none or it is not his to see."""
    kind = catalogue(matter.district_id).kinds.get(matter.kind)
    if matter.anonymous or not may_call_back(matter, actor, kind):
        return ""
    rows = Contact.objects.filter(district_id=matter.district_id, matter_id=matter.pk, erased_at=None)
    return rows.values_list("mask", flat=True).first() or ""


def reveal(actor: Actor, matter: Matter, reason: str) -> dict[str, Any]:
    """Name and number with what the page needs; a refusal keeps the words and says why."""
    from linli.core.matters.ledger import erasing  # sealing and chains: only a look at a contact needs them

    try:
        with transaction.atomic():
            shown = erasing.reveal(actor=actor, district_id=matter.district_id, matter_id=matter.pk, reason=reason)
    except Refused as refused:
        return {"error": refused.fields.get("reason") or refused.message, "reason": reason, "status": refused.status,
                "mask": mask(actor, matter)}  # fmt: skip
    return {"shown": shown}
