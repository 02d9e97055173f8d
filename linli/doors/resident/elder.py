"""长辈模式: one question a screen, big answers, every answer a plain form post.

The answers so far travel in the form as hidden fields; which question comes next follows from what is still missing.
Nothing expires and nothing is lost by going back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from linli.core.matters.actions.opening import TEXT_LIMIT
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, tree
from linli.doors.resident import filing, placing
from linli.doors.resident.forms import new_key
from linli.doors.resident.placing import Spot
from linli.doors.resident.saying import _district, channel, filed
from linli.doors.resident.visitor import visitor
from linli.kit import crypto, errors, rates
from linli.kit.refusal import Refused

Text = str | Promise
WHAT: Final[dict[str, tuple[Text, str]]] = {
    "light": (gettext_lazy("灯不亮"), "bulb"),
    "water": (gettext_lazy("水、电、暖气"), "droplet"),
    "road": (gettext_lazy("路被占了"), "car"),
}
# Said for the one who only tapped a picture, so that whoever reads it can go there at once.
SENTENCES: Final[dict[str, Text]] = {
    "light": gettext_lazy("灯不亮。"),
    "water": gettext_lazy("水、电或者暖气有毛病。"),
    "road": gettext_lazy("路被占了，走不过去。"),
    "talk": gettext_lazy("请打电话给我，我在电话里说。"),
}
WHERE_SAID: Final[dict[str, Text]] = {
    "home": gettext_lazy("在我家楼道。"),
    "yard": gettext_lazy("在院子里。"),
    "unclear": gettext_lazy("在哪里说不清，请打电话问我。"),
}
HOW_SAID: Final[dict[str, Text]] = {
    "call": gettext_lazy("请打电话回我。"),
    "visit": gettext_lazy("请上门来说。"),
    "none": gettext_lazy("修好就行，不用回话。"),
}
ORDER: Final = ("what", "words", "where", "at", "how", "phone")


@dataclass(frozen=True)
class Choice:
    """One big answer."""

    name: str
    value: str
    word: Text
    icon: str
    small: str = ""


@dataclass
class Asking:
    """What has been answered, and what that makes of the next question."""

    answers: dict[str, str]
    known: Spot | None
    district_id: int
    error: str = ""
    helper: bool = False
    trail: list[str] = field(default_factory=list)

    @property
    def spot(self) -> Spot | None:
        """Where it is: the known door or its yard, or what was chosen step by step."""
        if self.trail:
            found = placing.steps(self.district_id, self.trail)
            return found.spot if found.spot and not self._deeper(found.spot) else None
        where = self.answers.get("where", "")
        if self.known is None or not where:
            return None
        return self.known if where == "home" else _yard(self.known)

    def _deeper(self, spot: Spot) -> bool:
        """Choosing goes on down to the quarter: a community is too wide to find a lamp in."""
        return spot.node.level in ("street", "community") and bool(spot.tree.children.get(spot.node.id))

    @property
    def question(self) -> str:
        """The first thing still missing; "" when all is said."""
        has = self.answers.get
        if not has("what"):
            return "what"
        if has("what") == "other" and not has("words"):
            return "words"
        if self.spot is None:
            return "where" if self.known and not self.trail and has("where") != "elsewhere" else "at"
        if not has("how") and not self._must_call():
            return "how"
        return "phone" if self._must_call() and not has("phone") else ""

    def _must_call(self) -> bool:
        has = self.answers.get
        return has("what") == "talk" or has("where") == "unclear" or has("how") == "call"

    @property
    def text(self) -> str:
        has = self.answers.get
        parts = [has("words", "") or str(SENTENCES.get(has("what", ""), ""))]
        parts.append(str(WHERE_SAID.get(has("where", ""), "")))
        if has("what") != "talk":
            parts.append(str(HOW_SAID.get(has("how", ""), "")))
        return "".join(part if not part or part[-1] in "。！？" else f"{part}。" for part in parts)

    def choices(self) -> list[Choice]:
        """The answers to the question: at most four, but for places, which are as many as there are."""
        if self.question == "what":
            own = [Choice("what", code, word, icon) for code, (word, icon) in WHAT.items()]
            return [*own, Choice("what", "other", _("别的事，我来说"), "microphone")]
        if self.question == "where" and self.known is not None:
            return [
                Choice("where", "home", _("我家楼道"), "home", self.known.name),
                Choice("where", "yard", _("院子里"), "map-pin", _yard(self.known).name),
                Choice("where", "unclear", _("说不清，打给我"), "phone"),
                Choice("where", "elsewhere", _("不在这个院子"), "arrow-right"),
            ]
        if self.question == "how":
            return [
                Choice("how", "call", _("打电话给我"), "phone"),
                Choice("how", "visit", _("上门来说"), "user"),
                Choice("how", "none", _("修好就行，不用回"), "check"),
            ]
        if self.question == "at":
            return [Choice("at", node.code, node.name, "map-pin") for node in self._below()]
        return []

    def _below(self) -> list[Node]:
        known = tree(self.district_id)
        reached = placing.steps(self.district_id, self.trail).spot
        return known.children.get(reached.node.id if reached else known.root.id, [])


def _yard(spot: Spot) -> Spot:
    """The quarter that a door lies in: what people call the yard."""
    return Spot(spot.district_id, spot.tree.at_level(spot.node, "quarter") or spot.node)


@never_cache
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest) -> HttpResponse:
    """The next question, or the answer to all of them."""
    actor = visitor(request)
    asking = _asking(request, actor)
    if request.method != "POST" or asking.question or asking.error:
        return _screen(request, asking, status=422 if asking.error else 200)
    try:
        receipt = filing.file(request, actor, _said(asking, request.POST.get("key", "")))
    except rates.TooOften as refused:
        return errors.too_many(request, refused.retry_after)
    except Refused as refused:
        asking.error = refused.message
        return _screen(request, asking, fresh=filing.is_reused(refused), status=refused.status)
    return filed(request, asking.district_id, receipt, one=True, keep=not asking.helper)


def _asking(request: HttpRequest, actor: Actor) -> Asking:
    known = _known(request, actor)
    district_id = known.district_id if known else _district(actor)
    data = request.POST
    answers = {name: data.get(name, "").strip() for name in ORDER if name != "at" and data.get(name, "").strip()}
    helper = data.get("helper") == "1" and data.get("self") != "1"
    asking = Asking(answers, known, district_id, helper=helper, trail=[code for code in data.getlist("at") if code][:8])
    if back := data.get("back", ""):
        _go_back(asking, back)
    else:
        _check(asking, data)
    return asking


def _known(request: HttpRequest, actor: Actor) -> Spot | None:
    door = request.POST.get("door", "") or request.GET.get("door", "")
    if door:
        try:
            return placing.by_door(door)
        except ValueError:
            pass
    return placing.home_of(request, actor)


def _go_back(asking: Asking, question: str) -> None:
    """One question back: drop the answer before ``question``; of places only the last step."""
    given = asking.answers
    if question == "phone" and given.pop("how", ""):
        return
    if question in ("how", "phone", "at"):
        if asking.trail:
            asking.trail.pop()
            return
        if given.pop("where", ""):
            return
    if question == "words" or not given.pop("words", ""):
        given.pop("words", "")
        given.pop("what", "")


def _check(asking: Asking, data: Mapping[str, str]) -> None:
    """A telephone number has to be one; words have to be there where they were asked for."""
    phone = asking.answers.get("phone", "")
    if phone:
        try:
            asking.answers["phone"] = crypto.normal_phone(phone)
        except ValueError as problem:
            asking.error = str(problem)
            asking.answers.pop("phone")
    elif "phone" in data and asking.question == "phone":
        asking.error = _("留个号码，才好打给您。")
    elif "words" in data and asking.question == "words":
        asking.error = _("说一句就行。")
    elif len(asking.text) > TEXT_LIMIT:
        asking.error = _("写得太长了，最多 %(limit)s 字，现在是 %(now)s 字。您写的都还在，删一点再发。") % {
            "limit": f"{TEXT_LIMIT:,}", "now": f"{len(asking.text):,}"
        }  # fmt: skip
        asking.answers.pop("words", None)


def _said(asking: Asking, key: str) -> filing.Said:
    spot = asking.spot
    if spot is None:
        raise AssertionError("asked to the end without a place")
    return filing.Said(
        key=key if len(key) == 32 else new_key(), kind="appeal", text=asking.text, spot=spot,
        phone=asking.answers.get("phone", ""), channel=channel(spot.district_id, "web"),
        helper=asking.helper,
    )  # fmt: skip


TITLES: Final[dict[str, Text]] = {
    "what": gettext_lazy("您遇到什么事了？"),
    "words": gettext_lazy("您说，什么事？"),
    "where": gettext_lazy("在哪里？"),
    "at": gettext_lazy("在哪里？"),
    "how": gettext_lazy("怎么给您回话？"),
    "phone": gettext_lazy("打哪个电话？"),
}
PLACES: Final = {"what": 1, "words": 1, "where": 2, "at": 2, "how": 3, "phone": 3}


def _screen(request: HttpRequest, asking: Asking, *, fresh: bool = False, status: int = 200) -> HttpResponse:
    question = asking.question or "how"
    title = TITLES[question]
    if question == "where" and asking.answers.get("what") == "light":
        title = _("灯在哪里？")
    key = "" if fresh else request.POST.get("key", "")
    context = {
        "asking": asking, "question": question, "title": title, "at": PLACES[question], "choices": asking.choices(),
        "key": key or new_key(), "typed": request.POST.get(question, ""),
        "door": request.POST.get("door", "") or request.GET.get("door", ""),
    }  # fmt: skip
    return render(request, "resident/one.html", context, status=status)
