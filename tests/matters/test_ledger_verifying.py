"""``linli verify`` finds what somebody with a database shell did, and names the matter."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from linli.core.matters import actions, triggers
from linli.core.matters.ledger import judging, verifying
from linli.core.matters.ledger.sealing import seal
from linli.core.matters.ledger.verifying import main, verify
from linli.core.matters.models import Attachment, Contact, Entry, Leaf, Matter, Seal
from linli.core.people.actor import Actor
from linli.kit import chain, crypto, memory
from linli.kit.ids import new_id
from linli.kit.models import Upload
from tests.cast import DISTRICT, Town
from tests.matters.test_walk import opened, test_an_appeal_walks_from_the_door_to_its_closing_and_is_contested

ActAs = Callable[[str], Actor]


@pytest.fixture
def worked(town: Town, act_as: ActAs) -> Matter:
    """A matter with four entries, another one beside it."""
    opened(town, act_as("resident2"), "另一件事")
    made = opened(town, act_as("resident"))
    ids = {"district_id": DISTRICT, "matter_id": made.matter.pk}
    actions.accept(actor=act_as("grid"), **ids)
    actions.reply(actor=act_as("grid"), text="中午前到。", **ids)
    return Matter.objects.get(pk=made.matter.pk)


class UndoneError(Exception):
    """Ends ``undone``."""


@contextmanager
def undone() -> Iterator[None]:
    """For what no foreign key would let stand: PostgreSQL asks for them as soon as the guards are put back."""
    with suppress(UndoneError), triggers.lifted():
        yield
        raise UndoneError


def tamper(statement: str, *values: Any) -> None:
    """Raw SQL with the guards taken off and put back, as a careful insider would."""
    shown = [v.hex if isinstance(v, uuid.UUID) and connection.vendor == "sqlite" else v for v in values]
    with triggers.lifted(), connection.cursor() as cursor:
        cursor.execute(statement, shown)


def reasons(**asked: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for finding in verify(**asked).broken:
        found.setdefault(finding.number, set()).add(finding.reason)
    return found


def rehash(matter: Matter) -> None:
    """Compute the whole chain anew with the published tools, and say so on the matter."""
    rows = list(Entry.objects.filter(matter=matter).order_by("seq"))
    with triggers.lifted():
        head = chain.genesis(DISTRICT, matter.pk)
        for row in rows:
            row.digest = chain.digest(row.salt, row.text)
            head = row.chain = chain.link(
                head, district_id=DISTRICT, matter_id=matter.pk, seq=row.seq, at=row.at, act=row.act,
                actor=row.actor, data=row.data, digest=row.digest,
            )  # fmt: skip
            row.save()
    Matter.objects.filter(pk=matter.pk).update(head=head, seq=len(rows))


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch, name: str) -> Any:
    calls: list[Any] = []
    original = getattr(verifying.reading, name)
    monkeypatch.setattr(verifying.reading, name, lambda *a, **kw: (calls.append(a), original(*a, **kw))[1])
    yield calls


def test_a_walk_through_every_act_is_whole(
    town: Town, act_as: ActAs, worked: Matter, capsys: pytest.CaptureFixture[str]
) -> None:
    test_an_appeal_walks_from_the_door_to_its_closing_and_is_contested(town, act_as)
    seal(DISTRICT)
    heard: list[int] = []
    report = verify(progress=heard.append)
    assert report.ok, report.broken
    assert report.counts == {"matters": 3, "entries": 22, "leaves": 3, "records": 0, "seals": 1}
    assert heard == [3]
    assert (main(None), main(worked.number), main("TS-0000-9999")) == (0, 0, 1)
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("完好：3 件事")
    assert told[1] == f"核对的是 {worked.number}：一件事"
    assert told[2].startswith("完好：1 件事")
    # A number that stands for nothing is told of as that and counted as nothing that does not hold.
    assert told[3:] == ["TS-0000-9999 没有这个编号，或者还是草稿。什么也没有核对。"]


def test_merging_declining_and_returning_replay(town: Town, act_as: ActAs) -> None:
    first, second, third = (opened(town, act_as("resident"), f"灯 {i}").matter.pk for i in range(3))
    ids = {"district_id": DISTRICT}
    community, grid = act_as("community"), act_as("grid")
    actions.merge(actor=community, matter_id=first, into_id=second, reason="同一盏灯", **ids)
    actions.return_(actor=grid, matter_id=third, reason="not_ours", text="不归我们", **ids)
    actions.triage(actor=community, matter_id=third, category="0101", urgency="urgent", **ids)
    actions.decline(actor=community, matter_id=third, basis="依据", redirect="去处", **ids)
    actions.confirm(actor=act_as("community_b"), matter_id=third, agreed=True, **ids)
    assert verify().ok, verify().broken
    actions.unmerge(actor=community, matter_id=first, reason="看错了", **ids)
    actions.contest(actor=act_as("resident"), matter_id=third, text="该你们管", **ids)
    assert verify().ok, verify().broken


def test_words_altered_behind_the_trigger(worked: Matter, capsys: pytest.CaptureFixture[str]) -> None:
    tamper("UPDATE matters_timeline SET text = %s WHERE matter_id = %s AND seq = 4", "三天后到。", worked.pk)
    assert reasons() == {worked.number: {"altered"}}
    assert reasons(number=worked.number) == {worked.number: {"altered"}}
    assert main(None) == 1
    line = capsys.readouterr().out.splitlines()[0]
    assert line.startswith(f"{worked.number} 第 4 条")


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("actor", "别人", "chain"),
        ("at", timezone.now(), "chain"),
        ("act", "reply2", "chain"),
        ("chain", "00" * 32, "chain"),
        ("digest", "00" * 32, "altered"),
    ],
)
def test_any_other_field_altered(worked: Matter, column: str, value: object, reason: str) -> None:
    with triggers.lifted():
        Entry.objects.filter(matter=worked, seq=3).update(**{column: value})
    assert reasons() == {worked.number: {reason}}


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"text": "灯挺好的"}, "text"),
        ({"title": "灯挺好的"}, "title"),
        ({"state": "closed"}, "state"),
        ({"score": 5}, "score"),
        ({"category": "02"}, "category"),
        ({"urgency": "urgent"}, "urgency"),
        ({"cause": "aging"}, "cause"),
        ({"channel": "phone"}, "channel"),
        ({"kind": "order"}, "kind"),
        ({"anonymous": True}, "anonymous"),
        ({"confidential": True}, "confidential"),
        ({"number": "TS-0000-0001"}, "number"),
        ({"handler": None}, "handler"),
        ({"replied_at": None}, "replied_at"),
        ({"verified_at": timezone.now()}, "verified_at"),
        ({"closed_at": timezone.now()}, "closed_at"),
        ({"rounds": 2}, "rounds"),
        ({"households": 6}, "households"),
    ],
)
def test_the_row_altered_against_its_timeline(worked: Matter, change: dict[str, Any], column: str) -> None:
    Matter.objects.filter(pk=worked.pk).update(**change)
    assert reasons() == {str(change.get("number", worked.number)): {f"row.{column}"}}


def test_given_to_another_post_behind_the_timeline(town: Town, worked: Matter) -> None:
    Matter.objects.filter(pk=worked.pk).update(handler=town.posts["gridb"])
    assert reasons() == {worked.number: {"row.handler"}}


def test_a_handler_whose_post_ended_is_no_break(town: Town, act_as: ActAs, worked: Matter) -> None:
    """Entries name serving posts only: the resident's rating after the worker left says nothing of a handler."""
    post = town.posts["grid"]
    post.until = timezone.localdate()
    post.save()
    memory.forget()
    actions.supervise(actor=act_as("street"), district_id=DISTRICT, matter_id=worked.pk, text="抓紧",
                      due_at=timezone.now() + timedelta(days=1))  # fmt: skip
    assert "handler" not in Entry.objects.get(matter=worked, seq=5).data
    assert verify().ok, verify().broken


def test_the_tail_cut_off(worked: Matter) -> None:
    tamper("DELETE FROM matters_timeline WHERE matter_id = %s AND seq = 4", worked.pk)
    assert reasons() == {worked.number: {"tail"}}


def test_a_row_taken_from_the_middle(worked: Matter) -> None:
    tamper("DELETE FROM matters_timeline WHERE matter_id = %s AND seq = 2", worked.pk)
    assert reasons() == {worked.number: {"missing"}}


def test_all_rows_taken(worked: Matter) -> None:
    tamper("DELETE FROM matters_timeline WHERE matter_id = %s", worked.pk)
    assert reasons() == {worked.number: {"empty"}}


def cut_cleanly(matter: Matter) -> None:
    """Take off the last entry, and wind the matter back to what it was before."""
    tamper("DELETE FROM matters_timeline WHERE matter_id = %s AND seq = 4", matter.pk)
    before = Entry.objects.get(matter=matter, seq=3)
    Matter.objects.filter(pk=matter.pk).update(seq=3, head=before.chain, replied_at=None)


def test_the_tail_cut_off_with_the_matter_wound_back_is_caught_by_the_seal(worked: Matter) -> None:
    seal(DISTRICT)
    cut_cleanly(worked)
    assert reasons() == {worked.number: {"cut", "clocks"}}  # and the clocks went on without it
    Matter.objects.filter(pk=worked.pk).update(sealed_seq=0)
    assert reasons(number=worked.number) == {worked.number: {"cut", "clocks"}}


def test_a_chain_hashed_anew_after_a_seal_names_the_matter(worked: Matter, capsys: pytest.CaptureFixture[str]) -> None:
    seal(DISTRICT)
    tamper("UPDATE matters_timeline SET text = %s WHERE matter_id = %s AND seq = 4", "三天后到。", worked.pk)
    rehash(worked)
    assert reasons() == {worked.number: {"rehashed"}}
    assert main(worked.number) == 1
    assert capsys.readouterr().out.startswith(worked.number)


def test_leaf_altered_to_fit_breaks_the_seal(worked: Matter) -> None:
    seal(DISTRICT)
    tamper("UPDATE matters_timeline SET text = %s WHERE matter_id = %s AND seq = 4", "三天后到。", worked.pk)
    rehash(worked)
    head = Matter.objects.get(pk=worked.pk).head
    tamper("UPDATE matters_leaf SET head = %s WHERE matter_id = %s", head, worked.pk)
    assert reasons() == {"第 1 号封印": {"seal.root"}}
    assert reasons(number=worked.number) == {"第 1 号封印": {"seal.root"}}


def test_root_altered_to_fit_breaks_the_next_seal(worked: Matter, town: Town, act_as: ActAs) -> None:
    seal(DISTRICT)
    opened(town, act_as("resident"))
    seal(DISTRICT)
    tamper("UPDATE matters_seal SET root = %s WHERE seq = 1", "00" * 32)
    assert reasons() == {"第 1 号封印": {"seal.root"}, "第 2 号封印": {"seal.previous"}}


def test_a_seal_set_to_another_time_between_its_neighbours_is_named(worked: Matter, town: Town, act_as: ActAs) -> None:
    for _turn in range(3):
        opened(town, act_as("resident"))
        seal(DISTRICT)
    times = dict(Seal.objects.values_list("seq", "at"))
    between = times[1] + (times[2] - times[1]) / 2
    tamper("UPDATE matters_seal SET at = %s WHERE seq = 2", str(between) if connection.vendor == "sqlite" else between)
    assert Seal.objects.get(seq=2).at == between
    assert reasons() == {"第 2 号封印": {"seal.root"}}


def test_a_seal_or_a_leaf_taken_out(worked: Matter, town: Town, act_as: ActAs) -> None:
    seal(DISTRICT)
    tamper("DELETE FROM matters_leaf WHERE matter_id = %s", worked.pk)
    assert reasons() == {worked.number: {"unsealed"}, "第 1 号封印": {"seal.leaves"}}
    opened(town, act_as("resident"))
    seal(DISTRICT)
    with triggers.lifted():
        Leaf.objects.filter(seal__seq=1).delete()
        Seal.objects.filter(seq=1).delete()
    assert "seal.missing" in reasons()["第 2 号封印"]


def test_the_newest_root_taken_out_alone_is_named(worked: Matter, town: Town, act_as: ActAs) -> None:
    """With foreign keys off: its leaves stay behind, and no seal after it misses it."""
    seal(DISTRICT)
    opened(town, act_as("resident"))
    last = seal(DISTRICT)
    assert last is not None
    with undone():
        Seal.objects.filter(pk=last.pk)._raw_delete("default")
        assert {f"封印 {last.pk}": {"seal.gone"}}.items() <= reasons().items()


def test_a_matter_deleted_with_all_its_entries(worked: Matter) -> None:
    """With foreign keys off: the seal still has its leaf, and its number."""
    number = worked.number
    seal(DISTRICT)
    stretch = verifying.reading.one(DISTRICT, worked.pk)
    stretch.matters, stretch.entries = [], {}
    assert [(f.number, f.reason) for f in judging.lost(stretch).values()] == [(number, "gone")]
    tamper("UPDATE matters_leaf SET number = 'TS-2699-0001' WHERE matter_id = %s", worked.pk)
    assert reasons(number="ts-2699-0001") == {"TS-2699-0001": {"gone"}}, "only its seal still knows that number"
    assert reasons(number="TS-2699-0002") == {"TS-2699-0002": {"unknown"}}


def test_contact_altered_removed_or_emptied(worked: Matter) -> None:
    there = Contact.objects.filter(matter=worked)
    blob = there.get().phone
    there.update(phone=crypto.seal("13900000000", context="contact.phone"))
    assert reasons() == {worked.number: {"contact"}}
    there.update(phone=bytes(blob)[:-1] + b"x")
    assert reasons() == {worked.number: {"contact"}}
    there.update(phone=blob)
    assert reasons() == {}
    there.update(name=None, phone=None, phone_index="", mask="", salt="", erased_at=timezone.now())
    assert reasons() == {worked.number: {"contact"}}
    there.delete()
    assert reasons() == {worked.number: {"contact"}}


def test_a_picture_changed_or_put_in(worked: Matter) -> None:
    Attachment.objects.create(
        id=new_id(), district_id=DISTRICT, matter=worked, seq=1, sha256="ab" * 32, mime="image/webp", size=1,
        width=1, height=1, path="x",
    )  # fmt: skip
    assert reasons() == {worked.number: {"pictures"}}


def test_the_pictures_of_an_entry(worked: Matter, act_as: ActAs) -> None:
    shots = [
        Upload(id=new_id(), owner_hash="x", sha256=f"{i}a" * 32, mime="image/webp", size=1, width=1, height=1, path="x")
        for i in range(2)
    ]
    actions.progress(actor=act_as("grid"), district_id=DISTRICT, matter_id=worked.pk, text="在修", uploads=shots)
    assert verify(files=False).ok, "rows alone: no such file was ever kept"
    Attachment.objects.filter(pk=shots[0].pk).update(sha256="ff" * 32)
    assert reasons() == {worked.number: {"pictures"}}
    Attachment.objects.filter(pk=shots[0].pk).delete()
    assert reasons() == {worked.number: {"pictures"}}


def test_words_redacted_without_an_order(worked: Matter) -> None:
    """The trigger lets the form of an erasure through; who ordered it must stand in the timeline."""
    Entry.objects.filter(matter=worked, seq=4).update(text="", salt="", redacted_at=timezone.now())
    assert reasons() == {worked.number: {"unlawful"}}


def test_a_forged_timeline_that_is_no_timeline(worked: Matter) -> None:
    with triggers.lifted():
        Entry.objects.filter(matter=worked, seq=3).update(data=["?"])
    rehash(worked)
    assert reasons() == {worked.number: {"unreadable"}}


def test_what_changes_between_two_reads_is_looked_at_again(
    worked: Matter, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = verifying.reading.Entry.objects.filter
    acted: list[Matter] = []

    def late(*args: Any, **asked: Any) -> Any:
        if not acted:
            acted.append(actions.progress(actor=act_as("grid"), district_id=DISTRICT, matter_id=worked.pk, text="在修"))
        return original(*args, **asked)

    monkeypatch.setattr(verifying.reading.Entry.objects, "filter", late)
    with counted(monkeypatch, "one") as again:
        assert verify().ok
    assert len(again) == 1


@pytest.mark.parametrize(("portion", "stretch"), [(2, 1), (2, 2), (3, 2), (4, 2), (9, 2)])
def test_portions_and_stretches_cover_everything_once(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch, portion: int, stretch: int
) -> None:
    monkeypatch.setattr(verifying.reading, "PORTION", portion)
    monkeypatch.setattr(verifying.reading, "STRETCH", stretch)
    made = [opened(town, act_as("resident"), f"第 {i} 件").matter for i in range(4)]
    heard: list[int] = []
    report = verify(DISTRICT, progress=heard.append)
    assert (report.ok, report.counts["entries"], heard[-1]) == (True, 8, 4)
    assert heard == [min(n * portion, 4) for n in range(1, len(heard) + 1)], "told after each portion"
    for one in made:
        tamper("UPDATE matters_timeline SET actor = 'x' WHERE matter_id = %s AND seq = 1", one.pk)
    assert sorted(f.number for f in verify().broken) == sorted(one.number for one in made)


@pytest.mark.parametrize("gone", range(4))
def test_a_lost_matter_is_told_of_once_wherever_the_portions_meet(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch, gone: int
) -> None:
    monkeypatch.setattr(verifying.reading, "PORTION", 2)
    monkeypatch.setattr(verifying.reading, "STRETCH", 1)
    made = [opened(town, act_as("resident"), f"第 {i} 件").matter for i in range(4)]
    with undone():  # what still refers to it may not be left without it
        Matter.objects.filter(pk=made[gone].pk)._raw_delete("default")
        assert [(f.number, f.reason) for f in verify().broken if f.reason == "gone"] == [(made[gone].number, "gone")]


def test_a_ledger_whose_district_was_taken_away_is_named(worked: Matter) -> None:
    assert reasons() == {}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE places_district SET id = 1 WHERE id = %s", [DISTRICT])
        assert reasons() == {str(DISTRICT): {"district"}}
        cursor.execute("UPDATE places_district SET id = %s WHERE id = 1", [DISTRICT])
    assert reasons() == {}
