"""Returns are gathered, and the third one alike asks for a change of the dispatch rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from linli.core.matters import actions as matters
from linli.core.matters import telling
from linli.core.matters.actions.configuring import rules
from linli.core.matters.models import Matter, Rule
from linli.core.people import notices
from linli.core.people.actor import Actor
from linli.core.people.models import Notice
from linli.kit import outbox
from linli.kit.models import Outbox
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.returns import actions, jobs, queries
from linli.offices.returns.models import Proposal, Returned
from tests.cast import Town
from tests.doors.desk_cast import ids, opened, sit

ActAs = Callable[[str], Actor]
HANDLING = (notices, telling)  # imported for the topics that they register
pytestmark = pytest.mark.system("M2")


def returned(town: Town, act_as: ActAs, *, suggest: str = "O-power", who: str = "resident", **more: Any) -> Matter:
    made = opened(town, act_as(who), "楼道灯坏了", **{"category": "0101", **more})
    by = "grid" if who == "resident" else "grid2"
    matters.return_(actor=act_as(by), reason="no_power", text="归供电所", suggest=suggest, **ids(made))
    return made


def thrice(town: Town, act_as: ActAs) -> Proposal:
    for _n in range(3):
        returned(town, act_as)
    outbox.drain()
    return Proposal.objects.get()


def test_the_third_return_alike_and_not_the_second_asks_for_a_change(town: Town, act_as: ActAs) -> None:
    returned(town, act_as)
    returned(town, act_as)
    returned(town, act_as, suggest="O-firm")
    returned(town, act_as, suggest="")
    returned(town, act_as, who="resident2", place="grid2")
    outbox.drain()
    assert Returned.objects.count() == 5
    assert not Proposal.objects.exists()
    returned(town, act_as)
    outbox.drain()
    found = Proposal.objects.get()
    assert (found.kind, found.category, found.to_id) == ("appeal", "0101", town.posts["power_unit"].pk)
    assert found.by_id == town.posts["grid"].pk
    assert len(queries.behind(found).rows) == 3
    outbox.drain()  # what a handler leaves is done in the next turn
    assert Notice.objects.filter(post=town.posts["committee_office_unit"], text__contains="派单规则").count() == 1


def test_what_nobody_sorted_asks_for_no_rule_until_somebody_does(town: Town, act_as: ActAs) -> None:
    """A rule without a category would send every appeal of the community there."""
    made = [returned(town, act_as, category="") for _n in range(4)]
    outbox.drain()
    assert Returned.objects.filter(category="").count() == 4
    assert not Proposal.objects.exists()
    for nth, matter in enumerate(made[:3]):
        assert not Proposal.objects.exists(), nth
        matters.triage(actor=act_as("community"), category="0101", **ids(matter))
        outbox.drain()
    found = Proposal.objects.get()
    assert (found.category, found.to_id, found.by_id) == ("0101", town.posts["power_unit"].pk, town.posts["grid"].pk)
    assert len(queries.behind(found).rows) == 3
    Proposal.objects.update(category="")  # one that an earlier release noticed
    with pytest.raises(Conflict, match="没有分类"):
        actions.accept(actor=act_as("admin"), proposal_id=found.pk)
    assert not Rule.objects.filter(name__contains="退单改派").exists()


def test_one_matter_given_back_three_times_is_one_case_and_a_redelivery_adds_none(town: Town, act_as: ActAs) -> None:
    made = returned(town, act_as)
    for _n in range(2):
        matters.dispatch(actor=act_as("community"), to="T-grid", **ids(made))
        matters.return_(actor=act_as("grid"), reason="no_power", text="归供电所", suggest="O-power", **ids(made))
    outbox.drain()
    assert Returned.objects.count() == 3
    assert not Proposal.objects.exists()
    row = Outbox.objects.filter(topic="returns").first()
    assert row is not None
    jobs.gather(row, row.at)
    assert Returned.objects.count() == 3


def test_the_desk_proposes_the_administrator_accepts_and_the_next_one_goes_there(town: Town, act_as: ActAs) -> None:
    found = thrice(town, act_as)
    with pytest.raises(NotFound):
        actions.propose(actor=act_as("community2"), proposal_id=found.pk)
    with pytest.raises(Forbidden):
        actions.accept(actor=act_as("community"), proposal_id=found.pk)
    actions.propose(actor=act_as("community"), proposal_id=found.pk, words="三回了")
    with pytest.raises(Forbidden):
        actions.refuse(actor=act_as("community"), proposal_id=found.pk, reason="算了")
    done = actions.accept(actor=act_as("admin"), proposal_id=found.pk)
    assert done.state == "accepted" and done.rule is not None  # noqa: PT018
    orders = list(Rule.objects.order_by("order").values_list("name", flat=True))
    assert orders.index(done.rule.name) == orders.index("诉求到网格员") - 1
    fresh = opened(town, act_as("resident"), "灯又坏了", category="0101")
    assert fresh.handler_id == town.posts["power_unit"].pk
    assert opened(town, act_as("resident"), "别的事").handler_id == town.posts["grid"].pk
    elsewhere = opened(town, act_as("resident2"), "灯坏了", category="0101", place="grid2")
    assert elsewhere.handler_id == town.posts["grid2"].pk
    with pytest.raises(Conflict):
        actions.refuse(actor=act_as("admin"), proposal_id=found.pk, reason="不")


def test_the_administrator_is_told_and_finds_what_was_proposed(town: Town, act_as: ActAs) -> None:
    found = thrice(town, act_as)
    admin = sit(town, "admin")
    for page in ("/admin/", "/admin/rules/"):
        assert "等您定" not in admin.get(page).content.decode()
    actions.propose(actor=act_as("community"), proposal_id=found.pk, words="三回了")
    outbox.drain()
    assert Notice.objects.get(post=town.posts["admin"]).url == f"/desk/returns/{found.pk}/"
    for page in ("/admin/", "/admin/rules/"):
        assert "1 条改派单规则的建议等您定" in admin.get(page).content.decode()
    actions.accept(actor=act_as("admin"), proposal_id=found.pk)
    assert "等您定" not in admin.get("/admin/rules/").content.decode()


def test_what_the_rules_do_already_is_not_proposed(town: Town, act_as: ActAs) -> None:
    """They came to the grid only because nobody had sorted them yet."""
    rules.add_rule(actor=act_as("admin"), name="路灯", category="0101", organisation_id=town.organisations["power"].pk,
                   before=Rule.objects.order_by("order")[0].pk)  # fmt: skip
    for _n in range(4):
        made = returned(town, act_as, category="")
        matters.triage(actor=act_as("community"), category="0101", **ids(made))
        outbox.drain()
    assert Returned.objects.filter(category="0101").count() == 4
    assert not Proposal.objects.exists()


def test_a_no_needs_a_reason_and_is_asked_again_only_by_new_cases(town: Town, act_as: ActAs) -> None:
    found = thrice(town, act_as)
    with pytest.raises(Invalid):
        actions.refuse(actor=act_as("community"), proposal_id=found.pk, reason=" ")
    actions.refuse(actor=act_as("community"), proposal_id=found.pk, reason="这几件是特例")
    returned(town, act_as)
    outbox.drain()
    assert Proposal.objects.count() == 1
    returned(town, act_as)
    returned(town, act_as)
    outbox.drain()
    assert Proposal.objects.filter(state="noticed").count() == 1


def test_what_came_back_waits_for_a_coordinator_until_it_is_dispatched(town: Town, act_as: ActAs) -> None:
    made = returned(town, act_as)
    outbox.drain()
    community = act_as("community")
    assert [m.pk for m in queries.waiting(community)] == [made.pk]
    assert not queries.waiting(act_as("community2")).exists()
    pile = queries.piles(community)[0]
    assert (pile.category, pile.reason, pile.count) == ("0101", "no_power", 1)
    matters.dispatch(actor=community, to="O-power", **ids(made))
    assert not queries.waiting(community).exists()
