"""Kinds, causes, categories, clock policies and dispatch rules of a district, as rows."""

from __future__ import annotations

from typing import Any

from linli.config.loading.rows import Rows
from linli.core.matters.models import Category, Cause, Formula, Kind, Policy, Rule
from linli.core.people.models import Organisation
from linli.insight.models import Note
from linli.kit.ids import new_id
from linli.profiles.catalogue import catalogue_rows
from linli.profiles.catalogue.formulas import formula_rows
from linli.profiles.catalogue.helping import help_rows
from linli.profiles.schema import Rule as RulePlan

Fields = dict[str, Any]
STEP = 10  # between the orders of two rules, so that one can be put in between by hand


def wanted_kinds() -> dict[str, Fields]:
    """Every kind by code, in the order of the catalogue."""
    return {
        row.code: {
            "name": row.name,
            "about": row.about,
            "urgency": row.urgency,
            "evidence": row.evidence,
            "public": row.public,
            "confidential": row.confidential,
            "admission": row.admission,
            "residents": row.residents,
            "units_call": row.units_call,
            "order": order,
        }
        for order, row in enumerate(catalogue_rows().kinds, start=1)
    }


def wanted_causes() -> dict[str, Fields]:
    return {row.code: {"name": row.name} for row in catalogue_rows().causes}


def wanted_categories() -> dict[str, Fields]:
    return {
        row.code: {"name": row.name, "urgency": row.urgency, "standard": row.standard}
        for row in catalogue_rows().categories
    }


def wanted_notes() -> dict[str, Fields]:
    """Help before filing by code, in the order of its file."""
    return {
        row.code: {
            "sort": row.sort, "title": row.title, "text": row.text, "who": row.who, "phone": row.phone,
            "where": row.where, "basis": row.basis, "words": list(row.words), "without": list(row.without),
            "order": order,
        }
        for order, row in enumerate(help_rows(), start=1)
    }  # fmt: skip


def wanted_formulas() -> dict[str, Fields]:
    """Versions of the formula of published figures."""
    return {
        row.version: {
            "counting": row.counting, "since": row.since, "minimum_sample": row.minimum_sample,
            "rates": [dict(rate) for rate in row.rates], "leaves_out": list(row.leaves_out), "changed": row.changed,
        }
        for row in formula_rows()
    }  # fmt: skip


def wanted_policies(rows: Rows) -> dict[str, Fields]:
    """Clock policies by ``kind/urgency``, all at the district itself."""
    return {
        f"{policy.kind}/{policy.urgency}": {
            "name": policy.name,
            "calendar": policy.calendar,
            "stages": dict(policy.stages),
            "escalate_on": list(policy.escalate_on),
        }
        for policy in rows.profile.policies
    }


def wanted_rules(rows: Rows) -> dict[str, Fields]:
    """Dispatch rules by their order. A rule to stations at the streets becomes one rule a street."""
    wanted: dict[str, Fields] = {}
    for plan in rows.profile.rules:
        for target in _targets(rows, plan):
            wanted[str((len(wanted) + 1) * STEP)] = {
                "name": plan.name,
                "kind": plan.kind,
                "category": catalogue_rows().category_code(plan.category) or "" if plan.category else "",
                "channel": plan.channel,
                "urgency": plan.urgency,
                "to_role": plan.role,
                "scope_path": target.scope_path if target and target.place.level != "district" else "",
                "to_organisation_id": target.pk if target else None,
            }
    return wanted


def _targets(rows: Rows, plan: RulePlan) -> list[Organisation | None]:
    """The department, or its stations at all streets; None where the rule sends to a role."""
    if not plan.department:
        return [None]
    having = {row.code: row for row in rows.organisations.values() if row.attrs.get("department") == plan.department}
    return [having[code] for code in sorted(having)]


def make_kind(rows: Rows, code: str, fields: Fields) -> Kind:
    return Kind(id=new_id(), district=rows.district, code=code, **fields)


def make_cause(rows: Rows, code: str, fields: Fields) -> Cause:
    return Cause(id=new_id(), district=rows.district, code=code, **fields)


def make_formula(rows: Rows, version: str, fields: Fields) -> Formula:
    return Formula(id=new_id(), district=rows.district, version=version, **fields)


def make_note(rows: Rows, code: str, fields: Fields) -> Note:
    return Note(id=new_id(), district=rows.district, code=code, **fields)


def make_categories(rows: Rows, wanted: dict[str, Fields], have: dict[str, Category]) -> list[Category]:
    """Categories that are missing, parents first; ``have`` grows by what is made."""
    made = []
    for code, fields in wanted.items():
        if code not in have:
            parent = have[code[:-2]] if len(code) > 2 else None
            have[code] = Category(id=new_id(), district=rows.district, code=code, parent=parent, **fields)
            made.append(have[code])
    return made


def make_policy(rows: Rows, key: str, fields: Fields, version: int = 1) -> Policy:
    kind, _, urgency = key.partition("/")
    root = rows.root
    return Policy(
        id=new_id(), district=rows.district, place=root, scope_path=root.path,
        kind=kind, urgency=urgency, version=version, **fields,
    )  # fmt: skip


def make_rule(rows: Rows, order: str, fields: Fields) -> Rule:
    return Rule(id=new_id(), district=rows.district, order=int(order), **fields)
