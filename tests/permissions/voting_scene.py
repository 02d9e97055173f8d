"""What the matrix needs of votes: one open to ballots in each community, and nobody of the cast on its roll."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from linli.core.decisions import actions
from linli.core.decisions.actions.drafting import Asking
from linli.core.decisions.models import RuleVersion
from linli.core.decisions.ready import READY
from linli.core.matters.models import Matter
from linli.core.people.actor import SYSTEM, Actor
from linli.core.people.models import Holding, Person
from linli.core.places.models import Dwelling
from linli.core.places.tree import tree
from tests.cast import SINCE, Town


def question(town: Town, host: Actor, community: str, matter: Matter) -> str:
    """The number of a vote of that community's households."""
    district = town.district.pk
    rule = RuleVersion.objects.filter(district_id=district).first() or actions.add_rule(
        actor=SYSTEM, district_id=district, **READY[0]
    )
    place = town.places["building" if community == "community" else "grid2"]
    home = Dwelling.objects.create(district=town.district, place=place, number="9901", area_m2=80)
    person = Person.objects.create(district=town.district, shown="业**", fictional=True)
    Holding.objects.create(district=town.district, dwelling=home, person=person, kind="owner", since=SINCE)
    now = timezone.now()
    asking = Asking(
        title="建不建充电棚", place=tree(district).by_id[town.places[community].pk], closes_at=now + timedelta(days=3),
        rule_id=rule.pk, review_on=(now + timedelta(days=60)).date(),
    )  # fmt: skip
    made = actions.draft(actor=host, district_id=district, matter_id=matter.pk, asking=asking)
    actions.open_question(actor=host, district_id=district, question_id=made.pk)
    return made.number
