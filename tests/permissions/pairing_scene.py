"""What the matrix needs of pairings, reports and surveys: one of each in the first community, by their ids."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from linli.core.people import actor as actors
from linli.core.people.actor import Actor
from linli.core.places.models import Dwelling
from linli.core.places.tree import tree
from linli.offices.checkins import actions as reporting
from linli.offices.checkins.actions import Reporting
from linli.offices.dwellings import actions as surveying
from linli.offices.dwellings.models import Welcome
from linli.offices.pairing import actions as pairing
from tests.cast import Town
from tests.pairing.pairing_cast import prepare

COMMUNITY, QUARTER, UNIT = "9900010101", "990001010101", "990001010101010101"


def ids(town: Town) -> dict[str, str]:
    """Everything that an address of the three rooms names, under the name that the address gives it."""
    prepare(town)

    def by(who: str) -> Actor:
        return actors.for_user(town.users[who].pk)

    known, today = tree(town.district.pk), timezone.localdate()
    home, unit = known.by_code[COMMUNITY], known.by_code[UNIT]
    assert known.by_code[QUARTER].level == "quarter"
    led = pairing.assign(actor=by("district"), role="leader", place_id=home.id, post_id=town.posts["leader"].pk,
                         since=today - timedelta(days=9))  # fmt: skip
    visit = pairing.log_visit(actor=by("leader"), pairing_id=led.pk, on=today)
    sign = reporting.renew_sign(actor=by("community"), place=home)
    item = reporting.offer(actor=by("community"), place=home, title="清理楼道", what="搬", times="周六", needed=1)
    row = reporting.check_in(actor=by("resident"), code=sign.code, said=Reporting("home", "李冬梅"))
    service = reporting.choose(actor=by("resident"), item_id=item.pk)
    for name in ("start", "finish"):
        reporting.act(actor=by("resident"), service_id=service.pk, name=name)
    report = reporting.report_unit(actor=by("department"), place=home, brings="出三个人")
    summary = reporting.sum_up(actor=by("community"), place=home, since=today, until=today,
                               organisation_id=town.organisations["chengguan"].pk)  # fmt: skip
    surveying.lay_out(actor=by("grid"), unit=unit, floors=1, doors=1)
    dwelling = Dwelling.objects.get(place_id=unit.id)
    for status in ("vacant", "owner"):
        surveying.survey(actor=by("grid"), dwelling_id=dwelling.pk, status=status)
    made = {
        "pairing_id": led.pk, "visit_id": visit.pk, "item_id": item.pk, "checkin_id": row.pk, "service_id": service.pk,
        "report_id": report.pk, "summary_id": summary.pk, "dwelling_id": dwelling.pk, "code": sign.code,
        "welcome_id": Welcome.objects.get(dwelling=dwelling).pk, "door": unit.door,
    }  # fmt: skip
    return {name: str(value) for name, value in made.items()}
