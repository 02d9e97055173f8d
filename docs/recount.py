"""Count a Linli vote again: python recount.py URL-or-file of its recount.json. Nothing but Python's own library."""

import hashlib
import json
import sys
import urllib.request
from fractions import Fraction as F

at = sys.argv[1]
data = json.load(urllib.request.urlopen(at) if "://" in at else open(at, encoding="utf-8"))  # noqa: S310, SIM115
rule, method, options = data["rule"], data["method"], [o["code"] for o in data["options"]]
lines = [f"{r['seq']}\t{r['salt']}\t{r['heads']}\t{r['area_m2']}\t{r['state']}\n" for r in data["roll"]["lines"]]
roll_fits = hashlib.sha256("".join(lines).encode()).hexdigest() == data["roll"]["hash"]


def total(rows, of):
    return sum((F(r["heads" if of == "heads" else "area_m2"]) for r in rows), F(0))


def points(b, o):
    c = b["choice"]
    return (
        c.get(o, 0)
        if isinstance(c, dict)
        else int(o == c if isinstance(c, str) else o in (c[:1] if method == "ranking" else c))
    )


def sums(o, of):
    return sum((points(b, o) * total([b], of) for b in data["ballots"]), F(0))


same_sums = all(
    sums(o, of) == F(data["result"]["options"][o][key])
    for o in options
    for of, key in (("heads", "heads"), ("area", "area_m2"))
)
front = (data["result"]["winners"] or data["result"]["tied"] or [""])[0]  # of several options the one in front
yes = "consent" if method == "consent" else "yes" if {"yes", "no"} <= set(options) else front


def part(name, of):
    if name in ("roll", "present"):
        return total(
            [r for r in data["roll"]["lines"] if r["state"] == "voting"] if name == "roll" else data["ballots"], of
        )
    no = [o for o in options if o not in (yes, "abstain")]
    said = {"yes": sums(yes, of) if yes else F(0), "objection": sums("objection", of) if method == "consent" else F(0)}
    return said["yes"] + sum(sums(o, of) for o in no) if name == "decided" else said[name]


def met(c):
    have, whole, sign = (
        part(c["part"], c["of"]),
        part(c["over"], c["of"]),
        next(s for s in ("at_least", "more_than", "at_most") if s in c),
    )
    bar = F(c[sign]) * whole
    return have <= bar if sign == "at_most" else whole > 0 and (have >= bar if sign == "at_least" else have > bar)


found = [met(c) for c in rule["conditions"]]  # a rule in which silence counts is counted in the browser, not here
short = any(c["part"] == "present" and not ok for c, ok in zip(rule["conditions"], found, strict=True))
outcome = (
    "no_quorum"
    if short
    else "tie"
    if data["result"]["tied"] and not data["result"]["winners"] and yes == front and not rule.get("consent")
    else "adopted"
    if all(found)
    else "rejected"
)
print(
    "roll",
    roll_fits,
    "sums",
    same_sums,
    "conditions",
    found,
    "outcome",
    outcome,
    "published",
    data["result"]["outcome"],
)
sys.exit(0 if roll_fits and same_sums and outcome == data["result"]["outcome"] else 1)
