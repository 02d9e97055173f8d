"""The database itself refuses to rewrite the ledger.

Timeline, seals and leaves are append-only by triggers, so that neither a slip in our own code nor somebody with a
database shell changes them unnoticed: the shell can drop a trigger, but ``missing`` tells, and the chain tells what was
done without it. One change passes on the timeline, a lawful erasure: ``redacted_at`` is set for the first time, text
and salt become empty, and nothing else moves.

``install`` runs after every migrate: on SQLite an AlterField makes the table anew and drops its triggers in silence. A
migration that removes a column of these tables there does so inside ``lifted``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from linli.core.matters.models import Entry, Fact, Leaf, Seal

_guarded: list[type[models.Model]] = [Entry, Fact, Leaf, Seal]
_ERASED: Final = ("text", "salt", "redacted_at")  # what a lawful erasure may change, on the timeline only
_FUNCTION: Final = "linli_append_only"

# Late bound on purpose: a WHEN clause would tie the trigger to columns, and PostgreSQL would then refuse migrations
# that alter them. ``*=`` compares whole rows byte by byte, so a column added later is guarded from its first day.
_BODY: Final = """
DECLARE
  lawful record;
BEGIN
  IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
    IF OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL THEN
      lawful := OLD;
      lawful.text := '';
      lawful.salt := '';
      lawful.redacted_at := NEW.redacted_at;
      IF NEW *= lawful THEN
        RETURN NEW;
      END IF;
    END IF;
  END IF;
  RAISE EXCEPTION '账本只能往后添，不能改也不能删：% (append-only, % refused)', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation';
END;
"""
# name's ending → (clause, the bits of pg_trigger.tgtype that say the same)
_EVENTS: Final = {
    "no_update": ("BEFORE UPDATE ON {table} FOR EACH ROW", 1 | 2 | 16),
    "no_delete": ("BEFORE DELETE ON {table} FOR EACH ROW", 1 | 2 | 8),
    "no_truncate": ("BEFORE TRUNCATE ON {table} FOR EACH STATEMENT", 2 | 32),
}


def guard(model: type[models.Model]) -> None:
    """Rows of this table are written once, too: rooms above register theirs in ``AppConfig.ready``."""
    if model not in _guarded:
        _guarded.append(model)


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Put every missing or altered trigger in place. Does nothing where the tables are not made yet."""
    connection = connections[using]
    lost = missing(using)
    if not lost:
        return
    wanted = _wanted(connection)
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _settle(connection)
            head = f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS"
            cursor.execute(f"{head} $linli${_BODY}$linli$")
        for name in lost:
            table, statement = wanted[name]
            cursor.execute(_drop(connection, name, table))
            cursor.execute(statement)


def missing(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of the triggers that are not there, switched off, or not what ``install`` writes."""
    connection = connections[using]
    wanted = _wanted(connection)
    found = _found_postgresql(connection) if connection.vendor == "postgresql" else _found_sqlite(connection, wanted)
    return [name for name in wanted if name not in found]


@contextmanager
def lifted(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Without the triggers for a while, in one transaction: restoring a backup, emptying a test database.

    Whatever goes wrong inside rolls back together with the lifting.
    """
    connection = connections[using]
    with transaction.atomic(using=using):
        _settle(connection)
        with connection.cursor() as cursor:
            for name, (table, _statement) in _wanted(connection).items():
                cursor.execute(_drop(connection, name, table))
        yield
        _settle(connection)
        install(using)


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _wanted(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    """Trigger's name → its table and the statement that makes it, for those tables that exist."""
    there = set(connection.introspection.table_names())
    made: dict[str, tuple[str, str]] = {}
    for model in _guarded:
        table = model._meta.db_table
        if table in there:
            clauses = _postgresql(model) if connection.vendor == "postgresql" else _sqlite(model)
            made |= {f"{table}_{event}": (table, statement) for event, statement in clauses.items()}
    return made


def _drop(connection: BaseDatabaseWrapper, name: str, table: str) -> str:
    where = f' ON "{table}"' if connection.vendor == "postgresql" else ""
    return f'DROP TRIGGER IF EXISTS "{name}"{where}'


def _settle(connection: BaseDatabaseWrapper) -> None:
    """PostgreSQL changes no triggers of a table whose deferred foreign keys still wait to be checked."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _postgresql(model: type[models.Model]) -> dict[str, str]:
    table = model._meta.db_table
    argument = "'erasable'" if model is Entry else ""
    return {
        event: f'CREATE TRIGGER "{table}_{event}" {clause.format(table=table)} EXECUTE FUNCTION {_FUNCTION}({argument})'
        for event, (clause, _bits) in _EVENTS.items()
    }


def _found_postgresql(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, t.tgtype, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE p.proname = %s AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''",
            [_FUNCTION],
        )
        rows = cursor.fetchall()
    bits = {event: bits for event, (_clause, bits) in _EVENTS.items()}
    return {name for name, kind, body in rows if body == _BODY and bits.get(_event(name)) == kind}


def _event(name: str) -> str:
    return "no_" + name.rpartition("_no_")[2]


def _sqlite(model: type[models.Model]) -> dict[str, str]:
    table = model._meta.db_table
    unlawful = f"WHEN NOT ({_lawful(model)}) " if model is Entry else ""
    return {
        "no_update": _refusal(table, "no_update", "UPDATE", unlawful),
        "no_delete": _refusal(table, "no_delete", "DELETE", ""),
        # INSERT OR REPLACE deletes the row in its way without asking the DELETE trigger.
        "no_replace": _refusal(table, "no_replace", "INSERT", f"WHEN {_taken(model)} "),
    }


def _refusal(table: str, event: str, verb: str, when: str) -> str:
    told = f"账本只能往后添，不能改也不能删：{table} (append-only, {verb} refused)"
    return (
        f'CREATE TRIGGER "{table}_{event}" BEFORE {verb} ON "{table}" {when}BEGIN SELECT RAISE(ABORT, \'{told}\'); END'
    )


def _lawful(model: type[models.Model]) -> str:
    kept = [f.column for f in model._meta.local_concrete_fields if f.column not in _ERASED]
    same = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in kept)
    return (
        'OLD."redacted_at" IS NULL AND NEW."redacted_at" IS NOT NULL AND NEW."text" IS \'\' AND NEW."salt" IS \'\' '
        f"AND {same}"
    )


def _taken(model: type[models.Model]) -> str:
    """A row with this primary key, or with the same values in a unique constraint, stands there already."""
    columns = {f.name: f.column for f in model._meta.local_concrete_fields}
    keys = [("id",)] + [c.fields for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    looks = [" AND ".join(f'"{columns[name]}" = NEW."{columns[name]}"' for name in key) for key in keys]
    return " OR ".join(f'EXISTS (SELECT 1 FROM "{model._meta.db_table}" WHERE {look})' for look in looks)  # noqa: S608


def _found_sqlite(connection: BaseDatabaseWrapper, wanted: dict[str, tuple[str, str]]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        there = dict(cursor.fetchall())
    return {name for name, (_table, statement) in wanted.items() if there.get(name) == statement}
