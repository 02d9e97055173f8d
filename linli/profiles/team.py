"""A community's team as a profile says it: the forces that work together, and whom a whistle can call of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Force:
    """One of the forces of a community's team: which organisations and posts a whistle can call for it."""

    code: str
    name: str
    kinds: tuple[str, ...]
    roles: tuple[str, ...]
    departments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Team:
    """The district's own name for the forces that work together, and the forces."""

    name: str
    forces: tuple[Force, ...]

    def as_json(self) -> dict[str, Any]:
        forces = [
            {
                "code": force.code,
                "name": force.name,
                "kinds": list(force.kinds),
                "roles": list(force.roles),
                "departments": list(force.departments),
            }
            for force in self.forces
        ]
        return {"name": self.name, "forces": forces}

    def callable_roles(self) -> list[str]:
        """The roles that a whistle can call here: the forces' own, and those that answer for them."""
        roles = {role for force in self.forces for role in force.roles}
        roles |= {_ANSWERS[kind] for force in self.forces for kind in force.kinds if kind in _ANSWERS}
        if any(force.departments for force in self.forces):
            roles.add("department_unit")
        return sorted(roles | {_IN_PERSON[role] for role in roles if role in _IN_PERSON})


# Who answers a whistle for a kind of organisation, and who may be called in person beside an organisation.
_ANSWERS = {
    "department": "department_unit",
    "unit": "department_unit",
    "street_office": "street_office",
    "residents_committee": "community_office",
    "property": "property_unit",
    "owners_committee": "committee_unit",
    "social": "social_unit",
    "team": "social_unit",
}
_IN_PERSON = {
    "department_unit": "department_officer",
    "street_office": "street_cadre",
    "community_office": "community_secretary",
    "property_unit": "property_manager",
    "committee_unit": "committee_chair",
    "social_unit": "volunteer",
}
