"""Acts on matters, several at once, openings, the work of offices."""

from __future__ import annotations

from typing import Any

from linli.doors.models import SavedFilter
from tests.permissions import acts
from tests.permissions.foreign.things import KEY, Body, Line, Made
from tests.permissions.scene import opened


class OfMatters(Made):
    """What is done with matters."""

    # ── acts on a matter ────────────────────────────────────────────────────────────────────────────────────────
    def of_matters(self) -> list[Line]:
        return [*self._acts(), *self._own_acts()]

    def _acts(self) -> list[Line]:
        """At the desk and in the notebook, where the same person has both."""
        posts = ("FT-grid", "FO-power")
        numbers = {state: acts.prepared(self.scene, state).number for state in ("open", "accepted", "in_progress")}
        neighbour = opened(self.town, self.scene.actor("resident"), "unitb")[0].number
        given, returned = {"reason": "去办"}, {"reason": "not_ours", "text": "归别处"}
        done = {"text": "换了", "cause": "aging"}
        wanted: list[tuple[str, str, str, Body, dict[str, tuple[Any, ...]]]] = [
            ("community", "open", "triage", {"category": "0101"}, {"category": ("77",)}),
            ("community", "open", "dispatch", {"to": "T-gridb"}, {"to": posts}),
            (
                "community",
                "accepted",
                "hand_down",
                {"to": "T-gridb", **given},
                {"to": (*posts, "T-grid2", "T-community2")},
            ),
            (
                "community",
                "accepted",
                "whistle",
                {"units": ["O-power"], "kind": "joint", "reason": "来看"},
                {"units": (["FO-power"], ["O-power", "FO-power"], ["FT-grid"])},
            ),
            ("community", "accepted", "merge", {"into": neighbour, "reason": "同一件"}, {"into": self.numbers}),
            ("grid", "accepted", "return", {**returned, "suggest": "T-community"}, {"suggest": posts}),
            ("grid", "in_progress", "resolve", done, {"cause": ("farcause",), "attachments": self.pictures}),
            ("grid", "in_progress", "progress", {"text": "在修"}, {"attachments": self.pictures}),
        ]
        found = [Line(who, f"/desk/m/{numbers[state]}/{act}/", body, fields)
                 for who, state, act, body, fields in wanted]  # fmt: skip
        found += [Line(who, f"/field/m/{numbers[state]}/{act}/", body, fields)
                  for who, state, act, body, fields in wanted if who == "grid"]  # fmt: skip
        words = {"to_word": ("远方供电所",), "into_word": (self.far_matter.number,)}
        found.append(Line("community", f"/desk/m/{numbers['open']}/dispatch/", {"to_word": "示范区供电所"},
                          {"to_word": words["to_word"]}))  # fmt: skip
        found.append(Line("community", f"/desk/m/{numbers['accepted']}/merge/",
                          {"into_word": neighbour, "reason": "同一件"},
                          {"into_word": (*words["into_word"], self.other.matter.number)}))  # fmt: skip
        return found

    def _own_acts(self) -> list[Line]:
        verified = acts.prepared(self.scene, "verified")
        called = acts.prepared(self.scene, "accepted", called=True)
        return [
            Line("resident", f"/m/{verified.number}/contest/", {"text": "没修好"}, {"attachments": self.pictures}),
            Line("neighbour", f"/m/{verified.number}/affected/", {"text": "我家也黑"}, {"attachments": self.pictures}),
            Line("power", f"/desk/m/{called.number}/report/", {"unit": "T-power_unit", "state": "arrived"},
                 {"unit": ("T-chengguan_unit", "FT-power_unit", "T-grid")}),
        ]  # fmt: skip

    # ── several at once, lists of one's own ─────────────────────────────────────────────────────────────────────
    def of_several(self) -> list[Line]:
        one, two = (opened(self.town, self.scene.actor("resident"), at)[0].number for at in ("unit", "unitb"))
        kept = {who: SavedFilter.objects.create(district_id=post.district_id, user=self.town.users[who], name="灯",
                                                query="tab=all", order=1)
                for who, post in (("community", self.town.posts["community"]),
                                  ("community2", self.town.posts["community2"]),
                                  ("far-community", self.far.posts["community"]))}  # fmt: skip
        others = (str(kept["community2"].pk), str(kept["far-community"].pk))
        return [
            Line("community", "/desk/bulk/dispatch/", {"pick": [one], "to": "T-gridb", "do": "1"},
                 {"to": ("FT-grid", "FO-power"), "pick": tuple([n] for n in self.numbers)}),
            Line("community", "/desk/bulk/merge/", {"pick": [one, two], "into": one, "reason": "同一件"},
                 {"into": self.numbers, "pick": tuple([one, n] for n in self.numbers)}),
            Line("community", "/desk/bulk/urge/", {"pick": [one], "text": "快些"},
                 {"pick": tuple([n] for n in self.numbers)}),
            Line("community", "/desk/filters/", {"id": str(kept["community"].pk), "act": "delete"}, {"id": others}),
        ]  # fmt: skip

    # ── openings ────────────────────────────────────────────────────────────────────────────────────────────────
    def of_openings(self) -> list[Line]:
        town, home = self.town.places, self.town.places["unit"].code
        here = {"text": "楼道灯坏了", "kind": "appeal", "place": home, "key": KEY}
        desk = {**here, "channel": "desk", "place": town["grid"].code}
        named = {"kind": ("farkind",), "attachments": self.pictures}
        station = {"text": "没热水", "key": KEY}
        return [
            Line("resident", "/say/", {**here, "way": "known"}, {**named, "attachments": (*self.pictures,)}),
            Line("grid", "/desk/new/", desk, {**named, "channel": ("farway",)}),
            Line("grid", "/field/new/", {**desk, "channel": "patrol"},
                 {**named, "channel": ("farway",), "place": self.places, "door": (self.far.places["unit"].door,)}),
            Line("grid", f"/field/rounds/{self.rows['round_id']}/", here,
                 {**named, "place": self.places, "door": (self.far.places["unit"].door,)}),
            Line("grid", "/field/rounds/", {"channel": "desk", "place": town["grid"].code},
                 {"place": self.places, "channel": ("farway",)}),
            Line("grid", "/field/spot/", {"sight": "light", "place": town["grid"].code, "key": KEY},
                 {"place": self.places, "sight": ("farsight",), "attachments": self.pictures}),
            Line("resident", "/stations/RS-001/fault/", station, {"attachments": self.pictures}),
        ]  # fmt: skip

    # ── orders, notices, leaves, posters ────────────────────────────────────────────────────────────────────────
    def of_districts_work(self) -> list[Line]:
        hall = self.town.places["community"].code
        task = {"key": KEY, "text": "查一遍楼道灯", "to": "O-committee_office", "place": hall, "due": self.later}
        notice = {"key": KEY, "place": hall, "title": "停水", "text": "周六停水。", "until": self.later,
                  "channels": ["door"]}  # fmt: skip
        posters = {"key": KEY, "place": [hall], "level": "unit", "shape": "a4", "format": "pdf",
                   "site": "https://linli.example", "start": "1"}  # fmt: skip
        there = self.town.places["community2"].code, self.far.places["community"].code
        leave = {"title": "入户登记", "basis": "有依据", "place": hall, "since": self.day, "until": self.later}
        station = {"place": hall, "name": "新驿站", "services": ["water"], "condition": "running",
                   "weekday": "08:00-20:00", "lon": "114.885", "lat": "40.815"}  # fmt: skip
        return [
            Line("community", "/desk/orders/new/", task, {"to": ("FO-power", "FT-grid"), "place": there}),
            Line("community", "/desk/bulletins/new/", {"place": hall, "since": self.day, "until": self.day},
                 {"place": there}),
            Line("community", "/desk/notices/new/", notice, {"place": there, "channels": (["farway"],)}),
            Line("community", "/desk/posters/", posters,
                 {"place": tuple([c] for c in there) + tuple([hall, c] for c in there), "level": ("farlevel",)}),
            Line("department", "/desk/admissions/new/", leave, {"place": (self.far.places["community"].code,)}),
            Line("community", "/stations/new/", station, {"place": there, "services": (["farservice"],)}),
        ]  # fmt: skip
