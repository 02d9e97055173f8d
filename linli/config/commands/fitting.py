"""Whether the tables are those that this version means.

Before the first release every app's migrations are folded into one again and again: a database made by an earlier
commit says that it has them all, and lacks what was added since. Django cannot see that; the columns tell.
"""

from __future__ import annotations

from linli.config.commands import Told

SHOWN = 5
_SQLITE = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
_POSTGRESQL = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ANY(current_schemas(false))"
)


def must_fit() -> None:
    """Told where a step or a column is missing, with what to do about it."""
    from linli.config.commands.running import pending

    if waiting := pending():
        raise Told(f"数据库的表不是这一版的（差 {len(waiting)} 步），先运行 linli migrate。")
    if lacking := missing():
        more = f" 等 {len(lacking)} 处" if len(lacking) > SHOWN else ""
        raise Told(
            f"这个库是发布以前的一个版本建的，补不成这一版：缺 {'、'.join(lacking[:SHOWN])}{more}。\n"
            "用建库的那个版本接着跑，或者换一个空库重新装入（见 docs/deploy.md 的“升级”）。"
        )


def missing() -> list[str]:
    """Tables and columns that the models want and the database has not, ``table.column``."""
    from django.apps import apps
    from django.db import connection

    found = _columns()
    lacking = []
    for model in apps.get_models():
        table = model._meta.db_table
        if not model._meta.managed or model._meta.proxy or not model._meta.can_migrate(connection):
            continue
        if table not in found:
            lacking.append(table)
        else:
            wanted = {str(field.column) for field in model._meta.local_concrete_fields}
            lacking += [f"{table}.{column}" for column in sorted(wanted - found[table])]
    return lacking


def _columns() -> dict[str, set[str]]:
    from django.db import connection

    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    return found
