"""Suggestions: filled after the commit, taken or refused in one tap, forgotten with the words, rating nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from linli.core.matters import actions
from linli.core.matters.models import Entry, Matter, Rule, State
from linli.core.people.actor import Actor
from linli.insight.models import Hint, Lesson
from linli.insight.suggesting import answer, guessing, hint_of, lessons
from linli.insight.suggesting.handling import calibrated
from linli.kit.refusal import Conflict, Forbidden, NotFound
from tests.cast import DISTRICT, Town
from tests.insight.said import LIFT, LIFT_TOO, say, work

pytestmark = pytest.mark.system("T4")
ActAs = Callable[[str], Actor]
LIGHT = "0101"


@pytest.fixture
def waiting(town: Town) -> Town:
    """A town where no rule dispatches an appeal: it waits at the community for somebody to decide."""
    Rule.objects.filter(kind="appeal").delete()
    return town


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, float]]:
    """A model that knows what it is told here."""
    told: dict[str, tuple[str, float]] = {}

    class Told:
        def predict(self, texts: Sequence[str]) -> list[Any]:
            found = [told.get(text, ("02", 0.1)) for text in texts]
            return [SimpleNamespace(label=label, confidence=sure) for label, sure in found]

    monkeypatch.setattr(guessing, "_shipped", Told)
    return told


Told = dict[str, tuple[str, float]]


def settle(town: Town, act_as: ActAs, text: str, who: str = "grid") -> Matter:
    """Open, dispatch, resolve and verify one by the community."""
    matter = say(town, text, "unit")
    own = {"district_id": DISTRICT, "matter_id": matter.pk}
    actions.triage(actor=act_as("community"), category=LIGHT, **own)
    actions.dispatch(actor=act_as("community"), to=town.posts[who].code, **own)
    actions.accept(actor=act_as(who), **own)
    actions.resolve(actor=act_as(who), text="修好了。", cause="aging", **own)
    return actions.verify(actor=act_as("community"), passed=True, text="看过了。", **own)


def test_a_new_matter_has_a_suggestion_once_the_worker_came_by(waiting: Town, act_as: ActAs, model: Told) -> None:
    model[LIFT] = (LIGHT, 0.87)
    matter = say(waiting, LIFT, "unit")
    assert matter.suggestion is None
    work()
    matter.refresh_from_db()
    assert matter.suggestion == {"category": LIGHT, "confidence": 0.87}
    shown = hint_of(act_as("community"), matter)
    assert shown is not None
    assert shown.category is not None
    assert (shown.category.name, shown.category.percent) == ("照明", 87)
    assert shown.category.reason


def test_below_the_threshold_nothing_is_said(waiting: Town, act_as: ActAs, model: Told) -> None:
    model[LIFT] = (LIGHT, guessing.SAY - 0.01)
    matter = say(waiting, LIFT, "unit")
    work()
    matter.refresh_from_db()
    assert matter.suggestion is None
    assert not Hint.objects.filter(what="category").exists()


def test_taking_a_category_is_the_ordinary_triage(waiting: Town, act_as: ActAs, model: Told) -> None:
    model[LIFT] = (LIGHT, 0.9)
    matter = say(waiting, LIFT, "unit")
    work()
    done = answer(actor=act_as("community"), matter=matter, what="category", taken=True)
    assert done.category == LIGHT
    entry = Entry.objects.filter(matter=matter).latest("seq")
    assert (entry.act, entry.actor) == ("triage", "赵长亭 社区书记")
    assert Hint.objects.get(what="category").answer == "taken"
    assert Lesson.objects.get(what="category").meant == LIGHT
    with pytest.raises(Conflict):
        answer(actor=act_as("community"), matter=matter, what="category", taken=False)


def test_refusing_changes_nothing_and_teaches(waiting: Town, act_as: ActAs, model: Told) -> None:
    model[LIFT] = (LIGHT, 0.9)
    matter = say(waiting, LIFT, "unit")
    work()
    before = Entry.objects.filter(matter=matter).count()
    answer(actor=act_as("community"), matter=matter, what="category", taken=False)
    matter.refresh_from_db()
    assert (matter.category, Entry.objects.filter(matter=matter).count()) == ("", before)
    shown = hint_of(act_as("community"), matter)
    assert shown is None or shown.category is None
    assert list(lessons.rows(DISTRICT)) == []
    Matter.objects.filter(pk=matter.pk).update(category="0101")
    assert list(lessons.rows(DISTRICT)) == [(LIFT, "0101")]


def test_only_who_may_decide_sees_and_answers(waiting: Town, act_as: ActAs, model: Told) -> None:
    model[LIFT] = (LIGHT, 0.9)
    matter = say(waiting, LIFT, "unit")
    work()
    for name in ("grid", "community2", "auditor", "department", "resident"):
        assert hint_of(act_as(name), matter) is None, name
        with pytest.raises(Forbidden):
            answer(actor=act_as(name), matter=matter, what="category", taken=True)
    with pytest.raises(NotFound):
        answer(actor=act_as("community"), matter=matter, what="nonsense", taken=True)


def test_a_matter_that_a_rule_dispatched_needs_no_handler(town: Town, act_as: ActAs) -> None:
    matter = say(town, LIFT, "unit")
    work()
    assert matter.state == State.DISPATCHED
    assert not Hint.objects.filter(what="handler").exists()


def test_who_settled_what_is_like_it_is_suggested(waiting: Town, act_as: ActAs) -> None:
    for _ in range(3):
        settle(waiting, act_as, LIFT)
    work()
    matter = say(waiting, LIFT_TOO, "unit")
    work()
    shown = hint_of(act_as("community"), matter)
    assert shown is not None
    assert shown.handler is not None
    assert shown.handler.value == waiting.posts["grid"].code
    assert "3" in shown.handler.reason
    done = answer(actor=act_as("community"), matter=matter, what="handler", taken=True)
    assert (done.state, done.handler_id) == (State.DISPATCHED, waiting.posts["grid"].pk)


def test_neighbours_name_the_category_where_there_is_no_model(waiting: Town, act_as: ActAs) -> None:
    for _ in range(3):
        settle(waiting, act_as, LIFT)
    work()
    matter = say(waiting, LIFT_TOO, "unit")
    work()
    matter.refresh_from_db()
    assert matter.suggestion is not None
    assert matter.suggestion["category"] == LIGHT


def test_a_return_teaches_and_the_one_it_names_is_suggested(town: Town, act_as: ActAs) -> None:
    matter = say(town, LIFT, "unit")
    work()
    own = {"district_id": DISTRICT, "matter_id": matter.pk}
    firm = town.posts["firm_unit"].code
    actions.return_(actor=act_as("grid"), reason="not_ours", text="电梯归物业。", suggest=firm, **own)
    work()
    lesson = Lesson.objects.get(source="returned")
    assert (lesson.said, lesson.meant, lesson.reason) == (town.posts["grid"].code, firm, "not_ours")
    shown = hint_of(act_as("community"), Matter.objects.get(pk=matter.pk))
    assert shown is not None
    assert shown.handler is not None
    assert shown.handler.value == firm


def test_whoever_gave_it_back_is_not_suggested_again(town: Town, act_as: ActAs) -> None:
    """The rule would send it to the grid worker once more; he has said no."""
    matter = say(town, LIFT, "unit")
    work()
    own = {"district_id": DISTRICT, "matter_id": matter.pk}
    actions.return_(actor=act_as("grid"), reason="not_ours", text="电梯归物业。", **own)
    work()
    assert not Hint.objects.filter(what="handler", value=town.posts["grid"].code).exists()


def test_erased_words_take_their_suggestions_along(waiting: Town, act_as: ActAs, model: Told) -> None:
    model[LIFT] = (LIGHT, 0.9)
    matter = say(waiting, LIFT, "unit")
    work()
    actions.erase(actor=act_as("admin"), district_id=DISTRICT, matter_id=matter.pk, reason="本人要求", text=True)
    work()
    matter.refresh_from_db()
    assert matter.suggestion is None
    assert not Hint.objects.exists()


def test_no_lesson_and_no_hint_names_a_person(waiting: Town) -> None:
    """Limits, rule 6: nothing here rates a person, so nothing here knows who answered."""
    for model_ in (Hint, Lesson):
        names = {field.name for field in model_._meta.get_fields()}
        assert not names & {"person", "user", "actor", "by", "post"}


def test_what_was_refused_often_is_said_less_surely(waiting: Town) -> None:
    assert calibrated(DISTRICT, 0.72) == pytest.approx(0.72)
    for _ in range(20):
        matter = say(waiting, LIFT, "unit")
        Hint.objects.create(
            district_id=DISTRICT, matter=matter, what="handler", value="x", confidence=0.75, answer="refused"
        )
    assert calibrated(DISTRICT, 0.72) == pytest.approx(0.36)
