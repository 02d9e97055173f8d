"""Pairings, reports, homes, votes, covenants, opinion rounds, sittings."""

from __future__ import annotations

from linli.core.decisions.models import RuleVersion
from linli.core.gatherings import actions as core
from linli.core.gatherings.models import Attendance, Gathering, Invitation, Room
from linli.core.places.models import Dwelling
from linli.core.places.tree import tree
from linli.offices.checkins.models import CheckIn
from linli.offices.councils import actions as councils
from linli.offices.opinions import actions as opinions
from linli.offices.opinions.models import Round
from tests.permissions.foreign.things import KEY, NOWHERE, Line, Made
from tests.permissions.pairing_scene import QUARTER, UNIT
from tests.permissions.scene import OTHER, OWN


class OfRooms(Made):
    """What the rooms ask."""

    # ── pairings, reports, homes ────────────────────────────────────────────────────────────────────────────────
    def of_people(self) -> list[Line]:
        unit, hall = UNIT, self.town.places["community"].code
        return [*self._paired(), *self._reported(hall), *self._homes(unit)]

    def _paired(self) -> list[Line]:
        pairing = self.rows["pairing_id"]
        return [
            Line("street", f"/desk/pairings/new/cadre/{QUARTER}/", {"to": "T-street", "on": self.day},
                 {"to": ("FT-street", "T-grid")}),
            Line("district", f"/desk/pairings/{pairing}/hand-over/", {"to": "T-leader2", "on": self.later},
                 {"to": ("FT-leader", "FT-grid", "T-grid")}),
            Line("leader", f"/field/visits/{pairing}/",
                 {"on": self.day, "text": "灯坏了", "kind": "appeal", "spot": self.town.places["quarter"].code},
                 {"kind": ("farkind",), "spot": self.places, "attachments": self.pictures}),
        ]  # fmt: skip

    def _reported(self, hall: str) -> list[Line]:
        there = self.town.places["community2"].code
        sign = f"/desk/checkins/p/{hall}"
        member = CheckIn.objects.get(pk=self.rows["checkin_id"])
        elsewhere = CheckIn.objects.create(
            district_id=member.district_id, place=self.town.places["community2"], person=member.person, how="unit",
            organisation=self.town.organisations["firm"], scope_path=self.town.places["community2"].path,
        )  # fmt: skip
        CheckIn.objects.filter(pk=member.pk).update(organisation=self.town.organisations["chengguan"])
        far_body = str(self.far.organisations["power"].pk)
        bodies = (str(self.town.organisations["committee_office2"].pk), far_body)
        return [
            Line("community", f"{sign}/record/",
                 {"checkin": str(member.pk), "what": "清雪", "on": self.day, "minutes": "30"},
                 {"checkin": (str(elsewhere.pk), NOWHERE)}),
            Line("community", f"{sign}/summary/",
                 {"unit": str(self.town.organisations["chengguan"].pk), "since": self.day, "until": self.day},
                 {"unit": (*bodies, str(self.town.organisations["firm"].pk))}),
            Line("community", "/desk/checkins/units/new/",
                 {"organisation": str(self.town.organisations["power"].pk), "place": hall, "brings": "出两个人"},
                 {"organisation": bodies, "place": (there, self.far.places["community"].code)}),
        ]  # fmt: skip

    def _homes(self, unit: str) -> list[Line]:
        home = self.rows["dwelling_id"]
        strange = Dwelling.objects.filter(place=self.town.places["grid2"]).values_list("pk", flat=True)[0]
        distant = Dwelling.objects.create(district=self.far.district, place=self.far.places["unit"], number="101")
        others = (str(strange), str(distant.pk))
        asked = self.asked(OWN)
        said = {"retry": KEY, "text": "装声控的", "outcome": "spoke", "dwelling": home}
        return [
            Line("grid", f"/field/dwellings/{unit}/", {"brush": "vacant", "dwelling": home}, {"dwelling": others}),
            Line("grid", f"/field/opinions/{asked.code}/{asked.building}/", said, {"dwelling": others}),
            Line("community", f"/desk/dwellings/units/{unit}/give/",
                 {"to": str(self.town.posts["community_b"].pk), "on": self.day},
                 {"to": (str(self.town.posts["community2"].pk), str(self.far.posts["community"].pk))}),
        ]  # fmt: skip

    # ── votes, covenants, opinion rounds ────────────────────────────────────────────────────────────────────────
    def of_asking(self) -> list[Line]:
        return [*self._votes(), *self._covenants(), *self._rounds()]

    def _votes(self) -> list[Line]:
        """A draft, a ballot on paper, a slip."""
        hall, rule = self.town.places["community"].code, RuleVersion.objects.filter(district=self.town.district).first()
        assert rule is not None
        distant = RuleVersion.objects.create(
            district=self.far.district, code="far", name="远方规则", version=1, spec=rule.spec
        )
        asks = {
            "matter": self.own.matter.number,
            "title": "装不装扶手",
            "place": hall,
            "roll_kind": "households",
            "method": "choice",
            "rule": str(rule.pk),
            "closes_at": self.at(18),
            "review_on": f"{self.hour.year + 1}-06-01",
        }
        there = self.town.places["community2"].code, self.far.places["community"].code
        return [
            Line("community", "/desk/votes/new/", asks,
                 {"matter": self.numbers, "place": there, "rule": (str(distant.pk), NOWHERE),
                  "method": ("farmethod",), "roll_kind": ("farroll",)}),
            Line("community", f"/desk/votes/{self.own.question}/paper/", {"entry": "1", "choice": "yes"},
                 {"scan": (self.other.upload, self.other.picture, self.own.picture), "entry": ("99",)}),
        ]  # fmt: skip

    def _covenants(self) -> list[Line]:
        own, other = self.own.covenant, self.other.covenant
        assert own is not None
        assert other is not None
        hall, there = self.town.places["community"].code, self.town.places["community2"].code
        begun = {"retry": KEY, "kind": "residents", "place": hall, "title": "停车公约", "rows": "1", "key-1": "",
                 "heading-1": "停车", "words-1": "停在线里。"}  # fmt: skip
        return [
            Line("community", "/desk/covenants/new/", begun,
                 {"place": (there, self.far.places["community"].code), "kind": ("farkind",), "replaces": (NOWHERE,),
                  "matter": (self.council(OTHER).topic, *self.numbers)}),
            Line("community", f"/desk/covenants/{own.number}/answer/",
                 {"pick": [own.comment], "outcome": "noted", "text": "写进去"},
                 {"number": ("99",), "outcome": ("far",),
                  "pick": ([other.comment], [own.comment, other.comment], [NOWHERE])}),
            Line("resident", "/covenant/said/erase/", {"said": own.comment}, {"said": (other.comment, NOWHERE)}),
        ]  # fmt: skip

    def _rounds(self) -> list[Line]:
        own, other = self.asked(OWN), self.asked(OTHER)
        hall, base = self.town.places["community"].code, f"/desk/opinions/{own.code}"
        asks = {"place": hall, "title": "灯", "questions": "灯怎么装？", "roles": ["grid_worker"],
                "starts_on": self.day, "ends_on": self.later, "matter": self.own.matter.number}  # fmt: skip
        picks, host = ([other.opinion], [own.opinion, other.opinion]), self.scene.actor("community")
        row = Round.objects.get(code=own.code)
        kept = opinions.say(actor=host, row=row, heard=opinions.Heard("暖光的。"), key="q" * 32).opinion
        assert kept is not None
        mine, second = str(kept.pk), str(opinions.gather(actor=host, row=row, opinions=[kept.pk], title="暖光").pk)
        return [
            Line("community", "/desk/opinions/new/", asks,
                 {"place": (self.town.places["community2"].code, self.far.places["community"].code),
                  "matter": self.numbers, "buildings": ("7 号楼",), "roles": (["farrole"],)}),
            Line("community", f"{base}/words/", {"pick": [own.opinion], "title": "新的一组"},
                 {"pick": (*picks, ["nonsense"], [own.opinion, "nonsense"]),
                  "into": (other.group, NOWHERE, "nonsense")}),
            Line("community", f"{base}/groups/{own.group}/do/merge/", {"into_id": second},
                 {"into_id": (other.group, NOWHERE)}),
            Line("community", f"{base}/alike/",
                 {"cluster": NOWHERE, "pick": [own.opinion], "into": second},
                 {"pick": (*picks, ["nonsense"]), "into": (other.group, NOWHERE, "nonsense")}),
            Line("community", "/opinions/said/erase/", {"said": mine}, {"said": (other.opinion, NOWHERE)}),
            Line("community", f"{base}/groups/{own.group}/do/tie/", {"number": self.own.matter.number},
                 {"number": self.numbers}),
            Line("community", f"{base}/groups/{own.group}/do/raise/", {"kind": "appeal"}, {"kind": ("farkind",)}),
            Line("resident", f"/opinions/{own.code}/", {"retry": KEY, "text": "装声控的"},
                 {"building": (other.building, self.far.places["building"].code)}),
        ]  # fmt: skip

    # ── sittings ────────────────────────────────────────────────────────────────────────────────────────────────
    def of_sittings(self) -> list[Line]:
        own = self.council(OWN)
        hall = self.town.places["community"]
        there = self.town.places["community2"]
        rooms = [
            Room.objects.create(district=at.district, place=at, scope_path=at.path, code=f"X{n}", name="别处")
            for n, at in enumerate((there, self.far.places["community"]))
        ]
        others = tuple(str(room.pk) for room in rooms)
        mine = str(Room.objects.get(district=self.town.district, place=hall).pk)
        places = there.code, self.far.places["community"].code
        sits = {
            "kind": "council",
            "place": hall.code,
            "title": "议事会",
            "starts_at": self.at(9),
            "ends_at": self.at(10),
        }
        base, day = f"/desk/councils/g/{own.gathering}", f"{self.hour:%Y-%m-%d}"
        owners = ("T-community2", "T-grid2", "FT-community", "FO-power")
        settled = {"text": "再建一处", "owner": "T-community", "due_on": day, "review_on": day, "retry": KEY}
        return [
            Line("community", "/desk/councils/new/", {**sits, "room": mine},
                 {"place": places, "room": others, "kind": ("farkind",)}),
            Line("community", "/desk/rooms/T-hall/book/", sits, {"place": places, "kind": ("farkind",)}),
            Line("community", "/desk/rooms/new/", {"place": hall.code, "name": "小会议室"}, {"place": places}),
            Line("community", "/desk/calendar/series/new/",
                 {**sits, "every": "day", "time": "09:00", "minutes": "60", "room": mine},
                 {"place": places, "room": others, "kind": ("farkind",)}),
            Line("community", "/desk/councils/topics/new/",
                 {"text": "灯怎么办", "sources": self.own.matter.number, "place": hall.code},
                 {"place": places, "sources": (*self.numbers, f"{self.own.matter.number} {self.other.matter.number}")}),
            Line("community", f"{base}/items/{own.item}/resolve/", settled, {"owner": owners}),
            Line("community", f"/desk/councils/r/{own.resolution}/assign/",
                 {name: settled[name] for name in ("owner", "due_on", "review_on")}, {"owner": owners}),
            Line("community", f"/desk/councils/r/{own.resolution}/split/",
                 {"text": "买线", "to": "T-community", "retry": KEY}, {"to": owners}),
            Line("resident", "/council/propose/", {"text": "修凉亭", "retry": KEY, "place": hall.code},
                 {"place": places}),
            *self._on_the_agenda(base), *self._attending(base),
        ]  # fmt: skip

    def _on_the_agenda(self, base: str) -> list[Line]:
        host = self.scene.actor("community")
        topic = councils.propose(
            actor=self.scene.actor("resident"),
            text="修凉亭",
            place=tree(host.district_id or 0).by_id[self.town.places["community"].pk],
        ).matter.number
        strange = self.council(OTHER)
        return [
            Line("community", f"{base}/do/add/", {"topic": topic, "title": "修凉亭"},
                 {"topic": (strange.topic, *self.numbers)}),
            Line("community", f"{base}/do/invite/", {"who": [str(self.town.posts["gridb"].pk)]},
                 {"who": ([str(self.far.posts["grid"].pk)], [str(self.town.posts["grid2"].pk)]),
                  "others": ("FT-grid", "T-grid2")}),
        ]  # fmt: skip

    def _attending(self, base: str) -> list[Line]:
        """Who was there is named by ids: those of another sitting name nobody."""
        sitting = Gathering.objects.get(number=self.council(OWN).gathering)
        elsewhere = Gathering.objects.get(number=self.council(OTHER).gathering)
        for at, host, post in ((sitting, "community", "grid"), (elsewhere, "community2", "grid2")):
            core.invite(actor=self.scene.actor(host), district_id=at.district_id, gathering_id=at.pk,
                        posts=[self.town.posts[post].pk])  # fmt: skip
        invited = Invitation.objects.get(gathering=sitting, post=self.town.posts["grid"])
        strange = Invitation.objects.get(gathering=elsewhere, post=self.town.posts["grid2"])
        there, absent = (str(Attendance.objects.filter(gathering=at).latest("pk").pk) for at in (sitting, elsewhere))
        return [
            *(Line("community", f"{base}/do/{act}/", {"who": there}, {"who": (absent, NOWHERE)}) for act in ("left",)),
            Line("community", f"{base}/do/sheet/", {"who": [str(invited.pk)]},
                 {"who": ([str(strange.pk)], [str(invited.pk), str(strange.pk)], [NOWHERE])}),
        ]  # fmt: skip
