"""One matter's whole life through the actions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit.refusal import Conflict, Forbidden
from tests.cast import DISTRICT, Town

ActAs = Callable[[str], Actor]


def opened(town: Town, actor: Actor, text: str = "楼道灯坏了。晚上看不见。", kind: str = "appeal") -> actions.Opened:
    place = tree(DISTRICT).by_id[town.places["unit"].pk]
    return actions.open_matter(actor=actor, asked=Asked(kind, text, DISTRICT, place, phone="13800000000", name="李冬"))


@pytest.mark.system("M2")
def test_an_appeal_walks_from_the_door_to_its_closing_and_is_contested(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    ids = {"district_id": DISTRICT, "matter_id": made.matter.pk}
    grid, community, street = act_as("grid"), act_as("community"), act_as("street")
    assert (made.matter.state, made.matter.handler_id) == ("dispatched", town.posts["grid"].pk)
    actions.accept(actor=grid, **ids)
    with pytest.raises(Forbidden):
        actions.reply(actor=act_as("gridb"), text="我来", **ids)
    actions.reply(actor=grid, text="收到，中午前到。", **ids)
    actions.progress(actor=grid, text="看过了，换灯座。", **ids)
    actions.escalate(actor=grid, reason="线路要断电", **ids)
    actions.accept(actor=community, **ids)
    actions.whistle(actor=street, units=["O-power", "示范区城管局"], reason="要断电改线", kind="joint", **ids)
    with pytest.raises(Forbidden):
        actions.report(actor=act_as("property"), state="arrived", **ids)
    actions.report(actor=act_as("power"), state="arrived", **ids)
    actions.report(actor=act_as("power"), state="done", text="改好了", **ids)
    actions.report(actor=act_as("department"), state="refused", reason="不归我们", **ids)
    actions.resolve(actor=community, text="灯亮了。", cause="设施老化", **ids)
    with pytest.raises(Forbidden):
        actions.verify(actor=community, passed=True, text="看过", **ids)
    actions.verify(actor=act_as("community_b"), passed=True, text="晚上去看，亮着。", **ids)
    actions.rate(actor=act_as("resident"), score=5, **ids)
    actions.contest(actor=act_as("resident"), text="又不亮了", **ids)
    with pytest.raises(Forbidden):
        actions.judge(actor=act_as("street2"), upheld=True, text="x", **ids)
    matter = actions.judge(actor=street, upheld=True, text="确实不亮", **ids)
    assert matter.state == "in_progress"
    assert {(c["stage"], c["round"]) for c in matter.clocks} >= {("result", 1), ("result", 2)}
    stored = Matter.objects.get(pk=matter.pk)
    assert stored.seq == stored.timeline.count() == 16


def test_an_act_out_of_order_is_a_conflict(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    with pytest.raises(Conflict):
        actions.resolve(
            actor=act_as("grid"), district_id=DISTRICT, matter_id=made.matter.pk, text="好了", cause="aging"
        )
