"""What hangs on the demo's doors: three notices with their reads, and the hours at which people serve. All invented."""

from __future__ import annotations

import random
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from linli.config.demo.people import Cast
from linli.core.people import duties
from linli.core.people.actions.serving import initials
from linli.core.people.actor import Actor
from linli.core.people.models import Person, Post
from linli.core.places.models import District
from linli.kit import memory
from linli.kit.ids import new_id
from linli.offices.notices import actions
from linli.offices.notices.models import Announcement, Tally
from linli.profiles.plan.words import person_name

HOURS = {
    "unit_head": "晚上和周末在家", "building_head": "每天早晚各转一圈",
    "building_head_online": "9:00 到 21:00 线上答话",
    "grid_worker": "每天 8:30 到 17:30", "grid_head": "工作日 8:30 到 17:30", "quarter_secretary": "周二、周五下午",
    "steward": "每天 8:30 巡一遍", "property_unit": "24 小时有人", "community_secretary": "工作日 8:30 到 17:30",
    "community_office": "工作日 8:30 到 17:30，周六值班", "street_office": "工作日 8:30 到 17:30",
}  # fmt: skip
HEADS = (("building_head", 7), ("building_head_online", 5))  # every seventh house lacks the one, every fifth the other
# Who says it, to which level of the places he serves, what, for how many days, how often it was opened.
SAID = (
    ("building", "building", "周六上午停水，换阀门",
     "周六 8:30 到 11:30，本楼换供水总阀，全楼停水。\n"
     "请前一晚接一点水。家里有老人、病人要送水的，扫门口的码说一声，我们送上门。",
     9, (("read:door", 17), ("read:home", 12), ("read:inbox", 1))),
    ("grid", "quarter", "电动车别上楼，新车棚能充电了",
     "东门的车棚修好了，有 16 个充电口，刷卡、扫码都行。\n楼道里的车这周内推下去，推不动的说一声，我们来帮。",
     30, (("read:door", 64), ("read:home", 41), ("read:inbox", 2))),
    ("community", "community", "周日居民议事会，议楼门口停车",
     "周日上午 9:30 在社区二楼议事厅，议三件事：楼门口停车、晾衣杆、老人送餐。\n来不了的，把话写在门口的码里，会上念。",
     12, (("read:door", 103), ("read:home", 88), ("read:inbox", 3))),
)  # fmt: skip


def put_up(cast: Cast) -> None:
    """Hang them up, where the demo's logins belong to this district."""
    for role, hours in HOURS.items():
        Post.objects.filter(district_id=cast.district_id, role=role, hours="").update(hours=hours)
    _appoint(cast)
    for serial, (login, level, title, text, days, reads) in enumerate(SAID, 1):
        actor = cast.resident(login)
        if actor.district_id == cast.district_id:
            _hang(cast, actor, level, f"demo-notice-{serial}", title, text, days, reads)


def _appoint(cast: Cast) -> None:
    """双楼长 in the demo's community, where the profile counts none: most houses have both, some lack one."""
    known, grid = cast.tree, cast.own_cell()
    community = known.at_level(grid, "community") or known.root
    if Post.objects.filter(district_id=known.district.id, role__in=[role for role, _gap in HEADS]).exists():
        return
    houses = [
        n for path, n in sorted(known.by_path.items()) if n.level == "building" and path.startswith(community.path)
    ]
    rng, people, posts = random.Random(community.code), [], []
    for role, gap in HEADS:
        title = known.district.settings.get("roles", {}).get(role) or duties.role(role).name
        for at, house in enumerate(houses, 1):
            if at % gap == 0:
                continue
            person = Person(id=new_id(), district_id=known.district.id, shown=person_name(rng), fictional=True)
            people.append(person)
            posts.append(
                Post(id=new_id(), district_id=known.district.id, code=f"{house.code}-{initials(role)}1", role=role,
                     title=title, place_id=house.id, scope_path=house.path, person=person, hours=HOURS[role],
                     since=timezone.localdate() - timedelta(days=90))
            )  # fmt: skip
    Person.objects.bulk_create(people)
    Post.objects.bulk_create(posts)
    District.objects.filter(pk=known.district.id).update(version=F("version") + 1)
    memory.forget()


def _hang(
    cast: Cast, actor: Actor, level: str, key: str, title: str, text: str, days: int, reads: tuple[tuple[str, int], ...]
) -> None:
    held = next(iter(actor.paths(duties.ANNOUNCE)), "")
    own = cast.tree.by_path.get(held)
    place = (cast.tree.at_level(own, level) or own) if own else None
    if place is None or actor.over(duties.ANNOUNCE, place.path) is None:
        place = own
    if place is None:
        return
    until = timezone.localdate() + timedelta(days=days)
    row: Announcement = actions.publish(actor=actor, place=place, title=title, text=text, until=until, key=key)
    Tally.objects.bulk_create(
        Tally(district_id=row.district_id, announcement=row, what=what, count=count) for what, count in reads
    )
