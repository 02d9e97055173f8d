"""The resident's last word: rated anew, contested within bounds and by neighbours, thanks, a word in private."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from linli.core.matters import actions, stats
from linli.core.matters.actions.opening import Asked, open_matter
from linli.core.matters.actions.rights import contests_so_far
from linli.core.matters.allowed import allowed
from linli.core.matters.ledger.verifying import verify as verify_ledger
from linli.core.matters.models import Coached, Entry, Matter
from linli.core.people.actor import Actor
from linli.core.people.models import User
from linli.core.people.posts import roster
from linli.core.places.tree import tree
from linli.kit.models import Outbox
from linli.kit.refusal import Conflict, Forbidden
from tests.cast import DISTRICT, Town

ActAs = Callable[[str], Actor]


def opened(town: Town, actor: Actor, **asked: Any) -> Matter:
    place = tree(DISTRICT).by_id[town.places[asked.pop("place", "unit")].pk]
    said = Asked(**{"kind": "appeal", "text": "楼道灯坏了。", "district_id": DISTRICT, "place": place, **asked})
    return open_matter(actor=actor, asked=said).matter


def ids(matter: Matter) -> dict[str, Any]:
    return {"district_id": DISTRICT, "matter_id": matter.pk}


def finish(matter: Matter, act_as: ActAs, *, begin: bool = True) -> None:
    if begin:
        actions.accept(actor=act_as("grid"), **ids(matter))
    actions.resolve(actor=act_as("grid"), text="好了。", cause="aging", **ids(matter))
    actions.verify(actor=act_as("community"), passed=True, text="亮着。", **ids(matter))


def now(matter: Matter) -> Matter:
    return Matter.objects.get(pk=matter.pk)


def acts(matter: Matter) -> list[str]:
    return list(Entry.objects.filter(matter_id=matter.pk).order_by("seq").values_list("act", flat=True))


def neighbour(town: Town, home: str = "unitb") -> Actor:
    """Somebody with an account and a home, who has said nothing yet."""
    from linli.core.people import actor as actors

    user = User.objects.create(username=f"neighbour-{home}", district=town.district, home=town.places[home], demo=True)
    return actors.for_user(user.pk)


def figures() -> dict[str, int]:
    stats.fold()
    found = stats.query(district_id=DISTRICT, by="kind").as_json()["groups"]
    return {name: sum(group[name] for group in found) for name in ("rated", "satisfied")}


def notices(words: str) -> list[str]:
    """The posts that were left a notice with these words in it."""
    rows = Outbox.objects.filter(topic="notice").values_list("payload", flat=True)
    return [row["post"] for row in rows if words in row["text"]]


# ── rating what was done anew ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M7")
def test_work_done_anew_is_rated_anew_and_the_last_word_counts(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    matter = opened(town, resident)
    finish(matter, act_as)
    actions.rate(actor=resident, score=1, **ids(matter))
    assert figures() == {"rated": 1, "satisfied": 0}
    with pytest.raises(Conflict):
        actions.rate(actor=resident, score=5, **ids(matter))
    actions.contest(actor=resident, text="没好", **ids(matter))
    actions.judge(actor=act_as("street"), upheld=True, text="是没好", **ids(matter))
    assert "rate" not in allowed(now(matter), resident, roster(DISTRICT))
    finish(matter, act_as, begin=False)
    assert "rate" in allowed(now(matter), resident, roster(DISTRICT))
    done = actions.rate(actor=resident, score=5, **ids(matter))
    assert (done.state, done.score) == ("closed", 5)
    scores = [e.data["score"] for e in Entry.objects.filter(matter_id=matter.pk, act="rate").order_by("seq")]
    assert scores == [1, 5]
    assert figures() == {"rated": 1, "satisfied": 1}
    assert stats.check(DISTRICT) == []
    assert verify_ledger(DISTRICT).ok
    assert "rate" not in allowed(now(matter), resident, roster(DISTRICT))
    with pytest.raises(Conflict) as refused:
        actions.rate(actor=resident, score=4, **ids(matter))
    assert refused.value.code == "already_rated"


@pytest.mark.system("M7")
def test_a_contest_that_was_not_upheld_asks_for_no_second_rating(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    matter = opened(town, resident)
    finish(matter, act_as)
    actions.rate(actor=resident, score=2, **ids(matter))
    actions.contest(actor=resident, text="没好", **ids(matter))
    actions.judge(actor=act_as("street"), upheld=False, text="好了的", **ids(matter))
    assert "rate" not in allowed(now(matter), resident, roster(DISTRICT))
    with pytest.raises(Conflict):
        actions.rate(actor=resident, score=5, **ids(matter))


@pytest.mark.system("M7")
def test_work_done_anew_and_closed_unrated_may_still_be_rated(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    matter = opened(town, resident)
    finish(matter, act_as)
    actions.rate(actor=resident, score=1, **ids(matter))
    actions.reopen(actor=resident, reason="又坏了", **ids(matter))
    finish(matter, act_as, begin=False)
    actions.close(actor=act_as("community"), text="回访过", **ids(matter))
    assert actions.rate(actor=resident, score=4, **ids(matter)).score == 4


@pytest.mark.system("M7")
def test_a_member_rates_the_job_anew_after_it_was_done_anew(town: Town, act_as: ActAs) -> None:
    resident, other = act_as("resident"), act_as("resident2")
    job, member = opened(town, resident), opened(town, other)
    actions.merge(actor=act_as("community"), into_id=job.pk, reason="同一盏灯", **ids(member))
    finish(job, act_as)
    actions.rate(actor=other, score=2, **ids(member))
    with pytest.raises(Conflict):
        actions.rate(actor=other, score=3, **ids(member))
    actions.contest(actor=other, text="还是黑", **ids(member))
    actions.judge(actor=act_as("street"), upheld=True, text="是黑", **ids(job))
    finish(job, act_as, begin=False)
    assert actions.rate(actor=other, score=5, **ids(member)).score == 5


# ── contesting, within bounds ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M7")
def test_after_a_judgement_one_more_contest_and_no_more(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    matter = opened(town, resident)
    finish(matter, act_as)
    for turn in (1, 2):
        assert "contest" in allowed(now(matter), resident, roster(DISTRICT)), turn
        actions.contest(actor=resident, text="没好", **ids(matter))
        actions.judge(actor=act_as("street"), upheld=False, text="好了的", **ids(matter))
    assert "contest" not in allowed(now(matter), resident, roster(DISTRICT))
    before = acts(matter)
    with pytest.raises(Conflict) as refused:
        actions.contest(actor=resident, text="没好", **ids(matter))
    assert refused.value.code == "contested_enough"
    assert acts(matter) == before


@pytest.mark.system("M7")
def test_a_new_result_may_be_contested_anew(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    matter = opened(town, resident)
    finish(matter, act_as)
    for upheld in (False, True):
        actions.contest(actor=resident, text="没好", **ids(matter))
        actions.judge(actor=act_as("street"), upheld=upheld, text="看过", **ids(matter))
    finish(matter, act_as, begin=False)
    assert contests_so_far(now(matter)) == 0
    assert actions.contest(actor=resident, text="又没好", **ids(matter)).state == "contested"


# ── a neighbour whom it touches ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M7")
def test_a_neighbour_of_the_same_community_contests_without_a_name(town: Town, act_as: ActAs) -> None:
    matter, beside = opened(town, act_as("resident")), neighbour(town)
    finish(matter, act_as)
    assert actions.contest(actor=beside, text="我家门口还是黑的", **ids(matter)).state == "contested"
    entry = Entry.objects.get(matter_id=matter.pk, act="contest")
    assert (entry.actor, entry.data["affected"]) == ("受影响的居民", True)
    assert str(beside.user_id) not in str(entry.data)
    told = Outbox.objects.filter(topic="tell", payload__matter=str(matter.pk)).latest("id")
    assert "受影响的邻居" in told.payload["text"]
    actions.judge(actor=act_as("street"), upheld=False, text="好了的", **ids(matter))
    with pytest.raises(Conflict) as refused:
        actions.contest(actor=beside, text="还是黑", **ids(matter))
    assert refused.value.code == "contested_enough"
    assert "contest" in allowed(
        now(matter), act_as("resident"), roster(DISTRICT)
    )  # the one who spoke up has a word left


@pytest.mark.system("M7")
@pytest.mark.parametrize("who", ["elsewhere", "nobody", "staff", "private", "too early"])
def test_nobody_else_contests_for_the_neighbours(town: Town, act_as: ActAs, who: str) -> None:
    asked = {"confidential": True} if who == "private" else {}
    matter = opened(town, act_as("resident"), **asked)
    if who != "too early":
        finish(matter, act_as)
    actor = {
        "elsewhere": lambda: act_as("resident2"), "nobody": lambda: Actor(kind="anonymous", district_id=DISTRICT),
        "staff": lambda: act_as("grid"),
    }.get(who, lambda: neighbour(town))()  # fmt: skip
    with pytest.raises((Forbidden, Conflict)):
        actions.contest(actor=actor, text="没好", **ids(matter))
    assert "contest" not in acts(matter)


@pytest.mark.system("M7")
def test_whose_words_were_merged_into_it_may_contest_from_anywhere(town: Town, act_as: ActAs) -> None:
    job, member = opened(town, act_as("resident")), opened(town, act_as("resident2"))
    actions.merge(actor=act_as("community"), into_id=job.pk, reason="同一盏灯", **ids(member))
    finish(job, act_as)
    assert actions.contest(actor=act_as("resident2"), text="没好", **ids(job)).state == "contested"


# ── thanks ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M7")
def test_thanks_reach_who_did_it_once_and_are_no_rating(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    matter = opened(town, resident)
    with pytest.raises(Conflict):
        actions.thank(actor=resident, text="谢谢", **ids(matter))
    finish(matter, act_as)
    for _twice in range(2):
        actions.thank(actor=resident, text="谢谢小王", **ids(matter))
    assert acts(matter).count("thank") == 1
    assert notices("谢谢您") == [str(town.posts["grid"].pk)]
    stored = now(matter)
    assert (stored.score, stored.state) == (None, "verified")
    assert verify_ledger(DISTRICT).ok
    with pytest.raises(Forbidden):
        actions.thank(actor=act_as("grid"), text="谢谢我", **ids(matter))


# ── in private ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M7")
def test_coached_is_told_above_and_stands_nowhere_else(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    matter = opened(town, resident)
    finish(matter, act_as)
    before, version = acts(matter), now(matter).version
    for _twice in range(2):
        actions.coached(actor=resident, **ids(matter))
    assert (acts(matter), now(matter).version) == (before, version)
    assert Coached.objects.get().told_id == town.posts["street_office_unit"].pk
    assert notices("被人教过") == [str(town.posts["street_office_unit"].pk)]
    with pytest.raises(Forbidden):
        actions.coached(actor=act_as("grid"), **ids(matter))


# ── filled in by a neighbour ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M1")
def test_what_a_neighbour_fills_in_belongs_to_the_one_spoken_for(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident2"), helper=True)
    assert matter.opened_by_id is None
    assert Entry.objects.get(matter_id=matter.pk, act="open").data["helper"] is True
    assert "helper" not in Entry.objects.get(matter_id=opened(town, act_as("resident")).pk, act="open").data
