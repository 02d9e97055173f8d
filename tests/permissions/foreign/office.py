"""The administrator's forms, and the bodies of programs."""

from __future__ import annotations

from datetime import timedelta

from linli.core.decisions.models import RuleVersion
from linli.core.matters import actions as matters
from linli.core.matters.models import Policy
from linli.core.places.models import Dwelling
from tests.permissions import acts
from tests.permissions.foreign.things import NOWHERE, Body, Line, Made
from tests.permissions.pairing_scene import UNIT
from tests.permissions.scene import OTHER, OWN

Row = tuple[str, str, Body, Body]  # who, where below the API, what is sent, what each field must not name


class OfOffice(Made):
    """What the administrator and programs send."""

    # ── the office ──────────────────────────────────────────────────────────────────────────────────────────────
    def of_office(self) -> list[Line]:
        hall, far_hall = self.town.places["community"].code, (self.far.places["community"].code,)
        bodies = (str(self.far.organisations["power"].pk),)
        here = str(self.town.organisations["power"].pk)
        grid, gridb = self.town.places["grid"], self.town.places["gridb"]
        stages = dict.fromkeys(Policy.objects.filter(district=self.town.district).latest("pk").stages, "1d")
        rule = {"name": "一条规则", "kind": "appeal", "unit": here, "active": "on"}
        named = {"kind": ("farkind",), "category": ("77",), "channel": ("farway",), "place": far_hall, "unit": bodies,
                 "to_role": ("farrole",)}  # fmt: skip
        return [
            Line("admin", "/admin/rules/new/", rule, named),
            Line("admin", f"/admin/rules/{self.rows['rule_id']}/", rule, named),
            Line("admin", "/admin/posts/new/",
                 {"role": "grid_worker", "place": hall, "name": "安新来", "since": self.day},
                 {"place": far_hall, "role": ("farrole",), "unit": ("FO-power", "远方供电所")}),
            Line("admin", "/admin/organisations/new/",
                 {"kind": "department", "name": "新的局", "since": self.day,
                  "place": self.town.places["district"].code},
                 {"place": far_hall, "kind": ("farkind",)}),
            Line("admin", "/admin/committees/new/",
                 {"place": self.town.places["quarter"].code, "name": "业委会", "chair": "安新来",
                  "members": "于新到\n白新朋",
                  "since": self.day, "until": f"{self.hour.year + 3}-01-01"},
                 {"place": (self.far.places["quarter"].code,)}),
            Line("admin", "/admin/policies/new/",
                 {"place": hall, "name": "快些", "calendar": "natural", "kind": "appeal", **stages},
                 {"place": far_hall, "kind": ("farkind",), "calendar": ("farcalendar",)}),
            Line("admin", f"/admin/places/{grid.pk}/move/",
                 {"parent": str(self.town.places["quarter2"].pk), "on": self.day},
                 {"parent": (str(self.far.places["quarter2"].pk), NOWHERE)}),
            Line("admin", "/admin/switches/team/",
                 {"team": "巡查队", "name_0": "周末队", "roles_0": "grid_worker", "kinds_0": "party"},
                 {"roles_0": ("farrole",), "kinds_0": ("farkind",)}),
            Line("admin", f"/admin/places/{grid.pk}/merge/",
                 {"others": [str(gridb.pk)], "name": "合起来", "code": "990001010199", "on": self.day},
                 {"others": ([str(self.far.places["gridb"].pk)], [str(gridb.pk), str(self.far.places["gridb"].pk)])}),
        ]  # fmt: skip

    # ── programs ────────────────────────────────────────────────────────────────────────────────────────────────
    def of_programs(self) -> list[Line]:
        """Bodies of the API; the acts on matters stand in ``test_nested`` too."""
        rows = self._about_matters() + self._about_rooms()
        return [Line(who, f"/api/v1/{path}", body, fields, api=True) for who, path, body, fields in rows]

    def _matter(self) -> Body:
        return {"kind": "appeal", "text": "灯坏了", "place": UNIT}

    def _of_a_matter(self) -> Body:
        return {"kind": ("farkind",), "category": ("77",), "attachments": tuple([p] for p in self.pictures)}

    def _about_matters(self) -> list[Row]:
        accepted = acts.prepared(self.scene, "accepted").number
        opened_ = acts.prepared(self.scene, "open").number
        called = acts.prepared(self.scene, "accepted", called=True).number
        finished = self._finished()
        return [
            ("grid", "matters", self._matter(), {**self._of_a_matter(), "channel": ("farway",)}),
            ("grid", f"matters/{accepted}/resolve", {"text": "换了", "cause": "aging"},
             {"cause": ("farcause", "远方原因")}),
            ("community", f"matters/{opened_}/triage", {"category": "0101"}, {"category": ("77",)}),
            ("power", f"matters/{called}/report", {"unit": "O-power", "state": "arrived"},
             {"unit": ("FO-power", "O-chengguan", "FT-grid")}),
            ("community", f"matters/{finished}/appraise", {"unit": "O-power", "verdict": "good"},
             {"unit": ("FO-power", "O-chengguan", "FT-grid")}),
        ]  # fmt: skip

    def _about_rooms(self) -> list[Row]:
        hall, door, asked = self.town.places["community"].code, self.far.places["unit"].door, self.asked(OWN)
        distant = RuleVersion.objects.get(district=self.far.district)
        there = self.town.places["community2"].code, self.far.places["community"].code
        home = Dwelling.objects.filter(place=self.town.places["grid2"]).earliest("pk")
        told = {"building": asked.building, "outcome": "spoke", "text": "装声控的",
                "dwelling": self.rows["dwelling_id"]}  # fmt: skip
        return [
            ("leader", f"pairings/{self.rows['pairing_id']}/visits", {"on": self.day, "text": "灯坏了"},
             {"kind": ("farkind",)}),
            ("volunteer", "checkins", {"code": self.rows["code"], "how": "unit", "unit": "O-power"},
             {"unit": ("FO-power", "远方供电所"), "code": ("0000-0000-0000",)}),
            ("grid", "rounds", {"channel": "desk", "place": self.town.places["grid"].code},
             {"place": self.places, "door": (door,), "channel": ("farway",)}),
            ("grid", f"rounds/{self.rows['round_id']}/matters", self._matter(),
             {**self._of_a_matter(), "place": self.places[2:]}),
            ("community", "questions", self._question(hall),
             {"matter": self.numbers, "place": there, "rule": (distant.code, NOWHERE), "method": ("far",)}),
            ("grid", f"opinions/{asked.code}/doors", told,
             {"building": (self.asked(OTHER).building, self.far.places["building"].code),
              "dwelling": (str(home.pk), NOWHERE)}),
            ("department", "admissions", {"title": "登记", "basis": "有依据", "place": hall, "since": self.day,
                                          "until": self.later}, {"place": (there[1], "nowhere")}),
            ("district", "pairings", {"role": "leader", "place": hall, "post": "T-leader2"},
             {"place": (there[1],), "post": ("FT-leader2", "FT-grid", "T-grid"), "role": ("farrole",)}),
        ]  # fmt: skip

    def _question(self, hall: str) -> Body:
        rule = RuleVersion.objects.filter(district=self.town.district).earliest("pk")
        return {"matter": self.own.matter.number, "title": "装不装扶手", "place": hall, "rule": rule.code,
                "closes_at": (self.hour + timedelta(days=9)).isoformat(),
                "review_on": f"{self.hour.year + 1}-06-01"}  # fmt: skip

    def _finished(self) -> str:
        """A whistle that one of the two units has answered with its result."""
        matter = acts.prepared(self.scene, "accepted", called=True)
        ids: Body = {"actor": self.scene.actor("power"), "district_id": matter.district_id, "matter_id": matter.pk}
        for state in ("arrived", "done"):
            matters.report(unit="O-power", state=state, text="接好了", **ids)
        return matter.number
