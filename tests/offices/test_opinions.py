"""Opinion rounds: knocked at, written down once, followed by receipt, ended without a trace of any door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.core.matters.ledger.verifying import verify
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.places.models import Dwelling
from linli.core.places.tree import Node, tree
from linli.kit import memory
from linli.kit.models import Answered, Outbox
from linli.kit.refusal import Conflict, Invalid, NotFound
from linli.offices.opinions import actions, jobs, queries
from linli.offices.opinions.actions import Heard, Plan
from linli.offices.opinions.models import Knock, Opinion, Round, Stretch
from linli.offices.opinions.models.words import left
from tests.cast import DISTRICT, Town
from tests.doors.test_field_inbox import as_, read

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("D5")
KEY = "k" * 32


def node(town: Town, name: str) -> Node:
    return tree(DISTRICT).by_id[town.places[name].pk]


def plan(town: Town, **changes: Any) -> Plan:
    today = timezone.localdate()
    made: dict[str, Any] = {
        "place": node(town, "quarter"), "title": "车棚建在哪里", "questions": ["车棚建在哪里好？"],
        "roles": ["grid_worker", "building_head"], "starts_on": today, "ends_on": today + timedelta(days=7),
    }  # fmt: skip
    return Plan(**{**made, **changes})


def homes(town: Town, unit: str = "unit", numbers: tuple[str, ...] = ("101", "102", "201", "202")) -> list[Dwelling]:
    return [Dwelling.objects.create(district=town.district, place=town.places[unit], number=n) for n in numbers]


def asked(town: Town, act_as: ActAs, **changes: Any) -> Round:
    host = act_as("community")
    row = actions.draft(actor=host, plan=plan(town, **changes))
    return actions.begin(actor=host, row=row)


def heard(town: Town, act_as: ActAs, row: Round, text: str, n: int = 0, **more: Any) -> Any:
    made = {"actor": act_as("grid"), "row": row, "building": node(town, "building"), "outcome": "spoke",
            "key": f"{n:032d}", "heard": Heard(text), **more}  # fmt: skip
    return actions.record(**made)


# ── preparing ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_round_goes_through_the_buildings_of_its_place_and_counts_their_doors(town: Town, act_as: ActAs) -> None:
    homes(town)
    row = asked(town, act_as)
    (one,) = Stretch.objects.filter(round=row)
    assert (one.building_id, one.doors) == (town.places["building"].pk, 4)
    assert row.state == "open"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"questions": []}, "questions"), ({"questions": list("一二三四")}, "questions"), ({"roles": ["spy"]}, "roles"),
        ({"ends_on": timezone.localdate() - timedelta(days=1)}, "ends_on"), ({"matter": "TS-0000-0000"}, "matter"),
        ({"url": "https://elsewhere.example"}, "url"), ({"title": " "}, "title"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_beside_its_field(
    town: Town, act_as: ActAs, changes: dict[str, Any], name: str
) -> None:
    with pytest.raises(Invalid) as refused:
        actions.draft(actor=act_as("community"), plan=plan(town, **changes))
    assert name in refused.value.fields
    assert not Round.objects.exists()


def test_only_who_convenes_there_asks_and_a_begun_round_is_not_rewritten(town: Town, act_as: ActAs) -> None:
    for who in ("grid", "community2", "resident"):
        with pytest.raises(NotFound):
            actions.draft(actor=act_as(who), plan=plan(town))
    row = asked(town, act_as)
    for do in (lambda: actions.change(actor=act_as("community"), row=row, plan=plan(town, title="别的")),
               lambda: actions.drop(actor=act_as("community"), row=row),
               lambda: actions.begin(actor=act_as("community"), row=row)):  # fmt: skip
        with pytest.raises(Conflict):
            do()
    assert Round.objects.get().title == "车棚建在哪里"


def test_a_draft_is_made_changed_and_thrown_away_on_its_pages(town: Town, act_as: ActAs) -> None:
    client = as_(town, "community")
    today = timezone.localdate()
    typed = {
        "place": town.places["quarter"].code, "title": "楼道灯", "questions": "灯要声控的吗？\n几点灭？", "about": "",
        "roles": ["grid_worker"], "starts_on": today, "ends_on": today, "buildings": "1号楼",
    }  # fmt: skip
    wrong = client.post("/desk/opinions/new/", {**typed, "buildings": "9 号楼"})
    assert wrong.status_code == 422
    assert "灯要声控的吗" in wrong.content.decode()
    assert client.post("/desk/opinions/new/", typed).status_code == 302
    row = Round.objects.get()
    assert row.questions == ["灯要声控的吗？", "几点灭？"]
    assert client.post(f"/desk/opinions/{row.code}/edit/", {**typed, "title": "楼道的灯"}).status_code == 302
    row.refresh_from_db()
    assert (row.title, row.stretches.count()) == ("楼道的灯", 1)
    assert "楼道的灯" in read(client, "/desk/opinions/")
    assert client.post(f"/desk/opinions/{row.code}/do/drop/").status_code == 302
    assert not Round.objects.exists()


# ── at the door ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_words_are_kept_as_spoken_and_the_same_key_is_once(town: Town, act_as: ActAs) -> None:
    home, *_rest = homes(town)
    row = asked(town, act_as)
    first = heard(town, act_as, row, "俺看就搁东墙根儿。", dwelling_id=home.pk)
    again = heard(town, act_as, row, "俺看就搁东墙根儿。", dwelling_id=home.pk)
    assert first.receipt == again.receipt
    assert Opinion.objects.get().text == "俺看就搁东墙根儿。"
    assert Opinion.objects.get().by == "王禾苗 网格员"
    assert Knock.objects.count() == 1
    with pytest.raises(Conflict) as reused:
        heard(town, act_as, row, "别的话。", dwelling_id=home.pk)
    assert reused.value.code == "key_reused"
    assert queries.of_receipt(first.receipt) == Opinion.objects.get()


def test_plain_figures_by_building_and_the_last_look_counts_but_never_over_words(town: Town, act_as: ActAs) -> None:
    a, b, c, d = homes(town)
    row = asked(town, act_as)
    for home, outcome, n in ((a, "nobody", 1), (b, "declined", 2), (c, "nothing", 3)):
        heard(town, act_as, row, "", n, outcome=outcome, dwelling_id=home.pk)
    heard(town, act_as, row, "建。", 4, dwelling_id=a.pk)  # somebody was at home the second time
    heard(town, act_as, row, "", 5, outcome="nobody", dwelling_id=a.pk)
    made = queries.whole(row)
    assert (made.doors, made.visited, made.spoke, made.nothing, made.nobody, made.declined) == (4, 3, 1, 1, 0, 1)
    assert d.pk not in set(Knock.objects.values_list("dwelling_id", flat=True))


def test_nothing_joins_a_door_to_the_words_and_the_end_deletes_every_mark(town: Town, act_as: ActAs) -> None:
    homes_ = homes(town)
    row = asked(town, act_as)
    for n, home in enumerate(homes_):
        heard(town, act_as, row, f"第 {n} 句。", n, dwelling_id=home.pk)
    knock, said = Knock._meta, Opinion._meta
    assert not {f.name for f in said.get_fields()} & {"dwelling", "knock"}
    assert {f.name for f in knock.get_fields()} == {
        "id", "district", "round", "building", "dwelling", "mark", "outcome", "on"
    }  # fmt: skip
    assert all(k.id.version == 4 for k in Knock.objects.all())
    assert not Answered.objects.exists()  # a hash of door and words beside a time would be the join
    actions.end(actor=act_as("community"), row=row)
    assert not Knock.objects.exists()
    row.refresh_from_db()
    assert queries.whole(row).spoke == 4
    assert Opinion.objects.count() == 4


def test_no_table_says_who_knocked_how_often_so_nobody_is_ranked(town: Town, act_as: ActAs) -> None:
    names = {f.name for model in (Knock, Stretch) for f in model._meta.get_fields()}
    assert not names & {"post", "user", "by", "actor", "recorded_by", "at"}


def test_a_building_without_doors_on_file_counts_each_sending_once(town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    for n in (1, 1, 2):
        heard(town, act_as, row, "", n, outcome="nobody")
    assert queries.whole(row).nobody == 2


def test_only_the_roles_asked_go_and_only_in_what_they_serve(town: Town, act_as: ActAs) -> None:
    home, *_rest = homes(town)
    row = asked(town, act_as)
    for who in ("gridb", "grid2", "steward", "community", "resident", "volunteer"):
        with pytest.raises(NotFound):
            heard(town, act_as, row, "话。", dwelling_id=home.pk, actor=act_as(who))
    assert heard(town, act_as, row, "话。", dwelling_id=home.pk, actor=act_as("building")).receipt
    stranger = Dwelling.objects.create(district=town.district, place=town.places["grid2"], number="1")
    with pytest.raises(NotFound):
        heard(town, act_as, row, "话。", 9, dwelling_id=stranger.pk)
    assert Opinion.objects.count() == 1


def test_the_notebook_sends_a_door_once_and_late(town: Town, act_as: ActAs) -> None:
    home, *_rest = homes(town)
    row = asked(town, act_as)
    Round.objects.update(opened_at=timezone.now() - timedelta(days=1))
    body = {"building": town.places["building"].code, "outcome": "spoke", "dwelling": str(home.pk), "text": "建。",
            "at": (timezone.now() - timedelta(hours=1)).isoformat()}  # fmt: skip
    actions.end(actor=act_as("community"), row=row)

    def send(**changes: Any) -> Any:
        raw = orjson.dumps({**body, **changes})
        path = f"/api/v1/opinions/{row.code}/doors"
        return as_(town, "grid").post(path, raw, "application/json", headers={"Idempotency-Key": KEY})

    first, again = send(), send()
    assert (first.status_code, first.json()) == (200, again.json())
    assert first.json()["receipt"]
    assert (Opinion.objects.count(), Knock.objects.count()) == (1, 0)  # heard; no door is marked after the end
    late = send(at=timezone.now().isoformat(), text="收齐以后。")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "ended")
    assert as_(town, "grid").get("/api/v1/opinions").json()["items"] == []


def test_the_phone_without_script_shows_doors_keeps_words_and_hands_a_slip(town: Town, act_as: ActAs) -> None:
    home, *_rest = homes(town)
    row = asked(town, act_as)
    client = as_(town, "grid")
    assert "车棚建在哪里" in read(client, "/field/opinions/")
    page = f"/field/opinions/{row.code}/{town.places['building'].code}/"
    assert "1 单元 101" in read(client, f"{page}?door={home.pk}")
    typed = {"dwelling": home.pk, "retry": KEY, "text": "", "outcome": "spoke", "helper": "对门刘婶"}
    empty = client.post(page, typed)
    assert empty.status_code == 422
    assert "对门刘婶" in empty.content.decode()
    done = client.post(page, {**typed, "text": "太远了老人走不动。"})
    assert done.status_code == 200
    assert "no-store" in done["Cache-Control"]
    assert Opinion.objects.get().helper == "对门刘婶"
    assert client.post(page, {**typed, "retry": "x" * 32, "outcome": "nobody"}).status_code == 302
    assert read(as_(town, "gridb"), page, 404)


# ── by oneself ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_anybody_answers_from_the_sheet_and_follows_by_receipt(client: Client, town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    page = f"/opinions/{row.code}/"
    assert "车棚建在哪里好" in read(client, page)
    assert client.post(page, {"text": "", "retry": KEY}).status_code == 422
    taken = client.post(page, {"text": "建在西边。", "retry": KEY, "quiet": "on"})
    assert taken.status_code == 200
    said = Opinion.objects.get()
    assert (said.text, said.via, said.author_id, said.quiet) == ("建在西边。", "self", None, True)
    kept = actions.say(actor=ANONYMOUS, row=row, heard=Heard("建在西边。", quiet=True), key=KEY)
    assert kept.opinion == said
    assert kept.receipt.replace("-", " ") in taken.content.decode()
    trail = client.post("/opinions/said/", {"receipt": kept.receipt})
    assert "建在西边" in trail.content.decode()
    assert "建在西边" in read(client, f"/t/{kept.receipt}/")
    wrong = client.post("/opinions/said/", {"receipt": kept.receipt[:-1] + ("0" if kept.receipt[-1] != "0" else "1")})
    assert wrong.status_code == 422


def test_a_correction_stands_beside_the_words_and_changes_none(client: Client, town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    kept = heard(town, act_as, row, "他说不建。")
    fixed = client.post("/opinions/said/correct/", {"receipt": kept.receipt, "text": "我说的是先别建。"})
    assert fixed.status_code == 200
    said = Opinion.objects.get()
    assert (said.text, said.correction) == ("他说不建。", "我说的是先别建。")
    again = client.post("/opinions/said/correct/", {"receipt": kept.receipt, "text": "又改。"})
    assert again.status_code == 422
    assert "已经更正过一次" in again.content.decode()
    said.refresh_from_db()
    assert said.correction == "我说的是先别建。"


def test_a_helper_keeps_the_words_out_of_the_helpers_account(town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    actions.say(actor=act_as("resident"), row=row, heard=Heard("我自己的。"), key="a" * 32)
    actions.say(actor=act_as("resident"), row=row, heard=Heard("刘奶奶的。", helper="小李"), key="b" * 32)
    assert [o.text for o in queries.mine(act_as("resident"))] == ["我自己的。"]


def test_a_door_leads_to_the_rounds_that_go_by_it(client: Client, town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    assert f"/opinions/{row.code}/" in read(client, f"/d/{town.places['unit'].door}")
    actions.end(actor=act_as("community"), row=row)
    assert f"/opinions/{row.code}/" not in read(client, f"/d/{town.places['unit'].door}")
    assert "已经收齐" in read(client, f"/opinions/{row.code}/")


# ── what happens by itself ──────────────────────────────────────────────────────────────────────────────────────
def test_a_round_ends_after_its_last_day_and_names_go_half_a_year_later(town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    heard(town, act_as, row, "建。", heard=Heard("建。", name="老李", helper="小李"))
    later = timezone.now() + timedelta(days=8)
    assert jobs.run_due(later) == 1
    row.refresh_from_db()
    assert row.state == "ended"
    assert Opinion.objects.get().name == "老李"
    assert jobs.run_due(later + timedelta(days=181)) == 1
    said = Opinion.objects.get()
    assert (said.name, said.helper, said.text) == ("", "", "建。")
    assert jobs.run_due(later + timedelta(days=181)) == 0
    assert (said.names_salt, len(said.names_digest)) == ("", 64), "nothing is left to try names against"
    assert verify().ok


@pytest.mark.system("M6")
def test_a_name_or_a_helper_changed_by_hand_is_named(town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    heard(town, act_as, row, "建。", heard=Heard("建。", name="老李", helper="小李"))
    heard(town, act_as, row, "不建。", 1)
    assert verify().ok
    with_names, without = Opinion.objects.order_by("pk")
    for pk, changed, reason in (
        (with_names.pk, {"helper": "小王"}, "said.names"), (with_names.pk, {"name": "老王"}, "said.names"),
        (with_names.pk, {"name": "", "helper": "", "names_salt": ""}, "said.names"),
        (with_names.pk, {"name": "", "helper": "", "names_salt": "", "names_digest": ""}, "voice"),
        (without.pk, {"helper": "小王"}, "said.names"), (without.pk, left("", "小王"), "voice"),
    ):  # fmt: skip
        with transaction.atomic():
            Opinion.objects.filter(pk=pk).update(**changed)
            found = verify().broken
            assert [finding.reason for finding in found] == [reason], changed
            assert row.code in found[0].number
            transaction.set_rollback(True)
    actions.erase(actor=act_as("admin"), opinion_id=with_names.pk, district_id=DISTRICT, reason="本人要求")
    assert verify().ok


# ── the price ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_lists_cost_the_same_however_much_was_said(town: Town, act_as: ActAs) -> None:
    a, *_rest = homes(town)
    row, host = asked(town, act_as), act_as("community")
    staff, walker = as_(town, "community"), as_(town, "grid")
    desk, house = f"/desk/opinions/{row.code}/", town.places["building"].code
    looks = (
        (staff, "/desk/opinions/"), (staff, desk), (staff, f"{desk}words/"), (staff, f"{desk}progress/"),
        (staff, f"{desk}alike/"), (walker, "/field/opinions/"), (walker, f"/field/opinions/{row.code}/{house}/"),
        (walker, "/opinions/"),
    )  # fmt: skip

    def more(start: int, end: int) -> None:
        for n in range(start, end):
            kept = heard(town, act_as, row, f"第 {n} 句话。", n, dwelling_id=a.pk)
            if n % 3 == 0:
                actions.gather(actor=host, row=row, opinions=[kept.opinion.pk], title=f"第 {n} 组")

    def prices() -> list[int]:
        memory.forget()
        found = []
        for client, path in looks:
            read(client, path)
            with CaptureQueriesContext(connection) as asked_:
                read(client, path)
            found.append(len(asked_))
        return found

    more(0, 4)
    few = prices()
    more(4, 30)
    assert prices() == few
    assert max(few) <= 27, few  # of which the shell, who looks and the posts are sixteen


def test_one_request_to_compare_is_enough(town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    for n in range(3):
        heard(town, act_as, row, "建。", n)
    assert Outbox.objects.filter(topic="opinions", done_at=None).count() == 1
