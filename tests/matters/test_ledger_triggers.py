"""The database itself refuses to rewrite the ledger."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from linli.core.matters import triggers
from linli.core.matters.ledger.sealing import seal
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Entry, Leaf, Seal
from linli.core.people.actor import Actor
from tests.cast import DISTRICT, Town
from tests.ledger_flush import flushable_ledger  # noqa: F401
from tests.matters.test_walk import opened

ActAs = Callable[[str], Actor]
POSTGRESQL = connection.vendor == "postgresql"


def refused(work: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        work()


def drop(table: str, event: str) -> None:
    where = f" ON {table}" if POSTGRESQL else ""
    with connection.cursor() as cursor:
        if POSTGRESQL:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"DROP TRIGGER {table}_{event}{where}")


@pytest.mark.parametrize("model", [Entry, Leaf, Seal])
def test_nothing_of_the_ledger_is_changed_or_deleted(town: Town, act_as: ActAs, model: type[models.Model]) -> None:
    opened(town, act_as("resident"))
    assert seal(DISTRICT) is not None
    rows = model._default_manager.all()
    before = list(rows.order_by("pk").values())
    refused(lambda: rows.update(seq=99))
    refused(lambda: rows._raw_delete("default"))  # past Django's own look at what hangs on them
    if POSTGRESQL:
        connection.check_constraints()
        refused(lambda: connection.cursor().execute(f"TRUNCATE {model._meta.db_table} CASCADE"))
    assert before
    assert list(rows.order_by("pk").values()) == before


@pytest.mark.skipif(POSTGRESQL, reason="PostgreSQL has no INSERT OR REPLACE")
def test_a_row_is_not_replaced_by_inserting_over_it(town: Town, act_as: ActAs) -> None:
    opened(town, act_as("resident"))
    entry = Entry.objects.get(seq=1)
    names = [f.column for f in Entry._meta.local_concrete_fields]
    same_seq = ", ".join({"id": f"'{'0' * 32}'", "text": "'别的话'"}.get(name, name) for name in names)
    for chosen in (same_seq, ", ".join("'别的话'" if name == "text" else name for name in names)):
        statement = (
            f"INSERT OR REPLACE INTO matters_timeline ({', '.join(names)}) SELECT {chosen} FROM matters_timeline"
        )
        refused(lambda statement=statement: connection.cursor().execute(f"{statement} WHERE seq = 1"))
    assert Entry.objects.get(seq=1).text == entry.text


def test_an_erasure_passes_once_and_only_whole(town: Town, act_as: ActAs) -> None:
    opened(town, act_as("resident"))
    first = Entry.objects.filter(seq=1)
    now = timezone.now()
    refused(lambda: first.update(text="", salt=""))
    refused(lambda: first.update(text="", redacted_at=now))
    refused(lambda: first.update(text="好话", salt="", redacted_at=now))
    refused(lambda: first.update(text="", salt="", redacted_at=now, actor="别人"))
    refused(lambda: first.update(text="", salt="", redacted_at=now, data={}))
    assert first.update(text="", salt="", redacted_at=now) == 1
    refused(lambda: first.update(redacted_at=None))
    refused(lambda: first.update(text="", salt="", redacted_at=timezone.now()))


def test_a_dropped_trigger_is_reported_and_comes_back_with_the_next_migrate(town: Town, act_as: ActAs) -> None:
    opened(town, act_as("resident"))
    assert triggers.missing() == []
    drop("matters_timeline", "no_update")
    drop("matters_seal", "no_delete")
    assert set(triggers.missing()) == {"matters_timeline_no_update", "matters_seal_no_delete"}
    report = verify()
    assert not report.ok
    assert [f.reason for f in report.broken] == ["trigger", "trigger"]
    if POSTGRESQL:
        connection.check_constraints()
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert triggers.missing() == []
    refused(lambda: Entry.objects.update(text="改"))


def test_a_trigger_with_its_teeth_drawn_counts_as_missing(town: Town) -> None:
    drop("matters_timeline", "no_delete")
    with connection.cursor() as cursor:
        if POSTGRESQL:
            cursor.execute(
                "CREATE TRIGGER matters_timeline_no_delete BEFORE DELETE ON matters_timeline FOR EACH ROW "
                "WHEN (OLD.seq < 0) EXECUTE FUNCTION linli_append_only()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER matters_timeline_no_delete BEFORE DELETE ON matters_timeline BEGIN SELECT 1; END"
            )
    assert triggers.missing() == ["matters_timeline_no_delete"]


@pytest.mark.skipif(not POSTGRESQL, reason="SQLite cannot switch a trigger off")
def test_a_trigger_switched_off_counts_as_missing(town: Town) -> None:
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE matters_seal DISABLE TRIGGER matters_seal_no_update")
    assert triggers.missing() == ["matters_seal_no_update"]


@pytest.mark.django_db(transaction=True)
def test_altering_a_field_does_not_leave_the_table_unguarded() -> None:
    """On SQLite this makes the table anew and loses the triggers; what runs after migrate puts them back."""
    old, new = Entry._meta.get_field("actor"), models.CharField(max_length=90)
    new.set_attributes_from_name("actor")
    new.model = Entry
    for source, target in ((old, new), (new, old)):
        with connection.schema_editor() as editor:
            editor.alter_field(Entry, source, target)
    if not POSTGRESQL:
        assert "matters_timeline_no_update" in triggers.missing()
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []


def half_way() -> None:
    with triggers.lifted():
        Entry.objects.filter(seq=2).update(actor="半途")
        raise RuntimeError


def test_lifting_goes_back_whatever_happens(town: Town, act_as: ActAs) -> None:
    opened(town, act_as("resident"))
    with triggers.lifted():
        Entry.objects.filter(seq=2).update(actor="恢复备份")
    assert triggers.missing() == []
    with pytest.raises(RuntimeError):
        half_way()
    assert triggers.missing() == []
    assert Entry.objects.get(seq=2).actor == "恢复备份"
