"""What a resident said in several points stands beside the answer, point by point."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from linli.core.matters import actions
from linli.core.matters.points import MOST, points
from linli.core.people.actor import Actor
from tests.cast import DISTRICT, Town
from tests.matters.test_walk import opened

ActAs = Callable[[str], Actor]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("楼道灯坏了两天。单元门也关不上！垃圾没人收？", ["楼道灯坏了两天", "单元门也关不上", "垃圾没人收"]),
        ("1、楼道灯坏了 2、单元门关不上", ["楼道灯坏了", "单元门关不上"]),
        ("有两件事：一、路灯不亮，二、井盖松动", ["有两件事：", "路灯不亮", "井盖松动"]),
        ("3、4号楼之间的路灯不亮。", []),
        ("水管漏了2.5米。", []),
        ("单元门关不严。请来看一下。", []),
        ("单元门关不严。谢谢。好的。", []),
        ("灯坏了\n灯坏了\n门坏了很久\n灯不亮了", ["门坏了很久", "灯不亮了"]),
        ("", []),
    ],
)
def test_points_are_what_asks_for_an_answer(text: str, told: list[str]) -> None:
    assert points(text) == told


def test_a_long_text_keeps_to_its_first_points() -> None:
    assert points("".join(f"第 {n} 处的灯坏了。" for n in range(40))) == [f"第 {n} 处的灯坏了" for n in range(MOST)]


@pytest.mark.system("M6")
def test_whoever_answers_and_whoever_checks_see_the_points(town: Town, act_as: ActAs, client: Client) -> None:
    two = opened(town, act_as("resident"), "楼道灯坏了两天。单元门<b>关不上。").matter
    one = opened(town, act_as("resident"), "楼道灯坏了。").matter
    for matter in (one, two):
        actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=matter.pk)
    client.force_login(town.users["grid"])
    asked = client.get(f"/field/m/{two.number}/resolve/").content.decode()
    assert "<li>楼道灯坏了两天</li>" in asked
    assert "<li>单元门&lt;b&gt;关不上</li>" in asked
    assert 'class="points"' not in client.get(f"/field/m/{one.number}/resolve/").content.decode()
    assert 'class="points"' not in client.get(f"/field/m/{two.number}/progress/").content.decode()
    actions.resolve(actor=act_as("grid"), district_id=DISTRICT, matter_id=two.pk, text="都修好了。", cause="aging")
    client.force_login(town.users["community"])
    assert "<li>楼道灯坏了两天</li>" in client.get(f"/desk/m/{two.number}/verify/").content.decode()
